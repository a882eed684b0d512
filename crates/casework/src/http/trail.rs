//! What happened on a call or a card.

use std::collections::{BTreeMap, BTreeSet};

use axum::Json;
use axum::http::HeaderMap;
use journal::access::{self, Why};
use journal::tail;
use kernel::{Actor, Instant};
use platform::{Caller, Problem, Resource, Sensitivity};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::body::{self, NamedBody};
use super::facts::looker;
use super::{CaseworkState, caller};

/// One thing that happened.
#[derive(Serialize, ToSchema)]
pub struct TrailBody {
    /// Its place in the district's journal.
    pub position: i64,
    pub version: i64,
    /// Such as `call.answered`.
    pub kind: String,
    #[schema(value_type = String, format = DateTime)]
    pub at: Instant,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub claimed_at: Option<Instant>,
    #[schema(value_type = String, format = DateTime)]
    pub effective_at: Instant,
    /// The post that acted; absent for a program.
    pub post: Option<NamedBody>,
    /// `post`, `resident`, or the name of a program.
    pub by: String,
    /// What happened, with keys and codes.
    pub event: Value,
    /// What was written, by field; empty for who may not read words.
    pub values: BTreeMap<String, String>,
}

/// Why a time line is looked at, as the access log keeps it.
const GROUND: &str = "time_line";

/// The facts of a stream, by what `action` on the resource lets the caller see. What was written is on the access logs of its
/// writers before it is given.
pub async fn of(
    state: &CaseworkState,
    caller: &Caller,
    headers: &HeaderMap,
    (stream, action, resource): (&str, &str, &Resource),
) -> Result<Json<Vec<TrailBody>>, Problem> {
    let grant = caller::grant(caller, headers)?;
    let reads = caller.scope.sensitivity(action, resource).is_some_and(|sees| sees >= Sensitivity::Internal);
    let (journal, internal) =
        (&state.platform.journal, |error: &dyn std::fmt::Display| Problem::internal(error, caller.language));
    let facts = tail::stream(&mut journal.db(), stream).await.map_err(|error| internal(&error))?;
    let mut written: Vec<BTreeMap<String, String>> = vec![BTreeMap::new(); facts.len()];
    if reads {
        let opened = journal.sealer().open_all(&mut journal.db(), &facts).await.map_err(|error| internal(&error))?;
        let mut seen: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for (values, opened) in written.iter_mut().zip(opened) {
            for (field, one) in opened.fields {
                seen.entry(one.subject).or_default().insert(field.clone());
                values.insert(field, one.value);
            }
        }
        let looker = looker(state, caller, grant, Why::code(GROUND));
        let recorded = access::record(journal, looker, stream.to_owned(), seen).await;
        recorded.map_err(|error| Problem::unrefused(error, caller.language))?;
    }
    let mut trail = Vec::with_capacity(facts.len());
    for (fact, values) in facts.into_iter().zip(written) {
        let body: Value = fact.read().map_err(|error| internal(&error))?;
        let (post, by) = match &fact.actor {
            Actor::Post { post, .. } => (Some(body::post(&state.profile, post)), "post".to_owned()),
            Actor::Resident { .. } => (None, "resident".to_owned()),
            Actor::System { name } => (None, name.clone()),
        };
        trail.push(TrailBody {
            position: fact.position,
            version: fact.version,
            kind: fact.kind,
            at: fact.at,
            claimed_at: fact.claimed_at,
            effective_at: fact.effective_at,
            post,
            by,
            event: body.get("event").cloned().unwrap_or_default(),
            values,
        });
    }
    Ok(Json(trail))
}
