//! Files: kept, opened, used, erased, on both stores.

use std::io::Cursor;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use journal::{
    Command, Declined, EraseSubject, Journal, JournalError, Key, MasterKey, NewFact, Personal, Unit, WriterOptions,
    tail,
};
use kernel::{Actor, Chance, Digest, Instant};
use object_store::ObjectStore;
use object_store::local::LocalFileSystem;
use platform::Edge;
use platform::file::{
    FileError, FileKind, FileRefusal, FileRules, FileState, Files, Kept, Part, Scanner, Swept, Upload,
};
use serde::Serialize;
use serde_json::json;
use store::{Db, Migration, on_both_stores};

const TABLES: &[Migration] = &store::testing::both::<COUNT>(journal::MIGRATIONS, platform::MIGRATIONS);
const COUNT: usize = journal::MIGRATIONS.len() + platform::MIGRATIONS.len();

struct World {
    files: Files,
    journal: Journal,
    edge: Edge,
    clock: Arc<AtomicI64>,
    folder: tempfile::TempDir,
}

fn picture() -> Vec<u8> {
    let mut bytes = Vec::new();
    let image = image::RgbImage::from_fn(900, 300, |x, y| image::Rgb([(x % 256) as u8, (y % 256) as u8, 7]));
    image.write_to(&mut Cursor::new(&mut bytes), image::ImageFormat::Png).unwrap();
    bytes
}

impl World {
    fn on(db: &Db, scanner: Scanner) -> World {
        let clock = Arc::new(AtomicI64::new("2026-03-02T02:00:00Z".parse::<Instant>().unwrap().micros()));
        let read = clock.clone();
        let edge = Edge::new(move || Instant::from_micros(read.load(Ordering::Relaxed)), Chance::seeded(1, "edge"));
        let journal = Journal::start(db.clone(), MasterKey::from_bytes([7; 32]), WriterOptions::default());
        let folder = tempfile::tempdir().unwrap();
        let objects: Arc<dyn ObjectStore> = Arc::new(LocalFileSystem::new_with_prefix(folder.path()).unwrap());
        let rules = FileRules { bytes: 4 << 20, ..FileRules::default() };
        World { files: Files::new(journal.clone(), objects, rules, scanner), journal, edge, clock, folder }
    }

    fn pass(&self, hours: i64) {
        self.clock.fetch_add(hours * 3_600_000_000, Ordering::Relaxed);
    }

    async fn keep(&self, account: &str, bytes: Vec<u8>) -> Result<Kept, FileRefusal> {
        let actor = Actor::Post { person: account.to_owned(), post: "post".into() };
        let upload = Upload { bytes, subject: format!("person/{account}"), account: account.to_owned(), actor };
        self.files.keep(upload, self.edge.submission(None)).await.unwrap()
    }

    async fn attach(&self, kept: &Kept, case: &str) {
        let attach = Attach { case: case.to_owned(), attachment: kept.id.to_string() };
        self.journal.submit(attach, self.edge.submission(None)).await.unwrap();
    }

    async fn erase(&self, account: &str) {
        let (subject, actor) = (format!("person/{account}"), Actor::system("test"));
        let erase = EraseSubject { subject, actor, ground: "request".into() };
        self.journal.submit(erase, self.edge.submission(None)).await.unwrap();
    }

    /// Every byte that lies in the folder.
    fn lying(&self) -> Vec<Vec<u8>> {
        let mut folders = vec![self.folder.path().to_owned()];
        let mut found = Vec::new();
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() { folders.push(path) } else { found.push(std::fs::read(path).unwrap()) }
            }
        }
        found
    }
}

/// A fact that names a file, as casework's do.
struct Attach {
    case: String,
    attachment: String,
}

#[derive(Serialize)]
struct Evidence<'a> {
    evidence: Vec<serde_json::Value>,
    other: &'a str,
}

impl Command for Attach {
    type Output = ();
    type Refusal = std::convert::Infallible;

