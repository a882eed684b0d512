//! Address text to the places it may mean, ranked, each with its reasons. Chinese and English.

mod book;
mod candidate;
mod number;
mod text;

pub use candidate::{AddressReason, Candidate, Found};

pub(crate) use book::AddressBook;

use kernel::Instant;

use crate::area::{Area, Rank};
use crate::profile::Profile;

impl Profile {
    /// At most `most` places that a text may mean, the likeliest first. Areas named in the text, as they were `when`, speak
    /// for what lies in them.
    pub fn find_address(&self, text: &str, when: Instant, most: usize) -> Vec<Candidate<'_>> {
        let mut candidates = self.places.book().find(&self.places, text);
        let named = self.areas_named_in(text, when);
        if !named.is_empty() {
            for candidate in &mut candidates {
                self.weigh_area(candidate, &named, when);
            }
        }
        candidates.sort_by(|a, b| b.score.total_cmp(&a.score).then_with(|| a.found.code().cmp(b.found.code())));
        candidates.truncate(most);
        candidates
    }

    /// Areas below the whole whose name stands in the text, with or without its generic end.
    fn areas_named_in(&self, text: &str, when: Instant) -> Vec<&Area> {
        let (characters, words) = (text::characters(text).iter().collect::<String>(), text::words(text));
        self.territory
            .valid(when)
            .filter(|area| area.rank != Rank::Level(0))
            .filter(|area| {
                let zh: String = text::characters(&area.name.zh).iter().collect();
                let short = ["街道", "社区"].iter().find_map(|end| zh.strip_suffix(end));
                let short = short.filter(|short| short.chars().count() > 1);
                let en = text::words(&area.name.en);
                zh.chars().any(text::is_chinese)
                    && (characters.contains(&zh) || short.is_some_and(|short| stands_alone(&characters, short)))
                    || !en.is_empty() && words.windows(en.len()).any(|run| run == en)
            })
            .collect()
    }

    fn weigh_area(&self, candidate: &mut Candidate<'_>, named: &[&Area], when: Instant) {
        let Found::Building(building) = candidate.found else { return };
        let line = self.territory.line(&building.grid, when);
        match named.iter().find(|area| line.iter().any(|above| above.code == area.code)) {
            Some(area) => {
                candidate.score += (1.0 - candidate.score) * 0.3;
                candidate.reasons.push(AddressReason::Area(area.name.clone()));
            }
            None => candidate.score *= 0.85,
        }
    }
}

/// Whether a short name stands in the text other than at the head of a road's name: `东亭`, but not of `东亭路`.
fn stands_alone(text: &str, name: &str) -> bool {
    const ROAD: &str = "路街巷道里坊大中东西南北上下一二三四";
    text.match_indices(name).any(|(start, _)| {
        let next = text[start + name.len()..].chars().next();
        next.is_none_or(|next| !ROAD.contains(next))
    })
}
