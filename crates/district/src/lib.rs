//! The district as a profile, a folder of plain files: who and where and by which rule. Nothing here knows one district.
//!
//! The format stands in `docs/PROFILE.md`. `Profile::load` reads a folder whole or says everything that is wrong with it.

mod address;
mod area;
pub mod bench;
mod build;
pub mod cards;
mod choice;
pub mod datum;
pub mod derive;
mod fault;
mod grants;
pub mod http;
mod matter;
mod name;
pub mod open311;
mod organization;
mod place;
mod profile;
mod read;
pub mod requests;
mod roster;
pub mod rows;
pub mod rules;
pub mod settings;
mod territory;
#[cfg(feature = "testing")]
pub mod testing;
mod vocabulary;

pub use address::{AddressReason, Candidate, Found};
pub use area::{Area, Layer, Level, Rank};
pub use fault::Fault;
pub use grants::PostBook;
pub use matter::{
    CaseKind, Class, ClassBasis, Evidence, Matter, Matters, Party, Power, PowerKind, Stage, StageLimits, Urgency,
};
pub use name::{Name, Period};
pub use organization::{Organization, OrganizationKind, Organizations, Post, Posts, Reach, Role, Sensitivity};
pub use place::{Building, Places, Road};
pub use profile::{Profile, Report, check};
pub use roster::{Days, OnDuty, Rosters, Shift};
pub use territory::{Extent, Locator, Outline, OutsideDistrict, Path, Position, Side, Territory};
pub use vocabulary::Vocabulary;
