//! `locate` in bulk against shapely's STRtree, over the same outlines and points.

use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant as Stopwatch;

use clap::Args;
use district::{Locator, bench};
use kernel::{Chance, Instant};
use serde::Deserialize;

use super::figures::median;
use super::place::Place;
use super::report::{Goal, rounded};
use super::{Report, Setting};
use crate::failure::Failure;
use crate::output::Output;

/// Points a second on one thread: inside, on borders and outside; against shapely's STRtree, its bulk query (the faster of two
/// ways to ask) and its loop. The answers must be the same. Shapely is found where `checks/setup bench` puts it.
#[derive(Args, Debug)]
pub struct Locate {
    #[command(flatten)]
    setting: Setting,
    #[arg(long)]
    points: Option<usize>,
    /// Times that each side is measured.
    #[arg(long)]
    rounds: Option<usize>,
    /// Python 3 that is run.
    #[arg(long, default_value = "python3")]
    python: PathBuf,
    /// Folder with the packages shapely and numpy; if not given, that of the tools (`checks/setup bench`).
    #[arg(long, env = "HUYING_SHAPELY")]
    shapely: Option<PathBuf>,
}

/// The other side of the comparison.
const SCRIPT: &str = include_str!("../../../district/bench/locate.py");

/// What the script says.
#[derive(Deserialize)]
struct Other {
    shapely: String,
    bulk_seconds: f64,
    bulk_by_outlines_seconds: f64,
    loop_points: usize,
    loop_seconds: f64,
}

impl Locate {
    pub async fn run(&self, output: &Output) -> Result<Report, Failure> {
        let count = self.setting.size(self.points, 2_000, 1_000_000);
        let rounds = self.setting.size(self.rounds, 1, 5);
        let place = Place::new(&self.setting, "locate")?;
        let profile = self.setting.profile()?;
        let when = profile.matters.all().iter().filter_map(|matter| matter.period.from).max().unwrap_or(Instant::EPOCH);
        let locator = profile.territory.locator(when);
        let points = bench::points(locator, count, &mut Chance::seeded(1, "locate"));
        bench::write(place.folder(), locator, &points).map_err(Failure::file(place.folder().display()))?;
        let script = place.folder().join("locate.py");
        std::fs::write(&script, SCRIPT).map_err(Failure::file(script.display()))?;

        let bar = output.progress("bench-slices", rounds as u64 * 2);
        let (mut ours, mut bulk, mut by_outlines, mut loops) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        let mut version = String::new();
        for _ in 0..rounds {
            let begun = Stopwatch::now();
            let answers = black_box(locator.leaves(black_box(&points)));
            ours.push(points.len() as f64 / begun.elapsed().as_secs_f64());
            bar.inc(1);
            let other = self.other(&script, place.folder())?;
            bar.inc(1);
            assert_same(&answers, place.folder())?;
            bulk.push(points.len() as f64 / other.bulk_seconds);
            by_outlines.push(points.len() as f64 / other.bulk_by_outlines_seconds);
            loops.push(other.loop_points as f64 / other.loop_seconds);
            version = other.shapely;
        }
        bar.finish_and_clear();
        let middle = |figures: &[f64]| median(figures).unwrap_or_default();
        let (ours, bulk, by_outlines, looped) = (middle(&ours), middle(&bulk), middle(&by_outlines), middle(&loops));
        let (outlines, vertices) = size(locator);
        Ok(Report::new("locate", "none", self.setting.quick, Goal::AtLeast(2.0), ours / bulk.max(by_outlines))
            .and("loop", Goal::AtLeast(5.0), ours / looped)
            .with("ours_per_s", ours.round())
            .with("shapely_bulk_per_s", bulk.round())
            .with("shapely_bulk_by_outlines_per_s", by_outlines.round())
            .with("shapely_loop_per_s", looped.round())
            .with("bulk_ratio_by_points", rounded(ours / bulk))
            .with("shapely", version)
            .with("points", points.len())
            .with("outlines", outlines)
            .with("least_vertices", vertices)
            .with("rounds", rounds)
            .with("same_answers", true))
    }

    fn other(&self, script: &Path, folder: &Path) -> Result<Other, Failure> {
        let mut command = Command::new(&self.python);
        command.arg(script).arg(folder);
        if let Some(packages) = self.shapely.clone().or_else(tools) {
            command.env("PYTHONPATH", packages);
        }
        // One thread on each side.
        command.env("OMP_NUM_THREADS", "1").env("OPENBLAS_NUM_THREADS", "1");
        let done = command.output().map_err(Failure::file(self.python.display()))?;
        if !done.status.success() {
            let said = String::from_utf8_lossy(&done.stderr);
            return Err(Failure::Other(format!(
                "{}: {}; `checks/setup bench` installs what is needed",
                self.python.display(),
                said.lines().last().unwrap_or_default()
            )));
        }
        serde_json::from_slice(&done.stdout).map_err(Failure::other)
    }
}

/// Where `checks/setup` puts shapely.
fn tools() -> Option<PathBuf> {
    let folder = |name: &str| std::env::var_os(name).map(PathBuf::from);
    let tools = folder("HUYING_TOOLS").or_else(|| {
        let cache = folder("XDG_CACHE_HOME").or_else(|| Some(folder("HOME")?.join(".cache")))?;
        Some(cache.join("huying").join("tools"))
    })?;
    let mut found: Vec<PathBuf> = std::fs::read_dir(tools).ok()?.filter_map(|entry| Some(entry.ok()?.path())).collect();
    found.retain(|path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("shapely-")));
    found.sort();
    found.pop()
}

fn assert_same(ours: &[u32], folder: &Path) -> Result<(), Failure> {
    let theirs = bench::other_answers(folder).map_err(Failure::file(folder.display()))?;
    let differ = ours.iter().zip(&theirs).filter(|(ours, theirs)| ours != theirs).count();
    if differ > 0 || ours.len() != theirs.len() {
        return Err(Failure::Other(format!("{differ} of {} answers are not shapely's", ours.len())));
    }
    Ok(())
}

/// How many outlines, and how many vertices the least of them has.
fn size(locator: Locator<'_>) -> (usize, usize) {
    let vertices = |parts: &[Vec<Vec<[f64; 2]>>]| parts.iter().flatten().map(|ring| ring.len() - 1).sum::<usize>();
    let all: Vec<usize> = locator.outlines().map(|outline| vertices(outline.parts())).collect();
    (all.len(), all.into_iter().min().unwrap_or_default())
}
