//! Masking: what is shown of a sealed value to someone who has no need to know it whole.
//!
//! Who a person is (name, telephone, address) is masked by default, for everyone; whoever needs it says why (`POST
//! /cases/{id}/unmasking`). What a person wrote is shown to whoever works with the case, since the work is about it.

/// Fields that say who someone is or how to reach them.
pub const IDENTITY: [&str; 4] = ["name", "phone", "address", "email"];

/// How a sealed value is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Showing {
    /// Whole; the look is recorded.
    Whole,
    /// By its hint: enough to recognize a value one knows, too little to learn it.
    Hint,
    /// Not at all: only that there is one.
    Nothing,
}

/// A sealed value that is not shown whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Masked {
    pub field: String,
    pub hint: Option<String>,
}

impl Masked {
    pub(crate) fn new(field: String, value: &str, showing: Showing) -> Masked {
        let hint = (showing == Showing::Hint).then(|| hint(&field, value));
        Masked { field, hint }
    }
}

/// 张**, 138****5678, an address down to its building: the usual forms in Chinese public services (background; no standard
/// prescribes them).
pub fn hint(field: &str, value: &str) -> String {
    let letters: Vec<char> = value.chars().collect();
    match field {
        "name" => letters.first().map(|first| format!("{first}**")).unwrap_or_default(),
        "phone" if letters.len() >= 11 => keep(&letters, 3, 4),
        "phone" => keep(&letters, 0, 2),
        "address" => building(&letters),
        "email" => value.split_once('@').map_or("***".to_owned(), |(_, host)| format!("***@{host}")),
        _ => "***".to_owned(),
    }
}

fn keep(letters: &[char], first: usize, last: usize) -> String {
    let last = last.min(letters.len() / 2);
    let (head, tail) = (&letters[..first], &letters[letters.len() - last..]);
    head.iter().chain(&['*'; 4]).chain(tail).collect()
}

/// Up to the building; where no building is named, the first six letters at most, and never the whole.
fn building(letters: &[char]) -> String {
    let named = letters.iter().rposition(|letter| "栋幢座楼号".contains(*letter)).map(|at| at + 1);
    let shown = named.unwrap_or(6).min(letters.len() / 2 + 3).min(letters.len().saturating_sub(1));
    let shown = if named == Some(letters.len()) { letters.len() } else { shown };
    let mut hint: String = letters[..shown].iter().collect();
    if shown < letters.len() {
        hint.push_str("***");
    }
    hint
}

#[cfg(test)]
mod tests {
    use super::hint;

    #[test]
    fn a_hint_tells_too_little_to_learn_the_value() {
        let check = |field: &str, value: &str, expected: &str| assert_eq!(hint(field, value), expected, "{value}");
        check("name", "张三丰", "张**");
        check("name", "", "");
        check("phone", "13812345678", "138****5678");
        check("phone", "020-83127777", "020****7777");
        check("phone", "110", "****0");
        check("address", "北京路12号3栋501房", "北京路12号3栋***");
        check("address", "北京路12号", "北京路12号");
        check("address", "水荫路小区门口东侧", "水荫路小区门***");
        check("address", "家", "***");
        check("email", "ada@example.org", "***@example.org");
        check("words", "anything", "***");
    }
}
