//! Cases in bulk: histories decided once by the domain as templates, put in under many identifiers and numbers. Their words
//! and reporters are left out; everything else is as the doors would have written it.

use std::collections::BTreeSet;
use std::sync::Arc;

use casework::case::{
    Accept, Action, Caller, Case, CaseFact, CaseId, Channel, Command, Context, Decided, Dispatch, Evidence, Hand,
    Location, Register, RequestKind, Rulebook, Settle, Withdraw, Words, decide, register, settle,
};
use district::Profile;
use journal::load::Past;
use kernel::{Chance, Instant, canonical_json};
use uuid::Uuid;

use crate::failure::Failure;

/// The length of a case's number; templates hold one of blanks where it goes.
const NUMBER: &str = "00000000-00000000";

/// What the histories are decided with.
pub struct Historian {
    pub profile: Arc<Profile>,
    book: Rulebook,
    caller: Caller,
}

/// A case's facts but for its identifier and number.
pub struct Template {
    facts: Vec<Blank>,
    actor: Vec<u8>,
    /// The case as it ends.
    pub case: Case,
}

struct Blank {
    kind: &'static str,
    at: Instant,
    body: Vec<u8>,
    /// Where the number goes.
    number: Option<usize>,
}

/// So many cases, each after one of the templates in turn. Their identifiers are spread evenly, so that cases of several
/// stocks lie mixed as they would if they were drawn.
pub struct Stock {
    pub count: u64,
    /// Tells stocks apart, at most 31: the first letter of their numbers.
    pub mark: u8,
    pub templates: Vec<Template>,
}

impl Historian {
    pub fn new(profile: Arc<Profile>) -> Result<Historian, Failure> {
        let book = casework::rulebook(&profile).map_err(Failure::other)?;
        let (person, post) = ("bench".to_owned(), "bench".to_owned());
        let hand = Hand::Post { person, post, organization: book.centre.clone() };
        let caller = Caller::new(hand, Action::ALL.into_iter().filter(|action| *action != Action::KeepTime));
        Ok(Historian { profile, book, caller })
    }

    /// Codes of matters valid at `when` that `fits`.
    pub fn matters(&self, when: Instant, fits: impl Fn(&district::Matter) -> bool) -> Vec<String> {
        self.profile.matters.valid(when).filter(|matter| fits(matter)).map(|matter| matter.code.clone()).collect()
    }

    pub fn caller(&self) -> Caller {
        self.caller.clone()
    }

    /// A registration of a matter at a building, drawn.
    pub fn register(&self, matter: &str, at: Instant, chance: &mut Chance) -> Result<Register, Failure> {
        let building = chance.pick(self.profile.places.buildings());
        let building = building.ok_or_else(|| Failure::Other("the profile has no building".into()))?;
        Ok(Register {
            channel: Channel::StaffApp,
            kind: RequestKind::Component,
            words: Words::new("样例").map_err(Failure::other)?,
            reporter: None,
            address: None,
            location: Location::of(&self.profile.territory, building.point, at),
            desk: None,
            matter: Some(matter.to_owned()),
            urgency: None,
            declares_secret: false,
            confidentiality: None,
            outer: None,
            evidence: self.evidence(matter, at),
        })
    }

    /// What settling on the spot asks for, of any matter and of this one.
    fn evidence(&self, matter: &str, at: Instant) -> Vec<Evidence> {
        let own = self.book.matter(matter, at).into_iter().flat_map(|rule| rule.evidence.iter().map(String::as_str));
        let kinds: BTreeSet<&str> = ["photo_before", "photo_after"].into_iter().chain(own).collect();
        kinds.into_iter().map(Evidence::of).collect()
    }

    fn context(&self, at: Instant) -> Context<'_> {
        Context { book: &self.book, at, claimed_at: None, caller: &self.caller, draw: 1.0, head: None }
    }

    pub fn registered(&self, matter: &str, at: Instant, chance: &mut Chance) -> Result<Template, Failure> {
        let command = self.register(matter, at, chance)?;
        Template::begin(register(&command, NUMBER, &self.context(at)).map_err(Failure::other)?)
    }

    /// Registered and settled at once: two facts.
    pub fn settled(&self, matter: &str, at: Instant, chance: &mut Chance) -> Result<Template, Failure> {
        let command = Settle { register: self.register(matter, at, chance)? };
        Template::begin(settle(&command, NUMBER, &self.context(at)).map_err(Failure::other)?)
    }

    /// Registered, accepted, given to a department: three facts, and the case is open.
    pub fn dispatched(
        &self,
        matter: &str,
        department: &str,
        at: Instant,
        chance: &mut Chance,
    ) -> Result<Template, Failure> {
        let mut template = self.registered(matter, at, chance)?;
        self.go_on(&mut template, Accept { matter: None, urgency: None }.into(), at)?;
        let dispatch = Dispatch { lead: Some(department.to_owned()), co_operating: Vec::new(), note: None };
        self.go_on(&mut template, dispatch.into(), at)?;
        Ok(template)
    }

    /// The same, then ended at the reporter's wish: four facts, the least that leave a closed assignment.
    pub fn withdrawn(
        &self,
        matter: &str,
        department: &str,
        at: Instant,
        chance: &mut Chance,
    ) -> Result<Template, Failure> {
        let mut template = self.dispatched(matter, department, at, chance)?;
        let reason = Words::new("样例").map_err(Failure::other)?;
        self.go_on(&mut template, Withdraw { reason }.into(), at)?;
        Ok(template)
    }

    fn go_on(&self, template: &mut Template, command: Command, at: Instant) -> Result<(), Failure> {
        let decided = decide(&template.case, &command, &self.context(at)).map_err(Failure::other)?;
        decided.into_iter().try_for_each(|one| template.add(&one.fact))
    }
}

