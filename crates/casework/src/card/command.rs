//! Commands on a card: who, in which state, with what evidence.

use district::cards::{Cards, Colour, Ground};
use kernel::{ClockState, Instant, Stay};
use serde::{Deserialize, Serialize};

use super::{
    About, Card, CardClock, CardEvent, CardRefusal, Decided, Decision, FactRef, Proposed, Rectification, Standing,
};
use crate::case::{Action, Context, Evidence, Timer, Words};

/// One act on a card. Its JSON is the command's fields and a field `command` that names it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "command", rename_all = "snake_case")]
pub enum Command {
    Issue(Issue),
    Dismiss(Dismiss),
    Void(Void),
    AppealAgainst(AppealAgainst),
    DecideAppeal(DecideAppeal),
    RecordTalk(RecordTalk),
    Rectify(Rectify),
    ReturnRectification(ReturnRectification),
    Cancel(Cancel),
    RunOut(RunOut),
    ExcludeOutage(ExcludeOutage),
}

/// Proposes a card. Who: the timekeeper; a post with `card.issue` in the supervision office. With: at least one fact as
/// evidence.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Propose {
    pub colour: Colour,
    pub ground: Ground,
    pub organization: String,
    pub about: About,
    pub evidence: Vec<FactRef>,
    /// When the ground came about.
    pub since: Instant,
}

/// Issues a proposed card; a red one with its supervision order. Who: `card.issue` in the supervision office.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Issue {
    pub words: Words,
}

/// Does not issue a proposed card. Who: as for [`Issue`]. With: the reason.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Dismiss {
    pub reason: Words,
}

/// Takes a card back whose ground fell away with an outage (PRACTICE 17). Who: the timekeeper. State: not yet settled.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Void {}

/// Appeals. Who: `card.appeal` in the carded organization. State: issued, within the profile's appeal limit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AppealAgainst {
    pub words: Words,
}

/// Decides an appeal. Who: `card.issue` in the supervision office, another person than the issuer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DecideAppeal {
    pub upheld: bool,
    pub reason: Words,
}

/// Records the talk that a red card brings. Who: `card.issue` in the supervision office. State: in force, red.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RecordTalk {
    pub words: Words,
}

/// Reports the rectification of a red card. Who: `card.appeal` in the carded organization. With: evidence.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rectify {
    pub evidence: Vec<Evidence>,
    pub words: Words,
}

/// Finds a rectification not good enough: it is to be done again, in the same limit anew. Who: as for [`Issue`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReturnRectification {
    pub reason: Words,
}

/// Cancels a red card whose talk was held and whose rectification is done. Who: as for [`Issue`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Cancel {
    pub words: Words,
}

/// Records that a clock of the card ran out, effective when it was due. Who: the timekeeper.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunOut {
    pub clock: CardClock,
}

/// Leaves a declared outage out of every clock that ran in it (PRACTICE 17). Who: the timekeeper.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ExcludeOutage {
    pub from: Instant,
    pub until: Instant,
}

impl Command {
    /// Names of all commands, the one that opens a card first.
    pub const NAMES: [&'static str; 12] = [
        "propose_card",
        "issue",
        "dismiss",
        "void",
        "appeal_against",
        "decide_appeal",
        "record_talk",
        "rectify",
        "return_rectification",
        "cancel",
        "run_out",
        "exclude_outage",
    ];

    pub fn name(&self) -> &'static str {
        match self {
            Command::Issue(_) => "issue",
            Command::Dismiss(_) => "dismiss",
            Command::Void(_) => "void",
            Command::AppealAgainst(_) => "appeal_against",
            Command::DecideAppeal(_) => "decide_appeal",
            Command::RecordTalk(_) => "record_talk",
            Command::Rectify(_) => "rectify",
            Command::ReturnRectification(_) => "return_rectification",
            Command::Cancel(_) => "cancel",
            Command::RunOut(_) => "run_out",
            Command::ExcludeOutage(_) => "exclude_outage",
        }
    }

    pub(super) fn decide(&self, card: &Card, cards: &Cards, cx: &Context) -> Decision {
        match self {
            Command::Issue(command) => command.decide(card, cards, cx),
            Command::Dismiss(command) => command.decide(card, cx),
            Command::Void(_) => void(card, cx),
            Command::AppealAgainst(command) => command.decide(card, cx),
            Command::DecideAppeal(command) => command.decide(card, cx),
            Command::RecordTalk(command) => command.decide(card, cx),
            Command::Rectify(command) => command.decide(card, cx),
            Command::ReturnRectification(command) => command.decide(card, cards, cx),
            Command::Cancel(command) => command.decide(card, cx),
            Command::RunOut(command) => command.decide(card, cx),
            Command::ExcludeOutage(command) => command.decide(card, cx),
        }
    }
}

