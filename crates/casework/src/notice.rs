//! What facts of cases, calls and cards mean to people: whom they concern, and what there is to say of them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use district::Profile;
use futures::future::BoxFuture;
use journal::{Fact, JournalError, tail};
use kernel::Instant;
use platform::notice::{Event, Meaning, Said, Sight, Target};

use crate::call::{Call, CallEvent, CallFact};
use crate::card::{Card, CardFact};
use crate::case::{Case, CaseEvent, CaseFact, ClockKey, Hand, IMPORT, Part, Urgency};
use crate::resource::{self, READ, READ_CALL, READ_CARD, resource};

/// Kinds of facts that people can be told of.
pub const KINDS: &[&str] = &[
    "case.registered",
    "case.accepted",
    "case.reclassified",
    "case.placed",
    "case.supplemented",
    "case.dispatched",
    "case.answered",
    "case.contact_recorded",
    "case.passed",
    "case.sent_back",
    "case.reported",
    "case.signed",
    "case.handled",
    "case.return_requested",
    "case.return_granted",
    "case.return_rejected",
    "case.arbitrated",
    "case.reassigned",
    "case.extension_requested",
    "case.extension_granted",
    "case.extension_refused",
    "case.suspension_requested",
    "case.suspension_granted",
    "case.suspension_refused",
    "case.suspension_ended",
    "case.reminded",
    "case.lapsed",
    "case.supervised",
    "case.supervision_lifted",
    "case.supervision_answered",
    "case.escalated",
    "case.grouped",
    "case.ungrouped",
    "case.verified",
    "case.rework_ordered",
    "case.closed",
    "case.settled_on_the_spot",
    "case.sample_checked",
    "case.visited",
    "case.visits_in_vain",
    "case.rated",
    "case.exclusion_proposed",
    "case.exclusion_decided",
    "case.reopened",
    "case.promise_kept",
    "case.city_asked",
    "case.city_answered",
    "case.letter_sent",
    "case.letter_answered",
    "case.made_confidential",
    "call.raised",
    "call.cleared",
    "call.objected",
    "call.passed",
    "call.summoned",
    "call.rung",
    "call.ring_exhausted",
    "call.answered",
    "call.arrived",
    "call.acted",
    "call.scored",
    "call.called_off",
    "call.ended",
    "call.reminded",
    "call.lapsed",
    "card.proposed",
    "card.issued",
    "card.supervision_ordered",
    "card.dismissed",
    "card.void",
    "card.appealed",
    "card.appeal_decided",
    "card.talk_recorded",
    "card.rectified",
    "card.rectification_returned",
    "card.cancelled",
    "card.ran_out",
];

/// How such a fact can concern someone.
pub const RELATIONS: &[&str] =
    &["desk", "holder", "lead", "assigned", "on_duty", "registered_by", "caller", "summoned", "rung"];

/// What a rule may ask of such a fact.
pub const TRAITS: &[&str] = &["urgency", "matter", "clock", "kind", "channel", "colour", "ground", "confidential"];

/// Facts of casework for the reader that makes notices.
pub struct CaseworkMeaning {
    pub journal: journal::Journal,
    pub profile: Arc<Profile>,
}

impl Meaning for CaseworkMeaning {
    fn event<'a>(&'a self, fact: &'a Fact) -> BoxFuture<'a, Result<Option<Event>, JournalError>> {
        Box::pin(async move {
            if !KINDS.contains(&fact.kind.as_str()) {
                return Ok(None);
            }
            let Some((of, _)) = fact.stream.split_once('/') else { return Ok(None) };
            // As it stood just after the fact, whatever has happened since.
            let mut past = tail::stream(&mut self.journal.db(), &fact.stream).await?;
            past.retain(|one| one.version <= fact.version);
            match of {
                "case" => self.of_case(fact, &past),
                "call" => self.of_call(fact, &past),
                "card" => self.of_card(fact, &past),
                _ => Ok(None),
            }
        })
    }

