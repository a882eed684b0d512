//! Address text in one spelling, so that it can be compared.

use pinyin::ToPinyin;

/// Generic ends of Chinese road names, longest first.
const ROAD_ENDS: [&str; 10] = ["大马路", "马路", "大道", "大街", "路", "街", "巷", "里", "道", "坊"];

/// English words of addresses and the one spelling they are compared in. `st` is both street and saint.
const WORDS: [(&str, &str); 37] = [
    ("street", "st"),
    ("str", "st"),
    ("saint", "st"),
    ("avenue", "ave"),
    ("av", "ave"),
    ("road", "rd"),
    ("boulevard", "blvd"),
    ("drive", "dr"),
    ("lane", "ln"),
    ("place", "pl"),
    ("square", "sq"),
    ("court", "ct"),
    ("terrace", "ter"),
    ("terr", "ter"),
    ("circle", "cir"),
    ("highway", "hwy"),
    ("parkway", "pkwy"),
    ("pky", "pkwy"),
    ("alley", "aly"),
    ("wharf", "whf"),
    ("way", "wy"),
    ("park", "pk"),
    ("row", "row"),
    ("extension", "ext"),
    ("mount", "mt"),
    ("fort", "ft"),
    ("north", "n"),
    ("south", "s"),
    ("east", "e"),
    ("west", "w"),
    ("middle", "mid"),
    ("first", "1st"),
    ("second", "2nd"),
    ("third", "3rd"),
    ("fourth", "4th"),
    ("fifth", "5th"),
    ("sixth", "6th"),
];

/// Full-width forms narrow, letters small, dashes and separators of one kind.
pub(super) fn plain(text: &str) -> String {
    let narrow = |c: char| match c {
        '\u{3000}' => ' ',
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(c as u32 - 0xfee0).unwrap_or(c),
        other => other,
    };
    let one_kind = |c: char| match c {
        '–' | '—' | '―' | '‐' | '‑' | '−' | '~' | '～' | '至' => '-',
        '號' => '号',
        '’' | '\'' | '.' => '\u{0}',
        c if c.is_alphanumeric() || "-#&@/".contains(c) => c,
        _ => ' ',
    };
    text.chars().map(narrow).map(one_kind).filter(|c| *c != '\u{0}').flat_map(char::to_lowercase).collect()
}

pub(super) fn is_chinese(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}')
}

/// The characters of a text without spaces: how Chinese is compared.
pub(super) fn characters(text: &str) -> Vec<char> {
    plain(text).chars().filter(|c| !c.is_whitespace()).collect()
}

/// The words of a text, each in its one spelling: how English is compared. Chinese characters part words.
pub(super) fn words(text: &str) -> Vec<String> {
    plain(text)
        .split(|c: char| c.is_whitespace() || is_chinese(c) || "#&@/".contains(c))
        .map(|word| word.trim_matches('-'))
        .filter(|word| !word.is_empty())
        .map(|word| WORDS.iter().find(|(long, _)| *long == word).map_or(word, |(_, short)| short).to_owned())
        .collect()
}

/// A Chinese road name without its generic end: `东风` of `东风路`.
pub(super) fn stem(name: &[char]) -> &[char] {
    let text: String = name.iter().collect();
    let end = ROAD_ENDS.iter().find(|end| text.ends_with(**end)).map_or(0, |end| end.chars().count());
    if end < name.len() { &name[..name.len() - end] } else { name }
}

/// How alike two Chinese names are, 0 to 1: by character, where one that sounds the same counts nearly whole.
pub(super) fn likeness(a: &[char], b: &[char]) -> f64 {
    if a.len() != b.len() {
        let text = |name: &[char]| name.iter().collect::<String>();
        return strsim::normalized_levenshtein(&text(a), &text(b));
    }
    let sound = |c: char| c.to_pinyin().map(|pinyin| pinyin.plain());
    let same = |(a, b): (&char, &char)| match a == b {
        true => 1.0,
        false if sound(*a).is_some() && sound(*a) == sound(*b) => 0.9,
        false => 0.0,
    };
    a.iter().zip(b).map(same).sum::<f64>() / a.len().max(1) as f64
}

/// How alike two words are, 0 to 1; different numbers are not alike at all.
pub(super) fn word_likeness(a: &str, b: &str) -> f64 {
    if a == b {
        return 1.0;
    }
    let has_digit = |word: &str| word.bytes().any(|byte| byte.is_ascii_digit());
    if has_digit(a) || has_digit(b) || a.len().min(b.len()) < 4 {
        return 0.0;
    }
    strsim::normalized_damerau_levenshtein(a, b)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_spelling() {
        assert_eq!(plain("东风东路　１２－３号"), "东风东路 12-3号");
        assert_eq!(
            words("145–151 Ipswich Street, St. Paul's Ave."),
            ["145-151", "ipswich", "st", "st", "pauls", "ave"]
        );
        assert_eq!(characters("Ａ座 12號"), ['a', '座', '1', '2', '号']);
        assert_eq!(stem(&characters("二马路")), ['二']);
        assert_eq!(stem(&characters("路")), ['路']);
    }

    #[test]
    fn what_sounds_the_same_is_alike() {
        let check = |a: &str, b: &str, least: f64, most: f64| {
            let found = likeness(&characters(a), &characters(b));
            assert!((least..=most).contains(&found), "{a} {b} {found}");
        };
        check("登峰", "登锋", 0.9, 0.99);
        check("东风", "东川", 0.4, 0.6);
        check("越秀南", "越秀", 0.6, 0.7);
    }
}
