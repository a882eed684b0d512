//! Casework: cases, assignments, calls, clocks, cards.
//!
//! `case`, `call`, `card`, `outage` and `duplicate` are the domain, pure; `store` keeps them in the journal and in tables of its own.

pub mod call;
pub mod card;
pub mod case;
pub mod duplicate;
pub mod handover;
pub mod http;
pub mod import;
pub mod mask;
pub mod notice;
pub mod outage;
mod profile;
pub mod recount;
mod resource;
#[cfg(test)]
mod rules_table;
#[cfg(test)]
mod sample;
mod store;
mod watch;

pub use http::{LiveCasework, LiveRow, Thing, What};
pub use profile::{RulebookError, rulebook, vocabulary};
pub use store::{
    Act, ActRefusal, Acted, CaseRow, Casework, Cursor, Difference, Erase, Filter, FindableCases, ListCursor, ListPage,
    MIGRATIONS, Opened, Opening, Order, Outcome, Page, Queue, QueueRow, Sort, TimeLine, TimeLineEntry, UnknownCursor,
    case_numbered, compare, rebuild, stream_of,
};
pub use watch::{
    ActOnCall, ActOnCard, After, CallFilter, CardFilter, DeclareOutage, Owner, ProposeCard, RaiseCall, Summoned,
    TimeError, Watch, WatchRefusal, Watched,
};
