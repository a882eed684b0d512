//! The rows of calls, cards and outages: functions of their state alone, so that a rebuild gives the same.

use journal::{JournalError, NewFact, Unit};
use kernel::Instant;
use serde::Serialize;
use serde::de::DeserializeOwned;
use store::{Bind, Read, Sql, StoreError, Tx, Value};

use super::slate;
use crate::call::{Call, CallFact};
use crate::card::{Card, CardFact};
use crate::case::{Personal, Timer};
use crate::handover::{Handover, HandoverFact};
use crate::outage::{Outage, OutageFact};
use crate::store::rows::{NEVER, put_clocks, urgency};

/// An aggregate with a stream, a file row and clocks.
pub(crate) trait Kept: DeserializeOwned + Clone + Send + Sync + 'static {
    type Fact: Serialize + DeserializeOwned;

    /// Of its streams.
    const PREFIX: &'static str;
    /// What follows it is a name, not a UUID.
    const NAMED: bool = false;
    /// Its file table and that table's columns, the identifier first.
    const TABLE: (&'static str, &'static [&'static str]);
    /// Its columns that change.
    const CHANGES: &'static [&'static str];

    fn begin(id: &str, fact: &Self::Fact) -> Option<Self>;
    fn apply(&mut self, fact: &Self::Fact);
    fn id(&self) -> String;
    fn version(&self) -> i64;
    fn file(&self) -> Vec<Value>;
    fn clocks(&self) -> Vec<(String, &Timer)>;

    /// Rows beside the file row.
    fn parts(&self) -> Vec<Vec<Value>> {
        Vec::new()
    }

    fn stream(&self) -> String {
        format!("{}{}", Self::PREFIX, self.id())
    }

    fn clock_rows(&self) -> Vec<Vec<Value>> {
        let stream = self.stream();
        self.clocks().into_iter().filter_map(|(key, timer)| clock(&stream, &key, timer)).collect()
    }
}

/// Open clocks only. What has lapsed stays, but never wakes the timekeeper again.
fn clock(stream: &str, key: &str, timer: &Timer) -> Option<Vec<Value>> {
    let due = timer.due()?;
    let wake = timer.wake_at().map(Instant::micros);
    let remind = timer.remind_at.map(Instant::micros);
    let holder = timer.holder.as_str();
    let (due, provisional) = (due.micros().value(), timer.provisional().value());
    Some(vec![stream.value(), key.value(), holder.value(), due, remind.value(), wake.value(), provisional])
}

impl Kept for Call {
    type Fact = CallFact;
    const PREFIX: &'static str = "call/";
    const TABLE: (&'static str, &'static [&'static str]) = (
        "call_file",
        &["id", "version", "state", "open", "caller", "case_id", "matter", "urgency", "area", "raised_at", "body"],
    );
    const CHANGES: &'static [&'static str] = &["version", "state", "open", "body"];

    fn begin(id: &str, fact: &CallFact) -> Option<Call> {
        Call::begin(id.parse().ok()?, fact)
    }

    fn apply(&mut self, fact: &CallFact) {
        Call::apply(self, fact);
    }

    fn id(&self) -> String {
        self.id.to_string()
    }

    fn version(&self) -> i64 {
        self.version
    }

    fn file(&self) -> Vec<Value> {
        vec![
            self.id.to_string().value(),
            self.version.value(),
            self.state().value(),
            (!self.is_over()).value(),
            self.caller.as_str().value(),
            self.case.map(|case| case.to_string()).value(),
            self.matter.code.as_str().value(),
            urgency(self.urgency).value(),
            self.place.path.last().cloned().value(),
            self.raised_at.micros().value(),
            json(self),
        ]
    }

    fn clocks(&self) -> Vec<(String, &Timer)> {
        self.clocks.iter().map(|(clock, timer)| (clock.to_string(), timer)).collect()
    }

    fn parts(&self) -> Vec<Vec<Value>> {
        let row = |one: &crate::call::Summons| {
            let due = self.due_of(one.no).map_or(NEVER, Instant::micros);
            let open = !self.is_over() && !one.has_acted();
            let (id, no) = (self.id.to_string(), i64::from(one.no));
            let organization = one.organization.as_str();
            vec![id.value(), no.value(), organization.value(), one.state_name().value(), open.value(), due.value()]
        };
        self.summons.iter().map(row).collect()
    }
}

