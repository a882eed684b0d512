//! The duty of one organization: at the end of each shift a note is left, and the next on duty takes it over (PRACTICE 16).

use casework::case::{Action, Caller};
use casework::handover::{HandOver, TakeOver};
use jiff::SignedDuration;
use kernel::{Chance, Instant};

use crate::lives::{Act, Step};
use crate::town::Town;
use crate::words::words;

/// So many organizations leave notes: the centre first, then others with shifts in the profile's order.
const KEPT: usize = 3;
/// Before the end of a shift the note is written.
const BEFORE: SignedDuration = SignedDuration::from_mins(10);

pub(crate) struct DutyLife {
    pub number: u64,
    pub organization: String,
    pub steps: u32,
    /// Of the last step, or the first instant.
    since: Instant,
    /// Who left the note that waits.
    left: Option<String>,
    /// Refused once, and not tried again.
    refused: bool,
}

impl DutyLife {
    /// Whoever leaves notes, from `from` on.
    pub fn all(town: &Town, from: Instant) -> Vec<DutyLife> {
        let others = town.profile.organizations.all().iter().map(|one| one.code.as_str());
        let centre = town.profile.rules.duty.centre.as_str();
        let kept = std::iter::once(centre).chain(others.filter(|code| *code != centre));
        let kept = kept.filter(|code| !town.profile.rosters.of(code).is_empty()).take(KEPT);
        let of = |(number, organization): (u64, &str)| {
            let organization = organization.to_owned();
            DutyLife { number, organization, steps: 0, since: from, left: None, refused: false }
        };
        (0..).zip(kept).map(of).collect()
    }

    pub fn next(&self, town: &Town, seed: u64) -> Option<Step> {
        if self.refused {
            return None;
        }
        let (at, caller, act) = match &self.left {
            Some(left) => {
                let mut chance = Chance::seeded(seed, &format!("handover/{}/{}", self.organization, self.steps));
                let at = town.up(self.since + SignedDuration::from_mins(5 + chance.below(20) as i64));
                let organization = self.organization.clone();
                (at, self.on_duty(town, at, Some(left))?, Act::TakeOver(TakeOver { organization }))
            }
            None => {
                let until = town.profile.on_duty(&self.organization, self.since)?.until;
                let (organization, open) = (self.organization.clone(), Default::default());
                let note = HandOver { organization, open, words: words("交接班:未结呼叫请继续盯办。") };
                ((until - BEFORE).max(self.since), self.on_duty(town, self.since, None)?, Act::HandOver(note))
            }
        };
        Some(Step { at, claimed_at: None, of: 0, caller: caller.clone(), act })
    }

    /// The one on duty at `at`, or the deputy, who keeps the duty and is not `other`.
    fn on_duty<'a>(&self, town: &'a Town, at: Instant, other: Option<&str>) -> Option<&'a Caller> {
        let shift = town.profile.on_duty(&self.organization, at)?;
        let named = [Some(shift.on_duty), shift.deputy].into_iter().flatten();
        let mut keepers = named.filter_map(|post| town.cast.post(post));
        keepers.find(|one| one.may(Action::KeepDuty) && one.hand.person() != other)
    }

    pub fn did(&mut self, step: &Step) {
        self.steps += 1;
        self.since = step.at;
        let leaves = matches!(step.act, Act::HandOver(_));
        self.left = step.caller.hand.person().filter(|_| leaves).map(str::to_owned);
    }

    pub fn was_refused(&mut self) {
        self.refused = true;
    }
}
