//! Where the words of a question stand in a text that is shown.

use serde::Serialize;

use crate::query::{Asked, Query};
use crate::sound::place_of;
use crate::words::{for_index, runs};

/// A stretch of a text, in characters (Unicode scalar values): from the first to the one behind the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Span {
    pub from: usize,
    pub until: usize,
}

/// The stretches in which a word of the question stands, in order and apart; with `by_sound` also those that sound like it.
pub fn spans(text: &str, query: &Query, by_sound: bool) -> Vec<Span> {
    let indexed = for_index(text);
    let mut found: Vec<Span> = Vec::new();
    for word in &query.words {
        let before = found.len();
        match word {
            Asked::Chinese(asked) => {
                let whole = indexed.iter().filter(|word| word.chinese && word.term == *asked);
                found.extend(whole.map(|word| Span { from: word.from, until: word.until }));
                if asked.chars().count() == 1 {
                    found.extend(characters(text, asked));
                }
            }
            Asked::Latin(asked) => {
                let begun = indexed.iter().filter(|word| !word.chinese && word.term.starts_with(asked.as_str()));
                found.extend(begun.map(|word| Span { from: word.from, until: word.from + asked.chars().count() }));
                if by_sound && found.len() == before {
                    found.extend(place_of(text, asked).map(|(from, until)| Span { from, until }));
                }
            }
            Asked::Whole(asked) => {
                let whole = indexed.iter().filter(|word| word.term == *asked);
                found.extend(whole.map(|word| Span { from: word.from, until: word.until }));
            }
            Asked::Phone(_) => {}
        }
    }
    let places = query.phrases.iter().flat_map(|phrase| phrase.places(text));
    found.extend(places.map(|(from, until)| Span { from, until }));
    joined(found)
}

fn characters(text: &str, single: &str) -> Vec<Span> {
    let places = |run: crate::words::Run| {
        let at = run.from;
        let chars: Vec<char> = run.text.chars().collect();
        chars
            .into_iter()
            .enumerate()
            .filter(|(_, one)| single.starts_with(*one))
            .map(move |(n, _)| at + n)
            .collect::<Vec<_>>()
    };
    runs(text).into_iter().flat_map(places).map(|at| Span { from: at, until: at + 1 }).collect()
}

/// Those that touch or overlap as one.
fn joined(mut spans: Vec<Span>) -> Vec<Span> {
    spans.sort_unstable();
    let mut apart: Vec<Span> = Vec::new();
    for span in spans {
        match apart.last_mut().filter(|last| span.from <= last.until) {
            Some(last) => last.until = last.until.max(span.until),
            None => apart.push(span),
        }
    }
    apart
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marked(text: &str, question: &str) -> Vec<String> {
        let query = Query::parse(question).unwrap();
        let piece = |span: Span| text.chars().skip(span.from).take(span.until - span.from).collect();
        spans(text, &query, true).into_iter().map(piece).collect()
    }

    #[test]
    fn words_beginnings_and_sounds_are_marked() {
        assert_eq!(marked("路灯不亮，路灯杆歪", "路灯"), ["路灯", "路灯"]);
        assert_eq!(marked("路面塌陷", "lmtx"), ["路面塌陷"]);
        assert_eq!(marked("Road collapse", "roa"), ["Roa"]);
        assert_eq!(marked("20260302-7KQ2M4XA", "20260302-7kq"), ["20260302", "7KQ"]);
        assert_eq!(marked("路灯不亮", "灯亮"), ["灯", "亮"]);
        assert_eq!(marked("路面塌陷", "面塌"), ["面塌"]);
        assert!(marked("路面塌陷", "井盖").is_empty());
        assert_eq!(marked("路灯不亮，灯不亮", "“路灯不亮”"), ["路灯不亮"]);
        assert_eq!(marked("Road roads", "\"road\""), ["Road"]);
    }
}
