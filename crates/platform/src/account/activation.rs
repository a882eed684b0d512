//! The code by which the owner of an account sets its first password, or one after a reset.

use jiff::SignedDuration;
use kernel::{Chance, Instant};
use sha2::{Digest, Sha256};

use crate::People;

/// Crockford's: without the letters that are taken for digits, or for each other.
const LETTERS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Of five bits each.
const LENGTH: usize = 16;

/// A code, to be shown once; only its hash is kept.
pub struct ActivationCode(String);

impl ActivationCode {
    pub fn draw(chance: &mut Chance) -> ActivationCode {
        let drawn: [u8; LENGTH] = chance.bytes();
        ActivationCode(drawn.iter().map(|byte| char::from(LETTERS[usize::from(byte % 32)])).collect())
    }

    /// In fours, as it is read out: `7K2M-9QX4-A0BT-WZ31`.
    pub fn reveal(&self) -> String {
        let fours: Vec<String> = self.0.as_bytes().chunks(4).map(|four| String::from_utf8_lossy(four).into()).collect();
        fours.join("-")
    }

    /// What is kept of it.
    pub fn hash(&self) -> [u8; 32] {
        Sha256::digest(self.0.as_bytes()).into()
    }
}

/// The hash of a code as someone typed it: small letters, spaces and letters taken for digits do no harm.
pub(crate) fn typed(text: &str) -> [u8; 32] {
    let letters =
        text.chars().filter(|one| !one.is_whitespace() && *one != '-').map(|one| match one.to_ascii_uppercase() {
            'O' => '0',
            'I' | 'L' => '1',
            other => other,
        });
    Sha256::digest(letters.collect::<String>().as_bytes()).into()
}

/// When a code given at `now` ends.
pub fn ends(rules: &People, now: Instant) -> Instant {
    now + SignedDuration::from_hours(i64::from(rules.activation_hours))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_known_however_it_is_typed() {
        let code = ActivationCode::draw(&mut Chance::seeded(1, "code"));
        let shown = code.reveal();
        assert_eq!((shown.len(), shown.matches('-').count()), (19, 3));
        let careless = shown.to_lowercase().replace('-', " ").replace('0', "o").replace('1', "l");
        assert_eq!([typed(&shown), typed(&careless)], [code.hash(), code.hash()]);
        assert_ne!(typed(&shown[1..]), code.hash());
    }
}
