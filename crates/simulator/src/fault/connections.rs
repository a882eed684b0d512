//! Connections to PostgreSQL that break.
//!
//! A proxy on the loopback stands between: it cuts connections at moments drawn by the seed, before a message reaches the server
//! or after it was carried out and before the answer is back, in turn; one commit in five at least, other messages far less often.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, Mutex};

use journal::Way;
use kernel::Chance;
use store::{Db, Dialect, Durability, Options};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

use super::{Outcome, Trial, TrialError};

/// One commit in so many is cut, and one other message in so many.
const COMMITS: u64 = 5;
const MESSAGES: u64 = 200;

pub(super) async fn run(trial: &Trial, db: &Db) -> Result<Option<Outcome>, TrialError> {
    if db.dialect() == Dialect::Sqlite {
        return Ok(None);
    }
    let (before, server, after) = split(db.url()).ok_or(TrialError::Address)?;
    let cuts = Arc::new(Cuts {
        chance: Mutex::new(trial.chance("cuts")),
        counts: Mutex::default(),
        spared: AtomicU64::new(0),
    });
    let proxy = Proxy::start(server, cuts.clone()).await.map_err(TrialError::Proxy)?;
    let url = format!("{before}{}{after}", proxy.address);
    let options = Options { durability: Durability::ProcessOnly, ..Options::default() };
    // Connecting may be cut too.
    let mut through = Db::open(&url, options.clone()).await;
    while let Err(error) = &through {
        tracing::debug!(%error, "could not connect");
        through = Db::open(&url, options.clone()).await;
    }
    let through = through?;
    let (ran, taken_up) = trial.live_on(&through, &Arc::new(Way::default())).await?;
    through.close().await;
    let outcome = trial.check(db, &ran).await?.hits([("taken up", taken_up)]);
    let counts = cuts.counts.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).clone();
    Ok(Some(outcome.hits(counts)))
}

/// What stands before the host and port in the address of a database, the two, and what stands after them.
fn split(url: &str) -> Option<(&str, String, &str)> {
    let (_, rest) = url.split_once("://")?;
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let begin = rest[..end].rfind('@').map_or(0, |at| at + 1);
    let (host, after) = (&rest[begin..end], &rest[end..]);
    let server = match host {
        "" => return None,
        host if host.rsplit_once(':').is_some_and(|(_, port)| port.parse::<u16>().is_ok()) => host.to_owned(),
        host => format!("{host}:5432"),
    };
    Some((&url[..url.len() - rest.len() + begin], server, after))
}

/// When connections are cut, and how often they were.
struct Cuts {
    chance: Mutex<Chance>,
    counts: Mutex<BTreeMap<&'static str, u64>>,
    /// Commits since one was last cut.
    spared: AtomicU64,
}

enum Cut {
    /// The message never reaches the server.
    Unsent,
    /// The server has carried it out, and nobody hears of it.
    Unanswered,
}

impl Cuts {
    fn draw(&self, message: &[u8]) -> Option<Cut> {
        const COMMIT: &[u8] = b"COMMIT\0";
        let is_commit = message.windows(COMMIT.len()).any(|window| window == COMMIT);
        let mut chance = self.chance.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        let drawn = chance.below(if is_commit { COMMITS } else { MESSAGES }) == 0;
        // So that the shortest of runs meets both ways of a commit, none is spared for long.
        let due = is_commit && self.spared.fetch_add(1, Relaxed) + 1 >= COMMITS;
        if !drawn && !due {
            return None;
        }
        if is_commit {
            self.spared.store(0, Relaxed);
        }
        // The two ways in turn.
        let mut counts = self.counts.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        let (unsent, unanswered) =
            if is_commit { ("commit unsent", "commit unanswered") } else { ("message unsent", "message unanswered") };
        let count = |name| counts.get(name).copied().unwrap_or(0);
        let (cut, name) = match count(unsent) > count(unanswered) {
            true => (Cut::Unanswered, unanswered),
            false => (Cut::Unsent, unsent),
        };
        *counts.entry(name).or_default() += 1;
        Some(cut)
    }
}

/// Ends with its owner; connections under way end when either side does.
struct Proxy {
    address: SocketAddr,
    accepting: JoinHandle<()>,
}

impl Proxy {
    async fn start(server: String, cuts: Arc<Cuts>) -> std::io::Result<Proxy> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let accepting = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let (server, cuts) = (server.clone(), cuts.clone());
                tokio::spawn(async move {
                    if let Ok(server) = TcpStream::connect(&server).await {
                        // However it ends, both sides are closed.
                        let _ = relay(client, server, &cuts).await;
                    }
                });
            }
        });
        Ok(Proxy { address, accepting })
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn relay(mut client: TcpStream, mut server: TcpStream, cuts: &Cuts) -> std::io::Result<()> {
    client.set_nodelay(true)?;
    server.set_nodelay(true)?;
    let (mut up, mut down) = (vec![0; 1 << 16], vec![0; 1 << 16]);
    loop {
        tokio::select! {
            read = client.read(&mut up) => {
                let message = match read? {
                    0 => return Ok(()),
                    read => &up[..read],
                };
                match cuts.draw(message) {
                    Some(Cut::Unsent) => return Ok(()),
                    Some(Cut::Unanswered) => {
                        server.write_all(message).await?;
                        return server.read(&mut down).await.map(drop);
                    }
                    None => server.write_all(message).await?,
                }
            }
            read = server.read(&mut down) => match read? {
                0 => return Ok(()),
                read => client.write_all(&down[..read]).await?,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::split;

    #[test]
    fn only_host_and_port_are_stood_in_for() {
        for (url, expected) in [
            ("postgres://a:b@h:1/d?x=y", Some(("postgres://a:b@", "h:1", "/d?x=y"))),
            ("postgresql://h/d", Some(("postgresql://", "h:5432", "/d"))),
            ("postgres://a@[::1]:7", Some(("postgres://a@", "[::1]:7", ""))),
            ("postgres:///d?host=/run", None),
        ] {
            let found = split(url);
            let found = found.as_ref().map(|(before, server, after)| (*before, server.as_str(), *after));
            assert_eq!(found, expected, "{url}");
        }
    }
}
