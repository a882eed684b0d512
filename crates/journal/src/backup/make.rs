//! Making a backup.

use std::io::Write as _;
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;
use kernel::Instant;
use store::copy::{self, Table};
use store::file::What;
use store::{Db, Faults, Read as _, Tx, sql};

use super::files::{self, Hashing};
use super::{BackupError, FORMAT, FileEntry, MANIFEST, Manifest, TableEntry, kind_name, lines};

/// Backs `db` up into the new folder `out`, and with it the files of the folder `data`, keys apart. Others may write meanwhile:
/// the tables are as of one instant, and a file that they name was there before it. `progress` is told each table and
/// how many of its rows are done.
pub async fn make(
    db: &Db,
    data: Option<&Path>,
    out: &Path,
    made_at: Instant,
    mut progress: impl FnMut(&str, u64),
) -> Result<Manifest, BackupError> {
    std::fs::create_dir_all(out).map_err(BackupError::file(out))?;
    if std::fs::read_dir(out).map_err(BackupError::file(out))?.next().is_some() {
        return Err(BackupError::Occupied(out.to_owned()));
    }
    let mut tx = db.snapshot().await?;
    let (head,): (i64,) = tx.one(sql("select position from head where id = 1")).await?;
    let checkpoint: Option<(Option<String>,)> =
        tx.optional(sql("select checkpoint from log_state where id = 1")).await?;
    let migrations = copy::migrated(&mut tx).await?;
    let mut tables = Vec::new();
    for table in copy::tables(&mut tx).await? {
        tables.push(write_table(&mut tx, &table, out, db.faults(), &mut progress).await?);
    }
    tx.rollback().await?;
    let files = match data {
        Some(data) => copy_files(db, data, out)?,
        None => Vec::new(),
    };
    let checkpoint = checkpoint.and_then(|(text,)| text);
    let manifest = Manifest { format: FORMAT.to_owned(), made_at, head, checkpoint, migrations, tables, files };
    let text = serde_json::to_string_pretty(&manifest).expect("a manifest is plain data") + "\n";
    files::write(What("backup manifest"), &out.join(MANIFEST), text.as_bytes(), db.faults())?;
    Ok(manifest)
}

async fn write_table(
    tx: &mut Tx,
    table: &Table,
    out: &Path,
    faults: &Faults,
    progress: &mut impl FnMut(&str, u64),
) -> Result<TableEntry, BackupError> {
    let columns = table.columns.iter().map(|(name, kind)| (name.clone(), kind_name(*kind).to_owned())).collect();
    let mut entry = TableEntry { name: table.name.clone(), columns, rows: 0, sha256: String::new() };
    let path = out.join(entry.file());
    let file =
        Hashing::new(std::io::BufWriter::with_capacity(1 << 17, files::begin(What("backup table"), &path, faults)?));
    let mut writer = GzEncoder::new(file, Compression::fast());
    let mut rows = 0;
    progress(&table.name, 0);
    copy::export(tx, table, |row| {
        writer.write_all(&lines::write(row)).map_err(BackupError::file(&path))?;
        rows += 1;
        if rows % 10_000 == 0 {
            progress(&table.name, rows);
        }
        Ok::<_, BackupError>(())
    })
    .await?;
    let (file, sha256) = writer.finish().map_err(BackupError::file(&path))?.finish();
    let file = file.into_inner().map_err(|error| BackupError::file(&path)(error.into_error()))?;
    file.create().map_err(BackupError::file(&path))?;
    progress(&table.name, rows);
    entry.rows = rows;
    entry.sha256 = sha256;
    Ok(entry)
}

fn copy_files(db: &Db, data: &Path, out: &Path) -> Result<Vec<FileEntry>, BackupError> {
    let mut entries = Vec::new();
    for below in files::of_data(data, out, db.sqlite_path())? {
        let sha256 =
            match files::copy(What("backup file"), &data.join(&below), &out.join("files").join(&below), db.faults()) {
                Ok(sha256) => sha256,
                // Taken away meanwhile, so nothing names it any more.
                Err(BackupError::File { source, .. }) if source.kind() == std::io::ErrorKind::NotFound => continue,
                Err(error) => return Err(error),
            };
        entries.push(FileEntry { path: below.to_string_lossy().into_owned(), sha256 });
    }
    Ok(entries)
}
