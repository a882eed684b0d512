//! A journal in which people say things on cases, and the source that gives them to be found.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use journal::testing::{journal, submission};
use journal::{Command, Declined, Journal, JournalError, NewFact, Personal, Unit, tail};
use kernel::{Actor, Instant};
use serde::Serialize;
use store::Db;

use crate::{Document, Reader, Search, Source};

#[derive(Clone)]
pub struct World {
    journal: Journal,
    hidden: Arc<Mutex<BTreeSet<String>>>,
}

#[derive(Serialize)]
struct Said {
    v: u32,
}

/// Somebody says something on a stream, or makes it confidential without a word.
struct Say {
    stream: String,
    said: Option<Personal>,
}

impl Command for Say {
    type Output = ();
    type Refusal = std::convert::Infallible;

    async fn decide(&self, unit: &mut Unit) -> Result<(), Declined<Self::Refusal>> {
        let version = tail::version(unit.tx().await?, &self.stream).await?;
        let mut fact = NewFact::new("case.said", unit.at(), Actor::system("test"), &Said { v: 1 });
        fact.personal.extend(self.said.clone());
        unit.append(&self.stream, version, vec![fact]).await?;
        Ok(())
    }
}

impl World {
    pub fn new(db: Db) -> World {
        World { journal: journal(&db), hidden: Arc::default() }
    }

    pub fn db(&self) -> &Db {
        self.journal.db()
    }

    pub fn stream(&self, nth: u32) -> String {
        format!("case/00000000-0000-4000-8000-{nth:012}")
    }

    pub async fn say(&self, stream: &str, subject: &str, words: &str) {
        let said = Personal { subject: subject.to_owned(), field: "words", value: words.to_owned() };
        self.submit(Say { stream: stream.to_owned(), said: Some(said) }).await;
    }

    pub async fn hide(&self, stream: &str) {
        self.hidden.lock().unwrap().insert(stream.to_owned());
        self.submit(Say { stream: stream.to_owned(), said: None }).await;
    }

    pub async fn submit<C: Command<Output = ()> + Send + Sync + 'static>(&self, command: C)
    where
        C::Refusal: std::fmt::Debug,
    {
        let head = tail::head(&mut self.journal.db()).await.unwrap();
        self.journal.submit(command, submission("2026-03-02T02:00:00Z", &format!("say/{head}"))).await.unwrap();
    }

    pub fn reader(&self, search: &Search) -> Reader<World> {
        Reader::new(search.clone(), self.journal.clone(), self.clone())
    }
}

impl Source for World {
    fn prefix(&self) -> &'static str {
        "case/"
    }

    async fn documents(&self, streams: Vec<String>) -> Result<Vec<(String, Option<Document>)>, JournalError> {
        let facts = tail::of_streams(&mut self.journal.db(), &streams).await?;
        let opened = self.journal.sealer().open_all(&mut self.journal.db(), &facts).await?;
        let mut made: BTreeMap<String, Document> = BTreeMap::new();
        for (fact, opened) in facts.into_iter().zip(opened) {
            let document = made.entry(fact.stream).or_default();
            document.opened_at = Some(Instant::from_micros(0));
            for field in opened.fields.into_values() {
                document.words.push(field.value);
                document.subjects.insert(field.subject);
            }
        }
        let hidden = self.hidden.lock().unwrap();
        Ok(made.into_iter().map(|(stream, one)| (stream.clone(), (!hidden.contains(&stream)).then_some(one))).collect())
    }
}
