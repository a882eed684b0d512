//! The second factor: a code by time from a device that shares a secret (RFC 6238), and recovery codes for when it is lost.
//!
//! The secret is personal and sealed in the account's facts. A code counts once: the step it belongs to is kept, and none at or
//! before it is taken again, whichever node is asked.

mod command;
pub(crate) mod http;
pub(crate) mod row;
pub(crate) mod step;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use kernel::{Chance, Instant, Kind, Refusal};
use sha2::{Digest, Sha256};
use totp_rs::{Algorithm, Builder, Totp};

use crate::administration::is_administrative;
use crate::{Grant, People};

/// A code changes so often, in seconds; one before and one after are taken too, for clocks that differ (RFC 6238, 5.2).
const STEP: u64 = 30;
const SKEW: u16 = 1;
const DIGITS: u8 = 6;

/// So many recovery codes are given.
const CODES: usize = 10;
/// Characters of one, of 32 kinds: 80 bits, so that their hash tells nothing.
const CODE_LENGTH: usize = 16;
/// Crockford's letters: none that looks like another.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

fn account_stream(account: &str) -> String {
    format!("account/{account}")
}

/// What a device and the server share. Personal.
pub struct FactorSecret([u8; 20]);

impl FactorSecret {
    pub fn draw(chance: &mut Chance) -> FactorSecret {
        FactorSecret(chance.bytes())
    }

    /// As in [`FactorSecret::reveal`].
    pub fn parse(text: &str) -> Option<FactorSecret> {
        let secret = totp_rs::Secret::try_from_base32(text).ok()?;
        secret.as_bytes().try_into().ok().map(FactorSecret)
    }

    /// In base32, for a device that cannot read the picture.
    pub fn reveal(&self) -> String {
        totp_rs::Secret::from(self.0.to_vec()).to_base32()
    }

    /// What the picture holds. The label and the issuer are shown by the device.
    pub fn uri(&self, issuer: &str, login: &str) -> String {
        let (issuer, login) = (percent(issuer), percent(login));
        let secret = self.reveal();
        format!(
            "otpauth://totp/{issuer}:{login}?secret={secret}&issuer={issuer}&algorithm=SHA1&digits={DIGITS}&period={STEP}"
        )
    }

    /// The code at an instant.
    pub fn code_at(&self, now: Instant) -> String {
        self.totp().generate(seconds(now)).to_string()
    }

    /// The step that `code` belongs to, if it is near `now`.
    fn step_of(&self, code: &str, now: Instant) -> Option<i64> {
        self.totp().check(code, seconds(now)).and_then(|step| i64::try_from(step).ok())
    }

    fn totp(&self) -> Totp {
        let builder = Builder::new().with_algorithm(Algorithm::SHA1).with_digits(DIGITS).with_step_duration(STEP);
        builder
            .with_skew(SKEW)
            .with_secret(self.0.to_vec())
            .build()
            .expect("six digits and 160 bits are as RFC 4226 wants")
    }
}

fn seconds(now: Instant) -> u64 {
    u64::try_from(now.micros() / 1_000_000).unwrap_or(0)
}

/// All but RFC 3986's unreserved characters, encoded.
fn percent(text: &str) -> String {
    let encode = |byte: u8| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    };
    text.bytes().map(encode).collect()
}

/// A recovery code, to be shown once.
#[derive(Clone)]
pub(crate) struct RecoveryCode(String);

impl RecoveryCode {
    fn draw_all(chance: &mut Chance) -> Vec<RecoveryCode> {
        let one = |chance: &mut Chance| {
            let bytes: [u8; CODE_LENGTH] = chance.bytes();
            RecoveryCode(bytes.iter().map(|byte| char::from(ALPHABET[usize::from(byte % 32)])).collect())
        };
        (0..CODES).map(|_| one(chance)).collect()
    }

    /// In four groups.
    fn reveal(&self) -> String {
        let groups: Vec<&str> = (0..CODE_LENGTH / 4).map(|group| &self.0[group * 4..group * 4 + 4]).collect();
        groups.join("-")
    }

    fn hash(&self, account: &str) -> [u8; 32] {
        let mut hash = Sha256::new();
        hash.update(b"huying recovery code\0");
        hash.update(account.as_bytes());
        hash.update(b"\0");
        hash.update(self.0.as_bytes());
        hash.finalize().into()
    }
}

/// What somebody typed.
pub(crate) enum Typed {
    /// Six digits of a device.
    Code(String),
    Recovery(RecoveryCode),
}

impl Typed {
    /// Spaces and hyphens do not matter, nor do small letters, nor letters that look like digits.
    fn of(text: &str) -> Option<Typed> {
        let told: String =
            text.chars().filter(|one| !one.is_whitespace() && *one != '-').take(CODE_LENGTH + 1).collect();
        if told.len() == usize::from(DIGITS) && told.bytes().all(|one| one.is_ascii_digit()) {
            return Some(Typed::Code(told));
        }
        let alike = |one: char| match one.to_ascii_uppercase() {
            'O' => '0',
            'I' | 'L' => '1',
            other => other,
        };
        let told: String = told.chars().map(alike).collect();
        let is_code = told.len() == CODE_LENGTH && told.bytes().all(|one| ALPHABET.contains(&one));
        is_code.then_some(Typed::Recovery(RecoveryCode(told)))
    }
}

/// Whether who holds these posts must have a second factor: those of the configured roles, or whoever administers where none
/// are configured.
pub(crate) fn is_required(rules: &People, grants: &[Grant]) -> bool {
    grants.iter().any(|grant| match &rules.second_factor {
        Some(roles) => roles.contains(&grant.role),
        None => grant.actions.iter().any(|action| is_administrative(action)),
    })
}

