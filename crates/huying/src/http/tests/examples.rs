//! What the document shows of each operation is what the coverage test asked and got. `HUYING_WRITE_EXAMPLES=1` writes it anew.

use std::collections::BTreeMap;

use kernel::Chance;
use reqwest::Url;
use serde_json::Value;
use uuid::Uuid;

use super::world::{Answer, Ask};
use crate::http::examples::{Example, Examples, Shown};

const FILE: &str = "src/http/examples.json";
/// A list shows how one thing of it looks beside another; more is only longer.
const SHOWN: usize = 2;
/// A table of text shows its head and so many lines.
const LINES: usize = 3;

/// What was asked and answered, without what is other on each run.
pub fn example(operation: &str, ask: &Ask, answer: &Answer) -> Example {
    let mut same = Same::default();
    let mut parameters = BTreeMap::new();
    for (name, value) in written(operation, ask) {
        parameters.insert(name, same.text(&value));
    }
    let body = ask.body.clone().map(|body| same.value(body));
    let kind = answer.kind.clone().filter(|_| !answer.body.is_null());
    let answered = kind.map(|kind| {
        let value = match &answer.body {
            Value::String(text) => same.text(&lines(text)).into(),
            body => same.value(short(body.clone())),
        };
        Shown { kind, value }
    });
    Example { parameters, body, status: answer.status.as_u16(), answer: answered }
}

/// The committed examples are what was recorded, on whichever store.
pub fn check(recorded: Examples) {
    if std::env::var("HUYING_WRITE_EXAMPLES").is_ok() {
        let text = serde_json::to_string_pretty(&recorded).unwrap() + "\n";
        std::fs::write(FILE, text).unwrap();
    }
    let committed: Examples = serde_json::from_str(&std::fs::read_to_string(FILE).unwrap()).unwrap();
    for (operation, example) in &recorded {
        assert_eq!(committed.get(operation), Some(example), "{operation}: {FILE} is stale");
    }
    let gone: Vec<_> = committed.keys().filter(|operation| !recorded.contains_key(*operation)).collect();
    assert!(gone.is_empty(), "{FILE} shows what is no more: {gone:?}");
}

/// What cannot be shown as text, each with the reason.
const UNSHOWN: &[(&str, &str, &str)] = &[
    ("post /files", "request", "the bytes of a picture"),
    ("get /files/{id}", "answer", "the bytes of a picture"),
    ("get /files/{id}/thumbnail", "answer", "the bytes of a picture"),
    ("get /live", "answer", "a stream that does not end"),
];

/// Each operation shows the parameters it cannot do without, what it is sent and what it answers.
pub fn check_document(document: &Value) {
    let mut unshown = Vec::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            let lacks = lacking(operation).into_iter();
            unshown.extend(lacks.map(|what| (format!("{method} {path}"), what)));
        }
    }
    let excepted: Vec<_> = UNSHOWN.iter().map(|(name, what, _)| ((*name).to_owned(), (*what).to_owned())).collect();
    let missing: Vec<_> = unshown.iter().filter(|one| !excepted.contains(one)).collect();
    assert!(missing.is_empty(), "shown by no example: {missing:?}");
    let shown: Vec<_> = excepted.iter().filter(|one| !unshown.contains(one)).collect();
    assert!(shown.is_empty(), "excepted, but shown or not there: {shown:?}");
}

fn lacking(operation: &Value) -> Vec<String> {
    let mut lacks = Vec::new();
    for parameter in operation["parameters"].as_array().into_iter().flatten() {
        if parameter["required"] == true && !is_shown(parameter) {
            lacks.push(parameter["name"].as_str().unwrap().to_owned());
        }
    }
    let shows = |content: &Value| content.as_object().is_none_or(|kinds| kinds.values().any(is_shown));
    if !shows(&operation["requestBody"]["content"]) {
        lacks.push("request".to_owned());
    }
    let answers = operation["responses"].as_object().unwrap().iter().filter(|(status, _)| status.starts_with('2'));
    let answers: Vec<&Value> = answers.map(|(_, answer)| &answer["content"]).collect();
    if !answers.iter().any(|content| shows(content)) {
        lacks.push("answer".to_owned());
    }
    lacks
}

fn is_shown(beside: &Value) -> bool {
    beside.get("example").is_some() || beside.pointer("/examples/recorded").is_some()
}

/// The parameters of a request by name, those of its path as the operation's template names them.
fn written(operation: &str, ask: &Ask) -> Vec<(String, String)> {
    let url = Url::parse(&format!("http://huying{}", ask.path)).unwrap();
    let template = operation.split_once(' ').unwrap().1.split('/');
    let parts = template.zip(url.path().split('/'));
    let name = |part: &str| Some(part.strip_prefix('{')?.strip_suffix('}')?.to_owned());
    let in_path = parts.filter_map(|(part, value)| Some((name(part)?, value.to_owned())));
    let in_query = url.query_pairs().map(|(name, value)| (name.into_owned(), value.into_owned()));
    // The document writes the names of headers with capitals.
    let capital = |word: &str| word[..1].to_uppercase() + &word[1..];
    let headers = ask.headers.iter().map(|(name, value)| {
        let name: Vec<String> = name.split('-').map(capital).collect();
        (name.join("-"), value.clone())
    });
    in_path.chain(in_query).chain(headers).collect()
}

/// Lists are cut; pairs of numbers and the like are not lists of things.
fn short(value: Value) -> Value {
    match value {
        Value::Array(mut items) => {
            if items.first().is_some_and(Value::is_object) {
                items.truncate(SHOWN);
            }
            items.into_iter().map(short).collect()
        }
        Value::Object(members) => members.into_iter().map(|(name, value)| (name, short(value))).collect(),
        other => other,
    }
}

