//! What asking for permission costs: a test of one case, and a list of those that may be read.

use std::hint::black_box;
use std::time::Instant as Stopwatch;

use casework::{CaseRow, Casework, Filter, ListPage, LiveCasework, Order};
use clap::Args;
use district::{OrganizationKind, Post};
use journal::{Journal, MasterKey, WriterOptions, tail};
use platform::live::Reading;
use platform::{Edge, Reach, Resource, Scope};
use store::Options;

use super::figures::{median, microseconds, quantile};
use super::history::{Historian, Stock};
use super::live::posts;
use super::place::Place;
use super::queue::{closed_templates, open_templates};
use super::report::{Goal, rounded};
use super::stocked::{put, weekday_morning};
use super::{Report, Setting};
use crate::failure::Failure;
use crate::output::Output;

/// `allows` on cases as they lie in the store, and lists with the scope's condition against the same lists without it: those
/// that show the same lines with and without, which is what a post's own pages ask for (its organization's cases, its area's, the
/// district's). What a list costs that the scope alone makes narrow is told beside them.
#[derive(Args, Debug)]
pub struct Permission {
    #[command(flatten)]
    setting: Setting,
    /// Closed cases.
    #[arg(long)]
    closed: Option<u64>,
    /// Open cases.
    #[arg(long)]
    open: Option<u64>,
    /// Scopes, each of a post of its own.
    #[arg(long)]
    scopes: Option<usize>,
    /// Cases that `allows` is asked about.
    #[arg(long)]
    resources: Option<usize>,
    /// Times that each list is asked for; the median counts.
    #[arg(long)]
    rounds: Option<usize>,
}

const NANOSECONDS: f64 = 1_000.0;
const ORDERS: [(Order, &str); 2] = [(Order::Newest, "newest"), (Order::Due, "due")];
const LINES: i64 = 50;
/// What was asked of permission before it is timed.
const WARM: usize = 20_000;

/// A list that is asked for with a scope and without.
struct List {
    scope: Scope,
    reach: Reach,
    filter: Filter,
}

/// Microseconds by kind of list, with the scope and without.
#[derive(Default)]
struct Sums {
    with: f64,
    without: f64,
    lines: u64,
    lists: u64,
}

impl Permission {
    pub async fn run(&self, output: &Output) -> Result<Report, Failure> {
        let setting = &self.setting;
        let place = Place::new(setting, "permission")?;
        let historian = Historian::new(setting.profile()?)?;
        let facts = self.fill(&place, &historian, output).await?;
        let db = place.reopen("permission", Options::default()).await?;
        let journal = Journal::start(db.clone(), MasterKey::from_bytes([7; 32]), WriterOptions::default());
        let casework = Casework::new(journal, casework::rulebook(&historian.profile).map_err(Failure::other)?);
        let edge = Edge::system().map_err(Failure::other)?;
        let posts = posts(&historian.profile, setting.size(self.scopes, 12, 300), &edge);
        let lists: Vec<List> = posts.iter().filter_map(|post| list_of(&historian, post, &edge)).collect();

        let reading = LiveCasework::new(casework.clone(), historian.profile.clone());
        let some = tail::after(&mut &db, 0, setting.size(self.resources, 200, 10_000) as i64).await?;
        let resources: Vec<Resource> = reading.what(&some).await?.into_iter().map(|(_, what)| what.after).collect();
        let (nanoseconds, allowed) = allows(&lists, &resources, reading.action());

        let mut kinds = Vec::new();
        let bar = output.progress("bench-queries", (ORDERS.len() * lists.len()) as u64);
        for reach in [Reach::Organization, Reach::Area, Reach::District] {
            for (order, word) in ORDERS {
                let of = lists.iter().filter(|list| list.reach == reach);
                let sums = self.compare(&casework, of, order, &bar).await?;
                if sums.lists > 0 {
                    kinds.push((format!("{}_by_{word}", named(reach)), sums));
                }
            }
        }
        bar.finish_and_clear();
        let narrow = narrow(&casework, &lists).await?;
        db.close().await;
        let store = place.store();
        place.finish().await?;

        let ratio = |sums: &Sums| sums.with / sums.without;
        let worst = kinds.iter().map(|(_, sums)| ratio(sums)).fold(0.0, f64::max);
        let mut report = Report::new("permission", store, setting.quick, Goal::AtMost(1.2), worst)
            .and("allows", Goal::AtMost(1.0), nanoseconds / NANOSECONDS)
            .with("allows_ns", rounded(nanoseconds))
            .with("allowed_share", rounded(allowed))
            .with("scopes", lists.len())
            .with("resources", resources.len())
            .with("facts", facts);
        for (name, sums) in kinds {
            let mean = |sum: f64| rounded(sum / sums.lists as f64);
            let us = [mean(sums.with), mean(sums.without)];
            let figure =
                serde_json::json!({"ratio": rounded(ratio(&sums)), "us": us, "lists": sums.lists, "lines": sums.lines});
            report = report.with(&name, figure);
        }
        Ok(report.with("unfiltered_us", narrow).with("sides", ["with", "without"]))
    }

