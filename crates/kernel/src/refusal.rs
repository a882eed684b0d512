//! What a caller is told when a request is not carried out.

use std::collections::BTreeMap;

use serde::Serialize;

/// How a refusal maps to the outside: one HTTP status, one exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A value of the request is wrong; `field` names it.
    Invalid,
    /// The thing addressed is not there, or is not the caller's to know of.
    NotFound,
    /// The caller is not signed in.
    Unauthenticated,
    /// The caller may not do this.
    Forbidden,
    /// The thing is in another state, or at another version, than the request supposes.
    Conflict,
    /// Right at another time: too many requests, a store that is busy.
    Unavailable,
}

/// A refusal on its way to a person: a code that names a text in both languages, the field at fault, and the values the
/// text mentions. Domain errors are enums of their own and turn into this at the edge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    pub kind: Kind,
    /// Key of the text, such as `case-wrong-state`: see `kernel::text`.
    pub code: &'static str,
    /// JSON pointer-like name of the field at fault, where one is.
    pub field: Option<&'static str>,
    pub values: BTreeMap<&'static str, String>,
}

impl Refusal {
    pub fn new(kind: Kind, code: &'static str) -> Self {
        Refusal { kind, code, field: None, values: BTreeMap::new() }
    }

    pub fn invalid(field: &'static str, code: &'static str) -> Self {
        Refusal { field: Some(field), ..Refusal::new(Kind::Invalid, code) }
    }

    pub fn with(mut self, name: &'static str, value: impl ToString) -> Self {
        self.values.insert(name, value.to_string());
        self
    }
}
