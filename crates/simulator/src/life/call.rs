//! The life of a call: a subdistrict summons departments to the place of a case (PRACTICE 1, 16).

use std::collections::BTreeSet;

use casework::call::{
    self, Call, CallClock, CallOff, Clear, Command, End, Object, Phase, Raise, Score, Summons, SummonsState,
};
use casework::case::{Action, Caller, Case, Location, Urgency};
use jiff::SignedDuration;
use kernel::{Chance, ClockState, Instant};

use super::call_answer;
use crate::lives::{Act, Step, wake};
use crate::story::Story;
use crate::town::Town;
use crate::words::words;

pub(crate) struct CallLife {
    /// Of the event it is raised for.
    pub number: u64,
    pub call: Option<Box<Call>>,
    pub steps: u32,
    /// When the timekeeper last looked in vain.
    pub vain: Option<Instant>,
    raise: (Instant, Caller, Box<Raise>),
    /// No act comes before the one before it.
    now: Instant,
    /// Refused once, and not tried again: a command, and the summons it was about.
    refused: BTreeSet<(&'static str, u16)>,
}

/// Departments summoned at most.
const SUMMONED: usize = 4;

impl CallLife {
    /// The call for a case just opened, where its matter may be called for, its place is known, and the subdistrict calls.
    pub fn draw(town: &Town, seed: u64, number: u64, story: &Story, case: &Case) -> Option<CallLife> {
        let mut chance = Chance::seeded(seed, &format!("call/{number}"));
        let Location::At(place) = &story.register.location else { return None };
        let rule = town.book.matter(&story.matter, story.at)?;
        if !town.profile.matters.version(&rule.code, &rule.version)?.callable || case.confidentiality.is_some() {
            return None;
        }
        let (share, soon) = match rule.urgency {
            Urgency::Emergency => (0.8, 6),
            Urgency::Urgent => (0.25, 30),
            Urgency::Ordinary => (0.04, 240),
        };
        let ends_at_once = story.fate.declined.is_some() || story.fate.withdrawn || story.on_the_spot;
        if ends_at_once || !chance.happens(share) {
            return None;
        }
        let minutes = 1 + chance.below(soon);
        let at = match rule.urgency {
            Urgency::Ordinary => town.working(story.at, minutes, &mut chance),
            _ => story.at + SignedDuration::from_mins(minutes as i64),
        };
        let subdistrict = town.subdistrict_of(place)?;
        let caller = town.cast.of_organization(subdistrict, Action::RaiseCall, &mut chance)?.clone();
        let mut organizations: Vec<String> = Vec::new();
        let parties = [&rule.lead].into_iter().chain(&rule.co_operating);
        for code in parties.filter_map(|party| town.book.party(party, Some(place))) {
            let able = town.cast.of_organization(code, Action::AnswerCall, &mut chance).is_some();
            let own = town.book.is_under(code, subdistrict);
            if able && !own && organizations.len() < SUMMONED && !organizations.iter().any(|one| one == code) {
                organizations.push(code.to_owned());
            }
        }
        if organizations.is_empty() {
            return None;
        }
        let raise = Raise {
            matter: rule.code.clone(),
            urgency: None,
            case: Some(case.id),
            place: place.clone(),
            organizations,
            words: words("请到场处置。"),
        };
        let refused = BTreeSet::new();
        let raise = (at, caller, Box::new(raise));
        Some(CallLife { number, call: None, steps: 0, vain: None, raise, now: at, refused })
    }

    pub fn next(&self, town: &Town, seed: u64) -> Option<Step> {
        let steps = match &self.call {
            None if self.steps > 0 => Vec::new(),
            None => {
                let (at, caller, raise) = &self.raise;
                let act = Act::Raise(raise.clone());
                vec![Step { at: *at, claimed_at: None, of: 0, caller: caller.clone(), act }]
            }
            Some(call) => {
                let turn = Turn { life: self, call, town, seed };
                let look = wake(call.clocks.values(), self.vain).map(|at| Step::look(at, 0));
                turn.steps().into_iter().chain(look).collect()
            }
        };
        let timed = steps.into_iter().map(|step| Step { at: town.up(step.at.max(self.now)), ..step });
        timed.reduce(Step::earlier)
    }

    pub fn did(&mut self, step: &Step, call: Box<Call>) {
        self.tried(step);
        self.call = Some(call);
    }

    /// Notes that a round of the timekeeper changed it; nothing follows before `from`.
    pub fn saw(&mut self, call: Box<Call>, from: Instant) {
        self.now = self.now.max(from);
        self.call = Some(call);
    }

    pub fn was_refused(&mut self, step: &Step) {
        self.tried(step);
        if let Act::OnCall(command) = &step.act {
            self.refused.insert((command.name(), summons_of(command)));
        }
    }

    fn tried(&mut self, step: &Step) {
        self.now = self.now.max(step.done_at());
        self.steps += 1;
    }
}

/// Someone's turn on a call.
pub(super) struct Turn<'a> {
    life: &'a CallLife,
    pub(super) call: &'a Call,
    pub(super) town: &'a Town,
    seed: u64,
}

