//! An account is linked, or no longer.

use journal::{Command, Declined, NewFact, Personal, Unit, tail};
use kernel::Actor;
use serde::Serialize;

use super::OidcRefusal;
use super::provider::Identity;
use super::row;

/// Links an account to whom the other system calls so.
pub(super) struct LinkAccount {
    pub account: String,
    pub identity: Identity,
    /// The identity, hashed under the key.
    pub hash: [u8; 32],
    pub actor: Actor,
}

#[derive(Serialize)]
struct Linked<'a> {
    v: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    issuer: Option<&'a str>,
}

impl Command for LinkAccount {
    type Output = ();
    type Refusal = OidcRefusal;

    async fn decide(&self, unit: &mut Unit) -> Result<(), Declined<OidcRefusal>> {
        if !row::is_open(unit.tx().await?, &self.account).await? {
            return Err(Declined::Refused(OidcRefusal::NoAccount));
        }
        if row::account_of(unit.tx().await?, &self.hash).await?.is_some() {
            return Err(Declined::Refused(OidcRefusal::Taken));
        }
        row::link(unit.tx().await?, &self.hash, &self.account).await?;
        let body = Linked { v: 1, issuer: Some(&self.identity.issuer) };
        let mut fact = NewFact::new("account.linked", unit.at(), self.actor.clone(), &body);
        let subject = format!("person/{}", self.account);
        fact.personal.push(Personal { subject, field: "subject", value: self.identity.subject.clone() });
        append(unit, &self.account, fact).await
    }
}

/// The account is signed in to by the other system no more.
pub(super) struct UnlinkAccount {
    pub account: String,
    pub actor: Actor,
}

impl Command for UnlinkAccount {
    type Output = ();
    type Refusal = OidcRefusal;

    async fn decide(&self, unit: &mut Unit) -> Result<(), Declined<OidcRefusal>> {
        if row::links(unit.tx().await?, &self.account).await? == 0 {
            return Err(Declined::Refused(OidcRefusal::NotLinked));
        }
        row::unlink(unit.tx().await?, &self.account).await?;
        let fact = NewFact::new("account.unlinked", unit.at(), self.actor.clone(), &Linked { v: 1, issuer: None });
        append(unit, &self.account, fact).await
    }
}

async fn append(unit: &mut Unit, account: &str, fact: NewFact) -> Result<(), Declined<OidcRefusal>> {
    let stream = format!("account/{account}");
    let version = tail::version(unit.tx().await?, &stream).await?;
    unit.append(&stream, version, vec![fact]).await?;
    Ok(())
}
