//! Taking in: registration, settling on the spot, acceptance, corrections (PRACTICE 3, 4, 13).

use kernel::Instant;
use serde::{Deserialize, Serialize};

use super::{
    Action, Case, CaseEvent, CaseRefusal, CaseState, Channel, ClockKey, Confidentiality, Context, Decided, Decision,
    Evidence, Hand, MatterRef, MatterRule, OuterOrder, Personal, Place, Registered, RequestKind, Stage, Timer, Urgency,
    Words,
};

/// Takes in an appeal, finding or alarm. Who: a reporter for itself, or a post with `case.register`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Register {
    pub channel: Channel,
    pub kind: RequestKind,
    pub words: Words,
    pub reporter: Option<Reporter>,
    /// Address text as given; sealed.
    pub address: Option<String>,
    pub location: Location,
    /// The organization whose desk takes it; none: the one that governs the place, else the centre.
    pub desk: Option<String>,
    pub matter: Option<String>,
    /// Where it differs from the matter's.
    pub urgency: Option<Urgency>,
    /// The reporter says that the words hold a state secret.
    pub declares_secret: bool,
    pub confidentiality: Option<Confidentiality>,
    pub outer: Option<OuterOrder>,
    pub evidence: Vec<Evidence>,
}

/// Where it is, as far as the territory could tell.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Location {
    /// No place given.
    Unknown,
    /// A point that stands for "not found" where it came from: no place, and the case says so.
    Fallback,
    At(Place),
    /// Refused: how far outside the district, and in which direction (degrees from north).
    Outside {
        metres: u64,
        bearing: u16,
    },
}

/// Who reports. All but the key is sealed under it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reporter {
    pub subject: String,
    pub name: Option<String>,
    pub phone: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
}

impl std::fmt::Debug for Reporter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Reporter({})", self.subject)
    }
}

/// Registers and closes at once what a grid worker set right on the spot (即报即结, PRACTICE 3). Who: `case.settle`.
/// Evidence: photographs before and after, and what the matter asks for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Settle {
    pub register: Register,
}

/// The desk takes the case on and fixes its matter. Who: `case.accept` at the desk. State: registered.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Accept {
    /// Where the registration named none, or a wrong one.
    pub matter: Option<String>,
    pub urgency: Option<Urgency>,
}

/// The desk corrects matter or place before dispatch. Who: `case.accept` at the desk. State: registered or accepted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Correct {
    pub matter: Option<String>,
    pub location: Option<Location>,
}

/// The reporter, or the desk for it, adds to what was said. State: until closed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Supplement {
    pub words: Words,
}

/// Registers a case under a number. The first fact of its stream.
pub fn register(command: &Register, number: &str, cx: &Context) -> Decision {
    match &cx.caller.hand {
        Hand::Resident { subject } if command.reporter.as_ref().is_none_or(|r| r.subject != *subject) => {
            return Err(CaseRefusal::NotTheReporter);
        }
        Hand::Resident { .. } => {}
        _ => cx.require(Action::Register)?,
    }
    registered(command, number, cx)?.alone()
}

/// Registers and settles. Whether someone else is to check is drawn here, once.
pub fn settle(command: &Settle, number: &str, cx: &Context) -> Decision {
    cx.require(Action::Settle)?;
    let register = &command.register;
    let code = register.matter.as_deref().ok_or(CaseRefusal::MatterMissing)?;
    let rule = rule_named(code, cx.effective_at(), cx)?;
    if !rule.on_the_spot {
        return Err(CaseRefusal::NotOnTheSpot { code: code.to_owned() });
    }
    let needed = ["photo_before", "photo_after"].into_iter().chain(rule.evidence.iter().map(String::as_str));
    require_evidence(needed, &register.evidence)?;

    let sampled = cx.draw < cx.book.rules.sample_share;
    let mut first = registered(register, number, cx)?;
    // Nothing is owed on a case that ends as it begins; an order of the city is met by it.
    let outer = first.fact.clocks.iter().find(|(key, _)| *key == ClockKey::Outer);
    let outer = outer.map(|(key, timer)| (*key, timer.stopped(cx.effective_at())));
    first.fact.clocks.retain(|(key, _)| *key == ClockKey::Outer);
    let settled = Decided::new(cx, CaseEvent::SettledOnTheSpot { evidence: register.evidence.clone(), sampled });
    Ok(vec![first, settled.clocks(outer)])
}

