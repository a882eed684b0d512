//! Bringing the tables up to date.

use sqlx::SqlSafeStr;
use sqlx::migrate::{MigrationType, Migrator};

use crate::db::Pools;
use crate::{Db, Dialect, Read, StoreError, copy, sql};

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
    let mut steps: Vec<Migration> = migrations.into_iter().collect();
    steps.sort_by_key(|step| step.version);
    let applied = applied(db).await?;
    for step in steps {
        if !applied.contains(&step.version) {
            db.faults().step(&format!("migrate {} {}", step.version, step.name))?;
        }
        let text = match db.dialect() {
            Dialect::Sqlite => step.sqlite,
            Dialect::Postgres => step.postgres,
        };
        let (name, kind) = (step.name.into(), MigrationType::Simple);
        let step = sqlx::migrate::Migration::new(step.version, name, kind, text.into_sql_str(), false);
        let mut migrator = Migrator::with_migrations(vec![step]);
        // The others are none of this one's business: a slice may also bring only its own tables up to date.
        migrator.set_ignore_missing(true);
        match db.pools() {
            Pools::Sqlite { writer, .. } => migrator.run(writer).await?,
            Pools::Postgres(pool) => migrator.run(pool).await?,
        }
    }
    Ok(())
}

/// Versions of the steps that have run; none in a new database.
async fn applied(db: &Db) -> Result<Vec<i64>, StoreError> {
    let record = match db.dialect() {
        Dialect::Sqlite => "select name from sqlite_schema where name = '_sqlx_migrations'",
        Dialect::Postgres => {
            "select tablename::text from pg_tables where schemaname = current_schema() and tablename = '_sqlx_migrations'"
        }
    };
    let mut tx = db.begin().await?;
    let record: Option<(String,)> = tx.optional(sql(record)).await?;
    let applied = match record {
        Some(_) => copy::migrated(&mut tx).await?,
        None => Vec::new(),
    };
    tx.rollback().await?;
    Ok(applied)
}
