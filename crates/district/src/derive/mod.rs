//! A profile made from real requests: areas by where the requests lie, organizations and matters by who answered for what,
//! limits by the targets that were set.

pub mod limits;
mod outline;
mod rings;
mod tiles;

pub use tiles::{Site, Tiles, tile};
