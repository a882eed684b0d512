//! `POST /cases/acts`: many acts in one request, each done or refused by itself.

use std::collections::BTreeMap;

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::HeaderMap;
use futures::future::join_all;
use kernel::{Instant, Refusal};
use platform::{Caller, Grant, Input, Problem, ProblemBody};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{CaseworkState, caller, files, refused};
use crate::case::Command;

/// How many acts one request holds at most.
const MOST: usize = 200;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ActsBody {
    /// 1 to 200; those on one case are carried out in this order.
    items: Vec<ItemBody>,
}

/// One act: `command` names it, the command's own fields stand beside (docs/RULES.md lists them).
#[derive(Clone, Deserialize, ToSchema)]
pub struct ItemBody {
    /// Identifier or number.
    case: String,
    /// The version the caller saw; another one is a conflict and nothing is done.
    version: Option<i64>,
    /// The device's instant of an act done offline.
    #[schema(value_type = Option<String>, format = DateTime)]
    claimed_at: Option<Instant>,
    #[serde(flatten)]
    #[schema(value_type = Object)]
    command: Command,
}

/// What came of each act, in the order of the request.
#[derive(Serialize, ToSchema)]
pub struct ActsDoneBody {
    pub done: usize,
    pub refused: usize,
    pub items: Vec<ItemDoneBody>,
}

#[derive(Serialize, ToSchema)]
pub struct ItemDoneBody {
    pub case: String,
    pub done: bool,
    /// After the act; absent where it was refused.
    pub version: Option<i64>,
    pub state: Option<String>,
    /// The same key with the same body: it was carried out before, and not again.
    pub repeated: bool,
    /// Why it was refused; its `status` is that of a request of its own.
    pub problem: Option<ProblemBody>,
}

/// Acts on many cases. Each act is done or refused by itself; nothing is undone. With an `Idempotency-Key`, a repeated request
/// carries out only what had not been.
#[utoipa::path(post, path = "/cases/acts", tag = "cases", request_body = ActsBody,
    params(("Idempotency-Key" = Option<String>, Header, description = "chosen by the caller")),
    responses(
        (status = 200, body = ActsDoneBody, description = "also where every act was refused"),
        (status = 401, body = ProblemBody),
        (status = 403, body = ProblemBody),
        (status = 422, body = ProblemBody, description = "no acts, too many, or another request under the same key"),
    ))]
pub async fn acts(
    State(state): State<CaseworkState>,
    caller: Caller,
    headers: HeaderMap,
    bytes: Bytes,
) -> Result<Json<ActsDoneBody>, Problem> {
    caller.require(crate::resource::READ)?;
    let grant = caller::grant(&caller, &headers)?;
    let Input(ActsBody { items }) = Input::parse(&bytes, caller.language)?;
    if !(1..=MOST).contains(&items.len()) {
        return Err(Problem::of(Refusal::invalid("items", "acts-out-of-range").with("most", MOST), caller.language));
    }
    let request = Request { state: &state, caller: &caller, grant, headers: &headers, bytes: &bytes };
    let mut by_case: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (place, item) in items.iter().enumerate() {
        by_case.entry(&item.case).or_default().push(place);
    }
    let in_order = async |places: Vec<usize>| {
        let mut done = Vec::with_capacity(places.len());
        for place in places {
            done.push((place, request.carry_out(place, &items[place]).await));
        }
        done
    };
    let mut done: Vec<_> = join_all(by_case.into_values().map(in_order)).await.into_iter().flatten().collect();
    done.sort_by_key(|(place, _)| *place);
    let mut results = Vec::with_capacity(items.len());
    for (place, outcome) in done {
        match outcome {
            // Another body under the same key is no matter of a single act.
            Err(problem) if problem.code() == "key-reused" => return Err(problem),
            outcome => results.push(ItemDoneBody::of(&items[place].case, outcome)),
        }
    }
    let done = results.iter().filter(|item| item.done).count();
    Ok(Json(ActsDoneBody { done, refused: results.len() - done, items: results }))
}

struct Request<'a> {
    state: &'a CaseworkState,
    caller: &'a Caller,
    grant: &'a Grant,
    headers: &'a HeaderMap,
    bytes: &'a [u8],
}

/// Version and state of the case after an act, and whether it had been carried out before.
type Done = (i64, &'static str, bool);

impl Request<'_> {
    async fn carry_out(&self, place: usize, item: &ItemBody) -> Result<Done, Problem> {
        let (state, caller) = (self.state, self.caller);
        let case = caller::readable(state, caller, &item.case).await?;
        let casework = files::usable(state, caller, Some(&crate::stream_of(&case)), &item.command).await?;
        // The fingerprint is that of the whole request, the operation that of this act in it.
        let mut key = caller::key(caller, self.headers, "POST /cases/acts", self.bytes);
        if let Some(key) = &mut key {
            key.key = format!("{}#{place}", key.key);
        }
        let acting = caller::acting(caller, self.grant);
        let submission = state.platform.edge.submission(key);
        let (claimed_at, command) = (item.claimed_at, item.command.clone());
        let outcome = casework.act(acting, claimed_at, case.id, item.version, command, submission).await;
        match outcome.map_err(|error| refused(error, caller.language))? {
            journal::Answer::Done { output, .. } => Ok((output.case.version, output.case.state().name(), false)),
            journal::Answer::Replayed { .. } => {
                let case = caller::readable(state, caller, &item.case).await?;
                Ok((case.version, case.state().name(), true))
            }
        }
    }
}

impl ItemDoneBody {
    fn of(case: &str, outcome: Result<Done, Problem>) -> ItemDoneBody {
        let case = case.to_owned();
        match outcome {
            Ok((version, state, repeated)) => {
                let (version, state) = (Some(version), Some(state.to_owned()));
                ItemDoneBody { case, done: true, version, state, repeated, problem: None }
            }
            Err(problem) => {
                let problem = Some(problem.into());
                ItemDoneBody { case, done: false, version: None, state: None, repeated: false, problem }
            }
        }
    }
}
