//! Lists of few cases among many: whether there are few is counted first, up to a bound, from indexes alone.
//!
//! A list goes through the cases in its order until a page is full. Where a filter or a scope lets only a few hundred of a
//! million through, that would be nearly all of them: such cases are gathered by what lets them through, and sorted.

use std::collections::BTreeSet;

use journal::JournalError;
use platform::{Scope, Sensitivity};
use store::{Bind, Db, Read, Sql, Value};

use super::list::Filter;
use crate::case::CaseId;
use crate::resource::READ;

/// More cases than these are not gathered.
pub(super) const FEW: i64 = 1_000;

/// Cases that hold all that a list can show, and others: each a way to find some of them by an index.
#[derive(Default)]
pub(super) struct Gathered {
    /// Statements that select identifiers, and each a statement that selects nothing of as many rows.
    ways: Vec<Way>,
}

struct Way {
    column: &'static str,
    table: &'static str,
    condition: String,
    values: Vec<Value>,
}

impl Gathered {
    /// The ways to what `filter` finds for `scope`, if those are fewer than `few`; what it names one by one however many.
    pub async fn few(
        mut db: &Db,
        scope: Option<&Scope>,
        filter: &Filter,
        few: i64,
    ) -> Result<Option<Gathered>, JournalError> {
        if let Some(found) = &filter.found {
            return Ok(Some(Gathered { ways: vec![named(found)] }));
        }
        let Some(gathered) = Gathered::of(scope, filter) else { return Ok(None) };
        let mut values = Vec::new();
        let counts: Vec<String> = gathered.ways.iter().map(|way| way.count(few, &mut values)).collect();
        let text = format!("select {}", counts.join(" + "));
        let (count,): (i64,) = db.one(Sql::composed(text).replanned().bind_all(values)).await?;
        Ok((count < few).then_some(gathered))
    }

    /// None: nothing makes the list narrow.
    fn of(scope: Option<&Scope>, filter: &Filter) -> Option<Gathered> {
        if !filter.organizations.is_empty() {
            return Some(Gathered {
                ways: organizations(filter.organizations.iter().map(String::as_str)).into_iter().collect(),
            });
        }
        if !filter.areas.is_empty() {
            return Some(Gathered { ways: filter.areas.iter().map(|area| within(area)).collect() });
        }
        let view = scope?.view(READ, Sensitivity::Public);
        if view.everything || view.areas.contains("") {
            return None;
        }
        // Who sees a confidential case is nothing that an index tells: there are few of them.
        let mut ways = vec![Way::of_cases("confidential <> 0".to_owned(), Vec::new())];
        ways.extend(view.account.map(|account| Way::of_cases("author = {1}".to_owned(), vec![account.value()])));
        ways.extend(organizations(view.organizations.iter().copied()));
        ways.extend(view.areas.iter().map(|area| within(area)));
        Some(Gathered { ways })
    }

    /// A condition on `f.id`, its values put behind those there are.
    pub fn condition(&self, values: &mut Vec<Value>) -> String {
        let ways: Vec<String> = self.ways.iter().map(|way| way.identifiers(values)).collect();
        format!("f.id in ({})", ways.join(" union all "))
    }
}

impl Way {
    fn of_cases(condition: String, values: Vec<Value>) -> Way {
        Way { column: "id", table: "case_file", condition, values }
    }

    fn identifiers(&self, values: &mut Vec<Value>) -> String {
        format!("select {} from {} where {}", self.column, self.table, self.bound(values))
    }

    fn count(&self, few: i64, values: &mut Vec<Value>) -> String {
        let condition = self.bound(values);
        format!("(select count(*) from (select 1 from {} where {condition} limit {few}) counted)", self.table)
    }

    /// The condition with its `{1}`, `{2}`… as placeholders.
    fn bound(&self, values: &mut Vec<Value>) -> String {
        let before = values.len();
        values.extend(self.values.iter().cloned());
        let mut pieces = self.condition.split('{');
        let mut condition = pieces.next().unwrap_or_default().to_owned();
        for (nth, rest) in pieces.filter_map(|piece| piece.split_once('}')) {
            condition += &format!("${}{rest}", before + nth.parse::<usize>().unwrap_or_default());
        }
        condition
    }
}

fn organizations<'a>(codes: impl Iterator<Item = &'a str>) -> Option<Way> {
    let codes: BTreeSet<&str> = codes.collect();
    let places: Vec<String> = (1..=codes.len()).map(|nth| format!("{{{nth}}}")).collect();
    let values = codes.iter().map(|code| code.value()).collect();
    let condition = format!("organization in ({})", places.join(", "));
    (!codes.is_empty()).then_some(Way { column: "case_id", table: "case_organization", condition, values })
}

/// Not an empty list.
fn named(cases: &[CaseId]) -> Way {
    let places: Vec<String> = (1..=cases.len()).map(|nth| format!("{{{nth}}}")).collect();
    let values = cases.iter().map(|case| case.to_string().value()).collect();
    Way::of_cases(format!("id in ({})", places.join(", ")), values)
}

/// `0` is the character after `/`.
fn within(area: &str) -> Way {
    let end = format!("{}0", area.trim_end_matches('/'));
    Way::of_cases("path >= {1} and path < {2}".to_owned(), vec![area.value(), end.value()])
}
