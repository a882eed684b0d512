//! A unit of work: what commands of one group share.

use std::collections::HashMap;

use kernel::{Actor, Chance, Digest, Instant, canonical_json};
use store::{Bind, Read, Sql, Tx, sql};

use crate::command::{Key, Positions};
use crate::fact::{self, NewFact};
use crate::seal::SubjectKeys;
use crate::slate::Slates;
use crate::{Ahead, JournalError, Sealer, Slate};

/// The transaction, the instant and the chance a command decides with, and the facts it appends.
pub struct Unit {
    tx: Tx,
    at: Instant,
    chance: Chance,
    sealer: Sealer,
    facts: Vec<Waiting>,
    keys: Vec<(Key, Instant, Positions)>,
    /// Keys of this group's commands that were used before it, by scope and key.
    used: HashMap<(String, String), (Vec<u8>, Positions)>,
    slates: Slates,
    subjects: SubjectKeys,
    sealed: u64,
    /// The version each stream touched by the group was first found at, and has reached.
    streams: HashMap<String, (i64, i64)>,
}

/// A fact that waits for its position.
struct Waiting {
    stream: String,
    version: i64,
    kind: &'static str,
    at: Instant,
    claimed_at: Option<Instant>,
    effective_at: Instant,
    actor: Vec<u8>,
    body: Vec<u8>,
    sealed: Option<Vec<u8>>,
}

/// What is known of an idempotency key.
pub(crate) enum Known {
    /// Carried out by a group that has committed.
    Before(Positions),
    /// Carried out by an earlier command of this group; positions count from the group's base.
    InGroup(Positions),
    /// Belongs to another request.
    Reused,
}

impl Unit {
    pub(crate) fn new(tx: Tx, sealer: Sealer) -> Unit {
        let (at, chance) = (Instant::EPOCH, Chance::from_entropy([0; 32]));
        Unit {
            tx,
            at,
            chance,
            sealer,
            facts: Vec::new(),
            keys: Vec::new(),
            used: HashMap::new(),
            slates: Slates::default(),
            subjects: SubjectKeys::default(),
            sealed: 0,
            streams: HashMap::new(),
        }
    }

    /// Reads what the group's commands have foreseen.
    pub(crate) async fn look_ahead(&mut self, ahead: Ahead) -> Result<(), JournalError> {
        let Ahead { wanted, subjects, keys } = ahead;
        self.used = used(&mut self.tx, keys).await?;
        self.sealer.look_up(&mut self.tx, subjects, &mut self.subjects).await?;
        self.slates.read(&mut self.tx, wanted).await
    }

    pub(crate) fn turn_to(&mut self, at: Instant, chance: Chance) {
        self.at = at;
        self.chance = chance;
    }

    /// The server's instant for this command.
    pub fn at(&self) -> Instant {
        self.at
    }

    pub fn chance(&mut self) -> &mut Chance {
        &mut self.chance
    }

    /// The group's transaction, in which everything decided so far stands in the tables.
    pub async fn tx(&mut self) -> Result<&mut Tx, JournalError> {
        self.write_owed().await?;
        Ok(&mut self.tx)
    }

    /// What a slice keeps in mind for this group.
    pub fn slate<S: Slate>(&mut self) -> &mut S {
        self.slates.of()
    }

    /// The slate, once it has read the aggregate with this identifier.
    pub async fn slate_with<S: Slate>(&mut self, id: String) -> Result<&mut S, JournalError> {
        let slate = self.slates.of::<S>();
        slate.read(&mut self.tx, vec![id]).await?;
        Ok(slate)
    }

    /// To be called when a subject's key has changed in the tables.
    pub(crate) fn forget_key_of(&mut self, subject: &str) {
        self.subjects.forget(subject);
    }

    async fn write_owed(&mut self) -> Result<(), JournalError> {
        self.subjects.write(&mut self.tx).await?;
        self.slates.write(&mut self.tx).await
    }

    pub fn sealer(&self) -> Sealer {
        self.sealer.clone()
    }

    /// Appends `facts` to `stream`, which must be at version `expected` (0 for a new stream). Gives its new version.
    pub async fn append(&mut self, stream: &str, expected: i64, facts: Vec<NewFact>) -> Result<i64, JournalError> {
        let (_, reached) = self.streams.entry(stream.to_owned()).or_insert((expected, expected));
        if *reached != expected {
            return Err(JournalError::Stale { stream: stream.to_owned(), expected });
        }
        *reached += facts.len() as i64;
        let reached = *reached;
        for (fact, version) in facts.into_iter().zip(expected + 1..) {
            let waiting = self.prepare(stream, version, fact).await?;
            self.facts.push(waiting);
        }
        Ok(reached)
    }

    async fn prepare(&mut self, stream: &str, version: i64, fact: NewFact) -> Result<Waiting, JournalError> {
        let NewFact { kind, claimed_at, effective_at, actor, mut body, personal } = fact;
        let mut sealed = None;
        if !personal.is_empty() {
            let (commitments, envelopes) =
                self.sealer.seal(&mut self.tx, &mut self.subjects, &personal, &mut self.chance).await?;
            body["sealed"] = serde_json::to_value(commitments).expect("commitments are text");
            sealed = Some(envelopes);
        }
        Ok(Waiting {
            stream: stream.to_owned(),
            version,
            kind,
            at: self.at,
            claimed_at,
            effective_at,
            actor: canonical_json::<Actor>(&actor),
            body: serde_json::to_vec(&body).expect("a JSON value can always be written"),
            sealed,
        })
    }

    pub(crate) fn appended(&self) -> usize {
        self.facts.len()
    }

