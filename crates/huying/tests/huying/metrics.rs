//! `/metrics` of a served district.

use std::time::Duration;

use crate::district::{Client, District};

/// The value of a metric without labels.
async fn value(client: &Client, name: &str) -> Option<f64> {
    let (status, text) = client.get("/metrics").await;
    assert_eq!(status, 200);
    text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' ')?.parse().ok())
}

/// The value once it is at least so much.
async fn at_least(client: &Client, name: &str, least: f64) -> f64 {
    let mut last = None;
    for _ in 0..100 {
        last = value(client, name).await;
        if let Some(found) = last.filter(|found| *found >= least) {
            return found;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("{name} is {last:?}, not {least}")
}

#[tokio::test]
async fn the_size_of_the_log_and_failing_witnesses_are_counted() {
    // The second witness cannot be written: what should be its folder is the configuration's file.
    let district = District::serve_with(&["witness", "huying.toml/witness"], "");
    let client = district.client().await;
    let before = at_least(&client, "huying_log_entries", 1.0).await;
    let failures = at_least(&client, "huying_witness_failures_total", 1.0).await;
    assert_eq!(value(&client, "huying_witnesses_failing").await, Some(1.0));
    client.report("路灯不亮").await;
    at_least(&client, "huying_log_entries", before + 1.0).await;
    at_least(&client, "huying_witness_failures_total", failures + 1.0).await;
    assert_eq!(value(&client, "huying_log_failing").await, Some(0.0));

    let sound = District::serve();
    let client = sound.client().await;
    at_least(&client, "huying_log_entries", 1.0).await;
    assert_eq!(value(&client, "huying_witnesses_failing").await, Some(0.0));
    assert_eq!(value(&client, "huying_witness_failures_total").await, None);
}
