//! How far the index has come. It lies in the index's own commits.

use serde::{Deserialize, Serialize};

use crate::schema::VERSION;

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct State {
    /// [`VERSION`] of whoever wrote it.
    pub version: u32,
    /// Every fact up to here is in it.
    pub position: i64,
    /// Hash of the fact there: a journal that was restored and has grown past it is another journal.
    pub hash: String,
    /// While it is made anew: the journal's head when that began. Only aggregates that begin up to here are read, each as it
    /// stands; what happened to them since is read afterwards.
    pub until: i64,
    /// What was removed still lies in a segment and has to be merged away.
    pub purge: bool,
}

impl State {
    pub fn begin(until: i64) -> State {
        State { version: VERSION, until, ..State::default() }
    }

    pub fn rebuilding(&self) -> bool {
        self.position < self.until
    }

    pub fn parse(payload: Option<&str>) -> Option<State> {
        let state: State = serde_json::from_str(payload?).ok()?;
        (state.version == VERSION).then_some(state)
    }

    pub fn payload(&self) -> String {
        serde_json::to_string(self).expect("a state is plain data")
    }
}
