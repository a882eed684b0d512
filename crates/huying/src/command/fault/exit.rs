//! Processes that end at every numbered write.
//!
//! A first district goes through all stages (`stages.rs`) undisturbed and tells which sites each stage passes. Further ones go
//! through them again: the process of a stage ends at a site that no process has ended at yet, after so many hits as the seed
//! says, and the same command is given again, until it has ended at all of them.

use std::collections::{BTreeMap, BTreeSet};

use district::Profile;
use indicatif::ProgressBar;
use kernel::Chance;
use platform::Config;

use super::Done;
use super::scratch::Scratch;
use super::stages::{Attempt, District, STAGES, Stage};
use crate::command::simulate::Simulate;
use crate::failure::Failure;
use crate::output::Output;

/// Further districts at most: what was not passed again in so many is named as a violation.
const DISTRICTS: u32 = 6;

/// Sites of each stage, with their hits in the undisturbed district.
type Sites = BTreeMap<Stage, BTreeMap<String, u64>>;

pub async fn run(
    simulate: &Simulate,
    config: &Config,
    profile: &Profile,
    scratch: &mut Scratch,
    calm: &str,
    output: &Output,
) -> Result<(Done, Vec<String>), Failure> {
    let bar = output.progress("simulate-fault-sites", 0);
    bar.enable_steady_tick(std::time::Duration::from_millis(200));
    let mut exits = Exits {
        chance: Chance::seeded(simulate.seed, "fault/exit"),
        pending: Sites::new(),
        hits: BTreeMap::new(),
        violations: Vec::new(),
        calm,
        bar,
    };
    let passed = exits.go_through(District::begin(simulate, config, profile, scratch).await?, scratch, true).await?;
    exits.bar.finish_and_clear();
    let reached: BTreeSet<String> = passed.values().flat_map(|sites| sites.keys().cloned()).collect();
    exits.pending = exits.some_of(passed, simulate.fault_exits);
    exits.bar = output.progress("simulate-fault-exit", exits.left());
    for district in 0..DISTRICTS {
        if exits.left() == 0 {
            break;
        }
        exits.go_through(District::begin(simulate, config, profile, scratch).await?, scratch, district == 0).await?;
    }
    exits.bar.finish_and_clear();
    let never = exits.pending.iter().flat_map(|(stage, sites)| sites.keys().map(move |site| (stage, site)));
    let never: Vec<String> = never.map(|(stage, site)| format!("{stage}: {site} was never passed again")).collect();
    exits.violations.extend(never);
    Ok((Done { same_hash: true, hits: exits.hits, reached, ..Done::default() }, exits.violations))
}

struct Exits<'a> {
    chance: Chance,
    /// Where no process has ended yet.
    pending: Sites,
    hits: BTreeMap<String, u64>,
    violations: Vec<String>,
    calm: &'a str,
    bar: ProgressBar,
}

impl Exits<'_> {
    /// Takes a new district through all stages; gives the sites that were passed. `spread` lets hits go by before an exit.
    async fn go_through(
        &mut self,
        mut district: District,
        scratch: &mut Scratch,
        spread: bool,
    ) -> Result<Sites, Failure> {
        let mut passed = Sites::new();
        for stage in STAGES {
            loop {
                let exits = self.plan(stage, spread);
                let (attempt, sites) = district.attempt(stage, exits, scratch).await?;
                for site in &sites {
                    *passed.entry(stage).or_default().entry(site.clone()).or_default() += 1;
                }
                match attempt {
                    Attempt::Done => break,
                    Attempt::Ended => self.ended(stage, sites.last().map_or("", String::as_str)),
                    Attempt::Failed(reason) => {
                        self.violations.push(format!("{stage}: {reason}"));
                        return Ok(passed);
                    }
                }
            }
        }
        self.violations.extend(district.look_over(self.calm).await?);
        Ok(passed)
    }

    fn plan(&mut self, stage: Stage, spread: bool) -> BTreeMap<String, u64> {
        let Some(sites) = self.pending.get(&stage) else { return BTreeMap::new() };
        let until = |hits: u64| if spread { 1 + self.chance.below((hits / 4).max(1)) } else { 1 };
        let (names, hits): (Vec<&String>, Vec<&u64>) = sites.iter().unzip();
        names.into_iter().cloned().zip(hits.into_iter().copied().map(until)).collect()
    }

    fn ended(&mut self, stage: Stage, site: &str) {
        *self.hits.entry(format!("{stage}: {site}")).or_default() += 1;
        if let Some(sites) = self.pending.get_mut(&stage) {
            sites.remove(site);
        }
        self.bar.inc(1);
    }

    fn left(&self) -> u64 {
        self.pending.values().map(|sites| sites.len() as u64).sum()
    }

    /// All sites, or as many as asked for, drawn.
    fn some_of(&mut self, mut sites: Sites, most: Option<u64>) -> Sites {
        let count = |sites: &Sites| sites.values().map(|sites| sites.len() as u64).sum::<u64>();
        while most.is_some_and(|most| count(&sites) > most) {
            let mut place = self.chance.below(count(&sites)) as usize;
            for sites in sites.values_mut() {
                match sites.keys().nth(place).cloned() {
                    Some(site) => {
                        sites.remove(&site);
                        break;
                    }
                    None => place -= sites.len(),
                }
            }
        }
        sites
    }
}
