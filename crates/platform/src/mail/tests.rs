//! Mail against a relay on loopback that speaks SMTP as far as a client needs it.

use std::sync::{Arc, Mutex};

use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use super::*;

/// Envelopes and messages that came, line by line.
type Came = Arc<Mutex<Vec<String>>>;

/// A relay that answers a recipient with `answer`.
async fn relay(answer: &'static str) -> (u16, Came) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (port, came) = (listener.local_addr().unwrap().port(), Came::default());
    let told = came.clone();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let told = told.clone();
            tokio::spawn(async move {
                let mut stream = BufReader::new(stream);
                greet(&mut stream).await?;
                talk(stream, answer, "250 fine", told).await.map(drop)
            });
        }
    });
    (port, came)
}

async fn greet(stream: &mut (impl AsyncWrite + Unpin)) -> std::io::Result<()> {
    stream.write_all(b"220 relay\r\n").await
}

/// Answers until the client is done, or wants to go on encrypted. `hello` says what the relay can do.
async fn talk<S: AsyncRead + AsyncWrite + Unpin>(
    mut stream: BufReader<S>,
    answer: &str,
    hello: &str,
    came: Came,
) -> std::io::Result<Option<S>> {
    let (mut in_data, mut line) = (false, String::new());
    while stream.read_line(&mut line).await? > 0 {
        let said = std::mem::take(&mut line).trim_end_matches("\r\n").to_owned();
        came.lock().unwrap().push(said.clone());
        let reply = match said.split([' ', ':']).next().unwrap_or_default() {
            _ if in_data && said != "." => continue,
            "." => {
                in_data = false;
                "250 taken"
            }
            "EHLO" => hello,
            "STARTTLS" => "220 go on",
            "RCPT" => answer,
            "DATA" => {
                in_data = true;
                "354 go on"
            }
            "QUIT" => "221 bye",
            _ => "250 fine",
        };
        stream.write_all(format!("{reply}\r\n").as_bytes()).await?;
        if said == "STARTTLS" {
            return Ok(Some(stream.into_inner()));
        }
    }
    Ok(None)
}

/// The authority that vouches for [`secure_relay`], and for nothing else: it was made for these tests, its key is gone.
const AUTHORITY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/mail/relay/authority.pem");

/// A relay on 127.0.0.1 that speaks TLS, at once or when asked by STARTTLS; and what came in the clear, and encrypted.
async fn secure_relay(encryption: Encryption) -> (u16, Came, Came) {
    let certificate = CertificateDer::from_pem_slice(include_bytes!("relay/relay.pem")).unwrap();
    let key = PrivateKeyDer::from_pem_slice(include_bytes!("relay/relay.key")).unwrap();
    let tls = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()));
    let tls = tls.with_safe_default_protocol_versions().unwrap().with_no_client_auth();
    let tls = TlsAcceptor::from(Arc::new(tls.with_single_cert(vec![certificate], key).unwrap()));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (port, clear, secret) = (listener.local_addr().unwrap().port(), Came::default(), Came::default());
    let (told, told_secretly) = (clear.clone(), secret.clone());
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (tls, told, told_secretly) = (tls.clone(), told.clone(), told_secretly.clone());
            tokio::spawn(async move {
                let mut stream = stream;
                if encryption == Encryption::Starttls {
                    greet(&mut stream).await?;
                    let hello = "250-relay\r\n250 STARTTLS";
                    let asked = talk(BufReader::new(stream), "250 fine", hello, told).await?;
                    let Some(again) = asked else { return Ok(()) };
                    stream = again;
                }
                let mut stream = BufReader::new(tls.accept(stream).await?);
                if encryption == Encryption::Tls {
                    greet(&mut stream).await?;
                }
                talk(stream, "250 fine", "250 fine", told_secretly).await.map(drop)
            });
        }
    });
    (port, clear, secret)
}

#[tokio::test]
async fn a_mail_goes_encrypted_to_a_relay_whose_certificate_is_vouched_for() {
    for encryption in [Encryption::Starttls, Encryption::Tls] {
        let (port, clear, secret) = secure_relay(encryption).await;
        let config = SmtpConfig { authority: Some(AUTHORITY.into()), ..config(port, encryption) };
        let mailer = Mailer::new(&config, None).unwrap();
        assert_eq!(mailer.send(mail("duty@example.org", "subject")).await, Ok(()), "{encryption:?}");
        assert!(secret.lock().unwrap().contains(&"RCPT TO:<duty@example.org>".to_owned()));
        let clear = clear.lock().unwrap().clone();
        let words: Vec<&str> = clear.iter().filter_map(|line| line.split(' ').next()).collect();
        let expected: &[&str] = if encryption == Encryption::Starttls { &["EHLO", "STARTTLS"] } else { &[] };
        assert_eq!(words, expected, "nothing else went in the clear");
    }
}

