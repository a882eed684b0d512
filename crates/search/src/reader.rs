//! The reader of the journal's tail that keeps the index in step.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use journal::{ERASED, Fact, Journal, tail};
use store::Waiter;
use tantivy::query::{BooleanQuery, Query, TermQuery};
use tantivy::schema::IndexRecordOption;
use tantivy::{IndexWriter, Term};

use crate::collect::Newest;
use crate::document::{Document, Source};
use crate::index::{Search, SearchError};
use crate::schema::subject_mark;
use crate::state::State;

/// Facts of one commit at most.
const FACTS: i64 = 2_000;
/// Aggregates of one commit, while the index is made anew.
const AGGREGATES: i64 = 20_000;
/// Streams whose documents are asked for at once.
const TOGETHER: usize = 200;

/// Keeps the index in step with the journal; one process at a time writes an index.
pub struct Reader<S> {
    search: Search,
    journal: Journal,
    source: S,
    writing: Option<Writing>,
}

/// The writer with the state of its last commit.
struct Writing {
    writer: IndexWriter,
    state: State,
}

/// How far it has come, in positions of the journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    pub position: i64,
    pub head: i64,
    /// It is being made anew.
    pub rebuilding: bool,
}

/// What changes in the index, by the key.
type Changes = BTreeMap<u64, Option<Document>>;

impl<S: Source> Reader<S> {
    pub fn new(search: Search, journal: Journal, source: S) -> Reader<S> {
        Reader { search, journal, source, writing: None }
    }

    /// Throws the index away; the steps that follow make it anew.
    pub fn begin_anew(&mut self) -> Result<(), SearchError> {
        self.writing = None;
        self.search.begin_anew()
    }

    /// Reads on until the end of the journal.
    pub async fn catch_up(&mut self, mut progress: impl FnMut(Progress)) -> Result<(), SearchError> {
        loop {
            let at = self.step().await?;
            progress(at);
            if at.position >= at.head && !at.rebuilding {
                return Ok(());
            }
        }
    }

    /// Reads the next facts and commits what they change, if there are any.
    pub async fn step(&mut self) -> Result<Progress, SearchError> {
        let head = tail::head(&mut self.journal.db()).await?;
        if self.writing.is_none() {
            self.writing = Some(self.begin(head).await?);
        }
        let state = self.writing.as_ref().map(|writing| writing.state.clone()).unwrap_or_default();
        if state.purge {
            self.purge().await?;
        } else if state.rebuilding() {
            self.read_aggregates(&state).await?;
        } else if state.position < head {
            self.read_facts(&state).await?;
        }
        let state = self.writing.as_ref().map(|writing| &writing.state);
        let (position, rebuilding) =
            state.map_or((0, true), |state| (state.position, state.rebuilding() || state.purge));
        Ok(Progress { position, head, rebuilding })
    }

    /// Takes up writing where the index ends, or anew where it is not one of this journal.
    async fn begin(&mut self, head: i64) -> Result<Writing, SearchError> {
        if let Some(state) = self.search.open_index().state()?
            && self.is_of_this_journal(&state, head).await?
        {
            self.search.come_to(state.position);
            return Ok(Writing { writer: self.search.open_index().writer()?, state });
        }
        if self.search.documents() > 0 || self.search.open_index().state()?.is_some() {
            tracing::warn!("the index is not of this journal, or was not finished: it is made anew");
            self.search.begin_anew()?;
        }
        let writing = Writing { writer: self.search.open_index().writer()?, state: State::begin(head) };
        self.commit(writing, Changes::new(), State::begin(head)).await
    }

    /// Nothing is known of a journal from which nothing was read.
    async fn is_of_this_journal(&self, state: &State, head: i64) -> Result<bool, SearchError> {
        if state.position > head || state.until > head {
            return Ok(false);
        }
        if state.position == 0 {
            return Ok(true);
        }
        let fact = tail::at(&mut self.journal.db(), state.position).await?;
        Ok(fact.is_some_and(|fact| fact.hash.hex() == state.hash))
    }