impl Propose {
    /// `exists`: the card of this occurrence is on record already.
    pub fn decide(&self, exists: bool, cx: &Context) -> Decision {
        if cx.require_timekeeper().is_err() {
            office(cx)?;
        }
        if exists {
            return Err(CardRefusal::AlreadyProposed);
        }
        if self.evidence.is_empty() {
            return Err(CardRefusal::EvidenceMissing);
        }
        if !cx.book.organizations.contains_key(&self.organization) {
            return Err(CardRefusal::UnknownOrganization { code: self.organization.clone() });
        }
        let proposed = Proposed {
            colour: self.colour,
            ground: self.ground,
            organization: self.organization.clone(),
            about: self.about.clone(),
            evidence: self.evidence.clone(),
        };
        let mut decided = Decided::new(cx, CardEvent::Proposed(Box::new(proposed)));
        decided.fact.at = self.since.min(cx.at);
        Ok(vec![decided])
    }
}

impl Issue {
    fn decide(&self, card: &Card, cards: &Cards, cx: &Context) -> Decision {
        office(cx)?;
        if card.standing != Standing::Proposed {
            return Err(wrong("issue", card));
        }
        let at = cx.effective_at();
        let start = |limit| Timer::unreminded(cx.book, &card.organization, at, limit);
        let appeal = (CardClock::Appeal, start(cards.appeal));
        let follow = cards.rule.iter().find(|rule| rule.ground == Ground::YellowUnanswered).and_then(|rule| rule.after);
        let follow = follow.filter(|_| card.colour == Colour::Yellow && card.ground == Ground::Lapse);
        let issued = Decided::new(cx, CardEvent::Issued)
            .clocks([appeal])
            .clocks(follow.map(|after| (CardClock::Follow, start(after))))
            .says(cx, "words", &self.words);
        let mut facts = vec![issued];
        if card.colour == Colour::Red {
            let clock = (CardClock::Rectification, start(cards.rectification));
            facts.push(Decided::new(cx, CardEvent::SupervisionOrdered).clocks([clock]));
        }
        Ok(facts)
    }
}

impl Dismiss {
    fn decide(&self, card: &Card, cx: &Context) -> Decision {
        office(cx)?;
        if card.standing != Standing::Proposed {
            return Err(wrong("dismiss", card));
        }
        Ok(vec![Decided::new(cx, CardEvent::Dismissed).says(cx, "reason", &self.reason)])
    }
}

fn void(card: &Card, cx: &Context) -> Decision {
    timekeeper(cx)?;
    if matches!(card.standing, Standing::Dismissed { .. } | Standing::Void { .. } | Standing::Revoked { .. }) {
        return Err(wrong("void", card));
    }
    Ok(vec![Decided::new(cx, CardEvent::Void).clocks(card.ending(cx))])
}

impl AppealAgainst {
    fn decide(&self, card: &Card, cx: &Context) -> Decision {
        own(card, cx)?;
        if !matches!(card.standing, Standing::Issued { .. }) {
            return Err(wrong("appeal_against", card));
        }
        let at = cx.effective_at();
        let clock = card.clocks.get(&CardClock::Appeal);
        if let Some(until) = clock.map(Timer::due_at).filter(|until| at > *until) {
            return Err(CardRefusal::AppealWindowOver { until });
        }
        let stopped = clock.map(|clock| (CardClock::Appeal, clock.stopped(at)));
        Ok(vec![Decided::new(cx, CardEvent::Appealed).clocks(stopped).says(cx, "words", &self.words)])
    }
}

impl DecideAppeal {
    fn decide(&self, card: &Card, cx: &Context) -> Decision {
        office(cx)?;
        if !matches!(card.standing, Standing::Appealed { .. }) {
            return Err(wrong("decide_appeal", card));
        }
        if card.issuer.is_some() && card.issuer.as_deref() == cx.caller.hand.person() {
            return Err(CardRefusal::SamePerson);
        }
        let ended = if self.upheld { Vec::new() } else { card.ending(cx) };
        let decided = Decided::new(cx, CardEvent::AppealDecided { upheld: self.upheld }).clocks(ended);
        Ok(vec![decided.says(cx, "reason", &self.reason)])
    }
}

impl RecordTalk {
    fn decide(&self, card: &Card, cx: &Context) -> Decision {
        office(cx)?;
        card.must_be_red_in_force("record_talk")?;
        Ok(vec![Decided::new(cx, CardEvent::TalkRecorded).says(cx, "words", &self.words)])
    }
}

impl Rectify {
    fn decide(&self, card: &Card, cx: &Context) -> Decision {
        own(card, cx)?;
        if *card.must_be_red_in_force("rectify")? != Rectification::Ordered {
            return Err(wrong("rectify", card));
        }
        if self.evidence.is_empty() {
            return Err(CardRefusal::EvidenceMissing);
        }
        let at = cx.effective_at();
        let stopped = card.clocks.get(&CardClock::Rectification).map(|clock| clock.stopped(at));
        let decided = Decided::new(cx, CardEvent::Rectified { evidence: self.evidence.clone() })
            .clocks(stopped.map(|clock| (CardClock::Rectification, clock)))
            .says(cx, "words", &self.words);
        Ok(vec![decided])
    }
}

