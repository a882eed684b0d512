//! What is known of one case of another system, as commands of this one.

use district::requests::Request;
use kernel::Instant;

use super::{ImportRefusal, LookUp};
use crate::case::{
    Accept, Answer, AssignmentState, Caller, Case, CaseId, CaseRefusal, Channel, ClockKey, Close, Command, Context,
    Decided, Dispatch, Evidence, Lapse, Outcome, OuterOrder, PassInside, Register, ReportDone, Reporter, RequestKind,
    Rulebook, Sign, Verify, Words, decide, register,
};

/// How a case came in and what happened to it, each act with the instant it happened.
#[derive(Clone, Debug, PartialEq)]
pub struct History {
    pub opened: Instant,
    pub register: Register,
    /// In order of time.
    pub acts: Vec<(Instant, Command)>,
}

impl History {
    /// The acts that a request's record stands for: taken on and given to the department when it was opened; answered,
    /// reported done, verified and closed when it was closed. The recorded target runs as the clock of an order from
    /// outside. A closing recorded before the opening (clocks of two machines) counts from the opening.
    pub fn of(
        request: &Request,
        source: &str,
        look_up: &LookUp<'_>,
        evidence: &[String],
    ) -> Result<History, ImportRefusal> {
        let department = look_up.department(&request.department)?;
        let register = Register {
            channel: channel(&request.channel),
            kind: RequestKind::Event,
            words: words(&[&request.title, &request.matter])?,
            // Who wrote it is not on record: a key of its own, so that the text can be erased alone.
            reporter: Some(Reporter {
                subject: format!("{source}/{}", request.id),
                name: None,
                phone: None,
                email: None,
            }),
            address: Some(request.address.clone()).filter(|address| !address.is_empty()),
            location: look_up.location(request),
            desk: None,
            matter: Some(look_up.matter(&request.matter)?),
            urgency: None,
            declares_secret: false,
            confidentiality: None,
            outer: Some(OuterOrder { order: request.id.clone(), due: request.target }),
            evidence: Vec::new(),
        };
        let note = Words::new(&request.queue).ok();
        let dispatch = Dispatch { lead: Some(department), co_operating: Vec::new(), note };
        let mut acts = vec![
            (request.opened, Command::Accept(Accept { matter: None, urgency: None })),
            (request.opened, Command::Dispatch(dispatch)),
        ];
        if let Some(closed) = request.closed {
            let closed = closed.max(request.opened);
            acts.extend(closing(request, evidence)?.map(|command| (closed, command)));
        }
        Ok(History { opened: request.opened, register, acts })
    }

    /// Decides everything in order; whatever clock ran out before an act has its lapse recorded before it. A refusal of
    /// any part refuses the whole.
    pub(crate) fn decide(
        &self,
        id: CaseId,
        number: &str,
        book: &Rulebook,
        caller: &Caller,
        at: Instant,
        draw: f64,
    ) -> Result<(Case, Vec<Decided>), CaseRefusal> {
        let cx = |claimed: Instant| Context { book, at, claimed_at: Some(claimed), caller, draw, head: None };
        let mut decided = register(&self.register, number, &cx(self.opened))?;
        let mut case = Case::open(id, &decided[0].fact).expect("the first fact registers");
        for (when, command) in &self.acts {
            while let Some(clock) = ran_out(&case, *when) {
                let lapse = Command::Lapse(Lapse { clock });
                act(&mut case, &mut decided, &lapse, &cx(*when))?;
            }
            if matches!(command, Command::ReportDone(_)) {
                while let Some(pass) = pass_on(&case) {
                    act(&mut case, &mut decided, &pass, &cx(*when))?;
                }
            }
            act(&mut case, &mut decided, command, &cx(*when))?;
            while let Some(sign) = signature(&case) {
                act(&mut case, &mut decided, &sign, &cx(*when))?;
            }
        }
        Ok((case, decided))
    }
}

fn act(case: &mut Case, decided: &mut Vec<Decided>, command: &Command, cx: &Context) -> Result<(), CaseRefusal> {
    let new = decide(case, command, cx)?;
    new.iter().for_each(|one| case.apply(&one.fact));
    decided.extend(new);
    Ok(())
}

/// The next step of the work inside the organization; who took it is not on record, so it stays with the organization.
fn pass_on(case: &Case) -> Option<Command> {
    let lead = case.lead()?;
    let to = lead.inner.next().filter(|step| !step.signs())?;
    Some(Command::PassInside(PassInside { assignment: lead.no, to, organization: lead.organization.clone() }))
}

/// The signature that a report of completion waits for.
fn signature(case: &Case) -> Option<Command> {
    let lead = case.lead()?;
    matches!(lead.state, AssignmentState::Reported { .. }).then_some(Command::Sign(Sign { assignment: lead.no }))
}

/// The running clock that ran out first before `when`.
fn ran_out(case: &Case, when: Instant) -> Option<ClockKey> {
    let running = case.clocks.iter().filter(|(_, timer)| timer.is_running() && timer.due_at() < when);
    running.min_by_key(|(key, timer)| (timer.due_at(), **key)).map(|(key, _)| *key)
}

/// What a recorded closing stands for. That the evidence the matter asks for was there is taken from the record.
fn closing(request: &Request, evidence: &[String]) -> Result<[Command; 4], ImportRefusal> {
    let reply = words(&[&request.closure, &request.title, &request.matter])?;
    let evidence = evidence.iter().map(|kind| Evidence::of(kind)).collect();
    let report = ReportDone { assignment: 1, outcome: Outcome::Solved, evidence, reply: reply.clone() };
    Ok([
        Command::Answer(Answer { assignment: 1 }),
        Command::ReportDone(report),
        Command::Verify(Verify { evidence: Vec::new(), words: None }),
        Command::Close(Close { outcome: None, reply }),
    ])
}

/// The first text that says something, cut to what a case may hold.
fn words(texts: &[&str]) -> Result<Words, ImportRefusal> {
    const LONGEST: usize = 8_000;
    let text = texts.iter().find(|text| !text.trim().is_empty()).copied().unwrap_or_default();
    Ok(Words::new(text.chars().take(LONGEST).collect::<String>())?)
}

/// A channel by its name in facts; `import` for any other word.
fn channel(word: &str) -> Channel {
    serde_json::from_value(serde_json::Value::from(word)).unwrap_or(Channel::Import)
}