    /// While made anew: the next aggregates in the order of their first facts.
    async fn read_aggregates(&mut self, state: &State) -> Result<(), SearchError> {
        let prefix = self.source.prefix();
        let begun = tail::begun(&mut self.journal.db(), prefix, (state.position, state.until), AGGREGATES).await?;
        let position = match begun.last() {
            Some((last, _)) if begun.len() as i64 == AGGREGATES => *last,
            _ => state.until,
        };
        let begun = begun.into_iter().map(|(position, stream)| (stream, position as u64)).collect();
        let changes = self.documents(begun).await?;
        self.go_on(changes, State { position, ..state.clone() }).await
    }

    async fn read_facts(&mut self, state: &State) -> Result<(), SearchError> {
        let facts = tail::after(&mut self.journal.db(), state.position, FACTS).await?;
        let Some(last) = facts.last() else { return Ok(()) };
        let position = last.position;
        let mut streams = self.left_by_erased(&facts).await?;
        let erased = !streams.is_empty();
        let prefix = self.source.prefix();
        streams.extend(facts.into_iter().map(|fact| fact.stream).filter(|stream| stream.starts_with(prefix)));
        let streams: Vec<String> = streams.into_iter().collect();
        let begun = tail::first_positions(&mut self.journal.db(), &streams).await?;
        let keys = begun.into_iter().map(|(stream, position)| (stream, position as u64)).collect();
        let changes = self.documents(keys).await?;
        let purge = erased || self.removes(&changes)?;
        self.go_on(changes, State { position, purge, ..state.clone() }).await
    }

    /// Streams with a document that was read of someone who is erased by one of these facts.
    async fn left_by_erased(&self, facts: &[Fact]) -> Result<BTreeSet<String>, SearchError> {
        let open = self.search.open_index();
        let erased = facts.iter().filter(|fact| fact.kind == ERASED);
        let subjects = erased.filter_map(|fact| fact.stream.strip_prefix("erasure/"));
        let marks = subjects.map(|subject| {
            let term = Term::from_field_u64(open.fields.subject, subject_mark(subject));
            Box::new(TermQuery::new(term, IndexRecordOption::Basic)) as Box<dyn Query>
        });
        let marks: Vec<_> = marks.collect();
        if marks.is_empty() {
            return Ok(BTreeSet::new());
        }
        let searcher = open.reader.searcher();
        let all = Newest { before: u64::MAX, most: searcher.num_docs() as usize };
        let (_, keys) = searcher.search(&BooleanQuery::union(marks), &all)?;
        Ok(crate::find::streams_of(&mut self.journal.db(), &keys).await?.into_values().collect())
    }

    /// Whether something leaves the index that stands in it.
    fn removes(&self, changes: &Changes) -> Result<bool, SearchError> {
        let open = self.search.open_index();
        let searcher = open.reader.searcher();
        for key in changes.iter().filter(|(_, document)| document.is_none()).map(|(key, _)| *key) {
            if searcher.doc_freq(&Term::from_field_u64(open.fields.key, key))? > 0 {
                return Ok(true);
            }
        }
        Ok(false)
    }

    async fn documents(&self, keys: BTreeMap<String, u64>) -> Result<Changes, SearchError> {
        let streams: Vec<&String> = keys.keys().collect();
        let mut changes = Changes::new();
        for some in streams.chunks(TOGETHER) {
            let made = self.source.documents(some.iter().map(|stream| (*stream).clone()).collect()).await?;
            changes.extend(made.into_iter().filter_map(|(stream, document)| Some((*keys.get(&stream)?, document))));
        }
        Ok(changes)
    }

    async fn go_on(&mut self, changes: Changes, mut next: State) -> Result<(), SearchError> {
        let fact = tail::at(&mut self.journal.db(), next.position).await?;
        next.hash = fact.map(|fact| fact.hash.hex()).unwrap_or_default();
        // Lost with an error: the next step takes up writing anew, at the last commit.
        let writing = self.writing.take().ok_or(SearchError::Stopped)?;
        self.writing = Some(self.commit(writing, changes, next).await?);
        Ok(())
    }