#[tokio::test]
async fn a_relay_that_nobody_vouches_for_is_told_nothing() {
    for encryption in [Encryption::Starttls, Encryption::Tls] {
        let vouched = Some(AUTHORITY.into());
        // Its certificate is of an authority that is not known, or of another host.
        for (host, authority) in [("127.0.0.1", None), ("localhost", vouched)] {
            let (port, clear, secret) = secure_relay(encryption).await;
            let config = SmtpConfig { host: host.into(), authority, ..config(port, encryption) };
            let mailer = Mailer::new(&config, None).unwrap();
            let sent = mailer.send(mail("duty@example.org", "subject")).await;
            assert_eq!(sent, Err(NotTaken::Failed), "{encryption:?} {host}");
            let came = [clear.lock().unwrap().clone(), secret.lock().unwrap().clone()].concat();
            assert!(!came.iter().any(|line| line.contains("duty@")), "{came:?}");
            assert!(encryption != Encryption::Starttls || came.contains(&"STARTTLS".to_owned()), "it was reached");
        }
    }
}

fn config(port: u16, encryption: Encryption) -> SmtpConfig {
    SmtpConfig {
        host: "127.0.0.1".into(),
        port,
        encryption,
        user: None,
        from: "呼应 <huying@example.org>".into(),
        authority: None,
    }
}

fn mail<'a>(to: &'a str, subject: &'a str) -> Mail<'a> {
    let at = "2026-03-02T02:00:00Z".parse().unwrap();
    Mail { id: "d1", to, subject, text: "案件 7：已受理\r\n.\r\nend", at }
}

#[tokio::test]
async fn a_mail_is_sent_and_cannot_end_its_header_or_itself() {
    let (port, came) = relay("250 fine").await;
    let mailer = Mailer::new(&config(port, Encryption::None), None).unwrap();
    assert_eq!(mailer.send(mail("duty@example.org", "subject\r\nBcc: other@example.org\r\n\r\nbody")).await, Ok(()));
    let lines = came.lock().unwrap().clone();
    assert!(lines.contains(&"RCPT TO:<duty@example.org>".to_owned()), "{lines:?}");
    assert_eq!(lines.iter().filter(|line| line.starts_with("RCPT")).count(), 1);
    let header: Vec<&String> =
        lines.iter().skip_while(|line| *line != "DATA").take_while(|line| !line.is_empty()).collect();
    assert!(header.iter().any(|line| line.starts_with("Message-ID: <d1@example.org>")), "{header:?}");
    assert!(header.iter().any(|line| line.starts_with("Date: Mon, 02 Mar 2026 02:00:00")), "{header:?}");
    assert!(!header.iter().any(|line| line.to_lowercase().starts_with("bcc")), "{header:?}");
    assert_eq!(lines.iter().filter(|line| *line == ".").count(), 1, "a lone point in the text does not end it");
    let to = mailer.send(mail("a@b\r\nRCPT TO:<c@d>", "subject")).await;
    assert_eq!(to, Err(NotTaken::Refused(None)));
}

#[tokio::test]
async fn what_the_relay_answers_says_whether_to_try_again() {
    async fn check(answer: &'static str, expected: NotTaken) {
        let (port, _) = relay(answer).await;
        let mailer = Mailer::new(&config(port, Encryption::None), None).unwrap();
        assert_eq!(mailer.send(mail("duty@example.org", "subject")).await, Err(expected), "{answer}");
    }
    check("550 unknown", NotTaken::Refused(Some(550))).await;
    check("451 later", NotTaken::Failed).await;
    let gone = Mailer::new(&config(1, Encryption::None), None).unwrap();
    assert_eq!(gone.send(mail("duty@example.org", "subject")).await, Err(NotTaken::Failed));
}

#[tokio::test]
async fn a_relay_that_offers_no_encryption_is_told_nothing_where_it_is_wanted() {
    let (port, came) = relay("250 fine").await;
    let mailer = Mailer::new(&config(port, Encryption::Starttls), None).unwrap();
    assert!(mailer.send(mail("duty@example.org", "subject")).await.is_err());
    assert!(!came.lock().unwrap().iter().any(|line| line.contains("duty@")), "no address went over it");
}

#[test]
fn wrong_settings_are_named() {
    let check = |change: &dyn Fn(&mut SmtpConfig), word: &str| {
        let mut config = config(25, Encryption::Starttls);
        change(&mut config);
        let error = Mailer::new(&config, None).err().expect("a wrong setting").to_string();
        assert!(error.contains(word), "{error}");
    };
    check(&|config| config.from = "nobody".into(), "smtp.from");
    check(&|config| config.user = Some("huying".into()), "smtp_password");
    check(&|config| config.authority = Some("/nowhere.pem".into()), "smtp.authority");
    let plain =
        |config: &mut SmtpConfig| (config.host, config.encryption) = ("mail.example.org".into(), Encryption::None);
    check(&plain, "smtp.encryption");
}
