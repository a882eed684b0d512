//! Open311 through its routes, on both stores.

mod handing_in;
mod peers;
mod public;
mod world;
