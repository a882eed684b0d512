//! `classes.csv`, `matters.csv`, `limits.csv`, `powers.csv`

use std::collections::{BTreeMap, HashMap, HashSet};

use jiff::tz::TimeZone;

use super::Codes;
use super::cells::Line;
use crate::area::Rank;
use crate::fault::{Faults, codes};
use crate::matter::{
    CaseKind, Class, ClassBasis, Evidence, Matter, Matters, Party, Power, PowerKind, Stage, StageLimits, Urgency,
};
use crate::name::Name;
use crate::organization::Organizations;
use crate::read::Files;
use crate::rows::MatterRow;
use crate::territory::Territory;

/// Of each version of a matter its limits, and whether a line of them has an unreadable stage.
type Limits = HashMap<(String, String), (BTreeMap<Stage, StageLimits>, bool)>;

pub(super) fn classes(files: &Files, faults: &mut Faults) -> Vec<Class> {
    let mut seen = HashMap::new();
    let mut classes = Vec::new();
    for row in &files.classes.rows {
        let mut line = Line::of(&files.classes, row, faults);
        let unique = line.unique("code", &row.code, &mut seen);
        let name = line.name(&row.name_zh, &row.name_en);
        line.filled("group_zh", &row.group_zh);
        line.filled("group_en", &row.group_en);
        let group = line.filled("group", &row.group);
        let source = line.filled("source", &row.source);
        let basis = line.choice::<ClassBasis>("basis", &row.basis);
        if !row.code.trim().is_empty() && !["component:", "event:"].iter().any(|kind| row.code.starts_with(kind)) {
            line.fault("code", codes::VALUE_NOT_ALLOWED, &[("value", &row.code), ("allowed", &"component:…, event:…")]);
        }
        if let (true, Some(basis)) = (unique, basis) {
            let group_name = Name::new(&row.group_zh, &row.group_en);
            classes.push(Class { code: row.code.trim().to_owned(), group, name, group_name, basis, source });
        }
    }
    classes
}

/// What matters and powers refer to.
struct Known<'a> {
    codes: &'a Codes,
    organizations: &'a Organizations,
    territory: &'a Territory,
    classes: HashSet<&'a str>,
    chains: Option<HashSet<&'a str>>,
    /// `@LEVEL`s already found wanting, each told once.
    wanting: HashSet<String>,
}

impl<'a> Known<'a> {
    fn new(
        files: &'a Files,
        codes: &'a Codes,
        organizations: &'a Organizations,
        territory: &'a Territory,
    ) -> Known<'a> {
        let rules = files.rules.as_ref();
        Known {
            codes,
            organizations,
            territory,
            classes: files.classes.rows.iter().map(|row| row.code.trim()).collect(),
            chains: rules.map(|rules| rules.chain.iter().map(|chain| chain.key.as_str()).collect()),
            wanting: HashSet::new(),
        }
    }

    fn party(&mut self, line: &mut Line<'_>, field: &str, cell: &str) -> Party {
        let party = Party::parse(cell.trim());
        match &party {
            Party::Organization(code) if !self.codes.organizations.contains(code) => {
                line.fault(field, codes::UNKNOWN_ORGANIZATION, &[("value", code)]);
            }
            Party::OfLevel(level) => match self.territory.level(level) {
                None => line.fault(field, codes::UNKNOWN_LEVEL, &[("value", level)]),
                Some(place) => self.governed(line, field, level, place),
            },
            Party::Organization(_) => {}
        }
        party
    }

    /// Every area of the level has an organization.
    fn governed(&mut self, line: &mut Line<'_>, field: &str, level: &str, place: usize) {
        let areas = self.territory.areas().iter().filter(|area| area.rank == Rank::Level(place));
        for area in areas {
            if self.organizations.governing(&area.code).is_none() && self.wanting.insert(area.code.clone()) {
                let value = format!("@{level}");
                return line.fault(field, codes::LEAD_NOBODY, &[("value", &value), ("area", &area.code)]);
            }
        }
    }
}

pub(super) fn build(
    files: &Files,
    known_codes: &Codes,
    organizations: &Organizations,
    territory: &Territory,
    zone: &TimeZone,
    faults: &mut Faults,
) -> Matters {
    let mut limits = limits(files, faults);
    let mut known = Known::new(files, known_codes, organizations, territory);
    let mut versions = HashMap::new();
    let mut list = Vec::new();
    for row in &files.matters.rows {
        let mut line = Line::of(&files.matters, row, faults);
        let period = line.period(&row.valid_from, &row.valid_until, zone);
        let unique = line.version(&row.code, period, &mut versions);
        let key = (row.code.trim().to_owned(), row.valid_from.trim().to_owned());
        let (limits, unreadable) = limits.remove(&key).unwrap_or_default();
        let matter = matter(&mut line, row, &mut known);
        if let (true, Some(matter)) = (unique, matter) {
            let matter = Matter { period, limits, ..matter };
            if !unreadable {
                check_limits(&mut line, &matter);
            }
            list.push(matter);
        }
    }
    Matters::new(list)
}

