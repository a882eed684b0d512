//! Address text to the places it may mean, ranked, each with its reasons. Chinese and English.

mod areas;
mod book;
mod candidate;
mod number;
mod text;

pub use candidate::{AddressReason, Candidate, Found};

pub(crate) use areas::AreaNames;
pub(crate) use book::AddressBook;

use kernel::Instant;

use crate::area::Area;
use crate::profile::Profile;

impl Profile {
    /// At most `most` places that a text may mean, the likeliest first. Areas named in the text, as they were `when`, speak
    /// for what lies in them.
    pub fn find_address(&self, text: &str, when: Instant, most: usize) -> Vec<Candidate<'_>> {
        let mut candidates = self.places.book().find(&self.places, text);
        let named = self.area_names.named_in(&self.territory, text, when);
        if !named.is_empty() {
            for candidate in &mut candidates {
                self.weigh_area(candidate, &named, when);
            }
        }
        candidates.sort_by(|a, b| b.score.total_cmp(&a.score).then_with(|| a.found.code().cmp(b.found.code())));
        candidates.truncate(most);
        candidates
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
