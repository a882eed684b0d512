//! Files of requests through the life cycle. The requests are made up; the district is the tiny profile.

use std::path::{Path, PathBuf};

use casework::case::{CaseState, ClockKey};
use casework::import::{Counts, Import, Standing, standings};
use casework::{Casework, MIGRATIONS, compare, rulebook};
use district::Profile;
use district::requests::{Reader, RequestMap};
use journal::{Journal, MasterKey, WriterOptions};
use kernel::{Chance, ClockState, Instant};
use platform::Edge;
use store::{Db, Migration, on_both_stores};

const TABLES: &[Migration] = &store::testing::both::<COUNT>(journal::MIGRATIONS, MIGRATIONS);
const COUNT: usize = journal::MIGRATIONS.len() + MIGRATIONS.len();

const HEADER: &str = "No,Opened,Due,Done,Verdict,Kind,Team,Part,Lat,Lon,Via";

/// Closed in time, closed late, still open, on the fallback point.
const ROWS: [&str; 4] = [
    "1,2026-03-02 09:00,2026-03-04 09:00,2026-03-04 09:00,ONTIME,Exposed garbage,Urban Management Bureau,Guihua,30.005,120.005,Call",
    "2,2026-03-02 09:00,2026-03-04 09:00,2026-03-04 09:01,OVERDUE,Policy enquiry,D04,Guihua,30.015,120.005,Call",
    "3,2026-03-02 10:00,2026-03-05 10:00,,,暴露垃圾,D01,Yinxing,30.005,120.015,App",
    "4,2026-03-02 11:00,,2026-03-02 10:59,,M01,D01,Yinxing,30,120.5,App",
];

fn map() -> RequestMap {
    toml::from_str(
        r#"
        [source]
        name = "elsewhere"
        time_zone = "Asia/Shanghai"
        times = ["%Y-%m-%d %H:%M"]
        [columns]
        id = "No"
        opened = "Opened"
        target = "Due"
        closed = "Done"
        on_time = "Verdict"
        matter = "Kind"
        department = "Team"
        longitude = "Lon"
        latitude = "Lat"
        channel = "Via"
        [place]
        fallback = [[120.5, 30.0]]
        [area]
        column = "Part"
        [channels]
        "Call" = "phone_desk"
        "#,
    )
    .unwrap()
}

/// A district to import into, its clock at one instant.
struct Desk {
    casework: Casework,
    profile: Profile,
    edge: Edge,
    folder: tempfile::TempDir,
}

impl Desk {
    fn on(db: &Db) -> Desk {
        let profile = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../profiles/tiny");
        let profile = Profile::load(&profile).unwrap();
        let journal = Journal::start(db.clone(), MasterKey::from_bytes([7; 32]), WriterOptions::default());
        let casework = Casework::new(journal, rulebook(&profile).unwrap());
        let edge = Edge::new(now, Chance::seeded(1, "import"));
        Desk { casework, profile, edge, folder: tempfile::tempdir().unwrap() }
    }

    fn file(&self, rows: &[&str]) -> PathBuf {
        let path = self.folder.path().join("requests.csv");
        std::fs::write(&path, [&[HEADER], rows].concat().join("\n")).unwrap();
        path
    }

    /// Imports the file, stopping as if the machine had failed after so many rows.
    async fn import(&self, file: &Path, stop_after: Option<u64>) -> Option<Counts> {
        let map = map();
        let import = Import {
            casework: &self.casework,
            profile: &self.profile,
            edge: &self.edge,
            file,
            map: &map,
            position: self.folder.path().join("position.json"),
            rejects: self.rejects(),
        };
        let reader = Reader::open(file, map.clone()).unwrap();
        let (stop, mut stopped) = tokio::sync::mpsc::unbounded_channel();
        let run = import.run(reader, |counts| {
            if stop_after == Some(counts.rows) {
                stop.send(()).unwrap();
            }
        });
        // The import is dropped in the middle of whatever it does.
        tokio::select! {
            biased;
            _ = stopped.recv() => None,
            counts = run => Some(counts.unwrap()),
        }
    }

    fn rejects(&self) -> PathBuf {
        self.folder.path().join("rejects.csv")
    }

    async fn standing(&self, number: &str) -> Standing {
        standings(self.casework.journal()).await.unwrap().remove(number).unwrap()
    }
}

fn now() -> Instant {
    "2026-06-01T00:00:00Z".parse().unwrap()
}

fn at(text: &str) -> Instant {
    format!("2026-03-{text}:00+08:00").parse().unwrap()
}

