//! What a person typed: words that must all be there, and within quotation marks what must be there just so. No other signs mean
//! anything.

use std::collections::BTreeSet;

use kernel::Refusal;

use crate::document::digits;
use crate::phrase::{Phrase, parts};
use crate::words::for_question;

/// Characters of a question at most.
pub const LONGEST: usize = 200;
/// Words at most: more narrow nothing down.
const MOST: usize = 16;

/// A question with at least one word in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query {
    pub(crate) words: Vec<Asked>,
    /// Of several words each; what is but one word is among the words.
    pub(crate) phrases: Vec<Phrase>,
}

/// One word of a question.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Asked {
    Chinese(String),
    /// Letters and digits: a word, a number, or a sound.
    Latin(String),
    /// Letters and digits as they stand, neither the beginning of a word nor a sound.
    Whole(String),
    /// Digits that were typed in groups, as telephone numbers are.
    Phone(String),
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum QueryRefusal {
    #[error("there is no word to search for")]
    Empty,
    #[error("{length} characters are more than {LONGEST}")]
    TooLong { length: usize },
}

impl From<&QueryRefusal> for Refusal {
    fn from(why: &QueryRefusal) -> Refusal {
        match why {
            QueryRefusal::Empty => Refusal::invalid("q", "search-empty"),
            QueryRefusal::TooLong { length } => {
                Refusal::invalid("q", "search-too-long").with("length", length).with("longest", LONGEST)
            }
        }
    }
}

impl Query {
    /// Words are taken apart as texts are; signs and spaces only part them, and so does a quotation mark without another.
    pub fn parse(text: &str) -> Result<Query, QueryRefusal> {
        let length = text.chars().count();
        if length > LONGEST {
            return Err(QueryRefusal::TooLong { length });
        }
        let (mut words, mut phrases) = (Vec::new(), Vec::new());
        for (piece, quoted) in parts(text) {
            match quoted.then(|| Phrase::of(piece)) {
                Some(phrase) if phrase.words.len() == 1 => words.extend(phrase.words),
                Some(phrase) => phrases.extend((!phrase.words.is_empty()).then_some(phrase)),
                None => words.extend(piece.split_whitespace().flat_map(loose)),
            }
        }
        let mut seen = BTreeSet::new();
        words.retain(|word| seen.insert(word.clone()));
        words.truncate(MOST);
        phrases.truncate(MOST - words.len());
        if words.is_empty() && phrases.is_empty() { Err(QueryRefusal::Empty) } else { Ok(Query { words, phrases }) }
    }
}

/// What was typed outside of quotation marks.
fn loose(piece: &str) -> Vec<Asked> {
    if let Some(digits) = phone(piece) {
        return vec![Asked::Phone(digits)];
    }
    let asked = |word: crate::words::Word| match word.chinese {
        true => Asked::Chinese(word.term),
        false => Asked::Latin(word.term),
    };
    for_question(piece).into_iter().map(asked).collect()
}

/// Digits in groups, unless they begin with a day, as a case's number does.
fn phone(piece: &str) -> Option<String> {
    const DAY: usize = 8;
    let grouped = piece.contains(['-', '+']) && piece.chars().all(|one| one.is_ascii_digit() || "-+".contains(one));
    let first = piece.split('-').next().unwrap_or_default();
    digits(piece).filter(|_| grouped && first.len() != DAY)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_once_each_and_never_none() {
        let words = |text: &str| Query::parse(text).map(|query| query.words);
        let chinese = |text: &str| Asked::Chinese(text.into());
        let latin = |text: &str| Asked::Latin(text.into());
        assert_eq!(words("路灯\" 不亮 路灯"), Ok(vec![chinese("路灯"), chinese("不"), chinese("亮")]));
        assert_eq!(words("20260302-7KQ2 Df"), Ok(vec![latin("20260302"), latin("7kq2"), latin("df")]));
        assert_eq!(words("020-8765-4321"), Ok(vec![Asked::Phone("02087654321".into())]));
        assert_eq!(words(" ，* "), Err(QueryRefusal::Empty));
        assert_eq!(words(""), Err(QueryRefusal::Empty));
        assert_eq!(words(&"灯".repeat(201)), Err(QueryRefusal::TooLong { length: 201 }));
    }

    #[test]
    fn what_is_quoted_is_one_word_or_a_phrase() {
        let parsed = |text: &str| Query::parse(text).map(|query| (query.words, query.phrases));
        let phrase = Phrase::of("路灯不亮");
        for text in ["\"路灯不亮\"", "“路灯不亮”", "「路灯不亮」", "＂路灯不亮＂"] {
            assert_eq!(parsed(text), Ok((vec![], vec![phrase.clone()])), "{text}");
        }
        let both = parsed("井盖 “路灯不亮” df");
        assert_eq!(both, Ok((vec![Asked::Chinese("井盖".into()), Asked::Latin("df".into())], vec![phrase])));
        assert_eq!(parsed("“路灯”"), Ok((vec![Asked::Chinese("路灯".into())], vec![])));
        assert_eq!(parsed("\"Road\""), Ok((vec![Asked::Whole("road".into())], vec![])));
        assert_eq!(parsed("\"，\""), Err(QueryRefusal::Empty));
        assert_eq!(parsed("路灯 ”\"\""), Ok((vec![Asked::Chinese("路灯".into())], vec![])));
    }
}