    async fn decide(&self, unit: &mut Unit) -> Result<(), Declined<Self::Refusal>> {
        let evidence = vec![json!({ "kind": "photo", "attachment": self.attachment })];
        let body = Evidence { evidence, other: "x" };
        let fact = NewFact::new("case.registered", unit.at(), Actor::system("test"), &body);
        unit.append(&self.case, 0, vec![fact]).await?;
        Ok(())
    }
}

on_both_stores!(a_picture_is_kept_encrypted_and_opened_again, TABLES, |db: Db| async move {
    let world = World::on(&db, Scanner::None);
    let kept = world.keep("ada", picture()).await.unwrap();
    assert_eq!((kept.kind, kept.size, kept.state), (FileKind::Png, Some((900, 300)), FileState::Kept));
    let whole = world.files.open(kept.id, Part::Whole).await.unwrap().unwrap();
    assert_eq!(image::load_from_memory(&whole).unwrap().width(), 900);
    let small = world.files.open(kept.id, Part::Thumbnail).await.unwrap().unwrap();
    assert_eq!(FileKind::of(&small), Some(FileKind::Jpeg));
    assert_eq!(image::load_from_memory(&small).unwrap().width(), 320);
    let lying = world.lying();
    assert_eq!(lying.len(), 2);
    assert!(lying.iter().all(|bytes| FileKind::of(bytes).is_none()), "what lies there says nothing");
    let facts = tail::stream(&mut &db, &format!("file/{}", kept.id)).await.unwrap();
    let body: serde_json::Value = facts[0].read().unwrap();
    assert_eq!((facts[0].kind.as_str(), &body["kind"]), ("file.kept", &json!("image/png")));
    assert_eq!(body["digest"].as_str().unwrap().len(), 64);
});

on_both_stores!(what_is_not_taken_says_why, TABLES, |db: Db| async move {
    let world = World::on(&db, Scanner::Fake("malware"));
    for (bytes, refusal) in [
        (Vec::new(), FileRefusal::Empty),
        (vec![b'x'; (4 << 20) + 1], FileRefusal::TooLong { most: 4 << 20 }),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>".to_vec(), FileRefusal::Kind),
        (picture()[..200].to_vec(), FileRefusal::Broken),
        (b"%PDF-1.7 with malware".to_vec(), FileRefusal::Infected),
    ] {
        assert_eq!(world.keep("ada", bytes).await, Err(refusal));
    }
    assert!(world.lying().is_empty());
    assert_eq!(tail::head(&mut &db).await.unwrap(), 1, "the infected file, and nothing else");
});

on_both_stores!(an_upload_that_nothing_uses_is_removed_after_a_day, TABLES, |db: Db| async move {
    let world = World::on(&db, Scanner::None);
    let (used, unused) = (world.keep("ada", picture()).await.unwrap(), world.keep("ada", picture()).await.unwrap());
    world.attach(&used, "case/1").await;
    assert_eq!(world.files.uses(used.id).await.unwrap(), ["case/1"]);
    world.pass(23);
    assert_eq!(world.files.sweep(&world.edge).await.unwrap(), Swept::default());
    world.pass(2);
    assert_eq!(world.files.sweep(&world.edge).await.unwrap(), Swept { unused: 1, ..Swept::default() });
    assert_eq!(world.files.find(unused.id).await.unwrap().unwrap().state, FileState::Removed);
    assert_eq!(world.files.open(unused.id, Part::Whole).await.unwrap(), None);
    assert!(world.files.open(used.id, Part::Whole).await.unwrap().is_some());
    assert_eq!(world.lying().len(), 2);
    assert_eq!(world.files.sweep(&world.edge).await.unwrap(), Swept::default());
});

on_both_stores!(the_files_of_someone_erased_are_unreadable_at_once_and_gone_soon, TABLES, |db: Db| async move {
    let world = World::on(&db, Scanner::None);
    let (ada, bob) = (world.keep("ada", picture()).await.unwrap(), world.keep("bob", picture()).await.unwrap());
    world.attach(&ada, "case/1").await;
    world.attach(&bob, "case/2").await;
    world.erase("ada").await;
    assert_eq!(world.files.open(ada.id, Part::Whole).await.unwrap(), None, "before anything was removed");
    assert_eq!(world.files.of_the_erased().await.unwrap(), [ada.id]);
    assert_eq!(world.files.sweep(&world.edge).await.unwrap(), Swept { erased: 1, ..Swept::default() });
    assert_eq!(world.files.of_the_erased().await.unwrap(), []);
    assert_eq!(world.lying().len(), 2);
    assert!(world.files.open(bob.id, Part::Whole).await.unwrap().is_some());
});

