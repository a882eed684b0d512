//! Words everyone shares: ids, instants, points, actors, chance, refusals and the texts people read.
//!
//! Pure: no input or output, no clock, no ambient randomness. Everything here may be used by every crate.

mod actor;
mod calendar;
mod canonical;
mod chance;
mod clock;
mod id;
mod instant;
mod limit;
mod point;
mod refusal;
pub mod second;
pub mod text;

pub use actor::Actor;
pub use calendar::{
    Calendar, CalendarError, CalendarPlan, CountingRules, Due, Excluded, Holiday, HolidayList, Opening, Spent, Stay,
};
pub use canonical::{Digest, canonical_json};
pub use chance::Chance;
pub use clock::{Binding, Clock, ClockError, ClockState};
pub use instant::Instant;
/// A date and a time of day without a zone, as the calendar's data hold them.
pub use jiff::civil::{Date, Time};
pub use limit::{Limit, LimitError, Unit};
pub use point::{Point, PointError};
pub use refusal::{Kind, Refusal};

#[doc(hidden)]
pub mod __macro {
    pub use serde;
    pub use uuid;
}
