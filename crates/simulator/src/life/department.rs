//! What an assigned department does, by its habit.

use casework::case::{
    Action, Answer, Assignment, AssignmentState, Case, ClockKey, Command, Contact, ContactWay, Delay, EndSuspension,
    Evidence, Outcome, Part, PassInside, Promise, Reassign, RecordContact, ReportDone, Request, RequestDelay,
    RequestReturn, ReviewDelay, ReviewReturn, SendBack, Sign, Timer,
};
use jiff::SignedDuration;
use kernel::{Chance, Instant, Limit, Unit};

use super::{Step, Turn};
use crate::story::Habit;
use crate::words::words;

impl<'a> Turn<'a> {
    /// One step for each department that still has work; and the desk's and the reporter's second thoughts.
    pub(super) fn at_work(&self, case: &'a Case) -> Vec<Step> {
        let mut steps: Vec<Step> = Vec::new();
        for assignment in case.standing().filter(|one| one.is_open()) {
            steps.extend(self.of_department(case, assignment));
        }
        let fate = &self.told.story.fate;
        if fate.withdrawn {
            steps.extend(self.withdraw(case, case.opened_at, 240, 700));
        }
        steps
    }

    fn of_department(&self, case: &'a Case, assignment: &'a Assignment) -> Option<Step> {
        let since = self.told.touched.get(&assignment.no).copied().unwrap_or(assignment.dispatched_at);
        let name = format!("department/{}/{}", assignment.no, self.told.steps_of(assignment.no));
        let mut chance = self.dice(&name);
        match (&assignment.pending, &assignment.state) {
            (Some(Request::Return { .. }), _) => self.review_return(case, assignment, since, &mut chance),
            (Some(_), _) => self.review_delay(case, assignment, since, &mut chance),
            (None, AssignmentState::Dispatched) => self.dispatched(case, assignment, since, &mut chance),
            (None, AssignmentState::Answered { .. }) => self.answered(case, assignment, since, &mut chance),
            (None, AssignmentState::Reported { .. }) => self.reported(case, assignment, since, &mut chance),
            _ => None,
        }
    }

    fn review_return(&self, case: &'a Case, one: &'a Assignment, since: Instant, chance: &mut Chance) -> Option<Step> {
        let at = self.soon(case, since, 20, 220, chance);
        let at = self.punctual(case, ClockKey::Review(one.no), at, chance).max(since);
        let reviewer = &self.town.book.rules.returns.reviewer;
        let caller = self.town.cast.of_organization(reviewer, Action::Review, chance);
        let caller = caller.or_else(|| self.at_desk(case, Action::Review, at, &[], chance));
        let granted = self.told.story.fate.returns_granted;
        let reason =
            words(if granted { "理由成立,同意退单。" } else { "属本部门职责,不同意退单。" });
        self.step(at, caller, Command::ReviewReturn(ReviewReturn { assignment: one.no, granted, reason }))
    }

    fn review_delay(&self, case: &'a Case, one: &'a Assignment, since: Instant, chance: &mut Chance) -> Option<Step> {
        let at = self.soon(case, since, 10, 120, chance);
        let at = self.punctual(case, ClockKey::Review(one.no), at, chance).max(since);
        let caller = self.at_desk(case, Action::Review, at, &[], chance);
        let granted = self.told.story.fate.delay_granted;
        let review = ReviewDelay { assignment: one.no, granted, words: Some(words("已审核。")) };
        self.step(at, caller, Command::ReviewDelay(review))
    }

