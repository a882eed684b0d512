//! Words everyone shares: ids, instants, points, actors, chance, refusals and the texts people read.
//!
//! Pure: no input or output, no clock, no ambient randomness. Everything here may be used by every crate.

mod actor;
mod canonical;
mod chance;
mod id;
mod instant;
mod point;
mod refusal;
pub mod text;

pub use actor::Actor;
pub use canonical::{canonical_json, Digest};
pub use chance::Chance;
pub use instant::Instant;
pub use point::{Point, PointError};
pub use refusal::{Kind, Refusal};

#[doc(hidden)]
pub mod __macro {
    pub use serde;
    pub use uuid;
}
