//! Lists of cases by what they are, page by page, as far as the caller may read them.

use std::fmt;
use std::str::FromStr;

use journal::JournalError;
use kernel::Instant;
use platform::{Scope, Sensitivity};
use serde::{Deserialize, Serialize};
use store::{Bind, Db, Dialect, Read, Sql, Value};

use super::columns::{ORGANIZATION, columns};
use super::narrow::Gathered;
use super::queue::UnknownCursor;
use super::rows::NEVER;
use crate::case::CaseId;
use crate::resource::READ;

/// What the cases of a list have in common. What is empty or none asks for nothing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Filter {
    /// In any of these, or in a part of one: the ways to the areas, each code followed by `/`.
    pub areas: Vec<String>,
    /// Any of these has to do with it.
    pub organizations: Vec<String>,
    pub matters: Vec<String>,
    /// Names of states.
    pub states: Vec<String>,
    pub open: Option<bool>,
    pub kinds: Vec<String>,
    pub channels: Vec<String>,
    /// 0 ordinary, 1 urgent, 2 emergency.
    pub urgencies: Vec<i64>,
    pub confidential: Option<bool>,
    /// The next limit runs out at this instant or later, and before that one.
    pub due: (Option<Instant>, Option<Instant>),
    pub opened: (Option<Instant>, Option<Instant>),
    pub closed: (Option<Instant>, Option<Instant>),
    /// Only these, and of these none that has become confidential: what a text was found in, not more than [`MOST_NAMED`].
    pub found: Option<Vec<CaseId>>,
}

/// Cases that a filter names one by one, at most: each is a value of the statement.
pub const MOST_NAMED: usize = 5_000;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Order {
    /// Opened last comes first.
    #[default]
    Newest,
    Oldest,
    /// What lapses next comes first; only open cases.
    Due,
    /// Emergencies first, then what lapses next; only open cases.
    Urgency,
    /// Closed last comes first; only closed cases.
    Closed,
}

#[derive(Clone, Debug, Default)]
pub struct ListPage {
    pub order: Order,
    pub after: Option<ListCursor>,
    /// 1 to 1,000.
    pub limit: i64,
}

/// Where a page ended. Written `value.case`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ListCursor {
    value: i64,
    case: CaseId,
}

/// A line of a list.
#[derive(Clone, Debug, PartialEq)]
pub struct CaseRow {
    pub case: CaseId,
    pub number: String,
    pub version: i64,
    pub state: String,
    pub matter: Option<String>,
    pub kind: String,
    pub channel: String,
    /// 0 ordinary, 1 urgent, 2 emergency.
    pub urgency: i64,
    /// The smallest known.
    pub area: Option<String>,
    pub desk: String,
    pub lead: Option<String>,
    pub confidential: bool,
    /// When the next clock lapses; none: no limit.
    pub due_at: Option<Instant>,
    pub opened_at: Instant,
    pub closed_at: Option<Instant>,
    /// Give it to the next page.
    pub cursor: ListCursor,
}

type Line = (
    String,
    String,
    i64,
    String,
    Option<String>,
    String,
    String,
    i64,
    Option<String>,
    String,
    Option<String>,
    i64,
    i64,
    i64,
    Option<i64>,
    i64,
);

pub(crate) async fn page(
    mut db: &Db,
    scope: Option<&Scope>,
    filter: &Filter,
    page: &ListPage,
    few: i64,
) -> Result<Vec<CaseRow>, JournalError> {
    if filter.finds_none() {
        return Ok(Vec::new());
    }
    let (column, descending) = page.order.column();
    let few = Gathered::few(db, scope, filter, few).await?;
    let mut found = Conditions::of(db.dialect(), scope, filter, page.order, few.as_ref());
    if let Some(after) = page.after {
        let (value, case) = (found.bind(after.value), found.bind(after.case.to_string()));
        let beyond = if descending { "<" } else { ">" };
        found.all.push(format!("(f.{column}, f.id) {beyond} ({value}, {case})"));
    }
    // In the text: a plan that is kept knows how few lines are wanted.
    let limit = page.limit.clamp(1, 1_000);
    let direction = if descending { "desc" } else { "asc" };
    // Those gathered are sorted: no index in the list's order is gone through.
    let by = if few.is_some() { format!("(f.{column} + 0)") } else { format!("f.{column}") };
    let text = format!(
        "select f.id, f.number, f.version, f.state, f.matter, f.kind, f.channel, f.urgency, f.area, f.desk, f.lead, \
         f.confidential, f.due_at, f.opened_at, f.closed_at, f.{column} from case_file f where {} \
         order by {by} {direction}, f.id {direction} limit {limit}",
        found.text()
    );
    let lines: Vec<Line> = db.all(found.over(text, filter)).await?;
    lines.into_iter().map(row).collect()
}