fn registered(command: &Register, number: &str, cx: &Context) -> Result<Decided, CaseRefusal> {
    refuse_secrets(command, cx)?;
    let at = cx.effective_at();
    let place = place(&command.location)?;
    let desk = command.desk.as_deref().unwrap_or(cx.book.desk(place.as_ref())).to_owned();
    if !cx.book.organizations.contains_key(&desk) {
        return Err(CaseRefusal::UnknownOrganization { code: desk });
    }
    let rule = command.matter.as_deref().map(|code| rule_named(code, at, cx)).transpose()?;
    if command.confidentiality.as_ref().is_some_and(|c| c.named.is_empty()) {
        return Err(CaseRefusal::NobodyNamed);
    }
    let event = CaseEvent::Registered(Box::new(Registered {
        number: number.to_owned(),
        channel: command.channel,
        kind: command.kind,
        reporter: command.reporter.as_ref().map(|reporter| reporter.subject.clone()),
        matter: rule.map(MatterRule::reference),
        urgency: command.urgency.or(rule.map(|rule| rule.urgency)).unwrap_or_default(),
        place,
        unplaced: command.location == Location::Fallback,
        desk: desk.clone(),
        confidentiality: command.confidentiality.as_ref().map(|asked| asked.barring(cx.book)),
        outer: command.outer.clone(),
        evidence: command.evidence.clone(),
    }));
    let mut decided = Decided::new(cx, event);
    if let Some(rule) = rule {
        decided = decided
            .clock(ClockKey::Accept, rule.timer(cx.book, Stage::Accept, &desk, at))
            .clock(ClockKey::Reply, rule.timer(cx.book, Stage::Reply, &desk, at));
    }
    let outer_due = command.outer.as_ref().and_then(|outer| outer.due);
    decided = decided.clock(ClockKey::Outer, outer_due.map(|due| Timer::until(&desk, at, due)));
    Ok(seal(decided, command, cx))
}

/// State secrets never get in: neither the declared nor those the phrase list finds (PRACTICE 13).
fn refuse_secrets(command: &Register, cx: &Context) -> Result<(), CaseRefusal> {
    if command.declares_secret {
        return Err(CaseRefusal::SecretDeclared { instruction: cx.book.secret_instruction.clone() });
    }
    let texts = [Some(command.words.as_str()), command.address.as_deref()];
    if texts.into_iter().flatten().any(|text| cx.book.secret_phrase(text).is_some()) {
        return Err(CaseRefusal::SecretSuspected { instruction: cx.book.secret_instruction.clone() });
    }
    Ok(())
}

fn seal(mut decided: Decided, command: &Register, cx: &Context) -> Decided {
    let subject = match &command.reporter {
        Some(reporter) => reporter.subject.clone(),
        None => cx.caller.hand.subject(),
    };
    decided = decided.sealed(Personal::new(&subject, "words", command.words.as_str()));
    let reporter = command.reporter.as_ref();
    let others = [
        ("address", command.address.as_ref()),
        ("name", reporter.and_then(|r| r.name.as_ref())),
        ("phone", reporter.and_then(|r| r.phone.as_ref())),
        ("email", reporter.and_then(|r| r.email.as_ref())),
    ];
    for (field, value) in others {
        if let Some(value) = value {
            decided = decided.sealed(Personal::new(&subject, field, value));
        }
    }
    decided
}

