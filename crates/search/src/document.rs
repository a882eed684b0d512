//! What a slice gives to be found.

use std::collections::BTreeSet;

use journal::JournalError;
use kernel::Instant;
use tantivy::TantivyDocument;

use crate::schema::{Fields, Part, subject_mark};
use crate::sound::sounds;
use crate::words::{for_index, is_chinese, runs};

/// Where documents come from: a slice, for the streams of one kind of aggregate.
pub trait Source: Send + Sync {
    /// What the names of its streams begin with, up to and with the `/`: the word before it is the documents' kind.
    fn prefix(&self) -> &'static str;

    /// The document of each stream as it stands now; none for what must not be found.
    fn documents(
        &self,
        streams: Vec<String>,
    ) -> impl Future<Output = Result<Vec<(String, Option<Document>)>, JournalError>> + Send;
}

/// One aggregate, as it can be found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Document {
    pub number: String,
    /// What anyone who may read it sees: names of matters and areas, in both languages.
    pub titles: Vec<String>,
    /// What people wrote.
    pub words: Vec<String>,
    pub addresses: Vec<String>,
    pub names: Vec<String>,
    pub phones: Vec<String>,
    pub author: Option<String>,
    pub organizations: BTreeSet<String>,
    /// Codes from the top down to its area, each followed by `/`; empty where it has no place.
    pub area: String,
    /// Whose sealed values were read for it.
    pub subjects: BTreeSet<String>,
    pub opened_at: Option<Instant>,
}

/// Digits that make a telephone number.
const PHONE: usize = 5;

impl Document {
    /// As the index takes it.
    pub(crate) fn to_index(&self, fields: &Fields, key: u64, kind: &str) -> TantivyDocument {
        let mut made = TantivyDocument::new();
        made.add_u64(fields.key, key);
        made.add_text(fields.kind, kind);
        if let Some(author) = &self.author {
            made.add_text(fields.author, author);
        }
        for organization in &self.organizations {
            made.add_text(fields.organization, organization);
        }
        for area in areas(&self.area) {
            made.add_text(fields.area, area);
        }
        for mark in self.subjects.iter().map(|subject| subject_mark(subject)).collect::<BTreeSet<_>>() {
            made.add_u64(fields.subject, mark);
        }
        for part in Part::ALL {
            for term in self.terms(part) {
                made.add_text(fields.part(part), term);
            }
        }
        made
    }

    fn terms(&self, part: Part) -> BTreeSet<String> {
        match part {
            Part::Number => numbers(&self.number),
            Part::Title => words(&self.titles),
            Part::TitleSound => self.titles.iter().flat_map(|text| sounds(text)).collect(),
            Part::Words => words(&self.words),
            Part::Address => words(&self.addresses),
            Part::Name => {
                let mut terms = words(&self.names);
                // Names are cut by no dictionary.
                let characters = self.names.iter().flat_map(|name| name.chars());
                terms.extend(characters.filter(|one| is_chinese(*one)).map(String::from));
                terms
            }
            Part::Phone => self.phones.iter().filter_map(|phone| digits(phone)).collect(),
            Part::PrivateSound => self.addresses.iter().chain(&self.names).flat_map(|text| sounds(text)).collect(),
        }
    }
}

fn words(texts: &[String]) -> BTreeSet<String> {
    texts.iter().flat_map(|text| for_index(text)).map(|word| word.term).collect()
}

/// The parts of a number, and of a day its month and year: most questions for a day or a month are one term then.
fn numbers(number: &str) -> BTreeSet<String> {
    let mut terms = BTreeSet::new();
    for run in runs(number) {
        if run.text.len() == 8 && run.text.bytes().all(|byte| byte.is_ascii_digit()) {
            terms.extend([4, 6].map(|length| run.text[..length].to_owned()));
        }
        terms.insert(run.text);
    }
    terms
}

/// The digits of a telephone number, however it was grouped.
pub(crate) fn digits(text: &str) -> Option<String> {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    (digits.len() >= PHONE).then_some(digits)
}

/// Each path that holds a place, the widest first, and before them the empty one that holds whatever has a place.
fn areas(path: &str) -> impl Iterator<Item = &str> {
    let above = path.match_indices('/').map(|(at, _)| &path[..=at]);
    (!path.is_empty()).then_some(NOWHERE_NARROWER).into_iter().chain(above)
}

/// The area term of whatever has a place.
pub(crate) const NOWHERE_NARROWER: &str = "/";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_area_stands_in_all_that_hold_it() {
        assert_eq!(areas("440104/440104012/").collect::<Vec<_>>(), ["/", "440104/", "440104/440104012/"]);
        assert_eq!(areas("").count(), 0);
    }

    #[test]
    fn a_number_is_found_by_its_day_and_by_its_end() {
        let terms = numbers("20260302-7KQ2M4XA");
        assert_eq!(terms.into_iter().collect::<Vec<_>>(), ["2026", "202603", "20260302", "7kq2m4xa"]);
    }
}
