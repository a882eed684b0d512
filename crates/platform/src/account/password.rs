//! What a password has to be like. Eight characters of three kinds and ninety days are common practice under GB/T 22239-2019
//! level 3 (惯例); that the last five do not come back is ours.

use kernel::{Instant, Refusal};

use crate::People;

/// A longer one is refused, so that nobody makes the server hash a book.
const MOST: usize = 128;
/// A login that is shorter than this may stand in a password by chance.
const TELLING: usize = 3;

/// Why a password is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PasswordRefusal {
    TooShort {
        least: u32,
    },
    TooLong,
    /// Of too few kinds of character.
    TooPlain {
        least: u32,
    },
    HoldsLogin,
    /// It is the present one, or one of those before.
    Former {
        count: u32,
    },
}

impl From<PasswordRefusal> for Refusal {
    fn from(refusal: PasswordRefusal) -> Refusal {
        let of = |code| Refusal::invalid("password", code);
        match refusal {
            PasswordRefusal::TooShort { least } => of("password-too-short").with("least", least),
            PasswordRefusal::TooLong => of("password-too-long").with("most", MOST),
            PasswordRefusal::TooPlain { least } => of("password-too-plain").with("least", least),
            PasswordRefusal::HoldsLogin => of("password-holds-login"),
            PasswordRefusal::Former { count } => of("password-former").with("count", count),
        }
    }
}

/// Whether `password` is as the rules want it, but for those before it.
pub fn check(rules: &People, login: &str, password: &str) -> Result<(), PasswordRefusal> {
    let length = password.chars().count();
    if length < rules.password_length as usize {
        return Err(PasswordRefusal::TooShort { least: rules.password_length });
    }
    if length > MOST {
        return Err(PasswordRefusal::TooLong);
    }
    let least = rules.password_classes.min(4);
    if classes(password) < least {
        return Err(PasswordRefusal::TooPlain { least });
    }
    let (login, lower) = (login.to_lowercase(), password.to_lowercase());
    if login.chars().count() >= TELLING && lower.contains(&login) {
        return Err(PasswordRefusal::HoldsLogin);
    }
    Ok(())
}

/// How many of four kinds there are: small letters, capitals, digits, everything else.
fn classes(password: &str) -> u32 {
    let kinds: [fn(char) -> bool; 3] =
        [|one| one.is_ascii_lowercase(), |one| one.is_ascii_uppercase(), |one| one.is_ascii_digit()];
    let others = password.chars().any(|one| !one.is_ascii_alphanumeric());
    kinds.into_iter().filter(|kind| password.chars().any(kind)).count() as u32 + u32::from(others)
}

/// When a password set at `set` has to be changed; never where the rules name no age.
pub fn ends(rules: &People, set: Instant) -> Option<Instant> {
    let age = jiff::SignedDuration::from_hours(24 * i64::from(rules.password_days));
    (rules.password_days > 0).then(|| set + age)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(password: &str) -> Result<(), PasswordRefusal> {
        super::check(&People::default(), "wang.fang", password)
    }

    #[test]
    fn a_password_is_long_and_mixed_and_not_the_login() {
        assert_eq!(check("Huying-1"), Ok(()));
        assert_eq!(check("越秀区2026a"), Ok(()), "what is no Latin letter is a kind of its own");
        assert_eq!(check("Huyi-12"), Err(PasswordRefusal::TooShort { least: 8 }));
        assert_eq!(check(&"Aa1".repeat(43)), Err(PasswordRefusal::TooLong));
        assert_eq!(check("huying2026"), Err(PasswordRefusal::TooPlain { least: 3 }));
        assert_eq!(check("Wang.Fang-26"), Err(PasswordRefusal::HoldsLogin));
        assert_eq!(super::check(&People::default(), "li", "Delight-26"), Ok(()), "two letters stand anywhere");
        let strict = People { password_length: 14, password_classes: 9, ..People::default() };
        assert_eq!(super::check(&strict, "li", "Huying-2026-xy"), Ok(()), "there are but four kinds");
        assert_eq!(super::check(&strict, "li", "Huying2026abcd"), Err(PasswordRefusal::TooPlain { least: 4 }));
    }

    #[test]
    fn a_password_ages_unless_no_age_is_named() {
        let set: Instant = "2026-03-01T00:00:00Z".parse().unwrap();
        assert_eq!(ends(&People::default(), set), Some("2026-05-30T00:00:00Z".parse().unwrap()));
        assert_eq!(ends(&People { password_days: 0, ..People::default() }, set), None);
    }
}
