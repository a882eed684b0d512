//! The world on a port, for programs that try the API from outside: `e2e/api.mjs` starts it.

use std::io::{Read, Write};
use std::net::SocketAddr;
use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json, Router};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use store::testing::{Fresh, quick};
use tokio::net::TcpListener;

use super::coverage::{Lack, exceptions};
use super::tries::tries;
use super::world::{Ask, POINT, World};
use crate::open::migrations;

/// Besides the district's own routes: `GET /tries`, the operations in the order in which they are tried; `POST /tries/{at}`, which
/// makes what one needs and gives the request that succeeds; `POST /open311-seeds`, what there is for Open311.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "serves until its standard input ends: e2e/api.mjs runs it"]
async fn serve_the_world() {
    let fresh = match Fresh::postgres(&migrations(), quick()).await.unwrap() {
        Some(fresh) => fresh,
        None => Fresh::sqlite(&migrations(), quick()).await.unwrap(),
    };
    let world = Arc::new(World::on(&fresh.db).await);
    let around = Router::new().route("/tries", get(list)).route("/tries/{at}", post(prepare));
    let around = around.route("/open311-seeds", post(open311));
    let app = world.app().merge(around.with_state(world.clone()));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    writeln!(std::io::stdout(), "\nlistening on http://{}", listener.local_addr().unwrap()).unwrap();
    let ended = async {
        let read = || std::io::stdin().read_to_end(&mut Vec::new());
        tokio::task::spawn_blocking(read).await.unwrap().unwrap();
    };
    let app = app.into_make_service_with_connect_info::<SocketAddr>();
    tokio::select! {
        served = axum::serve(listener, app) => served.unwrap(),
        () = ended => {}
    }
    fresh.finish().await;
}

async fn list() -> Json<Vec<&'static str>> {
    Json(tries().into_iter().map(|one| one.operation).collect())
}

async fn prepare(State(world): State<Arc<World>>, Path(at): Path<usize>) -> Result<Json<Value>, StatusCode> {
    let one = tries().into_iter().nth(at).ok_or(StatusCode::NOT_FOUND)?;
    // On a task of its own: a request that could not be made is this answer, not the end of the world.
    let prepared = tokio::spawn(async move {
        let ask = (one.prepare)(&world).await;
        let is_open = exceptions().get(one.operation).is_some_and(|lacks| lacks.contains(&Lack::Session));
        let cookie = if is_open { None } else { Some(world.living_cookie(one.by).await) };
        let raw = ask.raw.map(|raw| STANDARD.encode(raw));
        let headers: Vec<[String; 2]> = ask.headers.into_iter().map(|(name, value)| [name.to_owned(), value]).collect();
        json!({ "path": ask.path, "headers": headers, "body": ask.body, "raw": raw, "cookie": cookie })
    });
    prepared.await.map(Json).map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)
}

/// A key, a form that is taken, and what was handed in by it.
async fn open311(State(world): State<Arc<World>>) -> Json<Value> {
    let body = json!({ "name": "app", "posts": ["S1.dispatcher"], "scopes": ["case.register"] });
    let client = world.done("G.system", "post", Ask::path("/clients").body(body)).await;
    let key = client["key"].as_str().unwrap();
    let (longitude, latitude) = (POINT.0.to_string(), POINT.1.to_string());
    let form = [("api_key", key), ("service_code", "garbage"), ("lat", &latitude), ("long", &longitude)];
    let whole = form.map(|(name, value)| format!("{name}={value}")).join("&");
    let headers = vec![("content-type", "application/x-www-form-urlencoded".to_owned())];
    let ask = Ask { raw: Some(whole.into_bytes()), headers, ..Ask::path("/open311/v2/requests.json") };
    let handed_in = world.ask("post", &ask, None).await.body;
    let number = handed_in[0]["service_request_id"].as_str().unwrap();
    let case = world.casework.numbered(number).await.unwrap().unwrap();
    let path = json!({ "service_code": "manhole", "service_request_id": number, "token_id": case.id.to_string() });
    let jurisdiction = &world.profile.open311.as_ref().unwrap().jurisdiction_id;
    let form: serde_json::Map<String, Value> =
        form.into_iter().map(|(name, value)| (name.to_owned(), value.into())).collect();
    Json(json!({ "jurisdiction": jurisdiction, "form": form, "path": path }))
}
