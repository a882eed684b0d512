//! Asking the index.

use std::collections::{BTreeMap, BTreeSet};

use journal::{JournalError, tail};
use store::Read;
use tantivy::query::{BooleanQuery, EmptyQuery, Occur, Query as IndexQuery, TermQuery, TermSetQuery};
use tantivy::schema::IndexRecordOption;
use tantivy::{Searcher, Term};

use crate::collect::Newest;
use crate::document::{Document, Source};
use crate::expand::expand;
use crate::index::{Search, SearchError};
use crate::phrase::Phrase;
use crate::query::{Asked, Query};
use crate::schema::{Fields, Part};
use crate::sight::{Sight, Within, term};

/// What is asked, by whom, and which page of the answer.
#[derive(Clone, Debug)]
pub struct Question<'a> {
    pub query: &'a Query,
    pub sight: &'a Sight,
    /// Only documents of this kind; none: of any.
    pub kind: Option<&'a str>,
    /// `next` of the page before.
    pub before: Option<u64>,
    pub limit: usize,
}

/// A page of what was found, the newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// How many there are on all pages together.
    pub total: u64,
    pub hits: Vec<Hit>,
    /// Where the next page begins; none on the last.
    pub next: Option<u64>,
    /// Not all was looked up: a word was so short that it may stand for too much, or the words of a phrase stand in too many.
    pub cut_short: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hit {
    /// Position of the aggregate's first fact.
    pub key: u64,
    /// Where words of the question were found, as far as the caller sees it.
    pub parts: BTreeSet<Part>,
    /// Of each phrase the parts that hold its words.
    phrases: Vec<BTreeSet<Part>>,
}

/// A word of the question, looked up: by the parts it was found in.
type LookedUp = Vec<Within<(Part, Box<dyn IndexQuery>)>>;

/// Of what holds the words of a phrase so many are read, the newest.
const READ: usize = 500;

impl Search {
    /// The newest hits first. It works on the processor for a while: from async code by `spawn_blocking`. Of a phrase it knows only
    /// that its words stand in one part: [`Search::ask_exactly`] knows more.
    pub fn find(&self, question: &Question) -> Result<Found, SearchError> {
        let open = self.open_index();
        let (searcher, fields) = (open.reader.searcher(), &open.fields);
        let mut cut_short = false;
        let mut words = Vec::with_capacity(question.query.words.len());
        for word in &question.query.words {
            words.push(look_up(&searcher, fields, question.sight, word, &mut cut_short)?);
        }
        let mut phrases = Vec::with_capacity(question.query.phrases.len());
        for phrase in &question.query.phrases {
            phrases.push(look_up_together(&searcher, fields, question.sight, phrase, &mut cut_short)?);
        }
        let query = whole(question, fields, words.iter().chain(&phrases));
        let newest = Newest { before: question.before.unwrap_or(u64::MAX), most: question.limit + 1 };
        let (total, mut keys) = searcher.search(&query, &newest)?;
        let more = keys.len() > question.limit;
        keys.truncate(question.limit);
        let next = keys.last().copied().filter(|_| more);
        let parts = parts_of(&searcher, fields, &keys, &words)?;
        let of = |phrase: &LookedUp| parts_of(&searcher, fields, &keys, std::slice::from_ref(phrase));
        let together = phrases.iter().map(of).collect::<Result<Vec<_>, SearchError>>()?;
        let hit = |key: u64| {
            let of = |parts: &BTreeMap<u64, BTreeSet<Part>>| parts.get(&key).cloned().unwrap_or_default();
            Hit { key, parts: of(&parts), phrases: together.iter().map(of).collect() }
        };
        Ok(Found { total, hits: keys.into_iter().map(hit).collect(), next, cut_short })
    }

    /// The same away from the async threads.
    pub async fn ask(
        &self,
        query: &Query,
        sight: &Sight,
        kind: Option<&str>,
        before: Option<u64>,
        limit: usize,
    ) -> Result<Found, SearchError> {
        let (search, query, sight, kind) = (self.clone(), query.clone(), sight.clone(), kind.map(str::to_owned));
        let ask = move || search.find(&Question { query: &query, sight: &sight, kind: kind.as_deref(), before, limit });
        tokio::task::spawn_blocking(ask).await.map_err(|_| SearchError::Stopped)?
    }

