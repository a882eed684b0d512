//! Accounts: who can sign in, and the posts they hold.

pub mod act;
pub mod activation;
mod administer;
mod change;
mod erase;
mod holding;
pub(crate) mod http;
mod list;
mod open;
pub mod password;
pub(crate) mod row;

use argon2::password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash};
use argon2::{Algorithm, Argon2, Params, Version};
use journal::{Command, Declined, Unit};
use kernel::{Actor, Chance, Kind, Refusal};

pub use act::{Act, ActRefusal};
pub use activation::ActivationCode;
pub use administer::Administer;
pub(crate) use change::ChangePassword;
pub use erase::ErasePerson;
pub use holding::Holding;
pub(crate) use open::{Activate, ActivateRefusal};
pub use open::{InviteAccount, Login, OpenRefusal, PersonName};
pub use password::PasswordRefusal;
pub(crate) use row::Account;
pub use row::{any, id_of};

/// Opens an account with its password: for demonstrations and tests, which know both. Districts invite ([`InviteAccount`]). The
/// login is personal and sealed; the password goes nowhere but into the account's row, hashed.
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

/// No password has fewer characters, whatever is configured.
const LEAST: u32 = 8;

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
            AccountRefusal::PasswordTooShort => Refusal::invalid("password", "password-too-short").with("least", LEAST),
        }
    }
}

pub(crate) fn stream(account: &str) -> String {
    format!("account/{account}")
}

fn argon2() -> Argon2<'static> {
    // OWASP's second choice for argon2id: 19 MiB, two passes, one lane.
    let params = Params::new(19 * 1024, 2, 1, None).expect("these parameters are within argon2's limits");
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

impl Hashed {
    /// Takes tens of milliseconds, as it should: not for the async threads.
    pub fn new(password: &str, chance: &mut Chance) -> Result<Hashed, AccountRefusal> {
        if password.chars().count() < LEAST as usize {
            return Err(AccountRefusal::PasswordTooShort);
        }
        let salt: [u8; 16] = chance.bytes();
        let hash = argon2().hash_password_with_salt(password.as_bytes(), &salt).expect("argon2 hashes any password");
        Ok(Hashed(hash.to_string()))
    }

    pub(crate) fn stored(text: String) -> Hashed {
        Hashed(text)
    }

    /// Takes as long where there is no password yet.
    pub(crate) fn matches(&self, password: &str) -> bool {
        // argon2id of nothing anybody knows.
        const NOBODY: &str =
            "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5IG5vYm9keQ$MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE";
        let stored = if self.0.is_empty() { NOBODY } else { &self.0 };
        let hash = PasswordHash::new(stored);
        hash.is_ok_and(|hash| argon2().verify_password(password.as_bytes(), &hash).is_ok()) && !self.0.is_empty()
    }
}

impl Command for OpenAccount {
    type Output = ();
    type Refusal = AccountRefusal;

    async fn decide(&self, unit: &mut Unit) -> Result<(), Declined<AccountRefusal>> {
        let at = unit.at();
        let password = self.password.0.clone();
        let account = Account { password, password_at: Some(at), ..open::bare(&self.id, &self.login, at) };
        let names = vec![("login", self.login.clone())];
        let opening = open::Opening { account, posts: &self.posts, names, until: None, actor: &self.actor };
        match open::open(unit, opening).await? {
            true => Ok(()),
            false => Err(Declined::Refused(AccountRefusal::LoginTaken)),
        }
    }
}
