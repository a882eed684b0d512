//! The figures of docs/BENCHMARKS.md: each bench measures both sides in one run and says how they compare.

mod appeals;
mod figures;
mod floor;
mod history;
pub mod intake;
pub mod live;
pub mod locate;
pub mod permission;
mod place;
pub mod queue;
pub mod ready;
mod report;
pub mod search;
mod search_cases;
mod served;
mod stocked;
pub mod timekeeper;
mod wire;
pub mod wrapped;

pub use place::Setting;
pub use report::Report;