    /// Cases at places all over the district, given to all its departments in turn.
    async fn fill(&self, place: &Place, historian: &Historian, output: &Output) -> Result<u64, Failure> {
        let now = weekday_morning(historian);
        let all = historian.profile.organizations.all().iter();
        let departments: Vec<String> =
            all.filter(|one| one.kind == OrganizationKind::Department).map(|one| one.code.clone()).collect();
        let open = self.setting.size(self.open, 60, 6_000);
        let closed = self.setting.size(self.closed, 300, 1_000_000);
        let stocks = vec![
            Stock { count: closed, mark: 0, templates: closed_templates(historian, &departments, now)? },
            Stock { count: open, mark: 1, templates: open_templates(historian, &departments, now, open)? },
        ];
        put(place, "permission", stocks, output).await
    }

    /// Each list in turn with its scope and without, which must show the same lines.
    async fn compare(
        &self,
        casework: &Casework,
        lists: impl Iterator<Item = &List>,
        order: Order,
        bar: &indicatif::ProgressBar,
    ) -> Result<Sums, Failure> {
        let rounds = self.setting.size(self.rounds, 1, 9);
        let page = ListPage { order, limit: LINES, ..ListPage::default() };
        let mut sums = Sums::default();
        for list in lists {
            let mut took = [Vec::new(), Vec::new()];
            let mut shown: [Vec<CaseRow>; 2] = Default::default();
            for _ in 0..=rounds {
                let begun = Stopwatch::now();
                shown[0] = casework.list(&list.scope, &list.filter, &page).await?;
                took[0].push(microseconds(begun.elapsed()));
                let begun = Stopwatch::now();
                shown[1] = casework.list_of_all(&list.filter, &page).await?;
                took[1].push(microseconds(begun.elapsed()));
            }
            if shown[0] != shown[1] {
                return Err(Failure::Other(format!("{:?}: the lists are not the same", list.filter)));
            }
            // The first of each only warmed it.
            let [with, without] = took.map(|took| median(&took[1..]).unwrap_or_default());
            sums.with += with;
            sums.without += without;
            sums.lines += shown[0].len() as u64;
            sums.lists += 1;
            bar.inc(1);
        }
        Ok(sums)
    }
}

fn named(reach: Reach) -> &'static str {
    match reach {
        Reach::Own => "own",
        Reach::Organization => "organization",
        Reach::Area => "area",
        Reach::District => "district",
    }
}

/// The list that the post's own page asks for.
fn list_of(historian: &Historian, post: &Post, edge: &Edge) -> Option<List> {
    let grant = historian.profile.grant(&post.key, edge.now())?;
    let (organizations, area) = (grant.organizations.iter().cloned().collect(), grant.area.clone());
    let filter = match grant.reach {
        Reach::Own => return None,
        Reach::Organization => Filter { organizations, ..Filter::default() },
        Reach::Area if area.is_empty() => return None,
        Reach::Area => Filter { areas: vec![area], ..Filter::default() },
        Reach::District => Filter::default(),
    };
    Some(List { reach: grant.reach, scope: Scope::new("nobody".into(), vec![grant]), filter })
}

/// Mean nanoseconds of a test, and which share was allowed.
fn allows(lists: &[List], resources: &[Resource], action: &str) -> (f64, f64) {
    let pairs = || lists.iter().flat_map(|list| resources.iter().map(move |resource| (&list.scope, resource)));
    let count = |pairs: &mut dyn Iterator<Item = (&Scope, &Resource)>| {
        pairs.filter(|(scope, resource)| black_box(scope).allows(action, black_box(resource))).count()
    };
    black_box(count(&mut pairs().take(WARM)));
    let asked = (lists.len() * resources.len()).max(1) as f64;
    let begun = Stopwatch::now();
    let allowed = count(&mut pairs());
    (begun.elapsed().as_secs_f64() * 1e9 / asked, allowed as f64 / asked)
}

/// Median and last hundredth of lists that nothing but the scope makes narrow, by reach.
async fn narrow(casework: &Casework, lists: &[List]) -> Result<serde_json::Value, Failure> {
    let page = ListPage { limit: LINES, ..ListPage::default() };
    let mut by_reach = serde_json::Map::new();
    for reach in [Reach::Organization, Reach::Area, Reach::District] {
        let mut took = Vec::new();
        for list in lists.iter().filter(|list| list.reach == reach) {
            let begun = Stopwatch::now();
            casework.list(&list.scope, &Filter::default(), &page).await?;
            took.push(microseconds(begun.elapsed()));
        }
        if let (Some(middle), Some(last)) = (quantile(&took, 0.5), quantile(&took, 0.99)) {
            let figure = serde_json::json!({"p50": rounded(middle), "p99": rounded(last)});
            by_reach.insert(named(reach).to_owned(), figure);
        }
    }
    Ok(by_reach.into())
}