    /// The same, phrases being held to the texts as `source` gives them now, of the newest [`READ`] that hold their words: where there
    /// are more, it is cut short.
    pub async fn ask_exactly(
        &self,
        source: &impl Source,
        read: &mut impl Read,
        query: &Query,
        sight: &Sight,
        kind: Option<&str>,
        page: (Option<u64>, usize),
    ) -> Result<Found, SearchError> {
        let (before, limit) = page;
        if query.phrases.is_empty() {
            return self.ask(query, sight, kind, before, limit).await;
        }
        let mut held = self.held(source, read, query, sight, kind, READ).await?;
        held.hits.retain(|hit| hit.key < before.unwrap_or(u64::MAX));
        let more = held.hits.len() > limit;
        held.hits.truncate(limit);
        held.next = held.hits.last().map(|hit| hit.key).filter(|_| more);
        Ok(held)
    }

    /// All that holds the phrases, of the newest `most` that hold their words.
    async fn held(
        &self,
        source: &impl Source,
        read: &mut impl Read,
        query: &Query,
        sight: &Sight,
        kind: Option<&str>,
        most: usize,
    ) -> Result<Found, SearchError> {
        let near = self.ask(query, sight, kind, None, most).await?;
        let keys: Vec<u64> = near.hits.iter().map(|hit| hit.key).collect();
        let mut streams = streams_of(read, &keys).await?;
        let of: Vec<String> = keys.iter().filter_map(|key| streams.get(key).cloned()).collect();
        let documents: BTreeMap<String, Option<Document>> = source.documents(of).await?.into_iter().collect();
        let holds = |hit: Hit| {
            let document = documents.get(&streams.remove(&hit.key)?)?.as_ref()?;
            hit.holding(&query.phrases, document)
        };
        let hits: Vec<Hit> = near.hits.into_iter().filter_map(holds).collect();
        let cut_short = near.cut_short || near.next.is_some();
        Ok(Found { total: hits.len() as u64, hits, next: None, cut_short })
    }

    /// The streams of all that is found, the newest first: for lists that are narrowed by a text among other things. None where there
    /// are more than `most` (of a phrase: that hold its words), or where a word was so short that not all it may stand for was looked up.
    pub async fn streams(
        &self,
        source: &impl Source,
        read: &mut impl Read,
        query: &Query,
        sight: &Sight,
        kind: &str,
        most: usize,
    ) -> Result<Option<Vec<String>>, SearchError> {
        let found = match query.phrases.is_empty() {
            true => self.ask(query, sight, Some(kind), None, most).await?,
            false => self.held(source, read, query, sight, Some(kind), most).await?,
        };
        if found.cut_short || found.next.is_some() {
            return Ok(None);
        }
        let keys: Vec<u64> = found.hits.iter().map(|hit| hit.key).collect();
        let mut streams = streams_of(read, &keys).await?;
        Ok(Some(keys.iter().filter_map(|key| streams.remove(key)).collect()))
    }
}

/// The streams that began at these positions.
pub async fn streams_of(read: &mut impl Read, keys: &[u64]) -> Result<BTreeMap<u64, String>, JournalError> {
    let positions: Vec<i64> = keys.iter().map(|key| *key as i64).collect();
    let streams = tail::streams_at(read, &positions).await?;
    Ok(streams.into_iter().map(|(position, stream)| (position as u64, stream)).collect())
}

impl Hit {
    /// None where the document does not hold each phrase in a part that is seen.
    fn holding(mut self, phrases: &[Phrase], document: &Document) -> Option<Hit> {
        for (phrase, parts) in phrases.iter().zip(std::mem::take(&mut self.phrases)) {
            let held: Vec<Part> = parts.into_iter().filter(|part| phrase.stands_in(document, *part)).collect();
            if held.is_empty() {
                return None;
            }
            self.parts.extend(held);
        }
        Some(self)
    }
}

fn look_up(
    searcher: &Searcher,
    fields: &Fields,
    sight: &Sight,
    word: &Asked,
    cut_short: &mut bool,
) -> Result<LookedUp, SearchError> {
    let mut looked_up = Vec::new();
    for (condition, parts) in sight.parts(fields) {
        let mut found: Vec<(Part, Box<dyn IndexQuery>)> = Vec::new();
        for part in parts {
            let terms = expand(searcher, fields, part, word)?;
            *cut_short |= terms.cut_short;
            found.extend(any_of(terms.terms).map(|query| (part, query)));
        }
        if !found.is_empty() {
            looked_up.push((condition, found));
        }
    }
    Ok(looked_up)
}

