//! Addresses of people: where mail and short messages go.

use lettre::Address;
use lettre::message::Mailbox;

/// Whether mail can be sent to it. Without line ends or anything else that could end a header. The header of a mail is read
/// again before it is sent: an address that does not come back as itself (a quoted name, a numbered host) is none.
pub fn is_mail(text: &str) -> bool {
    let Ok(address) = text.parse::<Address>() else { return false };
    if text.contains(char::is_control) {
        return false;
    }
    let comes_back = |mailbox: Mailbox| mailbox.name.is_none() && mailbox.email == address;
    text.len() <= 254 && text.parse::<Mailbox>().is_ok_and(comes_back)
}

/// Digits, perhaps with a `+` before them: 5 to 15, as E.164 has it at most.
pub fn is_phone(text: &str) -> bool {
    let digits = text.strip_prefix('+').unwrap_or(text);
    (5..=15).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_end_a_header_is_no_address() {
        for good in ["duty@example.org", "值班@example.org", "a.b+c@sub.example.org"] {
            assert!(is_mail(good), "{good}");
        }
        for bad in [
            "",
            "duty@exam\u{9d}ple.org",
            "duty",
            "a@b\r\nBcc: c@d",
            "a@b\nc",
            "a b@example.org",
            "\"a b\"@example.org",
            "a@[127.0.0.1]",
            "a@b,c@d",
            "<a@example.org>",
        ] {
            assert!(!is_mail(bad), "{bad:?}");
        }
        for good in ["13800005678", "+8613800005678", "12345"] {
            assert!(is_phone(good), "{good}");
        }
        for bad in ["", "1234", "138 0000 5678", "+", "1380000567890123", "13800005678\n"] {
            assert!(!is_phone(bad), "{bad:?}");
        }
    }
}
