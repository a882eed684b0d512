//! The rules of a case, each command's acceptance and each of its refusals. docs/RULES.md names every test.

mod bodies;
mod closing;
mod delays;
mod dispatch;
mod ending;
mod handling;
mod intake;
mod laws;
mod offline;
mod outer;
mod pressure;
mod returns;
mod rules_table;

use kernel::Instant;

use super::testing::{at, program, resident, rubbish, rulebook, staff, words};
use super::{
    Accept, Answer, Caller, Case, CaseId, CaseRefusal, CaseState, Close, Command, Contact, ContactWay, Context,
    Dispatch, Evidence, IMPORT, Outcome, RecordContact, Register, ReportDone, RequestReturn, Rulebook, TIMEKEEPER,
    Verify, decide, register,
};

/// A case, its rules and a clock that the test turns.
struct Scene {
    book: Rulebook,
    case: Case,
    now: Instant,
    head: Option<Case>,
}

/// Monday, 2 March 2026, 09:00.
const MORNING: &str = "2026-03-02 09:00";

fn desk() -> Caller {
    staff("dora", "S1")
}

/// Of the section D1-1 of department D1.
fn handler() -> Caller {
    staff("dan", "D1-1")
}

fn department() -> Caller {
    staff("rui", "D1")
}

fn timekeeper() -> Caller {
    program(TIMEKEEPER)
}

impl Scene {
    fn of(command: Register) -> Scene {
        let book = rulebook();
        let now = at(MORNING);
        let case = open(&command, &resident_of(&command), &book, now, 1).expect("it can be registered");
        Scene { book, case, now, head: None }
    }

    fn registered() -> Scene {
        Scene::of(rubbish("r/1"))
    }

    fn accepted() -> Scene {
        Scene::registered().then(desk(), Accept { matter: None, urgency: None })
    }

    /// To D1 (assignment 1), with D2 co-operating (assignment 2).
    fn dispatched() -> Scene {
        let dispatch = Dispatch { lead: None, co_operating: vec!["D2".into()], note: None };
        Scene::accepted().then(desk(), dispatch)
    }

    /// On a matter whose chain has every step, to D1 alone.
    fn chained() -> Scene {
        let mut command = rubbish("r/1");
        command.matter = Some("M2".into());
        let dispatch = Dispatch { lead: None, co_operating: vec![], note: None };
        Scene::of(command).then(desk(), Accept { matter: None, urgency: None }).then(desk(), dispatch)
    }

    fn answered() -> Scene {
        Scene::dispatched().then(department(), Answer { assignment: 1 })
    }

    /// D1's part done, D2's not.
    fn half_handled() -> Scene {
        let contact = Contact { way: ContactWay::Phone, reached: true };
        let contact = RecordContact { assignment: 1, contact, words: None };
        Scene::answered().then(department(), contact).then(department(), report(1, Outcome::Solved))
    }

    fn handled() -> Scene {
        Scene::half_handled()
            .then(staff("deb", "D2"), Answer { assignment: 2 })
            .then(staff("deb", "D2"), report(2, Outcome::Solved))
    }

    fn verified() -> Scene {
        Scene::handled().then(desk(), Verify { evidence: vec![], words: None })
    }

    fn closed() -> Scene {
        Scene::verified().then(desk(), Close { outcome: None, reply: words("已办结") })
    }

    fn at(mut self, local: &str) -> Scene {
        self.now = at(local);
        self
    }

    /// Carries out a command that must be allowed.
    fn then(mut self, caller: Caller, command: impl Into<Command>) -> Scene {
        self.act(caller, command).expect("it is allowed");
        self
    }

    /// Carries out a command; gives the kinds of its facts.
    fn act(&mut self, caller: Caller, command: impl Into<Command>) -> Result<Vec<&'static str>, CaseRefusal> {
        let decided = self.decide(&caller, command.into(), None)?;
        for one in &decided {
            self.case.apply(&one.fact);
        }
        Ok(decided.iter().map(|one| one.fact.event.kind()).collect())
    }

    fn decide(&self, caller: &Caller, command: Command, claimed_at: Option<Instant>) -> super::Decision {
        let (book, head) = (&self.book, self.head.as_ref());
        decide(&self.case, &command, &Context { book, at: self.now, claimed_at, caller, draw: 0.5, head })
    }

    /// Why a command is not carried out.
    #[track_caller]
    fn refuses(&self, caller: Caller, command: impl Into<Command>) -> CaseRefusal {
        self.decide(&caller, command.into(), None).expect_err("it is refused")
    }

    fn state(&self) -> CaseState {
        self.case.state()
    }
}

fn resident_of(command: &Register) -> Caller {
    command.reporter.as_ref().map_or(desk(), |reporter| resident(&reporter.subject))
}

fn open(command: &Register, caller: &Caller, book: &Rulebook, now: Instant, id: u128) -> Result<Case, CaseRefusal> {
    let cx = Context { book, at: now, claimed_at: None, caller, draw: 0.5, head: None };
    let decided = register(command, "20260302-AAAAAAAA", &cx)?;
    Ok(Case::open(CaseId::from_uuid(uuid::Uuid::from_u128(id)), &decided[0].fact).expect("it registers"))
}

fn report(assignment: u16, outcome: Outcome) -> ReportDone {
    ReportDone { assignment, outcome, evidence: vec![Evidence::of("photo_after")], reply: words("已清理完毕") }
}

/// D1 asks to give the case back, within the window of the case's scenes.
fn ask_return() -> RequestReturn {
    let (basis, suggested) = ("样例条例第三条".into(), "D3".into());
    RequestReturn { assignment: 1, basis, suggested, reason: words("不属本单位职责") }
}

fn importer() -> Caller {
    program(IMPORT)
}
