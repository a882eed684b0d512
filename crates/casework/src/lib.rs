//! Casework: cases, assignments, calls, clocks, cards.
//!
//! `case` is the domain, pure; `store` keeps it in the journal and in tables of its own.

pub mod case;
pub mod http;
mod profile;
mod store;

pub use profile::{RulebookError, rulebook};
pub use store::{
    Act, ActRefusal, Acted, Casework, Cursor, Difference, MIGRATIONS, Opened, Opening, Outcome, Page, Queue, QueueRow,
    Sort, TimeLine, TimeLineEntry, UnknownCursor, compare, rebuild,
};
