//! Residents: known by a telephone number that a code was sent to, and by nothing else. An account is made at the first sign-in.
//!
//! The number is personal and sealed in the account's facts. It is found again by a hash under a key that the master key wraps:
//! who has only the tables learns no number from it.

mod command;
pub(crate) mod http;
pub(crate) mod row;

use hmac::{Hmac, KeyInit, Mac};
use journal::{Journal, JournalError, tail};
use kernel::text::Language;
use kernel::{Chance, Kind, Refusal};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

use crate::{PlatformState, Problem};

/// Whether an account is a resident's.
pub(crate) async fn is_resident(platform: &PlatformState, account: &str, language: Language) -> Result<bool, Problem> {
    let found = row::is_resident(&mut platform.journal.db(), account).await;
    found.map_err(|error| Problem::internal(&error, language))
}

/// The telephone of a resident, for whoever the resident reports to; none where it was erased. Whoever calls this answers for
/// the look.
pub async fn phone_of(journal: &Journal, account: &str) -> Result<Option<String>, JournalError> {
    let Some(fact) = tail::of_stream(&mut journal.db(), &format!("account/{account}"), 1).await? else {
        return Ok(None);
    };
    let opened = journal.sealer().open(&mut journal.db(), &fact).await?;
    Ok(opened.value("phone").map(str::to_owned))
}

/// The pseudo-post of residents, and the role in the profile that says what it allows.
pub const RESIDENT: &str = "resident";

/// The section `[people.residents]`. All figures are samples.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Residents {
    /// A code holds so long.
    pub code_minutes: u32,
    /// And may be tried so often.
    pub code_tries: u32,
    /// Between two codes for one number so many seconds pass.
    pub wait_seconds: u32,
    /// Codes an hour for one number.
    pub per_phone_hour: u32,
    /// Codes an hour asked for from one network address.
    pub per_address_hour: u32,
}

impl Default for Residents {
    fn default() -> Residents {
        Residents { code_minutes: 5, code_tries: 5, wait_seconds: 60, per_phone_hour: 5, per_address_hour: 30 }
    }
}

/// A telephone number as E.164 writes it. Personal.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Phone(String);

impl Phone {
    /// With a country's code after `+`, or a mobile number of the Chinese mainland. Spaces and hyphens do not matter.
    pub fn parse(text: &str) -> Result<Phone, ResidentRefusal> {
        let told: String = text.chars().filter(|one| !one.is_whitespace() && *one != '-').take(20).collect();
        let is_number = |digits: &str| digits.bytes().all(|one| one.is_ascii_digit()) && !digits.starts_with('0');
        match told.strip_prefix('+') {
            Some(digits) if (8..=15).contains(&digits.len()) && is_number(digits) => Ok(Phone(told)),
            None if told.len() == 11 && told.starts_with('1') && is_number(&told) => Ok(Phone(format!("+86{told}"))),
            _ => Err(ResidentRefusal::Phone),
        }
    }

    pub fn reveal(&self) -> &str {
        &self.0
    }
}

/// The key under which numbers, codes and addresses are hashed.
pub(crate) struct PhoneKey([u8; 32]);

impl PhoneKey {
    /// Its name among the keys of the house.
    const NAME: &str = "residents";

    fn phone(&self, phone: &Phone) -> [u8; 32] {
        self.hash(&[b"phone", phone.0.as_bytes()])
    }

    fn code(&self, phone: &Phone, code: &str) -> [u8; 32] {
        self.hash(&[b"code", phone.0.as_bytes(), code.as_bytes()])
    }

    fn address(&self, address: &str) -> [u8; 32] {
        self.hash(&[b"address", address.as_bytes()])
    }

    fn hash(&self, parts: &[&[u8]]) -> [u8; 32] {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).expect("any length is a key of HMAC");
        for part in parts {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part);
        }
        mac.finalize().into_bytes().into()
    }
}

/// Six digits.
fn draw_code(chance: &mut Chance) -> String {
    format!("{:06}", chance.below(1_000_000))
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ResidentRefusal {
    /// The profile has no role of that name.
    NotServed,
    /// It is no telephone number.
    Phone,
    TooOften,
    /// The gateway did not take the message.
    NotSent,
    /// The code is wrong, over or used, or was never sent.
    Code,
}

impl From<ResidentRefusal> for Refusal {
    fn from(refusal: ResidentRefusal) -> Refusal {
        match refusal {
            ResidentRefusal::NotServed => Refusal::new(Kind::NotFound, "residents-not-served"),
            ResidentRefusal::Phone => Refusal::invalid("phone", "phone-wrong"),
            ResidentRefusal::TooOften => Refusal::new(Kind::Unavailable, "code-too-often"),
            ResidentRefusal::NotSent => Refusal::new(Kind::Unavailable, "code-not-sent"),
            ResidentRefusal::Code => {
                Refusal { field: Some("code"), ..Refusal::new(Kind::Unauthenticated, "phone-code-wrong") }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_read_as_people_write_it() {
        let check = |text: &str, expected: Option<&str>| {
            assert_eq!(Phone::parse(text).ok().as_ref().map(Phone::reveal), expected, "{text}");
        };
        check("138 0000-5678", Some("+8613800005678"));
        check("+86 13800005678", Some("+8613800005678"));
        check("+1 617 555 0123", Some("+16175550123"));
        for wrong in [
            "",
            "+",
            "1380000567",
            "138000056789",
            "02083330000",
            "+0123456789",
            "+1234567",
            "１３８００００５６７８",
            "+86138000056x8",
        ] {
            check(wrong, None);
        }
    }

    #[test]
    fn a_hash_is_of_its_key_and_its_kind() {
        let (one, other) = (PhoneKey([1; 32]), PhoneKey([2; 32]));
        let phone = Phone::parse("13800005678").ok().unwrap();
        let hashes = [
            one.phone(&phone),
            other.phone(&phone),
            one.address(&phone.0),
            one.code(&phone, ""),
            one.code(&phone, "1"),
        ];
        assert_eq!(hashes.iter().collect::<std::collections::BTreeSet<_>>().len(), hashes.len());
        assert_eq!(one.phone(&phone), PhoneKey([1; 32]).phone(&phone));
    }

    #[test]
    fn a_code_has_six_digits() {
        let mut chance = Chance::seeded(1, "codes");
        assert!((0..1_000).map(|_| draw_code(&mut chance)).all(|code| code.len() == 6 && code.parse::<u32>().is_ok()));
    }
}
