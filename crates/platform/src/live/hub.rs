//! Who listens, and the one reader of the tail that tells them.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use axum::body::Bytes;
use journal::{Fact, Journal, JournalError, tail};
use kernel::Digest;
use tokio::sync::{Notify, Semaphore, mpsc};

use super::{Change, Reading};
use crate::Scope;

/// How much is kept for whom.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Listeners in all.
    pub listeners: usize,
    /// Listeners of one account.
    pub of_account: usize,
    /// Events that wait for one listener; one more and it is dropped.
    pub waiting: usize,
    /// Changes kept for those who come back.
    pub kept: usize,
    /// How many facts may be read again for one who comes back; for more it begins anew.
    pub read_again: i64,
    /// A comment is sent after so long, so that whatever stands between sees that the connection lives.
    pub beat: Duration,
    /// How often a listener's session and posts are looked at again.
    pub recheck: Duration,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            listeners: 20_000,
            of_account: 16,
            waiting: 256,
            kept: 4_096,
            read_again: 5_000,
            beat: Duration::from_secs(15),
            recheck: Duration::from_secs(15),
        }
    }
}

/// How many facts are read at a time.
const BLOCK: i64 = 256;
/// How often the end of the journal is looked for while nobody listens.
const IDLE: Duration = Duration::from_secs(1);
/// After a failure of the database.
const PAUSE: Duration = Duration::from_secs(1);
/// Snapshots and resumptions worked out at the same time, so that many who come at once leave the database to others too.
const AT_ONCE: usize = 4;

/// Everyone who listens at this node. Cheap to clone.
#[derive(Clone)]
pub struct Hub(Arc<Inner>);

struct Inner {
    journal: Journal,
    reading: Arc<dyn Reading>,
    limits: Limits,
    state: Mutex<State>,
    wanted: Notify,
    turns: Semaphore,
}

#[derive(Default)]
struct State {
    /// Every change up to here has been told.
    position: i64,
    groups: HashMap<Arc<Scope>, Group>,
    accounts: HashMap<String, usize>,
    listeners: usize,
    next: u64,
    /// The changes after `kept_after`.
    kept: VecDeque<Arc<Change>>,
    kept_after: i64,
    closed: bool,
}

/// Listeners with one scope.
struct Group {
    mark: Bytes,
    members: Vec<(u64, mpsc::Sender<Message>)>,
}

/// What is said to a listener.
#[derive(Clone)]
pub(super) enum Message {
    Event {
        position: i64,
        bytes: Bytes,
    },
    /// Something beside the changes, without a position.
    Word(Bytes),
    /// Its account was changed: look at its session and posts.
    Recheck,
}

/// A place among the listeners; left when dropped.
pub(super) struct Member {
    hub: Hub,
    pub scope: Arc<Scope>,
    number: u64,
    /// Every change after this position is put in its queue.
    pub since: i64,
    pub queue: mpsc::Receiver<Message>,
}

/// Why there is no place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Full {
    Account,
    Node,
    Closed,
}

impl Hub {
    /// Begins to follow the end of the journal, until [`Hub::close`].
    pub async fn start(journal: Journal, reading: Arc<dyn Reading>, limits: Limits) -> Result<Hub, JournalError> {
        let head = tail::head(&mut journal.db()).await?;
        let state = Mutex::new(State { position: head, kept_after: head, ..State::default() });
        let (wanted, turns) = (Notify::new(), Semaphore::new(AT_ONCE));
        let hub = Hub(Arc::new(Inner { journal, reading, limits, state, wanted, turns }));
        tokio::spawn(hub.clone().follow());
        Ok(hub)
    }

    /// Ends every stream; no new one begins.
    pub fn close(&self) {
        let mut state = self.state();
        state.closed = true;
        state.groups.clear();
        drop(state);
        self.0.wanted.notify_one();
    }

    /// Says something to every listener of an account, now and only to those who listen.
    pub fn say(&self, account: &str, name: &str, data: &serde_json::Value) {
        let bytes = Bytes::from(format!("event: {name}\ndata: {data}\n\n"));
        self.state().say(account, &Message::Word(bytes));
    }

    /// Whether anyone listens here.
    pub fn is_heard(&self) -> bool {
        self.state().listeners > 0
    }

    pub(super) fn limits(&self) -> &Limits {
        &self.0.limits
    }

    pub(super) fn reading(&self) -> &dyn Reading {
        &*self.0.reading
    }

    pub(super) fn journal(&self) -> &Journal {
        &self.0.journal
    }

    pub(super) fn turns(&self) -> &Semaphore {
        &self.0.turns
    }

    pub(super) fn join(&self, scope: Scope) -> Result<Member, Full> {
        let limits = &self.0.limits;
        let (sender, queue) = mpsc::channel(limits.waiting);
        let mut state = self.state();
        if state.closed {
            return Err(Full::Closed);
        }
        if state.listeners >= limits.listeners {
            return Err(Full::Node);
        }
        if state.accounts.get(scope.account()).is_some_and(|count| *count >= limits.of_account) {
            return Err(Full::Account);
        }
        state.listeners += 1;
        *state.accounts.entry(scope.account().to_owned()).or_default() += 1;
        state.next += 1;
        let (number, since) = (state.next, state.position);
        let scope = match state.groups.get_key_value(&scope) {
            Some((known, _)) => known.clone(),
            None => Arc::new(scope),
        };
        let group = state.groups.entry(scope.clone());
        let group = group.or_insert_with(|| Group { mark: mark_of(&scope), members: Vec::new() });
        group.members.push((number, sender));
        metrics::gauge!("huying_live_listeners").set(state.listeners as f64);
        metrics::gauge!("huying_live_scopes").set(state.groups.len() as f64);
        drop(state);
        self.0.wanted.notify_one();
        Ok(Member { hub: self.clone(), scope, number, since, queue })
    }

