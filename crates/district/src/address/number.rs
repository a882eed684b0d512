//! House numbers.

use super::text::is_chinese;

/// `12`, `12a`, `12-3` (number and part) or `145-151` (a range).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct HouseNumber {
    pub low: u32,
    /// Of a range.
    pub high: Option<u32>,
    /// What follows the number: `a`, `-3`.
    pub rest: String,
}

/// How a building's number answers the one asked for.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum NumberMatch {
    Same,
    InRange,
    /// The same number with another part, or a neighbour: how near, 0 to 1.
    Near(f64),
}

impl HouseNumber {
    /// Of a whole word in plain spelling.
    pub fn parse(word: &str) -> Option<HouseNumber> {
        let word = word.trim().trim_end_matches('号').to_ascii_lowercase();
        let digits = word.len() - word.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let low = word[..digits].parse().ok()?;
        let rest = &word[digits..];
        if let Some(high) = rest.strip_prefix('-').and_then(|high| high.parse::<u32>().ok())
            && high > low
        {
            return Some(HouseNumber { low, high: Some(high), rest: String::new() });
        }
        let letter = |c: char| c.is_ascii_alphanumeric() || c == '-';
        (rest.chars().all(letter) && rest.chars().filter(char::is_ascii_alphabetic).count() <= 1).then(|| HouseNumber {
            low,
            high: None,
            rest: rest.to_owned(),
        })
    }

    /// The number at the start of Chinese text: digits, or numerals before 号.
    pub fn at_start(text: &[char]) -> Option<HouseNumber> {
        let text = text.strip_prefix(&['第']).unwrap_or(text);
        let written: String = text.iter().take_while(|c| c.is_ascii_alphanumeric() || **c == '-').collect();
        if written.starts_with(|c: char| c.is_ascii_digit()) {
            return HouseNumber::parse(written.trim_end_matches('-'));
        }
        let end = text.iter().take(8).position(|c| *c == '号')?;
        let low = numeral(&text[..end])?;
        Some(HouseNumber { low, high: None, rest: String::new() })
    }

    /// The first number followed by 号 anywhere in Chinese text.
    pub fn within(text: &[char]) -> Option<HouseNumber> {
        let starts = (0..text.len())
            .filter(|place| text[*place].is_ascii_digit() && (*place == 0 || !text[place - 1].is_ascii_alphanumeric()));
        starts.into_iter().find_map(|start| {
            let length = text[start..].iter().take_while(|c| c.is_ascii_alphanumeric() || **c == '-').count();
            let is_house = text.get(start + length) == Some(&'号');
            is_house.then(|| HouseNumber::at_start(&text[start..])).flatten()
        })
    }

    /// How `built`, a building's number, answers this one.
    pub fn matches(&self, built: &HouseNumber) -> Option<NumberMatch> {
        if self == built {
            return Some(NumberMatch::Same);
        }
        let within =
            |range: &HouseNumber, number: u32| range.high.is_some_and(|high| (range.low..=high).contains(&number));
        if within(built, self.low) || within(self, built.low) {
            // Odd and even numbers stand on two sides of the road.
            let same_side = self.low % 2 == built.low % 2;
            return Some(if same_side { NumberMatch::InRange } else { NumberMatch::Near(0.6) });
        }
        if self.low == built.low {
            return Some(NumberMatch::Near(0.8));
        }
        let apart = self.low.abs_diff(built.low);
        let side = if apart.is_multiple_of(2) { 0.0 } else { 0.1 };
        (apart <= 10).then(|| NumberMatch::Near(0.5 - 0.03 * f64::from(apart) - side))
    }
}

/// Chinese numerals up to 999: `十二`, `一百零三`, `二三`.
fn numeral(text: &[char]) -> Option<u32> {
    if text.is_empty() || !text.iter().all(|c| is_chinese(*c)) {
        return None;
    }
    let digit = |c: char| "零一二三四五六七八九".chars().position(|numeral| numeral == c).map(|value| value as u32);
    if text.iter().all(|c| digit(*c).is_some()) {
        return Some(text.iter().fold(0, |value, c| value * 10 + digit(*c).unwrap_or(0)));
    }
    let (mut whole, mut open) = (0, None);
    for c in text {
        match (*c, digit(*c)) {
            (_, Some(value)) => open = Some(value),
            ('十', _) => whole += open.take().unwrap_or(1) * 10,
            ('百', _) => whole += open.take()? * 100,
            _ => return None,
        }
    }
    Some(whole + open.unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(asked: &str, built: &str, expected: Option<NumberMatch>) {
        let parse = |word| HouseNumber::parse(word).expect("a house number");
        assert_eq!(parse(asked).matches(&parse(built)), expected, "{asked} {built}");
    }

    #[test]
    fn numbers_parts_and_ranges() {
        check("12", "12", Some(NumberMatch::Same));
        check("145-151", "145-151", Some(NumberMatch::Same));
        check("147", "145-151", Some(NumberMatch::InRange));
        check("148", "145-151", Some(NumberMatch::Near(0.6)));
        check("145-151", "149", Some(NumberMatch::InRange));
        check("12", "12-3", Some(NumberMatch::Near(0.8)));
        check("12a", "12b", Some(NumberMatch::Near(0.8)));
        check("12", "14", Some(NumberMatch::Near(0.44)));
        check("12", "23", None);
        for word in ["ipswich", "1st-street", "-3", ""] {
            assert_eq!(HouseNumber::parse(word), None, "{word}");
        }
    }

    #[test]
    fn chinese_numerals() {
        let check = |text: &str, low: u32| {
            let text: Vec<char> = text.chars().collect();
            assert_eq!(HouseNumber::at_start(&text).map(|number| number.low), Some(low), "{text:?}");
        };
        check("12号", 12);
        check("第12号", 12);
        check("十二号", 12);
        check("一百零三号院", 103);
        check("二三号", 23);
    }
}