fn matter(line: &mut Line<'_>, row: &MatterRow, known: &mut Known<'_>) -> Option<Matter> {
    let name = line.name(&row.name_zh, &row.name_en);
    let source = line.filled("source", &row.source);
    let kind = line.choice::<CaseKind>("kind", &row.kind);
    let urgency = line.choice::<Urgency>("urgency", &row.urgency);
    let evidence = row.evidence.iter().filter_map(|word| line.choice::<Evidence>("evidence", word)).collect();
    for class in &row.classes {
        line.reference("classes", class, known.classes.contains(class.as_str()), codes::UNKNOWN_CLASS);
    }
    let chain_known = known.chains.as_ref().is_none_or(|chains| chains.contains(row.chain.trim()));
    let chain = line.reference("chain", &row.chain, chain_known, codes::UNKNOWN_CHAIN);
    let lead = line.filled("lead", &row.lead);
    let lead = if lead.is_empty() { Party::parse("") } else { known.party(line, "lead", &lead) };
    let cooperating = row.cooperating.iter().map(|cell| known.party(line, "cooperating", cell)).collect();
    let callable = line.yes("callable", &row.callable);
    let on_the_spot = line.yes("on_the_spot", &row.on_the_spot);
    let timed = line.yes("timed", &row.timed);
    Some(Matter {
        code: row.code.trim().to_owned(),
        version: row.valid_from.trim().to_owned(),
        period: Default::default(),
        name,
        kind: kind?,
        lead,
        cooperating,
        callable,
        urgency: urgency?,
        classes: row.classes.clone(),
        evidence,
        on_the_spot,
        timed,
        chain,
        keywords: row.keywords.clone(),
        basis: row.basis.trim().to_owned(),
        source,
        limits: BTreeMap::new(),
    })
}

/// A timed matter has the limits it needs; an untimed one none.
fn check_limits(line: &mut Line<'_>, matter: &Matter) {
    if !matter.timed {
        if !matter.limits.is_empty() {
            line.fault("timed", codes::LIMIT_NEEDLESS, &[("value", &matter.code)]);
        }
        return;
    }
    let emergency = matter.urgency == Urgency::Emergency;
    let needed = [(Stage::Handle, true), (Stage::Answer, matter.callable || emergency), (Stage::Arrive, emergency)];
    for (stage, needed) in needed {
        if needed && matter.limits(stage) == StageLimits::default() {
            line.fault("code", codes::LIMIT_MISSING, &[("value", &matter.code), ("stage", &stage)]);
        }
    }
}

/// Limits by matter and version. A line whose amount or unit is at fault still counts as one.
fn limits(files: &Files, faults: &mut Faults) -> Limits {
    let matters: HashSet<(&str, &str)> =
        files.matters.rows.iter().map(|row| (row.code.trim(), row.valid_from.trim())).collect();
    let mut seen = HashMap::new();
    let mut limits = Limits::new();
    for row in &files.limits.rows {
        let mut line = Line::of(&files.limits, row, faults);
        line.filled("source", &row.source);
        let stage = line.choice::<Stage>("stage", &row.stage);
        let legal = line.yes("legal", &row.legal);
        let limit = line.limit(&row.amount, &row.unit);
        let (matter, version) = (line.filled("matter", &row.matter), row.valid_from.trim());
        if !matter.is_empty() && !matters.contains(&(matter.as_str(), version)) {
            let value = format!("{matter} {version}");
            line.fault("matter", codes::UNKNOWN_MATTER, &[("value", &value.trim())]);
        }
        let of_matter = limits.entry((matter.clone(), version.to_owned())).or_default();
        let Some(stage) = stage else {
            of_matter.1 = true;
            continue;
        };
        let key = format!("{matter} {version} {stage} {}", row.legal.trim());
        line.unique("stage", &key, &mut seen);
        let stage = of_matter.0.entry(stage).or_default();
        // Any limit does in place of a faulty one: the profile is not used then.
        let limit = limit.unwrap_or(kernel::Limit::new(1, kernel::Unit::WorkingDay));
        *(if legal { &mut stage.legal } else { &mut stage.own }) = Some(limit);
    }
    limits
}

pub(super) fn powers(
    files: &Files,
    known_codes: &Codes,
    organizations: &Organizations,
    territory: &Territory,
    faults: &mut Faults,
) -> Vec<Power> {
    let mut known = Known::new(files, known_codes, organizations, territory);
    let matters: HashSet<&str> = files.matters.rows.iter().map(|row| row.code.trim()).collect();
    let mut seen = HashMap::new();
    let mut powers = Vec::new();
    for row in &files.powers.rows {
        let mut line = Line::of(&files.powers, row, faults);
        let unique = line.unique("code", &row.code, &mut seen);
        let name = line.name(&row.name_zh, &row.name_en);
        let source = line.filled("source", &row.source);
        let kind = line.choice::<PowerKind>("kind", &row.kind);
        let lead = line.filled("lead", &row.lead);
        let lead = if lead.is_empty() { Party::parse("") } else { known.party(&mut line, "lead", &lead) };
        let cooperating = row.cooperating.iter().map(|cell| known.party(&mut line, "cooperating", cell)).collect();
        for matter in &row.matters {
            line.reference("matters", matter, matters.contains(matter.as_str()), codes::UNKNOWN_MATTER);
        }
        if let (true, Some(kind)) = (unique, kind) {
            let (code, basis) = (row.code.trim().to_owned(), row.basis.trim().to_owned());
            powers.push(Power { code, name, kind, lead, cooperating, matters: row.matters.clone(), basis, source });
        }
    }
    powers
}
