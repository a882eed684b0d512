//! A resident's account is made.

use journal::{Command, Declined, NewFact, Personal, Unit};
use kernel::Actor;
use serde::Serialize;

use super::row;
use crate::account::Account;

/// Opens an account for whoever has shown that a telephone is theirs. It has no password.
pub(super) struct OpenResident {
    pub account: String,
    pub phone: String,
    /// The number, hashed under the key.
    pub hash: [u8; 32],
}

#[derive(Serialize)]
struct Opened {
    v: u32,
}

impl Command for OpenResident {
    /// The account.
    type Output = String;
    type Refusal = std::convert::Infallible;

    async fn decide(&self, unit: &mut Unit) -> Result<String, Declined<Self::Refusal>> {
        if let Some(account) = row::account_of(unit.tx().await?, &self.hash).await? {
            return Ok(account);
        }
        let (at, subject) = (unit.at(), format!("person/{}", self.account));
        // Nobody holds such a login, and no password matches an empty hash.
        let account = Account {
            id: self.account.clone(),
            login: format!("resident/{}", self.account),
            password: String::new(),
            created_at: at,
            password_at: None,
            activation: None,
            activation_until: None,
            disabled_at: None,
            unlocked_at: None,
        };
        account.insert(unit.tx().await?).await?;
        row::insert(unit.tx().await?, &self.account, &self.hash).await?;
        let mut fact =
            NewFact::new("resident.opened", at, Actor::Resident { subject: subject.clone() }, &Opened { v: 1 });
        fact.personal.push(Personal { subject, field: "phone", value: self.phone.clone() });
        unit.append(&format!("account/{}", self.account), 0, vec![fact]).await?;
        Ok(self.account.clone())
    }
}
