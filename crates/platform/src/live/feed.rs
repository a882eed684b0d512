//! One listener's stream, from its beginning to its end.

use std::convert::Infallible;
use std::sync::Arc;

use axum::body::Bytes;
use futures::Stream;
use kernel::text::Language;
use tokio::time::{Instant, Interval, interval_at};

use super::hub::{Member, Message};
use super::resume::Beginning;
use crate::client::caller_of;
use crate::session::is_open;
use crate::{Caller, PlatformState};

/// What a listener was let in by.
pub(super) struct Pass {
    pub platform: PlatformState,
    /// Of its session; none where it came by a client's key.
    pub token: Option<Vec<u8>>,
    /// Of an API client; none where it came by a session.
    pub key: Option<String>,
}

struct Feed {
    member: Member,
    beginning: Beginning,
    pass: Arc<Pass>,
    beat: Interval,
    recheck: Interval,
    ended: bool,
}

/// The stream ends when the listener is too slow, when its session ends or its posts change, and with the server.
pub(super) fn feed(
    member: Member,
    beginning: Beginning,
    pass: Arc<Pass>,
) -> impl Stream<Item = Result<Bytes, Infallible>> {
    let limits = *member.hub().limits();
    let now = Instant::now();
    let feed = Feed {
        member,
        beginning,
        pass,
        beat: interval_at(now + limits.beat, limits.beat),
        recheck: interval_at(now + limits.recheck, limits.recheck),
        ended: false,
    };
    futures::stream::unfold(feed, |mut feed| async move { feed.next().await.map(|bytes| (Ok(bytes), feed)) })
}

impl Feed {
    async fn next(&mut self) -> Option<Bytes> {
        if self.ended {
            return None;
        }
        if let Some(event) = self.beginning.events.pop_front() {
            return Some(event);
        }
        loop {
            tokio::select! {
                message = self.member.queue.recv() => match message? {
                    Message::Event { position, .. } if position <= self.beginning.after => {}
                    Message::Event { bytes, .. } | Message::Word(bytes) => return Some(bytes),
                    Message::Recheck => if let Some(end) = self.look().await {
                        return Some(end);
                    },
                },
                _ = self.beat.tick() => return Some(Bytes::from_static(b":\n\n")),
                _ = self.recheck.tick() => if let Some(end) = self.look().await {
                    return Some(end);
                },
            }
        }
    }

    /// The last event, if the listener may no longer listen, or no longer to the same things. It then comes back and is asked who
    /// it is.
    async fn look(&mut self) -> Option<Bytes> {
        // Apart from the stream, which would otherwise keep room for it as long as it lasts.
        let reason = match Box::pin(self.pass.holds(&self.member)).await {
            Ok(None) => return None,
            Ok(Some(reason)) => reason,
            // What cannot be looked at now is looked at next time: nobody is let in by it, and nobody is thrown out.
            Err(()) => return None,
        };
        self.ended = true;
        Some(Bytes::from(format!("event: end\ndata: {{\"reason\":\"{reason}\"}}\n\n")))
    }
}

impl Pass {
    async fn holds(&self, member: &Member) -> Result<Option<&'static str>, ()> {
        if let Some(key) = &self.key {
            return self.still_opens(key, member).await;
        }
        let (db, account) = (self.platform.journal.db(), member.scope.account());
        if let Some(token) = &self.token {
            let open = is_open(db, &self.platform.people, token, self.platform.edge.now()).await;
            let open = open.map_err(|error| tracing::warn!(%error, "a session cannot be looked at"))?;
            if !open {
                return Ok(Some("session"));
            }
        }
        let caller = Caller::load(&self.platform, account.to_owned(), Language::default()).await.map_err(drop)?;
        if caller.owes.is_some() {
            return Ok(Some("session"));
        }
        Ok((caller.scope != *member.scope).then_some("posts"))
    }

    /// A key that was replaced, has expired or whose client is closed opens nothing any more.
    async fn still_opens(&self, key: &str, member: &Member) -> Result<Option<&'static str>, ()> {
        let caller = caller_of(&self.platform, key, Language::default()).await.map_err(drop)?;
        Ok(match caller {
            None => Some("session"),
            Some(caller) => (caller.scope != *member.scope).then_some("posts"),
        })
    }
}
