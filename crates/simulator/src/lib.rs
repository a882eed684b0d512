//! A district on a simulated clock, and the ground it stands on.
//!
//! [`Town`] is what a profile makes of a place and its people, [`Simulation`] lets them act through the doors of the slices,
//! [`check`] holds what came of it against every invariant of the house. `docs/SIMULATOR.md` tells the model.

mod before;
mod cast;
pub mod check;
pub mod fault;
mod fill;
mod life;
mod lives;
mod perform;
mod queue;
mod rhythm;
mod run;
mod story;
mod tally;
pub mod territory;
mod town;
mod words;

pub use fill::{FillError, fill};
pub use perform::PerformError;
pub use run::{Keys, Progress, Ran, Settings, Simulation, SimulationError};
pub use tally::Tally;
pub use town::{Town, TownError};
pub use words::MARK;
