//! What the desk does: takes in, gives out, checks, closes.

use casework::case::{
    Accept, Action, Arbitrate, Case, ClockKey, Close, Command, Correct, Decline, Dispatch, Escalate, Evidence, Group,
    Grouping, MakeConfidential, OrderRework, Outcome, Ungroup, Verify, Withdraw,
};
use casework::case::{AssignmentState, Confidentiality};
use kernel::Instant;

use super::{Step, Turn};
use crate::story::named;
use crate::words::words;

impl<'a> Turn<'a> {
    pub(super) fn registered(&self, case: &'a Case) -> Vec<Step> {
        let (fate, since) = (&self.told.story.fate, self.told.since);
        let mut steps = Vec::new();
        if let Some(outcome) = fate.declined {
            let mut chance = self.dice("decline");
            let at = self.soon(case, since, 15, 90, &mut chance);
            let caller = self.at_desk(case, Action::Accept, at, &[], &mut chance);
            steps.extend(self.step(
                at,
                caller,
                Command::Decline(Decline { outcome, reply: words("不属本区职责,已告知途径。") }),
            ));
        }
        if fate.confided && case.confidentiality.is_none() && self.first("make_confidential") {
            let mut chance = self.dice("make_confidential");
            let at = self.soon(case, since, 3, 15, &mut chance);
            let caller = self.at_desk(case, Action::Confide, at, &[], &mut chance);
            let confidentiality =
                named(self.town, &mut chance).map(|named| Confidentiality { named, ..Confidentiality::default() });
            steps.extend(confidentiality.and_then(|confidentiality| {
                let reason = words("涉及举报人安全。");
                self.step(at, caller, Command::MakeConfidential(MakeConfidential { confidentiality, reason }))
            }));
        }
        if (fate.corrected || case.matter.is_none()) && self.first("correct") {
            let mut chance = self.dice("correct");
            let at = self.soon(case, since, 10, 60, &mut chance);
            let caller = self.at_desk(case, Action::Accept, at, &[], &mut chance);
            let correct = Correct { matter: Some(self.told.story.matter.clone()), location: None };
            steps.extend(self.step(at, caller, Command::Correct(correct)));
        } else {
            let mut chance = self.dice("accept");
            // One in twelve lies longer than the usual limit.
            let most = if chance.happens(0.08) { 240 } else { 100 };
            let at = self.soon(case, since, 20, most, &mut chance);
            let at = self.punctual(case, ClockKey::Accept, at, &mut chance).max(since);
            let caller = self.at_desk(case, Action::Accept, at, &[], &mut chance);
            steps.extend(self.step(at, caller, Command::Accept(Accept { matter: None, urgency: None })));
        }
        if fate.withdrawn && self.told.number.is_multiple_of(2) {
            steps.extend(self.withdraw(case, since, 5, 30));
        }
        steps
    }

    pub(super) fn withdraw(&self, case: &'a Case, since: Instant, least: u64, most: u64) -> Option<Step> {
        let mut chance = self.dice("withdraw");
        let at = self.soon(case, since, least, most, &mut chance);
        let caller = self.told.story.resident.as_ref();
        self.step(at, caller, Command::Withdraw(Withdraw { reason: words("已经自行解决,不用处理了。") }))
    }

    pub(super) fn accepted(&self, case: &'a Case) -> Vec<Step> {
        let (fate, since) = (&self.told.story.fate, self.told.since);
        if let Grouping::Member { .. } = case.group {
            return self.grouped(case);
        }
        let head = &self.life.told[0];
        if self.of > 0 && self.first("group") && self.life.is_open_head() {
            let mut chance = self.dice("group");
            let at = self.soon(case, since, 3, 30, &mut chance);
            let caller = self.at_desk(case, Action::Group, at, &[], &mut chance);
            let group = head
                .case
                .as_ref()
                .map(|head| Group { head: head.id, reason: Some(words("同一地点同一事项。")) });
            return group.and_then(|group| self.step(at, caller, Command::Group(group))).into_iter().collect();
        }
        if fate.explained_at_the_desk && self.first("close") {
            let mut chance = self.dice("close");
            let at = self.soon(case, since, 10, 120, &mut chance);
            let caller = self.at_desk(case, Action::Close, at, &[], &mut chance);
            let close =
                Close { outcome: Some(Outcome::Explained), reply: words("已就政策和流程作出解释。") };
            return self.step(at, caller, Command::Close(close)).into_iter().collect();
        }
        if fate.escalated && self.first("escalate") && case.desk != self.town.book.centre {
            let mut chance = self.dice("escalate");
            let at = self.soon(case, since, 5, 40, &mut chance);
            let caller = self.at_desk(case, Action::Escalate, at, &[], &mut chance);
            let escalate = Escalate { to: self.town.book.centre.clone(), reason: words("需区级统筹。") };
            if let Some(step) = self.step(at, caller, Command::Escalate(escalate)) {
                return vec![step];
            }
        }
        if case.returns >= self.town.book.rules.returns.most
            && self.first("arbitrate")
            && let Some(step) = self.arbitrate(case)
        {
            return vec![step];
        }
        self.dispatch(case).into_iter().collect()
    }

    /// A member of a group: it waits for its head, or is taken out of the group.
    fn grouped(&self, case: &'a Case) -> Vec<Step> {
        let since = self.told.since;
        if self.told.story.fate.ungrouped && self.first("ungroup") {
            let mut chance = self.dice("ungroup");
            let at = self.soon(case, since, 20, 200, &mut chance);
            let caller = self.at_desk(case, Action::Group, at, &[], &mut chance);
            let ungroup = Ungroup { reason: words("现场查看并非同一事项。") };
            return self.step(at, caller, Command::Ungroup(ungroup)).into_iter().collect();
        }
        let closed = self.life.told[0].case.as_ref().and_then(|head| head.closed());
        let Some((_, closed_at)) = closed else { return Vec::new() };
        let mut chance = self.dice("close");
        let at = self.soon(case, closed_at.max(since), 10, 90, &mut chance);
        let caller = self.at_desk(case, Action::Close, at, &[], &mut chance);
        let close = Close { outcome: None, reply: words("与主案一并办结。") };
        self.step(at, caller, Command::Close(close)).into_iter().collect()
    }

