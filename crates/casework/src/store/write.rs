//! Commands as the journal runs them.

use std::sync::Arc;

use journal::{Ahead, Declined, JournalError, NewFact, Unit};
use kernel::{Chance, Instant};

use super::slate::Cases;
use super::{ActRefusal, Casework, rows};
use crate::case::{
    Caller, Case, CaseId, CaseRefusal, CaseState, Command, Context, Decided, Decision, Grouping, Hand, Register,
    Rulebook, Settle, decide, register, settle,
};

/// Opens a case.
pub struct Opening {
    pub(crate) caller: Caller,
    pub(crate) claimed_at: Option<Instant>,
    pub(crate) what: What,
    /// Files that it rests on: they must still be there.
    pub(crate) files: Arc<[String]>,
    pub(crate) book: Arc<Rulebook>,
}

pub(crate) enum What {
    Register(Register),
    Settle(Settle),
}

impl Opening {
    /// Registers a case, for a command that does more with it in the same transaction.
    pub fn registering(caller: Caller, register: Register, book: Arc<Rulebook>) -> Opening {
        Opening { caller, claimed_at: None, what: What::Register(register), files: Arc::default(), book }
    }
}

/// A case just opened.
#[derive(Clone, Debug, PartialEq)]
pub struct Opened {
    pub id: CaseId,
    /// What people quote: the district's date and eight letters and digits.
    pub number: String,
    pub state: CaseState,
    /// A check of what was settled on the spot was drawn.
    pub sampled: bool,
    pub case: Arc<Case>,
}

/// Acts on a case.
pub struct Act {
    pub(crate) caller: Caller,
    pub(crate) claimed_at: Option<Instant>,
    pub(crate) case: CaseId,
    pub(crate) expected: Option<i64>,
    pub(crate) command: Command,
    pub(crate) files: Arc<[String]>,
    pub(crate) book: Arc<Rulebook>,
}

/// A case after a command.
#[derive(Clone, Debug, PartialEq)]
pub struct Acted {
    pub case: Arc<Case>,
    /// How many facts the command made on it.
    pub facts: usize,
    /// The head of a group it was taken into or let go from.
    pub head: Option<Arc<Case>>,
}

impl journal::Command for Opening {
    type Output = Opened;
    type Refusal = ActRefusal;

    fn foresee(&self, ahead: &mut Ahead) {
        let (What::Register(register) | What::Settle(Settle { register })) = &self.what;
        if let Some(reporter) = &register.reporter {
            ahead.seal_for(&reporter.subject);
        }
        self.caller.foresee_words(ahead);
    }

    async fn decide(&self, unit: &mut Unit) -> Result<Opened, Declined<ActRefusal>> {
        Casework::check_files(unit, &self.files, ActRefusal::File).await?;
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
        let (state, sampled) = (case.state(), case.sample == crate::case::Sample::Drawn);
        let case = open(unit, case, decided, self.claimed_at).await?;
        Ok(Opened { id, number, state, sampled, case })
    }
}

impl journal::Command for Act {
    type Output = Acted;
    type Refusal = ActRefusal;

    fn foresee(&self, ahead: &mut Ahead) {
        ahead.want::<Cases>(self.case.to_string());
        if let Command::Group(group) = &self.command {
            ahead.want::<Cases>(group.head.to_string());
        }
        self.caller.foresee_words(ahead);
    }

    async fn decide(&self, unit: &mut Unit) -> Result<Acted, Declined<ActRefusal>> {
        Casework::check_files(unit, &self.files, ActRefusal::File).await?;
        let Some(case) = Cases::load(unit, self.case).await? else {
            return Err(Declined::Refused(ActRefusal::NotFound));
        };
        if let Some(expected) = self.expected.filter(|expected| *expected != case.version) {
            return Err(Declined::Refused(ActRefusal::Stale { expected, actual: case.version }));
        }
        let head = match self.head(&case) {
            Some(id) => Cases::load(unit, id).await?,
            None => None,
        };
        if let (Command::Group(_), None) = (&self.command, &head) {
            return Err(Declined::Refused(ActRefusal::NotFound));
        }
        let cx = context(unit, &self.book, &self.caller, self.claimed_at, head.as_deref());
        let decided = refuse(decide(&case, &self.command, &cx))?;
        let others = match (&self.command, &head) {
            (Command::Group(_), Some(head)) => Some((head, head.take_member(case.id, &cx))),
            (Command::Ungroup(_), Some(head)) => Some((head, head.let_member_go(case.id, &cx))),
            _ => None,
        };
        let head = match others {
            Some((head, fact)) => Some(store(unit, head, vec![fact], self.claimed_at).await?),
            None => None,
        };
        let facts = decided.len();
        let case = store(unit, &case, decided, self.claimed_at).await?;
        Ok(Acted { case, facts, head })
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

impl Caller {
    /// What this hand writes is sealed under its own key; a system writes nothing.
    pub(crate) fn foresee_words(&self, ahead: &mut Ahead) {
        if !matches!(self.hand, Hand::System { .. }) {
            ahead.seal_for(&self.hand.subject());
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
    case: Case,
    decided: Vec<Decided>,
    claimed_at: Option<Instant>,
) -> Result<Arc<Case>, JournalError> {
    append(unit, &case, 0, decided, claimed_at).await?;
    let case = Arc::new(case);
    Cases::keep(unit, case.clone());
    Ok(case)
}

/// Appends facts to a case and keeps it as they leave it.
pub(crate) async fn store(
    unit: &mut Unit,
    case: &Arc<Case>,
    decided: Vec<Decided>,
    claimed_at: Option<Instant>,
) -> Result<Arc<Case>, JournalError> {
    if decided.is_empty() {
        return Ok(case.clone());
    }
    let mut after = Case::clone(case);
    decided.iter().for_each(|one| after.apply(&one.fact));
    append(unit, case, case.version, decided, claimed_at).await?;
    let after = Arc::new(after);
    Cases::keep(unit, after.clone());
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
