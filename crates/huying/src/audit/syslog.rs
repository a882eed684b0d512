//! Syslog: RFC 5424 messages over UDP (RFC 5426) or TCP with octet counting (RFC 6587).

use std::io;
use std::str::FromStr;
use std::time::Duration;

use kernel::{Chance, Refusal};
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpStream, UdpSocket};

use super::Entry;

/// Facility 13 (log audit), severity 6 (informational).
const PRIORITY: u8 = 13 * 8 + 6;
/// How long a connection or a message may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// The longest pause after failures.
const LONGEST: Duration = Duration::from_secs(300);

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Address {
    Udp(String),
    Tcp(String),
}

impl FromStr for Address {
    type Err = Refusal;
    fn from_str(text: &str) -> Result<Address, Refusal> {
        let unknown = || Refusal::invalid("audit_syslog", "syslog-address").with("address", text);
        let (scheme, rest) = text.split_once("://").ok_or_else(unknown)?;
        let (host, port) = rest.rsplit_once(':').ok_or_else(unknown)?;
        if host.is_empty() || port.parse::<u16>().is_err() {
            return Err(unknown());
        }
        match scheme {
            "udp" => Ok(Address::Udp(rest.to_owned())),
            "tcp" => Ok(Address::Tcp(rest.to_owned())),
            _ => Err(unknown()),
        }
    }
}

pub struct Sender {
    address: Address,
    stream: Option<TcpStream>,
    failures: u32,
}

impl Sender {
    pub fn new(address: Address) -> Sender {
        Sender { address, stream: None, failures: 0 }
    }

    /// Sends the entries in order. UDP tells nothing of what became of them; TCP tells when the collector is gone.
    pub async fn send(&mut self, entries: &[Entry]) -> io::Result<()> {
        let sent = tokio::time::timeout(PATIENCE, self.deliver(entries)).await;
        let sent = sent.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()));
        match &sent {
            Ok(()) => self.failures = 0,
            Err(_) => (self.failures, self.stream) = (self.failures + 1, None),
        }
        sent
    }

    /// Two seconds, four, and so on up to five minutes, a tenth more or less.
    pub fn pause(&self, chance: &mut Chance) -> Duration {
        let whole = Duration::from_secs(1 << self.failures.min(9)).min(LONGEST);
        whole.mul_f64(0.9 + 0.2 * chance.unit())
    }

    async fn deliver(&mut self, entries: &[Entry]) -> io::Result<()> {
        match &self.address {
            Address::Udp(address) => {
                let socket = UdpSocket::bind(("0.0.0.0", 0)).await?;
                socket.connect(address).await?;
                for entry in entries {
                    socket.send(message(entry).as_bytes()).await?;
                }
                Ok(())
            }
            Address::Tcp(address) => {
                let mut stream = match self.stream.take() {
                    Some(stream) => stream,
                    None => TcpStream::connect(address).await?,
                };
                for entry in entries {
                    let message = message(entry);
                    stream.write_all(format!("{} {message}", message.len()).as_bytes()).await?;
                }
                stream.flush().await?;
                self.stream = Some(stream);
                Ok(())
            }
        }
    }
}

/// An entry as a message: its place, kind and actor as structured data, the whole as JSON. `32473` is the number that RFC 5612
/// sets aside for examples; the project has none of its own.
pub fn message(entry: &Entry) -> String {
    let Entry { position, at, kind, about, .. } = entry;
    let whole = serde_json::to_string(entry).unwrap_or_default();
    let quoted = |text: &str| text.replace('\\', "\\\\").replace('"', "\\\"").replace(']', "\\]");
    // A message's identifier has at most 32 printable letters.
    let id: String = kind.chars().filter(char::is_ascii_graphic).take(32).collect();
    let data = format!("[huying@32473 position=\"{position}\" about=\"{}\"]", quoted(about));
    format!("<{PRIORITY}>1 {at} - huying - {id} {data} {whole}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_a_scheme_a_host_and_a_port() {
        let parse = |text: &str| text.parse::<Address>();
        assert_eq!(parse("udp://log.example:514"), Ok(Address::Udp("log.example:514".into())));
        assert_eq!(parse("tcp://[::1]:6514"), Ok(Address::Tcp("[::1]:6514".into())));
        for wrong in ["log.example:514", "tls://log.example:514", "udp://:514", "udp://log.example", "udp://h:70000"] {
            assert!(parse(wrong).is_err_and(|refusal| refusal.field == Some("audit_syslog")), "{wrong}");
        }
    }

    #[test]
    fn a_message_escapes_what_ends_structured_data() {
        let entry = Entry {
            position: 7,
            at: "2026-03-01T00:00:00Z".into(),
            kind: "account.opened".into(),
            about: "a\"b]c\\d".into(),
            actor: serde_json::json!({ "as": "system", "name": "demo" }),
            body: serde_json::json!({}),
            hash: "00".into(),
        };
        let text = message(&entry);
        let head =
            r#"<110>1 2026-03-01T00:00:00Z - huying - account.opened [huying@32473 position="7" about="a\"b\]c\\d"] {"#;
        assert!(text.starts_with(head), "{text}");
    }
}