pub(crate) async fn count_up_to(
    mut db: &Db,
    scope: &Scope,
    filter: &Filter,
    order: Order,
    most: i64,
    few: i64,
) -> Result<i64, JournalError> {
    if filter.finds_none() {
        return Ok(0);
    }
    let few = Gathered::few(db, Some(scope), filter, few).await?;
    let mut found = Conditions::of(db.dialect(), Some(scope), filter, order, few.as_ref());
    let most = found.bind(most);
    let text =
        format!("select count(*) from (select f.id from case_file f where {} limit {most}) counted", found.text());
    let (count,): (i64,) = db.one(found.over(text, filter)).await?;
    Ok(count)
}

impl Filter {
    fn finds_none(&self) -> bool {
        self.found.as_ref().is_some_and(Vec::is_empty)
    }
}

impl Order {
    /// The column it goes by, and whether downwards.
    fn column(self) -> (&'static str, bool) {
        match self {
            Order::Newest => ("opened_at", true),
            Order::Oldest => ("opened_at", false),
            Order::Due => ("due_at", false),
            Order::Urgency => ("rank", false),
            Order::Closed => ("closed_at", true),
        }
    }

    /// Which cases have a place in it; words of the index that serves it.
    fn only(self) -> Option<&'static str> {
        match self {
            Order::Newest | Order::Oldest => None,
            Order::Due | Order::Urgency => Some("f.open = 1"),
            Order::Closed => Some("f.closed_at is not null"),
        }
    }
}

/// Conditions that all hold, with the values of their placeholders.
struct Conditions {
    all: Vec<String>,
    values: Vec<Value>,
    /// How many cases are found hangs on the values.
    selective: bool,
}

impl Conditions {
    fn of(
        dialect: Dialect,
        scope: Option<&Scope>,
        filter: &Filter,
        order: Order,
        few: Option<&Gathered>,
    ) -> Conditions {
        let rendered = |scope: &Scope| match in_view(scope, filter) {
            true => scope.sql_in_view(READ, columns(dialect), 1),
            false => scope.sql(READ, columns(dialect), 1),
        };
        let everything = scope.is_none_or(|scope| scope.view(READ, Sensitivity::Public).everything);
        let selective = few.is_some() || !everything || *filter != Filter::default();
        let mut found = match scope.map(rendered) {
            Some(allowed) => Conditions { all: vec![allowed.text], values: allowed.values, selective },
            None => Conditions { all: vec!["1 = 1".to_owned()], values: Vec::new(), selective },
        };
        if let Some(few) = few {
            let among = few.condition(&mut found.values);
            found.all.push(among);
        }
        found.all.extend(order.only().map(str::to_owned));
        // Which cases they are stands in what was gathered.
        found.all.extend(filter.found.as_ref().map(|_| "f.confidential = 0".to_owned()));
        found.within(&filter.areas);
        let texts = [
            ("f.matter", &filter.matters),
            ("f.state", &filter.states),
            ("f.kind", &filter.kinds),
            ("f.channel", &filter.channels),
        ];
        for (column, values) in texts {
            found.among(column, values);
        }
        found.among("f.urgency", &filter.urgencies);
        if !filter.organizations.is_empty() {
            let places = found.bind_all(&filter.organizations);
            found.all.push(ORGANIZATION.replace("{}", &places));
        }
        let flags = [("f.open", filter.open), ("f.confidential", filter.confidential)];
        for (column, wanted) in flags.into_iter().filter_map(|(column, wanted)| Some((column, wanted?))) {
            found.all.push(format!("{column} = {}", i64::from(wanted)));
        }
        for (column, between) in [("due_at", filter.due), ("opened_at", filter.opened), ("closed_at", filter.closed)] {
            found.between(column, between);
        }
        found
    }

