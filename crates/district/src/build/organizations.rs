//! `organizations.csv`, `posts.csv`, `rosters.csv`

use std::collections::{BTreeMap, HashMap};

use jiff::civil::Date;
use jiff::tz::TimeZone;
use kernel::Calendar;

use super::Codes;
use super::cells::Line;
use crate::fault::{Fault, Faults, codes};
use crate::matter::{Matters, Party, Urgency};
use crate::organization::{Organization, OrganizationKind, Organizations, Post, Posts};
use crate::read::Files;
use crate::roster::{Days, Rosters, Shift};

pub(super) fn build(files: &Files, known_codes: &Codes, faults: &mut Faults) -> Organizations {
    let table = &files.organizations;
    let parents: HashMap<&str, &str> = table.rows.iter().map(|row| (row.code.trim(), row.parent.trim())).collect();
    let mut seen = HashMap::new();
    let mut list = Vec::new();
    let mut roots = Vec::new();
    for row in &table.rows {
        let mut line = Line::of(table, row, faults);
        let unique = line.unique("code", &row.code, &mut seen);
        let kind = line.choice::<OrganizationKind>("kind", &row.kind);
        let name = line.name(&row.name_zh, &row.name_en);
        let source = line.filled("source", &row.source);
        let area = line.reference("area", &row.area, known_codes.areas.contains(row.area.trim()), codes::UNKNOWN_AREA);
        let parent_known = parents.contains_key(row.parent.trim());
        let parent = line.reference("parent", &row.parent, parent_known, codes::UNKNOWN_ORGANIZATION);
        let code = row.code.trim();
        if parent.is_some() && parent_known && circles(code, &parents) {
            line.fault("parent", codes::ORGANIZATION_CIRCLE, &[("value", &code)]);
        }
        let Some(kind) = kind else { continue };
        use OrganizationKind::{Community, Government, Outside, Subdistrict};
        if kind == Government && parent.is_none() {
            roots.push(row.line);
        } else if parent.is_none() && kind != Outside {
            line.fault("parent", codes::ORGANIZATION_ORPHAN, &[("value", &code)]);
        }
        if matches!(kind, Subdistrict | Community) && area.is_none() {
            line.fault("area", codes::ORGANIZATION_WITHOUT_AREA, &[("value", &code)]);
        }
        if unique {
            list.push(Organization { code: code.to_owned(), kind, parent, name, area, source });
        }
    }
    if !table.rows.is_empty() && roots.len() != 1 {
        let fault = table.fault(roots.get(1).copied().unwrap_or(0), "kind", codes::ORGANIZATION_ROOT);
        faults.add(fault.with("count", roots.len()));
    }
    Organizations::new(list)
}

/// Whether the parents of a code lead back to it.
fn circles(code: &str, parents: &HashMap<&str, &str>) -> bool {
    let mut above = parents.get(code).copied();
    for _ in 0..parents.len() {
        match above {
            Some(found) if found == code => return true,
            Some(found) => above = parents.get(found).copied(),
            None => return false,
        }
    }
    false
}

pub(super) fn posts(
    files: &Files,
    known_codes: &Codes,
    organizations: &Organizations,
    zone: &TimeZone,
    faults: &mut Faults,
) -> (Posts, Rosters) {
    let roles = files.roles.as_ref();
    let mut seen = HashMap::new();
    let mut list = Vec::new();
    for row in &files.posts.rows {
        let mut line = Line::of(&files.posts, row, faults);
        let unique = line.unique("key", &row.key, &mut seen);
        let name = line.name(&row.name_zh, &row.name_en);
        let source = line.filled("source", &row.source);
        let role = line.filled("role", &row.role);
        if !role.is_empty() && roles.is_some_and(|roles| roles.get(&role).is_none()) {
            line.fault("role", codes::UNKNOWN_ROLE, &[("value", &role)]);
        }
        let organization = line.filled("organization", &row.organization);
        let found = organizations.get(&organization);
        if !organization.is_empty() && !known_codes.organizations.contains(&organization) {
            line.fault("organization", codes::UNKNOWN_ORGANIZATION, &[("value", &organization)]);
        }
        let area = line.reference("area", &row.area, known_codes.areas.contains(row.area.trim()), codes::UNKNOWN_AREA);
        let area = area.or_else(|| found?.area.clone());
        if unique {
            list.push(Post { key: row.key.trim().to_owned(), role, organization, area, name, source });
        }
    }
    let posts = Posts::new(list);
    let shifts = shifts(files, known_codes, organizations, &posts, zone, faults);
    (posts, Rosters::new(shifts, zone.clone()))
}

