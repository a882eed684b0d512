//! Which acts on a call are open to a caller: each command is tried with a stand-in for what a person would fill in.

use super::{Act, Answer, Arrive, Call, CallOff, CallRefusal, Clear, Command, Duty, End, Object, Phase, Score, decide};
use crate::case::{Context, Evidence, Words};

/// An act on a call, and why it is not open where it is not.
#[derive(Clone, Debug, PartialEq)]
pub struct Offer {
    /// As `Command` names it.
    pub command: &'static str,
    /// The summons it would act on.
    pub summons: Option<u16>,
    pub refusal: Option<CallRefusal>,
}

impl Call {
    /// The acts a person may think of in this state, in the order a call meets them.
    pub fn offers(&self, duty: Duty, cx: &Context) -> Vec<Offer> {
        let words = || Words::new("-").expect("a dash is a text");
        let offer = |command: Command, summons: Option<u16>| {
            let refusal = decide(self, &command, duty, cx).err().filter(|refusal| !is_about_the_form(refusal));
            Offer { command: command.name(), summons, refusal }
        };
        let mut offers = Vec::new();
        if self.phase == Phase::Checking {
            offers.push(offer(Command::Clear(Clear {}), None));
            offers.push(offer(Command::Object(Object { reason: words() }), None));
        }
        if !self.is_over() {
            offers.push(offer(Command::CallOff(CallOff { reason: words() }), None));
            offers.push(offer(Command::End(End {}), None));
        }
        for summons in self.summons.iter().map(|summons| summons.no) {
            if !self.is_over() {
                let evidence = vec![Evidence::of("photo")];
                offers.push(offer(Command::Answer(Answer { summons, words: None }), Some(summons)));
                offers.push(offer(Command::Arrive(Arrive { summons }), Some(summons)));
                offers.push(offer(Command::Act(Act { summons, evidence, words: words() }), Some(summons)));
            }
            let score = Score { summons, score: 1, reason: Some(words()) };
            offers.push(offer(Command::Score(score), Some(summons)));
        }
        offers
    }
}

/// A refusal that another way of filling in the form could lift.
fn is_about_the_form(refusal: &CallRefusal) -> bool {
    matches!(
        refusal,
        CallRefusal::EvidenceMissing | CallRefusal::ScoreOutOfRange { .. } | CallRefusal::LowScoreNeedsReason { .. }
    )
}
