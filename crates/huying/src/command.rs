//! The commands, one file each.

pub mod account;
pub mod audit;
pub mod backup;
pub mod bench;
pub mod client;
pub mod config;
pub mod erase;
pub mod fault;
pub mod import;
pub mod import_cases;
pub mod import_check;
pub mod key;
pub mod profile;
pub mod profile_derive;
pub mod profile_generate;
pub mod rebuild;
pub mod receipt;
pub mod restore;
pub mod rewrap;
pub mod serve;
pub mod simulate;
pub mod verify;
