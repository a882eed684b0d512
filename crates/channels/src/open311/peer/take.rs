//! One request of another system becomes a case, once.

use casework::case::{Action, Caller, Channel, Command as CaseCommand, Hand, Location, Register, Reopen, Reporter};
use casework::case::{CaseId, Withdraw, Words};
use casework::{ActRefusal, Opening};
use district::Profile;
use journal::{Ahead, Command, Declined, SubmitError, Unit};
use kernel::Refusal;
use kernel::text::{Language, text};
use platform::Edge;

use super::super::receive::kind;
use super::poll::{PollError, Poller};
use super::table;
use super::theirs::Theirs;

/// The longest text that a case takes, in characters, less some.
const WORDS: usize = 7_000;

/// Registers the case and puts their request down as taken, in one transaction.
struct TakeIn {
    opening: Opening,
    peer: String,
    id: String,
    is_open: bool,
}

enum TakeRefusal {
    /// Another node was quicker.
    Taken,
    Case(ActRefusal),
}

impl Command for TakeIn {
    type Output = CaseId;
    type Refusal = TakeRefusal;

    fn foresee(&self, ahead: &mut Ahead) {
        self.opening.foresee(ahead);
    }

    async fn decide(&self, unit: &mut Unit) -> Result<CaseId, Declined<TakeRefusal>> {
        if table::taken(unit.tx().await?, &self.peer, &self.id).await?.is_some() {
            return Err(Declined::Refused(TakeRefusal::Taken));
        }
        let opened = self.opening.decide(unit).await.map_err(|declined| match declined {
            Declined::Refused(why) => Declined::Refused(TakeRefusal::Case(why)),
            Declined::Failed(error) => Declined::Failed(error),
        })?;
        let case = opened.id.to_string();
        table::put(unit.tx().await?, (&self.peer, &self.id), Ok(&case), self.is_open).await?;
        Ok(opened.id)
    }
}

impl Poller {
    /// Takes a request that was never seen: as a case where its service is one of ours and it is still open, else only as seen.
    /// Whether a case was made.
    pub(super) async fn take(&self, theirs: &Theirs, edge: &Edge) -> Result<bool, PollError> {
        let Some(matter) = self.peer().services.get(&theirs.service_code) else { return Ok(false) };
        if !theirs.is_open {
            self.pass_over(theirs, "closed").await?;
            return Ok(false);
        }
        let mut submission = edge.submission(None);
        let subject = format!("reporter/{}", submission.chance.uuid());
        let Some(register) = register(self.profile(), theirs, matter, subject, submission.at) else {
            self.pass_over(theirs, "matter").await?;
            return Ok(false);
        };
        let hand = Hand::System { name: format!("open311/{}", self.peer().key) };
        let caller = Caller::new(hand, [Action::Register]);
        let opening = Opening::registering(caller, register, self.casework().book());
        let (peer, id) = (self.peer().key.clone(), theirs.id.clone());
        let take = TakeIn { opening, peer, id, is_open: true };
        match self.casework().journal().submit(take, submission).await {
            Ok(_) => Ok(true),
            Err(SubmitError::Refused(TakeRefusal::Taken)) => Ok(false),
            Err(SubmitError::Refused(TakeRefusal::Case(why))) => {
                self.pass_over(theirs, Refusal::from(&why).code).await?;
                Ok(false)
            }
            Err(error) => Err(PollError::Command(format!("{:?}", Failed(&error)))),
        }
    }

    /// It is seen, and never looked at again.
    async fn pass_over(&self, theirs: &Theirs, reason: &str) -> Result<(), PollError> {
        let mut tx = self.casework().journal().db().begin().await.map_err(journal::JournalError::from)?;
        let key = (self.peer().key.as_str(), theirs.id.as_str());
        table::put(&mut tx, key, Err(reason), theirs.is_open).await.map_err(journal::JournalError::from)?;
        tx.commit().await.map_err(journal::JournalError::from)?;
        Ok(())
    }

    /// Brings a case in step with what they say of it: withdrawn when it was closed there, open again when it was opened there.
    /// It is the reporter who withdraws: the other system speaks for it. Whether the case changed.
    pub(super) async fn step(&self, theirs: &Theirs, taken: &table::Taken, edge: &Edge) -> Result<bool, PollError> {
        let id = taken.case.as_deref().and_then(|case| case.parse::<CaseId>().ok());
        let (Some(id), true) = (id, theirs.is_open != taken.is_open) else { return Ok(false) };
        let Some(case) = self.casework().case(id).await? else { return Ok(false) };
        let mut acted = false;
        // Where the reporter was erased nobody can speak for it any more.
        if let (Some(subject), true) = (&case.reporter, case.is_closed() == theirs.is_open) {
            let said = theirs.status_notes.as_deref().unwrap_or_default();
            let code = if theirs.is_open { "open311-peer-reopened" } else { "open311-peer-closed" };
            let values = [("peer", self.peer().key.clone())].into();
            let words = format!("{} {said}", text(Language::Chinese, code, &values));
            let reason = Words::new(words.chars().take(WORDS).collect::<String>());
            let reason = reason.map_err(|why| PollError::Command(why.to_string()))?;
            let command = match theirs.is_open {
                true => CaseCommand::Reopen(Reopen { reason }),
                false => CaseCommand::Withdraw(Withdraw { reason }),
            };
            let caller = Caller::new(Hand::Resident { subject: subject.clone() }, []);
            match self.casework().act(caller, None, id, None, command, edge.submission(None)).await {
                Ok(_) => acted = true,
                // Closed by the desk meanwhile, or too late to be opened again: what stands here stands.
                Err(SubmitError::Refused(why)) => {
                    tracing::info!(peer = self.peer().key, code = Refusal::from(&why).code, "not kept in step");
                }
                Err(error) => return Err(PollError::Command(error.to_string())),
            }
        }
        table::set_open(self.casework().journal().db(), &self.peer().key, &theirs.id, theirs.is_open).await?;
        Ok(acted)
    }
}

struct Failed<'a, R>(&'a SubmitError<R>);

impl<R> std::fmt::Debug for Failed<'_, R> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.0 {
            SubmitError::Failed(error) | SubmitError::Unknown(error) => write!(f, "{error}"),
            _ => f.write_str("it was not carried out"),
        }
    }
}

/// Nothing where the matter is not valid today.
fn register(
    profile: &Profile,
    theirs: &Theirs,
    matter: &str,
    subject: String,
    now: kernel::Instant,
) -> Option<Register> {
    let matter = profile.matters.at(matter, now)?;
    let said = theirs.description.as_deref().or(theirs.service_name.as_deref()).unwrap_or(&matter.name.zh);
    let words: String = said.chars().take(WORDS).collect();
    let location = theirs.point.map_or(Location::Unknown, |point| Location::of(&profile.territory, point, now));
    Some(Register {
        channel: Channel::Open311,
        kind: kind(matter.kind),
        words: Words::new(words).ok()?,
        reporter: Some(Reporter { subject, name: None, phone: None, email: None }),
        address: theirs.address.clone(),
        location,
        desk: None,
        matter: Some(matter.code.clone()),
        urgency: None,
        declares_secret: false,
        confidentiality: None,
        outer: None,
        evidence: Vec::new(),
    })
}
