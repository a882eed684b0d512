//! The tiny district, run and checked.

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use casework::Casework;
use district::Profile;
use journal::log::LogKey;
use journal::{Journal, MasterKey, Sealer, Way, WriterOptions};
use kernel::{CalendarPlan, Instant};
use simulator::check::{Checked, Checks};
use simulator::{Keys, Ran, Settings, Simulation, SimulationError, Town};
use store::{Db, Migration};

pub static TABLES: LazyLock<Vec<Migration>> = LazyLock::new(|| [journal::MIGRATIONS, casework::MIGRATIONS].concat());

pub fn settings(days: u32, a_day: f64) -> Settings {
    let from: Instant = "2026-05-04T00:00:00+08:00".parse().unwrap();
    Settings { seed: 7, from, days, events_per_day: Some(a_day), keys: Keys::Intake, tries: 0, window_minutes: 60 }
}

pub fn profile() -> Arc<Profile> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../profiles/tiny");
    Arc::new(Profile::load(folder.as_ref()).unwrap())
}

fn master() -> MasterKey {
    MasterKey::from_bytes([7; 32])
}

pub fn town(profile: Arc<Profile>, settings: &Settings) -> Arc<Town> {
    Arc::new(Town::new(profile, settings.seed, settings.from, settings.days).unwrap())
}

pub async fn run(db: &Db, settings: Settings) -> Ran {
    run_grouped(db, settings, WriterOptions::default()).await
}

/// As `run`, where it may fail.
pub async fn try_run(db: &Db, settings: Settings) -> Result<Ran, SimulationError> {
    simulation(db, settings, WriterOptions::default()).run(|_| ()).await
}

pub async fn run_grouped(db: &Db, settings: Settings, options: WriterOptions) -> Ran {
    simulation(db, settings, options).run(|_| ()).await.unwrap()
}

/// As `run`, its commands on `way`.
pub async fn run_on(db: &Db, settings: Settings, way: Option<Arc<Way>>) -> Ran {
    let journal = Journal::start(db.clone(), master(), WriterOptions::default()).on(way);
    simulation_of(journal, settings).run(|_| ()).await.unwrap()
}

pub fn simulation(db: &Db, settings: Settings, options: WriterOptions) -> Simulation {
    simulation_of(Journal::start(db.clone(), master(), options), settings)
}

fn simulation_of(journal: Journal, settings: Settings) -> Simulation {
    let town = town(profile(), &settings);
    let book = casework::rulebook(&town.profile).unwrap();
    Simulation::new(town, Casework::new(journal, book), settings)
}

pub async fn checks(db: &Db, ran: Option<&Ran>) -> Checked {
    checks_by(db, ran, None).await
}

/// The same where another calendar was in force from an instant on.
pub async fn checks_by(db: &Db, ran: Option<&Ran>, later: Option<(Instant, &CalendarPlan)>) -> Checked {
    let profile = profile();
    let checks = Checks {
        db,
        sealer: &Sealer::new(master()),
        log_key: &LogKey::from_seed("huying/999901", [8; 32]).unwrap(),
        plan: profile.calendar.plan(),
        later,
        ran,
        receipts: 20,
    };
    checks.run(|| Duration::ZERO, |_| ()).await.unwrap()
}
