//! What administrators do to an account, and when that is refused. Pure.

use std::collections::BTreeSet;

use kernel::{Instant, Kind, Refusal};

use super::Holding;
use crate::administration::{Mixture, is_administrative, mixture};

/// Something done to another's account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Act {
    /// Takes the password away and gives a code that sets another.
    Reset {
        code: [u8; 32],
        until: Instant,
    },
    /// Ends its sessions; it opens nothing any more.
    Disable,
    Enable,
    /// Failures so far lock it no longer.
    Unlock,
    /// Gives a post, or another validity to one that it holds.
    Assign(Holding),
    /// Takes a post away, at once.
    Withdraw {
        post: String,
    },
}

/// Who does it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hand<'a> {
    /// An administrator, by this account.
    Administrator(&'a str),
    /// Whoever holds the machine.
    Operator,
}

/// What is known of the account.
pub struct Known<'a> {
    pub id: &'a str,
    pub disabled: bool,
    pub holdings: &'a [Holding],
    /// The same post as the person stood in for holds it, where a post is assigned to a deputy and that person holds it.
    pub stood_in: Option<&'a Holding>,
    /// What a post of the profile allows; none where there is no such post.
    pub actions: &'a dyn Fn(&str) -> Option<BTreeSet<String>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ActRefusal {
    Unknown,
    Oneself,
    /// Its person was erased.
    Erased,
    Disabled,
    NotDisabled,
    /// The password of an administrator is not another administrator's to take.
    Administers,
    UnknownPost {
        post: String,
    },
    /// It ends before it begins, or has ended.
    Interval,
    StandInWithoutEnd,
    /// That person does not hold the post in that time.
    StandInForNobody,
    NotHeld {
        post: String,
    },
    Mixture(Mixture),
}

impl From<ActRefusal> for Refusal {
    fn from(refusal: ActRefusal) -> Refusal {
        match refusal {
            ActRefusal::Unknown => Refusal { field: Some("id"), ..Refusal::new(Kind::NotFound, "account-unknown") },
            ActRefusal::Oneself => Refusal::new(Kind::Forbidden, "account-own"),
            ActRefusal::Erased => Refusal::new(Kind::Conflict, "account-erased"),
            ActRefusal::Disabled => Refusal::new(Kind::Conflict, "account-disabled"),
            ActRefusal::NotDisabled => Refusal::new(Kind::Conflict, "account-not-disabled"),
            ActRefusal::Administers => Refusal::new(Kind::Forbidden, "account-administers"),
            ActRefusal::UnknownPost { post } => Refusal::invalid("post", "post-unknown").with("post", post),
            ActRefusal::Interval => Refusal::invalid("until", "holding-interval"),
            ActRefusal::StandInWithoutEnd => Refusal::invalid("until", "stand-in-without-end"),
            ActRefusal::StandInForNobody => Refusal::invalid("stands_in_for", "stand-in-for-nobody"),
            ActRefusal::NotHeld { post } => {
                Refusal { field: Some("post"), ..Refusal::new(Kind::NotFound, "post-not-held") }.with("post", post)
            }
            ActRefusal::Mixture(Mixture::Two) => Refusal::invalid("post", "posts-of-two-administrations"),
            ActRefusal::Mixture(Mixture::WithWork) => Refusal::invalid("post", "posts-of-administration-and-work"),
        }
    }
}

impl Act {
    /// Whether it may be done at `now`.
    pub fn check(&self, known: &Known<'_>, hand: Hand<'_>, now: Instant) -> Result<(), ActRefusal> {
        if hand == Hand::Administrator(known.id) {
            return Err(ActRefusal::Oneself);
        }
        match self {
            Act::Enable if !known.disabled => Err(ActRefusal::NotDisabled),
            Act::Enable | Act::Unlock => Ok(()),
            Act::Withdraw { post } if known.holdings.iter().all(|holding| holding.post != *post) => {
                Err(ActRefusal::NotHeld { post: post.clone() })
            }
            Act::Withdraw { .. } => Ok(()),
            _ if known.disabled => Err(ActRefusal::Disabled),
            Act::Reset { .. } if hand != Hand::Operator && known.administers(now) => Err(ActRefusal::Administers),
            Act::Reset { .. } | Act::Disable => Ok(()),
            Act::Assign(holding) => known.may_hold(holding, now),
        }
    }
}

impl Known<'_> {
    /// Whether it holds a post of an administration, now or later.
    fn administers(&self, now: Instant) -> bool {
        let standing = self.holdings.iter().filter(|holding| !holding.is_over(now));
        standing.filter_map(|holding| (self.actions)(&holding.post)).flatten().any(|action| is_administrative(&action))
    }

    fn may_hold(&self, wanted: &Holding, now: Instant) -> Result<(), ActRefusal> {
        if (self.actions)(&wanted.post).is_none() {
            return Err(ActRefusal::UnknownPost { post: wanted.post.clone() });
        }
        if wanted.until.is_some_and(|until| until <= wanted.from.unwrap_or(now)) || wanted.is_over(now) {
            return Err(ActRefusal::Interval);
        }
        if wanted.stands_in_for.is_some() {
            if wanted.until.is_none() {
                return Err(ActRefusal::StandInWithoutEnd);
            }
            let own = wanted.stands_in_for.as_deref() == Some(self.id);
            if own || !self.stood_in.is_some_and(|theirs| theirs.overlaps(wanted)) {
                return Err(ActRefusal::StandInForNobody);
            }
        }
        let others = self.holdings.iter().filter(|holding| holding.post != wanted.post);
        let together: Vec<&Holding> = others.filter(|other| !other.is_over(now)).collect();
        self.unmixed(&together, wanted)
    }

    /// No instant at which what is held then would be mixed: whatever overlaps `wanted` at any of its instants does so at the
    /// beginning of one of them, or of `wanted`.
    fn unmixed(&self, others: &[&Holding], wanted: &Holding) -> Result<(), ActRefusal> {
        let overlapping: Vec<&Holding> = others.iter().copied().filter(|other| other.overlaps(wanted)).collect();
        let starts = overlapping.iter().map(|other| other.from).chain([wanted.from]);
        for start in starts {
            let at = start.max(wanted.from).unwrap_or(Instant::from_micros(i64::MIN));
            let held = overlapping.iter().copied().filter(|other| other.is_valid(at)).chain([wanted]);
            let actions: Vec<String> = held.filter_map(|holding| (self.actions)(&holding.post)).flatten().collect();
            if let Some(mixture) = mixture(actions.iter().map(String::as_str)) {
                return Err(ActRefusal::Mixture(mixture));
            }
        }
        Ok(())
    }
}

/// What keeps these posts from being in one hand at once; a post that is not there is an error of its own.
pub(super) fn check_together(
    posts: &[String],
    actions: &dyn Fn(&str) -> Option<BTreeSet<String>>,
) -> Result<(), ActRefusal> {
    let mut all = BTreeSet::new();
    for post in posts {
        all.extend(actions(post).ok_or_else(|| ActRefusal::UnknownPost { post: post.clone() })?);
    }
    mixture(all.iter().map(String::as_str)).map_or(Ok(()), |mixture| Err(ActRefusal::Mixture(mixture)))
}

#[cfg(test)]
mod tests;
