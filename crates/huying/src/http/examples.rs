//! Examples in the document: of each operation a request that succeeded and what was answered. `examples.json` holds what the tests of
//! the API asked and got (`tests/examples.rs`), so that none of them is invented.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::document::operations;

/// What is kept of one request and its answer.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Example {
    /// Those of path, query and header, by name, as they are written in a request.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub parameters: BTreeMap<String, String>,
    /// What was sent, where it is JSON.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<Value>,
    pub status: u16,
    /// The kind of the answer and what it says; none of answers without a body, or with one that cannot be shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<Shown>,
}

#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Shown {
    pub kind: String,
    pub value: Value,
}

/// By operation, as `get /cases/{id}`.
pub type Examples = BTreeMap<String, Example>;

/// One that a caller may choose; the tests send none.
const KEY: &str = "4d9c1f52-7a06-4b1e-9a55-0c1f6f3c2b7e";

/// Those that the tests recorded.
pub fn recorded() -> Examples {
    serde_json::from_str(include_str!("examples.json")).unwrap_or_default()
}

/// Puts each example beside what it is one of. What the document does not name is left out.
pub fn weave(document: &mut Value, examples: &Examples) {
    for operation in operations(document) {
        let Some(example) = examples.get(&format!("{} {}", operation.method, operation.path)) else { continue };
        for parameter in listed(operation.value) {
            let given = parameter["name"].as_str().and_then(|name| example.parameters.get(name));
            let shown = given.map(|given| typed(given, &parameter["schema"]));
            let shown = shown.or_else(|| (parameter["name"] == "Idempotency-Key").then(|| KEY.into()));
            if let Some(shown) = shown {
                put(parameter, shown);
            }
        }
        if let Some(body) = &example.body {
            show(operation.value, &["requestBody", "content", "application/json"], body.clone());
        }
        if let Some(Shown { kind, value }) = &example.answer {
            let status = example.status.to_string();
            show(operation.value, &["responses", &status, "content", kind], value.clone());
        }
    }
}

fn listed(operation: &mut Value) -> impl Iterator<Item = &mut Value> {
    operation.get_mut("parameters").and_then(Value::as_array_mut).into_iter().flatten()
}

/// Only where the document says that there is something of the kind.
fn show(operation: &mut Value, place: &[&str], value: Value) {
    if let Some(media) = place.iter().try_fold(operation, |value, name| value.get_mut(*name)) {
        put(media, value);
    }
}

/// In the place of one that the handler names. Under a name: types made from the document do not repeat those as comments.
fn put(beside: &mut Value, value: Value) {
    if let Some(beside) = beside.as_object_mut() {
        beside.remove("example");
        beside.insert("examples".to_owned(), json!({ "recorded": { "value": value } }));
    }
}

/// What is written in a request, as the value that the schema speaks of.
fn typed(given: &str, schema: &Value) -> Value {
    let is_text = |kind: &Value| kind == "string";
    let kinds = &schema["type"];
    let text = is_text(kinds) || kinds.as_array().is_some_and(|kinds| kinds.iter().any(is_text));
    let read = if text || kinds.is_null() { None } else { serde_json::from_str(given).ok() };
    read.unwrap_or_else(|| given.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_example_stands_beside_what_it_is_one_of() {
        let mut document = json!({ "paths": { "/things/{id}": { "post": {
            "parameters": [
                { "name": "id", "schema": { "type": "string" } },
                { "name": "limit", "schema": { "type": ["integer", "null"] } },
                { "name": "state", "schema": { "type": "string" } },
            ],
            "requestBody": { "content": { "application/json": {} } },
            "responses": { "200": { "content": { "application/json": { "schema": {} } } }, "404": {} },
        } } } });
        let parameters = [("id", "7"), ("limit", "10"), ("unknown", "x")];
        let example = Example {
            parameters: parameters.map(|(name, value)| (name.to_owned(), value.to_owned())).into(),
            body: Some(json!({ "words": "井盖" })),
            status: 200,
            answer: Some(Shown { kind: "application/json".to_owned(), value: json!([1]) }),
        };
        weave(&mut document, &Examples::from([("post /things/{id}".to_owned(), example)]));
        let operation = &document["paths"]["/things/{id}"]["post"];
        let shown: Vec<_> =
            (0..3).map(|at| operation["parameters"][at]["examples"]["recorded"]["value"].clone()).collect();
        assert_eq!(shown, [json!("7"), json!(10), Value::Null]);
        let recorded = |value: Value| json!({ "recorded": { "value": value } });
        assert_eq!(
            operation["requestBody"]["content"]["application/json"],
            json!({ "examples": recorded(json!({ "words": "井盖" })) })
        );
        let answer = &operation["responses"]["200"]["content"]["application/json"];
        assert_eq!(answer, &json!({ "schema": {}, "examples": recorded(json!([1])) }));
        assert_eq!(operation["responses"]["404"], json!({}));
    }
}
