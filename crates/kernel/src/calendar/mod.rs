//! Counting time in a district: which days are worked, when the offices are open, when a limit is due.
//!
//! Pure and precomputed: a due instant costs two binary searches.

mod count;
mod days;
mod plan;
mod table;

#[cfg(test)]
mod laws;
#[cfg(test)]
pub(crate) mod samples;
#[cfg(test)]
mod tests;

pub use count::{Due, Excluded, Spent, Stay};
pub use plan::{CalendarError, CalendarPlan, CountingRules, Holiday, HolidayList, Opening};
pub use table::Calendar;
