//! Carrying out what administrators do to an account.

use std::sync::Arc;

use journal::{Command, Declined, NewFact, Unit, tail};
use kernel::{Actor, Instant};
use serde::Serialize;

use super::act::{Act, ActRefusal, Hand, Known};
use super::erase::is_nobody;
use super::row::{self, hold, keep_former, release};
use super::{Account, Holding};
use crate::caller::Posts;
use crate::sessions;

/// Does something to another's account. Which post allows it, its caller has checked.
pub struct Administer {
    pub account: String,
    pub act: Act,
    /// An administrator by a post, or a program for whoever holds the machine.
    pub actor: Actor,
    pub book: Arc<dyn Posts>,
    /// How many former passwords are kept.
    pub former: u32,
}

#[derive(Serialize)]
struct Fact<'a> {
    v: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    post: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<Instant>,
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<Instant>,
    #[serde(skip_serializing_if = "Option::is_none")]
    stands_in_for: Option<&'a str>,
}

impl Fact<'static> {
    const BARE: Fact<'static> = Fact { v: 1, post: None, from: None, until: None, stands_in_for: None };
}

impl Command for Administer {
    type Output = ();
    type Refusal = ActRefusal;

    async fn decide(&self, unit: &mut Unit) -> Result<(), Declined<ActRefusal>> {
        let at = unit.at();
        let tx = unit.tx().await?;
        let account = Account::find(tx, &self.account).await?.ok_or(Declined::Refused(ActRefusal::Unknown))?;
        let holdings = row::holdings(tx, &self.account).await?;
        let stood_in = match &self.act {
            Act::Assign(Holding { post, stands_in_for: Some(whom), .. }) => {
                row::holdings(tx, whom).await?.into_iter().find(|holding| holding.post == *post)
            }
            _ => None,
        };
        self.check(&account, &holdings, stood_in.as_ref(), at).map_err(Declined::Refused)?;
        self.carry_out(unit, account, at).await
    }
}

impl Administer {
    fn check(
        &self,
        account: &Account,
        holdings: &[Holding],
        stood_in: Option<&Holding>,
        at: Instant,
    ) -> Result<(), ActRefusal> {
        if is_nobody(&account.login) {
            return Err(ActRefusal::Erased);
        }
        let known = Known {
            id: &account.id,
            disabled: account.disabled_at.is_some(),
            holdings,
            stood_in,
            actions: &|post| self.book.grant(post).map(|grant| grant.actions),
        };
        self.act.check(&known, self.hand(), at)
    }

    fn hand(&self) -> Hand<'_> {
        match &self.actor {
            Actor::Post { person, .. } => Hand::Administrator(person),
            Actor::Resident { subject } => Hand::Administrator(subject),
            Actor::System { .. } => Hand::Operator,
        }
    }

    async fn carry_out(&self, unit: &mut Unit, account: Account, at: Instant) -> Result<(), Declined<ActRefusal>> {
        let tx = unit.tx().await?;
        let id = self.account.as_str();
        let (kind, body) = match &self.act {
            Act::Reset { code, until } => {
                keep_former(tx, &account, self.former).await?;
                let (activation, activation_until) = (Some(code.to_vec()), Some(*until));
                let unlocked_at = Some(at);
                let account = Account { password: String::new(), activation, activation_until, unlocked_at, ..account };
                account.keep(tx).await?;
                sessions::end_others(tx, id, &[]).await?;
                ("account.reset", Fact { until: Some(*until), ..Fact::BARE })
            }
            Act::Disable => {
                Account { disabled_at: Some(at), ..account }.keep(tx).await?;
                sessions::end_others(tx, id, &[]).await?;
                ("account.disabled", Fact::BARE)
            }
            Act::Enable => {
                Account { disabled_at: None, ..account }.keep(tx).await?;
                ("account.enabled", Fact::BARE)
            }
            Act::Unlock => {
                Account { unlocked_at: Some(at), ..account }.keep(tx).await?;
                ("account.unlocked", Fact::BARE)
            }
            Act::Assign(holding) => {
                let from = holding.from.or(Some(at));
                hold(tx, id, &Holding { from, ..holding.clone() }).await?;
                let (post, until) = (Some(holding.post.as_str()), holding.until);
                let stands_in_for = holding.stands_in_for.as_deref();
                ("account.post_assigned", Fact { post, from, until, stands_in_for, ..Fact::BARE })
            }
            Act::Withdraw { post } => {
                release(tx, id, post).await?;
                ("account.post_withdrawn", Fact { post: Some(post), ..Fact::BARE })
            }
        };
        let stream = super::stream(id);
        let version = tail::version(unit.tx().await?, &stream).await?;
        unit.append(&stream, version, vec![NewFact::new(kind, at, self.actor.clone(), &body)]).await?;
        Ok(())
    }
}
