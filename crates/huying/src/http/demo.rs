//! `GET /demo/people`, `GET /demo/messages`: who a visitor can sign in as, and the short messages that were not sent, where the
//! server was started for a demonstration.

use axum::Json;
use axum::extract::State;
use kernel::text::Language;
use kernel::{Kind, Refusal};
use platform::{Lang, Problem, ProblemBody};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::demo::{Demo, DemoPerson};

pub fn routes() -> OpenApiRouter<Demo> {
    OpenApiRouter::new().routes(routes!(people)).routes(routes!(messages))
}

/// A short message that was kept instead of being sent.
#[derive(Serialize, ToSchema)]
pub struct DemoMessage {
    pub to: String,
    pub text: String,
}

/// The demo people with their password; there are none unless the server was started with `--demo`.
#[utoipa::path(get, path = "/demo/people", tag = "session", responses(
    (status = 200, body = Vec<DemoPerson>),
    (status = 404, body = ProblemBody, description = "this is no demonstration"),
), security(()))]
async fn people(State(demo): State<Demo>, Lang(language): Lang) -> Result<Json<Vec<DemoPerson>>, Problem> {
    if demo.people.is_empty() {
        return Err(none(language));
    }
    Ok(Json(demo.people.to_vec()))
}

/// Short messages that a demonstration kept instead of sending them, the oldest first; gone when the server ends.
#[utoipa::path(get, path = "/demo/messages", tag = "session", responses(
    (status = 200, body = Vec<DemoMessage>),
    (status = 404, body = ProblemBody, description = "this is no demonstration"),
), security(()))]
async fn messages(State(demo): State<Demo>, Lang(language): Lang) -> Result<Json<Vec<DemoMessage>>, Problem> {
    let kept = demo.sms.ok_or_else(|| none(language))?;
    let shown = |message: platform::sms::SmsMessage| DemoMessage { to: message.to, text: message.text };
    Ok(Json(kept.messages().into_iter().map(shown).collect()))
}

fn none(language: Language) -> Problem {
    Problem::of(Refusal::new(Kind::NotFound, "no-demo"), language)
}
