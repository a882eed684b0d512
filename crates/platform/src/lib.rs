//! What every slice stands on: configuration, the clock and entropy of the edge, the HTTP envelope, accounts, sessions and
//! permission.

mod access;
pub mod account;
mod address;
pub mod administration;
mod audit;
mod caller;
pub mod client;
pub mod config;
mod device;
mod edge;
pub mod factor;
pub mod file;
pub mod limit;
pub mod live;
pub mod mail;
pub mod notice;
pub mod oidc;
mod origin;
pub mod outbound;
mod params;
mod people;
mod problem;
pub mod resident;
pub mod scope;
mod session;
mod sessions;
pub mod sheet;
mod sign_in;
pub mod sms;
pub mod telemetry;
mod version;

pub use address::Address;
pub use caller::{By, Caller, Input, Known, Lang, Owes, PlatformState, Posts};
pub use config::Config;
pub use edge::Edge;
pub use origin::same_origin;
pub use params::{Both, Parameters, Params};
pub use people::People;
pub use problem::{Problem, ProblemBody};
pub use scope::{Columns, Condition, Confidential, Grant, Reach, Resource, Scope, Sensitivity, View};
pub use session::SESSION_COOKIE;
pub use version::{IfMatch, Tagged};

use utoipa_axum::router::OpenApiRouter;

/// `/session`, `/me`, `/accounts`, `/audit`, `/clients`.
pub fn routes() -> OpenApiRouter<PlatformState> {
    session::routes()
        .merge(sessions::routes())
        .merge(factor::http::routes())
        .merge(resident::http::routes())
        .merge(oidc::http::routes())
        .merge(account::http::routes())
        .merge(audit::routes())
        .merge(client::http::routes())
}

/// The platform's own tables.
pub const MIGRATIONS: &[store::Migration] = &[
    store::Migration {
        version: 20_001,
        name: "accounts",
        sqlite: include_str!("../migrations/sqlite/0001_accounts.sql"),
        postgres: include_str!("../migrations/postgres/0001_accounts.sql"),
    },
    store::Migration {
        version: 20_101,
        name: "clients",
        sqlite: include_str!("../migrations/sqlite/0101_clients.sql"),
        postgres: include_str!("../migrations/postgres/0101_clients.sql"),
    },
    store::Migration {
        version: 20_102,
        name: "sign-ins",
        sqlite: include_str!("../migrations/sqlite/0102_sign_ins.sql"),
        postgres: include_str!("../migrations/postgres/0102_sign_ins.sql"),
    },
    store::Migration {
        version: 20_103,
        name: "lives of accounts",
        sqlite: include_str!("../migrations/sqlite/0103_accounts.sql"),
        postgres: include_str!("../migrations/postgres/0103_accounts.sql"),
    },
    store::Migration {
        version: 20_104,
        name: "devices and unknown logins",
        sqlite: include_str!("../migrations/sqlite/0104_unknown.sql"),
        postgres: include_str!("../migrations/postgres/0104_unknown.sql"),
    },
    store::Migration {
        version: 20_151,
        name: "second factors",
        sqlite: include_str!("../migrations/sqlite/0151_factors.sql"),
        postgres: include_str!("../migrations/postgres/0151_factors.sql"),
    },
    store::Migration {
        version: 20_152,
        name: "residents",
        sqlite: include_str!("../migrations/sqlite/0152_residents.sql"),
        postgres: include_str!("../migrations/postgres/0152_residents.sql"),
    },
    store::Migration {
        version: 20_153,
        name: "signing in by another system",
        sqlite: include_str!("../migrations/sqlite/0153_oidc.sql"),
        postgres: include_str!("../migrations/postgres/0153_oidc.sql"),
    },
    store::Migration {
        version: 20_301,
        name: "notices",
        sqlite: include_str!("../migrations/sqlite/0301_notices.sql"),
        postgres: include_str!("../migrations/postgres/0301_notices.sql"),
    },
    store::Migration {
        version: 20_302,
        name: "deliveries",
        sqlite: include_str!("../migrations/sqlite/0302_deliveries.sql"),
        postgres: include_str!("../migrations/postgres/0302_deliveries.sql"),
    },
    store::Migration {
        version: 20_401,
        name: "files",
        sqlite: include_str!("../migrations/sqlite/0401_files.sql"),
        postgres: include_str!("../migrations/postgres/0401_files.sql"),
    },
    store::Migration {
        version: 20_402,
        name: "owners of files",
        sqlite: include_str!("../migrations/sqlite/0402_file_owner.sql"),
        postgres: include_str!("../migrations/postgres/0402_file_owner.sql"),
    },
];