fn lines(text: &str) -> String {
    text.lines().take(LINES).map(|line| format!("{line}\r\n")).collect()
}

/// What is drawn by chance differs as soon as something is tried before it: identifiers, numbers of cases, keys, codes, hashes. Within one
/// example each is shown by another of its form, in the order in which they are met.
#[derive(Default)]
struct Same {
    shown: BTreeMap<String, String>,
}

const ID: usize = 36;
/// So many letters and digits in a row are no word.
const LONG: usize = 32;
/// What comes before what is drawn.
const BEGINNINGS: [&str; 2] = ["hyk_", "whsec_"];

impl Same {
    fn value(&mut self, value: Value) -> Value {
        match value {
            Value::String(text) => self.text(&text).into(),
            Value::Array(items) => items.into_iter().map(|item| self.value(item)).collect(),
            Value::Object(members) => {
                members.into_iter().map(|(name, value)| (self.text(&name), self.value(value))).collect()
            }
            other => other,
        }
    }

    fn text(&mut self, text: &str) -> String {
        let (mut same, mut rest) = (String::new(), text);
        while let Some(first) = rest.chars().next() {
            let run =
                rest.find(|one: char| !one.is_ascii_alphanumeric() && !"+/_-".contains(one)).unwrap_or(rest.len());
            let ids = (0..run.saturating_sub(ID - 1)).any(|at| is_id(&rest[at..]));
            let (length, drawn) = match (is_id(rest), ids) {
                (true, _) => (ID, true),
                (false, true) => (first.len_utf8(), false),
                (false, false) => (run.max(first.len_utf8()), is_drawn(&rest[..run])),
            };
            let piece = &rest[..length];
            same.push_str(&if drawn { self.drawn(piece) } else { piece.to_owned() });
            rest = &rest[length..];
        }
        same
    }

    fn drawn(&mut self, piece: &str) -> String {
        let next = self.shown.len() as u64;
        self.shown.entry(piece.to_owned()).or_insert_with(|| another(piece, next)).clone()
    }
}

fn is_id(text: &str) -> bool {
    text.get(..ID).is_some_and(|id| Uuid::try_parse(id).is_ok())
}

/// Runs of letters and digits that nobody wrote.
fn is_drawn(run: &str) -> bool {
    let groups: Vec<&str> = run.split('-').collect();
    let is_upper = |group: &&str| group.bytes().all(|one| one.is_ascii_digit() || one.is_ascii_uppercase());
    let is_code = groups.len() == 4 && groups.iter().all(|group| group.len() == 4 && is_upper(group));
    is_code
        || is_number(run)
        || is_session(run)
        || (run.len() >= LONG && run.contains(|one: char| one.is_ascii_digit()))
}

/// A case's: the day and eight more.
fn is_number(run: &str) -> bool {
    run.split_once('-')
        .is_some_and(|(day, more)| day.len() == 8 && more.len() == 8 && day.bytes().all(|one| one.is_ascii_digit()))
}

fn is_session(run: &str) -> bool {
    run.len() == 16 && is_hex(run) && run.contains(|one: char| one.is_ascii_alphabetic())
}

fn is_hex(run: &str) -> bool {
    run.bytes().all(|one| one.is_ascii_digit() || (b'a'..=b'f').contains(&one))
}

/// The `nth` of the form of `piece`.
fn another(piece: &str, nth: u64) -> String {
    let mut chance = Chance::seeded(nth, "example");
    if is_id(piece) {
        return chance.uuid().to_string();
    }
    let day = if is_number(piece) { &piece[..9] } else { "" };
    let kept = BEGINNINGS.into_iter().find(|one| piece.starts_with(one)).unwrap_or(day);
    let is_code = piece.len() == 19;
    let signs: &[u8] = if is_hex(piece) { b"0123456789abcdef" } else { b"234567ABCDEFGHJKLMNPQRSTVWXYZ" };
    let drawn = (kept.len()..piece.len()).map(|at| match is_code && at % 5 == 4 {
        true => '-',
        false => chance.pick(signs).map_or('0', |one| char::from(*one)),
    });
    kept.chars().chain(drawn).collect()
}

#[test]
fn what_is_drawn_is_called_by_its_order() {
    let id = "4d9c1f52-7a06-4b1e-9a55-0c1f6f3c2b7e";
    let tell = |text: &str| Same::default().text(text);
    let check = |one: &str, other: &str| {
        assert_ne!(tell(one), one);
        assert_eq!(tell(one), tell(other), "{one} and {other}");
    };
    check(
        &format!("case/{id}, {id}"),
        "case/b1131d24-fe2a-4acf-b784-2229a73ed58f, b1131d24-fe2a-4acf-b784-2229a73ed58f",
    );
    check("案件 20260302-GSSLXLVB", "案件 20260302-3RQS9SYB");
    check("NY48-E53X-8VPD-ZV74", "GN9M-KB63-TA9N-XS0Q");
    check("hyk_UovpxeDCeSb-wjGSCnLLWvnP1kk04Uk8btDtqkEllj8", "hyk_G6jYTPGe2BFT3Vn5FhQgkwcyTPEXD2fJPSnZACvJi7o");
    check("658ce126aed19d05", "a32c5fc7b22e0a11");
    for kept in
        ["99990100100101", "2026-03-02T02:00:00Z", "S1.dispatcher", "路口井盖破损", "huying-receipt@v1", "13800005678"]
    {
        assert_eq!(tell(kept), kept);
    }
    let (one, other) = ("b1131d24-fe2a-4acf-b784-2229a73ed58f", id);
    assert_ne!(tell(&format!("{one} {one}")), tell(&format!("{one} {other}")), "different ones stay different");
}
