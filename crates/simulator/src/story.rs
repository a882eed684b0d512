//! What a case is going to be: where it comes from and which path of the life cycle it takes. Drawn once a case, by chance
//! of its own, so that nothing depends on what other cases do. Every share in this file is a sample.

use std::collections::BTreeSet;

use casework::case::{
    Caller, Channel, Confidentiality, Evidence, Hand, Location, Outcome, OuterOrder, Register, Reporter, RequestKind,
};
use district::{CaseKind, Matter};
use jiff::SignedDuration;
use kernel::{Chance, Instant};

use crate::rhythm::{Burst, Due};
use crate::town::{Grid, Town};
use crate::words;

/// How an organization is used to work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Habit {
    Fast,
    Steady,
    Slow,
    /// Now and then a case lies until someone asks.
    Forgetful,
    /// Finds that others are responsible.
    Returning,
    /// Reports done what is not done.
    Careless,
}

impl Habit {
    pub fn of(seed: u64, organization: &str) -> Habit {
        match Chance::seeded(seed, &format!("habit/{organization}")).below(100) {
            0..20 => Habit::Fast,
            20..60 => Habit::Steady,
            60..75 => Habit::Slow,
            75..85 => Habit::Forgetful,
            85..93 => Habit::Returning,
            _ => Habit::Careless,
        }
    }
}

/// A case as it is going to be.
pub(crate) struct Story {
    pub at: Instant,
    /// The device's instant, where the report was made without network.
    pub claimed_at: Option<Instant>,
    pub caller: Caller,
    pub on_the_spot: bool,
    pub register: Register,
    /// What the desk corrects it to, where it was reported under a wrong matter.
    pub matter: String,
    pub resident: Option<Caller>,
    pub fate: Fate,
}

/// Which turns the life of a case takes, as far as the rules let it.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Fate {
    /// The first try to report it is refused at entry.
    pub refused_at_first: bool,
    pub declined: Option<Outcome>,
    pub withdrawn: bool,
    pub corrected: bool,
    pub supplemented: bool,
    pub confided: bool,
    pub escalated: bool,
    pub explained_at_the_desk: bool,
    pub co_operating: bool,
    /// Returns asked for at most.
    pub returns: u16,
    pub returns_granted: bool,
    pub reassigned: bool,
    pub extended: bool,
    pub suspended: bool,
    pub delay_granted: bool,
    pub suspension_cut_short: bool,
    pub sent_back: bool,
    pub sent_back_unsigned: bool,
    /// Times the desk finds that what was reported done is not done.
    pub reworks: u8,
    pub interim: bool,
    pub reminded: bool,
    pub supervised: bool,
    pub letter: bool,
    pub asks_city: bool,
    pub unreachable: u8,
    pub followed_up: bool,
    pub not_content: bool,
    pub rated_by_reporter: bool,
    pub rated_by_desk: bool,
    pub excluded: bool,
    pub reopened: bool,
    pub fails_sample: bool,
    pub ungrouped: bool,
}

impl Story {
    pub fn draw(town: &Town, seed: u64, number: u64, due: Due) -> Option<Story> {
        let mut chance = Chance::seeded(seed, &format!("case/{number}"));
        let at = town.up(due.at);
        let grid = grid(town, due.burst, &mut chance);
        let (channel, by_worker) = channel(grid, &mut chance);
        let matter = matter(town, due, by_worker, &mut chance)?;
        let on_the_spot = by_worker && matter.on_the_spot && chance.happens(0.92);
        let claimed = by_worker && chance.happens(0.08);
        let claimed_at = claimed.then(|| at - SignedDuration::from_mins(3 + chance.below(120) as i64));
        let resident = (!by_worker).then(|| chance.below(40_000));
        let caller = caller(town, grid, channel, resident, &mut chance)?;
        let subject = resident.map(|resident| format!("resident/{resident}"));
        let mut fate = Fate::draw(town, matter, channel, &mut chance);
        if resident.is_none() {
            fate = Fate { withdrawn: false, reminded: false, followed_up: false, reopened: false, ..fate };
        }
        let building = town.building(grid, &mut chance);
        let address = town.profile.places.address(building).map(|name| name.zh);
        let place = town.location(building, at, &mut chance);
        let outer = (channel == Channel::Hotline).then(|| OuterOrder {
            order: format!("SIM-{seed}-{number}"),
            due: Some(town.profile.calendar.due(at, &"5 working_day".parse().expect("a limit")).at),
        });
        let text = words::report(&matter.name.zh, &matter.keywords, address.as_deref().unwrap_or(""), &mut chance);
        let (desk, confidentiality) = confidence(town, matter, &mut chance);
        let reported = if fate.corrected { wrong(town, matter, at, &mut chance) } else { Some(matter.code.clone()) };
        let evidence = evidence(matter, on_the_spot, by_worker);
        let register = Register {
            channel,
            kind: kind(matter.kind),
            words: text,
            reporter: resident.zip(subject.clone()).map(|(resident, subject)| Reporter {
                subject,
                name: Some(words::name(resident)),
                phone: Some(words::phone(resident)),
                email: None,
            }),
            address: address.map(|address| format!("{}{address}", words::MARK)),
            location: if chance.happens(0.02) { Location::Unknown } else { place },
            desk,
            matter: if on_the_spot { Some(matter.code.clone()) } else { reported },
            urgency: None,
            declares_secret: false,
            confidentiality,
            outer,
            evidence,
        };
        let resident = subject.map(|subject| Caller::new(Hand::Resident { subject }, []));
        Some(Story { at, claimed_at, caller, on_the_spot, register, matter: matter.code.clone(), resident, fate })
    }
}

