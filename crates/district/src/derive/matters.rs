//! Organizations, matters, classes and limits from who answered for what, and in what time.

use std::collections::BTreeMap;

use super::limits::{Counter, Version};
use super::survey::{Survey, Tally, commonest};
use super::words::{Codes, Words};
use crate::rows::{ClassRow, LimitRow, MatterRow, OrganizationRow};

/// Departments that had at least this share of a matter's requests co-operate on it.
const COOPERATING: f64 = 0.05;

/// Codes by the words of the file.
#[derive(Default)]
pub struct Organizations {
    pub rows: Vec<OrganizationRow>,
    pub departments: BTreeMap<String, String>,
}

/// A department for each word of the department column, a section for each of its queues, under `root`.
pub fn organizations(
    survey: &Survey,
    root: &str,
    names: &BTreeMap<String, String>,
    words: &Words,
    source: &str,
) -> Organizations {
    let mut made = Organizations::default();
    let mut codes = Codes::default();
    for (department, queues) in &survey.queues {
        let code = codes.of(department);
        let name = names.get(department).unwrap_or(department);
        let row = |code: &str, kind: &str, parent: &str, name: &str| OrganizationRow {
            code: code.to_owned(),
            kind: kind.to_owned(),
            parent: parent.to_owned(),
            name_zh: words.chinese(name),
            name_en: name.to_owned(),
            area: String::new(),
            source: source.to_owned(),
        };
        made.rows.push(row(&code, "department", root, name));
        for queue in queues.keys() {
            made.rows.push(row(&codes.of(queue), "section", &code, queue));
        }
        made.departments.insert(department.clone(), code);
    }
    made
}

/// Matters with their classes and limits.
#[derive(Default)]
pub struct Matters {
    pub matters: Vec<MatterRow>,
    pub limits: Vec<LimitRow>,
    pub classes: Vec<ClassRow>,
    /// What was found out about each matter's limit, by its name in the file.
    pub versions: BTreeMap<String, Vec<Version>>,
}

pub fn matters(survey: &Survey, made: &Organizations, counter: &Counter<'_>, words: &Words, source: &str) -> Matters {
    let mut result = Matters::default();
    let classes = classes(survey, &mut result.classes, words, source);
    let mut codes = Codes::default();
    for (name, matter) in &survey.matters {
        let versions = matter.versions(counter);
        let code = codes.of(name);
        let row = MatterRow {
            code: code.clone(),
            name_zh: words.chinese(name),
            name_en: name.clone(),
            kind: "event".to_owned(),
            lead: commonest(&matter.departments)
                .and_then(|word| made.departments.get(word))
                .cloned()
                .unwrap_or_default(),
            cooperating: cooperating(&matter.departments, made),
            callable: "no".to_owned(),
            urgency: "ordinary".to_owned(),
            classes: commonest(&matter.classes).and_then(|word| classes.get(word)).cloned().into_iter().collect(),
            on_the_spot: "no".to_owned(),
            timed: if versions.is_empty() { "no" } else { "yes" }.to_owned(),
            source: source.to_owned(),
            ..MatterRow::default()
        };
        for (version, valid_until) in with_ends(&versions) {
            let valid_from = version.from.map(|date| date.to_string()).unwrap_or_default();
            result.matters.push(MatterRow { valid_from: valid_from.clone(), valid_until, ..row.clone() });
            result.limits.push(limit(&code, valid_from, version, source));
        }
        if versions.is_empty() {
            result.matters.push(row);
        }
        result.versions.insert(name.clone(), versions);
    }
    result
}

/// Each version with the day on which the next one begins.
fn with_ends(versions: &[Version]) -> impl Iterator<Item = (&Version, String)> {
    let ends = versions.iter().skip(1).map(|next| next.from.map(|date| date.to_string()).unwrap_or_default());
    versions.iter().zip(ends.chain([String::new()]))
}

fn limit(matter: &str, valid_from: String, version: &Version, source: &str) -> LimitRow {
    let limit = version.term.limit();
    LimitRow {
        matter: matter.to_owned(),
        valid_from,
        stage: "handle".to_owned(),
        amount: limit.amount(),
        unit: limit.unit().name().to_owned(),
        legal: "no".to_owned(),
        source: format!("{source}; inferred: {} of {} targets of odd rows", version.predicted, version.targets),
    }
}

/// Every department with a fair share, save the one with most.
fn cooperating(departments: &Tally, made: &Organizations) -> Vec<String> {
    let all: usize = departments.values().sum();
    let lead = commonest(departments);
    let fair = |times: usize| times as f64 >= COOPERATING * all as f64;
    let others = departments.iter().filter(|(word, times)| Some(word.as_str()) != lead && fair(**times));
    others.filter_map(|(word, _)| made.departments.get(word).cloned()).collect()
}

/// One local event class for each word of the class column; gives codes by word. A scheme has room for 99 of them.
fn classes(survey: &Survey, rows: &mut Vec<ClassRow>, words: &Words, source: &str) -> BTreeMap<String, String> {
    let all: std::collections::BTreeSet<&str> =
        survey.matters.values().flat_map(|matter| matter.classes.keys().map(String::as_str)).collect();
    let mut codes = BTreeMap::new();
    for (word, number) in all.into_iter().zip(1..=99) {
        let code = format!("event:01{number:02}");
        rows.push(ClassRow {
            code: code.clone(),
            group: "01".to_owned(),
            name_zh: words.chinese(word),
            name_en: word.to_owned(),
            group_zh: "服务请求".to_owned(),
            group_en: "Service requests".to_owned(),
            basis: "local".to_owned(),
            source: source.to_owned(),
        });
        codes.insert(word.to_owned(), code);
    }
    codes
}
