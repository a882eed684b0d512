//! Signing in by another system (OpenID Connect): the authorization code flow with PKCE, state and nonce.
//!
//! It signs in to an account that was linked before, by issuer and subject; it never makes one. State, nonce and the verifier are
//! all made from one secret in a cookie, so that only the browser that went away comes back.

mod command;
pub(crate) mod http;
mod provider;
pub(crate) mod row;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use kernel::{Chance, Kind, Refusal};
use reqwest::Url;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

pub use provider::Oidc;

/// The section `[people.oidc]`. The secret is `oidc_secret` or lies in `oidc_secret_file`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OidcConfig {
    /// Over https, unless on this machine.
    pub issuer: String,
    pub client_id: String,
    /// Where browsers reach this server, such as `https://huying.example`; the address to come back to is below it.
    pub origin: String,
    /// What the button says.
    pub name_zh: String,
    pub name_en: String,
}

/// What is wrong with the settings.
#[derive(Debug, thiserror::Error)]
pub enum OidcConfigError {
    #[error("people.oidc.{0} is no https address, and not one of this machine")]
    Address(&'static str),
    #[error("people.oidc is set, but neither oidc_secret nor oidc_secret_file")]
    NoSecret,
    #[error("oidc_secret_file {0} cannot be read: {1}")]
    SecretFile(std::path::PathBuf, std::io::Error),
    #[error("people.oidc: {0}")]
    Client(#[from] reqwest::Error),
}

impl OidcConfig {
    fn check(&self) -> Result<(), OidcConfigError> {
        for (field, text) in [("issuer", &self.issuer), ("origin", &self.origin)] {
            if !is_safe(text) {
                return Err(OidcConfigError::Address(field));
            }
        }
        Ok(())
    }
}

/// Nobody on the way reads along: https, or this very machine.
fn is_safe(text: &str) -> bool {
    let Ok(url) = text.parse::<Url>() else { return false };
    let is_here = || match url.host_str() {
        Some("localhost") => true,
        Some(host) => {
            let address = host.trim_start_matches('[').trim_end_matches(']').parse::<std::net::IpAddr>();
            address.is_ok_and(|address| address.is_loopback())
        }
        None => false,
    };
    url.scheme() == "https" || (url.scheme() == "http" && is_here())
}

/// What the browser that goes away keeps, and everything that is made from it.
pub(crate) struct Attempt([u8; 32]);

impl Attempt {
    pub fn draw(chance: &mut Chance) -> Attempt {
        Attempt(chance.bytes())
    }

    pub fn parse(text: &str) -> Option<Attempt> {
        URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok().map(Attempt)
    }

    pub fn reveal(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.0)
    }

    pub fn hash(&self) -> [u8; 32] {
        Sha256::digest(self.0).into()
    }

    pub fn state(&self) -> String {
        self.made("state")
    }

    pub fn nonce(&self) -> String {
        self.made("nonce")
    }

    /// 43 characters, as RFC 7636 wants.
    pub fn verifier(&self) -> String {
        self.made("verifier")
    }

    fn made(&self, what: &str) -> String {
        URL_SAFE_NO_PAD.encode(keyed(&self.0, &[what.as_bytes()]))
    }
}

fn keyed(key: &[u8; 32], parts: &[&[u8]]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("any length is a key of HMAC");
    for part in parts {
        mac.update(&(part.len() as u64).to_be_bytes());
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

/// The key under which identities are hashed.
pub(crate) struct IdentityKey([u8; 32]);

impl IdentityKey {
    /// Its name among the keys of the house.
    const NAME: &str = "oidc";

    fn identity(&self, issuer: &str, subject: &str) -> [u8; 32] {
        keyed(&self.0, &[issuer.as_bytes(), subject.as_bytes()])
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OidcRefusal {
    /// None is configured.
    NotServed,
    /// The other system cannot be reached, or answers otherwise than the standard says.
    Failed,
    /// It did not let the person in, or the person gave up.
    Refused,
    /// This browser did not go there, or too long ago.
    Attempt,
    /// No account is linked to whom it calls so.
    Unlinked,
    /// Another account is.
    Taken,
    /// The account is linked to nobody there.
    NotLinked,
    /// There is no such account.
    NoAccount,
    /// An administrator links their own account.
    Own,
    Subject,
}

impl OidcRefusal {
    pub fn code(self) -> &'static str {
        match self {
            OidcRefusal::NotServed => "oidc-not-served",
            OidcRefusal::Failed => "oidc-failed",
            OidcRefusal::Refused => "oidc-refused",
            OidcRefusal::Attempt => "oidc-attempt",
            OidcRefusal::Unlinked => "oidc-unlinked",
            OidcRefusal::Taken => "oidc-taken",
            OidcRefusal::NotLinked => "oidc-not-linked",
            OidcRefusal::NoAccount => "account-unknown",
            OidcRefusal::Own => "oidc-own",
            OidcRefusal::Subject => "oidc-subject",
        }
    }
}

impl From<OidcRefusal> for Refusal {
    fn from(refusal: OidcRefusal) -> Refusal {
        let code = refusal.code();
        match refusal {
            OidcRefusal::NotServed | OidcRefusal::NoAccount => Refusal::new(Kind::NotFound, code),
            OidcRefusal::Failed => Refusal::new(Kind::Unavailable, code),
            OidcRefusal::Refused | OidcRefusal::Attempt | OidcRefusal::Unlinked => {
                Refusal::new(Kind::Unauthenticated, code)
            }
            OidcRefusal::Taken | OidcRefusal::NotLinked => Refusal::new(Kind::Conflict, code),
            OidcRefusal::Own => Refusal::new(Kind::Forbidden, code),
            OidcRefusal::Subject => Refusal::invalid("subject", code),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_on_the_way_reads_along() {
        for safe in
            ["https://login.example", "http://127.0.0.1:4000", "http://localhost:4000/oidc", "http://[::1]:4000"]
        {
            assert!(is_safe(safe), "{safe}");
        }
        for open in [
            "http://login.example",
            "http://127.0.0.1.example",
            "ftp://127.0.0.1",
            "login.example",
            "http://10.0.0.1",
            "",
        ] {
            assert!(!is_safe(open), "{open}");
        }
    }

    #[test]
    fn all_that_an_attempt_says_is_its_own() {
        let (one, other) = (Attempt([1; 32]), Attempt([2; 32]));
        let said =
            [one.state(), one.nonce(), one.verifier(), one.reveal(), other.state(), other.nonce(), other.verifier()];
        assert_eq!(said.iter().collect::<std::collections::BTreeSet<_>>().len(), said.len());
        assert_eq!(one.verifier().len(), 43);
        assert_eq!(Attempt::parse(&one.reveal()).unwrap().state(), one.state());
        assert!(Attempt::parse("?").is_none() && Attempt::parse("AAAA").is_none());
    }

    #[test]
    fn an_identity_is_of_issuer_and_subject() {
        let key = IdentityKey([1; 32]);
        assert_ne!(key.identity("a", "bc"), key.identity("ab", "c"));
        assert_ne!(key.identity("a", "b"), IdentityKey([2; 32]).identity("a", "b"));
    }
}
