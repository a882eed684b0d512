//! A word of a question as terms of the index: itself, what it begins, and what a single Chinese character stands in.

use std::collections::BTreeSet;

use tantivy::schema::Field;
use tantivy::{Searcher, Term};

use crate::query::Asked;
use crate::schema::{Fields, Part};

/// Terms that one word of a question is looked up as, in one part of one segment.
const MOST: usize = 1024;
/// Letters and digits from so many on may be the beginning of a word.
const BEGINNING: usize = 2;
/// Of a telephone number so many: fewer would find half a city.
const PHONE_BEGINNING: usize = 7;

/// The terms, and whether they are all there are.
#[derive(Default)]
pub(crate) struct Terms {
    pub terms: BTreeSet<Term>,
    pub cut_short: bool,
}

pub(crate) fn expand(searcher: &Searcher, fields: &Fields, part: Part, word: &Asked) -> tantivy::Result<Terms> {
    let field = fields.part(part);
    let mut found = Terms::default();
    match (word, part) {
        (Asked::Phone(digits) | Asked::Latin(digits), Part::Phone) => {
            begun(searcher, field, digits, digits.len() >= PHONE_BEGINNING, &mut found)?;
        }
        // A number in groups that is no telephone number is a case's number or a house's: each group is looked up.
        (Asked::Phone(_), _)
        | (Asked::Chinese(_), Part::Number | Part::Phone | Part::TitleSound | Part::PrivateSound) => {}
        (Asked::Whole(_), Part::TitleSound | Part::PrivateSound) => {}
        (Asked::Whole(text), _) => begun(searcher, field, text, false, &mut found)?,
        (Asked::Latin(text), _) => begun(searcher, field, text, text.chars().count() >= BEGINNING, &mut found)?,
        (Asked::Chinese(text), _) => {
            let mut characters = text.chars();
            match (characters.next(), characters.next()) {
                (Some(single), None) => containing(searcher, field, single, &mut found)?,
                _ => begun(searcher, field, text, false, &mut found)?,
            }
        }
    }
    Ok(found)
}

/// The term `text`, and with `more` those that begin with it.
fn begun(searcher: &Searcher, field: Field, text: &str, more: bool, found: &mut Terms) -> tantivy::Result<()> {
    let exact = Term::from_field_text(field, text);
    for segment in searcher.segment_readers() {
        let index = segment.inverted_index(field)?;
        if !more {
            if index.terms().term_ord(text)?.is_some() {
                found.terms.insert(exact.clone());
            }
            continue;
        }
        let mut stream = index.terms().range().ge(text).into_stream()?;
        let mut taken = 0;
        while stream.advance() && stream.key().starts_with(text.as_bytes()) {
            if taken == MOST {
                found.cut_short = true;
                break;
            }
            taken += 1;
            found.terms.extend(std::str::from_utf8(stream.key()).ok().map(|term| Term::from_field_text(field, term)));
        }
    }
    Ok(())
}

fn containing(searcher: &Searcher, field: Field, single: char, found: &mut Terms) -> tantivy::Result<()> {
    let mut buffer = [0; 4];
    let bytes = single.encode_utf8(&mut buffer).as_bytes();
    for segment in searcher.segment_readers() {
        let index = segment.inverted_index(field)?;
        // Chinese comes behind all letters and digits of other scripts.
        let mut stream = index.terms().range().ge("\u{3007}").into_stream()?;
        let mut taken = 0;
        while stream.advance() {
            if !stream.key().windows(bytes.len()).any(|window| window == bytes) {
                continue;
            }
            if taken == MOST {
                found.cut_short = true;
                break;
            }
            taken += 1;
            found.terms.extend(std::str::from_utf8(stream.key()).ok().map(|term| Term::from_field_text(field, term)));
        }
    }
    Ok(())
}
