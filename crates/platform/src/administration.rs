//! The three administrations, which nobody holds two of (GB/T 22239-2019 level 3, 三员分立): the system's opens accounts, the
//! security's says what they may do, the audit's looks at what both did.

use std::collections::BTreeSet;

use crate::notice;

/// One of the three.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Administration {
    /// Opens and disables accounts and API clients; keeps webhooks, and sends again what was given up.
    System,
    /// Assigns posts, unlocks, resets passwords and second factors, and says who must have one.
    Security,
    /// Reads sign-ins and the acts of administrators.
    Audit,
}

pub const ACCOUNT_OPEN: &str = "account.open";
pub const ACCOUNT_DISABLE: &str = "account.disable";
pub const CLIENT_KEEP: &str = "client.keep";
pub const POST_ASSIGN: &str = "post.assign";
pub const ACCOUNT_UNLOCK: &str = "account.unlock";
pub const ACCOUNT_RESET: &str = "account.reset";
pub const FACTOR_RESET: &str = "factor.reset";
pub const FACTOR_REQUIRE: &str = "factor.require";
pub const AUDIT_READ: &str = "audit.read";
/// To see which accounts there are: what each of the three needs, and no other.
pub const ACCOUNT_READ: &str = "account.read";

const OF: [(&str, Administration); 11] = [
    (ACCOUNT_OPEN, Administration::System),
    (ACCOUNT_DISABLE, Administration::System),
    (CLIENT_KEEP, Administration::System),
    (notice::REPLAY, Administration::System),
    (notice::KEEP, Administration::System),
    (POST_ASSIGN, Administration::Security),
    (ACCOUNT_UNLOCK, Administration::Security),
    (ACCOUNT_RESET, Administration::Security),
    (FACTOR_RESET, Administration::Security),
    (FACTOR_REQUIRE, Administration::Security),
    (AUDIT_READ, Administration::Audit),
];

/// What is wrong with a set of actions in one hand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mixture {
    /// Of two administrations.
    Two,
    /// Of an administration and of the district's work.
    WithWork,
}

/// The actions of people that this crate gives a meaning.
pub fn actions() -> impl Iterator<Item = &'static str> {
    OF.into_iter().map(|(action, _)| action).chain([ACCOUNT_READ])
}

/// The administration that an action is one of.
pub fn of_action(action: &str) -> Option<Administration> {
    OF.into_iter().find(|(known, _)| *known == action).map(|(_, administration)| administration)
}

/// Whether an action belongs to an administration, be it to each.
pub fn is_administrative(action: &str) -> bool {
    action == ACCOUNT_READ || of_action(action).is_some()
}

/// What keeps these actions from being in one hand.
pub fn mixture<'a>(actions: impl IntoIterator<Item = &'a str>) -> Option<Mixture> {
    let (mut held, mut works) = (BTreeSet::new(), false);
    let mut administers = false;
    for action in actions {
        held.extend(of_action(action));
        administers |= is_administrative(action);
        works |= !is_administrative(action);
    }
    match (held.len(), administers && works) {
        (2.., _) => Some(Mixture::Two),
        (_, true) => Some(Mixture::WithWork),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_holds_two_or_one_with_work() {
        assert_eq!(mixture(["case.read", "call.raise"]), None);
        assert_eq!(mixture([ACCOUNT_OPEN, CLIENT_KEEP, ACCOUNT_READ]), None);
        assert_eq!(mixture([ACCOUNT_OPEN, POST_ASSIGN]), Some(Mixture::Two));
        assert_eq!(mixture([AUDIT_READ, FACTOR_RESET, "case.read"]), Some(Mixture::Two));
        assert_eq!(mixture([AUDIT_READ, "case.read"]), Some(Mixture::WithWork));
        assert_eq!(mixture([ACCOUNT_READ, "case.read"]), Some(Mixture::WithWork));
    }
}