impl Story {
    /// Another report of what `first` reports: by someone else, of the same thing at the same place.
    pub fn of_the_same(mut self, first: &Story) -> Story {
        self.on_the_spot = false;
        self.matter.clone_from(&first.matter);
        self.register.matter = Some(first.matter.clone());
        self.register.kind = first.register.kind;
        self.register.location = first.register.location.clone();
        (self.register.desk, self.register.confidentiality) = (None, None);
        self.fate =
            Fate { corrected: false, confided: false, declined: None, explained_at_the_desk: false, ..self.fate };
        self
    }
}

impl Fate {
    fn draw(town: &Town, matter: &Matter, channel: Channel, chance: &mut Chance) -> Fate {
        let lead = match &matter.lead {
            district::Party::Organization(code) => town.habit(code),
            district::Party::OfLevel(_) => Habit::Steady,
        };
        let talk = matches!(matter.kind, CaseKind::Enquiry | CaseKind::Suggestion | CaseKind::Complaint);
        let declined = chance.happens(0.015);
        let returning = lead == Habit::Returning && chance.happens(0.35) || chance.happens(0.03);
        let careless = lead == Habit::Careless && chance.happens(0.25) || chance.happens(0.03);
        Fate {
            refused_at_first: chance.happens(0.004),
            declined: declined.then_some(if chance.happens(0.5) {
                Outcome::NotWithinRemit
            } else {
                Outcome::Procedural
            }),
            withdrawn: chance.happens(0.015),
            corrected: chance.happens(0.06),
            supplemented: chance.happens(0.08),
            confided: matter.kind == CaseKind::Report,
            escalated: chance.happens(0.02),
            explained_at_the_desk: talk && chance.happens(0.25),
            co_operating: chance.happens(0.4),
            returns: if returning { 1 + chance.below(3) as u16 } else { 0 },
            returns_granted: chance.happens(0.5),
            reassigned: chance.happens(0.02),
            extended: chance.happens(0.08),
            suspended: chance.happens(0.03),
            delay_granted: chance.happens(0.75),
            suspension_cut_short: chance.happens(0.5),
            sent_back: chance.happens(0.04),
            sent_back_unsigned: chance.happens(0.04),
            reworks: if careless { 1 + chance.below(2) as u8 } else { 0 },
            interim: chance.happens(0.03),
            reminded: chance.happens(0.1),
            supervised: chance.happens(0.4),
            letter: chance.happens(0.012),
            asks_city: channel == Channel::Hotline && chance.happens(0.12),
            unreachable: [0, 0, 0, 0, 0, 0, 1, 1, 2, 3][chance.below(10) as usize],
            followed_up: chance.happens(0.8),
            not_content: chance.happens(0.06),
            rated_by_reporter: chance.happens(0.35),
            rated_by_desk: chance.happens(0.3),
            excluded: chance.happens(0.012),
            reopened: chance.happens(0.012),
            fails_sample: chance.happens(0.1),
            ungrouped: chance.happens(0.15),
        }
    }
}

fn grid<'a>(town: &'a Town, burst: Option<Burst>, chance: &mut Chance) -> &'a Grid {
    let place = match burst {
        Some(Burst::Market { place }) => place,
        _ => chance.below(1 << 32),
    };
    &town.grids[(place % town.grids.len() as u64) as usize]
}

/// How it comes in, and whether the grid's worker brings it.
fn channel(grid: &Grid, chance: &mut Chance) -> (Channel, bool) {
    match chance.below(100) {
        0..64 if !grid.workers.is_empty() => (Channel::StaffApp, true),
        0..78 => (Channel::ResidentApp, false),
        78..82 => (Channel::Chat, false),
        82..88 => (Channel::PhoneDesk, false),
        _ => (Channel::Hotline, false),
    }
}

