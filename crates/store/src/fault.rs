//! Faults on purpose: every write of the program is a numbered site, and a test can make it fail or have the process end there.
//!
//! A site is a write statement, a step of the migrations or a file operation, named by its words. Without a plan a step costs
//! one load of a flag.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use crate::StoreError;

/// Cheap to clone; clones share their counts and their plan.
#[derive(Clone, Default)]
pub struct Faults(Arc<Inner>);

#[derive(Default)]
struct Inner {
    armed: AtomicBool,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    hits: BTreeMap<String, u64>,
    failure: Option<Failure>,
    watcher: Option<Watcher>,
}

/// A write that is to fail: how many hits are to come until then.
struct Failure {
    site: String,
    left: u64,
}

type Watcher = Box<dyn FnMut(&str) + Send>;

impl Faults {
    /// Counts the sites that are passed, without hurting any.
    pub fn count(&self) {
        self.0.armed.store(true, Ordering::Release);
    }

    /// Makes the write at `site` fail once, at its `nth` hit counted from 1. The first words of a site stand for all that
    /// begin with them: `update fact` for every update of that table.
    pub fn fail_at(&self, site: &str, nth: u64) {
        self.state().failure = Some(Failure { site: site.to_owned(), left: nth });
        self.count();
    }

    /// Tells `watch` each site just before it is passed. A watcher may end the process: then the write never happens, nor
    /// any other.
    pub fn watch(&self, watch: impl FnMut(&str) + Send + 'static) {
        self.state().watcher = Some(Box::new(watch));
        self.count();
    }

    /// Every site passed since counting began, with how often.
    pub fn sites(&self) -> BTreeMap<String, u64> {
        self.state().hits.clone()
    }

    /// To be called just before a write. `site` is a few words without values.
    pub fn step(&self, site: &str) -> Result<(), StoreError> {
        if self.0.armed.load(Ordering::Acquire) { self.pass(site) } else { Ok(()) }
    }

    /// The same for a statement, whose site is found by its text.
    pub(crate) fn step_of(&self, statement: &str) -> Result<(), StoreError> {
        if self.0.armed.load(Ordering::Acquire) { self.pass(&site_of(statement)) } else { Ok(()) }
    }

    fn pass(&self, site: &str) -> Result<(), StoreError> {
        let mut state = self.state();
        *state.hits.entry(site.to_owned()).or_default() += 1;
        if let Some(watch) = &mut state.watcher {
            watch(site);
        }
        let Some(failure) = state.failure.as_mut().filter(|failure| is_of(site, &failure.site)) else { return Ok(()) };
        failure.left -= 1;
        if failure.left > 0 {
            return Ok(());
        }
        state.failure = None;
        Err(StoreError::Planted(site.to_owned()))
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

impl fmt::Debug for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Faults(armed: {})", self.0.armed.load(Ordering::Relaxed))
    }
}

