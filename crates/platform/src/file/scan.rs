//! A scanner for malware looks at what comes in: clamd, by its INSTREAM protocol, or a command.

use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpStream, UnixStream};

/// How long a scan may take.
const PATIENCE: Duration = Duration::from_secs(120);
/// Bytes sent to clamd at a time.
const CHUNK: usize = 64 << 10;
/// The longest answer that is read.
const ANSWER: u64 = 4_096;

/// Who looks at files, as the configuration names it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Scanner {
    /// Nobody: files are kept unlooked at.
    #[default]
    None,
    /// `clamd:HOST:PORT`
    Clamd(String),
    /// `clamd:/path/of/socket`
    ClamdSocket(PathBuf),
    /// `command:/path/of/program`: given the file on its standard input; it ends with 0 for clean and 1 for infected.
    Command(PathBuf),
    /// For tests: what holds this text is infected.
    Fake(&'static str),
}

/// What a scanner says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    Clean,
    Infected,
}

#[derive(Debug, thiserror::Error)]
pub enum ScanError {
    #[error("the scanner can't be reached: {0}")]
    Unreachable(#[from] std::io::Error),
    #[error("the scanner did not answer in time")]
    Late,
    #[error("the scanner said: {0}")]
    Said(String),
    #[error("{0:?} is no scanner: clamd:HOST:PORT, clamd:/SOCKET, command:/PROGRAM or none")]
    Unknown(String),
}

impl Scanner {
    pub fn parse(text: &str) -> Result<Scanner, ScanError> {
        match text.split_once(':') {
            None if text == "none" => Ok(Scanner::None),
            Some(("clamd", path)) if path.starts_with('/') => Ok(Scanner::ClamdSocket(path.into())),
            Some(("clamd", address)) if address.contains(':') => Ok(Scanner::Clamd(address.to_owned())),
            Some(("command", path)) if path.starts_with('/') => Ok(Scanner::Command(path.into())),
            _ => Err(ScanError::Unknown(text.to_owned())),
        }
    }

    pub async fn scan(&self, bytes: &[u8]) -> Result<Verdict, ScanError> {
        let scan = async {
            match self {
                Scanner::None => Ok(Verdict::Clean),
                Scanner::Clamd(address) => instream(TcpStream::connect(address.as_str()).await?, bytes).await,
                Scanner::ClamdSocket(path) => instream(UnixStream::connect(path).await?, bytes).await,
                Scanner::Command(program) => command(program, bytes).await,
                Scanner::Fake(text) => {
                    let infected = bytes.windows(text.len()).any(|window| window == text.as_bytes());
                    Ok(if infected { Verdict::Infected } else { Verdict::Clean })
                }
            }
        };
        tokio::time::timeout(PATIENCE, scan).await.unwrap_or(Err(ScanError::Late))
    }
}

/// `zINSTREAM`, then chunks each after its length, then a length of zero; the answer ends with a zero byte.
async fn instream(mut clamd: impl AsyncRead + AsyncWrite + Unpin, bytes: &[u8]) -> Result<Verdict, ScanError> {
    clamd.write_all(b"zINSTREAM\0").await?;
    for chunk in bytes.chunks(CHUNK) {
        clamd.write_all(&(chunk.len() as u32).to_be_bytes()).await?;
        clamd.write_all(chunk).await?;
    }
    clamd.write_all(&[0; 4]).await?;
    clamd.flush().await?;
    let mut answer = Vec::new();
    clamd.take(ANSWER).read_to_end(&mut answer).await?;
    let said = String::from_utf8_lossy(&answer).trim_end_matches(['\0', '\n']).to_owned();
    match () {
        () if said.ends_with(" FOUND") => Ok(Verdict::Infected),
        () if said.ends_with(": OK") => Ok(Verdict::Clean),
        () => Err(ScanError::Said(said)),
    }
}

async fn command(program: &PathBuf, bytes: &[u8]) -> Result<Verdict, ScanError> {
    let mut child = tokio::process::Command::new(program)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()?;
    let mut input = child.stdin.take();
    // One that has seen enough reads no further.
    if let Some(input) = &mut input {
        let _ = input.write_all(bytes).await;
    }
    drop(input);
    match child.wait().await?.code() {
        Some(0) => Ok(Verdict::Clean),
        Some(1) => Ok(Verdict::Infected),
        code => Err(ScanError::Said(format!("it ended with {code:?}"))),
    }
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpListener;

    use super::*;

    const BAD: &str = "a text that stands for malware";

    /// Speaks the protocol as clamd does.
    async fn clamd() -> Scanner {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let mut word = [0; 10];
                stream.read_exact(&mut word).await.unwrap();
                assert_eq!(&word, b"zINSTREAM\0");
                let mut whole = Vec::new();
                loop {
                    let length = stream.read_u32().await.unwrap();
                    if length == 0 {
                        break;
                    }
                    let mut chunk = vec![0; length as usize];
                    stream.read_exact(&mut chunk).await.unwrap();
                    whole.extend(chunk);
                }
                let answer = match () {
                    () if whole.is_empty() => "INSTREAM size limit exceeded. ERROR",
                    () if whole.windows(BAD.len()).any(|window| window == BAD.as_bytes()) => "stream: Test FOUND",
                    () => "stream: OK",
                };
                stream.write_all(format!("{answer}\0").as_bytes()).await.unwrap();
            }
        });
        Scanner::parse(&format!("clamd:{address}")).unwrap()
    }

    #[tokio::test]
    async fn clamd_is_asked_in_its_own_words() {
        let clamd = clamd().await;
        let mut long = vec![b'x'; 3 * CHUNK + 17];
        assert_eq!(clamd.scan(&long).await.unwrap(), Verdict::Clean);
        long.extend(BAD.as_bytes());
        assert_eq!(clamd.scan(&long).await.unwrap(), Verdict::Infected);
        assert!(matches!(clamd.scan(b"").await, Err(ScanError::Said(_))));
        let nobody = Scanner::Clamd("127.0.0.1:1".into());
        assert!(matches!(nobody.scan(b"x").await, Err(ScanError::Unreachable(_))));
    }

    #[tokio::test]
    async fn a_command_says_it_by_how_it_ends() {
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("scan");
        std::fs::write(&program, format!("#!/bin/sh\nif grep -q '{BAD}'; then exit 1; fi\n")).unwrap();
        std::fs::set_permissions(&program, std::os::unix::fs::PermissionsExt::from_mode(0o700)).unwrap();
        let scanner = Scanner::parse(&format!("command:{}", program.display())).unwrap();
        assert_eq!(scanner.scan(b"fine\n").await.unwrap(), Verdict::Clean);
        assert_eq!(scanner.scan(format!("{BAD}\n").as_bytes()).await.unwrap(), Verdict::Infected);
    }

    #[test]
    fn what_names_no_scanner_is_an_error() {
        assert_eq!(Scanner::parse("none").unwrap(), Scanner::None);
        for text in ["", "clamd", "clamd:nowhere", "command:relative", "other:x"] {
            assert!(Scanner::parse(text).is_err(), "{text}");
        }
    }
}