    fn settles<'a>(&'a self, fact: &'a Fact) -> BoxFuture<'a, Result<Vec<i64>, JournalError>> {
        Box::pin(async move {
            if !SETTLING.contains(&fact.kind.as_str()) {
                return Ok(Vec::new());
            }
            let now: CallFact = fact.read()?;
            let answered = match now.event {
                CallEvent::Answered { summons } => Some(summons),
                _ => None,
            };
            let mut positions = Vec::new();
            for one in tail::stream(&mut self.journal.db(), &fact.stream).await? {
                let body: CallFact = one.read()?;
                let rang = match body.event {
                    CallEvent::Summoned { summons, .. }
                    | CallEvent::Rung { summons, .. }
                    | CallEvent::RingExhausted { summons } => Some(summons),
                    _ => None,
                };
                if one.version < fact.version && rang.is_some() && (answered.is_none() || rang == answered) {
                    positions.push(one.position);
                }
            }
            Ok(positions)
        })
    }
}

/// Facts after which nobody, or nobody of a department, has to be rung any more.
const SETTLING: &[&str] = &["call.answered", "call.called_off", "call.ended"];

impl CaseworkMeaning {
    fn of_case(&self, fact: &Fact, past: &[Fact]) -> Result<Option<Event>, JournalError> {
        let now: CaseFact = fact.read()?;
        let Some(case) = case_of(past)? else { return Ok(None) };
        if is_import(&now.hand) {
            return Ok(None);
        }
        let clock = match &now.event {
            CaseEvent::Lapsed { clock, .. } => Some(*clock),
            CaseEvent::Reminded { clock, .. } => *clock,
            _ => None,
        };
        let timer = clock.and_then(|clock| case.clocks.get(&clock));
        let concerned = self.concerned(&case, fact);
        let open = case.assignments.iter().filter(|one| concerned.is_empty() || concerned.contains(&one.no));
        let lead = case.assignments.iter().filter(|one| one.part == Part::Lead);
        let assigned = organizations(open.map(|one| one.organization.as_str()));
        let holder = match &now.event {
            CaseEvent::Lapsed { holder, .. } => organizations([holder.as_str()]),
            _ => organizations(timer.map(|timer| timer.holder.as_str())),
        };
        let on_duty: BTreeSet<&Target> = if holder.is_empty() { &assigned } else { &holder }.iter().collect();
        let relations = BTreeMap::from([
            ("desk", organizations([case.desk.as_str()])),
            ("on_duty", self.on_duty(on_duty, fact.at)),
            ("holder", holder),
            ("lead", organizations(lead.map(|one| one.organization.as_str()))),
            ("assigned", assigned),
            ("registered_by", case.registered_by.iter().cloned().map(Target::Account).collect()),
        ]);
        let mut said = BTreeMap::from([
            ("number".to_owned(), Said::Plain(case.number.clone())),
            ("what".to_owned(), Said::Code(code("fact", &fact.kind))),
        ]);
        if let Some(matter) = &case.matter {
            said.insert("matter".to_owned(), self.matter(&matter.code));
        }
        if let (Some(clock), Some(timer)) = (clock, timer) {
            said.insert("clock".to_owned(), Said::Code(format!("clock-key-{}", clock_word(clock))));
            said.insert("due".to_owned(), Said::At(timer.due_at()));
        }
        let mut traits = BTreeMap::from([
            ("urgency", urgency(case.urgency).to_owned()),
            ("kind", word(&case.kind)),
            ("channel", word(&case.channel)),
            ("confidential", case.confidentiality.is_some().to_string()),
        ]);
        traits.extend(case.matter.as_ref().map(|matter| ("matter", matter.code.clone())));
        traits.extend(clock.map(|clock| ("clock", clock_word(clock).to_owned())));
        Ok(Some(Event {
            text: if clock.is_some() { "notice-case-clock" } else { "notice-case" },
            said,
            relations,
            traits,
            emergency: case.urgency == Urgency::Emergency,
            by: now.hand.person().map(str::to_owned),
            sight: Some(Sight { action: READ, resource: resource(&case) }),
            read: Some(Sight { action: READ, resource: resource(&case) }),
        }))
    }

