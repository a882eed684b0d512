//! The second checker (`docs/verify/verify.go`, Go's own note and tlog packages) against ours, on the same files.

use std::path::PathBuf;
use std::process::Command;

use store::Db;
use store::testing::{Fresh, block_on, quick};

use super::tests::receipt;
use super::*;
use crate::MIGRATIONS;
use crate::log::tests::{append, key};
use crate::log::{Log, LogKey};

/// The built checker and a folder for files.
struct Second {
    folder: tempfile::TempDir,
    program: PathBuf,
}

impl Second {
    /// Builds as `docs/verify/README.md` says. Needs Debian's golang-go and golang-golang-x-mod-dev.
    fn build() -> Second {
        let source = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/verify/verify.go");
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("verify");
        let built = Command::new("go")
            .args(["build", "-o"])
            .arg(&program)
            .arg(source)
            .envs([("GO111MODULE", "off"), ("GOPATH", "/usr/share/gocode")])
            .output()
            .expect("the program `go` is installed (Debian: golang-go)");
        assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
        Second { folder, program }
    }

    fn accepts(&self, what: &str, files: &[&[u8]], vkey: &str) -> bool {
        let mut command = Command::new(&self.program);
        command.arg(what);
        for (number, content) in files.iter().enumerate() {
            let file = self.folder.path().join(format!("file{number}"));
            std::fs::write(&file, content).unwrap();
            command.arg(file);
        }
        let answer = command.arg(vkey).output().unwrap();
        let text = String::from_utf8_lossy(&answer.stdout);
        assert_eq!(answer.status.success(), text.lines().any(|line| line.starts_with("ok: ")), "{text}");
        answer.status.success()
    }
}

#[test]
fn it_is_short_enough_to_read() {
    assert!(include_str!("../../../../docs/verify/verify.go").lines().count() <= 200);
}

#[test]
fn both_checkers_agree_on_receipts() {
    let mut whole = block_on(async {
        let fresh = Fresh::sqlite(MIGRATIONS, quick()).await.unwrap();
        let receipt = receipt(&fresh.db).await;
        fresh.finish().await;
        receipt
    });
    let second = Second::build();
    let vkey = key().verifier().to_string();
    assert!(second.accepts("receipt", &[whole.to_text().as_bytes()], &vkey));
    let strangers = LogKey::from_seed("huying/440104", [8; 32]).unwrap().verifier().to_string();
    assert!(!second.accepts("receipt", &[whole.to_text().as_bytes()], &strangers));

    whole.facts.truncate(1);
    let file = whole.to_text().into_bytes();
    assert!(second.accepts("receipt", &[&file], &vkey));
    for at in (0..file.len()).step_by(3) {
        let mut changed = file.clone();
        changed[at] ^= if at % 2 == 0 { 1 } else { 0x20 };
        let shown = String::from_utf8_lossy(&changed);
        assert!(!second.accepts("receipt", &[&changed], &vkey), "byte {at}:\n{shown}");
        assert!(check(&changed, key().verifier()).is_err());
    }
    whole.facts[0].proof = None;
    assert!(!second.accepts("receipt", &[whole.to_text().as_bytes()], &vkey), "pending");
}

#[test]
fn both_write_every_character_alike() {
    let second = Second::build();
    let odd = "\u{8}\u{c}\u{1f}\u{7f}\u{2028}\u{2029}<&>\\u2028\\\\\"/\t\r\n字🏮";
    let text = block_on(async {
        let fresh = Fresh::sqlite(MIGRATIONS, quick()).await.unwrap();
        append(&fresh.db, odd, 1).await;
        Log::open(&fresh.db, key(), &[]).await.unwrap();
        let text = make(&fresh.db, odd, Disclose::Nothing).await.unwrap().to_text();
        fresh.finish().await;
        text
    });
    assert!(check(text.as_bytes(), key().verifier()).is_ok());
    assert!(second.accepts("receipt", &[text.as_bytes()], &key().verifier().to_string()), "{text}");
}

#[test]
fn both_checkers_agree_on_checkpoints_and_their_succession() {
    let second = Second::build();
    let vkey = key().verifier().to_string();
    block_on(async {
        let fresh = Fresh::sqlite(MIGRATIONS, quick()).await.unwrap();
        let db: &Db = &fresh.db;
        let mut kept = Vec::new();
        for (round, count) in [0, 1, 6, 249, 1, 400].into_iter().enumerate() {
            append(db, &format!("case/{round}"), count).await;
            let log = Log::open(db, key(), &[]).await.unwrap();
            let newest =
                log.integrate().await.unwrap().map_or(log.reader().checkpoint().await.unwrap(), |c| Some(c.text));
            kept.push(crate::log::Checkpoint::open(&newest.unwrap(), key().verifier()).unwrap());
        }
        let reader = crate::log::LogReader::new(db.clone());
        let other = &kept[3];
        for old in &kept {
            assert!(second.accepts("checkpoint", &[old.text.as_bytes()], &vkey));
            let proof = reader.consistency(old).await.unwrap();
            assert!(
                second.accepts("consistency", &[old.text.as_bytes(), proof.as_bytes()], &vkey),
                "from {}",
                old.size
            );
            if old.size != other.size {
                assert!(!second.accepts("consistency", &[other.text.as_bytes(), proof.as_bytes()], &vkey));
            }
            let broken = old.text.replacen(&format!("\n{}\n", old.size), &format!("\n{}\n", old.size + 1), 1);
            assert!(!second.accepts("checkpoint", &[broken.as_bytes()], &vkey));
        }
        fresh.finish().await;
    });
}