    fn dispatched(&self, case: &'a Case, one: &'a Assignment, since: Instant, chance: &mut Chance) -> Option<Step> {
        let fate = &self.told.story.fate;
        let lead = one.part == Part::Lead;
        if lead && self.told.past.times("request_return") < fate.returns && self.may("request_return") && !one.binding {
            let at = self.soon(case, since, 20, 200, chance);
            let caller = self.town.cast.of_organization(&one.organization, Action::Handle, chance);
            if let Some(suggested) = self.other_unit(case, &one.organization) {
                let basis = "《样例职责清单》第三条".to_owned();
                let reason = words("不属本部门职责。");
                let command = RequestReturn { assignment: one.no, basis, suggested, reason };
                return self.step(at, caller, Command::RequestReturn(command));
            }
        }
        if lead && fate.reassigned && self.first("reassign") {
            let at = self.soon(case, since, 10, 60, chance);
            let caller = self.at_desk(case, Action::Dispatch, at, &[], chance);
            if let Some(to) = self.other_unit(case, &one.organization) {
                let reassign = Reassign { assignment: one.no, to, reason: words("改派。") };
                return self.step(at, caller, Command::Reassign(reassign));
            }
        }
        let most = match self.town.habit(&one.organization) {
            Habit::Fast => 20,
            Habit::Slow => 90,
            Habit::Forgetful => 130,
            _ => 55,
        };
        let at = self.soon(case, since, 3, most, chance);
        let at = self.punctual(case, ClockKey::Answer(one.no), at, chance).max(since);
        let caller = self.on_duty_or_any(&one.organization, at, chance);
        self.step(at, caller, Command::Answer(Answer { assignment: one.no }))
    }

    fn answered(&self, case: &'a Case, one: &'a Assignment, since: Instant, chance: &mut Chance) -> Option<Step> {
        let holder = one.inner.holder.as_deref().unwrap_or(&one.organization);
        if case.suspended() && matches!(case.clocks.get(&ClockKey::Suspension(one.no)), Some(timer) if timer.is_open())
        {
            return self.suspended(case, one, since, chance);
        }
        if one.contacts == 0 {
            let at = self.meanwhile(case, one, since, chance);
            let caller = self.town.cast.of_organization(holder, Action::Handle, chance);
            let way = [ContactWay::Phone, ContactWay::Message, ContactWay::InPerson][chance.below(3) as usize];
            let contact = Contact { way, reached: chance.happens(0.9) };
            let record = RecordContact { assignment: one.no, contact, words: Some(words("已联系反映人。")) };
            if self.may("record_contact") {
                return self.step(at, caller, Command::RecordContact(record));
            }
        }
        if let Some(step) = self.delay(case, one, since, chance) {
            return Some(step);
        }
        if self.told.story.fate.sent_back && one.inner.at > 0 && self.first("send_back") {
            let at = self.soon(case, since, 10, 60, chance);
            let caller = self.town.cast.of_organization(holder, Action::Handle, chance);
            let command = SendBack { assignment: one.no, reason: words("材料不全。") };
            return self.step(at, caller, Command::SendBack(command));
        }
        if let Some(next) = one.inner.next().filter(|next| !next.signs()) {
            let at = self.meanwhile(case, one, since, chance);
            let caller = self.town.cast.of_organization(holder, Action::Handle, chance);
            let organization = self.town.cast.part_with(&one.organization, next.name());
            let pass = PassInside { assignment: one.no, to: next, organization };
            return self.step(at, caller, Command::PassInside(pass));
        }
        self.report(case, one, holder, since, chance)
    }

    /// When what comes before the work is done: soon, but where time is short not so late that the work comes too late for it.
    fn meanwhile(&self, case: &'a Case, one: &'a Assignment, since: Instant, chance: &mut Chance) -> Instant {
        let at = self.soon(case, since, 10, 90, chance);
        self.punctual(case, ClockKey::Handle(one.no), at, chance).max(since)
    }

    fn suspended(&self, case: &'a Case, one: &'a Assignment, since: Instant, chance: &mut Chance) -> Option<Step> {
        if !self.told.story.fate.suspension_cut_short {
            return None;
        }
        let at = self.soon(case, since, 400, 1_000, chance);
        let caller = self.town.cast.of_organization(&one.organization, Action::Handle, chance);
        self.step(at, caller, Command::EndSuspension(EndSuspension { assignment: one.no }))
    }

    /// More time or a pause, once a case.
    fn delay(&self, case: &'a Case, one: &'a Assignment, since: Instant, chance: &mut Chance) -> Option<Step> {
        let (fate, rules) = (&self.told.story.fate, &self.town.book.rules);
        if one.part != Part::Lead || !(fate.extended || fate.suspended) || !self.first("request_delay") {
            return None;
        }
        let clock = case.clocks.get(&ClockKey::Handle(one.no)).and_then(Timer::clock)?;
        let at = self.soon(case, since, 10, 60, chance);
        let reasons = if fate.suspended { &rules.suspension.reasons } else { &rules.extension.reasons };
        let reason = chance.pick(&reasons.iter().collect::<Vec<_>>()).map(|reason| (*reason).clone())?;
        let delay = if fate.suspended {
            Delay::Suspension { until: at + SignedDuration::from_hours(24 * (2 + chance.below(12) as i64)) }
        } else {
            let unit = clock.limit().unit();
            Delay::Extension {
                by: if unit.counts_days() { Limit::new(1, unit) } else { Limit::new(1, Unit::WorkingHour) },
            }
        };
        let caller = self.town.cast.of_organization(&one.organization, Action::Handle, chance);
        let request = RequestDelay { assignment: one.no, delay, reason, words: words("现场条件不具备。") };
        self.step(at, caller, Command::RequestDelay(request))
    }

