//! The platform was down, and somebody declares it afterwards (PRACTICE 17).

use casework::case::Action;
use casework::outage::Declare;
use kernel::{Chance, Instant};

use crate::lives::{Act, Step};
use crate::town::{Outage, Town};
use crate::words::words;

pub(crate) struct OutageLife {
    pub number: u64,
    from: Instant,
    until: Instant,
    declared_at: Instant,
    /// Declared, or not to be declared.
    pub over: bool,
}

impl OutageLife {
    pub fn new(number: u64, outage: &Outage) -> OutageLife {
        let Outage { from, until, declared_at } = *outage;
        OutageLife { number, from, until, declared_at, over: false }
    }

    pub fn next(&self, town: &Town, seed: u64) -> Option<Step> {
        if self.over {
            return None;
        }
        let mut chance = Chance::seeded(seed, &format!("outage/{}", self.number));
        let declarer = &town.profile.rules.outage.declarer;
        let caller = town.cast.of_organization(declarer, Action::DeclareOutage, &mut chance)?.clone();
        let declare = Declare { from: self.from, until: self.until, words: words("平台停机,已恢复。") };
        Some(Step { at: town.up(self.declared_at), claimed_at: None, of: 0, caller, act: Act::Declare(declare) })
    }
}