impl Kept for Card {
    type Fact = CardFact;
    const PREFIX: &'static str = "card/";
    const TABLE: (&'static str, &'static [&'static str]) = (
        "card_file",
        &[
            "id",
            "version",
            "state",
            "stands",
            "colour",
            "ground",
            "organization",
            "about",
            "clock",
            "proposed_at",
            "issued_at",
            "body",
        ],
    );
    const CHANGES: &'static [&'static str] = &["version", "state", "stands", "issued_at", "body"];

    fn begin(id: &str, fact: &CardFact) -> Option<Card> {
        Card::begin(id.parse().ok()?, fact)
    }

    fn apply(&mut self, fact: &CardFact) {
        Card::apply(self, fact);
    }

    fn id(&self) -> String {
        self.id.to_string()
    }

    fn version(&self) -> i64 {
        self.version
    }

    fn file(&self) -> Vec<Value> {
        vec![
            self.id.to_string().value(),
            self.version.value(),
            self.state().value(),
            self.stands().value(),
            self.colour.word().value(),
            self.ground.word().value(),
            self.organization.as_str().value(),
            self.about.stream.as_str().value(),
            self.about.clock.clone().value(),
            self.proposed_at.micros().value(),
            self.issued_at.map(Instant::micros).value(),
            json(self),
        ]
    }

    fn clocks(&self) -> Vec<(String, &Timer)> {
        self.clocks.iter().map(|(clock, timer)| (clock.name().to_owned(), timer)).collect()
    }
}

