//! `huying import check`: what was taken in against what the file records.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use casework::import::{Standing, standings};
use clap::Args;
use district::derive::limits::{Counter, Version};
use district::derive::{self, AreaCheck, LimitCheck, MatterCheck, Share};
use district::requests::{OnTime, Reader, Request, RequestMap};
use district::{Profile, Rank};
use kernel::ClockState;
use serde::Serialize;

use crate::cli::Settings;
use crate::command::profile_derive::{survey, with_causes};
use crate::failure::Failure;
use crate::open::District;
use crate::output::Output;

/// Least share of verdicts that must agree: one in two hundred may differ.
const VERDICTS: f64 = 0.995;

#[derive(Args)]
pub struct Check {
    /// The file that was imported.
    file: PathBuf,
    /// Its map.
    #[arg(long)]
    map: PathBuf,
    #[command(flatten)]
    settings: Settings,
}

/// What the comparison found.
#[derive(Serialize)]
struct Answer {
    rows: usize,
    /// Rows of which there is no case.
    missing: usize,
    /// Cases without a place because the file gave its fallback point; and those of them that are in an area all the same.
    unplaced: usize,
    unplaced_in_an_area: usize,
    /// Cases whose matter or department is not the recorded one.
    misfiled: usize,
    /// Recorded areas against located ones: rows that the areas were not made from.
    even_rows: Area,
    verdicts: Verdicts,
    limits: Limits,
}

#[derive(Serialize)]
struct Area {
    #[serde(flatten)]
    check: AreaCheck,
    ratio: f64,
}

/// On time or overdue, by the stored clock and by the file, of the rows with target and closing.
#[derive(Default, Serialize)]
struct Verdicts {
    #[serde(flatten)]
    share: Share,
    ratio: f64,
    /// The numbers of those that differ.
    differ: Vec<String>,
    /// The numbers of those of which the file says neither.
    blank: Vec<String>,
}

/// Targets against the limits inferred, over types with a fixed number of business days.
#[derive(Serialize)]
struct Limits {
    even_rows: Share,
    even_ratio: f64,
    all_rows: Share,
    all_ratio: f64,
    /// Rows with a target but no such limit.
    other_rules: usize,
    matters: BTreeMap<String, MatterCheck>,
}

impl Check {
    pub async fn run(self, output: &Output) -> Result<ExitCode, Failure> {
        let map = RequestMap::load(&self.map).map_err(with_causes)?;
        let config = self.settings.load(())?;
        let district = District::open(&config).await?;
        let standings = standings(&district.journal).await?;
        let folder = self.map.parent().unwrap_or(Path::new("."));
        let (calendar, zone) = derive::calendar(&map, folder).map_err(with_causes)?;
        let (learnt, _) = survey(&self.file, map.clone(), output)?;
        let versions = learnt.versions(&Counter { calendar: &calendar, zone: zone.clone() });
        let counter = Counter { calendar: &calendar, zone };
        let comparison = Comparison::new(&district.profile, &standings, &versions, counter);
        let answer = comparison.of(Reader::open(&self.file, map).map_err(with_causes)?, output)?;
        output.data(&answer);
        let sound = answer.missing == 0
            && answer.misfiled == 0
            && answer.unplaced_in_an_area == 0
            && answer.verdicts.ratio >= VERDICTS;
        Ok(if sound { ExitCode::SUCCESS } else { ExitCode::from(1) })
    }
}

struct Comparison<'a> {
    profile: &'a Profile,
    standings: &'a HashMap<String, Standing>,
    answer: Answer,
    limits: LimitCheck<'a>,
}

impl<'a> Comparison<'a> {
    fn new(
        profile: &'a Profile,
        standings: &'a HashMap<String, Standing>,
        versions: &'a BTreeMap<String, Vec<Version>>,
        counter: Counter<'a>,
    ) -> Comparison<'a> {
        let limits = LimitCheck::new(versions, counter);
        let none = Share::default();
        let answer = Answer {
            rows: 0,
            missing: 0,
            unplaced: 0,
            unplaced_in_an_area: 0,
            misfiled: 0,
            even_rows: Area { check: AreaCheck::default(), ratio: 1.0 },
            verdicts: Verdicts::default(),
            limits: Limits {
                even_rows: none,
                even_ratio: 1.0,
                all_rows: none,
                all_ratio: 1.0,
                other_rules: 0,
                matters: BTreeMap::new(),
            },
        };
        Comparison { profile, standings, answer, limits }
    }

    fn of(mut self, reader: Reader, output: &Output) -> Result<Answer, Failure> {
        let look_up = casework::import::LookUp::new(self.profile, reader.request_map());
        let progress = reader.progress();
        let bar = output.progress("import-comparing", progress.read().1);
        for read in reader {
            if let Ok(request) = read.map_err(with_causes)?.request {
                self.add(&request, &look_up);
            }
            bar.set_position(progress.read().0);
        }
        bar.finish_and_clear();
        let Comparison { mut answer, limits, .. } = self;
        answer.even_rows.ratio = answer.even_rows.check.share.ratio();
        answer.verdicts.ratio = answer.verdicts.share.ratio();
        answer.limits = Limits {
            even_rows: limits.even_rows,
            even_ratio: limits.even_rows.ratio(),
            all_rows: limits.all_rows,
            all_ratio: limits.all_rows.ratio(),
            other_rules: limits.other_rules,
            matters: limits.matters,
        };
        Ok(answer)
    }

    fn add(&mut self, request: &Request, look_up: &casework::import::LookUp<'_>) {
        self.answer.rows += 1;
        self.limits.add(request);
        let Some(standing) = self.standings.get(&request.id) else {
            self.answer.missing += 1;
            return;
        };
        let filed = look_up.matter(&request.matter).ok() == standing.matter
            && look_up.department(&request.department).ok() == standing.lead;
        self.answer.misfiled += usize::from(!filed);
        self.answer.unplaced += usize::from(standing.unplaced);
        self.answer.unplaced_in_an_area += usize::from(standing.unplaced && standing.place.is_some());
        if request.row.is_multiple_of(2) && request.located.point().is_some() {
            let found = self.area(standing, request);
            self.answer.even_rows.check.add(request.area.as_deref(), found);
        }
        self.verdict(request, standing);
    }

    /// The name of the smallest area that the case was found to lie in.
    fn area(&self, standing: &Standing, request: &Request) -> Option<&'a str> {
        let code = standing.place.as_ref()?.path.last()?;
        let area = self.profile.territory.area(code, request.opened)?;
        matches!(area.rank, Rank::Level(_)).then_some(area.name.en.as_str())
    }

    fn verdict(&mut self, request: &Request, standing: &Standing) {
        if request.target.is_none() || request.closed.is_none() {
            return;
        }
        let verdicts = &mut self.answer.verdicts;
        let stored = match standing.target {
            Some((_, ClockState::Met { .. })) => Some(OnTime::OnTime),
            Some((_, ClockState::Late { .. })) => Some(OnTime::Overdue),
            _ => None,
        };
        match request.on_time {
            None => verdicts.blank.push(request.id.clone()),
            recorded if recorded == stored => {}
            _ => verdicts.differ.push(request.id.clone()),
        }
        verdicts.share.add(request.on_time.is_some() && request.on_time == stored);
    }
}
