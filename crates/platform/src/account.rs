//! Accounts: who can sign in, and the posts they hold.

use argon2::password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash};
use argon2::{Algorithm, Argon2, Params, Version};
use journal::{Command, Declined, JournalError, NewFact, Personal, Unit};
use kernel::{Actor, Chance, Kind, Refusal};
use serde::Serialize;
use store::{Read, sql};

/// Opens an account. The login is personal and sealed; the password goes nowhere but into the account's row, hashed.
pub struct OpenAccount {
    pub id: String,
    pub login: String,
    pub password: Hashed,
    /// Keys of posts in the profile.
    pub posts: Vec<String>,
    pub actor: Actor,
}

/// A password as it is stored: a PHC string of argon2id.
#[derive(Clone)]
pub struct Hashed(String);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccountRefusal {
    LoginTaken,
    /// Fewer than 8 characters.
    PasswordTooShort,
}

impl From<AccountRefusal> for Refusal {
    fn from(refusal: AccountRefusal) -> Refusal {
        match refusal {
            AccountRefusal::LoginTaken => {
                Refusal { field: Some("login"), ..Refusal::new(Kind::Conflict, "login-taken") }
            }
            AccountRefusal::PasswordTooShort => Refusal::invalid("password", "password-too-short").with("least", 8),
        }
    }
}

fn argon2() -> Argon2<'static> {
    // OWASP's second choice for argon2id: 19 MiB, two passes, one lane.
    let params = Params::new(19 * 1024, 2, 1, None).expect("these parameters are within argon2's limits");
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

impl Hashed {
    /// Takes tens of milliseconds, as it should: not for the async threads.
    pub fn new(password: &str, chance: &mut Chance) -> Result<Hashed, AccountRefusal> {
        if password.chars().count() < 8 {
            return Err(AccountRefusal::PasswordTooShort);
        }
        let salt: [u8; 16] = chance.bytes();
        let hash = argon2().hash_password_with_salt(password.as_bytes(), &salt).expect("argon2 hashes any password");
        Ok(Hashed(hash.to_string()))
    }

    pub(crate) fn stored(text: String) -> Hashed {
        Hashed(text)
    }

    pub(crate) fn matches(&self, password: &str) -> bool {
        PasswordHash::new(&self.0).is_ok_and(|hash| argon2().verify_password(password.as_bytes(), &hash).is_ok())
    }
}

#[derive(Serialize)]
struct Opened<'a> {
    v: u32,
    posts: &'a [String],
}

impl Command for OpenAccount {
    type Output = ();
    type Refusal = AccountRefusal;

    async fn decide(&self, unit: &mut Unit) -> Result<(), Declined<AccountRefusal>> {
        let taken = sql("select count(*) from account where login = $1").bind(&self.login);
        let (taken,): (i64,) = unit.tx().await?.one(taken).await?;
        if taken > 0 {
            return Err(Declined::Refused(AccountRefusal::LoginTaken));
        }
        let at = unit.at();
        let insert = sql("insert into account (id, login, password, created_at) values ($1, $2, $3, $4)")
            .bind(&self.id)
            .bind(&self.login)
            .bind(&self.password.0)
            .bind(at.micros());
        unit.tx().await?.run(insert).await?;
        for post in &self.posts {
            let insert = sql("insert into account_post (account, post) values ($1, $2)").bind(&self.id).bind(post);
            unit.tx().await?.run(insert).await?;
        }
        let mut fact = NewFact::new("account.opened", at, self.actor.clone(), &Opened { v: 1, posts: &self.posts });
        let subject = format!("person/{}", self.id);
        fact.personal.push(Personal { subject, field: "login", value: self.login.clone() });
        unit.append(&format!("account/{}", self.id), 0, vec![fact]).await?;
        Ok(())
    }
}

/// The posts of an account, by key.
pub async fn posts_of(read: &mut impl Read, account: &str) -> Result<Vec<String>, JournalError> {
    let select = sql("select post from account_post where account = $1 order by post").bind(account);
    let rows: Vec<(String,)> = read.all(select).await?;
    Ok(rows.into_iter().map(|(post,)| post).collect())
}
