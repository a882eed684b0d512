//! The life of a card once it is proposed: the supervision office, the carded organization, the limits between them.

use casework::card::{
    AppealAgainst, Cancel, Card, Command, DecideAppeal, Dismiss, Issue, RecordTalk, Rectification, Rectify,
    ReturnRectification, Standing,
};
use casework::case::{Action, Caller, Evidence};
use district::cards::Colour;
use kernel::{Chance, Instant};

use super::past::Past;
use crate::lives::{Act, Step, wake};
use crate::story::Habit;
use crate::town::Town;
use crate::words::words;

pub(crate) struct CardLife {
    pub number: u64,
    pub card: Box<Card>,
    pub steps: u32,
    /// When the timekeeper last looked in vain.
    pub vain: Option<Instant>,
    /// When the office came to know of it.
    since: Instant,
    /// No act comes before the one before it.
    now: Instant,
    past: Past,
}

impl CardLife {
    /// A card that was proposed at `since`.
    pub fn new(number: u64, card: Box<Card>, since: Instant) -> CardLife {
        CardLife { number, card, steps: 0, vain: None, since, now: since, past: Past::default() }
    }

    pub fn next(&self, town: &Town, seed: u64) -> Option<Step> {
        let turn = Turn { life: self, card: &self.card, town, seed };
        let look = wake(self.card.clocks.values(), self.vain).map(|at| Step::look(at, 0));
        let steps = [turn.decide(), turn.appeal(), turn.hear(), turn.talk(), turn.rectify(), turn.judge(), look];
        let timed = steps.into_iter().flatten().map(|step| Step { at: town.up(step.at.max(self.now)), ..step });
        timed.reduce(Step::earlier)
    }

    pub fn did(&mut self, step: &Step, card: Box<Card>) {
        self.tried(step);
        self.card = card;
        self.past.did(step.act.name().1, step.at);
    }

    /// Notes that a round of the timekeeper changed it; nothing follows before `from`.
    pub fn saw(&mut self, card: Box<Card>, from: Instant) {
        self.now = self.now.max(from);
        self.card = card;
    }

    pub fn was_refused(&mut self, step: &Step) {
        self.tried(step);
        self.past.was_refused(step.act.name().1);
    }

    fn tried(&mut self, step: &Step) {
        self.now = self.now.max(step.done_at());
        self.steps += 1;
    }
}

/// Someone's turn on a card.
struct Turn<'a> {
    life: &'a CardLife,
    card: &'a Card,
    town: &'a Town,
    seed: u64,
}

impl<'a> Turn<'a> {
    /// The office issues it or does not.
    fn decide(&self) -> Option<Step> {
        if self.card.standing != Standing::Proposed {
            return None;
        }
        let mut chance = self.dice("decide");
        let at = self.town.working(self.life.since, 30 + chance.below(400), &mut chance);
        let dismissed = chance.happens(0.12);
        let caller = self.office(&[], &mut chance);
        let command = if dismissed {
            Command::Dismiss(Dismiss { reason: words("情况属实但已及时补救。") })
        } else {
            Command::Issue(Issue { words: words("逾期未办结,予以督办。") })
        };
        self.step(at, caller, command)
    }

    /// The carded organization appeals, within the limit.
    fn appeal(&self) -> Option<Step> {
        let issued_at = self.card.issued_at.filter(|_| matches!(self.card.standing, Standing::Issued { .. }))?;
        let mut chance = self.dice("appeal_against");
        if !chance.happens(0.2) {
            return None;
        }
        let at = self.town.working(issued_at, 60 + chance.below(700), &mut chance);
        let caller = self.own(&mut chance);
        self.step(at, caller, Command::AppealAgainst(AppealAgainst { words: words("申诉:当日系统无法登录。") }))
    }

