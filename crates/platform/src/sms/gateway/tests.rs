//! The gateway against a server on loopback.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;

use super::*;

/// What was posted (headers and body), and what is answered.
#[derive(Clone)]
struct Served {
    posted: Arc<Mutex<Vec<(HeaderMap, String)>>>,
    answer: (StatusCode, &'static str),
}

async fn serve(status: u16, body: &'static str) -> (String, Served) {
    let served = Served { posted: Arc::default(), answer: (StatusCode::from_u16(status).unwrap(), body) };
    let take = async |State(served): State<Served>, headers: HeaderMap, body: String| {
        served.posted.lock().unwrap().push((headers, body));
        (served.answer.0, [("location", "/elsewhere")], served.answer.1)
    };
    let elsewhere = async || -> StatusCode { panic!("a redirection was followed") };
    let app = Router::new().route("/sms", post(take)).route("/elsewhere", post(elsewhere).get(elsewhere));
    let app = app.with_state(served.clone());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, app).await });
    (format!("http://{address}/sms"), served)
}

fn config(url: &str) -> SmsConfig {
    serde_json::from_value(serde_json::json!({ "url": url })).unwrap()
}

fn message() -> SmsMessage {
    SmsMessage { id: "d-1".into(), to: "+8613800005678".into(), text: "验证码 \"{to}\"\n& 完".into() }
}

#[tokio::test]
async fn a_message_is_posted_as_the_template_has_it() {
    let (url, served) = serve(202, "").await;
    let mut json = config(&url);
    json.body = r#"{"to":["{to}"],"params":{"text":"{text}","{other}":"{id}"},"key":"{secret}"}"#.into();
    json.headers.insert("Authorization".into(), "Bearer {secret}".into());
    let gateway = HttpGateway::new(&json, Some(Secret::new("s\"3"))).unwrap();
    assert_eq!(gateway.send(&message()).await, Ok(()));
    let form =
        SmsConfig { format: BodyFormat::Form, body: "mobile={to}&content={text}&id={id}".into(), ..config(&url) };
    assert_eq!(HttpGateway::new(&form, None).unwrap().send(&message()).await, Ok(()));
    let posted = served.posted.lock().unwrap().clone();
    assert_eq!(posted[0].0["authorization"], "Bearer s\"3");
    assert_eq!(posted[0].0["content-type"], "application/json");
    let expected = serde_json::json!({
        "to": ["+8613800005678"],
        "params": { "text": "验证码 \"{to}\"\n& 完", "{other}": "d-1" },
        "key": "s\"3",
    });
    assert_eq!(serde_json::from_str::<serde_json::Value>(&posted[0].1).unwrap(), expected);
    assert_eq!(posted[1].0["content-type"], "application/x-www-form-urlencoded");
    let fields: Vec<(String, String)> =
        form_urlencoded::parse(posted[1].1.as_bytes()).map(|(name, value)| (name.into(), value.into())).collect();
    let SmsMessage { id, to, text } = message();
    assert_eq!(fields, [("mobile".into(), to), ("content".into(), text), ("id".into(), id)]);
}

#[tokio::test]
async fn what_the_gateway_answers_says_whether_to_try_again() {
    async fn check(status: u16, body: &'static str, expected: Result<(), SmsError>, may_pass: bool) {
        let (url, served) = serve(status, body).await;
        let accepted = Some(Accepted { pointer: "/code".into(), values: vec!["0".into(), "OK".into()] });
        let gateway = HttpGateway::new(&SmsConfig { accepted, ..config(&url) }, None).unwrap();
        let found = gateway.send(&message()).await;
        assert_eq!(found, expected, "{status} {body}");
        assert_eq!(found.err().is_some_and(|error| error.may_pass()), may_pass, "{status} {body}");
        assert_eq!(
            served.posted.lock().unwrap().len(),
            1,
            "{status}: it is posted once, and no redirection is followed"
        );
    }
    check(200, r#"{"code":0}"#, Ok(()), false).await;
    check(200, r#"{"code":"OK"}"#, Ok(()), false).await;
    check(200, r#"{"code":"isv.BUSINESS_LIMIT_CONTROL"}"#, Err(SmsError::NotAccepted), false).await;
    check(200, r#"{"message":"OK"}"#, Err(SmsError::NotAccepted), false).await;
    check(200, "<html>", Err(SmsError::NotAccepted), false).await;
    check(307, "", Err(SmsError::Refused(307)), false).await;
    check(400, "", Err(SmsError::Refused(400)), false).await;
    check(429, "", Err(SmsError::Failed(429)), true).await;
    check(503, "", Err(SmsError::Failed(503)), true).await;
}

#[tokio::test]
async fn a_gateway_that_is_not_there_or_says_nothing_cannot_be_reached() {
    let gateway = HttpGateway::new(&config("http://127.0.0.1:1/"), None).unwrap();
    assert_eq!(gateway.send(&message()).await, Err(SmsError::Unreachable));
    // It takes connections (the system does, by its queue) and never answers.
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let silent = SmsConfig { timeout_seconds: 1, ..config(&format!("http://{}/", listener.local_addr().unwrap())) };
    assert_eq!(HttpGateway::new(&silent, None).unwrap().send(&message()).await, Err(SmsError::Unreachable));
    drop(listener);
}

#[test]
fn wrong_settings_are_named() {
    let with = |change: &dyn Fn(&mut SmsConfig)| {
        let mut config = config("https://sms.example.org/send");
        change(&mut config);
        HttpGateway::new(&config, None).map(drop).map_err(|error| error.to_string())
    };
    assert_eq!(with(&|_| ()), Ok(()));
    type Change<'a> = &'a dyn Fn(&mut SmsConfig);
    let cases: [(Change, &str); 5] = [
        (&|config| config.url = "ftp://example.org".into(), "sms.url"),
        (&|config| config.body = "{\"to\":\"{to}\"}".into(), "sms.body"),
        (&|config| config.body = "{to} {text}".into(), "JSON"),
        (&|config| config.headers.extend([("X-Key".into(), "{secret}".into())]), "sms_secret"),
        (&|config| config.headers.extend([("X Key".into(), "k".into())]), "X Key"),
    ];
    for (change, word) in cases {
        let error = with(change).unwrap_err();
        assert!(error.contains(word), "{error}");
    }
}
