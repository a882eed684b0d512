//! What presses on a case from outside its course: reminders, supervision, cards proposed by hand, the city, letters.

use casework::card::{About, Propose};
use casework::case::{
    Action, AnswerForCity, AnswerLetter, AnswerSupervision, AskCity, Case, CaseState, ClockKey, Command, OuterRequest,
    Remind, SendLetter, Supervise, Supplement,
};
use district::cards::{Colour, Ground};
use jiff::SignedDuration;
use kernel::{ClockState, Limit, Unit};

use super::{Step, Turn};
use crate::lives::Act;
use crate::words::words;

/// Share of the cases late so for which a card is proposed by hand. A sample.
const PROPOSED: f64 = 0.06;

impl<'a> Turn<'a> {
    pub(super) fn pressed(&self, case: &'a Case) -> Vec<Step> {
        let mut steps: Vec<Step> = Vec::new();
        let fate = &self.told.story.fate;
        let open = !case.is_closed();
        if open && fate.supplemented && self.first("supplement") {
            let mut chance = self.dice("supplement");
            let at = case.opened_at + SignedDuration::from_mins(20 + chance.below(600) as i64);
            let caller = self.told.story.resident.as_ref();
            steps.extend(self.step(at, caller, Command::Supplement(Supplement { words: words("补充:旁边也有。") })));
        }
        if open && fate.reminded && !self.told.reminded && self.may("remind") {
            let mut chance = self.dice("reporter reminds");
            let at = self.town.working(case.opened_at, 300 + chance.below(1_200), &mut chance);
            let remind = Remind { assignment: None, clock: None, words: Some(words("请问进展如何?")) };
            steps.extend(self.step(at, self.told.story.resident.as_ref(), Command::Remind(remind)));
        }
        steps.extend(self.supervision(case));
        steps.extend(self.card(case));
        steps.extend(self.letters(case));
        steps.extend(self.city(case));
        steps
    }

    /// An order after a lapse, and its answers.
    fn supervision(&self, case: &'a Case) -> Option<Step> {
        if let Some(order) = case.supervision.iter().find(|order| order.is_open()) {
            let mut chance = self.dice("answer_supervision");
            let clock = case.clocks.get(&ClockKey::Supervision(order.no));
            let since = clock.map_or(self.told.since, |timer| timer.started());
            let at = self.town.working(since, 60 + chance.below(600), &mut chance);
            let caller = self.town.cast.of_organization(&order.organization, Action::Handle, &mut chance);
            let answer = AnswerSupervision { order: order.no, words: words("已整改。") };
            return self.step(at, caller, Command::AnswerSupervision(answer));
        }
        if !self.told.story.fate.supervised || !self.first("supervise") {
            return None;
        }
        let lapsed = case.clocks.iter().find_map(|(key, timer)| match (key, timer.state()) {
            (ClockKey::Handle(no), ClockState::Lapsed { since }) => Some((*no, since)),
            _ => None,
        });
        let (no, since) = lapsed?;
        let mut chance = self.dice("supervise");
        let at = self.town.working(since, 30 + chance.below(300), &mut chance);
        let office = &self.town.book.rules.supervisor;
        let caller = self.town.cast.of_organization(office, Action::Supervise, &mut chance);
        let organization = case.assignment(no).ok()?.organization.clone();
        let limit = Limit::new(2, Unit::WorkingDay);
        self.step(at, caller, Command::Supervise(Supervise { organization, limit, words: words("限期办结。") }))
    }