    /// Numbers of the assignments that a fact is about: those it names, or those it made; none where it is about the case.
    fn concerned(&self, case: &Case, fact: &Fact) -> BTreeSet<u16> {
        let body: serde_json::Value = serde_json::from_slice(&fact.body).unwrap_or_default();
        let Some(event) = body["event"].as_object().and_then(|event| event.values().next()) else {
            return BTreeSet::new();
        };
        let no = |value: &serde_json::Value| value.as_u64().and_then(|no| u16::try_from(no).ok());
        let one =
            no(&event["assignment"]).or_else(|| no(&event["assignment"]["no"])).or_else(|| no(&event["to"]["no"]));
        let several = event["assignments"].as_array().into_iter().flatten();
        let named: BTreeSet<u16> = several.filter_map(|one| no(one).or_else(|| no(&one["no"]))).chain(one).collect();
        let there: BTreeSet<u16> = case.assignments.iter().map(|one| one.no).collect();
        named.intersection(&there).copied().collect()
    }

    fn of_call(&self, fact: &Fact, past: &[Fact]) -> Result<Option<Event>, JournalError> {
        let now: CallFact = fact.read()?;
        let mut call: Option<Call> = None;
        for one in past {
            let body: CallFact = one.read()?;
            match &mut call {
                Some(call) => call.apply(&body),
                None => {
                    let id = one.stream.strip_prefix("call/").and_then(|id| id.parse().ok());
                    call = id.and_then(|id| Call::begin(id, &body));
                }
            }
        }
        let Some(call) = call.filter(|_| !is_import(&now.hand)) else { return Ok(None) };
        let no = match &now.event {
            CallEvent::Summoned { summons, .. }
            | CallEvent::Rung { summons, .. }
            | CallEvent::RingExhausted { summons }
            | CallEvent::Answered { summons }
            | CallEvent::Arrived { summons }
            | CallEvent::Acted { summons, .. }
            | CallEvent::Scored { summons, .. } => Some(*summons),
            CallEvent::Reminded { clock } | CallEvent::Lapsed { clock, .. } => clock_number(&clock.to_string()),
            _ => None,
        };
        let rung: Vec<Target> = match &now.event {
            CallEvent::Summoned { post, .. } => post.iter().cloned().map(Target::Post).collect(),
            CallEvent::Rung { post, .. } => vec![Target::Post(post.clone())],
            // Nobody answered: everyone who was rung is rung again.
            CallEvent::RingExhausted { summons } => {
                let posts = call.summons_of(*summons).map(|one| one.rung.clone()).unwrap_or_default();
                posts.into_iter().map(Target::Post).collect()
            }
            _ => Vec::new(),
        };
        let summoned = call.summons.iter().filter(|one| no.is_none_or(|no| one.no == no));
        let summoned = organizations(summoned.map(|one| one.organization.as_str()));
        let relations = BTreeMap::from([
            ("caller", organizations([call.caller.as_str()])),
            ("on_duty", self.on_duty(summoned.iter().collect(), fact.at)),
            ("holder", summoned.clone()),
            ("summoned", summoned),
            ("rung", rung.clone()),
        ]);
        let said = BTreeMap::from([
            ("matter".to_owned(), self.matter(&call.matter.code)),
            ("what".to_owned(), Said::Code(code("call-fact", &fact.kind))),
        ]);
        let traits =
            BTreeMap::from([("urgency", urgency(call.urgency).to_owned()), ("matter", call.matter.code.clone())]);
        Ok(Some(Event {
            text: "notice-call",
            said,
            relations,
            traits,
            // A telephone is rung now, whatever the hour, or it is no call.
            emergency: call.urgency == Urgency::Emergency || !rung.is_empty(),
            by: now.hand.person().map(str::to_owned),
            sight: None,
            read: Some(Sight { action: READ_CALL, resource: resource::call(&call) }),
        }))
    }

