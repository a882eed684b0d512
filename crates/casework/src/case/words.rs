//! Text that people write. It is personal to its author and never stands in a fact's body.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::CaseRefusal;

/// Free text: trimmed, not empty, at most 8,000 characters. Its `Debug` hides it, so that it cannot leak into a log.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Words(String);

const LONGEST: usize = 8_000;

impl Words {
    pub fn new(text: impl AsRef<str>) -> Result<Words, CaseRefusal> {
        let text = text.as_ref().trim();
        if text.is_empty() {
            return Err(CaseRefusal::WordsMissing);
        }
        let length = text.chars().count();
        if length > LONGEST {
            return Err(CaseRefusal::WordsTooLong { length, longest: LONGEST });
        }
        Ok(Words(text.to_owned()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Words {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Words({} characters)", self.0.chars().count())
    }
}

impl TryFrom<String> for Words {
    type Error = CaseRefusal;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        Words::new(text)
    }
}

impl From<Words> for String {
    fn from(words: Words) -> String {
        words.0
    }
}

/// A value that is sealed beside a fact under the key of `subject` and can be erased with it.
#[derive(Clone, PartialEq, Eq)]
pub struct Personal {
    pub subject: String,
    /// `words`, `name`, `phone`, `address`, `reply`, `reason`, …
    pub field: &'static str,
    pub value: String,
}

impl Personal {
    pub fn new(subject: impl Into<String>, field: &'static str, value: impl Into<String>) -> Personal {
        Personal { subject: subject.into(), field, value: value.into() }
    }
}

impl fmt::Debug for Personal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Personal({})", self.field)
    }
}

impl From<Personal> for journal::Personal {
    fn from(one: Personal) -> journal::Personal {
        journal::Personal { subject: one.subject, field: one.field, value: one.value }
    }
}