/// Two are equal where they share their plan.
impl PartialEq for Faults {
    fn eq(&self, other: &Faults) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

fn is_of(site: &str, words: &str) -> bool {
    site.strip_prefix(words).is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
}

/// Names of columns that a site shows at most.
const NAMED: usize = 4;

/// What a statement does, without values: `insert into fact`, `insert into reader or set position`, `update head set position`,
/// `delete from clock where owner, key`. However many rows an insert brings, it is one site.
pub(crate) fn site_of(statement: &str) -> String {
    // What stands before the verb are the rows that it works on.
    let verbs = [") update ", ") delete from "].into_iter().filter_map(|verb| statement.find(verb)).min();
    let statement = match verbs {
        Some(place) if statement.starts_with("with ") => &statement[place + 2..],
        _ => statement,
    };
    let words: Vec<&str> = statement.split_whitespace().collect();
    let lower = |word: &str| word.to_ascii_lowercase();
    let verb = words.first().map(|word| lower(word)).unwrap_or_default();
    let table = if verb == "update" { 1 } else { 2 };
    let mut site: Vec<String> = words.iter().take(table).map(|word| lower(word)).collect();
    site.extend(words.get(table).and_then(|word| word.split('(').next()).map(lower));
    if verb == "insert" {
        let changes = statement.split_once(" do update set ").map(|(_, changes)| changed(changes)).unwrap_or_default();
        return site.join(" ") + &named(" or set", changes);
    }
    let rest = words[(table + 1).min(words.len())..].join(" ");
    let (changes, condition) = rest.split_once(" where ").unwrap_or(match rest.strip_prefix("where ") {
        Some(condition) => ("", condition),
        None => (&rest, ""),
    });
    let (keyword, columns) = match changes.strip_prefix("set ") {
        Some(changes) => ("set", changed(changes)),
        None => ("where", compared(condition)),
    };
    site.join(" ") + &named(&format!(" {keyword}"), columns)
}

/// The first columns after `keyword`, and how many more there are; nothing where there are none.
fn named(keyword: &str, columns: Vec<&str>) -> String {
    if columns.is_empty() {
        return String::new();
    }
    let more = columns.len().saturating_sub(NAMED);
    let named: Vec<&str> = columns.into_iter().take(NAMED).collect();
    let more = if more == 0 { String::new() } else { format!(" and {more} more") };
    format!("{keyword} {}{more}", named.join(", "))
}

/// The columns before each equals sign of a SET clause.
fn changed(changes: &str) -> Vec<&str> {
    changes.split(',').filter_map(|change| Some(change.split_once('=')?.0.trim())).collect()
}

/// The columns of a condition whose parts are joined by `and`.
fn compared(condition: &str) -> Vec<&str> {
    let row = condition.strip_prefix('(').and_then(|row| row.split_once(')'));
    match row {
        Some((columns, _)) => columns.split(", ").collect(),
        None => condition.split(" and ").filter_map(|part| part.split_whitespace().next()).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_site_is_named_by_what_it_does() {
        for (statement, site) in [
            ("INSERT INTO fact (position) VALUES ($1)", "insert into fact"),
            ("insert into fact(position) values ($1), ($2) on conflict do nothing", "insert into fact"),
            ("insert into t (a) values ($1) on conflict (a) do update set b = excluded.b", "insert into t or set b"),
            ("update head set position = position + $1\n where id = 1 returning position", "update head set position"),
            (
                "update t set a = $1, b = $2, c = 3, d = 4, e = 5, f = 6 where id = 1",
                "update t set a, b, c, d and 2 more",
            ),
            ("delete from clock where owner = $1 and key in ($2, $3)", "delete from clock where owner, key"),
            ("delete from case_file", "delete from case_file"),
            (
                "with new (id, a) as (values ($1, $2)) update t set a = new.a from new where t.id = new.id",
                "update t set a",
            ),
            (
                "with gone (a, b) as (values ($1, $2)) delete from t where (a, b) in (select a, b from gone)",
                "delete from t where a, b",
            ),
            ("drop trigger x", "drop trigger x"),
        ] {
            assert_eq!(site_of(statement), site);
        }
    }

    #[test]
    fn a_planted_failure_happens_once_at_its_hit() {
        let faults = Faults::default();
        faults.fail_at("update fact", 2);
        assert!(faults.step("update fact set a").is_ok());
        assert!(faults.step("update factory set a").is_ok());
        assert!(matches!(faults.step("update fact set b"), Err(StoreError::Planted(_))));
        assert!(faults.step("update fact set b").is_ok());
        assert_eq!(faults.sites()["update fact set b"], 2);
    }

    #[test]
    fn a_watcher_is_told_every_site() {
        let (faults, told) = (Faults::default(), Arc::new(Mutex::new(Vec::new())));
        let telling = told.clone();
        faults.watch(move |site| telling.lock().unwrap().push(site.to_owned()));
        faults.step("a").unwrap();
        faults.clone().step("b").unwrap();
        assert_eq!(*told.lock().unwrap(), ["a", "b"]);
    }
}