    /// Whether `key` was used before, in the database or by an earlier command of this group.
    pub(crate) fn known(&self, key: &Key) -> Option<Known> {
        let judge = |fingerprint: &[u8], known| if fingerprint == key.fingerprint.0 { known } else { Known::Reused };
        let earlier = self.keys.iter().find(|(other, ..)| other.scope == key.scope && other.key == key.key);
        if let Some((other, _, positions)) = earlier {
            return Some(judge(&other.fingerprint.0, Known::InGroup(*positions)));
        }
        let (fingerprint, positions) = self.used.get(&(key.scope.clone(), key.key.clone()))?;
        Some(judge(fingerprint, Known::Before(*positions)))
    }

    /// Notes that `key` made the facts from the `mark`-th of this group on; positions count from the group's base.
    pub(crate) fn note_key(&mut self, key: Key, mark: usize) {
        let count = (self.facts.len() - mark) as i64;
        self.keys.push((key, self.at, Positions { first: mark as i64 + 1, count }));
    }

    /// The group's last act: takes the next positions, writes facts and keys, commits. Gives the position before the first.
    pub(crate) async fn seal_group(&mut self) -> Result<i64, JournalError> {
        self.write_owed().await?;
        self.check_versions().await?;
        let count = self.facts.len() as i64;
        self.sealed = self.facts.len() as u64;
        let take = sql("update head set position = position + $1 where id = 1 returning position").bind(count);
        let taken: Vec<(i64,)> = self.tx.run_returning(take).await?;
        let base = taken.first().map_or(0, |(position,)| position - count);
        let rows = self.facts.drain(..).zip(base + 1..).map(|(fact, position)| fact.into_row(position)).collect();
        for statement in Sql::insert_rows(
            "insert into fact (position, stream, version, kind, at, claimed_at, effective_at, actor, body, sealed, hash) values",
            11,
            rows,
            "",
        ) {
            self.tx.run(statement).await?;
        }
        let keys: Vec<_> = self.keys.drain(..).map(|(key, at, positions)| key_row(key, at, positions, base)).collect();
        for statement in
            Sql::insert_rows("insert into idempotency (scope, key, fingerprint, first, count, at) values", 6, keys, "")
        {
            self.tx.run(statement).await?;
        }
        if self.tx.is_postgres() {
            let _: Vec<()> = self.tx.all(sql("select from pg_notify('huying_facts', '')")).await?;
        }
        Ok(base)
    }

    /// Each stream must stand where its command found it; a new stream is watched over by the unique index alone.
    async fn check_versions(&mut self) -> Result<(), JournalError> {
        let old = self.streams.iter().filter(|(_, (found, _))| *found > 0);
        let found = old.map(|(stream, (found, _))| vec![stream.value(), found.value()]).collect();
        let elsewhere = "select stream, version from asked \
             where version <> coalesce((select max(version) from fact where fact.stream = asked.stream), 0)";
        for select in store::ask_rows(&["stream", "version"], found, elsewhere) {
            let moved: Vec<(String, i64)> = self.tx.all(select).await?;
            if let Some((stream, expected)) = moved.into_iter().next() {
                return Err(JournalError::Stale { stream, expected });
            }
        }
        Ok(())
    }

    /// How many facts the group has written.
    pub(crate) fn sealed(&self) -> u64 {
        self.sealed
    }

    /// Whether there is nothing to make durable.
    pub(crate) fn is_untouched(&self) -> bool {
        let owes = self.slates.owe() || self.subjects.owe();
        self.facts.is_empty() && self.keys.is_empty() && !owes && self.tx.writes() == 0
    }

    pub(crate) fn into_tx(self) -> Tx {
        self.tx
    }

    pub(crate) fn writes(&self) -> u64 {
        self.tx.writes()
    }
}

impl Waiting {
    fn into_row(self, position: i64) -> Vec<store::Value> {
        let hash: Digest = fact::hash(&fact::Hashed {
            position,
            stream: &self.stream,
            version: self.version,
            kind: self.kind,
            at: self.at,
            claimed_at: self.claimed_at,
            effective_at: self.effective_at,
            actor: &self.actor,
            body: &self.body,
        });
        vec![
            position.value(),
            self.stream.value(),
            self.version.value(),
            self.kind.value(),
            self.at.micros().value(),
            self.claimed_at.map(Instant::micros).value(),
            self.effective_at.micros().value(),
            String::from_utf8(self.actor).expect("JSON is UTF-8").value(),
            self.body.value(),
            self.sealed.value(),
            hash.0.value(),
        ]
    }
}

/// Which of these keys, each with its scope, were used before.
async fn used(
    tx: &mut Tx,
    keys: impl IntoIterator<Item = (String, String)>,
) -> Result<HashMap<(String, String), (Vec<u8>, Positions)>, JournalError> {
    let mut used = HashMap::new();
    let wanted = keys.into_iter().map(|(scope, key)| vec![scope.value(), key.value()]).collect();
    let columns = ["scope", "key", "fingerprint", "first", "count"];
    for select in store::select_rows("idempotency", &columns[..2], &columns, wanted) {
        let rows: Vec<(String, String, Vec<u8>, i64, i64)> = tx.all(select).await?;
        for (scope, key, fingerprint, first, count) in rows {
            used.insert((scope, key), (fingerprint, Positions { first, count }));
        }
    }
    Ok(used)
}

fn key_row(key: Key, at: Instant, positions: Positions, base: i64) -> Vec<store::Value> {
    vec![
        key.scope.value(),
        key.key.value(),
        key.fingerprint.0.value(),
        (base + positions.first).value(),
        positions.count.value(),
        at.micros().value(),
    ]
}