on_both_stores!(requests_go_through_the_life_cycle_when_they_happened, TABLES, |db: Db| async move {
    let desk = Desk::on(&db);
    let counts = desk.import(&desk.file(&ROWS), None).await.unwrap();
    assert_eq!((counts.rows, counts.taken, counts.refused, counts.unplaced), (4, 4, 0, 1));

    let late = desk.standing("2").await;
    assert_eq!(late.target, Some((at("04T09:00"), ClockState::Late { at: at("04T09:01"), due: at("04T09:00") })));
    assert_eq!((late.closed, late.lead.as_deref()), (Some(at("04T09:01")), Some("D04")));
    assert_eq!(late.place.unwrap().path.last().unwrap(), "99990100100102");
    let open = desk.standing("3").await;
    assert_eq!(open.target, Some((at("05T10:00"), ClockState::Running)));
    assert_eq!((open.closed, open.matter.as_deref()), (None, Some("M01")));
    let unplaced = desk.standing("4").await;
    assert!(unplaced.unplaced && unplaced.place.is_none());
    // The record says it was closed a minute before it was opened: it counts from the opening.
    assert_eq!((unplaced.target, unplaced.closed), (None, Some(at("02T11:00"))));

    let facts = journal::tail::after(&mut &db, 0, 100).await.unwrap();
    assert!(facts.iter().all(|fact| fact.at == now() && fact.effective_at < now()));
    assert_eq!(facts.len() as u64, counts.facts);
    assert_eq!(compare(&db).await.unwrap(), []);
});

on_both_stores!(a_closing_moved_past_its_due_instant_flips_the_verdict, TABLES, |db: Db| async move {
    let desk = Desk::on(&db);
    let moved = ROWS[0].replacen("1,", "9,", 1).replace("2026-03-04 09:00,ONTIME", "2026-03-04 09:01,ONTIME");
    desk.import(&desk.file(&[ROWS[0], &moved]), None).await.unwrap();
    assert!(matches!(desk.standing("1").await.target, Some((_, ClockState::Met { .. }))));
    assert!(matches!(desk.standing("9").await.target, Some((_, ClockState::Late { .. }))));
});

on_both_stores!(a_file_read_again_makes_no_second_case, TABLES, |db: Db| async move {
    let desk = Desk::on(&db);
    let file = desk.file(&ROWS);
    let first = desk.import(&file, None).await.unwrap();
    let again = desk.import(&file, None).await.unwrap();
    assert_eq!((again.rows, again.taken, again.known, again.facts), (4, 0, 4, 0));
    let changed = ROWS[2].replace(",,,", ",2026-03-03 10:00,,");
    let counts = desk.import(&desk.file(&[ROWS[0], &changed]), None).await.unwrap();
    assert_eq!((counts.known, counts.refused), (1, 1), "another content under a known number is refused");
    assert!(std::fs::read_to_string(desk.rejects()).unwrap().contains("import-changed"));
    assert_eq!(standings(desk.casework.journal()).await.unwrap().len() as u64, first.taken);
});

on_both_stores!(an_interrupted_import_goes_on_and_loses_nothing, TABLES, |db: Db| async move {
    let desk = Desk::on(&db);
    let mut rows: Vec<String> = (1..=1_400).map(|number| ROWS[0].replacen('1', &number.to_string(), 1)).collect();
    rows[1_300] = rows[1_300].replace("Exposed garbage", "Lost dragons");
    rows[400] = rows[400].replace("2026-03-02 09:00", "soon");
    let file = desk.file(&rows.iter().map(String::as_str).collect::<Vec<_>>());
    assert_eq!(desk.import(&file, Some(1_200)).await, None, "stopped");
    let counts = desk.import(&file, None).await.unwrap();
    assert_eq!((counts.rows, counts.refused, counts.taken + counts.known), (1_400, 2, 1_398));
    assert!(counts.known > 0, "rows after the kept position had been taken in");
    assert_eq!(standings(desk.casework.journal()).await.unwrap().len(), 1_398);
    let rejects = std::fs::read_to_string(desk.rejects()).unwrap();
    let lines: Vec<&str> = rejects.lines().collect();
    assert_eq!(lines.len(), 3, "a header and each refused row once: {rejects}");
    assert!(lines[1].contains(",401,Opened,import-cell-time,"), "{}", lines[1]);
    assert!(lines[2].contains(",1301,,import-unknown-matter,没有名为“Lost dragons”的事项。"), "{}", lines[2]);
});

on_both_stores!(a_row_outside_the_district_is_refused_with_its_distance, TABLES, |db: Db| async move {
    let desk = Desk::on(&db);
    let far = ROWS[0].replace("30.005,120.005", "30.005,121.005");
    let counts = desk.import(&desk.file(&[&far]), None).await.unwrap();
    assert_eq!((counts.taken, counts.refused), (0, 1));
    assert!(std::fs::read_to_string(desk.rejects()).unwrap().contains("case-outside-district"));
});

on_both_stores!(clocks_that_ran_out_before_the_closing_have_their_lapse, TABLES, |db: Db| async move {
    let desk = Desk::on(&db);
    desk.import(&desk.file(&ROWS[1..2]), None).await.unwrap();
    let facts = journal::tail::after(&mut &db, 0, 100).await.unwrap();
    let lapses: Vec<_> =
        facts.iter().filter(|fact| fact.kind.ends_with("lapsed")).map(|fact| fact.effective_at).collect();
    assert!(lapses.contains(&at("04T09:00")) && lapses.is_sorted(), "{lapses:?}");
    let stream = facts[0].stream.trim_start_matches("case/").parse().unwrap();
    let case = desk.casework.case(stream).await.unwrap().unwrap();
    assert_eq!(case.state(), CaseState::Closed);
    assert!(case.clocks[&ClockKey::Outer].state().end().is_some());
});
