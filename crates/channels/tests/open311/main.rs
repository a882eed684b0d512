//! Open311 through its routes, on both stores.

mod peers;
mod public;
mod world;
