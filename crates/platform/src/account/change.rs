//! A password is replaced by its owner.

use journal::{Command, Declined, NewFact, Unit, tail};
use kernel::{Actor, Kind, Refusal};
use serde::Serialize;

use super::row::keep_former;
use super::{Account, Hashed};
use crate::sessions;

/// Replaces the password of an account and ends its other sessions.
pub(crate) struct ChangePassword {
    pub account: String,
    /// The hash that its owner was checked against: another one by now, and nothing is done.
    pub before: String,
    pub password: Hashed,
    /// How many of those before are kept, so that they do not come back.
    pub former: u32,
    /// The token, hashed, of the session in which this is done.
    pub session: Vec<u8>,
    pub actor: Actor,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ChangeRefusal {
    /// The password is another one by now.
    Changed,
}

impl From<ChangeRefusal> for Refusal {
    fn from(refusal: ChangeRefusal) -> Refusal {
        match refusal {
            ChangeRefusal::Changed => Refusal::new(Kind::Conflict, "password-changed-meanwhile"),
        }
    }
}

#[derive(Serialize)]
struct Changed {
    v: u32,
}

impl Command for ChangePassword {
    type Output = ();
    type Refusal = ChangeRefusal;

    async fn decide(&self, unit: &mut Unit) -> Result<(), Declined<ChangeRefusal>> {
        let at = unit.at();
        let tx = unit.tx().await?;
        let found = Account::find(tx, &self.account).await?.filter(|account| account.password == self.before);
        let account = found.ok_or(Declined::Refused(ChangeRefusal::Changed))?;
        keep_former(tx, &account, self.former).await?;
        let account = Account { password: self.password.0.clone(), password_at: Some(at), ..account };
        account.keep(tx).await?;
        sessions::end_others(tx, &self.account, &self.session).await?;
        let stream = super::stream(&self.account);
        let version = tail::version(tx, &stream).await?;
        let fact = NewFact::new("account.password_changed", at, self.actor.clone(), &Changed { v: 1 });
        unit.append(&stream, version, vec![fact]).await?;
        Ok(())
    }
}
