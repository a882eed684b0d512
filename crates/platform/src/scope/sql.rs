//! A scope as a condition in SQL.

use std::collections::BTreeSet;

use store::{Bind, Value};

use super::{Grant, Reach, Scope, Sensitivity, View};

/// How a slice's table shows what a [`super::Resource`] holds. Fixed pieces of SQL, never a person's text.
#[derive(Clone, Copy, Debug)]
pub struct Columns {
    /// Column with the author's account.
    pub author: &'static str,
    /// Column with the area path.
    pub area: &'static str,
    /// A condition that is true when an organization of the thing is in the list put for `{}`.
    pub organization: &'static str,
    /// The same of a confidential thing, asked of few rows.
    pub confided: &'static str,
    /// A column that is 0 for an open thing and else not.
    pub confidential: &'static str,
    /// A condition that is true when the account put for `{}` is named by the confidential thing.
    pub named: &'static str,
    /// A condition that is true when the organization put for `{}` is barred from the confidential thing.
    pub barred: &'static str,
}

/// A condition for `where`, and the values for its placeholders.
#[derive(Clone, Debug, PartialEq)]
pub struct Condition {
    pub text: String,
    pub values: Vec<Value>,
}

impl Scope {
    /// A condition that holds for just the rows whose resource [`Scope::allows`]. Placeholders count from `from`.
    pub fn sql(&self, action: &str, columns: &Columns, from: usize) -> Condition {
        self.render(action, columns, from, false)
    }

    /// The same over rows that are in view if they are open: where the rest of the statement asks for nothing but
    /// [`View::organizations`] or [`View::areas`], each row need not be asked that again.
    pub fn sql_in_view(&self, action: &str, columns: &Columns, from: usize) -> Condition {
        self.render(action, columns, from, true)
    }

    fn render(&self, action: &str, columns: &Columns, from: usize, in_view: bool) -> Condition {
        let mut render = Render { columns, next: from, values: Vec::new() };
        let view = self.view(action, Sensitivity::Public);
        let open = (!view.everything && !in_view).then(|| render.open(&view));
        // Posts of one organization, reach and clearance see the same confidential things.
        let mut ways: Vec<String> = Vec::new();
        let mut seen = BTreeSet::new();
        let account = self.account();
        for grant in self.grants().iter().filter(|grant| grant.actions.contains(action)) {
            let cleared = (grant.sensitivity == Sensitivity::Confidential).then_some((grant.reach, &grant.area));
            if seen.insert((&grant.organization, cleared)) {
                ways.push(render.confidential(account, grant));
            }
        }
        let flag = columns.confidential;
        let text = match ways.as_slice() {
            [] => "1 = 0".to_owned(),
            ways => {
                let open = open.map(|open| format!(" and {open}")).unwrap_or_default();
                format!("(({flag} = 0{open}) or ({flag} <> 0 and ({})))", ways.join(" or "))
            }
        };
        Condition { text, values: render.values }
    }
}

struct Render<'a> {
    columns: &'a Columns,
    next: usize,
    values: Vec<Value>,
}

impl Render<'_> {
    fn open(&mut self, view: &View<'_>) -> String {
        let mut any = Vec::new();
        if let Some(account) = view.account {
            any.push(self.own(account));
        }
        // What costs least comes first.
        for area in &view.areas {
            any.push(self.within(area));
        }
        any.extend(self.among(self.columns.organization, view.organizations.iter().copied()));
        either(&any)
    }

    /// By one post: not barred, and its own, named, worked on in its organization, or covered by a cleared role.
    fn confidential(&mut self, account: &str, grant: &Grant) -> String {
        let organization = self.bind(&grant.organization);
        let barred = self.columns.barred.replace("{}", &organization);
        if grant.sensitivity == Sensitivity::Confidential && grant.reach == Reach::District {
            return format!("(not {barred})");
        }
        let named = self.bind(account);
        let mut any = vec![self.own(account), self.columns.named.replace("{}", &named)];
        let confided = self.columns.confided;
        any.extend(self.among(confided, grant.line.iter().map(String::as_str)));
        if grant.sensitivity == Sensitivity::Confidential && grant.reach >= Reach::Organization {
            any.extend(self.among(confided, grant.organizations.iter().map(String::as_str)));
            if grant.reach == Reach::Area {
                any.push(self.within(&grant.area));
            }
        }
        format!("(not {barred} and {})", either(&any))
    }

    fn own(&mut self, account: &str) -> String {
        format!("{} = {}", self.columns.author, self.bind(account))
    }

    fn among<'a>(&mut self, condition: &str, codes: impl Iterator<Item = &'a str>) -> Option<String> {
        let places: Vec<String> = codes.map(|code| self.bind(code)).collect();
        (!places.is_empty()).then(|| condition.replace("{}", &places.join(", ")))
    }

    /// A path within `area`: a range, so that an index serves. `0` is the character after `/`.
    fn within(&mut self, area: &str) -> String {
        let column = self.columns.area;
        if area.is_empty() {
            return format!("{column} <> ''");
        }
        let low = self.bind(area);
        let high = self.bind(&format!("{}0", area.trim_end_matches('/')));
        format!("({column} >= {low} and {column} < {high})")
    }

    fn bind(&mut self, value: &str) -> String {
        self.values.push(value.value());
        self.next += 1;
        format!("${}", self.next - 1)
    }
}

fn either(any: &[String]) -> String {
    if any.is_empty() { "1 = 0".to_owned() } else { format!("({})", any.join(" or ")) }
}
