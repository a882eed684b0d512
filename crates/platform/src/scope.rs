//! What posts may see and do: one value that tests a resource and renders SQL, both from the same grants.
//!
//! A post is a role in an organization for an area. A role allows actions, reaches so far, and sees fields up to a
//! sensitivity. A caller with several posts may do what any of them may.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use store::{Bind, Value};

/// How far a role reaches, as in `roles.toml`; each includes those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sensitivity {
    Public,
    Internal,
    Personal,
    Confidential,
}

/// What one post allows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    pub post: String,
    pub role: String,
    /// The post's organization.
    pub organization: String,
    /// The post's organization and all under it.
    pub organizations: BTreeSet<String>,
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
    /// Where set, only these accounts may see it at all, whatever their posts (PRACTICE 13).
    pub confidential_to: Option<BTreeSet<String>>,
}

/// How a slice's table shows what a [`Resource`] holds. Fixed pieces of SQL, never a person's text.
#[derive(Clone, Copy, Debug)]
pub struct Columns {
    /// Column with the author's account.
    pub author: &'static str,
    /// Column with the area path.
    pub area: &'static str,
    /// A condition that is true when an organization of the thing is in the list put for `{}`.
    pub organization: &'static str,
    /// A column that is 0 for an open thing and else not.
    pub confidential: &'static str,
    /// A condition that is true when the account put for `{}` may see the confidential thing.
    pub named: &'static str,
}

/// A condition for `where`, and the values for its placeholders.
#[derive(Clone, Debug, PartialEq)]
pub struct Condition {
    pub text: String,
    pub values: Vec<Value>,
}

/// What a caller may do, from all posts of its account.
#[derive(Clone, Debug, PartialEq, Eq)]
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
        self.grants.iter().any(|grant| grant.actions.contains(action))
    }

    /// The first post that allows `action` on `resource`.
    pub fn grant_for(&self, action: &str, resource: &Resource) -> Option<&Grant> {
        if resource.confidential_to.as_ref().is_some_and(|named| !named.contains(&self.account)) {
            return None;
        }
        self.grants.iter().find(|grant| grant.actions.contains(action) && self.reaches(grant, resource))
    }

    pub fn allows(&self, action: &str, resource: &Resource) -> bool {
        self.grant_for(action, resource).is_some()
    }

    /// The highest sensitivity of the posts that allow `action` on `resource`.
    pub fn sensitivity(&self, action: &str, resource: &Resource) -> Option<Sensitivity> {
        if !self.allows(action, resource) {
            return None;
        }
        let allowing =
            self.grants.iter().filter(|grant| grant.actions.contains(action) && self.reaches(grant, resource));
        allowing.map(|grant| grant.sensitivity).max()
    }

    fn reaches(&self, grant: &Grant, resource: &Resource) -> bool {
        let own = resource.author.as_deref() == Some(&self.account);
        let organization = || !grant.organizations.is_disjoint(&resource.organizations);
        let area = || !resource.area.is_empty() && resource.area.starts_with(&grant.area);
        match grant.reach {
            Reach::Own => own,
            Reach::Organization => own || organization(),
            Reach::Area => own || organization() || area(),
            Reach::District => true,
        }
    }

    /// A condition that holds for just the rows whose resource [`Scope::allows`]. Placeholders count from `from`.
    pub fn sql(&self, action: &str, columns: &Columns, from: usize) -> Condition {
        let mut render = Render { next: from, values: Vec::new() };
        let allowing: Vec<&Grant> = self.grants.iter().filter(|grant| grant.actions.contains(action)).collect();
        let mut any: Vec<String> = Vec::new();
        if allowing.iter().any(|grant| grant.reach == Reach::District) {
            any.push("1 = 1".to_owned());
        } else {
            if !allowing.is_empty() {
                let place = render.bind(self.account.as_str().value());
                any.push(format!("{} = {place}", columns.author));
            }
            let organizations: BTreeSet<&str> = allowing
                .iter()
                .filter(|grant| grant.reach >= Reach::Organization)
                .flat_map(|grant| grant.organizations.iter().map(String::as_str))
                .collect();
            if !organizations.is_empty() {
                let places: Vec<String> = organizations.into_iter().map(|code| render.bind(code.value())).collect();
                any.push(columns.organization.replace("{}", &places.join(", ")));
            }
            let areas: BTreeSet<&str> =
                allowing.iter().filter(|grant| grant.reach == Reach::Area).map(|grant| grant.area.as_str()).collect();
            for area in areas {
                any.push(render.within(columns.area, area));
            }
        }
        if any.is_empty() {
            any.push("1 = 0".to_owned());
        }
        let named = render.bind(self.account.as_str().value());
        let open = format!("({} = 0 or {})", columns.confidential, columns.named.replace("{}", &named));
        Condition { text: format!("(({}) and {open})", any.join(" or ")), values: render.values }
    }
}

struct Render {
    next: usize,
    values: Vec<Value>,
}

impl Render {
    fn bind(&mut self, value: Value) -> String {
        self.values.push(value);
        self.next += 1;
        format!("${}", self.next - 1)
    }

    /// A path within `area`: a range, so that an index serves. `0` is the character after `/`.
    fn within(&mut self, column: &str, area: &str) -> String {
        if area.is_empty() {
            return format!("{column} <> ''");
        }
        let low = self.bind(area.value());
        let high = self.bind(format!("{}0", area.trim_end_matches('/')).value());
        format!("({column} >= {low} and {column} < {high})")
    }
}
