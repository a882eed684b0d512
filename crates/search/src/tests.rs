//! The index against a journal, on both stores; and what is found against what is allowed.

mod journal_world;
mod law;

use journal::{EraseSubject, MIGRATIONS};
use journal_world::World;
use kernel::Actor;
use store::Db;
use store::testing::{Fresh, quick};
use tantivy::Term;

use crate::{IndexKey, Part, Query, Search, Sight};

/// On each store, in a folder that is empty.
macro_rules! on_both {
    ($($name:ident => $sqlite:ident, $postgres:ident;)*) => {$(
        #[tokio::test]
        async fn $sqlite() {
            let fresh = Fresh::sqlite(MIGRATIONS, quick()).await.unwrap();
            $name(fresh.db.clone()).await;
            fresh.finish().await;
        }

        #[tokio::test]
        async fn $postgres() {
            if let Some(fresh) = Fresh::postgres(MIGRATIONS, quick()).await.unwrap() {
                $name(fresh.db.clone()).await;
                fresh.finish().await;
            }
        }
    )*};
}

on_both! {
    follows => follows_sqlite, follows_postgres;
    names_all_or_none => names_all_or_none_sqlite, names_all_or_none_postgres;
    begins_anew => begins_anew_sqlite, begins_anew_postgres;
    forgets => forgets_sqlite, forgets_postgres;
    phrases => phrases_sqlite, phrases_postgres;
}

async fn found(search: &Search, text: &str) -> Vec<u64> {
    let query = Query::parse(text).unwrap();
    let found = search.ask(&query, &Sight::everything(), None, None, 50).await.unwrap();
    assert_eq!(found.total as usize, found.hits.len());
    found.hits.into_iter().map(|hit| hit.key).collect()
}

fn key() -> IndexKey {
    IndexKey::new([7; 32], kernel::Chance::seeded(1, "index"))
}

/// What happens is found; what happens to the same aggregate is found with it; the position goes on where it was.
async fn follows(db: Db) {
    let world = World::new(db);
    let folder = tempfile::tempdir().unwrap();
    let (one, two) = (world.stream(1), world.stream(2));
    world.say(&one, "person/a", "人民公园门口路灯不亮").await;
    world.say(&two, "person/b", "东风中路井盖破损 sinkhole").await;
    {
        let search = Search::open(folder.path(), key()).unwrap();
        let mut reader = world.reader(&search);
        reader.catch_up(|_| {}).await.unwrap();
        assert_eq!(found(&search, "路灯").await, [1]);
        assert_eq!(found(&search, "井盖 东风").await, [2]);
        assert_eq!(found(&search, "SINK").await, [2], "letters find what they begin");
        assert!(found(&search, "路灯 井盖").await.is_empty(), "each word has to be there");
        world.say(&one, "person/c", "已更换灯泡").await;
        reader.catch_up(|_| {}).await.unwrap();
        assert_eq!(found(&search, "灯泡 人民公园").await, [1]);
        assert_eq!((search.documents(), search.position()), (2, 3));
    }
    world.say(&two, "person/b", "已经换好").await;
    let search = Search::open(folder.path(), key()).unwrap();
    assert_eq!((search.documents(), search.position()), (2, 3), "what was committed is there again");
    let mut begun_at = Vec::new();
    world.reader(&search).catch_up(|at| begun_at.push(at)).await.unwrap();
    assert_eq!(begun_at.iter().map(|at| (at.position, at.rebuilding)).collect::<Vec<_>>(), [(4, false)]);
    assert_eq!(found(&search, "换").await, [2, 1], "the newest first");
}

