//! `huying profile derive`

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use district::derive::{self, Derived, Survey};
use district::requests::{Reader, RequestMap};
use serde::Serialize;

use crate::failure::Failure;
use crate::output::Output;

#[derive(Args)]
pub struct Derive {
    /// CSV (also .gz) or XLSX file of requests.
    file: PathBuf,
    /// Map that says what its columns mean: docs/IMPORT.md.
    #[arg(long)]
    map: PathBuf,
    /// Folder to write the profile to.
    #[arg(long)]
    out: PathBuf,
}

/// What was read and made.
#[derive(Serialize)]
struct Answer {
    rows: usize,
    refused: usize,
    areas: usize,
    departments: usize,
    sections: usize,
    matters: usize,
    timed_matters: usize,
    roads: usize,
    buildings: usize,
    layers: std::collections::BTreeMap<String, usize>,
}

impl Derive {
    pub fn run(self, output: &Output) -> Result<ExitCode, Failure> {
        let map = RequestMap::load(&self.map).map_err(with_causes)?;
        let (survey, refused) = survey(&self.file, map.clone(), output)?;
        let folder = self.map.parent().unwrap_or(Path::new("."));
        let derived = derive::derive(&survey, &map, folder, &self.out).map_err(with_causes)?;
        output.data(&answer(derived, refused));
        let report = casework::vocabulary().check(&self.out);
        if report.faults.is_empty() { Ok(ExitCode::SUCCESS) } else { Err(Failure::Profile(report.faults)) }
    }
}

fn answer(derived: Derived, refused: usize) -> Answer {
    Answer {
        rows: derived.rows,
        refused,
        areas: derived.areas,
        departments: derived.departments,
        sections: derived.sections,
        matters: derived.matters,
        timed_matters: derived.versions.values().filter(|versions| !versions.is_empty()).count(),
        roads: derived.roads,
        buildings: derived.buildings,
        layers: derived.layers,
    }
}

/// One pass over the file: what it tells, and how many rows are no requests.
pub fn survey(file: &Path, map: RequestMap, output: &Output) -> Result<(Survey, usize), Failure> {
    let reader = Reader::open(file, map).map_err(with_causes)?;
    let progress = reader.progress();
    let bar = output.progress("import-reading", progress.read().1);
    let (mut survey, mut refused) = (Survey::default(), 0);
    for read in reader {
        match read.map_err(with_causes)?.request {
            Ok(request) => survey.add(&request),
            Err(_) => refused += 1,
        }
        bar.set_position(progress.read().0);
    }
    bar.finish_and_clear();
    Ok((survey, refused))
}

/// An error and everything that caused it, in one line.
pub fn with_causes(error: impl std::error::Error) -> Failure {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    Failure::Other(text)
}
