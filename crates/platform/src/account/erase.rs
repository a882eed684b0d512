//! Erasing a person who has an account: with their key goes what identifies them in the tables.

use journal::{Ahead, Command, Declined, EraseRefusal, JournalError, Unit};
use kernel::Instant;
use store::{StoreError, Tx, sql};

use crate::{factor, notice, oidc, resident, sessions};

/// No login has this form ([`super::Login`]): nobody can be given it.
pub(super) const NOBODY: &str = "erased/";

/// Whether this stands in the place of the login of someone who was erased.
pub(super) fn is_nobody(login: &str) -> bool {
    login.starts_with(NOBODY)
}

/// Destroys a person's key by `erase` and, in the same transaction, lets their account be nobody's: no login, password, second
/// factor, telephone, post or session is left of it, nothing more is sent to it. Its identifier stays, with the acts and sign-ins
/// on record under it.
pub struct ErasePerson<C> {
    /// `person/ACCOUNT`; any other subject has no account.
    pub subject: String,
    pub erase: C,
}

impl<C: Command<Output = (), Refusal = EraseRefusal>> Command for ErasePerson<C> {
    type Output = ();
    type Refusal = EraseRefusal;

    fn foresee(&self, ahead: &mut Ahead) {
        self.erase.foresee(ahead);
    }

    async fn decide(&self, unit: &mut Unit) -> Result<(), Declined<EraseRefusal>> {
        self.erase.decide(unit).await?;
        if let Some(account) = self.subject.strip_prefix("person/") {
            let at = unit.at();
            forget(unit.tx().await?, account, at).await.map_err(JournalError::from)?;
        }
        Ok(())
    }
}

async fn forget(tx: &mut Tx, account: &str, at: Instant) -> Result<(), StoreError> {
    sessions::end_others(tx, account, &[]).await?;
    factor::row::forget(tx, account).await?;
    oidc::row::unlink(tx, account).await?;
    resident::row::forget(tx, account).await?;
    notice::forget(tx, account, at).await?;
    tx.run(sql("delete from former_password where account = $1").bind(account)).await?;
    tx.run(sql("delete from account_post where account = $1").bind(account)).await?;
    let update = sql("update account set login = $1, password = '', activation = null, activation_until = null, \
                      disabled_at = coalesce(disabled_at, $2) where id = $3");
    let nobody = format!("{NOBODY}{account}");
    tx.run(update.bind(nobody).bind(at.micros()).bind(account)).await.map(drop)
}