    /// Another of the office decides the appeal.
    fn hear(&self) -> Option<Step> {
        let Standing::Appealed { at: appealed_at, .. } = self.card.standing else { return None };
        let mut chance = self.dice("decide_appeal");
        let at = self.town.working(appealed_at, 120 + chance.below(900), &mut chance);
        let issuer = self.card.issuer.as_deref().unwrap_or_default();
        let caller = self.office(&[issuer], &mut chance);
        let upheld = chance.happens(0.7);
        let reason = words(if upheld { "申诉理由不成立。" } else { "申诉理由成立,撤销。" });
        self.step(at, caller, Command::DecideAppeal(DecideAppeal { upheld, reason }))
    }

    /// The talk that a red card brings.
    fn talk(&self) -> Option<Step> {
        self.work()?;
        if self.card.talked {
            return None;
        }
        let mut chance = self.dice("record_talk");
        let at = self.town.working(self.card.issued_at?, 200 + chance.below(600), &mut chance);
        let caller = self.office(&[], &mut chance);
        self.step(at, caller, Command::RecordTalk(RecordTalk { words: words("约谈纪要。") }))
    }

    fn rectify(&self) -> Option<Step> {
        let Rectification::Ordered = self.work()? else { return None };
        let mut chance = self.dice("rectify");
        let since = self.life.past.last("return_rectification").or(self.card.issued_at)?;
        let late = match self.town.habit(&self.card.organization) {
            Habit::Slow | Habit::Forgetful => 1_500,
            _ => 0,
        };
        let at = self.town.working(since, 300 + late + chance.below(1_500), &mut chance);
        let caller = self.own(&mut chance);
        let rectify = Rectify { evidence: vec![Evidence::of("document")], words: words("整改报告。") };
        self.step(at, caller, Command::Rectify(rectify))
    }

    /// The office finds a rectification not good enough, once; or cancels the card.
    fn judge(&self) -> Option<Step> {
        let Rectification::Reported { at: reported_at, .. } = self.work()? else { return None };
        let mut chance = self.dice("judge");
        if self.life.past.times("return_rectification") == 0 && chance.happens(0.25) {
            let at = self.town.working(*reported_at, 60 + chance.below(400), &mut chance);
            let caller = self.office(&[], &mut chance);
            let reason = words("整改不到位,重新整改。");
            return self.step(at, caller, Command::ReturnRectification(ReturnRectification { reason }));
        }
        if !self.card.talked || matches!(self.card.standing, Standing::Appealed { .. }) {
            return None;
        }
        let since =
            self.life.past.last("decide_appeal").max(self.life.past.last("record_talk")).max(Some(*reported_at))?;
        let at = self.town.working(since, 60 + chance.below(600), &mut chance);
        let caller = self.office(&[], &mut chance);
        self.step(at, caller, Command::Cancel(Cancel { words: words("整改完成,销号。") }))
    }

    /// What a red card in force has brought.
    fn work(&self) -> Option<&'a Rectification> {
        let work = match &self.card.standing {
            Standing::Issued { work } | Standing::Appealed { work, .. } | Standing::Upheld { work } => work,
            _ => return None,
        };
        (self.card.colour == Colour::Red).then_some(work)
    }

    fn office(&self, others: &[&str], chance: &mut Chance) -> Option<&'a Caller> {
        self.town.cast.another(&self.town.book.rules.supervisor, Action::IssueCard, others, chance)
    }

    fn own(&self, chance: &mut Chance) -> Option<&'a Caller> {
        self.town.cast.of_organization(&self.card.organization, Action::AppealCard, chance)
    }

    /// Chance for the next time of `name`: the same until it has been carried out.
    fn dice(&self, name: &str) -> Chance {
        Chance::seeded(self.seed, &format!("card/{}/{name}/{}", self.card.id, self.life.past.times(name)))
    }

    /// A step, where someone can take it and it was not refused before.
    fn step(&self, at: Instant, caller: Option<&Caller>, command: Command) -> Option<Step> {
        if !self.life.past.may(command.name()) {
            return None;
        }
        Some(Step { at, claimed_at: None, of: 0, caller: caller?.clone(), act: Act::OnCard(command) })
    }
}