impl Template {
    fn begin(decided: Vec<Decided>) -> Result<Template, Failure> {
        let mut facts = decided.into_iter().map(|one| one.fact);
        let first = facts.next().ok_or_else(|| Failure::Other("a case begins with a fact".into()))?;
        let case = Case::open(CaseId::from_uuid(Uuid::nil()), &first);
        let case = case.ok_or_else(|| Failure::Other("a case begins otherwise".into()))?;
        let actor = canonical_json(&first.hand.actor());
        let mut template = Template { facts: vec![blank(&first)?], actor, case };
        for fact in facts {
            template.add(&fact)?;
        }
        Ok(template)
    }

    fn add(&mut self, fact: &CaseFact) -> Result<(), Failure> {
        self.case.apply(fact);
        self.facts.push(blank(fact)?);
        Ok(())
    }
}

fn blank(fact: &CaseFact) -> Result<Blank, Failure> {
    let body = canonical_json(&serde_json::to_value(fact).map_err(Failure::other)?);
    let number = body.windows(NUMBER.len()).position(|window| window == NUMBER.as_bytes());
    Ok(Blank { kind: fact.event.kind(), at: fact.at, body, number })
}

impl Stock {
    /// The facts of each case, by its identifier, in ascending order.
    fn cases(self) -> impl Iterator<Item = (Uuid, Vec<Past>)> {
        let Stock { count, mark, templates } = self;
        (0..count).map(move |nth| {
            let (id, number) = (identifier(nth, count, mark), number(nth, mark));
            let template = &templates[(nth % templates.len() as u64) as usize];
            let stream = format!("case/{id}");
            let past = |(blank, version): (&Blank, i64)| {
                let mut body = blank.body.clone();
                if let Some(at) = blank.number {
                    body[at..at + NUMBER.len()].copy_from_slice(number.as_bytes());
                }
                let (stream, actor) = (stream.clone(), template.actor.clone());
                Past { stream, version, kind: blank.kind, at: blank.at, actor, body }
            };
            (id, template.facts.iter().zip(1..).map(past).collect())
        })
    }
}

/// The facts of all stocks, case by case in the order of their identifiers: so each index grows at its end.
pub fn facts(stocks: Vec<Stock>) -> impl Iterator<Item = Past> {
    let mut stocks: Vec<_> = stocks.into_iter().map(|stock| stock.cases().peekable()).collect();
    let merged = std::iter::from_fn(move || {
        let next = stocks.iter_mut().enumerate().filter_map(|(place, stock)| Some((stock.peek()?.0, place))).min();
        next.and_then(|(_, place)| stocks[place].next())
    });
    merged.flat_map(|(_, facts)| facts)
}

/// The `nth` of `count` identifiers spread evenly: a version 4 UUID in form.
fn identifier(nth: u64, count: u64, mark: u8) -> Uuid {
    let step = u64::MAX / count.max(1);
    let mixed = mix(nth ^ (u64::from(mark) << 56));
    let high = nth * step + mixed % step.max(1);
    uuid::Builder::from_random_bytes(((u128::from(high) << 64) | u128::from(mix(mixed))).to_be_bytes()).into_uuid()
}

/// Scatters the bits of a number (SplitMix64).
fn mix(number: u64) -> u64 {
    let mut mixed = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

/// Of the form of a case's number; no two stocks of different marks share one.
fn number(nth: u64, mark: u8) -> String {
    const LETTERS: &[u8; 32] = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZ";
    let letter = |place: u32| char::from(LETTERS[(nth >> (5 * place)) as usize % 32]);
    let mark = char::from(LETTERS[usize::from(mark) % 32]);
    let drawn: String = (0..7).rev().map(letter).collect();
    format!("20250101-{mark}{drawn}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_ascend_and_numbers_differ() {
        for count in [1, 7, 10_000] {
            let ids: Vec<Uuid> = (0..count).map(|nth| identifier(nth, count, 3)).collect();
            assert!(ids.is_sorted_by(|a, b| a < b), "{count}");
            assert!(ids.iter().all(|id| id.get_version_num() == 4));
        }
        let numbers: BTreeSet<String> = (0..2).flat_map(|mark| (0..5_000).map(move |nth| number(nth, mark))).collect();
        assert_eq!(numbers.len(), 10_000);
        assert!(numbers.iter().all(|number| number.len() == NUMBER.len()));
    }
}
