//! Other systems' requests, polled in: each once, by its identifier there, its state kept in step.

mod fetch;
mod poll;
mod table;
mod take;
mod theirs;

pub use poll::{PollError, Polled, Poller};
#[cfg(feature = "testing")]
pub use theirs::{TheirError, Theirs, of_json, of_xml};
