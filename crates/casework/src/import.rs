//! Taking in what another system recorded: each request is replayed through the life cycle, every act effective when it
//! happened. Import uses the door that everyone uses: one journal command a request, under a key of its own.

mod history;
mod look_up;
mod position;
mod refusal;
mod rejects;
mod replay;
mod run;
mod standing;

pub use history::History;
pub use look_up::LookUp;
pub use position::Counts;
pub use refusal::ImportRefusal;
pub use replay::{Imported, Importer};
pub use run::{Import, ImportError};
pub use standing::{Standing, standings};
