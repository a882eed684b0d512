//! Channels: how other systems hand in requests and ask what became of them.

pub mod open311;

/// The channels' own tables.
pub const MIGRATIONS: &[::store::Migration] = &[::store::Migration {
    version: 50_001,
    name: "open311",
    sqlite: include_str!("../migrations/sqlite/0001_open311.sql"),
    postgres: include_str!("../migrations/postgres/0001_open311.sql"),
}];