impl<'a> Turn<'a> {
    fn steps(&self) -> Vec<Step> {
        match self.call.phase {
            Phase::Checking => [self.check(), self.call_off_early()].into_iter().flatten().collect(),
            Phase::Standing { since } => {
                let departments = self.call.summons.iter().filter_map(|one| call_answer::next(self, one, since));
                departments.chain(self.scores()).chain(self.call_off_early()).chain(self.end(since)).collect()
            }
            Phase::Objected { .. } => Vec::new(),
            Phase::CalledOff { .. } | Phase::Ended { .. } => self.scores().collect(),
        }
    }

    /// The centre clears the call, objects, or lets it pass.
    fn check(&self) -> Option<Step> {
        let mut chance = self.dice("check");
        let at = self.call.raised_at + SignedDuration::from_secs(60 + chance.below(300) as i64);
        let caller = self.town.cast.of_organization(&self.town.book.centre, Action::CheckCall, &mut chance);
        match chance.below(100) {
            0..10 => self.step(at, caller, Command::Object(Object { reason: words("事项不符,请改报。") })),
            10..60 => self.step(at, caller, Command::Clear(Clear {})),
            _ => None,
        }
    }

    /// What was called for has settled itself.
    fn call_off_early(&self) -> Option<Step> {
        let mut chance = self.dice("call_off");
        if !chance.happens(0.05) {
            return None;
        }
        let at = self.call.raised_at + SignedDuration::from_secs(120 + chance.below(1_200) as i64);
        self.call_off(at, &mut chance)
    }

    /// The caller ends the call when all have acted, or calls off those who do not come.
    fn end(&self, since: Instant) -> Option<Step> {
        let mut chance = self.dice("end");
        let acted = self.call.summons.iter().filter_map(|one| match one.state {
            SummonsState::Acted { at } => Some(at),
            _ => None,
        });
        let last = acted.max().unwrap_or(since);
        if self.call.summons.iter().all(Summons::has_acted) {
            let at = last + SignedDuration::from_secs(300 + chance.below(1_500) as i64);
            let caller = self.caller(Action::RaiseCall, &mut chance);
            return self.step(at, caller, Command::End(End {}));
        }
        // Whoever still comes is waited for; nobody waits for ever.
        let due = self.call.clocks.values().map(|timer| timer.due_at()).max().unwrap_or(since);
        let at = due.max(last) + SignedDuration::from_mins(PATIENCE_MINUTES + chance.below(60) as i64);
        self.call_off(at, &mut chance)
    }

    fn call_off(&self, at: Instant, chance: &mut Chance) -> Option<Step> {
        let caller = self.caller(Action::RaiseCall, chance);
        self.step(at, caller, Command::CallOff(CallOff { reason: words("现场已处置完毕,不再等候。") }))
    }

    /// The caller scores whoever acted, and when the call is over everyone else.
    fn scores(&self) -> impl Iterator<Item = Step> {
        let over = match self.call.phase {
            Phase::CalledOff { at } | Phase::Ended { at } => Some(at),
            _ => None,
        };
        let due = self.call.summons.iter().filter(|one| one.scored.is_none()).filter_map(move |one| match one.state {
            SummonsState::Acted { at } => Some((one, at)),
            _ => over.map(|at| (one, at)),
        });
        due.filter_map(|(one, since)| self.score(one, since))
    }

    fn score(&self, one: &Summons, since: Instant) -> Option<Step> {
        let mut chance = self.dice(&format!("score/{}", one.no));
        let at = since + SignedDuration::from_mins(10 + chance.below(240) as i64);
        let caller = self.caller(Action::ScoreCall, &mut chance);
        let late = |clock| {
            let state = self.call.clocks.get(&clock).map(|timer| timer.state());
            matches!(state, Some(ClockState::Lapsed { .. } | ClockState::Late { .. }))
        };
        let score = match (one.has_acted(), late(CallClock::Answer(one.no)) || late(CallClock::Arrive(one.no))) {
            (true, false) => 4 + chance.below(2) as u8,
            (true, true) => 2 + chance.below(2) as u8,
            (false, _) => 1 + chance.below(2) as u8,
        };
        let reason = (u32::from(score) <= self.town.profile.rules.call.low_rating).then(|| words("响应迟缓。"));
        self.step(at, caller, Command::Score(Score { summons: one.no, score, reason }))
    }

    fn caller(&self, action: Action, chance: &mut Chance) -> Option<&'a Caller> {
        self.town.cast.of_organization(&self.call.caller, action, chance)
    }

    /// Chance for `name`: the same whenever it is asked.
    pub(super) fn dice(&self, name: &str) -> Chance {
        Chance::seeded(self.seed, &format!("call/{}/{name}", self.life.number))
    }

    /// A step, where someone can take it and it was not refused before.
    pub(super) fn step(&self, at: Instant, caller: Option<&Caller>, command: Command) -> Option<Step> {
        if self.life.refused.contains(&(command.name(), summons_of(&command))) {
            return None;
        }
        Some(Step { at, claimed_at: None, of: 0, caller: caller?.clone(), act: Act::OnCall(command) })
    }
}

/// How long after the last limit the caller still waits for those who do not come.
const PATIENCE_MINUTES: i64 = 200;

/// The summons a command is about; 0: the call as a whole.
fn summons_of(command: &Command) -> u16 {
    match command {
        Command::Answer(call::Answer { summons, .. })
        | Command::Arrive(call::Arrive { summons })
        | Command::Act(call::Act { summons, .. })
        | Command::Score(Score { summons, .. }) => *summons,
        _ => 0,
    }
}
