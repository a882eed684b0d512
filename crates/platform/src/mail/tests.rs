//! Mail against a relay on loopback that speaks SMTP as far as a client needs it.

use std::sync::{Arc, Mutex};

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

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
            tokio::spawn(talk(stream, answer, told.clone()));
        }
    });
    (port, came)
}

async fn talk(mut stream: TcpStream, answer: &'static str, came: Came) -> std::io::Result<()> {
    let (read, mut write) = stream.split();
    let mut lines = BufReader::new(read).lines();
    write.write_all(b"220 relay\r\n").await?;
    let mut in_data = false;
    while let Some(line) = lines.next_line().await? {
        came.lock().unwrap().push(line.clone());
        let reply = match line.split([' ', ':']).next().unwrap_or_default() {
            _ if in_data && line != "." => continue,
            "." => {
                in_data = false;
                "250 taken"
            }
            "RCPT" => answer,
            "DATA" => {
                in_data = true;
                "354 go on"
            }
            "QUIT" => "221 bye",
            _ => "250 fine",
        };
        write.write_all(format!("{reply}\r\n").as_bytes()).await?;
    }
    Ok(())
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
