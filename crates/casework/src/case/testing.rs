//! A small rulebook and its people, for tests of this crate and of those above it. Every number in it is a sample.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use kernel::{Calendar, CalendarPlan, Instant, Limit, Opening};

use super::{
    Action, Caller, Channel, ExtensionRules, FollowUpRules, Governing, Hand, Instruction, Location, MatterRule,
    Organization, Party, Place, Register, ReopeningRules, Reporter, RequestKind, ReturnRules, Rulebook, Rules, Stage,
    Step, SuspensionRules, Urgency, Words,
};

/// An instant of China Standard Time: `at("2026-03-02 09:00")`, a Monday.
pub fn at(local: &str) -> Instant {
    format!("{}:00+08:00", local.replace(' ', "T")).parse().expect("a local date and time")
}

pub fn limit(text: &str) -> Limit {
    text.parse().expect("a limit")
}

pub fn words(text: &str) -> Words {
    Words::new(text).expect("words")
}

/// Someone of an organization who may do everything a post can.
pub fn staff(person: &str, organization: &str) -> Caller {
    let actions = Action::ALL.into_iter().filter(|action| *action != Action::KeepTime);
    Caller::new(hand(person, organization), actions)
}

/// Someone of an organization who may do only this.
pub fn only(person: &str, organization: &str, actions: &[Action]) -> Caller {
    Caller::new(hand(person, organization), actions.iter().copied())
}

fn hand(person: &str, organization: &str) -> Hand {
    Hand::Post { person: person.into(), post: format!("{organization}.{person}"), organization: organization.into() }
}

pub fn resident(subject: &str) -> Caller {
    Caller::new(Hand::Resident { subject: subject.into() }, [])
}

pub fn program(name: &str) -> Caller {
    Caller::new(Hand::System { name: name.into() }, [])
}

/// A report of rubbish in subdistrict S1 by `reporter`, on matter M1.
pub fn rubbish(reporter: &str) -> Register {
    Register {
        channel: Channel::ResidentApp,
        kind: RequestKind::Event,
        words: words("巷口垃圾三天没人收"),
        reporter: Some(Reporter {
            subject: reporter.into(),
            name: Some("某人".into()),
            phone: Some("000".into()),
            email: None,
        }),
        address: Some("样例路 1 号".into()),
        location: Location::At(Place { path: vec!["A".into(), "A1".into()], ..Place::default() }),
        desk: None,
        matter: Some("M1".into()),
        urgency: None,
        declares_secret: false,
        confidentiality: None,
        outer: None,
        evidence: Vec::new(),
    }
}

/// A district with a centre CC, subdistricts S1 and S2, departments D1 (with section D1-1 and contractor D1-9), D2 and D3, an
/// arbitrator AR, the follow-up FU, the supervision office SV, the discipline body DI and a city body X.
/// M1 has no chain; M2 goes through every step; M3 is led by the subdistrict and has no limits.
pub fn rulebook() -> Rulebook {
    static BOOK: LazyLock<Rulebook> = LazyLock::new(build);
    BOOK.clone()
}

fn build() -> Rulebook {
    let parents = [
        ("G", None),
        ("CC", Some("G")),
        ("S1", Some("G")),
        ("S1-1", Some("S1")),
        ("S2", Some("G")),
        ("D1", Some("G")),
        ("D1-1", Some("D1")),
        ("D1-9", Some("D1")),
        ("D2", Some("G")),
        ("D3", Some("G")),
        ("AR", Some("G")),
        ("FU", Some("G")),
        ("SV", Some("G")),
        ("DI", Some("G")),
        ("X", None),
    ];
    let organization =
        |(code, parent): (&str, Option<&str>)| (code.to_owned(), Organization { parent: parent.map(str::to_owned) });
    let governing =
        |organization: &str| Governing { organization: organization.into(), level: "subdistrict".into(), desk: true };
    Rulebook {
        rules: rules(),
        matters: matters(),
        organizations: parents.into_iter().map(organization).collect(),
        centre: "CC".into(),
        governing: [("A1".to_owned(), governing("S1")), ("A2".to_owned(), governing("S2"))].into(),
        calendar: calendar(),
        secret_phrases: vec!["绝密文件".into()],
        secret_instruction: Instruction { chinese: "请当面反映。".into(), english: "Bring it in person.".into() },
    }
}