impl ReturnRectification {
    fn decide(&self, card: &Card, cards: &Cards, cx: &Context) -> Decision {
        office(cx)?;
        if !matches!(card.must_be_red_in_force("return_rectification")?, Rectification::Reported { .. }) {
            return Err(CardRefusal::NotRectified);
        }
        let again = Timer::unreminded(cx.book, &card.organization, cx.effective_at(), cards.rectification);
        let decided = Decided::new(cx, CardEvent::RectificationReturned)
            .clocks([(CardClock::Rectification, again)])
            .says(cx, "reason", &self.reason);
        Ok(vec![decided])
    }
}

impl Cancel {
    fn decide(&self, card: &Card, cx: &Context) -> Decision {
        office(cx)?;
        let work = card.must_be_red_in_force("cancel")?;
        if matches!(card.standing, Standing::Appealed { .. }) {
            return Err(wrong("cancel", card));
        }
        if !matches!(work, Rectification::Reported { .. }) {
            return Err(CardRefusal::NotRectified);
        }
        if !card.talked {
            return Err(CardRefusal::TalkMissing);
        }
        Ok(vec![Decided::new(cx, CardEvent::Cancelled).clocks(card.ending(cx)).says(cx, "words", &self.words)])
    }
}

impl RunOut {
    fn decide(&self, card: &Card, cx: &Context) -> Decision {
        timekeeper(cx)?;
        let clock = self.clock;
        let timer = card.clocks.get(&clock).filter(|timer| timer.is_running());
        let timer = timer.ok_or(CardRefusal::ClockNotRunning { clock })?;
        let due = timer.due_at();
        if cx.at <= due {
            return Err(CardRefusal::NotYetDue { clock, due });
        }
        // Only a rectification can be late; the other two limits simply end.
        let after = if clock == CardClock::Rectification { timer.lapsed(cx.at) } else { Some(timer.stopped(due)) };
        let mut decided = Decided::new(cx, CardEvent::RanOut { clock }).clocks(after.map(|after| (clock, after)));
        decided.fact.at = due;
        Ok(vec![decided])
    }
}

impl ExcludeOutage {
    fn decide(&self, card: &Card, cx: &Context) -> Decision {
        timekeeper(cx)?;
        let (from, until) = (self.from, self.until);
        if until <= from || until > cx.at {
            return Err(CardRefusal::BadInterval);
        }
        let moved = card.clocks.iter().filter_map(|(clock, timer)| {
            let ran = timer.started() < until && timer.state().end().is_none_or(|end| end > from);
            let after = timer.excluding(cx.book, from, until, Stay::Outage);
            let after = if after.due_at() > timer.due_at() && card.has_run_out(*clock) {
                after.begun_anew(cx.book)
            } else {
                after
            };
            (ran && after != *timer).then_some((*clock, after))
        });
        let moved: Vec<_> = moved.collect();
        if moved.is_empty() {
            return Ok(Vec::new());
        }
        Ok(vec![Decided::new(cx, CardEvent::OutageExcluded { from, until }).clocks(moved)])
    }
}

impl Card {
    /// A limit that simply ended, with nobody having done anything, and that would still mean something if it ran again.
    fn has_run_out(&self, clock: CardClock) -> bool {
        let meant = match clock {
            CardClock::Appeal => matches!(self.standing, Standing::Issued { .. }),
            CardClock::Follow => self.stands(),
            CardClock::Rectification => false,
        };
        let timer = self.clocks.get(&clock);
        meant && timer.is_some_and(|timer| timer.state() == ClockState::Met { at: timer.due_at() })
    }

    /// The rectification of a red card in force.
    fn must_be_red_in_force(&self, command: &'static str) -> Result<&Rectification, CardRefusal> {
        let work = self.work().ok_or_else(|| wrong(command, self))?;
        if self.colour == Colour::Red { Ok(work) } else { Err(CardRefusal::NotRed) }
    }

    /// Every clock that is still open, cancelled.
    fn ending(&self, cx: &Context) -> Vec<(CardClock, Timer)> {
        let open = self.clocks.iter().filter(|(_, timer)| timer.is_open());
        open.map(|(clock, timer)| (*clock, timer.cancelled(cx.effective_at()))).collect()
    }
}

fn wrong(command: &'static str, card: &Card) -> CardRefusal {
    CardRefusal::WrongState { command, state: card.state() }
}

fn office(cx: &Context) -> Result<(), CardRefusal> {
    let office = &cx.book.rules.supervisor;
    if !cx.caller.may(Action::IssueCard) {
        return Err(CardRefusal::NotPermitted { action: Action::IssueCard });
    }
    if cx.caller.is_import() || cx.is_at(office) {
        Ok(())
    } else {
        Err(CardRefusal::NotTheOffice { office: office.clone() })
    }
}

fn own(card: &Card, cx: &Context) -> Result<(), CardRefusal> {
    if !cx.caller.may(Action::AppealCard) {
        return Err(CardRefusal::NotPermitted { action: Action::AppealCard });
    }
    if cx.caller.is_import() || cx.is_at(&card.organization) {
        return Ok(());
    }
    Err(CardRefusal::NotYourCard { organization: card.organization.clone() })
}

fn timekeeper(cx: &Context) -> Result<(), CardRefusal> {
    cx.require_timekeeper().map_err(|_| CardRefusal::NotPermitted { action: Action::KeepTime })
}
