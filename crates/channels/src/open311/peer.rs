//! Other systems' requests, polled in: each once, by its identifier there, its state kept in step.

mod fetch;
mod poll;
mod table;
mod take;
mod theirs;

pub use poll::{PollError, Polled, Poller};
