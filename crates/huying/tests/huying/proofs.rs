//! Receipts, verification, backup and restore, as an operator and a resident meet them.

use std::time::Duration;

use crate::district::{Client, District};

/// The log's newest checkpoint once it has taken in more than `size` entries.
async fn checkpoint_after(client: &Client, size: u64) -> (String, u64) {
    for _ in 0..100 {
        let (_, text) = client.get("/log/checkpoint").await;
        let entries: u64 = text.lines().nth(1).and_then(|line| line.parse().ok()).unwrap_or(0);
        if entries > size {
            return (text, entries);
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("the log does not follow the journal");
}

#[tokio::test]
async fn a_report_becomes_a_receipt_that_anyone_can_check() {
    let district = District::serve();
    let client = district.client().await;
    let (_, before) = checkpoint_after(&client, 0).await;
    let number = client.report("路口井盖破损").await;
    checkpoint_after(&client, before).await;
    let (status, receipt) = client.get(&format!("/api/v1/cases/{number}/receipt")).await;
    assert_eq!(status, 200, "{receipt}");
    assert!(!receipt.contains("井盖"), "words are sealed");
    std::fs::write(district.path("receipt.json"), &receipt).unwrap();

    let (_, key) = district.run(&["key"]);
    let check = |file: &str, key: &str| district.run(&["receipt", "--check", file, "--key", key.trim()]);
    let (valid, said) = check("receipt.json", &key);
    assert!(valid, "{said}");
    std::fs::write(district.path("changed.json"), receipt.replace("component", "enquiry")).unwrap();
    let (valid, said) = check("changed.json", &key);
    assert!(!valid && said.contains("Not valid"), "{said}");

    let (made, said) = district.run(&["receipt", &number, "--out", "by-number.json"]);
    assert!(made, "{said}");
    let (made, said) = district.run(&["receipt", "--any", "--out", "any.json"]);
    assert!(made, "{said}");
    for file in ["by-number.json", "any.json"] {
        let (valid, said) = check(file, &key);
        assert!(valid, "{file}: {said}");
    }
    let (found, said) = district.run(&["receipt", "no-such-case", "--out", "none.json"]);
    assert!(!found && said.contains("no-such-case"), "{said}");
    let (sound, said) = district.run(&["verify"]);
    assert!(sound, "{said}");
    let (status, proof) = client.get(&format!("/log/consistency?from={before}")).await;
    assert_eq!((status, proof.lines().next()), (200, Some(format!("old {before}").as_str())));
    for (path, expected) in
        [("/log/tile/entries/000.p/1", 200), ("/log/tile/0/000.p/1", 200), ("/log/tile/0/x999/999", 404)]
    {
        assert_eq!(client.get(path).await.0, expected, "{path}");
    }

    // What is shown of a person stands on that person's access log.
    let disclose = |fields: &str| {
        let arguments = ["receipt", &number, "--out", "shown.json", "--ground", "court", "--disclose", fields];
        let (made, said) = district.run(&arguments);
        assert!(made, "{said}");
        (std::fs::read_to_string(district.path("shown.json")).unwrap(), said)
    };
    let (shown, said) = disclose("words");
    assert!(shown.contains("路口井盖破损"), "{shown}");
    let log = said.split_whitespace().find(|word| word.starts_with("access/")).expect(&said).to_owned();
    let looks = || {
        let (made, said) = district.run(&["receipt", &log, "--out", "looks.json"]);
        assert!(made, "{said}");
        std::fs::read_to_string(district.path("looks.json")).unwrap()
    };
    assert_eq!(looks().matches("subject.looked_at").count(), 1, "{}", looks());
    assert!(looks().contains("court") && looks().contains("operator"), "{}", looks());
    assert!(!disclose("phone").0.contains("路口井盖破损"));
    assert_eq!(looks().matches("subject.looked_at").count(), 1, "nothing was shown: {}", looks());
    let (status, line) = client.get(&format!("/api/v1/cases/{number}/facts")).await;
    assert!(status == 200 && line.contains("路口井盖破损"), "{line}");
    assert_eq!(looks().matches("subject.looked_at").count(), 2, "the time line shows it too: {}", looks());
    assert!(looks().contains("time_line"), "{}", looks());

    // Where the key is taken away, none is put in its place.
    std::fs::rename(district.path("data/keys"), district.path("taken")).unwrap();
    let (found, said) = district.run(&["key"]);
    assert!(!found && said.contains("not here"), "{said}");
    let (made, said) = district.run(&["receipt", &number, "--out", "without-key.json"]);
    assert!(made, "{said}");
    assert!(!district.path("data/keys").exists());
    let (valid, said) = check("without-key.json", &key);
    assert!(valid, "{said}");
}

#[tokio::test]
async fn a_district_is_backed_up_while_served_and_restored_without_a_fork() {
    let mut district = District::serve();
    let client = district.client().await;
    client.report("路灯不亮").await;
    let (made, said) = district.run(&["backup", "--out", "backup", "--keys", "keys", "--json"]);
    assert!(made, "{said}");
    let head = said.lines().find_map(|line| serde_json::from_str::<serde_json::Value>(line).ok()?["head"].as_u64());
    let number = client.report("垃圾堆积").await;
    let (newest, _) = checkpoint_after(&client, head.unwrap()).await;
    std::fs::write(district.path("newest.txt"), &newest).unwrap();
    let (_, key) = district.run(&["key"]);
    district.kill();

    let restore = |data: &str, more: &[&str]| {
        let fixed = ["restore", "--from", "backup", "--data", data, "--keys", "keys", "--no-erasures"];
        district.run(&[&fixed[..], more].concat())
    };
    let (done, said) = restore("a", &["--witnessed", "newest.txt"]);
    assert!(!done && said.contains("nothing is signed below it"), "{said}");
    let (served, said) = district.run(&["receipt", "--data", "a", "--any", "--out", "a.json"]);
    assert!(!served, "what was refused once is refused later: {said}");
    let (done, said) = restore("b", &["--witnessed", "newest.txt", "--new-log"]);
    assert!(done && said.contains("/2+"), "{said}");
    let (_, next) = district.run(&["key", "--data", "b"]);
    assert_ne!(next, key);
    let (sound, said) = district.run(&["verify", "--data", "b", "--key", next.trim()]);
    assert!(sound, "{said}");
    let (found, _) = district.run(&["receipt", "--data", "b", &number, "--out", "lost.json"]);
    assert!(!found, "what came after the backup is lost, and the new log says that entries are");

    // The database that was not lost goes on, and its key can be changed.
    let (rotated, said) = district.run(&["key", "--rotate"]);
    assert!(rotated && said.contains("/2+"), "{said}");
    district.start();
    let client = district.client().await;
    let (text, _) = checkpoint_after(&client, 0).await;
    assert!(text.contains("\nsucceeds huying/") && text.contains(" rotation\n"), "{text}");
}
