//! Organizations, posts and rosters that are alike for every subdistrict, community, grid or department of the plan.

use std::path::Path;

use district::rows::{AreaRow, OrganizationRow, PostRow, RosterRow};
use serde::Deserialize;

use super::TerritoryError;
use super::plan::{read_csv, read_toml};

/// `plan/staff.toml`: patterns, carried out from the top.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StaffFile {
    pattern: Vec<Pattern>,
}

/// What there is for each area of a level, each organization of a kind, or one organization.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Pattern {
    each: String,
    #[serde(default)]
    organization: Vec<OrganizationRow>,
    #[serde(default)]
    post: Vec<PostRow>,
    #[serde(default)]
    shift: Vec<RosterRow>,
}

pub struct Staff {
    pub organizations: Vec<OrganizationRow>,
    pub posts: Vec<PostRow>,
    pub rosters: Vec<RosterRow>,
}

/// The rows of `plan/organizations.csv`, and those that the patterns of `plan/staff.toml` make of them and of the areas.
pub fn appoint(profile: &Path, areas: &[AreaRow]) -> Result<Staff, TerritoryError> {
    let organizations: Vec<OrganizationRow> = read_csv(&profile.join("plan/organizations.csv"))?;
    let file: StaffFile = read_toml(&profile.join("plan/staff.toml"))?;
    let mut subjects: Vec<Subject> = areas.iter().map(Subject::of_area).collect();
    subjects.extend(organizations.iter().map(Subject::of_organization));
    let mut staff = Staff { organizations: organizations.clone(), posts: Vec::new(), rosters: Vec::new() };
    for pattern in &file.pattern {
        for subject in subjects.iter().filter(|subject| subject.is(&pattern.each)) {
            staff.organizations.extend(pattern.organization.iter().map(|row| subject.organization(row)));
            staff.posts.extend(pattern.post.iter().map(|row| subject.post(row)));
            staff.rosters.extend(pattern.shift.iter().map(|row| subject.shift(row)));
        }
    }
    Ok(staff)
}

/// An area or organization that patterns are filled with.
struct Subject<'a> {
    /// Level of an area, kind of an organization.
    sort: &'a str,
    /// Whether a pattern may name it by its code.
    named: bool,
    code: &'a str,
    parent: &'a str,
    name_zh: &'a str,
    name_en: &'a str,
}

impl<'a> Subject<'a> {
    fn of_area(row: &'a AreaRow) -> Self {
        let AreaRow { code, parent, level, name_zh, name_en, .. } = row;
        Subject { sort: level, named: false, code, parent, name_zh, name_en }
    }

    fn of_organization(row: &'a OrganizationRow) -> Self {
        let OrganizationRow { code, parent, kind, name_zh, name_en, .. } = row;
        Subject { sort: kind, named: true, code, parent, name_zh, name_en }
    }

    fn is(&self, each: &str) -> bool {
        self.sort == each || (self.named && self.code == each)
    }

    fn fill(&self, text: &str) -> String {
        let filled = text.replace("{code}", self.code).replace("{parent}", self.parent);
        filled.replace("{name_zh}", self.name_zh).replace("{name_en}", self.name_en)
    }

    fn organization(&self, row: &OrganizationRow) -> OrganizationRow {
        OrganizationRow {
            code: self.fill(&row.code),
            kind: row.kind.clone(),
            parent: self.fill(&row.parent),
            name_zh: self.fill(&row.name_zh),
            name_en: self.fill(&row.name_en),
            area: self.fill(&row.area),
            source: row.source.clone(),
        }
    }

    fn post(&self, row: &PostRow) -> PostRow {
        PostRow {
            key: self.fill(&row.key),
            role: row.role.clone(),
            organization: self.fill(&row.organization),
            area: self.fill(&row.area),
            name_zh: self.fill(&row.name_zh),
            name_en: self.fill(&row.name_en),
            source: row.source.clone(),
        }
    }

    fn shift(&self, row: &RosterRow) -> RosterRow {
        let fill = |keys: &[String]| keys.iter().map(|key| self.fill(key)).collect();
        RosterRow {
            organization: self.fill(&row.organization),
            on_duty: fill(&row.on_duty),
            deputy: fill(&row.deputy),
            ..row.clone()
        }
    }
}
