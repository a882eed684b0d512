//! What posts may see and do: one value that tests a resource and renders SQL, both from the same grants.
//!
//! A post is a role in an organization for an area. A role allows actions, reaches so far, and sees fields up to a
//! sensitivity. A caller with several posts may do what any of them may.
//!
//! A confidential thing (PRACTICE 13) is seen by fewer: who works on it, who is named, and roles whose sensitivity is
//! `confidential` as far as they reach; never by a post of the unit complained of, of one above it or of one of its parts. Who
//! reported it is kept apart from what was reported: that only those named see.

mod sql;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

pub use sql::{Columns, Condition};

/// How far a role reaches, as in `roles.toml`; each includes those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reach {
    /// What the caller itself began.
    Own,
    /// That, and what the caller's organization, or one under it, has to do with.
    Organization,
    /// That, and what lies in the post's area.
    Area,
    /// Everything in the district.
    District,
}

/// The highest kind of field a role may see; each includes those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sensitivity {
    Public,
    Internal,
    Personal,
    Confidential,
}

/// What one post allows.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Grant {
    pub post: String,
    pub role: String,
    /// The post's organization.
    pub organization: String,
    /// The post's organization and all under it.
    pub organizations: BTreeSet<String>,
    /// The post's organization and all above it.
    pub line: BTreeSet<String>,
    /// Codes from the top down to the post's area, each followed by `/`; empty for the whole district.
    pub area: String,
    pub reach: Reach,
    pub sensitivity: Sensitivity,
    pub actions: BTreeSet<String>,
}

/// What a thing is, as far as permission asks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Resource {
    /// The account that began it.
    pub author: Option<String>,
    /// Organizations that have to do with it.
    pub organizations: BTreeSet<String>,
    /// Codes from the top down to its area, each followed by `/`; empty where it has no place.
    pub area: String,
    pub confidential: Option<Confidential>,
}

/// Who may see a confidential thing beside those who work on it, and who never.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Confidential {
    /// Accounts that may see who reported.
    pub named: BTreeSet<String>,
    /// Organizations whose posts never see it: the unit complained of, those above it and its parts.
    pub barred: BTreeSet<String>,
}

/// What a caller sees of things that are not confidential, as a list of ways to see one: for readers that answer by
/// something other than SQL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct View<'a> {
    /// Every thing.
    pub everything: bool,
    /// Things this account began; none where no post allows the action.
    pub account: Option<&'a str>,
    /// Things these organizations have to do with.
    pub organizations: BTreeSet<&'a str>,
    /// Things within these areas: codes from the top down, each followed by `/`. An empty one holds whatever has a place.
    pub areas: BTreeSet<&'a str>,
}

/// What a caller may do, from all posts of its account.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Scope {
    account: String,
    grants: Vec<Grant>,
}

impl Scope {
    pub fn new(account: String, grants: Vec<Grant>) -> Scope {
        Scope { account, grants }
    }

    pub fn account(&self) -> &str {
        &self.account
    }

    pub fn grants(&self) -> &[Grant] {
        &self.grants
    }

    /// Whether any post allows `action` on anything.
    pub fn has(&self, action: &str) -> bool {
        self.granting(action).next().is_some()
    }

    /// The first post that allows `action` on `resource`.
    pub fn grant_for(&self, action: &str, resource: &Resource) -> Option<&Grant> {
        self.granting(action).find(|grant| self.reaches(grant, resource))
    }

    pub fn allows(&self, action: &str, resource: &Resource) -> bool {
        self.grant_for(action, resource).is_some()
    }

    /// The highest sensitivity of the posts that allow `action` on `resource`.
    pub fn sensitivity(&self, action: &str, resource: &Resource) -> Option<Sensitivity> {
        let allowing = self.granting(action).filter(|grant| self.reaches(grant, resource));
        allowing.map(|grant| grant.sensitivity).max()
    }

    /// Whether the caller may learn who the person behind `resource` is. On a confidential thing only those named may.
    pub fn identifies(&self, action: &str, resource: &Resource) -> bool {
        let named = |confidential: &Confidential| confidential.named.contains(&self.account);
        resource.confidential.as_ref().is_none_or(named)
            && self.sensitivity(action, resource).is_some_and(|sees| sees >= Sensitivity::Personal)
    }

    /// What of the open things `action` is allowed on, by posts that see at least fields of kind `least`.
    pub fn view(&self, action: &str, least: Sensitivity) -> View<'_> {
        let allowing: Vec<&Grant> = self.granting(action).filter(|grant| grant.sensitivity >= least).collect();
        let of = |reach: Reach| allowing.iter().filter(move |grant| grant.reach >= reach);
        View {
            everything: of(Reach::District).next().is_some(),
            account: (!allowing.is_empty()).then_some(self.account.as_str()),
            organizations: of(Reach::Organization)
                .flat_map(|grant| grant.organizations.iter().map(String::as_str))
                .collect(),
            areas: allowing
                .iter()
                .filter(|grant| grant.reach == Reach::Area)
                .map(|grant| grant.area.as_str())
                .collect(),
        }
    }

    fn granting(&self, action: &str) -> impl Iterator<Item = &Grant> {
        self.grants.iter().filter(move |grant| grant.actions.contains(action))
    }

    fn reaches(&self, grant: &Grant, resource: &Resource) -> bool {
        let own = resource.author.as_deref() == Some(&self.account);
        match &resource.confidential {
            None => own || grant.covers(resource),
            Some(confidential) => {
                let works = || !grant.line.is_disjoint(&resource.organizations);
                let cleared = || grant.sensitivity == Sensitivity::Confidential && grant.covers(resource);
                !confidential.barred.contains(&grant.organization)
                    && (own || confidential.named.contains(&self.account) || works() || cleared())
            }
        }
    }
}

impl Grant {
    /// Whether the role's reach takes in the thing, whoever began it.
    fn covers(&self, resource: &Resource) -> bool {
        let organization = || !self.organizations.is_disjoint(&resource.organizations);
        let area = || !resource.area.is_empty() && resource.area.starts_with(&self.area);
        match self.reach {
            Reach::Own => false,
            Reach::Organization => organization(),
            Reach::Area => organization() || area(),
            Reach::District => true,
        }
    }
}