    /// The changes after `position` and up to `until`, if they are all still in memory.
    pub(super) fn kept(&self, position: i64, until: i64) -> Option<Vec<Arc<Change>>> {
        let state = self.state();
        if position < state.kept_after {
            return None;
        }
        let from = state.kept.partition_point(|change| change.position <= position);
        Some(state.kept.range(from..).take_while(|change| change.position <= until).cloned().collect())
    }

    async fn follow(self) {
        let mut waiter = self.0.journal.wake().waiter();
        loop {
            let (closed, heard, position) = {
                let state = self.state();
                (state.closed, state.listeners > 0, state.position)
            };
            if closed {
                return;
            }
            let step = if heard { self.step(position).await } else { self.skip().await };
            match step {
                Ok(true) => {}
                Ok(false) => waiter.wait().await,
                Err(error) => {
                    tracing::warn!(%error, "live changes cannot be read");
                    tokio::time::sleep(PAUSE).await;
                }
            }
        }
    }

    /// Tells the next facts; false where there are none yet.
    async fn step(&self, position: i64) -> Result<bool, JournalError> {
        let facts = tail::after(&mut self.0.journal.db(), position, BLOCK).await?;
        let Some(last) = facts.last().map(|fact| fact.position) else { return Ok(false) };
        let changes = self.0.reading.changes(&facts).await?;
        let mut state = self.state();
        state.tell(changes.into_iter().map(Arc::new).collect(), last, self.0.limits.kept);
        state.recheck(&facts);
        Ok(true)
    }

    /// While nobody listens, nothing is read but where the journal ends.
    async fn skip(&self) -> Result<bool, JournalError> {
        let _ = tokio::time::timeout(IDLE, self.0.wanted.notified()).await;
        let head = tail::head(&mut self.0.journal.db()).await?;
        let mut state = self.state();
        // Whoever came meanwhile is told all that came after the position it found.
        if state.listeners == 0 && head > state.position {
            (state.position, state.kept_after) = (head, head);
            state.kept.clear();
        }
        Ok(true)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

impl State {
    fn tell(&mut self, changes: Vec<Arc<Change>>, until: i64, kept: usize) {
        for (scope, group) in &mut self.groups {
            for change in &changes {
                let Some(bytes) = change.told_to(scope) else { continue };
                let event = Message::Event { position: change.position, bytes: whole(bytes, &group.mark) };
                // One that cannot follow is let go: it finds its queue ended and comes back where it was.
                group.members.retain(|(_, member)| member.try_send(event.clone()).is_ok());
            }
        }
        self.position = until;
        self.kept.extend(changes);
        while self.kept.len() > kept {
            if let Some(first) = self.kept.pop_front() {
                self.kept_after = first.position;
            }
        }
    }

    /// Has those look again whose account was changed.
    fn recheck(&mut self, facts: &[Fact]) {
        for fact in facts {
            match fact.stream.strip_prefix("account/") {
                Some(account) => self.say(account, &Message::Recheck),
                // An API client goes by the name of its stream.
                None if fact.stream.starts_with("client/") => self.say(&fact.stream, &Message::Recheck),
                None => {}
            }
        }
    }

    fn say(&mut self, account: &str, message: &Message) {
        if !self.accounts.contains_key(account) {
            return;
        }
        for (_, group) in self.groups.iter_mut().filter(|(scope, _)| scope.account() == account) {
            group.members.retain(|(_, member)| member.try_send(message.clone()).is_ok());
        }
    }
}

/// An event with the listener's mark at the end of its `id`.
pub(super) fn whole(event: &Bytes, mark: &Bytes) -> Bytes {
    Bytes::from([&event[..], &mark[..]].concat())
}

/// What follows the position in the `id` of an event: a listener whose scope has become another cannot go on from there.
pub(super) fn mark_of(scope: &Scope) -> Bytes {
    let digest = Digest::of(&[format!("{scope:?}").as_bytes()]).hex();
    Bytes::from(format!(".{}\n\n", &digest[..12]))
}

impl Member {
    pub fn hub(&self) -> &Hub {
        &self.hub
    }
}

impl Drop for Member {
    fn drop(&mut self) {
        let mut state = self.hub.state();
        if let Some(group) = state.groups.get_mut(&self.scope) {
            group.members.retain(|(number, _)| *number != self.number);
            if group.members.is_empty() {
                state.groups.remove(&self.scope);
            }
        }
        state.listeners -= 1;
        if let Some(count) = state.accounts.get_mut(self.scope.account()) {
            *count -= 1;
            if *count == 0 {
                state.accounts.remove(self.scope.account());
            }
        }
        metrics::gauge!("huying_live_listeners").set(state.listeners as f64);
        metrics::gauge!("huying_live_scopes").set(state.groups.len() as f64);
    }
}
