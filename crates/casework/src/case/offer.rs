//! Which acts are open to a caller: each command is tried with a stand-in for what a person would fill in.
//!
//! The stand-ins are well formed, so that what refuses them is the case's state, the caller's posts or a rule, not a
//! missing word. A form that is filled in is decided again, and may still be refused for what it holds.

use super::{
    Accept, Answer, AnswerLetter, AnswerSupervision, AskCity, Assignment, AssignmentState, Case, CaseRefusal,
    CaseState, Close, Command, Contact, ContactWay, Context, DecideExclusion, Decline, Delay, Dispatch, EndSuspension,
    Escalate, Evidence, Exclusion, FollowUp, KeepPromise, OrderRework, Outcome, OuterRequest, PassInside,
    ProposeExclusion, Rate, RecordContact, Remind, Reopen, ReportDone, Request, RequestDelay, RequestReturn,
    ReviewDelay, ReviewReturn, SampleCheck, SendBack, Sign, Step, Supervise, Supplement, Verify, Visit, Withdraw,
    Words, decide,
};

/// An act on a case, and why it is not open where it is not.
#[derive(Clone, Debug, PartialEq)]
pub struct Offer {
    /// As `Command` names it.
    pub command: &'static str,
    /// The assignment it would act on.
    pub assignment: Option<u16>,
    pub refusal: Option<CaseRefusal>,
}

impl Case {
    /// The acts a person at a desk or in a department may think of in this state, in the order a case meets them.
    pub fn offers(&self, cx: &Context) -> Vec<Offer> {
        let on_it = if self.is_closed() { self.after_closing(cx) } else { self.at_the_desk(cx) };
        let mut offers: Vec<Offer> = on_it.iter().map(|command| self.offer(command, None, cx)).collect();
        for assignment in self.standing().filter(|_| !self.is_closed()) {
            let acts = self.in_the_department(assignment, cx);
            offers.extend(acts.iter().map(|command| self.offer(command, Some(assignment.no), cx)));
        }
        offers
    }

    fn offer(&self, command: &Command, assignment: Option<u16>, cx: &Context) -> Offer {
        let refusal = decide(self, command, cx).err().filter(|refusal| !is_about_the_form(refusal));
        Offer { command: command.name(), assignment, refusal }
    }

    fn at_the_desk(&self, cx: &Context) -> Vec<Command> {
        let mut acts = Vec::new();
        if self.state() == CaseState::Registered {
            acts.push(Command::Accept(Accept { matter: None, urgency: None }));
        }
        if matches!(self.state(), CaseState::Registered | CaseState::Accepted) {
            acts.push(Command::Decline(Decline { outcome: Outcome::NotWithinRemit, reply: stand_in() }));
        }
        acts.push(Command::Dispatch(Dispatch { lead: None, co_operating: Vec::new(), note: None }));
        acts.push(Command::Verify(Verify { evidence: every_evidence(), words: None }));
        let standing = self.standing().map(|assignment| assignment.no).collect();
        acts.push(Command::OrderRework(OrderRework { assignments: standing, reason: stand_in() }));
        acts.push(Command::Close(Close { outcome: Some(Outcome::Solved), reply: stand_in() }));
        acts.push(Command::Remind(Remind { assignment: None, clock: None, words: None }));
        let above = cx.book.organizations.get(&self.desk).and_then(|desk| desk.parent.clone());
        let to = above.unwrap_or_else(|| cx.book.centre.clone());
        acts.push(Command::Escalate(Escalate { to, reason: stand_in() }));
        if let Some(lead) = self.lead() {
            let (organization, limit) = (lead.organization.clone(), kernel::Limit::new(1, kernel::Unit::WorkingDay));
            acts.push(Command::Supervise(Supervise { organization, limit, words: stand_in() }));
        }
        acts.extend(self.orders_and_letters());
        acts.push(Command::Supplement(Supplement { words: stand_in() }));
        acts.push(Command::Withdraw(Withdraw { reason: stand_in() }));
        if self.outer.is_some() {
            acts.push(Command::AskCity(AskCity { request: OuterRequest::Unreasonable, reason: stand_in() }));
        }
        acts
    }

    fn orders_and_letters(&self) -> impl Iterator<Item = Command> {
        let open = self.supervision.iter().filter(|order| !order.answered);
        let orders =
            open.map(|order| Command::AnswerSupervision(AnswerSupervision { order: order.no, words: stand_in() }));
        let waiting = self.letters.iter().filter(|letter| letter.answered_at.is_none());
        let letters =
            waiting.map(|letter| Command::AnswerLetter(AnswerLetter { letter: letter.no, words: stand_in() }));
        orders.chain(letters)
    }