impl Kept for Outage {
    type Fact = OutageFact;
    const PREFIX: &'static str = "outage/";
    const TABLE: (&'static str, &'static [&'static str]) =
        ("outage", &["id", "version", "from_at", "until_at", "declared_at", "applied_at"]);
    const CHANGES: &'static [&'static str] = &["version", "applied_at"];

    fn begin(id: &str, fact: &OutageFact) -> Option<Outage> {
        Outage::begin(id.parse().ok()?, fact)
    }

    fn apply(&mut self, fact: &OutageFact) {
        Outage::apply(self, fact);
    }

    fn id(&self) -> String {
        self.id.to_string()
    }

    fn version(&self) -> i64 {
        self.version
    }

    fn file(&self) -> Vec<Value> {
        vec![
            self.id.to_string().value(),
            self.version.value(),
            self.from.micros().value(),
            self.until.micros().value(),
            self.declared_at.micros().value(),
            self.applied_at.map(Instant::micros).value(),
        ]
    }

    fn clocks(&self) -> Vec<(String, &Timer)> {
        Vec::new()
    }
}

impl Kept for Handover {
    type Fact = HandoverFact;
    const PREFIX: &'static str = "handover/";
    const NAMED: bool = true;
    const TABLE: (&'static str, &'static [&'static str]) =
        ("handover", &["id", "version", "waiting", "left_at", "body"]);
    const CHANGES: &'static [&'static str] = &["version", "waiting", "left_at", "body"];

    fn begin(id: &str, fact: &HandoverFact) -> Option<Handover> {
        Handover::begin(id, fact)
    }

    fn apply(&mut self, fact: &HandoverFact) {
        Handover::apply(self, fact);
    }

    fn id(&self) -> String {
        self.organization.clone()
    }

    fn version(&self) -> i64 {
        self.version
    }

    fn file(&self) -> Vec<Value> {
        vec![
            self.organization.as_str().value(),
            self.version.value(),
            self.note.taken.is_none().value(),
            self.note.left.at.micros().value(),
            json(self),
        ]
    }

    fn clocks(&self) -> Vec<(String, &Timer)> {
        Vec::new()
    }
}

fn json(state: &impl Serialize) -> Value {
    serde_json::to_string(state).expect("the state is plain data").value()
}

/// The aggregate as its table has it.
pub(crate) async fn load<K: Kept>(read: &mut impl Read, id: &str) -> Result<Option<K>, JournalError> {
    let text = format!("select body from {} where id = $1", K::TABLE.0);
    read.optional(Sql::composed(text).bind(id)).await?.map(parse).transpose()
}

/// A file row's state.
pub(crate) fn parse<K: DeserializeOwned>((body,): (String,)) -> Result<K, JournalError> {
    serde_json::from_str(&body).map_err(|error| JournalError::Unreadable { position: 0, reason: error.to_string() })
}

/// What a decision gave, ready to append.
pub(crate) struct Made<F> {
    pub kind: &'static str,
    pub at: Instant,
    pub actor: kernel::Actor,
    pub fact: F,
    pub personal: Vec<Personal>,
}

/// Opens an aggregate with its first facts.
pub(crate) async fn open<K: Kept>(
    unit: &mut Unit,
    id: &str,
    claimed_at: Option<Instant>,
    made: Vec<Made<K::Fact>>,
) -> Result<K, JournalError> {
    let mut facts = made.iter().map(|one| &one.fact);
    let mut new = facts.next().and_then(|first| K::begin(id, first)).expect("the first fact begins its stream");
    facts.for_each(|fact| new.apply(fact));
    append(unit, &new.stream(), 0, claimed_at, made).await?;
    slate::put(unit, None, &new);
    Ok(new)
}

/// Appends facts to an aggregate and brings its rows up to them.
pub(crate) async fn keep<K: Kept>(
    unit: &mut Unit,
    before: &K,
    claimed_at: Option<Instant>,
    made: Vec<Made<K::Fact>>,
) -> Result<K, JournalError> {
    let mut after = before.clone();
    made.iter().for_each(|one| after.apply(&one.fact));
    if !made.is_empty() {
        append(unit, &before.stream(), before.version(), claimed_at, made).await?;
        slate::put(unit, Some(before), &after);
    }
    Ok(after)
}

async fn append<F: Serialize>(
    unit: &mut Unit,
    stream: &str,
    expected: i64,
    claimed_at: Option<Instant>,
    made: Vec<Made<F>>,
) -> Result<(), JournalError> {
    let facts = made.into_iter().map(|one| {
        let mut new = NewFact::new(one.kind, one.at, one.actor, &one.fact);
        new.claimed_at = claimed_at;
        new.personal = one.personal.into_iter().map(Into::into).collect();
        new
    });
    let facts = facts.collect();
    unit.append(stream, expected, facts).await?;
    Ok(())
}

/// Brings the tables from some states, none where there was none, to the next.
pub(crate) async fn write<K: Kept>(tx: &mut Tx, steps: &[(Option<&K>, &K)]) -> Result<(), StoreError> {
    let (mut files, mut parts, mut put, mut gone) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for (before, after) in steps {
        files.push(after.file());
        let (old_parts, old_clocks) = before.map_or_else(Default::default, |one| (one.parts(), one.clock_rows()));
        parts.extend(after.parts().into_iter().filter(|row| !old_parts.contains(row)));
        let clocks = after.clock_rows();
        let left = old_clocks.iter().filter(|old| !clocks.iter().any(|new| new[..2] == old[..2]));
        gone.extend(left.map(|row| row[..2].to_vec()));
        put.extend(clocks.into_iter().filter(|row| !old_clocks.contains(row)));
    }
    let (table, columns) = K::TABLE;
    let changes: Vec<String> = K::CHANGES.iter().map(|column| format!("{column} = excluded.{column}")).collect();
    let head = format!("insert into {table} ({}) values", columns.join(", "));
    let files = Sql::insert_rows(
        &head,
        columns.len(),
        files,
        &format!("on conflict (id) do update set {}", changes.join(", ")),
    );
    let head = "insert into summons (call_id, no, organization, state, open, due_at) values";
    let tail = "on conflict (call_id, no) do update set state = excluded.state, open = excluded.open, \
         due_at = excluded.due_at";
    let parts = Sql::insert_rows(head, 6, parts, tail);
    for statement in files.into_iter().chain(parts).chain(store::delete_rows("clock", &["owner", "key"], gone)) {
        tx.run(statement).await?;
    }
    put_clocks(tx, put).await
}
