//! Lists of calls and cards, as far as the caller may read them.

use journal::JournalError;
use platform::{Columns, Scope};
use store::{Bind, Db, Dialect, Read, Sql, Value};

use super::rows;
use crate::call::Call;
use crate::card::Card;
use crate::resource::{READ_CALL, READ_CARD};

/// What the calls of a list have in common. What is empty or none asks for nothing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CallFilter {
    pub states: Vec<String>,
    pub open: Option<bool>,
    /// Subdistricts that called.
    pub callers: Vec<String>,
    /// Organizations that are summoned.
    pub organizations: Vec<String>,
    pub matters: Vec<String>,
    /// Identifier of the case they were raised for.
    pub case: Option<String>,
}

/// What the cards of a list have in common.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CardFilter {
    pub states: Vec<String>,
    pub stands: Option<bool>,
    pub colours: Vec<String>,
    pub grounds: Vec<String>,
    pub organizations: Vec<String>,
    /// Stream of what they are about.
    pub about: Option<String>,
}

/// Where a page ended: the instant it goes by in microseconds, and the identifier.
pub type After = Option<(i64, String)>;

/// How `call_file f` shows what permission asks for; the way to the area stands in the state.
const CALLS: Columns = Columns {
    author: "cast(null as text)",
    area: "coalesce((select group_concat(value || '/', '') from json_each(f.body, '$.place.path')), '')",
    organization: "(f.caller in ({}) or f.id in (select s.call_id from summons s where s.organization in ({})))",
    confided: "'' in ({})",
    confidential: "0",
    named: "{} is null",
    barred: "{} is null",
};
const CALLS_POSTGRES: Columns = Columns {
    area: "coalesce((select string_agg(value || '/', '' order by ordinality) collate \"C\" from \
         json_array_elements_text(f.body::json -> 'place' -> 'path') with ordinality), '')",
    named: "cast({} as text) is null",
    barred: "cast({} as text) is null",
    ..CALLS
};

/// The same of `card_file f`: a card lies in no area.
const CARDS: Columns = Columns { area: "cast('' as text)", organization: "f.organization in ({})", ..CALLS_POSTGRES };

/// Calls, raised last first.
pub(crate) async fn calls(
    read: &mut impl Read,
    dialect: Dialect,
    scope: &Scope,
    filter: &CallFilter,
    after: After,
    limit: i64,
) -> Result<Vec<Call>, JournalError> {
    let columns = match dialect {
        Dialect::Sqlite => &CALLS,
        Dialect::Postgres => &CALLS_POSTGRES,
    };
    let mut found = Conditions::of(scope.sql(READ_CALL, columns, 1));
    found.among("f.state in ({})", &filter.states);
    found.flag("f.open", filter.open);
    found.among("f.caller in ({})", &filter.callers);
    found.among("f.id in (select s.call_id from summons s where s.organization in ({}))", &filter.organizations);
    found.among("f.matter in ({})", &filter.matters);
    found.among("f.case_id in ({})", filter.case.as_slice());
    let sql = found.page("call_file", "raised_at", after, limit);
    read.all(sql).await?.into_iter().map(rows::parse).collect()
}

/// Cards, proposed last first.
pub(super) async fn cards(
    mut db: &Db,
    scope: &Scope,
    filter: &CardFilter,
    after: After,
    limit: i64,
) -> Result<Vec<Card>, JournalError> {
    let mut found = Conditions::of(scope.sql(READ_CARD, &CARDS, 1));
    found.among("f.state in ({})", &filter.states);
    found.flag("f.stands", filter.stands);
    found.among("f.colour in ({})", &filter.colours);
    found.among("f.ground in ({})", &filter.grounds);
    found.among("f.organization in ({})", &filter.organizations);
    found.among("f.about in ({})", filter.about.as_slice());
    let sql = found.page("card_file", "proposed_at", after, limit);
    db.all(sql).await?.into_iter().map(rows::parse).collect()
}

/// Conditions that all hold, with the values of their placeholders.
struct Conditions {
    all: Vec<String>,
    values: Vec<Value>,
}

impl Conditions {
    fn of(allowed: platform::Condition) -> Conditions {
        Conditions { all: vec![allowed.text], values: allowed.values }
    }

    fn bind(&mut self, value: impl Bind) -> String {
        self.values.push(value.value());
        format!("${}", self.values.len())
    }

    fn among(&mut self, condition: &str, values: &[String]) {
        if !values.is_empty() {
            let places: Vec<String> = values.iter().map(|value| self.bind(value)).collect();
            self.all.push(condition.replace("{}", &places.join(", ")));
        }
    }

    fn flag(&mut self, column: &str, wanted: Option<bool>) {
        self.all.extend(wanted.map(|wanted| format!("{column} = {}", i64::from(wanted))));
    }

    fn page(mut self, table: &str, column: &str, after: After, limit: i64) -> Sql {
        if let Some((value, id)) = after {
            let (value, id) = (self.bind(value), self.bind(id));
            self.all.push(format!("(f.{column}, f.id) < ({value}, {id})"));
        }
        let limit = self.bind(limit.clamp(1, 1_000));
        let all = self.all.join(" and ");
        let text =
            format!("select f.body from {table} f where {all} order by f.{column} desc, f.id desc limit {limit}");
        Sql::composed(text).replanned().bind_all(self.values)
    }
}
