//! One pass over all facts, stream by stream: the hash of what is public, personal values, clocks.

use std::collections::BTreeMap;

use casework::call::CallFact;
use casework::card::{CardEvent, CardFact};
use casework::case::{CaseFact, TIMEKEEPER, Timer};
use journal::{Fact, JournalError, tail};
use kernel::{Actor, CalendarPlan, Digest, Instant};
use sha2::{Digest as _, Sha256};
use store::Db;

use super::cards::Card;
use super::clocks::{self, Question};
use super::streams::{Ends, Stream};
use super::{CheckError, Checked, Violation};
use crate::words::MARK;

/// Facts read at a time.
const BLOCK: i64 = 4_000;

/// What the pass came upon for the checks after it.
#[derive(Default)]
pub(super) struct Found {
    /// Cards as they were proposed.
    pub cards: Vec<Card>,
    /// Streams of calls, cards and outages.
    pub streams: Vec<String>,
}

pub(super) async fn check(
    db: &Db,
    (plan, later): (&CalendarPlan, Option<(Instant, &CalendarPlan)>),
    ends: &Ends,
    checked: &mut Checked,
) -> Result<Found, CheckError> {
    let mut digests = Digests::default();
    let mut found = Found::default();
    let mut stream = Stream::default();
    let mut after = (String::new(), 0);
    let mut before = Instant::EPOCH;
    let mut facts = tail::by_stream(&mut &*db, "", (&after.0, after.1), BLOCK).await?;
    while let Some(last) = facts.last() {
        let (mut questions, mut asked_later) = (Vec::new(), Vec::new());
        for fact in &facts {
            if fact.stream != stream.name {
                checked.extend(stream.end(ends));
                stream = Stream::named(&fact.stream);
                checked.streams += 1;
                if !fact.stream.starts_with("case/") {
                    found.streams.push(fact.stream.clone());
                }
                before = fact.at;
            }
            if fact.at < before || fact.effective_at > fact.at {
                checked.add(Violation::RanBack { stream: fact.stream.clone(), version: fact.version });
            }
            before = fact.at;
            checked.facts += 1;
            checked.kept_time += u64::from(fact.actor == Actor::system(TIMEKEEPER));
            digests.take(fact);
            if says_something_personal(&fact.body) {
                checked.add(Violation::Personal { stream: fact.stream.clone(), version: fact.version });
            }
            match read(fact, &mut stream, &mut found) {
                Ok(clocks) => {
                    let by_later = later.is_some_and(|(from, _)| fact.at >= from);
                    let asked = if by_later { &mut asked_later } else { &mut questions };
                    ask(fact, clocks, &mut stream.clocks, asked);
                }
                Err(error) => {
                    let (stream, version, reason) = (fact.stream.clone(), fact.version, error.to_string());
                    checked.add(Violation::Unreadable { stream, version, reason });
                }
            }
        }
        after = (last.stream.clone(), last.version);
        checked.clocks += (questions.len() + asked_later.len()) as u64;
        // The next block is read while this one's clocks are counted a second time.
        let mut read = db;
        let next = tail::by_stream(&mut read, "", (&after.0, after.1), BLOCK);
        let (answers, next) = tokio::join!(clocks::answer(plan.clone(), questions), next);
        checked.extend(answers);
        if let Some((_, plan)) = later {
            checked.extend(clocks::answer(plan.clone(), asked_later).await);
        }
        facts = next?;
    }
    checked.extend(stream.end(ends));
    checked.hash = digests.end();
    Ok(found)
}

/// Every personal value of a simulated person begins with the mark.
fn says_something_personal(body: &[u8]) -> bool {
    let mark = MARK.as_bytes();
    body.windows(mark.len()).any(|window| window == mark)
}

/// The clocks a fact changed, by their names.
fn read(fact: &Fact, stream: &mut Stream, found: &mut Found) -> Result<Vec<(String, Timer)>, JournalError> {
    Ok(match fact.stream.split_once('/') {
        Some(("case", _)) => {
            let read: CaseFact = fact.read()?;
            read.clocks.into_iter().map(|(key, timer)| (key.to_string(), timer)).collect()
        }
        Some(("call", _)) => {
            let read: CallFact = fact.read()?;
            stream.hear(&read);
            read.clocks.into_iter().map(|(key, timer)| (key.to_string(), timer)).collect()
        }
        Some(("card", _)) => {
            let read: CardFact = fact.read()?;
            if let CardEvent::Proposed(proposed) = read.event {
                found.cards.push(Card { stream: fact.stream.clone(), proposed: *proposed });
            }
            read.clocks.into_iter().map(|(key, timer)| (key.name().to_owned(), timer)).collect()
        }
        _ => Vec::new(),
    })
}

/// Asks for every clock that a fact changed, save where only its state did.
fn ask(fact: &Fact, clocks: Vec<(String, Timer)>, known: &mut BTreeMap<String, Timer>, questions: &mut Vec<Question>) {
    for (key, timer) in clocks {
        let counted_before = known.get(&key).is_some_and(|before| clocks::counts_alike(before, &timer));
        questions.push(Question {
            stream: fact.stream.clone(),
            version: fact.version,
            key: key.clone(),
            timer: timer.clone(),
            counted_before,
        });
        known.insert(key, timer);
    }
}

/// A hash a stream, and one over all of them in the order of their names, whatever order the store has.
#[derive(Default)]
struct Digests {
    streams: BTreeMap<String, Digest>,
    current: Option<(String, Sha256)>,
}

impl Digests {
    fn take(&mut self, fact: &Fact) {
        if self.current.as_ref().is_none_or(|(stream, _)| *stream != fact.stream) {
            self.close();
            self.current = Some((fact.stream.clone(), Sha256::new()));
        }
        let Some((_, hash)) = &mut self.current else { return };
        let actor = kernel::canonical_json(&fact.actor);
        let claimed = fact.claimed_at.map(|at| at.micros().to_be_bytes());
        let digest = Digest::of(&[
            &fact.version.to_be_bytes(),
            fact.kind.as_bytes(),
            &fact.at.micros().to_be_bytes(),
            claimed.as_ref().map_or(&[], |bytes| bytes.as_slice()),
            &fact.effective_at.micros().to_be_bytes(),
            &actor,
            &fact.body,
        ]);
        hash.update(digest.0);
    }

    fn close(&mut self) {
        if let Some((stream, hash)) = self.current.take() {
            self.streams.insert(stream, Digest(hash.finalize().into()));
        }
    }

    fn end(mut self) -> String {
        self.close();
        let mut hash = Sha256::new();
        for (stream, digest) in &self.streams {
            hash.update(Digest::of(&[stream.as_bytes(), &digest.0]).0);
        }
        Digest(hash.finalize().into()).hex()
    }
}
