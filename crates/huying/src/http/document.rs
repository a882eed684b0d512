//! What every operation answers besides what its handler says, written into the document in one place.

use std::collections::{HashMap, HashSet};

use axum::http::Method;
use serde_json::{Value, json};

const PROBLEM: &str = "application/problem+json";
const JSON: &str = "application/json";
/// Any bytes: the handler looks at them itself.
const BYTES: &str = "application/octet-stream";

/// The kinds of body that an operation reads, by method and path.
pub type Media = HashMap<(Method, String), Vec<String>>;

/// Completes each operation by the answers that do not come from its handler, and gives problems their own media type.
pub fn complete(document: &mut Value) {
    for operation in operations(document) {
        let secured = is_secured(operation.value);
        let media = media_of(operation.value);
        let has_input = !media.is_empty() || operation.get("parameters").is_some();
        let mut common = vec![
            (429, "too many requests; `Retry-After` says when to come back"),
            (500, "a failure of the server, which its log explains"),
            (503, "too much is asked of the server at once, or what it needs is not at hand"),
        ];
        if secured {
            common.push((401, "not signed in, or the key is unknown"));
        }
        if secured || operation.method != "get" {
            common.push((403, "not permitted, or sent by another site"));
        }
        if !media.is_empty() {
            common.push((413, "the body is too long"));
            if !media.iter().any(|kind| kind == BYTES) {
                common.push((415, "the body is of another kind than the operation reads"));
            }
        }
        if has_input {
            common.push((422, "something of the request is not understood; `field` names it"));
        }
        if let Some(responses) = operation.value["responses"].as_object_mut() {
            for (status, description) in common {
                let given = responses.entry(status.to_string()).or_insert_with(|| problem(description));
                if given["description"] == "" {
                    given["description"] = description.into();
                }
            }
            for (status, response) in responses.iter_mut().filter(|(status, _)| status.as_str() >= "400") {
                if let Some(content) = response["content"].as_object_mut()
                    && let Some(body) = content.remove(JSON)
                {
                    content.insert(PROBLEM.to_owned(), body);
                }
                if matches!(status.as_str(), "429" | "503") {
                    let after = json!({ "description": "seconds to wait", "schema": { "type": "integer" } });
                    response["headers"] = json!({ "Retry-After": after });
                }
            }
        }
    }
}

/// Of operations that take any bytes there is nothing to say.
pub fn media(document: &mut Value) -> Media {
    let kinds = operations(document).filter_map(|operation| {
        let kinds = media_of(operation.value);
        let method = Method::from_bytes(operation.method.to_uppercase().as_bytes()).ok()?;
        let is_choosy = !kinds.is_empty() && !kinds.iter().any(|kind| kind == BYTES);
        is_choosy.then(|| ((method, operation.path.to_owned()), kinds))
    });
    kinds.collect()
}

/// Operations that change something and that anyone may send, signed in or not.
pub fn open_writes(document: &mut Value) -> HashSet<(Method, String)> {
    let open = operations(document).filter_map(|operation| {
        let method = Method::from_bytes(operation.method.to_uppercase().as_bytes()).ok()?;
        let is_open = !is_secured(operation.value) && method != Method::GET;
        is_open.then(|| (method, operation.path.to_owned()))
    });
    open.collect()
}

fn is_secured(operation: &Value) -> bool {
    match operation.get("security").and_then(Value::as_array) {
        // As the whole document says.
        None => true,
        Some(ways) => ways.iter().any(|way| way.as_object().is_some_and(|way| !way.is_empty())),
    }
}

pub struct Operation<'a> {
    pub path: &'a str,
    pub method: &'a str,
    pub value: &'a mut Value,
}

impl Operation<'_> {
    fn get(&self, name: &str) -> Option<&Value> {
        self.value.get(name)
    }
}

/// Each operation of the document.
pub fn operations(document: &mut Value) -> impl Iterator<Item = Operation<'_>> {
    let paths = document["paths"].as_object_mut().into_iter().flatten();
    paths.flat_map(|(path, methods)| {
        let methods = methods.as_object_mut().into_iter().flatten();
        methods.map(move |(method, value)| Operation { path, method, value })
    })
}

fn media_of(operation: &Value) -> Vec<String> {
    let content = operation["requestBody"]["content"].as_object().into_iter().flatten();
    content.map(|(kind, _)| kind.clone()).collect()
}

fn problem(description: &str) -> Value {
    let schema = json!({ "$ref": "#/components/schemas/ProblemBody" });
    json!({ "description": description, "content": { PROBLEM: { "schema": schema } } })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_operation_is_completed_by_what_it_can_answer() {
        let mut document = json!({ "paths": { "/things": {
            "get": { "responses": { "200": { "description": "" }, "403": { "description": "no" } } },
            "post": {
                "security": [{}],
                "requestBody": { "content": { JSON: {} } },
                "responses": { "422": { "description": "", "content": { JSON: { "schema": 1 } } } },
            },
        } } });
        complete(&mut document);
        let statuses = |method: &str| {
            let responses = document["paths"]["/things"][method]["responses"].as_object().unwrap();
            responses.keys().cloned().collect::<Vec<_>>()
        };
        assert_eq!(statuses("get"), ["200", "401", "403", "429", "500", "503"]);
        assert_eq!(statuses("post"), ["403", "413", "415", "422", "429", "500", "503"]);
        let get = &document["paths"]["/things"]["get"]["responses"];
        assert_eq!(get["403"]["description"], "no");
        assert!(get["503"]["headers"]["Retry-After"].is_object());
        let invalid = &document["paths"]["/things"]["post"]["responses"]["422"];
        assert_eq!(invalid["content"], json!({ PROBLEM: { "schema": 1 } }));
        assert_eq!(open_writes(&mut document), HashSet::from([(Method::POST, "/things".to_owned())]));
        let media = media(&mut document);
        assert_eq!(media.get(&(Method::POST, "/things".to_owned())), Some(&vec![JSON.to_owned()]));
    }
}