fn shifts(
    files: &Files,
    known_codes: &Codes,
    organizations: &Organizations,
    posts: &Posts,
    zone: &TimeZone,
    faults: &mut Faults,
) -> Vec<Shift> {
    let tree_is_sound = !faults.concern("organizations");
    let mut seen = HashMap::new();
    let mut shifts = Vec::new();
    for row in &files.rosters.rows {
        let mut line = Line::of(&files.rosters, row, faults);
        let organization = line.filled("organization", &row.organization);
        if !organization.is_empty() && !known_codes.organizations.contains(&organization) {
            line.fault("organization", codes::UNKNOWN_ORGANIZATION, &[("value", &organization)]);
            continue;
        }
        let key = line.filled("shift", &row.shift);
        let period = line.period(&row.valid_from, &row.valid_until, zone);
        let first_day = line.date("valid_from", &row.valid_from).unwrap_or(Date::constant(1970, 1, 1));
        line.version_of("shift", &format!("{organization} {key}"), period, &mut seen);
        let source = line.filled("source", &row.source);
        let days = Days::parse(&row.days);
        if days.is_none() {
            let allowed = "all, working, off, mon|tue|…";
            line.fault("days", codes::VALUE_NOT_ALLOWED, &[("value", &row.days), ("allowed", &allowed)]);
        }
        let (from, until) = (line.time("from", &row.from), line.time("until", &row.until));
        if row.on_duty.is_empty() {
            line.fault("on_duty", codes::VALUE_EMPTY, &[]);
        }
        for (field, keys) in [("on_duty", &row.on_duty), ("deputy", &row.deputy)] {
            for key in keys {
                let Some(post) = posts.get(key) else {
                    line.fault(field, codes::UNKNOWN_POST, &[("value", key)]);
                    continue;
                };
                if tree_is_sound && !organizations.is_within(&post.organization, &organization) {
                    let values: [(_, &dyn ToString); 2] = [("value", key), ("organization", &organization)];
                    line.fault(field, codes::ROSTER_FOREIGN_POST, &values);
                }
            }
        }
        let (Some(days), Some(from), Some(until)) = (days, from, until) else { continue };
        let until = if until <= from { until + 24 * 60 } else { until };
        let (on_duty, deputy) = (row.on_duty.clone(), row.deputy.clone());
        shifts.push(Shift { organization, key, days, from, until, on_duty, deputy, first_day, period, source });
    }
    shifts
}

/// Whoever answers for urgent matters is on duty round the clock.
pub(super) fn check_rosters(
    files: &Files,
    matters: &Matters,
    organizations: &Organizations,
    rosters: &Rosters,
    calendar: &Calendar,
    faults: &mut Faults,
) {
    if faults.concern("rosters") || faults.concern("organizations") {
        return;
    }
    // The first urgent matter of each organization, by its line: the fault is told once.
    let mut needed: BTreeMap<&str, &str> = BTreeMap::new();
    for matter in matters.all().iter().filter(|matter| matter.urgency != Urgency::Ordinary) {
        for party in std::iter::once(&matter.lead).chain(&matter.cooperating) {
            if let Party::Organization(code) = party
                && organizations.get(code).is_some_and(|found| found.kind != OrganizationKind::Outside)
            {
                needed.entry(code).or_insert(&matter.code);
            }
        }
    }
    let year = calendar.plan().published.last().copied().unwrap_or(2024);
    let (first, last) = (Date::constant(year, 1, 1), Date::constant(year, 12, 31));
    for (organization, matter) in needed {
        let row = files.rosters.rows.iter().find(|row| row.organization.trim() == organization);
        let Some(row) = row else {
            let line =
                files.organizations.rows.iter().find(|row| row.code.trim() == organization).map_or(0, |row| row.line);
            let fault = Fault::new("organizations.csv", line, "code", codes::ROSTER_MISSING);
            faults.add(fault.with("value", organization).with("matter", matter));
            continue;
        };
        if let Some((day, minute)) = rosters.first_hole(organization, first, last, calendar) {
            let time = format!("{:02}:{:02}", minute / 60, minute % 60);
            let fault = files.rosters.fault(row.line, "until", codes::ROSTER_HOLE).with("value", organization);
            faults.add(fault.with("day", format!("{day:?}")).with("time", time));
        }
    }
}