/// For lists: the streams of all that is found, or none at all.
async fn names_all_or_none(db: Db) {
    let world = World::new(db.clone());
    for nth in 1..=3 {
        world.say(&world.stream(nth), "person/a", &format!("第{nth}号井盖破损")).await;
    }
    let search = Search::in_memory();
    world.reader(&search).catch_up(|_| {}).await.unwrap();
    let query = Query::parse("井盖").unwrap();
    let named = async |kind: &str, most: usize| {
        search.streams(&world, &mut &db, &query, &Sight::everything(), kind, most).await.unwrap()
    };
    let all = [3, 2, 1].map(|nth| world.stream(nth)).to_vec();
    assert_eq!(named("case", 3).await, Some(all), "the newest first");
    assert_eq!(named("case", 2).await, None, "more than that");
    assert_eq!(named("card", 2).await, Some(Vec::new()));
    let phrase = Query::parse("“3号井盖”").unwrap();
    let held = async |most: usize| {
        search.streams(&world, &mut &db, &phrase, &Sight::everything(), "case", most).await.unwrap()
    };
    assert_eq!(held(3).await, Some(vec![world.stream(3)]), "what is quoted just so");
}

/// Missing, damaged, of another version, of another journal, ahead of the journal: each time it is made anew, with the same hits.
async fn begins_anew(db: Db) {
    let world = World::new(db);
    for nth in 1..=6 {
        world.say(&world.stream(nth), "person/a", &format!("第{nth}号井盖破损")).await;
    }
    world.say(&world.stream(2), "person/a", "井盖已更换").await;
    let whole = vec![6, 5, 4, 3, 2, 1];
    let folder = tempfile::tempdir().unwrap();
    let check = async |name: &str| {
        let search = Search::open(folder.path(), key()).unwrap();
        world.reader(&search).catch_up(|_| {}).await.unwrap();
        assert_eq!(found(&search, "井盖").await, whole, "{name}");
        assert_eq!((search.documents(), search.position()), (6, 7), "{name}");
    };
    check("missing").await;
    let other = IndexKey::new([8; 32], kernel::Chance::seeded(1, "index"));
    assert_eq!(Search::open(folder.path(), other).unwrap().documents(), 0, "under another key nothing can be read");
    check("under another key").await;
    let postings = || {
        let files = std::fs::read_dir(folder.path()).unwrap().map(|file| file.unwrap().path());
        files.filter(|path| path.extension().is_some_and(|end| end == "idx")).collect::<Vec<_>>()
    };
    for path in postings() {
        let mut bytes = std::fs::read(&path).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 0x55;
        std::fs::write(&path, bytes).unwrap();
    }
    check("damaged").await;
    std::fs::remove_file(&postings()[0]).unwrap();
    check("a file less").await;
    std::fs::write(folder.path().join("meta.json"), "{").unwrap();
    check("unreadable").await;
    let with_state = |change: fn(&mut crate::state::State)| {
        let search = Search::open(folder.path(), key()).unwrap();
        let open = search.open_index();
        let mut state = open.state().unwrap().unwrap();
        change(&mut state);
        let mut writer = open.writer().unwrap();
        writer.delete_all_documents().unwrap();
        let mut prepared = writer.prepare_commit().unwrap();
        prepared.set_payload(&state.payload());
        prepared.commit().unwrap();
    };
    with_state(|state| state.version += 1);
    check("another version").await;
    with_state(|state| state.hash = "00".repeat(32));
    check("another journal").await;
    with_state(|state| state.position += 1);
    check("ahead of the journal").await;
    with_state(|state| (state.position, state.until) = (3, 6));
    let search = Search::open(folder.path(), key()).unwrap();
    let mut reader = world.reader(&search);
    assert!(reader.step().await.is_ok_and(|at| at.position == 7 && !at.rebuilding), "its hash was of another fact");
    assert!(Search::open(folder.path(), key()).is_ok(), "another process may ask it");
    let other = Search::open(folder.path(), key()).unwrap();
    assert!(matches!(world.reader(&other).step().await, Err(crate::SearchError::Busy)), "one writes it");
    drop(reader);
    drop(search);
    check("after a process that held it").await;
}