    fn bind(&mut self, value: impl Bind) -> String {
        self.values.push(value.value());
        format!("${}", self.values.len())
    }

    fn bind_all<T: Bind + Clone>(&mut self, values: &[T]) -> String {
        let places: Vec<String> = values.iter().map(|value| self.bind(value.clone())).collect();
        places.join(", ")
    }

    fn among<T: Bind + Clone>(&mut self, column: &str, values: &[T]) {
        if !values.is_empty() {
            let places = self.bind_all(values);
            self.all.push(format!("{column} in ({places})"));
        }
    }

    /// A range of paths. `0` is the character after `/`.
    fn within(&mut self, areas: &[String]) {
        let range = |area: &String, found: &mut Conditions| {
            let (low, high) = (found.bind(area), found.bind(format!("{}0", area.trim_end_matches('/'))));
            // Read in the list's order: where few lie in the area, they are gathered by its index.
            format!("((f.path || '') >= {low} and (f.path || '') < {high})")
        };
        let any: Vec<String> = areas.iter().map(|area| range(area, self)).collect();
        if !any.is_empty() {
            self.all.push(format!("({})", any.join(" or ")));
        }
    }

    fn between(&mut self, column: &str, (from, until): (Option<Instant>, Option<Instant>)) {
        for (comparison, bound) in [(">=", from), ("<", until)] {
            if let Some(bound) = bound {
                let bound = self.bind(bound.micros());
                self.all.push(format!("f.{column} {comparison} {bound}"));
            }
        }
    }

    fn text(&self) -> String {
        self.all.join(" and ")
    }

    /// The statement, planned with its values in view where they tell: how many cases a filter finds differs a thousandfold.
    fn over(self, text: String, filter: &Filter) -> Sql {
        let asked = Sql::composed(text).bind_all(self.values);
        let asked = if self.selective { asked.replanned() } else { asked };
        // With as many placeholders as a text was found in cases.
        if filter.found.is_some() { asked.uncached() } else { asked }
    }
}

/// Whether all that `filter` asks for is in the scope's view, but for what is confidential.
fn in_view(scope: &Scope, filter: &Filter) -> bool {
    let view = scope.view(READ, Sensitivity::Public);
    let organization = |code: &String| view.organizations.contains(code.as_str());
    let area = |path: &String| !path.is_empty() && view.areas.iter().any(|area| path.starts_with(area));
    (!filter.organizations.is_empty() && filter.organizations.iter().all(organization))
        || (!filter.areas.is_empty() && filter.areas.iter().all(area))
}

fn row(line: Line) -> Result<CaseRow, JournalError> {
    let (
        id,
        number,
        version,
        state,
        matter,
        kind,
        channel,
        urgency,
        area,
        desk,
        lead,
        confidential,
        due,
        opened,
        closed,
        value,
    ) = line;
    let case: CaseId = id
        .parse()
        .map_err(|_| JournalError::Unreadable { position: 0, reason: format!("{id} is not a case's identifier") })?;
    Ok(CaseRow {
        case,
        number,
        version,
        state,
        matter,
        kind,
        channel,
        urgency,
        area,
        desk,
        lead,
        confidential: confidential != 0,
        due_at: (due < NEVER).then(|| Instant::from_micros(due)),
        opened_at: Instant::from_micros(opened),
        closed_at: closed.map(Instant::from_micros),
        cursor: ListCursor { value, case },
    })
}

impl fmt::Display for ListCursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.value, self.case)
    }
}

impl FromStr for ListCursor {
    type Err = UnknownCursor;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let read = || {
            let (value, case) = text.split_once('.')?;
            Some(ListCursor { value: value.parse().ok()?, case: case.parse().ok()? })
        };
        read().ok_or_else(|| UnknownCursor(text.to_owned()))
    }
}