on_both_stores!(what_waits_for_the_scanner_is_scanned_when_it_is_back, TABLES, |db: Db| async move {
    let away = World::on(&db, Scanner::Clamd("127.0.0.1:1".into()));
    let fine = away.keep("ada", picture()).await.unwrap();
    let bad = away.keep("ada", b"%PDF-1.7 with malware".to_vec()).await.unwrap();
    assert_eq!((fine.state, bad.state), (FileState::Waiting, FileState::Waiting));
    assert_eq!(away.files.sweep(&away.edge).await.unwrap(), Swept::default());
    let objects = Arc::new(LocalFileSystem::new_with_prefix(away.folder.path()).unwrap());
    let back = Files::new(away.journal.clone(), objects, FileRules::default(), Scanner::Fake("malware"));
    let swept = back.sweep(&away.edge).await.unwrap();
    assert_eq!((swept.scanned, swept.infected), (2, 1));
    assert_eq!(back.find(fine.id).await.unwrap().unwrap().state, FileState::Kept);
    assert_eq!(back.find(bad.id).await.unwrap().unwrap().state, FileState::Removed);
    assert_eq!(away.lying().len(), 2);
});

on_both_stores!(only_ones_own_files_can_be_used, TABLES, |db: Db| async move {
    let world = World::on(&db, Scanner::None);
    let kept = world.keep("ada", picture()).await.unwrap();
    let value = json!({ "evidence": [{ "kind": "photo", "attachment": kept.id.to_string() }, { "kind": "text" }] });
    let usable = async |account: &str, stream: Option<&str>| {
        world.files.usable(&value, account, stream, world.edge.now()).await.unwrap()
    };
    let unknown = Err(FileRefusal::Unknown { id: kept.id.to_string() });
    assert_eq!(usable("ada", None).await, Ok(()));
    assert_eq!(usable("bob", None).await, unknown);
    world.pass(24);
    assert_eq!(usable("ada", None).await, Err(FileRefusal::TooOld { id: kept.id.to_string() }));
    world.attach(&kept, "case/1").await;
    assert_eq!(usable("ada", None).await, Ok(()));
    assert_eq!(usable("bob", Some("case/1")).await, Ok(()), "what a case shows can be named in it again");
    assert_eq!(usable("bob", Some("case/2")).await, unknown);
    let nothing = json!({ "attachment": "no identifier" });
    let refused = world.files.usable(&nothing, "ada", None, world.edge.now()).await.unwrap();
    assert_eq!(refused, Err(FileRefusal::Unknown { id: "no identifier".into() }));
});

#[tokio::test]
async fn bytes_that_were_changed_are_not_opened() {
    let fresh = store::testing::Fresh::sqlite(TABLES, store::testing::quick()).await.unwrap();
    let world = World::on(&fresh.db, Scanner::None);
    let kept = world.keep("ada", picture()).await.unwrap();
    let name = kept.id.to_string();
    let path = world.folder.path().join(&name[..2]).join(&name);
    let mut bytes = std::fs::read(&path).unwrap();
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    std::fs::write(&path, bytes).unwrap();
    let error = world.files.open(kept.id, Part::Whole).await.unwrap_err();
    assert!(matches!(error, platform::file::FileError::Journal(JournalError::Unsealable)), "{error}");
    fresh.finish().await;
}

impl World {
    async fn keep_once(&self, bytes: Vec<u8>, key: &str) -> Result<Result<Kept, FileRefusal>, FileError> {
        let actor = Actor::Post { person: "ada".into(), post: "post".into() };
        let fingerprint = Digest::of(&[&bytes]);
        let upload = Upload { bytes, subject: "person/ada".into(), account: "ada".into(), actor };
        let key = Key { scope: "account/ada POST /files".into(), key: key.to_owned(), fingerprint };
        self.files.keep(upload, self.edge.submission(Some(key))).await
    }
}

