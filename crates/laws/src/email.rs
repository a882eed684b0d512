//! Addresses that mail goes to, and what is written into a mail.

mod reader;

use kernel::Instant;
use lettre::Address;
use lettre::message::Mailbox;
use platform::mail::{Mail, message};
use platform::notice::is_mail;

use crate::take::Take;
use reader::{Letter, decoded, recipient};

/// RFC 5322 §2.1.1: no line is longer, in bytes, without its end.
const LONGEST_LINE: usize = 998;
const HEADERS: [&str; 8] =
    ["content-transfer-encoding", "content-type", "date", "from", "message-id", "mime-version", "subject", "to"];

/// The first byte `@` says that the rest may be an address; otherwise the bytes are the words of a mail.
pub fn law(data: &[u8]) {
    match data.split_first() {
        Some((b'@', text)) => address(&String::from_utf8_lossy(text)),
        _ => words(Take(data)),
    }
}

/// What passes for an address is one recipient, and the mail's header says that one and nothing else.
fn address(text: &str) {
    if !is_mail(text) {
        return;
    }
    assert!(text.len() <= 254 && !text.chars().any(char::is_control), "{text:?}");
    let parsed: Address = text.parse().expect("what passes is an address");
    assert_eq!(format!("{}@{}", parsed.user(), parsed.domain()), text);
    let bytes = mail("", text, "", "");
    let letter = Letter::read(&bytes);
    assert_eq!(letter.names(), HEADERS, "{text:?}");
    assert_eq!(recipient(&letter.header("to")), text);
}

/// Whatever a name, a subject or a text holds: one well-formed mail whose headers are those that were set.
fn words(mut take: Take<'_>) {
    let (name, subject) = (take.text(), take.text());
    let mut text = String::new();
    while !take.is_empty() {
        text.push_str(&take.text());
    }
    // What a header holds of any words; whom mail is from stands in the configuration.
    let plain =
        |text: &str| text.chars().filter(|letter| !letter.is_control()).collect::<String>().replace("=?", "= ?");
    let name = plain(&name);
    let bytes = mail(&name, "duty@example.org", &subject, &text);
    let letter = Letter::read(&bytes);
    assert_eq!(letter.names(), HEADERS);
    assert!(bytes.is_ascii());
    for line in bytes.split(|byte| *byte == b'\n') {
        assert!(line.len() <= LONGEST_LINE + 1, "a line of {} bytes", line.len());
    }
    // Of several spaces between words that are encoded a header may keep fewer.
    let letters = |text: &str| text.split_whitespace().collect::<String>();
    assert_eq!(letters(&decoded(&letter.header("subject"))), letters(&plain(&subject)));
    assert_eq!(recipient(&letter.header("to")), "duty@example.org");
    assert_eq!(recipient(&letter.header("from")), "huying@example.org");
    let ends = |text: &str| text.replace("\r\n", "\n").replace('\r', "\n");
    assert_eq!(ends(&letter.text()).trim_end_matches('\n'), ends(&text).trim_end_matches('\n'));
}

/// As the product writes its mails.
fn mail(name: &str, to: &str, subject: &str, text: &str) -> Vec<u8> {
    let from: Address = "huying@example.org".parse().expect("an address");
    let name = Some(name.to_owned()).filter(|name| !name.trim().is_empty());
    let mail = Mail { id: "1", to, subject, text, at: Instant::from_micros(1_772_323_200_000_000) };
    let message = message(Mailbox::new(name, from), &mail).expect("any text is a mail");
    let recipients: Vec<String> = message.envelope().to().iter().map(Address::to_string).collect();
    assert_eq!(recipients, [to], "one recipient");
    message.formatted()
}
