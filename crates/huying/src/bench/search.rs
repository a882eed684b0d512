//! Full text over many cases: how large the index is beside the texts, and how long a question takes.

use std::time::Instant as Stopwatch;

use clap::Args;
use kernel::Chance;
use search::{Document, IndexKey, Query, Question, Search, Sight};
use store::{Bind, Db, Options, Read, Sql, Value};

use super::figures::{median, quantile};
use super::place::Place;
use super::report::{Goal, rounded};
use super::search_cases::Town;
use super::{Report, Setting};
use crate::failure::Failure;
use crate::output::Output;

/// p50 and p99 of questions of one to three words, of pinyin initials, of names and of the beginnings of numbers, each asked by
/// another post of the profile; the index's size over that of a database that holds the same texts in plain rows; and the same
/// questions to that database with LIKE, for the whole district. Everything on SQLite.
#[derive(Args, Debug)]
pub struct FullText {
    #[command(flatten)]
    setting: Setting,
    #[arg(long)]
    cases: Option<u64>,
    #[arg(long)]
    questions: Option<usize>,
    /// Of the questions so many are also asked with LIKE, which reads every row.
    #[arg(long)]
    compared: Option<usize>,
}

/// Milliseconds that 99 of 100 questions may take at most.
const GOAL_MS: f64 = 50.0;
/// Of the texts' size.
const GOAL_SHARE: f64 = 0.3;
const PAGE: usize = 20;

const TABLE: &str = include_str!("../../bench/texts.sql");

impl FullText {
    pub async fn run(&self, output: &Output) -> Result<Report, Failure> {
        let cases = self.setting.size(self.cases, 2_000, 1_000_000);
        let questions = self.setting.size(self.questions, 60, 2_000);
        let compared = self.setting.size(self.compared, 6, 20);
        let place = Place::new(&Setting { database: None, ..self.setting.clone() }, "search")?;
        let town = Town::new(self.setting.profile()?);
        let (db, text_bytes) = self.texts(&place, &town, cases, output).await?;
        let key = IndexKey::new([7; 32], Chance::seeded(1, "index"));
        let search = Search::open(&place.folder().join("index"), key).map_err(Failure::other)?;
        let begun = Stopwatch::now();
        let bar = output.progress("search-progress", cases);
        let documents = (1..=cases).map(|nth| (nth, town.case(nth)));
        search::load::load(&search, "case", documents, |done| bar.set_position(done)).map_err(Failure::other)?;
        bar.finish_and_clear();
        let loaded = begun.elapsed().as_secs_f64();
        let index_bytes = search.bytes().map_err(Failure::other)?;

        let mut chance = Chance::seeded(1, "questions");
        let asked: Vec<String> = (0..questions).map(|_| town.question(cases, &mut chance)).collect();
        let mut took = Vec::with_capacity(questions);
        let mut hits = 0;
        let bar = output.progress("bench-queries", questions as u64);
        for text in &asked {
            let scope = town.scope(&mut chance);
            let (total, ms) = ask(&search, text, &Sight::of(&scope, "case.read"))?;
            hits += total;
            took.push(ms);
            bar.inc(1);
        }
        bar.finish_and_clear();
        let like = self.like(&db, &search, &asked[..compared.min(asked.len())]).await?;
        let (p50, p99) = (median(&took).unwrap_or_default(), quantile(&took, 0.99).unwrap_or_default());
        let share = index_bytes as f64 / text_bytes as f64;
        db.close().await;
        place.finish().await?;
        Ok(Report::new("search", "sqlite", self.setting.quick, Goal::AtMost(GOAL_MS), p99)
            .and("index_over_texts", Goal::AtMost(GOAL_SHARE), share)
            .with("cases", cases)
            .with("p50_ms", rounded(p50))
            .with("p99_ms", rounded(p99))
            .with("hits", hits)
            .with("questions", questions)
            .with("index_bytes", index_bytes)
            .with("text_database_bytes", text_bytes)
            .with("loaded_seconds", rounded(loaded))
            .with("like", like))
    }

    /// The texts as plain rows, and the bytes of their database.
    async fn texts(&self, place: &Place, town: &Town, cases: u64, output: &Output) -> Result<(Db, u64), Failure> {
        let address = place.address("texts").await?;
        let db = Db::open(&address, Options::default()).await?;
        let mut tx = db.begin().await?;
        tx.run(store::sql(TABLE)).await?;
        let bar = output.progress("bench-loading", cases);
        let numbers: Vec<u64> = (1..=cases).collect();
        for some in numbers.chunks(2_048) {
            let rows = some.iter().map(|nth| row(*nth, &town.case(*nth))).collect();
            let head = "insert into text (id, number, titles, words, address, name, phone) values";
            for statement in Sql::insert_rows(head, 7, rows, "") {
                tx.run(statement).await?;
            }
            bar.inc(some.len() as u64);
        }
        tx.commit().await?;
        db.vacuum().await?;
        bar.finish_and_clear();
        let bytes: (i64,) =
            (&db).one(store::sql("select page_count * page_size from pragma_page_count(), pragma_page_size()")).await?;
        Ok((db, bytes.0 as u64))
    }

    /// The same questions to the rows and, by someone who sees everything, to the index.
    async fn like(&self, db: &Db, search: &Search, asked: &[String]) -> Result<serde_json::Value, Failure> {
        let (mut rows, mut index) = (Vec::new(), Vec::new());
        for text in asked {
            let words: Vec<&str> = text.split_whitespace().collect();
            let one = |nth: usize| format!("(number || titles || words || address || name || phone) like ${nth}");
            let all: Vec<String> = (1..=words.len()).map(one).collect();
            let select = format!("select count(*), coalesce(max(id), 0) from text where {}", all.join(" and "));
            let select =
                Sql::composed(select).uncached().bind_all(words.iter().map(|word| format!("%{word}%").value()));
            let begun = Stopwatch::now();
            let _: (i64, i64) = (&*db).one(select).await?;
            rows.push(begun.elapsed().as_secs_f64() * 1e3);
            index.push(ask(search, text, &Sight::everything())?.1);
        }
        let (rows, index) = (median(&rows).unwrap_or_default(), median(&index).unwrap_or_default());
        let ratio = rounded(rows / index.max(f64::EPSILON));
        Ok(
            serde_json::json!({ "p50_ms": rounded(rows), "index_p50_ms": rounded(index), "times": ratio, "questions": asked.len() }),
        )
    }
}

/// How many hits there are, and milliseconds.
fn ask(search: &Search, text: &str, sight: &Sight) -> Result<(u64, f64), Failure> {
    let begun = Stopwatch::now();
    let query = Query::parse(text).map_err(Failure::other)?;
    let question = Question { query: &query, sight, kind: Some("case"), before: None, limit: PAGE };
    let found = search.find(&question).map_err(Failure::other)?;
    Ok((found.total, begun.elapsed().as_secs_f64() * 1e3))
}

fn row(nth: u64, case: &Document) -> Vec<Value> {
    let joined = |texts: &[String]| texts.join("\n").value();
    vec![
        (nth as i64).value(),
        (&case.number).value(),
        joined(&case.titles),
        joined(&case.words),
        joined(&case.addresses),
        joined(&case.names),
        joined(&case.phones),
    ]
}
