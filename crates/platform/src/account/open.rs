//! Opening accounts, and the first password.

use std::sync::Arc;

use journal::{Command, Declined, NewFact, Personal, Unit, tail};
use kernel::{Actor, Instant, Kind, Refusal};
use serde::Serialize;
use store::{Read as _, sql};

use super::act::{ActRefusal, check_together};
use super::activation::ActivationCode;
use super::row::{hold, keep_former};
use super::{Account, AccountRefusal, Hashed, Holding};
use crate::caller::Posts;

/// What one signs in by: small letters, digits, and `. _ - @` between them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Login(String);

impl Login {
    pub fn parse(text: &str) -> Result<Login, OpenRefusal> {
        let text = text.trim();
        let plain = |one: char| one.is_ascii_lowercase() || one.is_ascii_digit();
        let fits = (2..=64).contains(&text.len())
            && text.chars().all(|one| plain(one) || "._-@".contains(one))
            && text.starts_with(plain)
            && text.ends_with(plain);
        if fits { Ok(Login(text.to_owned())) } else { Err(OpenRefusal::Login) }
    }
}

/// What a person is called; kept sealed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PersonName(String);

impl PersonName {
    pub fn parse(text: &str) -> Result<PersonName, OpenRefusal> {
        let text = text.trim();
        let fits = (1..=50).contains(&text.chars().count()) && !text.chars().any(char::is_control);
        if fits { Ok(PersonName(text.to_owned())) } else { Err(OpenRefusal::Name) }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OpenRefusal {
    Login,
    Name,
    LoginTaken,
    Posts(ActRefusal),
}

impl From<OpenRefusal> for Refusal {
    fn from(refusal: OpenRefusal) -> Refusal {
        match refusal {
            OpenRefusal::Login => Refusal::invalid("login", "login-form"),
            OpenRefusal::Name => Refusal::invalid("name", "person-name").with("most", 50),
            OpenRefusal::LoginTaken => AccountRefusal::LoginTaken.into(),
            OpenRefusal::Posts(refusal) => refusal.into(),
        }
    }
}

/// Opens an account without a password: a code, given with it, sets the first one.
pub struct InviteAccount {
    pub id: String,
    pub login: Login,
    pub name: PersonName,
    /// Keys of posts in the profile, held without an end: by whoever holds the machine alone.
    pub posts: Vec<String>,
    pub code: ActivationCode,
    pub until: Instant,
    pub actor: Actor,
    pub book: Arc<dyn Posts>,
}

#[derive(Serialize)]
struct Opened<'a> {
    v: u32,
    posts: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<Instant>,
}

impl Command for InviteAccount {
    type Output = ();
    type Refusal = OpenRefusal;

    async fn decide(&self, unit: &mut Unit) -> Result<(), Declined<OpenRefusal>> {
        let actions = |post: &str| self.book.grant(post).map(|grant| grant.actions);
        check_together(&self.posts, &actions).map_err(|refusal| Declined::Refused(OpenRefusal::Posts(refusal)))?;
        let at = unit.at();
        let account = Account {
            activation: Some(self.code.hash().to_vec()),
            activation_until: Some(self.until),
            ..bare(&self.id, &self.login.0, at)
        };
        let names = vec![("login", self.login.0.clone()), ("name", self.name.0.clone())];
        let opening = Opening { account, posts: &self.posts, names, until: Some(self.until), actor: &self.actor };
        match open(unit, opening).await? {
            true => Ok(()),
            false => Err(Declined::Refused(OpenRefusal::LoginTaken)),
        }
    }
}

/// An account opened now that has nothing yet.
pub(super) fn bare(id: &str, login: &str, now: Instant) -> Account {
    Account {
        id: id.to_owned(),
        login: login.to_owned(),
        password: String::new(),
        created_at: now,
        password_at: None,
        activation: None,
        activation_until: None,
        disabled_at: None,
        unlocked_at: None,
    }
}

pub(super) struct Opening<'a> {
    pub account: Account,
    pub posts: &'a [String],
    /// Personal values, to be sealed.
    pub names: Vec<(&'static str, String)>,
    /// When its code ends.
    pub until: Option<Instant>,
    pub actor: &'a Actor,
}

/// Writes the account and its fact; nothing where the login is another's.
pub(super) async fn open(unit: &mut Unit, opening: Opening<'_>) -> Result<bool, journal::JournalError> {
    let Opening { account, posts, names, until, actor } = opening;
    let at = unit.at();
    let tx = unit.tx().await?;
    // An identifier stays when its person was erased.
    let taken = sql("select count(*) from account where login = $1 or id = $2").bind(&account.login).bind(&account.id);
    let (taken,): (i64,) = tx.one(taken).await?;
    if taken > 0 {
        return Ok(false);
    }
    account.insert(tx).await?;
    for post in posts {
        hold(tx, &account.id, &Holding { post: post.clone(), from: None, until: None, stands_in_for: None }).await?;
    }
    let mut fact = NewFact::new("account.opened", at, actor.clone(), &Opened { v: 1, posts, until });
    let subject = format!("person/{}", account.id);
    let personal = |(field, value)| Personal { subject: subject.clone(), field, value };
    fact.personal = names.into_iter().map(personal).collect();
    unit.append(&super::stream(&account.id), 0, vec![fact]).await?;
    Ok(true)
}

/// Sets the password of an account whose code was given. The code opens nothing after.
pub(crate) struct Activate {
    pub account: String,
    pub code: [u8; 32],
    pub password: Hashed,
    pub former: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ActivateRefusal {
    /// Another code, one that was used, or one that has ended.
    Wrong,
}

impl From<ActivateRefusal> for Refusal {
    fn from(refusal: ActivateRefusal) -> Refusal {
        match refusal {
            ActivateRefusal::Wrong => Refusal::new(Kind::Unauthenticated, "activation-wrong"),
        }
    }
}

impl Command for Activate {
    type Output = ();
    type Refusal = ActivateRefusal;

    async fn decide(&self, unit: &mut Unit) -> Result<(), Declined<ActivateRefusal>> {
        let at = unit.at();
        let tx = unit.tx().await?;
        let found = Account::find(tx, &self.account).await?.filter(|account| account.is_opened_by(&self.code, at));
        let account = found.ok_or(Declined::Refused(ActivateRefusal::Wrong))?;
        keep_former(tx, &account, self.former).await?;
        let password = self.password.0.clone();
        let account = Account { password, password_at: Some(at), activation: None, activation_until: None, ..account };
        account.keep(tx).await?;
        let stream = super::stream(&self.account);
        let version = tail::version(tx, &stream).await?;
        let actor = Actor::Post { person: self.account.clone(), post: String::new() };
        let fact = NewFact::new("account.activated", at, actor, &serde_json::json!({ "v": 1 }));
        unit.append(&stream, version, vec![fact]).await?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logins_and_names_have_a_form() {
        for (text, fits) in [
            ("wang.fang", true),
            (" li2 ", true),
            ("a@yuexiu", true),
            ("x", false),
            ("Wang", false),
            (".wang", false),
            ("wang-", false),
            ("wang fang", false),
            ("王芳", false),
            (&"a".repeat(65), false),
        ] {
            assert_eq!(Login::parse(text).is_ok(), fits, "{text}");
        }
        assert!(PersonName::parse(" 王芳 ").is_ok() && PersonName::parse("  ").is_err());
        assert!(PersonName::parse("王\n芳").is_err() && PersonName::parse(&"王".repeat(51)).is_err());
    }
}
