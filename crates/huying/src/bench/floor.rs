//! The floor under intake: the rows that registrations wrote, written again by bare SQL. The same submitters wait for the
//! same grouping and the same durability; nothing is decided, located, sealed, hashed or checked.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use futures::StreamExt;
use futures::stream::FuturesUnordered;
use store::copy::{self, Table};
use store::{Bind, Db, Sql, StoreError, Tx, Value, sql};
use tokio::sync::{mpsc, oneshot};

use crate::failure::Failure;

/// At most so many submissions share a transaction, as in the journal's writer.
const GROUP: usize = 256;
/// Rows of one insert.
const BLOCKS: [usize; 7] = [64, 32, 16, 8, 4, 2, 1];
/// What takes the positions of a group.
const TAKE: &str = "update head set position = position + $1 where id = 1 returning position";

/// The rows one registration wrote, by place of their table.
pub type Rows = Vec<(usize, Vec<Value>)>;

/// Rows of a database, sorted by the registration they belong to.
pub struct Recorded {
    pub tables: Vec<Table>,
    pub registrations: Vec<Rows>,
}

impl Recorded {
    /// `mentions` gives a registration by an identifier of 36 letters at the end of any text of a row. Rows that mention none
    /// belong to no registration.
    pub async fn read(db: &Db, count: usize, mentions: &HashMap<String, usize>) -> Result<Recorded, StoreError> {
        let mut tx = db.snapshot().await?;
        let tables = copy::tables(&mut tx).await?;
        let mut registrations: Vec<Rows> = vec![Vec::new(); count];
        for (place, table) in tables.iter().enumerate() {
            copy::export(&mut tx, table, |row| {
                let owner = row.iter().find_map(|value| match value {
                    Value::Text(Some(text)) => mentions.get(text.get(text.len().checked_sub(36)?..)?),
                    _ => None,
                });
                if let Some(owner) = owner {
                    registrations[*owner].push((place, row));
                }
                Ok::<(), StoreError>(())
            })
            .await?;
        }
        Ok(Recorded { tables, registrations })
    }

    /// Rows by table.
    pub fn counts(&self) -> HashMap<String, usize> {
        let mut counts = HashMap::new();
        for (place, _) in self.registrations.iter().flatten() {
            *counts.entry(self.tables[*place].name.clone()).or_default() += 1;
        }
        counts
    }
}

/// A submission on its way through the floor's writer.
struct Waiting {
    rows: Rows,
    done: oneshot::Sender<()>,
}

/// An insert into one table, by rows in a block.
struct Insert {
    texts: Vec<String>,
    /// The column that a group's position goes into, in the table of facts.
    position: Option<usize>,
}

pub struct Floor {
    queue: mpsc::Sender<Waiting>,
    writer: tokio::task::JoinHandle<Result<(), StoreError>>,
}

/// What the floor runs a group, each insert as it is for one row.
pub fn statements(recorded: &Recorded) -> Vec<String> {
    let used = |place: usize| recorded.registrations.iter().flatten().any(|(table, _)| *table == place);
    let inserts = recorded.tables.iter().enumerate().filter(|(place, _)| used(*place));
    let inserts = inserts.map(|(_, table)| insert(table, 1));
    let begin = "begin (immediate on SQLite)".to_owned();
    [begin, TAKE.to_owned()].into_iter().chain(inserts).chain(["commit".to_owned()]).collect()
}

fn insert(table: &Table, rows: usize) -> String {
    let columns: Vec<&str> = table.columns.iter().map(|(name, _)| name.as_str()).collect();
    let width = columns.len();
    let tuple = |row: usize| {
        let places: Vec<String> = (1..=width).map(|column| format!("${}", row * width + column)).collect();
        format!("({})", places.join(", "))
    };
    let tuples: Vec<String> = (0..rows).map(tuple).collect();
    format!("insert into {} ({}) values {}", table.name, columns.join(", "), tuples.join(", "))
}

impl Floor {
    pub fn start(db: Db, tables: &[Table]) -> Floor {
        let (queue, mut waiting) = mpsc::channel::<Waiting>(1024);
        let inserts: Vec<Insert> = tables
            .iter()
            .map(|table| Insert {
                texts: BLOCKS.iter().map(|rows| insert(table, *rows)).collect(),
                position: (table.name == "fact")
                    .then(|| table.columns.iter().position(|(name, _)| name == "position"))
                    .flatten(),
            })
            .collect();
        let writer = tokio::spawn(async move {
            let mut group = Vec::new();
            while waiting.recv_many(&mut group, GROUP).await > 0 {
                let (rows, done): (Vec<Rows>, Vec<_>) = group.drain(..).map(|one| (one.rows, one.done)).unzip();
                write(&db, &inserts, rows).await?;
                for done in done {
                    // A submitter that has gone away cancels nothing.
                    let _ = done.send(());
                }
            }
            Ok(())
        });
        Floor { queue, writer }
    }

    /// Has `submitters` write `registrations`, each a task that waits for its own before it takes the next.
    pub async fn write(&self, registrations: Vec<Rows>, submitters: usize) -> Result<(), Failure> {
        let next = Arc::new(Mutex::new(registrations.into_iter()));
        let submitter = || {
            let (next, queue) = (next.clone(), self.queue.clone());
            tokio::spawn(async move {
                let take = || next.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).next();
                while let Some(rows) = take() {
                    let (done, written) = oneshot::channel();
                    queue.send(Waiting { rows, done }).await.map_err(Failure::other)?;
                    written.await.map_err(Failure::other)?;
                }
                Ok::<(), Failure>(())
            })
        };
        let mut all: FuturesUnordered<_> = (0..submitters).map(|_| submitter()).collect();
        while let Some(ended) = all.next().await {
            ended.map_err(Failure::other)??;
        }
        Ok(())
    }

    /// Ends the writer and says what stopped it, where something did.
    pub async fn end(self) -> Result<(), Failure> {
        drop(self.queue);
        Ok(self.writer.await.map_err(Failure::other)??)
    }
}

async fn write(db: &Db, inserts: &[Insert], registrations: Vec<Rows>) -> Result<(), StoreError> {
    let mut tables: Vec<Vec<Vec<Value>>> = vec![Vec::new(); inserts.len()];
    for (place, row) in registrations.into_iter().flatten() {
        tables[place].push(row);
    }
    let mut tx = db.begin().await?;
    let facts: usize =
        inserts.iter().zip(&tables).filter(|(insert, _)| insert.position.is_some()).map(|(_, rows)| rows.len()).sum();
    let taken: Vec<(i64,)> = tx.run_returning(sql(TAKE).bind(facts as i64)).await?;
    let mut position = taken.first().map_or(0, |(last,)| last - facts as i64);
    for (insert, mut rows) in inserts.iter().zip(tables) {
        if let Some(column) = insert.position {
            for row in &mut rows {
                position += 1;
                row[column] = position.value();
            }
        }
        put(&mut tx, insert, rows).await?;
    }
    tx.commit().await
}

async fn put(tx: &mut Tx, insert: &Insert, rows: Vec<Vec<Value>>) -> Result<(), StoreError> {
    let mut rows = rows.into_iter();
    for (block, text) in BLOCKS.iter().zip(&insert.texts) {
        while rows.len() >= *block {
            let values = rows.by_ref().take(*block).flatten();
            tx.run(Sql::composed(text.clone()).bind_all(values)).await?;
        }
    }
    Ok(())
}
