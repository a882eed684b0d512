//! After closing: follow-up, ratings, sample checks, exclusions, reopening.

use casework::case::{
    Action, Case, Command, DecideExclusion, Evidence, Exclusion, FollowUp, KeepPromise, Phase, ProposeExclusion, Rate,
    Rater, Reopen, Sample, SampleCheck, Visit,
};
use jiff::SignedDuration;
use kernel::Instant;

use super::{Step, Turn};
use crate::words::words;

impl<'a> Turn<'a> {
    pub(super) fn closed(&self, case: &'a Case) -> Vec<Step> {
        let Some((_, closed_at)) = case.closed() else { return Vec::new() };
        let steps = [
            self.sample_check(case, closed_at),
            self.follow_up(case, closed_at),
            self.rate_by_reporter(case, closed_at),
            self.rate_by_desk(case, closed_at),
            self.exclude(case, closed_at),
            self.reopen(case, closed_at),
            self.keep_promise(case, closed_at),
        ];
        steps.into_iter().flatten().collect()
    }

    fn sample_check(&self, case: &'a Case, closed_at: Instant) -> Option<Step> {
        if case.sample != Sample::Drawn {
            return None;
        }
        let mut chance = self.dice("sample_check");
        let at = self.town.working(closed_at, 100 + chance.below(1_500), &mut chance);
        let settled_by = case.registered_by.as_deref().unwrap_or_default();
        let caller = self.at_desk(case, Action::SampleCheck, at, &[settled_by], &mut chance);
        let check = SampleCheck {
            passed: !self.told.story.fate.fails_sample,
            evidence: vec![Evidence::of("photo")],
            words: None,
        };
        self.step(at, caller, Command::SampleCheck(check))
    }

    fn follow_up(&self, case: &'a Case, closed_at: Instant) -> Option<Step> {
        let (fate, rules) = (&self.told.story.fate, &self.town.book.rules.follow_up);
        let over =
            case.question().is_none() || case.was_reached() || matches!(case.exclusion, Exclusion::Excluded { .. });
        if !fate.followed_up || over || case.visits.len() >= usize::from(rules.attempts) {
            return None;
        }
        let mut chance = self.dice("follow_up");
        let earliest = match case.last_visit {
            Some(last) => self.town.profile.calendar.due(last, &rules.interval).at,
            None => closed_at,
        };
        let at = self.town.working(earliest, 30 + chance.below(500), &mut chance);
        let caller = self.town.cast.of_organization(&rules.organization, Action::FollowUp, &mut chance);
        let visit = if case.visits.len() < usize::from(fate.unreachable) {
            Visit::Unreachable
        } else {
            let content = !(fate.not_content && case.reopenings == 0);
            Visit::Reached { content, satisfaction: chance.happens(0.7).then(|| satisfaction(content, &mut chance)) }
        };
        self.step(at, caller, Command::FollowUp(FollowUp { visit, words: Some(words("回访记录。")) }))
    }

    fn rate_by_reporter(&self, case: &'a Case, closed_at: Instant) -> Option<Step> {
        let rated = self.first("rate") || self.told.past.times("rate") == 1;
        if !self.told.story.fate.rated_by_reporter || !rated || has_rated(case, Rater::Reporter) {
            return None;
        }
        let mut chance = self.dice("rate.reporter");
        let at = closed_at + SignedDuration::from_mins(5 + chance.below(60 * 30) as i64);
        let score = satisfaction(true, &mut chance);
        let rate = Rate { score, reason: None, words: Some(words("评价。")) };
        self.step(at, self.told.story.resident.as_ref(), Command::Rate(rate))
    }

    fn rate_by_desk(&self, case: &'a Case, closed_at: Instant) -> Option<Step> {
        let fate = &self.told.story.fate;
        if !fate.rated_by_desk || case.lead().is_none() || has_rated(case, Rater::Desk) || !self.may("rate") {
            return None;
        }
        let mut chance = self.dice("rate.desk");
        let at = self.town.working(closed_at, 10 + chance.below(200), &mut chance);
        let caller = self.at_desk(case, Action::Rate, at, &[], &mut chance);
        let score = if fate.reworks > 0 { 1 + chance.below(3) as u8 } else { 3 + chance.below(3) as u8 };
        let reason = (score <= self.town.book.rules.low_rating).then(|| "slow".to_owned());
        self.step(at, caller, Command::Rate(Rate { score, reason, words: None }))
    }

    fn exclude(&self, case: &'a Case, closed_at: Instant) -> Option<Step> {
        if !self.told.story.fate.excluded || self.told.story.resident.is_none() {
            return None;
        }
        match &case.exclusion {
            Exclusion::None if self.first("propose_exclusion") => {
                let mut chance = self.dice("propose_exclusion");
                let at = self.town.working(closed_at, 60 + chance.below(300), &mut chance);
                let caller = self.town.cast.anyone(Action::Exclude, &[], &mut chance);
                let reasons: Vec<&String> = self.town.book.rules.exclusion_reasons.iter().collect();
                let reason = chance.pick(&reasons).map(|reason| (*reason).clone())?;
                let command = ProposeExclusion { reason, words: words("诉求超出法规允许。") };
                self.step(at, caller, Command::ProposeExclusion(command))
            }
            Exclusion::Proposed { by, .. } => {
                let mut chance = self.dice("decide_exclusion");
                let since = self.told.past.last("propose_exclusion").unwrap_or(closed_at);
                let at = self.town.working(since, 60 + chance.below(600), &mut chance);
                let first = by.as_deref().unwrap_or_default();
                let caller = self.town.cast.anyone(Action::Exclude, &[first], &mut chance);
                let command = DecideExclusion { agrees: chance.happens(0.6), words: words("复核意见。") };
                self.step(at, caller, Command::DecideExclusion(command))
            }
            _ => None,
        }
    }

    fn reopen(&self, case: &'a Case, closed_at: Instant) -> Option<Step> {
        if !self.told.story.fate.reopened || case.reopenings > 0 || !self.first("reopen") {
            return None;
        }
        let mut chance = self.dice("reopen");
        let at = closed_at + SignedDuration::from_hours(12 + chance.below(24 * 8) as i64);
        let reason = words("问题又出现了。");
        self.step(at, self.told.story.resident.as_ref(), Command::Reopen(Reopen { reason }))
    }

    fn keep_promise(&self, case: &'a Case, closed_at: Instant) -> Option<Step> {
        let promise = case.promise.as_ref()?;
        let mut chance = self.dice("keep_promise");
        // One promise in six is kept late.
        let late = chance.happens(0.16);
        let at = if late {
            promise.due + SignedDuration::from_hours(10 + chance.below(60) as i64)
        } else {
            let span = promise.due.since(closed_at).as_secs().max(3_600) as u64;
            closed_at + SignedDuration::from_secs((span / 2 + chance.below(span / 2)) as i64)
        };
        let caller = self.at_desk(case, Action::Close, at, &[], &mut chance);
        self.step(at, caller, Command::KeepPromise(KeepPromise { words: words("承诺事项已完成。") }))
    }
}

fn satisfaction(content: bool, chance: &mut kernel::Chance) -> u8 {
    const CONTENT: [u8; 10] = [5, 5, 5, 5, 4, 4, 4, 3, 3, 2];
    if content { CONTENT[chance.below(10) as usize] } else { 1 + chance.below(2) as u8 }
}

fn has_rated(case: &Case, rater: Rater) -> bool {
    matches!(&case.phase, Phase::Rated { ratings, .. } if ratings.iter().any(|rating| rating.rater == rater))
}
