//! The district as a profile, a folder of plain files: who and where and by which rule. Nothing here knows one district.
//!
//! The format stands in `docs/PROFILE.md`.

pub mod rows;

pub mod derive;
pub mod requests;