    fn report(
        &self,
        case: &'a Case,
        one: &'a Assignment,
        holder: &str,
        since: Instant,
        chance: &mut Chance,
    ) -> Option<Step> {
        let at = self.done_at(case, one, since, chance).max(since);
        let caller = self.town.cast.of_organization(holder, Action::Handle, chance);
        let evidence: Vec<Evidence> =
            case.rule(&self.town.book).ok()?.evidence.iter().map(|kind| Evidence::of(kind)).collect();
        let promise = Promise { due: at + SignedDuration::from_hours(24 * (5 + chance.below(20) as i64)) };
        let outcome = match chance.below(100) {
            _ if self.told.story.fate.interim => Outcome::Interim(promise),
            0..6 => Outcome::Explained,
            6..9 => Outcome::Procedural,
            _ => Outcome::Solved,
        };
        let report =
            ReportDone { assignment: one.no, outcome, evidence, reply: words("已到场处理,情况如照片。") };
        self.step(at, caller, Command::ReportDone(report))
    }

    /// When the work is done, by the habit of who does it: a share of the time there is, or some time after it.
    fn done_at(&self, case: &'a Case, one: &'a Assignment, since: Instant, chance: &mut Chance) -> Instant {
        let (least, most) = match self.town.habit(&one.organization) {
            Habit::Fast => (5, 40),
            Habit::Slow if chance.happens(0.04) => (101, 130),
            Habit::Slow => (50, 88),
            Habit::Forgetful if chance.happens(0.08) => (120, 300),
            Habit::Forgetful => (40, 88),
            _ if chance.happens(0.01) => (101, 130),
            _ => (20, 85),
        };
        let share = least + chance.below(most - least);
        let calendar = &self.town.profile.calendar;
        match case.clocks.get(&ClockKey::Handle(one.no)).and_then(Timer::clock) {
            Some(clock) if share < 100 => {
                let at = clock.at_share(calendar, share as u8);
                let working = self.town.working(at, chance.below(9), chance);
                if working < clock.due().at { working.max(since) } else { at.max(since) }
            }
            Some(clock) => self.town.working(clock.due().at.max(since), (share - 95) * 6, chance),
            None => self.town.working(since, 120 + chance.below(2_000), chance),
        }
    }

    fn reported(&self, case: &'a Case, one: &'a Assignment, since: Instant, chance: &mut Chance) -> Option<Step> {
        let at = self.soon(case, since, 5, 60, chance);
        let at = self.punctual(case, ClockKey::Handle(one.no), at, chance).max(since);
        let reporter = one.report().and_then(|report| report.by.as_deref()).unwrap_or_default();
        let caller = self.town.cast.another(&one.organization, Action::Sign, &[reporter], chance);
        if self.told.story.fate.sent_back_unsigned && self.first("send_back") {
            let command = SendBack { assignment: one.no, reason: words("照片不清楚,请补充。") };
            return self.step(at, caller, Command::SendBack(command));
        }
        self.step(at, caller, Command::Sign(Sign { assignment: one.no }))
    }

    fn on_duty_or_any(
        &self,
        organization: &str,
        at: Instant,
        chance: &mut Chance,
    ) -> Option<&'a casework::case::Caller> {
        let duty = self.town.profile.on_duty(organization, at).and_then(|duty| self.town.cast.post(duty.on_duty));
        duty.filter(|caller| caller.may(Action::Handle))
            .or_else(|| self.town.cast.of_organization(organization, Action::Handle, chance))
    }
}

impl super::Told {
    /// Changes with each act on the assignment, so that each has chance of its own.
    fn steps_of(&self, assignment: u16) -> i64 {
        self.touched.get(&assignment).map_or(0, |at| at.micros())
    }
}
