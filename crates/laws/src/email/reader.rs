//! A reader of mail that knows nothing of how it was written: RFC 5322's headers, RFC 2047's words, RFC 2045's bodies.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// A mail's unfolded headers, in their order, and its body.
pub struct Letter {
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Letter {
    pub fn read(bytes: &[u8]) -> Letter {
        let end = bytes.windows(4).position(|window| window == b"\r\n\r\n").expect("headers end");
        let head = std::str::from_utf8(&bytes[..end]).expect("headers are text");
        let mut headers: Vec<(String, String)> = Vec::new();
        for line in head.split("\r\n") {
            assert!(!line.contains(['\r', '\n']), "an end of line within one");
            match headers.last_mut() {
                Some((_, value)) if line.starts_with([' ', '\t']) => value.push_str(line),
                _ => {
                    let (name, value) = line.split_once(':').expect("a header has a name");
                    headers.push((name.to_ascii_lowercase(), value.trim_start().to_owned()));
                }
            }
        }
        Letter { headers, body: bytes[end + 4..].to_vec() }
    }

    pub fn names(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self.headers.iter().map(|(name, _)| name.as_str()).collect();
        names.sort_unstable();
        names
    }

    pub fn header(&self, name: &str) -> String {
        let found = self.headers.iter().find(|(found, _)| found == name);
        found.map(|(_, value)| value.clone()).unwrap_or_default()
    }

    /// The body as it was before it was made fit for travel.
    pub fn text(&self) -> String {
        let bytes = match self.header("content-transfer-encoding").as_str() {
            "base64" => {
                let packed: Vec<u8> = self.body.iter().copied().filter(|byte| !byte.is_ascii_whitespace()).collect();
                STANDARD.decode(packed).expect("a body in base64 is that")
            }
            "quoted-printable" => quoted(&self.body, b'='),
            "7bit" | "8bit" => self.body.clone(),
            other => panic!("an encoding of its own: {other}"),
        };
        String::from_utf8(bytes).expect("a text was sent")
    }
}

/// `=E4` for a byte; an end of line after the sign is none.
fn quoted(bytes: &[u8], sign: u8) -> Vec<u8> {
    let (mut read, mut rest) = (Vec::new(), bytes);
    while let Some((first, after)) = rest.split_first() {
        rest = after;
        match (*first == sign, after) {
            (false, _) => read.push(*first),
            (true, [b'\r', b'\n', after @ ..]) => rest = after,
            (true, [high, low, after @ ..]) => {
                let digit = |byte: u8| char::from(byte).to_digit(16).expect("two digits of base 16") as u8;
                read.push(digit(*high) << 4 | digit(*low));
                rest = after;
            }
            (true, _) => panic!("a sign that begins nothing"),
        }
    }
    read
}

/// A header's text, its encoded words read; white space between two of them is none.
pub fn decoded(value: &str) -> String {
    let (mut text, mut rest, mut is_after_word) = (String::new(), value, false);
    while let Some(at) = rest.find("=?") {
        let (before, word) = rest.split_at(at);
        if !(is_after_word && before.trim().is_empty()) {
            text.push_str(before);
        }
        let parts: Vec<&str> = word[2..].splitn(4, '?').collect();
        let [charset, kind, inner, after] = parts[..] else { panic!("half an encoded word: {word}") };
        assert!(charset.eq_ignore_ascii_case("utf-8"), "{charset}");
        let bytes = match kind {
            "b" | "B" => STANDARD.decode(inner).expect("a word in base64 is that"),
            "q" | "Q" => quoted(inner.replace('_', " ").as_bytes(), b'='),
            other => panic!("an encoding of its own: {other}"),
        };
        text.push_str(&String::from_utf8(bytes).expect("no letter is cut in two"));
        rest = after.strip_prefix('=').expect("an encoded word ends");
        is_after_word = true;
    }
    text + rest
}

/// The one address of a header that holds mailboxes.
pub fn recipient(value: &str) -> String {
    let value = value.trim();
    match value.strip_suffix('>').and_then(|value| value.rsplit_once('<')) {
        Some((_, address)) => address.to_owned(),
        None => value.to_owned(),
    }
}
