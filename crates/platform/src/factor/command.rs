//! What happens to a second factor, as commands and facts of the account.

use journal::{Command, Declined, NewFact, Personal, Unit, tail};
use kernel::Actor;
use serde::Serialize;

use super::row::{Factor, forget, replace_codes};
use super::{FactorRefusal, RecoveryCode, account_stream};

#[derive(Serialize)]
struct Body {
    v: u32,
}

const BODY: Body = Body { v: 1 };

/// Seals a secret that does not count yet. What counted before goes on doing so.
pub(super) struct BeginFactor {
    pub account: String,
    pub secret: String,
    pub actor: Actor,
}

impl Command for BeginFactor {
    type Output = ();
    type Refusal = FactorRefusal;

    async fn decide(&self, unit: &mut Unit) -> Result<(), Declined<FactorRefusal>> {
        let factor = Factor::find(unit.tx().await?, &self.account).await?;
        let mut fact = NewFact::new("factor.begun", unit.at(), self.actor.clone(), &BODY);
        let subject = format!("person/{}", self.account);
        fact.personal.push(Personal { subject, field: "secret", value: self.secret.clone() });
        let version = append(unit, &self.account, fact).await?;
        let none = Factor { pending: None, secret: None, confirmed_at: None, step: 0 };
        let factor = Factor { pending: Some(version), ..factor.unwrap_or(none) };
        factor.keep(unit.tx().await?, &self.account).await?;
        Ok(())
    }
}

/// From now on the secret counts whose code was shown.
pub(super) struct ConfirmFactor {
    pub account: String,
    /// The version of the secret's fact.
    pub pending: i64,
    /// The step of the code that was shown.
    pub step: i64,
    pub codes: Vec<RecoveryCode>,
    pub actor: Actor,
}

impl Command for ConfirmFactor {
    type Output = ();
    type Refusal = FactorRefusal;

    async fn decide(&self, unit: &mut Unit) -> Result<(), Declined<FactorRefusal>> {
        let factor = Factor::find(unit.tx().await?, &self.account).await?;
        if factor.and_then(|factor| factor.pending) != Some(self.pending) {
            return Err(Declined::Refused(FactorRefusal::None));
        }
        let at = unit.at();
        let factor = Factor { pending: None, secret: Some(self.pending), confirmed_at: Some(at), step: self.step };
        factor.keep(unit.tx().await?, &self.account).await?;
        replace_codes(unit.tx().await?, &self.account, &self.codes).await?;
        append(unit, &self.account, NewFact::new("factor.confirmed", at, self.actor.clone(), &BODY)).await?;
        Ok(())
    }
}

/// Gives other recovery codes.
pub(super) struct RenewCodes {
    pub account: String,
    pub codes: Vec<RecoveryCode>,
    pub actor: Actor,
}

impl Command for RenewCodes {
    type Output = ();
    type Refusal = FactorRefusal;

    async fn decide(&self, unit: &mut Unit) -> Result<(), Declined<FactorRefusal>> {
        enrolled(unit, &self.account).await?;
        replace_codes(unit.tx().await?, &self.account, &self.codes).await?;
        let fact = NewFact::new("factor.codes_renewed", unit.at(), self.actor.clone(), &BODY);
        append(unit, &self.account, fact).await?;
        Ok(())
    }
}

/// Takes the second factor away.
pub(super) struct EndFactor {
    pub account: String,
    /// By an administrator, because the device and the codes are lost; else by its owner.
    pub reset: bool,
    pub actor: Actor,
}

impl Command for EndFactor {
    type Output = ();
    type Refusal = FactorRefusal;

    async fn decide(&self, unit: &mut Unit) -> Result<(), Declined<FactorRefusal>> {
        enrolled(unit, &self.account).await?;
        forget(unit.tx().await?, &self.account).await?;
        let kind = if self.reset { "factor.reset" } else { "factor.removed" };
        append(unit, &self.account, NewFact::new(kind, unit.at(), self.actor.clone(), &BODY)).await?;
        Ok(())
    }
}

async fn enrolled(unit: &mut Unit, account: &str) -> Result<(), Declined<FactorRefusal>> {
    let factor = Factor::find(unit.tx().await?, account).await?;
    factor.map(drop).ok_or(Declined::Refused(FactorRefusal::None))
}

/// The version that the fact has.
async fn append(unit: &mut Unit, account: &str, fact: NewFact) -> Result<i64, Declined<FactorRefusal>> {
    let stream = account_stream(account);
    let version = tail::version(unit.tx().await?, &stream).await?;
    Ok(unit.append(&stream, version, vec![fact]).await?)
}
