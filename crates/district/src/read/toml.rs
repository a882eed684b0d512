//! TOML files.

use std::ops::{Deref, Range};

use serde::de::DeserializeOwned;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::Folder;
use crate::fault::{Fault, Faults, codes};

/// A TOML file's value, with the means to say on which line a part of it stands.
pub(crate) struct Toml<T> {
    pub file: &'static str,
    pub value: T,
    text: String,
}

impl<T> Deref for Toml<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T: DeserializeOwned> Toml<T> {
    pub fn read(folder: &Folder, file: &'static str, faults: &mut Faults) -> Option<Toml<T>> {
        let text = folder.text(file, faults)?;
        match toml::from_str(&text) {
            Ok(value) => Some(Toml { file, value, text }),
            Err(error) => {
                let line = error.span().map_or(0, |span| line_of(&text, span.start));
                faults.add(Fault::new(file, line, "", codes::FILE_SYNTAX).with("cause", error.message().trim()));
                None
            }
        }
    }
}

impl<T> Toml<T> {
    /// A fault at a dotted path such as `chain.2.steps.0`; array places count from 0.
    pub fn fault(&self, path: &str, code: &'static str) -> Fault {
        Fault::new(self.file, self.line(path), path, code)
    }

    pub fn line(&self, path: &str) -> u64 {
        let Ok(table) = DeTable::parse(&self.text) else { return 0 };
        span_of(&table, path).map_or(0, |span| line_of(&self.text, span.start))
    }
}

/// Where the deepest part of `path` that exists stands.
fn span_of(table: &Spanned<DeTable<'_>>, path: &str) -> Option<Range<usize>> {
    let mut keys = path.split('.');
    let first = keys.next()?;
    let (key, mut value) = table.get_ref().iter().find(|(key, _)| key.get_ref() == first)?;
    let mut span = key.span();
    for step in keys {
        let next = match value.get_ref() {
            DeValue::Table(table) => {
                table.iter().find(|(key, _)| key.get_ref() == step).map(|(key, value)| (key.span(), value))
            }
            DeValue::Array(items) => {
                step.parse::<usize>().ok().and_then(|place| items.get(place)).map(|value| (value.span(), value))
            }
            _ => None,
        };
        let Some((found, below)) = next else { break };
        (span, value) = (found, below);
    }
    Some(span)
}

fn line_of(text: &str, offset: usize) -> u64 {
    1 + text.as_bytes()[..offset.min(text.len())].iter().filter(|byte| **byte == b'\n').count() as u64
}
