//! What a caller sees, as conditions of the index: part of each question, so that neither hits nor counts tell of anything else.

use std::collections::{BTreeMap, BTreeSet};

use platform::{Scope, Sensitivity, View};
use tantivy::Term;
use tantivy::query::{BooleanQuery, Occur, Query, TermQuery, TermSetQuery};
use tantivy::schema::{Field, IndexRecordOption};

use crate::document::NOWHERE_NARROWER;
use crate::schema::{Fields, Part};

/// What a caller may find by an action: which documents, and in which of their parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sight {
    levels: BTreeMap<Sensitivity, Seen>,
}

/// Things that hold for some documents only: those of the condition; none: all that are seen at all.
pub(crate) type Within<T> = (Option<Box<dyn Query>>, Vec<T>);

/// The documents one level of fields is seen of.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Seen {
    everything: bool,
    account: Option<String>,
    organizations: Vec<String>,
    areas: Vec<String>,
}

impl Sight {
    pub fn of(scope: &Scope, action: &str) -> Sight {
        let levels = [Sensitivity::Public, Sensitivity::Internal, Sensitivity::Personal];
        Sight { levels: levels.map(|least| (least, Seen::of(&scope.view(action, least)))).into() }
    }

    /// Everything there is: for the program itself, never for a person.
    pub fn everything() -> Sight {
        let all = Seen { everything: true, account: None, organizations: Vec::new(), areas: Vec::new() };
        let levels = [Sensitivity::Public, Sensitivity::Internal, Sensitivity::Personal];
        Sight { levels: levels.map(|level| (level, all.clone())).into() }
    }

    /// The documents whose parts of this level are seen. None: all of them.
    pub(crate) fn condition(&self, level: Sensitivity, fields: &Fields) -> Option<Box<dyn Query>> {
        self.levels.get(&level).and_then(|seen| seen.condition(fields))
    }

    /// Parts by the documents they are seen of: those of the widest view first, with no condition of their own, since every hit
    /// is within it. A part that is seen nowhere is left out.
    pub(crate) fn parts(&self, fields: &Fields) -> Vec<Within<Part>> {
        let of = |level: Sensitivity| Part::ALL.into_iter().filter(move |part| part.sensitivity() == level);
        let widest = &self.levels[&Sensitivity::Public];
        let mut parts: Vec<Within<Part>> = vec![(None, Vec::new())];
        for (level, seen) in self.levels.iter().filter(|(_, seen)| !seen.nothing()) {
            match seen == widest {
                true => parts[0].1.extend(of(*level)),
                false => parts.push((seen.condition(fields), of(*level).collect())),
            }
        }
        parts
    }
}

impl Seen {
    fn of(view: &View) -> Seen {
        let owned = |codes: &BTreeSet<&str>| codes.iter().map(|code| (*code).to_owned()).collect();
        Seen {
            everything: view.everything,
            account: view.account.map(str::to_owned),
            organizations: owned(&view.organizations),
            areas: owned(&view.areas),
        }
    }

    fn nothing(&self) -> bool {
        !self.everything && self.account.is_none() && self.organizations.is_empty() && self.areas.is_empty()
    }

    fn condition(&self, fields: &Fields) -> Option<Box<dyn Query>> {
        if self.everything {
            return None;
        }
        let mut any: Vec<(Occur, Box<dyn Query>)> = Vec::new();
        if let Some(account) = &self.account {
            any.push((Occur::Should, term(fields.author, account)));
        }
        any.extend(one_of(fields.organization, &self.organizations).map(|query| (Occur::Should, query)));
        let areas: Vec<String> = self.areas.iter().map(|area| narrowest(area)).collect();
        any.extend(one_of(fields.area, &areas).map(|query| (Occur::Should, query)));
        Some(Box::new(BooleanQuery::new(any)))
    }
}

/// An empty path holds whatever has a place.
fn narrowest(area: &str) -> String {
    if area.is_empty() { NOWHERE_NARROWER.to_owned() } else { area.to_owned() }
}

fn one_of(field: Field, codes: &[String]) -> Option<Box<dyn Query>> {
    match codes {
        [] => None,
        [one] => Some(term(field, one)),
        several => Some(Box::new(TermSetQuery::new(several.iter().map(|code| Term::from_field_text(field, code))))),
    }
}

pub(crate) fn term(field: Field, text: &str) -> Box<dyn Query> {
    Box::new(TermQuery::new(Term::from_field_text(field, text), IndexRecordOption::Basic))
}
