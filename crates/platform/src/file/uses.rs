//! In what files are used: a reading of the journal. A fact uses a file where its body names it as an `attachment`.

use std::collections::{BTreeMap, BTreeSet};

use jiff::SignedDuration;
use journal::{JournalError, tail};
use kernel::Instant;
use serde_json::Value;
use store::{Bind, Read, Sql, StoreError, Tx, sql};

use super::{FileError, FileId, FileRefusal, FileState, Files};

const READER: &str = "file uses";
const STEP: i64 = 1_000;

/// A file that nothing uses is removed when it is so old.
pub(super) const UNUSED: SignedDuration = SignedDuration::from_hours(24);
/// It can be used until an hour before.
const USABLE: SignedDuration = SignedDuration::from_hours(23);

impl Files {
    /// Takes in what was committed so far.
    pub(super) async fn catch_up_uses(&self) -> Result<(), JournalError> {
        let db = self.journal.db();
        loop {
            let position = tail::reader_position(&mut &*db, READER).await?;
            let facts = tail::after(&mut &*db, position, STEP).await?;
            let Some(last) = facts.last().map(|fact| fact.position) else { return Ok(()) };
            let (mut rows, mut owners) = (BTreeSet::new(), BTreeMap::new());
            for fact in facts.iter().filter(|fact| contains(&fact.body, b"\"attachment\"")) {
                let body: Value = fact.read()?;
                // What came with a report made for someone is theirs.
                let reporter = reporter(&body).map(str::to_owned);
                owners.extend(
                    attachments(&body).into_iter().filter_map(|file| Some((file.to_string(), reporter.clone()?))),
                );
                rows.extend(attachments(&body).into_iter().map(|file| (file.to_string(), fact.stream.clone())));
            }
            let rows = rows.into_iter().map(|(file, stream)| vec![file.value(), stream.value()]).collect();
            let mut tx = db.begin().await?;
            for insert in
                Sql::insert_rows("insert into file_use (file, stream) values", 2, rows, "on conflict do nothing")
            {
                tx.run(insert).await?;
            }
            for (file, owner) in owners {
                let update = sql("update file set owner = $1 where id = $2 and owner is null");
                tx.run(update.bind(owner).bind(file)).await?;
            }
            tail::keep_reader_position(&mut tx, READER, last).await?;
            tx.commit().await?;
        }
    }

    /// The streams that use a file, such as `case/<uuid>`.
    pub async fn uses(&self, id: FileId) -> Result<Vec<String>, FileError> {
        self.catch_up_uses().await?;
        let select = sql("select stream from file_use where file = $1 order by stream").bind(id.to_string());
        let rows: Vec<(String,)> = (&mut self.journal.db()).all(select).await?;
        Ok(rows.into_iter().map(|(stream,)| stream).collect())
    }

    /// Whether `account` may use as evidence the files that `value` names: its own, or, of a stream that uses them already, anyone's.
    pub async fn usable(
        &self,
        value: &Value,
        account: &str,
        stream: Option<&str>,
        now: Instant,
    ) -> Result<Result<(), FileRefusal>, FileError> {
        for named in named(value) {
            let unknown = FileRefusal::Unknown { id: named.to_owned() };
            let Ok(id) = named.parse::<FileId>() else { return Ok(Err(unknown)) };
            let Some(row) = self.find(id).await? else { return Ok(Err(unknown)) };
            if matches!(row.state, FileState::Infected | FileState::Removed) {
                return Ok(Err(unknown));
            }
            let uses = self.uses(id).await?;
            let is_known = stream.is_some_and(|stream| uses.iter().any(|one| one == stream));
            if row.kept_by != account && !is_known {
                return Ok(Err(unknown));
            }
            if uses.is_empty() && now.since(row.kept_at) > USABLE {
                return Ok(Err(FileRefusal::TooOld { id: named.to_owned() }));
            }
        }
        Ok(Ok(()))
    }
}

/// The files that a value names as `attachment`, at any depth.
pub fn named_in(value: &Value) -> Vec<String> {
    named(value).into_iter().map(str::to_owned).collect()
}

/// Refuses where one of these files is gone by now. Until the caller's transaction has ended none of them goes: a removal, which
/// is a transaction too, comes before it or after it.
pub async fn still_there(tx: &mut Tx, ids: &[String]) -> Result<Result<(), FileRefusal>, StoreError> {
    // The other store has one writer at a time.
    let lock = if tx.is_postgres() { " for share" } else { "" };
    for id in ids {
        let select = Sql::composed(format!("select state from file where id = $1{lock}")).bind(id.as_str());
        let found: Option<(String,)> = tx.optional(select).await?;
        let usable = [FileState::Kept, FileState::Waiting].map(FileState::word);
        if found.is_none_or(|(state,)| !usable.contains(&state.as_str())) {
            return Ok(Err(FileRefusal::Unknown { id: id.clone() }));
        }
    }
    Ok(Ok(()))
}

fn contains(bytes: &[u8], text: &[u8]) -> bool {
    bytes.windows(text.len()).any(|window| window == text)
}

/// The subject of who reported, in the event of a fact that registers something.
fn reporter(body: &Value) -> Option<&str> {
    body.get("event")?.as_object()?.values().find_map(|event| event.get("reporter")?.as_str())
}

/// Every `attachment` in a value, at any depth.
fn named(value: &Value) -> BTreeSet<&str> {
    let mut found = BTreeSet::new();
    collect(value, &mut found);
    found
}

fn collect<'a>(value: &'a Value, found: &mut BTreeSet<&'a str>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| collect(item, found)),
        Value::Object(fields) => {
            for (name, field) in fields {
                match field {
                    Value::String(text) if name == "attachment" => drop(found.insert(text)),
                    other => collect(other, found),
                }
            }
        }
        _ => {}
    }
}

fn attachments(body: &Value) -> Vec<FileId> {
    named(body).into_iter().filter_map(|text| text.parse().ok()).collect()
}