    fn after_closing(&self, cx: &Context) -> Vec<Command> {
        let mut acts = vec![
            Command::FollowUp(FollowUp { visit: Visit::Unreachable, words: None }),
            Command::Rate(Rate { score: 5, reason: None, words: None }),
            Command::SampleCheck(SampleCheck { passed: true, evidence: every_evidence(), words: None }),
        ];
        if let Some(reason) = cx.book.rules.exclusion_reasons.first() {
            acts.push(Command::ProposeExclusion(ProposeExclusion { reason: reason.clone(), words: stand_in() }));
        }
        if matches!(self.exclusion, Exclusion::Proposed { .. }) {
            acts.push(Command::DecideExclusion(DecideExclusion { agrees: true, words: stand_in() }));
        }
        if self.promise.is_some() {
            acts.push(Command::KeepPromise(KeepPromise { words: stand_in() }));
        }
        acts.push(Command::Reopen(Reopen { reason: stand_in() }));
        acts
    }

    fn in_the_department(&self, assignment: &Assignment, cx: &Context) -> Vec<Command> {
        let no = assignment.no;
        let mut acts = Vec::new();
        if assignment.state == AssignmentState::Dispatched {
            acts.push(Command::Answer(Answer { assignment: no }));
        }
        let (outcome, evidence) = (Outcome::Solved, every_evidence());
        acts.push(Command::ReportDone(ReportDone { assignment: no, outcome, evidence, reply: stand_in() }));
        if !assignment.inner.chain.is_empty() {
            acts.extend(inside(assignment, cx));
        }
        let contact = Contact { way: ContactWay::Phone, reached: true };
        acts.push(Command::RecordContact(RecordContact { assignment: no, contact, words: None }));
        let (basis, suggested) = ("-".to_owned(), cx.book.centre.clone());
        acts.push(Command::RequestReturn(RequestReturn { assignment: no, basis, suggested, reason: stand_in() }));
        if let Some(reason) = cx.book.rules.extension.reasons.first() {
            let (delay, reason) = (Delay::Extension { by: cx.book.rules.extension.longest }, reason.clone());
            acts.push(Command::RequestDelay(RequestDelay { assignment: no, delay, reason, words: stand_in() }));
        }
        match &assignment.pending {
            Some(Request::Return { .. }) => {
                acts.push(Command::ReviewReturn(ReviewReturn { assignment: no, granted: true, reason: stand_in() }));
            }
            Some(_) => acts.push(Command::ReviewDelay(ReviewDelay { assignment: no, granted: true, words: None })),
            None => {}
        }
        if self.suspended() {
            acts.push(Command::EndSuspension(EndSuspension { assignment: no }));
        }
        acts
    }
}

/// Passing on, sending back and signing within the organization.
fn inside(assignment: &Assignment, cx: &Context) -> Vec<Command> {
    let no = assignment.no;
    let part = cx.book.organizations.iter().find(|(_, one)| one.parent.as_ref() == Some(&assignment.organization));
    let organization = part.map_or(&assignment.organization, |(code, _)| code).clone();
    let next = assignment.inner.chain.get(assignment.inner.at + 1).copied().unwrap_or(Step::Handler);
    vec![
        Command::PassInside(PassInside { assignment: no, to: next, organization }),
        Command::SendBack(SendBack { assignment: no, reason: stand_in() }),
        Command::Sign(Sign { assignment: no }),
    ]
}

/// A refusal that another way of filling in the form could lift.
fn is_about_the_form(refusal: &CaseRefusal) -> bool {
    matches!(
        refusal,
        CaseRefusal::WordsMissing
            | CaseRefusal::EvidenceMissing { .. }
            | CaseRefusal::MatterMissing
            | CaseRefusal::NobodyToDispatchTo
            | CaseRefusal::SuggestsItself
            | CaseRefusal::BasisMissing
            | CaseRefusal::TooLong { .. }
            | CaseRefusal::UnknownReason { .. }
    )
}

fn stand_in() -> Words {
    Words::new("-").expect("a dash is a text")
}

fn every_evidence() -> Vec<Evidence> {
    ["photo_before", "photo_after", "photo", "document", "contact_record", "text"].map(Evidence::of).into()
}