    fn of_card(&self, fact: &Fact, past: &[Fact]) -> Result<Option<Event>, JournalError> {
        let now: CardFact = fact.read()?;
        let mut card: Option<Card> = None;
        for one in past {
            let body: CardFact = one.read()?;
            match &mut card {
                Some(card) => card.apply(&body),
                None => {
                    let id = one.stream.strip_prefix("card/").and_then(|id| id.parse().ok());
                    card = id.and_then(|id| Card::begin(id, &body));
                }
            }
        }
        let Some(card) = card.filter(|_| !is_import(&now.hand)) else { return Ok(None) };
        let holder = organizations([card.organization.as_str()]);
        let relations =
            BTreeMap::from([("on_duty", self.on_duty(holder.iter().collect(), fact.at)), ("holder", holder)]);
        let said = BTreeMap::from([
            ("colour".to_owned(), Said::Code(format!("card-colour-{}", card.colour.word()))),
            ("what".to_owned(), Said::Code(code("card-fact", &fact.kind))),
        ]);
        let traits =
            BTreeMap::from([("colour", card.colour.word().to_owned()), ("ground", card.ground.word().to_owned())]);
        let by = now.hand.person().map(str::to_owned);
        let read = Some(Sight { action: READ_CARD, resource: resource::card(&card) });
        Ok(Some(Event { text: "notice-card", said, relations, traits, emergency: false, by, sight: None, read }))
    }

    fn on_duty(&self, organizations: BTreeSet<&Target>, when: Instant) -> Vec<Target> {
        let post = |target: &Target| match target {
            Target::Organization(code) => self.profile.on_duty(code, when).map(|duty| duty.on_duty.to_owned()),
            _ => None,
        };
        organizations.into_iter().filter_map(post).map(Target::Post).collect()
    }

    fn matter(&self, code: &str) -> Said {
        match self.profile.matters.all().iter().find(|matter| matter.code == code) {
            Some(matter) => Said::Names { zh: matter.name.zh.clone(), en: matter.name.en.clone() },
            None => Said::Plain(code.to_owned()),
        }
    }
}

/// The case that these facts, the first of all among them, make.
pub(crate) fn case_of(past: &[Fact]) -> Result<Option<Case>, JournalError> {
    let mut case: Option<Case> = None;
    for one in past {
        let body: CaseFact = one.read()?;
        match &mut case {
            Some(case) => case.apply(&body),
            None => {
                let id = one.stream.strip_prefix("case/").and_then(|id| id.parse().ok());
                case = id.and_then(|id| Case::open(id, &body));
            }
        }
    }
    Ok(case)
}

fn is_import(hand: &Hand) -> bool {
    matches!(hand, Hand::System { name } if name == IMPORT)
}

fn organizations<'a>(codes: impl IntoIterator<Item = &'a str>) -> Vec<Target> {
    let codes: BTreeSet<&str> = codes.into_iter().collect();
    codes.into_iter().map(|code| Target::Organization(code.to_owned())).collect()
}

/// `fact-return-requested` of `case.return_requested`.
fn code(family: &str, kind: &str) -> String {
    let name = kind.split_once('.').map_or(kind, |(_, name)| name);
    format!("{family}-{}", name.replace('_', "-"))
}

fn clock_word(clock: ClockKey) -> &'static str {
    match clock {
        ClockKey::Accept => "accept",
        ClockKey::Dispatch => "dispatch",
        ClockKey::Answer(_) => "answer",
        ClockKey::Handle(_) => "handle",
        ClockKey::Suspension(_) => "suspension",
        ClockKey::Review(_) => "review",
        ClockKey::Verify => "verify",
        ClockKey::Reply => "reply",
        ClockKey::Outer => "outer",
        ClockKey::Promise => "promise",
        ClockKey::Supervision(_) => "supervision",
        ClockKey::Letter(_) => "letter",
    }
}

fn clock_number(clock: &str) -> Option<u16> {
    clock.split_once('/')?.1.parse().ok()
}

fn urgency(urgency: Urgency) -> &'static str {
    match urgency {
        Urgency::Ordinary => "ordinary",
        Urgency::Urgent => "urgent",
        Urgency::Emergency => "emergency",
    }
}

/// The word that a unit variant is written as.
fn word(value: &impl serde::Serialize) -> String {
    serde_json::to_value(value).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use kernel::text::has;

    use super::*;

    #[test]
    fn everything_that_is_told_has_its_words() {
        for kind in KINDS {
            let family = match kind.split_once('.').unwrap().0 {
                "case" => "fact",
                "call" => "call-fact",
                _ => "card-fact",
            };
            assert!(has(&code(family, kind)), "{kind}");
        }
        for code in ["notice-case", "notice-case-clock", "notice-call", "notice-card", "card-colour-yellow"] {
            assert!(has(code), "{code}");
        }
    }
}
