//! Full text over what the slices keep: a reading of the journal, rebuilt from it whenever it is missing.
//!
//! A slice is a [`Source`]: it turns the streams of its aggregates into [`Document`]s, or says that there is none to find.
//! [`Reader`] follows the journal's tail and keeps the index in step; its position lies in the index's own commits, so the two
//! cannot part. [`Search`] answers: what a caller sees is part of the question, so neither hits nor counts tell of anything else.

mod collect;
mod document;
mod expand;
mod find;
mod highlight;
mod index;
pub mod load;
mod phrase;
mod query;
mod reader;
mod schema;
mod sealed;
mod sight;
mod sound;
mod state;
#[cfg(test)]
mod tests;
mod words;

pub use document::{Document, Source};
pub use find::{Found, Hit, Question, streams_of};
pub use highlight::{Span, spans};
pub use index::{Search, SearchError};
pub use query::{LONGEST, Query, QueryRefusal};
pub use reader::{Progress, Reader, follow};
pub use schema::Part;
pub use sealed::IndexKey;
pub use sight::Sight;
pub use sound::initials;