/// What must not be found any more leaves no word in any file of the index; so does what an erased person left.
async fn forgets(db: Db) {
    let world = World::new(db);
    let folder = tempfile::tempdir().unwrap();
    let (one, two, three) = (world.stream(1), world.stream(2), world.stream(3));
    world.say(&one, "person/a", "secretword 井盖").await;
    world.say(&two, "person/b", "privateword 井盖").await;
    world.say(&two, "person/c", "已更换").await;
    world.say(&three, "person/c", "井盖").await;
    let search = Search::open(folder.path(), key()).unwrap();
    let mut reader = world.reader(&search);
    reader.catch_up(|_| {}).await.unwrap();
    assert!(stands(&search, "secretword") && stands(&search, "privateword"));
    for file in std::fs::read_dir(folder.path()).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap_or_default();
        assert!(!bytes.windows(9).any(|window| window == b"ivateword"), "who has the folder alone reads no word");
    }

    world.hide(&one).await;
    reader.catch_up(|_| {}).await.unwrap();
    assert_eq!(found(&search, "井盖").await, [4, 2]);
    assert!(!stands(&search, "secretword"), "a confidential case leaves no word");

    let erase = EraseSubject { subject: "person/b".into(), actor: Actor::system("test"), ground: "request".into() };
    world.submit(erase).await;
    reader.catch_up(|_| {}).await.unwrap();
    assert!(!stands(&search, "privateword"), "an erased person leaves no word");
    assert_eq!(found(&search, "更换").await, [2], "what others said of the same case stays");
    assert_eq!(found(&search, "井盖").await, [4]);

    reader.begin_anew().unwrap();
    reader.catch_up(|_| {}).await.unwrap();
    assert!(!stands(&search, "secretword") && !stands(&search, "privateword"), "nor does it come back");
    assert_eq!(found(&search, "井盖").await, [4]);
}

/// What is quoted is found where it stands just so, page by page, as the texts are now.
async fn phrases(db: Db) {
    let world = World::new(db);
    let said = [
        "路灯不亮已三天",
        "路灯已亮，灯不亮的是隔壁",
        "东门路灯不亮啊",
        "Zhongshan Road 12",
        "road to Zhongshan",
        "路灯不亮",
    ];
    for (nth, words) in (1..).zip(said) {
        world.say(&world.stream(nth), "person/a", words).await;
    }
    let search = Search::in_memory();
    world.reader(&search).catch_up(|_| {}).await.unwrap();
    let ask = async |text: &str, page: (Option<u64>, usize)| {
        let (query, sight) = (Query::parse(text).unwrap(), Sight::everything());
        search.ask_exactly(&world, &mut world.db(), &query, &sight, None, page).await.unwrap()
    };
    let keys = async |text: &str| {
        let found = ask(text, (None, 50)).await;
        assert_eq!((found.total as usize, found.next, found.cut_short), (found.hits.len(), None, false), "{text}");
        assert!(found.hits.iter().all(|hit| hit.parts == [Part::Words].into()), "{text}");
        found.hits.into_iter().map(|hit| hit.key).collect::<Vec<_>>()
    };
    assert_eq!(keys("路灯不亮").await, [6, 3, 2, 1], "each word somewhere");
    assert_eq!(keys("“路灯不亮”").await, [6, 3, 1], "together");
    assert_eq!(keys("\"路灯不亮\" 三天").await, [1]);
    assert_eq!(keys("「灯不亮的」").await, [2]);
    assert_eq!(keys("\"zhongshan road\"").await, [4]);
    assert_eq!(keys("\"zhongshan\"").await, [5, 4]);
    assert!(keys("\"zhong\"").await.is_empty(), "a quoted word is no beginning");
    assert!(keys("“不亮路灯”").await.is_empty());

    let first = ask("“路灯不亮”", (None, 2)).await;
    assert_eq!((first.total, first.next), (3, Some(3)));
    let last = ask("“路灯不亮”", (first.next, 2)).await;
    assert_eq!((last.total, last.next, last.hits[0].key), (3, None, 1));
    world.hide(&world.stream(1)).await;
    assert_eq!(keys("“路灯不亮”").await, [6, 3], "the index is behind, the texts are not");
}

/// Whether a word stands in the dictionary of any segment, also of documents that are removed.
fn stands(search: &Search, word: &str) -> bool {
    let open = search.open_index();
    let field = open.fields.part(Part::Words);
    let searcher = open.reader.searcher();
    assert_eq!(open.index.searchable_segments().unwrap().len(), searcher.segment_readers().len());
    searcher.segment_readers().iter().any(|segment| {
        let index = segment.inverted_index(field).unwrap();
        index.get_term_info(&Term::from_field_text(field, word)).unwrap().is_some()
    })
}
