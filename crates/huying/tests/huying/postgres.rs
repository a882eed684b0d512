//! A district on PostgreSQL through the binary: backed up while it is served, restored into another database.

use crate::district::District;

/// Addresses of two databases that are gone when this is.
struct Two {
    server: String,
    names: [String; 2],
    addresses: Vec<String>,
}

impl Two {
    /// None where no server is named and none is required.
    async fn make() -> Option<Two> {
        let Ok(server) = std::env::var("HUYING_TEST_POSTGRES") else {
            assert!(std::env::var("HUYING_REQUIRE_POSTGRES").is_err(), "HUYING_TEST_POSTGRES names no server");
            return None;
        };
        let names = ["from", "to"].map(|name| format!("test_{}_{name}", std::process::id()));
        let mut addresses = Vec::new();
        for name in &names {
            addresses.push(store::scratch::create(&server, name).await.unwrap());
        }
        Some(Two { server, names, addresses })
    }

    async fn remove(self) {
        for name in &self.names {
            store::scratch::remove(&self.server, name).await.unwrap();
        }
    }
}

#[tokio::test]
async fn a_district_on_postgresql_is_backed_up_and_restored() {
    let Some(two) = Two::make().await else { return };
    // The test's server is quick, not durable.
    let settings = format!("database = {:?}\nallow_weak_durability = true\n", two.addresses[0]);
    let mut district = District::serve_with(&["witness"], &settings);
    let client = district.client().await;
    let number = client.report("路灯不亮").await;
    let (made, said) = district.run(&["backup", "--out", "backup", "--keys", "keys"]);
    assert!(made, "{said}");
    let later = client.report("垃圾堆积").await;
    district.kill();
    let (_, key) = district.run(&["key"]);

    let to = ["--database", &two.addresses[1], "--data", "restored"];
    let restore = ["restore", "--from", "backup", "--keys", "keys", "--no-erasures", "--no-witness"];
    // The configured witness may know of more than the backup: then another log begins, and says so.
    let (done, said) = district.run(&[&restore[..], &to, &["--new-log"]].concat());
    assert!(done, "{said}");
    let (again, said) = district.run(&[&restore[..], &to].concat());
    assert!(!again, "a database that holds something is not filled: {said}");
    let (_, restored_key) = district.run(&[&["key"][..], &to].concat());
    let (sound, said) = district.run(&[&["verify", "--key", restored_key.trim()][..], &to].concat());
    assert!(sound, "{said}");
    let (equal, said) = district.run(&[&["rebuild", "--check"][..], &to].concat());
    assert!(equal, "{said}");
    let receipt = |number: &str, more: &[&str]| district.run(&[&["receipt", number, "--out", "r.json"], more].concat());
    let (made, said) = receipt(&number, &to);
    assert!(made, "{said}");
    let (valid, said) = district.run(&["receipt", "--check", "r.json", "--key", restored_key.trim()]);
    assert!(valid, "{said}");
    assert!(!receipt(&later, &to).0, "what came after the backup is lost");
    let (made, said) = receipt(&later, &[]);
    assert!(made, "the database that was backed up still has it: {said}");
    let (valid, said) = district.run(&["receipt", "--check", "r.json", "--key", key.trim()]);
    assert!(valid, "{said}");
    two.remove().await;
}