    /// Where a desk or an answer to an order was late the profile's rules say nothing: now and then the office proposes a card itself.
    fn card(&self, case: &'a Case) -> Option<Step> {
        use ClockKey::{Accept, Dispatch, Supervision, Verify};
        let late = case.clocks.iter().find_map(|(key, timer)| match (key, timer.state()) {
            (Accept | Dispatch | Verify | Supervision(_), ClockState::Lapsed { since }) => Some((key, timer, since)),
            (Accept | Dispatch | Verify | Supervision(_), ClockState::Late { due, .. }) => Some((key, timer, due)),
            _ => None,
        });
        let (key, timer, since) = late?;
        let mut chance = self.dice("propose_card");
        if !self.first("propose_card") || !chance.happens(PROPOSED) {
            return None;
        }
        let at = self.town.working(since, 60 + chance.below(600), &mut chance);
        let office = &self.town.book.rules.supervisor;
        let caller = self.town.cast.of_organization(office, Action::IssueCard, &mut chance)?.clone();
        let about = About { stream: self.told.stream()?, clock: Some(key.to_string()) };
        let (organization, evidence) = (timer.holder.clone(), Vec::new());
        let propose = Propose { colour: Colour::Yellow, ground: Ground::Lapse, organization, about, evidence, since };
        Some(Step { at, claimed_at: None, of: self.of, caller, act: Act::Propose(propose) })
    }

    fn letters(&self, case: &'a Case) -> Option<Step> {
        if let Some(letter) = case.letters.iter().find(|letter| letter.answered_at.is_none()) {
            let mut chance = self.dice("answer_letter");
            let at = self.town.working(letter.sent_at, 480 * (2 + chance.below(8)), &mut chance);
            let caller = self.at_desk(case, Action::Letter, at, &[], &mut chance);
            let answer = AnswerLetter { letter: letter.no, words: words("市级部门复函。") };
            return self.step(at, caller, Command::AnswerLetter(answer));
        }
        let at_work = matches!(case.state(), CaseState::Dispatched | CaseState::Answered);
        if !self.told.story.fate.letter || !at_work || !self.first("send_letter") {
            return None;
        }
        let mut chance = self.dice("send_letter");
        let at = self.town.working(case.opened_at, 200 + chance.below(300), &mut chance);
        let caller = self.at_desk(case, Action::Letter, at, &[], &mut chance);
        let outside: Vec<&str> = self
            .town
            .profile
            .organizations
            .of_kind(district::OrganizationKind::Outside)
            .map(|one| one.code.as_str())
            .collect();
        let body = (*chance.pick(&outside)?).to_owned();
        let due = Some(at + SignedDuration::from_hours(24 * (4 + chance.below(8) as i64)));
        let letter = SendLetter {
            number: format!("样例函{}-{}", self.seed, self.told.number),
            body,
            leader: self.town.book.rules.letter_leader.clone(),
            due,
            words: words("请协助解决。"),
        };
        self.step(at, caller, Command::SendLetter(letter))
    }

    fn city(&self, case: &'a Case) -> Option<Step> {
        let outer = case.outer.as_ref()?;
        if let Some(request) = outer.pending {
            let mut chance = self.dice("answer_for_city");
            let since = self.told.past.last("ask_city").unwrap_or(self.told.since);
            let at = self.town.working(since, 60 + chance.below(480), &mut chance);
            let caller = self.town.cast.anyone(Action::AnswerForCity, &[], &mut chance);
            let granted = !matches!(request, OuterRequest::Return) && chance.happens(0.7);
            return self.step(at, caller, Command::AnswerForCity(AnswerForCity { granted, words: None }));
        }
        let at_work = matches!(case.state(), CaseState::Dispatched | CaseState::Answered);
        if !self.told.story.fate.asks_city || !at_work || !self.first("ask_city") {
            return None;
        }
        let mut chance = self.dice("ask_city");
        let at = self.town.working(case.opened_at, 200 + chance.below(400), &mut chance);
        let caller = self.at_desk(case, Action::AskCity, at, &[], &mut chance);
        let due = case.clocks.get(&ClockKey::Outer).map(|timer| timer.due_at()).unwrap_or(at).max(at);
        let request = match chance.below(3) {
            0 => OuterRequest::Return,
            1 => OuterRequest::Unreasonable,
            _ => OuterRequest::Extension { until: due + SignedDuration::from_hours(48) },
        };
        self.step(at, caller, Command::AskCity(AskCity { request, reason: words("向市热线申请。") }))
    }
}
