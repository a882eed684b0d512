//! Areas named in an address.

use kernel::Instant;

use super::text::{characters, is_chinese, words};
use crate::area::{Area, Rank};
use crate::territory::Territory;

/// Names of the areas below the whole, in the spellings they are compared in.
#[derive(Debug, Default)]
pub(crate) struct AreaNames(Vec<AreaName>);

#[derive(Debug)]
struct AreaName {
    /// Place in `Territory::areas`.
    place: usize,
    /// Without spaces; empty where the name has no Chinese characters.
    chinese: String,
    /// Without its generic end, where something is left.
    short: Option<String>,
    english: Vec<String>,
}

impl AreaNames {
    pub fn new(territory: &Territory) -> AreaNames {
        let below = territory.areas().iter().enumerate().filter(|(_, area)| area.rank != Rank::Level(0));
        AreaNames(below.map(|(place, area)| AreaName::of(place, area)).collect())
    }

    /// Areas valid then whose name stands in the text, with or without its generic end.
    pub fn named_in<'a>(&self, territory: &'a Territory, text: &str, when: Instant) -> Vec<&'a Area> {
        let (characters, words) = (characters(text).iter().collect::<String>(), words(text));
        let named = self.0.iter().filter(|name| name.stands_in(&characters, &words));
        named.map(|name| &territory.areas()[name.place]).filter(|area| area.period.covers(when)).collect()
    }
}

impl AreaName {
    fn of(place: usize, area: &Area) -> AreaName {
        let chinese: String = characters(&area.name.zh).iter().collect();
        let chinese = if chinese.chars().any(is_chinese) { chinese } else { String::new() };
        let short = ["街道", "社区"].iter().find_map(|end| chinese.strip_suffix(end));
        let short = short.filter(|short| short.chars().count() > 1).map(str::to_owned);
        AreaName { place, chinese, short, english: words(&area.name.en) }
    }

    fn stands_in(&self, characters: &str, words: &[String]) -> bool {
        !self.chinese.is_empty() && characters.contains(&self.chinese)
            || self.short.as_deref().is_some_and(|short| stands_alone(characters, short))
            || !self.english.is_empty() && words.windows(self.english.len()).any(|run| run == self.english)
    }
}

/// Whether a short name stands in the text other than at the head of a road's name: `东亭`, but not of `东亭路`.
fn stands_alone(text: &str, name: &str) -> bool {
    const ROAD: &str = "路街巷道里大中东西南北上下一二三四";
    text.match_indices(name).any(|(start, _)| {
        let next = text[start + name.len()..].chars().next();
        next.is_none_or(|next| !ROAD.contains(next))
    })
}
