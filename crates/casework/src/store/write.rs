//! Commands as the journal runs them.

use std::sync::Arc;

use journal::{Declined, JournalError, NewFact, Unit};
use kernel::{Chance, Instant};

use super::rows;
use super::{ActRefusal, read};
use crate::case::{
    Caller, Case, CaseId, CaseRefusal, CaseState, Command, Context, Decided, Decision, Grouping, Register, Rulebook,
    Settle, decide, register, settle,
};

/// Opens a case.
pub struct Opening {
    pub(crate) caller: Caller,
    pub(crate) claimed_at: Option<Instant>,
    pub(crate) what: What,
    pub(crate) book: Arc<Rulebook>,
}

pub(crate) enum What {
    Register(Register),
    Settle(Settle),
}

/// A case just opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opened {
    pub id: CaseId,
    /// What people quote: the district's date and eight letters and digits.
    pub number: String,
    pub state: CaseState,
    /// A check of what was settled on the spot was drawn.
    pub sampled: bool,
}

/// Acts on a case.
pub struct Act {
    pub(crate) caller: Caller,
    pub(crate) claimed_at: Option<Instant>,
    pub(crate) case: CaseId,
    pub(crate) expected: Option<i64>,
    pub(crate) command: Command,
    pub(crate) book: Arc<Rulebook>,
}

/// A case after a command.
#[derive(Clone, Debug, PartialEq)]
pub struct Acted {
    pub case: Box<Case>,
    /// How many facts the command made on it.
    pub facts: usize,
}

impl journal::Command for Opening {
    type Output = Opened;
    type Refusal = ActRefusal;

    async fn decide(&self, unit: &mut Unit) -> Result<Opened, Declined<ActRefusal>> {
        let id = CaseId::draw(unit.chance());
        let number = number(self.claimed_at.unwrap_or(unit.at()), &self.book, unit.chance());
        let cx = context(unit, &self.book, &self.caller, self.claimed_at, None);
        let decided = match &self.what {
            What::Register(command) => register(command, &number, &cx),
            What::Settle(command) => settle(command, &number, &cx),
        };
        let decided = refuse(decided)?;
        let mut facts = decided.iter().map(|one| &one.fact);
        let mut case = facts.next().and_then(|first| Case::open(id, first)).expect("the first fact registers");
        facts.for_each(|fact| case.apply(fact));
        let opened = Opened { id, number, state: case.state(), sampled: case.sample == crate::case::Sample::Drawn };
        open(unit, &case, decided, self.claimed_at).await?;
        Ok(opened)
    }
}

impl journal::Command for Act {
    type Output = Acted;
    type Refusal = ActRefusal;

    async fn decide(&self, unit: &mut Unit) -> Result<Acted, Declined<ActRefusal>> {
        let Some(case) = read::case(unit.tx(), self.case).await? else {
            return Err(Declined::Refused(ActRefusal::NotFound));
        };
        if let Some(expected) = self.expected.filter(|expected| *expected != case.version) {
            return Err(Declined::Refused(ActRefusal::Stale { expected, actual: case.version }));
        }
        let head = match self.head(&case) {
            Some(id) => read::case(unit.tx(), id).await?,
            None => None,
        };
        if let (Command::Group(_), None) = (&self.command, &head) {
            return Err(Declined::Refused(ActRefusal::NotFound));
        }
        let cx = context(unit, &self.book, &self.caller, self.claimed_at, head.as_ref());
        let decided = refuse(decide(&case, &self.command, &cx))?;
        let others = match (&self.command, &head) {
            (Command::Group(_), Some(head)) => Some((head, head.take_member(case.id, &cx))),
            (Command::Ungroup(_), Some(head)) => Some((head, head.let_member_go(case.id, &cx))),
            _ => None,
        };
        if let Some((head, fact)) = others {
            store(unit, head, vec![fact], self.claimed_at).await?;
        }
        let facts = decided.len();
        let case = store(unit, &case, decided, self.claimed_at).await?;
        Ok(Acted { case: Box::new(case), facts })
    }
}

impl Act {
    /// The other case the decision needs: the one named, or the one this is grouped under.
    fn head(&self, case: &Case) -> Option<CaseId> {
        match (&self.command, &case.group) {
            (Command::Group(group), _) => Some(group.head),
            (Command::Ungroup(_) | Command::Close(_), Grouping::Member { head }) => Some(*head),
            _ => None,
        }
    }
}

fn context<'a>(
    unit: &mut Unit,
    book: &'a Rulebook,
    caller: &'a Caller,
    claimed_at: Option<Instant>,
    head: Option<&'a Case>,
) -> Context<'a> {
    Context { book, at: unit.at(), claimed_at, caller, draw: unit.chance().unit(), head }
}

fn refuse(decision: Decision) -> Result<Vec<Decided>, Declined<ActRefusal>> {
    decision.map_err(|why: CaseRefusal| Declined::Refused(ActRefusal::Case(why)))
}

/// Begins a case with its first facts, which `case` has applied.
pub(crate) async fn open(
    unit: &mut Unit,
    case: &Case,
    decided: Vec<Decided>,
    claimed_at: Option<Instant>,
) -> Result<(), JournalError> {
    append(unit, case, 0, decided, claimed_at).await?;
    Ok(rows::insert(unit.tx(), case).await?)
}

/// Appends facts to a case and brings its rows up to them.
pub(crate) async fn store(
    unit: &mut Unit,
    case: &Case,
    decided: Vec<Decided>,
    claimed_at: Option<Instant>,
) -> Result<Case, JournalError> {
    let mut after = case.clone();
    decided.iter().for_each(|one| after.apply(&one.fact));
    if decided.is_empty() {
        return Ok(after);
    }
    append(unit, case, case.version, decided, claimed_at).await?;
    rows::update(unit.tx(), case, &after).await?;
    Ok(after)
}

async fn append(
    unit: &mut Unit,
    case: &Case,
    expected: i64,
    decided: Vec<Decided>,
    claimed_at: Option<Instant>,
) -> Result<(), JournalError> {
    let facts = decided
        .into_iter()
        .map(|Decided { fact, personal }| {
            let mut new = NewFact::new(fact.event.kind(), fact.at, fact.hand.actor(), &fact);
            new.claimed_at = claimed_at;
            new.personal = personal.into_iter().map(Into::into).collect();
            new
        })
        .collect();
    unit.append(&rows::stream(case), expected, facts).await?;
    Ok(())
}

/// `20260301-7K3M9QXA`: the district's date, then eight of 32 letters and digits that are not mistaken for others. Drawn,
/// so that it tells nobody how many cases there are; the tables hold numbers apart.
pub(crate) fn number(at: Instant, book: &Rulebook, chance: &mut Chance) -> String {
    const LETTERS: &[u8; 32] = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZ";
    let date = book.calendar.date(at);
    let drawn = chance.bytes::<8>().map(|byte| char::from(LETTERS[usize::from(byte % 32)]));
    let drawn: String = drawn.into_iter().collect();
    format!("{:04}{:02}{:02}-{drawn}", date.year(), date.month(), date.day())
}