fn rules() -> Rules {
    Rules {
        returns: ReturnRules {
            window: limit("1 working_day"),
            most: 2,
            review: limit("4 working_hour"),
            reviewer: "CC".into(),
            arbitrators: vec!["AR".into()],
        },
        extension: ExtensionRules {
            most: 1,
            longest: limit("10 working_day"),
            before_due: limit("0 working_hour"),
            reasons: set(&["weather"]),
        },
        suspension: SuspensionRules { longest: limit("60 calendar_day"), reasons: set(&["season"]) },
        reopening: ReopeningRules { window: limit("15 calendar_day") },
        follow_up: FollowUpRules { organization: "FU".into(), attempts: 3, interval: limit("4 working_hour") },
        sample_share: 0.2,
        exclusion_reasons: set(&["unreasonable", "impossible"]),
        supervisor: "SV".into(),
        letter_leader: "G.leader".into(),
        offline_lag_minutes: 24 * 60,
        reminder_share: 0.25,
        low_rating: 2,
    }
}

fn matters() -> BTreeMap<String, Vec<MatterRule>> {
    use Step::{Handler, Leader, Registry, Section, SectionHead};
    let limits = [
        (Stage::Accept, limit("2 working_hour")),
        (Stage::Dispatch, limit("1 working_hour")),
        (Stage::Answer, limit("1 working_hour")),
        (Stage::Handle, limit("2 working_day")),
        (Stage::Verify, limit("1 working_day")),
        (Stage::Reply, limit("5 working_day")),
        (Stage::Rework, limit("1 working_day")),
    ];
    let matter = |code: &str, lead: Party, chain: Vec<Step>| MatterRule {
        code: code.into(),
        version: String::new(),
        valid_from: None,
        valid_until: None,
        lead,
        co_operating: Vec::new(),
        urgency: Urgency::Ordinary,
        limits: limits.into(),
        legal: BTreeMap::new(),
        evidence: set(&["photo_after"]),
        on_the_spot: true,
        chain,
    };
    let d1 = || Party::Organization("D1".into());
    let turn = at("2026-07-01 00:00");
    let before = MatterRule { valid_until: Some(turn), ..matter("M1", d1(), Vec::new()) };
    let mut after =
        MatterRule { version: "2026-07-01".into(), valid_from: Some(turn), ..matter("M1", d1(), Vec::new()) };
    after.limits.insert(Stage::Handle, limit("4 working_hour"));
    let mut signed = matter("M2", d1(), vec![Registry, Section, Handler, SectionHead, Leader]);
    signed.on_the_spot = false;
    signed.legal.insert(Stage::Handle, limit("1 working_day"));
    let mut untimed = matter("M3", Party::OfLevel("subdistrict".into()), Vec::new());
    untimed.limits.clear();
    [("M1".to_owned(), vec![before, after]), ("M2".to_owned(), vec![signed]), ("M3".to_owned(), vec![untimed])].into()
}

/// Monday to Friday, 08:30–12:00 and 14:00–17:30, without holidays.
pub fn calendar() -> Calendar {
    let open = || -> Vec<Opening> { ["08:30-12:00", "14:00-17:30"].map(|hours| hours.parse().expect("hours")).into() };
    let week = [open(), open(), open(), open(), open(), Vec::new(), Vec::new()];
    let mut plan = CalendarPlan::new("Asia/Shanghai", week, open());
    plan.published = (2025..=2027).collect();
    plan.years = (2025, 2027);
    Calendar::build(plan).expect("a calendar")
}

fn set(keys: &[&str]) -> BTreeSet<String> {
    keys.iter().map(|key| (*key).to_owned()).collect()
}