fn matter<'a>(town: &'a Town, due: Due, by_worker: bool, chance: &mut Chance) -> Option<&'a Matter> {
    const WET: [&str; 8] = ["水", "涝", "淹", "树", "井盖", "漏", "drain", "flood"];
    const MARKET: [&str; 6] = ["摊", "占道", "垃圾", "停", "噪", "vendor"];
    let marks: &[&str] = match due.burst {
        Some(Burst::Rainstorm) => &WET,
        Some(Burst::Market { .. }) => &MARKET,
        None => &[],
    };
    let burst = |matter: &&Matter| {
        matter.keywords.iter().chain([&matter.name.zh]).any(|word| marks.iter().any(|mark| word.contains(mark)))
    };
    let valid = || town.profile.matters.valid(due.at);
    let mut fitting: Vec<&Matter> = valid().filter(burst).collect();
    if fitting.is_empty() {
        fitting = valid().collect();
    }
    let weighed = |matter: &Matter| match matter.kind {
        CaseKind::Emergency => 1,
        // Most of what a grid worker finds is set right at once (PRACTICE 3).
        CaseKind::Event if matter.on_the_spot && by_worker => 90,
        CaseKind::Event if matter.on_the_spot => 24,
        CaseKind::Event | CaseKind::Component => 14,
        CaseKind::Enquiry | CaseKind::Complaint | CaseKind::Help if !by_worker => 16,
        CaseKind::Suggestion if !by_worker => 6,
        CaseKind::Report if !by_worker => 4,
        _ => 0,
    };
    let all: u64 = fitting.iter().map(|matter| weighed(matter)).sum();
    if all == 0 {
        return chance.pick(&fitting).copied();
    }
    let mut left = chance.below(all);
    fitting.into_iter().find(|matter| {
        let weight = weighed(matter);
        let hit = left < weight;
        left = left.saturating_sub(weight);
        hit
    })
}

fn caller(town: &Town, grid: &Grid, channel: Channel, resident: Option<u64>, chance: &mut Chance) -> Option<Caller> {
    use casework::case::Action::Register;
    match (channel, resident) {
        (Channel::StaffApp, _) => chance.pick(&grid.workers).and_then(|post| town.cast.post(post)).cloned(),
        (Channel::PhoneDesk | Channel::Hotline, _) => {
            let centre = &town.profile.rules.duty.centre;
            town.cast.of_organization(centre, Register, chance).or(town.cast.anyone(Register, &[], chance)).cloned()
        }
        (_, Some(resident)) => Some(Caller::new(Hand::Resident { subject: format!("resident/{resident}") }, [])),
        _ => None,
    }
}

/// Reports of wrongdoing go to the discipline body; half of them are confidential from the start.
fn confidence(town: &Town, matter: &Matter, chance: &mut Chance) -> (Option<String>, Option<Confidentiality>) {
    if matter.kind != CaseKind::Report {
        return (None, None);
    }
    let body = town.profile.rules.confidential.organization.clone();
    let named = if chance.happens(0.5) { named(town, chance) } else { None };
    (Some(body), named.map(|named| Confidentiality { named, ..Confidentiality::default() }))
}

/// One of the discipline body, who may see who reported.
pub(crate) fn named(town: &Town, chance: &mut Chance) -> Option<BTreeSet<String>> {
    let body = &town.profile.rules.confidential.organization;
    let officer = town.cast.of_organization(body, casework::case::Action::Confide, chance)?;
    Some([officer.hand.person()?.to_owned()].into())
}

fn wrong(town: &Town, right: &Matter, at: Instant, chance: &mut Chance) -> Option<String> {
    let others: Vec<&Matter> = town.profile.matters.valid(at).filter(|other| other.code != right.code).collect();
    if chance.happens(0.3) { None } else { chance.pick(&others).map(|other| other.code.clone()) }
}

fn evidence(matter: &Matter, on_the_spot: bool, by_worker: bool) -> Vec<Evidence> {
    match (on_the_spot, by_worker) {
        (true, _) => {
            let asked = matter.evidence.iter().map(|kind| kind.word());
            let kinds: BTreeSet<&str> = ["photo_before", "photo_after"].into_iter().chain(asked).collect();
            kinds.into_iter().map(Evidence::of).collect()
        }
        (false, true) => vec![Evidence::of("photo_before")],
        (false, false) => Vec::new(),
    }
}

fn kind(kind: CaseKind) -> RequestKind {
    match kind {
        CaseKind::Event => RequestKind::Event,
        CaseKind::Component => RequestKind::Component,
        CaseKind::Enquiry => RequestKind::Enquiry,
        CaseKind::Help => RequestKind::Help,
        CaseKind::Suggestion => RequestKind::Suggestion,
        CaseKind::Complaint => RequestKind::Complaint,
        CaseKind::Report => RequestKind::Report,
        CaseKind::Emergency => RequestKind::Emergency,
    }
}