on_both_stores!(the_same_key_is_the_same_file, TABLES, |db: Db| async move {
    let world = World::on(&db, Scanner::None);
    let first = world.keep_once(picture(), "k").await.unwrap().unwrap();
    let again = world.keep_once(picture(), "k").await.unwrap().unwrap();
    assert_eq!(again, Kept { repeated: true, ..first });
    assert_eq!(world.lying().len(), 2, "what was laid down in vain is away");
    let other = world.keep_once(b"%PDF-1.7 other".to_vec(), "k").await;
    assert!(matches!(other, Err(FileError::Kept(journal::SubmitError::KeyReused))));
    assert_eq!(world.lying().len(), 2);
});

on_both_stores!(an_infected_file_is_not_kept_and_leaves_a_fact, TABLES, |db: Db| async move {
    let world = World::on(&db, Scanner::Fake("EICAR"));
    let infected = b"%PDF-1.7 EICAR".to_vec();
    for _ in 0..2 {
        assert_eq!(world.keep_once(infected.clone(), "k").await.unwrap(), Err(FileRefusal::Infected));
    }
    assert!(world.lying().is_empty());
    let facts = tail::after(&mut &db, 0, 10).await.unwrap();
    let kinds: Vec<&str> = facts.iter().map(|fact| fact.kind.as_str()).collect();
    assert_eq!(kinds, ["file.refused"], "one fact, however often it is sent with one key");
});

/// A report made for someone, as casework's registration has it.
struct ReportFor(String);

impl Command for ReportFor {
    type Output = ();
    type Refusal = std::convert::Infallible;

    async fn decide(&self, unit: &mut Unit) -> Result<(), Declined<Self::Refusal>> {
        let evidence = [json!({ "kind": "photo", "attachment": self.0 })];
        let registered = json!({ "reporter": "reporter/1", "evidence": evidence });
        let body = json!({ "v": 1, "event": { "registered": registered } });
        let mut fact = NewFact::new("case.registered", unit.at(), Actor::system("test"), &body);
        let (subject, value) = ("reporter/1".to_owned(), "words".to_owned());
        fact.personal.push(Personal { subject, field: "words", value });
        unit.append("case/1", 0, vec![fact]).await?;
        Ok(())
    }
}

on_both_stores!(what_came_with_a_report_goes_with_who_reported, TABLES, |db: Db| async move {
    let world = World::on(&db, Scanner::None);
    let (theirs, own) = (world.keep("ada", picture()).await.unwrap(), world.keep("ada", picture()).await.unwrap());
    let report = ReportFor(theirs.id.to_string());
    world.journal.submit(report, world.edge.submission(None)).await.unwrap();
    world.attach(&own, "case/2").await;
    let used = world.files.used_in("case/1").await.unwrap();
    assert_eq!((used.len(), used[0].id, used[0].owner.as_deref()), (1, theirs.id, Some("reporter/1")));
    let erase = EraseSubject { subject: "reporter/1".into(), actor: Actor::system("test"), ground: "request".into() };
    world.journal.submit(erase, world.edge.submission(None)).await.unwrap();
    assert_eq!(world.files.open(theirs.id, Part::Whole).await.unwrap(), None);
    assert!(world.files.open(own.id, Part::Whole).await.unwrap().is_some());
    assert_eq!(world.files.of_the_erased().await.unwrap(), [theirs.id]);
    assert_eq!(world.files.sweep(&world.edge).await.unwrap().erased, 1);
    assert_eq!(world.files.of_the_erased().await.unwrap(), []);
    assert_eq!(world.lying().len(), 2);
});

