//! Live changes: one reader of the journal's tail a node tells everyone who listens what changed of the things they may see.
//!
//! A slice says by [`Reading`] what a fact changed, and of which [`crate::Resource`]. Whether a listener is told is decided once for each
//! distinct [`crate::Scope`], not for each listener, and the bytes are written once. A listener first gets a snapshot, then changes; after
//! a break it goes on from the last one it had, out of the [`Hub`]'s memory or out of the journal.

mod change;
mod feed;
mod http;
mod hub;
mod resume;

pub use change::{Change, Picture, Reading};
pub use http::{LiveState, routes};
pub use hub::{Hub, Limits};
