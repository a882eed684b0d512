//! What a served district tells the outside of itself: spans to a collector, the audit trail to syslog, logs to files.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::routing::post;
use serde_json::Value;
use tokio::io::AsyncReadExt;

use crate::district::District;

/// Waits for `found` to find something, as long as a slow machine may need.
async fn wait_for<T>(mut found: impl FnMut() -> Option<T>) -> T {
    for _ in 0..600 {
        if let Some(value) = found() {
            return value;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("it never came");
}

#[tokio::test]
async fn a_trace_goes_on_through_the_district_to_the_collector() {
    let told: Arc<Mutex<Vec<Value>>> = Arc::default();
    let keep = {
        let told = told.clone();
        async move |body: String| {
            told.lock().unwrap().push(serde_json::from_str(&body).unwrap());
        }
    };
    let app = Router::new().route("/v1/traces", post(keep));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}/v1/traces", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, app).await });
    let district = District::serve_with(&[], &format!("otlp_endpoint = {endpoint:?}\notlp_share = 0.0\n"));
    let client = district.client().await;
    let trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    client.traced("/api/v1/matters", &format!("00-{trace}-00f067aa0ba902b7-01")).await;
    let span = wait_for(|| {
        let told = told.lock().unwrap();
        let spans = told.iter().flat_map(|batch| batch["resourceSpans"].as_array().unwrap().clone());
        let spans = spans.flat_map(|one| one["scopeSpans"].as_array().unwrap().clone());
        let mut spans = spans.flat_map(|one| one["spans"].as_array().unwrap().clone());
        spans.find(|span| span["traceId"] == trace)
    })
    .await;
    assert_eq!(span["name"], "GET /api/v1/matters");
    assert_eq!(span["parentSpanId"], "00f067aa0ba902b7");
    // A share of nothing is traced of itself: only what the caller traced has come.
    assert_eq!(told.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn the_audit_trail_is_sent_as_it_happens_and_written_when_asked_for() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("tcp://{}", listener.local_addr().unwrap());
    let got: Arc<Mutex<String>> = Arc::default();
    let into = got.clone();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut bytes = [0; 4096];
        while let Ok(count @ 1..) = stream.read(&mut bytes).await {
            into.lock().unwrap().push_str(&String::from_utf8_lossy(&bytes[..count]));
        }
    });
    let district = District::serve_with(&[], &format!("audit_syslog = {address:?}\nlog_folder = \"logs\"\n"));
    wait_for(|| got.lock().unwrap().contains("huying - account.opened").then_some(())).await;
    let client = district.client().await;
    let number = client.report("路灯不亮").await;
    let (status, _) = client.get(&format!("/api/v1/cases/{number}/facts")).await;
    assert_eq!(status, 200);
    wait_for(|| got.lock().unwrap().contains("huying - subject.looked_at").then_some(())).await;
    let sent = got.lock().unwrap().clone();
    assert!(sent.contains("<110>1 ") && !sent.contains("路灯"), "{sent}");

    let (done, said) = district.run(&["audit", "--data", "data", "--format", "json"]);
    assert!(done, "{said}");
    let lines: Vec<Value> = said.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    let of = |kind: &str| lines.iter().filter(|line| line["kind"] == kind).count();
    assert!(of("account.opened") > 3 && of("subject.looked_at") == 1 && of("case.registered") == 0, "{said}");
    let (done, said) = district.run(&["audit", "--data", "data", "--to", "carrier-pigeon"]);
    assert!(!done && said.contains("carrier-pigeon"), "{said}");
    let files: Vec<_> = std::fs::read_dir(district.path("logs")).unwrap().collect();
    assert_eq!(files.len(), 1, "{files:?}");
}

#[test]
fn logs_are_kept_for_half_a_year_at_least() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("huying.toml"), "log_folder = \"logs\"\nlog_keep_days = 30\n").unwrap();
    let serve = crate::district::command(&["serve", "--listen", "127.0.0.1:0"], folder.path()).output().unwrap();
    let said = String::from_utf8(serve.stderr).unwrap();
    assert!(!serve.status.success() && said.contains("183"), "{said}");
}
