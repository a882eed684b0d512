//! Names and codes.

use std::collections::{BTreeMap, HashSet};

/// Chinese for the names in the file, as far as the map gives it.
#[derive(Clone, Debug, Default)]
pub struct Words(pub BTreeMap<String, String>);

impl Words {
    /// The Chinese name, or the name itself: a name that nobody translated is still a name. `Ward 5` is found by `Ward`.
    pub fn chinese(&self, name: &str) -> String {
        if let Some(found) = self.0.get(name) {
            return found.clone();
        }
        if let Some((word, number)) = name.rsplit_once(' ')
            && number.bytes().all(|byte| byte.is_ascii_digit())
            && let Some(found) = self.0.get(word)
        {
            return format!("{found} {number}");
        }
        name.to_owned()
    }
}

/// Codes made from names: lower-case letters and digits with hyphens between, each given out once.
#[derive(Default)]
pub struct Codes(HashSet<String>);

impl Codes {
    pub fn of(&mut self, name: &str) -> String {
        let plain = slug(name);
        let mut code = plain.clone();
        let mut again = 2;
        while !self.0.insert(code.clone()) {
            code = format!("{plain}-{again}");
            again += 1;
        }
        code
    }
}

fn slug(name: &str) -> String {
    let mut code = String::new();
    for letter in name.chars().flat_map(char::to_lowercase) {
        if letter.is_alphanumeric() {
            code.push(letter);
        } else if !code.is_empty() && !code.ends_with('-') {
            code.push('-');
        }
    }
    let code = code.trim_end_matches('-');
    if code.is_empty() { "unnamed".to_owned() } else { code.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_plain_and_never_given_twice() {
        let mut codes = Codes::default();
        assert_eq!(codes.of("Heat - Excessive  Insufficient"), "heat-excessive-insufficient");
        assert_eq!(codes.of("Heat (Excessive, Insufficient)"), "heat-excessive-insufficient-2");
        assert_eq!(codes.of("--"), "unnamed");
        assert_eq!(codes.of("路灯"), "路灯");
    }

    #[test]
    fn numbers_are_kept_beside_the_translated_word() {
        let words = Words(BTreeMap::from([("Ward".to_owned(), "选区".to_owned())]));
        assert_eq!(words.chinese("Ward 5"), "选区 5");
        assert_eq!(words.chinese("Elsewhere"), "Elsewhere");
    }
}
