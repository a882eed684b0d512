//! What a fact changed, and what there is to begin with.

use axum::body::Bytes;
use futures::future::BoxFuture;
use journal::{Fact, JournalError};
use serde::Serialize;
use serde_json::{Value, json};

use crate::{Resource, Scope};

/// A slice's reading of the tail for those who listen.
pub trait Reading: Send + Sync {
    /// The action without which nobody has anything to listen to.
    fn action(&self) -> &'static str;

    /// What some facts changed, in their order. Facts are given in the order of the journal; those that nobody is told of make
    /// no change. Each change stands for the thing as it was just after its fact, whatever has happened since.
    fn changes<'a>(&'a self, facts: &'a [Fact]) -> BoxFuture<'a, Result<Vec<Change>, JournalError>>;

    /// What a listener with this scope begins with.
    fn picture<'a>(&'a self, scope: &'a Scope) -> BoxFuture<'a, Result<Picture, JournalError>>;
}

/// What a listener begins with, as it stood when the journal ended at `position`.
pub struct Picture {
    pub position: i64,
    /// A JSON object; its `position` is the one above.
    pub body: Value,
}

/// A change of one thing by one fact. Its body holds no personal value.
pub struct Change {
    pub position: i64,
    /// What lets a post see the thing.
    action: &'static str,
    /// The thing before the fact; none where it was not there.
    before: Option<Resource>,
    after: Resource,
    /// Both events, but for the end of their `id`, which is the listener's.
    changed: Bytes,
    gone: Bytes,
}

impl Change {
    /// `row` is what a list shows of the thing after the fact.
    pub fn new(
        fact: &Fact,
        id: &str,
        action: &'static str,
        (before, after): (Option<Resource>, Resource),
        row: &impl Serialize,
    ) -> Change {
        let position = fact.position;
        let thing = fact.stream.split('/').next();
        let changed = json!({"position": position, "kind": fact.kind, "thing": thing, "id": id, "row": row});
        let gone = json!({"position": position, "thing": thing, "id": id});
        Change {
            position,
            action,
            before,
            after,
            changed: event("change", &changed, position),
            gone: event("gone", &gone, position),
        }
    }

    /// The event for this scope: the change, that the thing is gone for it, or nothing.
    pub(super) fn told_to(&self, scope: &Scope) -> Option<&Bytes> {
        if scope.allows(self.action, &self.after) {
            return Some(&self.changed);
        }
        let saw = self.before.as_ref().is_some_and(|before| scope.allows(self.action, before));
        saw.then_some(&self.gone)
    }
}

/// An event up to the place in its `id` where the listener's mark follows.
pub(super) fn event(name: &str, data: &Value, position: i64) -> Bytes {
    // JSON has no line ends, so that it is one line of data.
    Bytes::from(format!("event: {name}\ndata: {data}\nid: {position}"))
}
