//! The texts people read, in Chinese and English, from one place: `crates/kernel/texts/*.ftl` (Project Fluent).

use std::collections::BTreeMap;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource};
use std::sync::LazyLock;
use unic_langid::LanguageIdentifier;

use crate::Refusal;

/// A language people read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Language {
    /// Simplified Chinese of mainland China, the default.
    #[default]
    Chinese,
    English,
}

impl Language {
    pub const ALL: [Language; 2] = [Language::Chinese, Language::English];

    /// BCP 47 tag.
    pub fn tag(self) -> &'static str {
        match self {
            Language::Chinese => "zh-CN",
            Language::English => "en",
        }
    }

    /// The first language of an `Accept-Language` header that we speak; Chinese where none is.
    pub fn negotiate(accept: &str) -> Language {
        accept
            .split(',')
            .map(|part| part.trim())
            .find_map(|part| match part.get(..2)?.to_ascii_lowercase().as_str() {
                "zh" => Some(Language::Chinese),
                "en" => Some(Language::English),
                _ => None,
            })
            .unwrap_or_default()
    }

    /// The dictionary as Fluent text, for the front ends.
    pub fn source(self) -> &'static str {
        match self {
            Language::Chinese => include_str!("../texts/zh-CN.ftl"),
            Language::English => include_str!("../texts/en.ftl"),
        }
    }

    fn bundle(self) -> &'static FluentBundle<FluentResource> {
        static CHINESE: LazyLock<FluentBundle<FluentResource>> = LazyLock::new(|| load(Language::Chinese));
        static ENGLISH: LazyLock<FluentBundle<FluentResource>> = LazyLock::new(|| load(Language::English));
        match self {
            Language::Chinese => &CHINESE,
            Language::English => &ENGLISH,
        }
    }
}

fn load(language: Language) -> FluentBundle<FluentResource> {
    let tag: LanguageIdentifier = language.tag().parse().expect("our own tags parse");
    let mut bundle = FluentBundle::new_concurrent(vec![tag]);
    bundle.set_use_isolating(false);
    let resource = FluentResource::try_new(language.source().to_owned()).expect("a test parses both dictionaries");
    bundle.add_resource(resource).expect("a test adds both dictionaries");
    bundle
}

/// The text of `code` with `values` filled in; the code itself where the dictionary lacks it (a test finds those).
pub fn text(language: Language, code: &str, values: &BTreeMap<&'static str, String>) -> String {
    let bundle = language.bundle();
    let Some(pattern) = bundle.get_message(code).and_then(|message| message.value()) else {
        return code.to_owned();
    };
    let mut args = FluentArgs::new();
    for (name, value) in values {
        args.set(*name, value.as_str());
    }
    bundle.format_pattern(pattern, Some(&args), &mut Vec::new()).into_owned()
}

/// Whether both dictionaries have `code`: for the tests of crates that declare codes.
pub fn has(code: &str) -> bool {
    Language::ALL.iter().all(|language| language.bundle().has_message(code))
}

impl Refusal {
    pub fn message(&self, language: Language) -> String {
        text(language, self.code, &self.values)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(source: &str) -> Vec<&str> {
        source
            .lines()
            .filter(|line| line.starts_with(|c: char| c.is_ascii_lowercase()))
            .filter_map(|line| line.split_once(" =").map(|(code, _)| code))
            .collect()
    }

    #[test]
    fn both_dictionaries_have_the_same_codes_in_the_same_order() {
        assert_eq!(codes(Language::Chinese.source()), codes(Language::English.source()));
        for code in codes(Language::Chinese.source()) {
            assert!(has(code), "{code}");
        }
    }

    #[test]
    fn values_are_filled_in() {
        let refusal = Refusal::invalid("place", "point-longitude").with("value", "200");
        assert_eq!(refusal.message(Language::Chinese), "经度 200 不在 -180 至 180 度之间。");
        assert_eq!(refusal.message(Language::English), "Longitude 200 is not between -180 and 180 degrees.");
    }

    #[test]
    fn the_browser_chooses_the_language() {
        assert_eq!(Language::negotiate("fr, en-GB;q=0.8, zh"), Language::English);
        assert_eq!(Language::negotiate(""), Language::Chinese);
    }
}
