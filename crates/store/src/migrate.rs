//! Bringing the tables up to date.

use sqlx::SqlSafeStr;
use sqlx::migrate::{MigrationType, Migrator};

use crate::db::Pools;
use crate::{Db, Dialect, StoreError};

/// One step of the tables' history, in both dialects. Versions are unique over all crates: the crate's number in the house
/// (journal 1, platform 2, district 3, casework 4, …) × 10,000 plus a count. A step that has shipped never changes.
#[derive(Clone, Copy, Debug)]
pub struct Migration {
    pub version: i64,
    pub name: &'static str,
    pub sqlite: &'static str,
    pub postgres: &'static str,
}

/// Runs every step that has not run yet, each in a transaction. Several nodes may call it at once on PostgreSQL.
pub async fn migrate(db: &Db, migrations: impl IntoIterator<Item = Migration>) -> Result<(), StoreError> {
    let dialect = db.dialect();
    let steps = migrations.into_iter().map(|step| {
        let text = match dialect {
            Dialect::Sqlite => step.sqlite,
            Dialect::Postgres => step.postgres,
        };
        let kind = MigrationType::Simple;
        sqlx::migrate::Migration::new(step.version, step.name.into(), kind, text.into_sql_str(), false)
    });
    let mut migrator = Migrator::with_migrations(steps.collect());
    // A slice may bring only its own tables up to date, in a database that has others'.
    migrator.set_ignore_missing(true);
    match db.pools() {
        Pools::Sqlite { writer, .. } => migrator.run(writer).await?,
        Pools::Postgres(pool) => migrator.run(pool).await?,
    }
    Ok(())
}