    /// Puts the changes and the state into one commit.
    async fn commit(&self, writing: Writing, changes: Changes, state: State) -> Result<Writing, SearchError> {
        let (search, kind) = (self.search.clone(), self.source.prefix().trim_end_matches('/'));
        let commit = move || {
            let open = search.open_index();
            let Writing { mut writer, state: before } = writing;
            for (key, document) in changes {
                // What is made anew holds each aggregate once: a commit is whole or not there.
                if !before.rebuilding() {
                    writer.delete_term(Term::from_field_u64(open.fields.key, key));
                }
                if let Some(document) = document {
                    writer.add_document(document.to_index(&open.fields, key, kind))?;
                }
            }
            put(&search, &mut writer, &state)?;
            Ok(Writing { writer, state })
        };
        tokio::task::spawn_blocking(commit).await.map_err(|_| SearchError::Stopped)?
    }

    /// Merges every segment in which something was removed: the words of what must not be found are then in no file.
    async fn purge(&mut self) -> Result<(), SearchError> {
        let Writing { writer, state } = self.writing.take().ok_or(SearchError::Stopped)?;
        let search = self.search.clone();
        let purge = move || {
            let open = search.open_index();
            // Merges that are under way might hold on to a segment.
            writer.wait_merging_threads()?;
            let mut writer = open.writer()?;
            let segments = open.index.searchable_segment_metas()?;
            let marked: Vec<_> =
                segments.iter().filter(|segment| segment.has_deletes()).map(|segment| segment.id()).collect();
            if !marked.is_empty() {
                writer.merge(&marked).wait()?;
            }
            let state = State { purge: false, ..state };
            put(&search, &mut writer, &state)?;
            writer.garbage_collect_files().wait()?;
            Ok(Writing { writer, state })
        };
        let done: Result<Writing, SearchError> =
            tokio::task::spawn_blocking(purge).await.map_err(|_| SearchError::Stopped)?;
        self.writing = Some(done?);
        Ok(())
    }
}

pub(crate) fn put(search: &Search, writer: &mut IndexWriter, state: &State) -> Result<(), SearchError> {
    let mut prepared = writer.prepare_commit()?;
    prepared.set_payload(&state.payload());
    prepared.commit()?;
    search.open_index().reader.reload()?;
    search.come_to(state.position);
    Ok(())
}

/// Keeps the index in step for as long as the process runs, at most one commit in `pause`. A failure is logged and tried again.
/// Where another process writes the index, this one asks it and waits to take over.
pub async fn follow<S: Source>(
    mut reader: Reader<S>,
    mut waiter: Waiter,
    pause: Duration,
    mut progress: impl FnMut(Progress),
) {
    let mut failed = false;
    loop {
        let step = reader.step().await;
        match &step {
            Ok(at) => {
                failed = false;
                metrics::gauge!("huying_search_position").set(at.position as f64);
                metrics::gauge!("huying_search_lag_facts").set((at.head - at.position).max(0) as f64);
                metrics::gauge!("huying_search_documents").set(reader.search.documents() as f64);
                progress(*at);
            }
            Err(SearchError::Busy) => {
                if let Err(error) = reader.search.look_again() {
                    tracing::debug!(%error, "the index that another process writes cannot be read");
                }
            }
            Err(error) if failed => tracing::debug!(%error, "the index still cannot go on"),
            Err(error) => {
                failed = true;
                tracing::error!(%error, "the index cannot go on");
            }
        }
        metrics::gauge!("huying_search_failing").set(f64::from(u8::from(failed)));
        if step.is_ok_and(|at| at.rebuilding) {
            continue;
        }
        tokio::time::sleep(pause).await;
        waiter.wait().await;
    }
}