    fn dispatch(&self, case: &'a Case) -> Option<Step> {
        let mut chance = self.dice("dispatch");
        let at = self.soon(case, self.told.since, 10, if chance.happens(0.06) { 150 } else { 50 }, &mut chance);
        let at = self.punctual(case, ClockKey::Dispatch, at, &mut chance).max(self.told.since);
        let caller = self.at_desk(case, Action::Dispatch, at, &[], &mut chance);
        let rule = case.rule(&self.town.book).ok()?;
        let parties = || rule.co_operating.iter().filter_map(|party| self.town.book.party(party, case.place.as_ref()));
        let own = self.town.book.party(&rule.lead, case.place.as_ref());
        // After a return the unit that was suggested, else the matter's lead; where it names none, the desk itself.
        let suggested = self.suggested(case);
        let lead = match (suggested, own) {
            (Some(suggested), _) => Some(suggested),
            (None, Some(_)) => None,
            (None, None) => Some(case.desk.clone()),
        };
        let leads = lead.as_deref().or(own).unwrap_or(&case.desk).to_owned();
        let mut co_operating: Vec<String> = Vec::new();
        if self.told.story.fate.co_operating && self.told.past.times("dispatch") == 0 {
            for party in parties().filter(|party| *party != leads).take(2) {
                if !co_operating.iter().any(|one| one == party) {
                    co_operating.push(party.to_owned());
                }
            }
        }
        self.step(at, caller, Command::Dispatch(Dispatch { lead, co_operating, note: None }))
    }

    /// The unit that the last return suggested, where it can take the case.
    fn suggested(&self, case: &Case) -> Option<String> {
        let returned = case.assignments.iter().rev().find(|one| matches!(one.state, AssignmentState::Returned))?;
        self.other_unit(case, &returned.organization)
    }

    /// A unit that could have the case in place of `organization`: of the matter's, else another department.
    pub(super) fn other_unit(&self, case: &Case, organization: &str) -> Option<String> {
        let rule = case.rule(&self.town.book).ok()?;
        let parties = rule.co_operating.iter().chain([&rule.lead]);
        let named = parties.filter_map(|party| self.town.book.party(party, case.place.as_ref())).map(str::to_owned);
        let departments = self.town.profile.organizations.of_kind(district::OrganizationKind::Department);
        let mut all = named.chain(departments.map(|one| one.code.clone()));
        all.find(|code| {
            !self.town.book.is_under(code, organization)
                && !case.standing().any(|one| one.organization == *code)
                && !self.town.book.is_under(organization, code)
        })
    }

    fn arbitrate(&self, case: &'a Case) -> Option<Step> {
        let mut chance = self.dice("arbitrate");
        let at = self.soon(case, self.told.since, 60, 400, &mut chance);
        let arbitrators = &self.town.book.rules.returns.arbitrators;
        let caller =
            arbitrators.iter().find_map(|body| self.town.cast.of_organization(body, Action::Arbitrate, &mut chance));
        let rule = case.rule(&self.town.book).ok()?;
        let lead = self.town.book.party(&rule.lead, case.place.as_ref()).unwrap_or(&case.desk).to_owned();
        let arbitrate = Arbitrate { organization: lead, reason: words("按职责清单裁定。") };
        self.step(at, caller, Command::Arbitrate(arbitrate))
    }

    pub(super) fn handled(&self, case: &'a Case) -> Vec<Step> {
        let since = self.told.since;
        let reporters: Vec<&str> =
            case.standing().filter_map(|one| one.report()).filter_map(|report| report.by.as_deref()).collect();
        if case.reworks < self.told.story.fate.reworks && self.may("order_rework") {
            let mut chance = self.dice("order_rework");
            let at = self.soon(case, since, 30, 300, &mut chance);
            let at = self.punctual(case, ClockKey::Verify, at, &mut chance).max(since);
            let caller = self.at_desk(case, Action::Verify, at, &reporters, &mut chance);
            let assignments = case.lead().map(|lead| vec![lead.no]).unwrap_or_default();
            let rework = OrderRework { assignments, reason: words("现场复核未解决。") };
            return self.step(at, caller, Command::OrderRework(rework)).into_iter().collect();
        }
        let mut chance = self.dice("verify");
        let at = self.soon(case, since, 20, 420, &mut chance);
        let at = self.punctual(case, ClockKey::Verify, at, &mut chance).max(since);
        let caller = self.at_desk(case, Action::Verify, at, &reporters, &mut chance);
        let verify = Verify { evidence: vec![Evidence::of("photo")], words: None };
        self.step(at, caller, Command::Verify(verify)).into_iter().collect()
    }

    pub(super) fn verified(&self) -> Vec<Step> {
        let Some(case) = &self.told.case else { return Vec::new() };
        let mut chance = self.dice("close");
        let at = self.soon(case, self.told.since, 5, 120, &mut chance);
        let at = self.punctual(case, ClockKey::Reply, at, &mut chance).max(self.told.since);
        let caller = self.at_desk(case, Action::Close, at, &[], &mut chance);
        let close = Close { outcome: None, reply: words("已处理完毕,感谢您的反映。") };
        self.step(at, caller, Command::Close(close)).into_iter().collect()
    }
}
