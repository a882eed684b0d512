//! How Chinese names are typed by their sound: whole syllables (`dongfenglu`) and initials (`dfl`).

use std::collections::BTreeSet;

use pinyin::ToPinyin;

use crate::words::{Run, for_question, runs};

/// A name as long as this is also kept whole.
const LONGEST: usize = 12;
/// So many neighbouring words are kept together.
const TOGETHER: usize = 3;

/// What the Chinese in a text can be typed as: each of its words of two characters and more, up to three neighbouring words
/// together, and a short name whole.
pub(crate) fn sounds(text: &str) -> BTreeSet<String> {
    let mut sounds = BTreeSet::new();
    for run in runs(text).iter().filter(|run| run.chinese) {
        for (from, until) in stretches(run) {
            let piece: Vec<char> = run.text.chars().skip(from).take(until - from).collect();
            sounds.extend(spelt(&piece).into_iter().flatten());
        }
    }
    sounds
}

/// From and until in a run, in characters.
fn stretches(run: &Run) -> BTreeSet<(usize, usize)> {
    let words = for_question(&run.text);
    let mut stretches = BTreeSet::new();
    for first in 0..words.len() {
        for last in &words[first..words.len().min(first + TOGETHER)] {
            stretches.insert((words[first].from, last.until));
        }
    }
    let length = run.text.chars().count();
    if length <= LONGEST {
        stretches.insert((0, length));
    }
    stretches.retain(|(from, until)| until - from >= 2);
    stretches
}

/// By whole syllables and by initials; nothing where a character has no sound.
fn spelt(characters: &[char]) -> Option<[String; 2]> {
    let syllables: Option<Vec<&str>> =
        characters.iter().map(|character| character.to_pinyin().map(|one| one.plain())).collect();
    let syllables = syllables?;
    Some([syllables.concat(), syllables.iter().filter_map(|one| one.chars().next()).collect()])
}

/// The initials of the Chinese in a text.
pub fn initials(text: &str) -> String {
    text.to_pinyin().flatten().filter_map(|one| one.plain().chars().next()).collect()
}

/// Where in a text the sound `typed` stands, in characters: the first shortest stretch of Chinese whose syllables or initials
/// begin with it.
pub(crate) fn place_of(text: &str, typed: &str) -> Option<(usize, usize)> {
    for run in runs(text).iter().filter(|run| run.chinese) {
        let characters: Vec<char> = run.text.chars().collect();
        let found = stretches(run).into_iter().filter(|(from, until)| {
            spelt(&characters[*from..*until]).is_some_and(|ways| ways.iter().any(|way| way.starts_with(typed)))
        });
        if let Some((from, until)) = found.min_by_key(|(from, until)| (until - from, *from)) {
            return Some((run.from + from, run.from + until));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_neighbours_and_the_whole() {
        let road = sounds("东风中路12号");
        for sound in ["dongfeng", "df", "dongfengzhonglu", "dfzl"] {
            assert!(road.contains(sound), "{sound} of {road:?}");
        }
        assert!(sounds("路面塌陷").contains("lmtx"));
        assert!(sounds("陈小明").contains("chenxiaoming"));
        assert!(sounds("Road 12").is_empty());
        assert!(sounds("灯").is_empty(), "one syllable would be found everywhere");
    }

    #[test]
    fn the_place_of_a_sound() {
        assert_eq!(place_of("越秀区东风中路", "df"), Some((3, 5)));
        assert_eq!(place_of("越秀区东风中路", "dfzl"), Some((3, 7)));
        assert_eq!(place_of("越秀区", "df"), None);
    }
}
