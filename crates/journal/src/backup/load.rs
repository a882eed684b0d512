//! Loading a backup.

use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::path::Path;

use flate2::read::GzDecoder;
use store::copy;
use store::{Db, Migration, Tx, migrate};

use super::{BackupError, FORMAT, MANIFEST, Manifest, TableEntry, files, lines};

/// Rows put in with one call.
const BATCH: usize = 1024;

/// Loads the backup in the folder `from` into `db`, an empty database of either store, and its files into the folder `data`.
/// Everything is checked against the manifest before anything is written; the tables come in one transaction. `migrations` are
/// the program's; those newer than the backup run afterwards.
pub async fn load(
    from: &Path,
    db: &Db,
    data: &Path,
    migrations: &[Migration],
    mut progress: impl FnMut(&str, u64),
) -> Result<Manifest, BackupError> {
    let manifest = manifest(from)?;
    if let Some(unknown) = manifest.migrations.iter().find(|v| migrations.iter().all(|known| known.version != **v)) {
        return Err(BackupError::NewerProgram(*unknown));
    }
    check(from, &manifest)?;
    let mut tx = db.begin().await?;
    let is_empty = copy::tables(&mut tx).await?.is_empty();
    tx.rollback().await?;
    if !is_empty {
        return Err(BackupError::NotEmpty);
    }
    let then = migrations.iter().filter(|step| manifest.migrations.contains(&step.version));
    migrate(db, then.copied()).await?;
    let mut tx = db.begin().await?;
    for entry in &manifest.tables {
        load_table(&mut tx, entry, from, &mut progress).await?;
    }
    tx.commit().await?;
    migrate(db, migrations.iter().copied()).await?;
    for file in &manifest.files {
        files::copy(
            store::file::What("restored file"),
            &from.join("files").join(&file.path),
            &data.join(&file.path),
            db.faults(),
        )?;
    }
    Ok(manifest)
}

fn manifest(from: &Path) -> Result<Manifest, BackupError> {
    let path = from.join(MANIFEST);
    let wrong = |reason: String| BackupError::Manifest { path: from.to_owned(), reason };
    let text = std::fs::read_to_string(&path).map_err(|error| wrong(error.to_string()))?;
    let manifest: Manifest = serde_json::from_str(&text).map_err(|error| wrong(error.to_string()))?;
    if manifest.format != FORMAT {
        return Err(wrong(format!("its format is {:?}, not {FORMAT:?}", manifest.format)));
    }
    let inside = |path: &str| Path::new(path).components().all(|part| matches!(part, std::path::Component::Normal(_)));
    match manifest.files.iter().find(|file| !inside(&file.path)) {
        Some(file) => Err(wrong(format!("the file {:?} lies outside the data folder", file.path))),
        None => Ok(manifest),
    }
}

fn check(from: &Path, manifest: &Manifest) -> Result<(), BackupError> {
    let tables = manifest.tables.iter().map(|table| (from.join(table.file()), &table.sha256));
    let files = manifest.files.iter().map(|file| (from.join("files").join(&file.path), &file.sha256));
    for (path, expected) in tables.chain(files) {
        if files::sha256(&path)? != *expected {
            return Err(BackupError::Changed(path));
        }
    }
    Ok(())
}

async fn load_table(
    tx: &mut Tx,
    entry: &TableEntry,
    from: &Path,
    progress: &mut impl FnMut(&str, u64),
) -> Result<(), BackupError> {
    let path = from.join(entry.file());
    let fault = |row, reason| BackupError::Row { table: entry.name.clone(), row, reason };
    let table = entry.table().ok_or_else(|| fault(0, "a column of an unknown kind".into()))?;
    copy::clear(tx, &table).await?;
    let reader = BufReader::new(GzDecoder::new(File::open(&path).map_err(BackupError::file(&path))?));
    let (mut rows, mut done) = (Vec::with_capacity(BATCH), 0);
    for line in reader.lines() {
        let line = line.map_err(BackupError::file(&path))?;
        rows.push(lines::read(&line, &table).map_err(|reason| fault(done + rows.len() as u64 + 1, reason))?);
        if rows.len() == BATCH {
            done += BATCH as u64;
            copy::import(tx, &table, std::mem::take(&mut rows)).await?;
            progress(&entry.name, done);
        }
    }
    done += rows.len() as u64;
    copy::import(tx, &table, rows).await?;
    progress(&entry.name, done);
    if done == entry.rows { Ok(()) } else { Err(BackupError::Changed(path)) }
}