fn place(location: &Location) -> Result<Option<Place>, CaseRefusal> {
    match location {
        Location::Unknown | Location::Fallback => Ok(None),
        Location::At(place) => Ok(Some(place.clone())),
        Location::Outside { metres, bearing } => {
            Err(CaseRefusal::OutsideDistrict { metres: *metres, bearing: *bearing })
        }
    }
}

fn rule_named<'b>(code: &str, opened_at: Instant, cx: &Context<'b>) -> Result<&'b MatterRule, CaseRefusal> {
    cx.book.matter(code, opened_at).ok_or_else(|| CaseRefusal::UnknownMatter { code: code.to_owned() })
}

/// Refuses when one of the kinds needed is not among the evidence.
pub(crate) fn require_evidence<'k>(
    needed: impl IntoIterator<Item = &'k str>,
    evidence: &[Evidence],
) -> Result<(), CaseRefusal> {
    match needed.into_iter().find(|kind| !evidence.iter().any(|one| one.kind == **kind)) {
        Some(kind) => Err(CaseRefusal::EvidenceMissing { kind: kind.to_owned() }),
        None => Ok(()),
    }
}

impl MatterRule {
    pub fn reference(&self) -> MatterRef {
        MatterRef { code: self.code.clone(), version: self.version.clone() }
    }
}

impl Accept {
    pub(crate) fn decide(&self, case: &Case, cx: &Context) -> Decision {
        case.must_be("accept", &[CaseState::Registered])?;
        cx.require_desk(case, Action::Accept)?;
        let at = cx.effective_at();
        let rule = match &self.matter {
            Some(code) => rule_named(code, case.opened_at, cx)?,
            None => case.rule(cx.book)?,
        };
        let urgency = self.urgency.unwrap_or(case.urgency.max(rule.urgency));
        let reply = rule.timer(cx.book, Stage::Reply, &case.desk, case.opened_at);
        Decided::new(cx, CaseEvent::Accepted { matter: rule.reference(), urgency })
            .clocks(case.stopping(ClockKey::Accept, at))
            .clock(ClockKey::Dispatch, rule.timer(cx.book, Stage::Dispatch, &case.desk, at))
            .clock(ClockKey::Reply, reply.filter(|_| case.matter.as_ref() != Some(&rule.reference())))
            .alone()
    }
}

impl Correct {
    pub(crate) fn decide(&self, case: &Case, cx: &Context) -> Decision {
        case.must_be("correct", &[CaseState::Registered, CaseState::Accepted])?;
        cx.require_desk(case, Action::Accept)?;
        let mut decided = Vec::new();
        if let Some(code) = &self.matter {
            let rule = rule_named(code, case.opened_at, cx)?;
            let event = CaseEvent::Reclassified { matter: rule.reference(), urgency: case.urgency.max(rule.urgency) };
            let reply = rule.timer(cx.book, Stage::Reply, &case.desk, case.opened_at);
            decided.push(Decided::new(cx, event).clock(ClockKey::Reply, reply));
        }
        if let Some(place) = self.location.as_ref().map(place).transpose()?.flatten() {
            decided.push(Decided::new(cx, CaseEvent::Placed { place }));
        }
        if decided.is_empty() { Err(CaseRefusal::NothingToCorrect) } else { Ok(decided) }
    }
}

impl Supplement {
    pub(crate) fn decide(&self, case: &Case, cx: &Context) -> Decision {
        case.must_be("supplement", &CaseState::OPEN)?;
        if !case.is_reporter(cx) {
            cx.require_desk(case, Action::Register)?;
        }
        Decided::new(cx, CaseEvent::Supplemented).says(cx, "words", &self.words).alone()
    }
}

impl Case {
    /// The caller is the one who reported it.
    pub(crate) fn is_reporter(&self, cx: &Context) -> bool {
        match (&cx.caller.hand, &self.reporter) {
            (Hand::Resident { subject }, Some(reporter)) => subject == reporter,
            _ => false,
        }
    }
}