/// The parts in which all words of a phrase stand.
fn look_up_together(
    searcher: &Searcher,
    fields: &Fields,
    sight: &Sight,
    phrase: &Phrase,
    cut_short: &mut bool,
) -> Result<LookedUp, SearchError> {
    let mut looked_up = Vec::new();
    for (condition, parts) in sight.parts(fields) {
        let mut found: Vec<(Part, Box<dyn IndexQuery>)> = Vec::new();
        for part in parts.into_iter().filter(|part| !part.is_sound()) {
            let mut all = Vec::new();
            for word in phrase.telling() {
                let terms = expand(searcher, fields, part, word)?;
                *cut_short |= terms.cut_short;
                all.push(any_of(terms.terms));
            }
            let all: Option<Vec<_>> = all.into_iter().collect();
            found.extend(
                all.map(|all| -> (Part, Box<dyn IndexQuery>) { (part, Box::new(BooleanQuery::intersection(all))) }),
            );
        }
        if !found.is_empty() {
            looked_up.push((condition, found));
        }
    }
    Ok(looked_up)
}

/// Few terms one by one, many as a set.
fn any_of(terms: BTreeSet<Term>) -> Option<Box<dyn IndexQuery>> {
    const FEW: usize = 8;
    let one = |term: Term| -> Box<dyn IndexQuery> { Box::new(TermQuery::new(term, IndexRecordOption::Basic)) };
    match terms.len() {
        0 => None,
        1 => terms.into_iter().next().map(one),
        2..=FEW => Some(Box::new(BooleanQuery::union(terms.into_iter().map(one).collect()))),
        _ => Some(Box::new(TermSetQuery::new(terms))),
    }
}

/// Each word somewhere, within what is seen.
fn whole<'a>(question: &Question, fields: &Fields, words: impl Iterator<Item = &'a LookedUp>) -> Box<dyn IndexQuery> {
    let mut all: Vec<Box<dyn IndexQuery>> = Vec::new();
    for word in words {
        let mut any: Vec<Box<dyn IndexQuery>> = Vec::new();
        for (condition, parts) in word {
            let parts = parts.iter().map(|(_, query)| query.box_clone());
            match condition {
                None => any.extend(parts),
                Some(condition) => {
                    let somewhere = Box::new(BooleanQuery::union(parts.collect()));
                    any.push(Box::new(BooleanQuery::intersection(vec![condition.box_clone(), somewhere])));
                }
            }
        }
        match any.len() {
            0 => return Box::new(EmptyQuery),
            1 => all.extend(any),
            _ => all.push(Box::new(BooleanQuery::union(any))),
        }
    }
    all.extend(question.kind.map(|kind| term(fields.kind, kind)));
    all.extend(question.sight.condition(platform::Sensitivity::Public, fields));
    match all.len() {
        1 => all.remove(0),
        _ => Box::new(BooleanQuery::new(all.into_iter().map(|query| (Occur::Must, query)).collect())),
    }
}

/// In which parts the words were found, for each of the keys.
fn parts_of(
    searcher: &Searcher,
    fields: &Fields,
    keys: &[u64],
    words: &[LookedUp],
) -> Result<BTreeMap<u64, BTreeSet<Part>>, SearchError> {
    let mut parts: BTreeMap<u64, BTreeSet<Part>> = BTreeMap::new();
    if keys.is_empty() {
        return Ok(parts);
    }
    let page = TermSetQuery::new(keys.iter().map(|key| Term::from_field_u64(fields.key, *key)));
    for (condition, (part, query)) in
        words.iter().flatten().flat_map(|(condition, found)| found.iter().map(move |one| (condition, one)))
    {
        let mut all: Vec<Box<dyn IndexQuery>> = vec![Box::new(page.clone()), query.box_clone()];
        all.extend(condition.as_ref().map(|condition| condition.box_clone()));
        let newest = Newest { before: u64::MAX, most: keys.len() };
        let (_, found) = searcher.search(&BooleanQuery::intersection(all), &newest)?;
        found.into_iter().for_each(|key| {
            parts.entry(key).or_default().insert(*part);
        });
    }
    Ok(parts)
}
