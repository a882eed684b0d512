//! Every command on a case that exists.

use serde::{Deserialize, Serialize};

use super::{
    Accept, Answer, AnswerForCity, AnswerLetter, AnswerSupervision, Arbitrate, AskCity, Case, Close, Context, Correct,
    DecideExclusion, Decision, Decline, Dispatch, EndSuspension, Escalate, ExcludeOutage, FollowUp, Group, KeepPromise,
    Lapse, MakeConfidential, OrderRework, PassInside, ProposeExclusion, Rate, Reassign, RecordContact, Remind, Reopen,
    ReportDone, RequestDelay, RequestReturn, ReviewDelay, ReviewReturn, SampleCheck, SendBack, SendLetter, Sign,
    Supervise, Supplement, Ungroup, Verify, Withdraw,
};

macro_rules! commands {
    ($($variant:ident = $name:literal,)*) => {
        /// One act on a case. Its JSON is the command's fields and a field `command` that names it, such as
        /// `request_return`.
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
        #[serde(tag = "command", rename_all = "snake_case")]
        pub enum Command {
            $($variant($variant),)*
        }

        impl Command {
            /// Names of all commands, the two that open a case first: the simulator counts each, docs/RULES.md has a row
            /// for each.
            pub const NAMES: &[&str] = &["register", "settle", $($name,)*];

            pub fn name(&self) -> &'static str {
                match self {
                    $(Command::$variant(_) => $name,)*
                }
            }

            pub(super) fn decide(&self, case: &Case, cx: &Context) -> Decision {
                match self {
                    $(Command::$variant(command) => command.decide(case, cx),)*
                }
            }
        }

        $(impl From<$variant> for Command {
            fn from(command: $variant) -> Command {
                Command::$variant(command)
            }
        })*
    };
}

commands! {
    Accept = "accept",
    Correct = "correct",
    Supplement = "supplement",
    Decline = "decline",
    Dispatch = "dispatch",
    Reassign = "reassign",
    Escalate = "escalate",
    Answer = "answer",
    RecordContact = "record_contact",
    PassInside = "pass_inside",
    SendBack = "send_back",
    ReportDone = "report_done",
    Sign = "sign",
    RequestReturn = "request_return",
    ReviewReturn = "review_return",
    Arbitrate = "arbitrate",
    RequestDelay = "request_delay",
    ReviewDelay = "review_delay",
    EndSuspension = "end_suspension",
    Remind = "remind",
    Supervise = "supervise",
    AnswerSupervision = "answer_supervision",
    Verify = "verify",
    OrderRework = "order_rework",
    Close = "close",
    Withdraw = "withdraw",
    Rate = "rate",
    Reopen = "reopen",
    KeepPromise = "keep_promise",
    FollowUp = "follow_up",
    ProposeExclusion = "propose_exclusion",
    DecideExclusion = "decide_exclusion",
    SampleCheck = "sample_check",
    AskCity = "ask_city",
    AnswerForCity = "answer_for_city",
    SendLetter = "send_letter",
    AnswerLetter = "answer_letter",
    MakeConfidential = "make_confidential",
    Group = "group",
    Ungroup = "ungroup",
    Lapse = "lapse",
    ExcludeOutage = "exclude_outage",
}
