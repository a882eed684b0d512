//! What a command says: data and words on standard output, progress and failures on standard error.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "the one place that prints")]

use std::collections::BTreeMap;

use indicatif::{ProgressBar, ProgressStyle};
use kernel::text::{self, Language};
use serde::Serialize;

use crate::cli::Spoken;
use crate::failure::Failure;

pub struct Output {
    json: bool,
    language: Language,
}

impl Output {
    pub fn new(json: bool, language: Spoken) -> Output {
        Output { json, language: language.into() }
    }

    pub fn is_json(&self) -> bool {
        self.json
    }

    /// A line of words, for people; nothing when JSON was asked for.
    pub fn line(&self, text: impl std::fmt::Display) {
        if !self.json {
            println!("{text}");
        }
    }

    /// A text of the dictionary as a line.
    pub fn say(&self, code: &str, values: &[(&'static str, String)]) {
        self.line(self.text(code, values));
    }

    pub fn text(&self, code: &str, values: &[(&'static str, String)]) -> String {
        let values: BTreeMap<&'static str, String> = values.iter().cloned().collect();
        text::text(self.language, code, &values)
    }

    /// Data: a line of JSON when asked for, else as TOML, which people can read.
    pub fn data(&self, data: &impl Serialize) {
        if self.json {
            println!("{}", serde_json::to_string(data).unwrap_or_default());
        } else {
            print!("{}", toml::to_string(data).unwrap_or_else(|_| format!("{}\n", serde_json::json!(data))));
        }
    }

    /// A value that is printed alone, whatever the form: a key, a path, an address.
    pub fn value(&self, value: impl std::fmt::Display) {
        println!("{value}");
    }

    /// A progress bar on standard error; hidden when nobody watches. Length 0 is unknown.
    pub fn progress(&self, code: &str, length: u64) -> ProgressBar {
        let bar = if length == 0 { ProgressBar::new_spinner() } else { ProgressBar::new(length) };
        let template = if length == 0 {
            "{spinner} {msg} {human_pos} {per_sec} {elapsed}"
        } else {
            "{msg} {wide_bar} {human_pos}/{human_len} {per_sec} {eta}"
        };
        bar.set_style(ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar()));
        bar.set_message(self.text(code, &[]));
        bar
    }

    pub fn failed(&self, failure: &Failure) {
        if let Failure::Profile(faults) = failure {
            for fault in faults {
                let field = if fault.field.is_empty() { String::new() } else { format!(" {}", fault.field) };
                eprintln!("{}:{}{field}: {}", fault.file, fault.line, fault.message(self.language));
            }
        }
        eprintln!("{}", failure.message(self.language));
    }
}