/// A ticket of 32 bytes, and how it stands in its row.
pub(crate) struct Ticket([u8; 32]);

impl Ticket {
    fn draw(chance: &mut Chance) -> Ticket {
        Ticket(chance.bytes())
    }

    fn parse(text: &str) -> Option<Ticket> {
        URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok().map(Ticket)
    }

    fn reveal(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.0)
    }

    fn hash(&self) -> [u8; 32] {
        Sha256::digest(self.0).into()
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FactorRefusal {
    /// The code is wrong or was used.
    Wrong,
    /// Password or code is wrong.
    Proof,
    /// There is none, or none that waits to be confirmed.
    None,
    /// The post demands one.
    Required,
    /// An API client has none, nor a resident, who has no password.
    NotAPerson,
    /// An administrator asks to have its own reset.
    Own,
    /// The ticket is unknown, too old, or was used or tried too often.
    Ticket,
}

impl From<FactorRefusal> for Refusal {
    fn from(refusal: FactorRefusal) -> Refusal {
        let at = |field, kind, code| Refusal { field: Some(field), ..Refusal::new(kind, code) };
        match refusal {
            FactorRefusal::Wrong => at("code", Kind::Invalid, "second-factor-wrong"),
            FactorRefusal::Proof => at("password", Kind::Invalid, "second-factor-proof"),
            FactorRefusal::None => Refusal::new(Kind::Conflict, "second-factor-none"),
            FactorRefusal::Required => Refusal::new(Kind::Forbidden, "second-factor-required"),
            FactorRefusal::Own => Refusal::new(Kind::Forbidden, "second-factor-own"),
            FactorRefusal::NotAPerson => Refusal::new(Kind::Forbidden, "second-factor-of-people"),
            FactorRefusal::Ticket => at("ticket", Kind::Unauthenticated, "ticket-unknown"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Instant {
        Instant::from_micros(seconds * 1_000_000)
    }

    /// RFC 6238, appendix B, SHA-1: the last six of its eight digits.
    #[test]
    fn codes_are_those_of_the_standard() {
        let secret = FactorSecret(*b"12345678901234567890");
        for (seconds, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(secret.code_at(at(seconds)), code);
            assert_eq!(secret.step_of(code, at(seconds)), Some(seconds / 30));
        }
    }

    #[test]
    fn a_code_counts_one_step_around_its_own() {
        let secret = FactorSecret::draw(&mut Chance::seeded(1, "factor"));
        let code = secret.code_at(at(3_000));
        let steps = [2_939, 2_970, 3_000, 3_029, 3_059, 3_060].map(|now| secret.step_of(&code, at(now)));
        assert_eq!(steps, [None, Some(100), Some(100), Some(100), Some(100), None]);
        assert_eq!(secret.step_of("", at(3_000)), None);
    }

    #[test]
    fn a_secret_is_told_to_a_device_and_back() {
        let secret = FactorSecret(*b"12345678901234567890");
        assert_eq!(secret.reveal(), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
        assert_eq!(FactorSecret::parse(&secret.reveal()).unwrap().0, secret.0);
        assert!(FactorSecret::parse("GEZDGNBV").is_none() && FactorSecret::parse("?").is_none());
        let uri = secret.uri("呼应", "li@四");
        assert!(uri.starts_with("otpauth://totp/%E5%91%BC%E5%BA%94:li%40%E5%9B%9B?secret=GEZDGNBV"), "{uri}");
    }

    #[test]
    fn what_is_typed_is_a_code_or_a_recovery_code() {
        assert!(matches!(Typed::of(" 123 456"), Some(Typed::Code(code)) if code == "123456"));
        for wrong in
            ["", "12345", "1234567", "１２３４５６", "ABCD-EFGH-JKMN-PQR", "ABCD-EFGH-JKMN-PQRU", "ABCDEFGHJKMNPQRST"]
        {
            assert!(Typed::of(wrong).is_none(), "{wrong}");
        }
        let code = RecoveryCode::draw_all(&mut Chance::seeded(1, "codes")).remove(3);
        let slip = code.reveal().to_lowercase().replace('1', "l").replace('0', "o").replace('-', " ");
        let Some(Typed::Recovery(read)) = Typed::of(&slip) else { panic!("{slip}") };
        assert_eq!(read.hash("li"), code.hash("li"));
        assert_ne!(read.hash("li"), code.hash("wang"));
    }

    #[test]
    fn administrators_must_have_one_unless_roles_are_named() {
        let grant = |role: &str, action: &str| Grant {
            post: role.into(),
            role: role.into(),
            organization: String::new(),
            organizations: Default::default(),
            line: Default::default(),
            area: String::new(),
            reach: crate::Reach::Own,
            sensitivity: crate::Sensitivity::Public,
            actions: [action.to_owned()].into(),
        };
        let (clerk, auditor) = (grant("clerk", "case.read"), grant("auditor", "audit.read"));
        let check = |second_factor: Option<&[&str]>, grants: &[&Grant]| {
            let roles = second_factor.map(|roles| roles.iter().map(|role| (*role).to_owned()).collect());
            let rules = People { second_factor: roles, ..People::default() };
            is_required(&rules, &grants.iter().map(|grant| (*grant).clone()).collect::<Vec<_>>())
        };
        assert!(check(None, &[&clerk, &auditor]) && !check(None, &[&clerk]) && !check(None, &[]));
        assert!(check(Some(&["clerk"]), &[&clerk]) && !check(Some(&["clerk"]), &[&auditor]));
        assert!(!check(Some(&[]), &[&clerk, &auditor]));
    }
}