on_both_stores!(a_bucket_keeps_gives_and_removes, TABLES, |db: Db| async move {
    // A server that speaks S3, where one is named: `checks/with-s3.mjs` starts moto's.
    let Ok(endpoint) = std::env::var("HUYING_TEST_S3") else {
        assert!(std::env::var("HUYING_REQUIRE_S3").is_err(), "HUYING_TEST_S3 names no server");
        return;
    };
    let _ = rustls::crypto::ring::default_provider().install_default();
    let secret = || Some(platform::config::Secret::new("test"));
    let config = platform::Config {
        files: Some("s3://huying/some/where".into()),
        files_endpoint: Some(endpoint),
        files_region: Some("us-east-1".into()),
        files_access_key: secret(),
        files_secret_key: secret(),
        ..platform::Config::default()
    };
    let mut world = World::on(&db, Scanner::None);
    world.files = Files::configured(&config, world.journal.clone()).unwrap();
    let kept = world.keep("ada", picture()).await.unwrap();
    let opened = world.files.open(kept.id, Part::Whole).await.unwrap().unwrap();
    assert_eq!((opened.len(), FileKind::of(&opened)), (kept.bytes, Some(FileKind::Png)));
    world.erase("ada").await;
    assert_eq!(world.files.sweep(&world.edge).await.unwrap().erased, 1);
    assert_eq!(world.files.of_the_erased().await.unwrap(), []);
});

#[tokio::test]
async fn a_place_of_files_that_means_nothing_is_refused() {
    let db = store::testing::Fresh::sqlite(TABLES, store::testing::quick()).await.unwrap();
    let journal = Journal::start(db.db.clone(), MasterKey::from_bytes([7; 32]), WriterOptions::default());
    let config = platform::Config { files: Some("ftp://somewhere".into()), ..platform::Config::default() };
    assert!(Files::configured(&config, journal).is_err());
    db.finish().await;
}

on_both_stores!(a_restored_district_has_its_files, TABLES, |db: Db| async move {
    let folder = tempfile::tempdir().unwrap();
    // As a district has it: files lie in its data folder.
    let files_in = |data: &std::path::Path, journal: &Journal| {
        let place = data.join("files");
        std::fs::create_dir_all(&place).unwrap();
        let objects: Arc<dyn ObjectStore> = Arc::new(LocalFileSystem::new_with_prefix(place).unwrap());
        Files::new(journal.clone(), objects, FileRules::default(), Scanner::None)
    };
    let world = World::on(&db, Scanner::None);
    let data = folder.path().join("data");
    let world = World { files: files_in(&data, &world.journal), ..world };
    let (kept, erased) = (world.keep("ada", picture()).await.unwrap(), world.keep("bob", picture()).await.unwrap());
    world.attach(&kept, "case/1").await;
    let whole = world.files.open(kept.id, Part::Whole).await.unwrap().unwrap();
    let out = folder.path().join("backup");
    journal::backup::make(&db, Some(&data), &out, world.edge.now(), |_, _| ()).await.unwrap();
    // Bob is erased after the backup was made.
    world.erase("bob").await;

    let address = format!("sqlite:{}", folder.path().join("restored.db").display());
    let restored = Db::open(&address, store::testing::quick()).await.unwrap();
    let target = folder.path().join("restored");
    journal::backup::load(&out, &restored, &target, TABLES, |_, _| ()).await.unwrap();
    let journal = Journal::start(restored.clone(), MasterKey::from_bytes([7; 32]), WriterOptions::default());
    let files = files_in(&target, &journal);
    assert_eq!(files.open(kept.id, Part::Whole).await.unwrap(), Some(whole));
    assert!(files.open(kept.id, Part::Thumbnail).await.unwrap().is_some());
    assert_eq!(files.uses(kept.id).await.unwrap(), ["case/1"], "and what uses them");
    let list = journal::erasures(&mut &db).await.unwrap();
    journal::backup::replay_erasures(&journal, &list, |erase| erase, || world.edge.submission(None)).await.unwrap();
    assert!(!matches!(files.open(erased.id, Part::Whole).await, Ok(Some(_))), "the erased stay erased");
    assert_eq!(files.sweep(&world.edge).await.unwrap().erased, 1);
    assert_eq!(files.of_the_erased().await.unwrap(), []);
    restored.close().await;
});
