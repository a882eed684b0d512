//! What stands within quotation marks: a text holds it if it holds its characters next to each other, in their order.
//!
//! The index keeps no places of words: it says in which parts all words of a phrase stand, and the text itself says whether they
//! stand together.

use crate::document::Document;
use crate::query::Asked;
use crate::schema::Part;
use crate::words::{Word, for_question, letters};

/// Opening and closing marks.
const MARKS: [(char, char); 5] = [('"', '"'), ('“', '”'), ('「', '」'), ('『', '』'), ('＂', '＂')];

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Phrase {
    /// Chinese characters one by one, and runs of letters and digits.
    letters: Vec<Word>,
    /// Words that a text which holds the phrase holds, to look up.
    pub words: Vec<Asked>,
}

impl Phrase {
    pub fn of(text: &str) -> Phrase {
        let asked = for_question(text).into_iter().map(|word| match word.chinese {
            true => Asked::Chinese(word.term),
            false => Asked::Whole(word.term),
        });
        Phrase { letters: letters(text), words: asked.collect() }
    }

    /// Where it stands in a text, in characters, from the first to the one behind the last. Which signs and spaces part its words is
    /// not looked at; between Chinese characters there are some in both or in neither, since words of the index go over none.
    pub fn places(&self, text: &str) -> Vec<(usize, usize)> {
        let letters = letters(text);
        let windows = letters.windows(self.letters.len().max(1));
        let holds = windows.filter(|window| {
            let same = window.iter().map(|one| &one.term).eq(self.letters.iter().map(|one| &one.term));
            same && window.windows(2).map(joined).eq(self.letters.windows(2).map(joined))
        });
        holds.filter_map(|window| Some((window.first()?.from, window.last()?.until))).collect()
    }

    /// Whether one of the texts of a part holds it. A sound holds nothing literally, a telephone number is a single word.
    pub fn stands_in(&self, document: &Document, part: Part) -> bool {
        let texts = match part {
            Part::Number => std::slice::from_ref(&document.number),
            Part::Title => &document.titles,
            Part::Words => &document.words,
            Part::Address => &document.addresses,
            Part::Name => &document.names,
            Part::TitleSound | Part::PrivateSound | Part::Phone => &[],
        };
        texts.iter().any(|text| !self.places(text).is_empty())
    }

    /// The words to look up: single characters stand in too many terms, and are left to the text where there is more.
    pub fn telling(&self) -> impl Iterator<Item = &Asked> {
        let single = |word: &&Asked| matches!(word, Asked::Chinese(text) if text.chars().count() == 1);
        let all = self.words.iter().all(|word| single(&word));
        self.words.iter().filter(move |word| all || !single(word))
    }
}

/// Whether two letters are Chinese characters side by side.
fn joined(two: &[Word]) -> bool {
    matches!(two, [one, next] if one.chinese && next.chinese && one.until == next.from)
}

/// A question in pieces: those within quotation marks, and what stands between.
pub(crate) fn parts(text: &str) -> Vec<(&str, bool)> {
    let (mut parts, mut rest) = (Vec::new(), text);
    while let Some((before, quoted, after)) = first_quoted(rest) {
        parts.extend([(before, false), (quoted, true)]);
        rest = after;
    }
    parts.push((rest, false));
    parts
}

/// Before, within and behind the first quotation marks of which there are both.
fn first_quoted(text: &str) -> Option<(&str, &str, &str)> {
    text.char_indices().find_map(|(at, mark)| {
        let (_, closing) = MARKS.iter().find(|(opening, _)| *opening == mark)?;
        let behind = &text[at + mark.len_utf8()..];
        let (quoted, after) = behind.split_once(*closing)?;
        Some((&text[..at], quoted, after))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_holds_it_only_together_and_in_order() {
        let phrase = Phrase::of("路灯不亮");
        assert_eq!(phrase.places("门口路灯不亮，又说路灯不亮"), [(2, 6), (9, 13)]);
        assert_eq!(Phrase::of("路灯，不亮").places("路灯。不亮"), [(0, 5)]);
        for text in ["路灯，不亮", "路灯已亮，不", "不亮的路灯", "路灯不", ""] {
            assert!(phrase.places(text).is_empty(), "{text}");
        }
        assert_eq!(Phrase::of("Zhongshan road").places("12 zhongshan  ROAD east"), [(3, 18)]);
        assert!(Phrase::of("Zhongshan road").places("zhongshan roadside").is_empty(), "whole words");
    }

    #[test]
    fn pieces_within_marks_and_between() {
        assert_eq!(parts("a “b c” d"), [("a ", false), ("b c", true), (" d", false)]);
        assert_eq!(parts("\"a\" \"b"), [("", false), ("a", true), (" \"b", false)]);
        assert_eq!(parts("“a\" b"), [("“a\" b", false)]);
    }
}
