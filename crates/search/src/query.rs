//! What a person typed: words that must all be there. No signs mean anything.

use std::collections::BTreeSet;

use kernel::Refusal;

use crate::document::digits;
use crate::words::for_question;

/// Characters of a question at most.
pub const LONGEST: usize = 200;
/// Words at most: more narrow nothing down.
const MOST: usize = 16;

/// A question with at least one word in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query {
    pub(crate) words: Vec<Asked>,
}

/// One word of a question.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Asked {
    Chinese(String),
    /// Letters and digits: a word, a number, or a sound.
    Latin(String),
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
    /// Words are taken apart as texts are; signs, spaces and quotation marks only part them.
    pub fn parse(text: &str) -> Result<Query, QueryRefusal> {
        let length = text.chars().count();
        if length > LONGEST {
            return Err(QueryRefusal::TooLong { length });
        }
        let mut words: Vec<Asked> = Vec::new();
        for piece in text.split_whitespace() {
            match phone(piece) {
                Some(digits) => words.push(Asked::Phone(digits)),
                None => words.extend(for_question(piece).into_iter().map(|word| match word.chinese {
                    true => Asked::Chinese(word.term),
                    false => Asked::Latin(word.term),
                })),
            }
        }
        let mut seen = BTreeSet::new();
        words.retain(|word| seen.insert(word.clone()));
        words.truncate(MOST);
        if words.is_empty() { Err(QueryRefusal::Empty) } else { Ok(Query { words }) }
    }
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
        assert_eq!(words("\"路灯\" 不亮 路灯"), Ok(vec![chinese("路灯"), chinese("不"), chinese("亮")]));
        assert_eq!(words("20260302-7KQ2 Df"), Ok(vec![latin("20260302"), latin("7kq2"), latin("df")]));
        assert_eq!(words("020-8765-4321"), Ok(vec![Asked::Phone("02087654321".into())]));
        assert_eq!(words(" ，* "), Err(QueryRefusal::Empty));
        assert_eq!(words(""), Err(QueryRefusal::Empty));
        assert_eq!(words(&"灯".repeat(201)), Err(QueryRefusal::TooLong { length: 201 }));
    }
}
