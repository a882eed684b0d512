//! `/cards`: yellow and red cards.

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use district::cards::{Colour, Ground};
use kernel::{Instant, Kind, Refusal};
use platform::{Caller, IfMatch, Input, Params, Problem, ProblemBody, Tagged};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::act::ActedBody;
use super::body::{self, NamedBody};
use super::filter::{among, names, organizations};
use super::list::page_limit;
use super::show::{ActBody, ClockBody, clock_body};
use super::trail::{self, TrailBody};
use super::{CaseworkState, caller, refused};
use crate::CardFilter;
use crate::card::{About, Card, CardId, Command, FactRef, Propose};
use crate::case::{Action, Context};
use crate::resource::{self, READ_CARD};

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct CardsQuery {
    /// `proposed`, `dismissed`, `void`, `issued`, `appealed`, `upheld`, `revoked`, `cancelled`; several with commas between them.
    state: Option<String>,
    /// Only cards that were issued and not taken back, or only others.
    stands: Option<bool>,
    /// `yellow`, `red`.
    colour: Option<String>,
    ground: Option<String>,
    /// Codes of organizations whose cards they are; parts of a named one count.
    organization: Option<String>,
    /// Stream of the case or call they are about, such as `case/` and its identifier.
    about: Option<String>,
    /// `next` of the page before.
    cursor: Option<String>,
    /// 1 to 200; 50 where left out.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<i64>,
}

#[derive(Serialize, ToSchema)]
pub struct CardsBody {
    /// Proposed last first.
    pub rows: Vec<CardRowBody>,
    /// Give it as `cursor` for the next page; absent on the last.
    pub next: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub struct CardRowBody {
    pub id: String,
    pub version: i64,
    /// `yellow` or `red`.
    #[schema(value_type = String)]
    pub colour: Colour,
    #[schema(value_type = String)]
    pub ground: Ground,
    /// `proposed`, `dismissed`, `void`, `issued`, `appealed`, `upheld`, `revoked`, `cancelled`.
    pub state: String,
    /// It was issued and has not been taken back.
    pub stands: bool,
    pub organization: NamedBody,
    /// Stream of the case or call.
    pub about: String,
    /// Its clock that lapsed, where that is the ground.
    pub clock: Option<String>,
    #[schema(value_type = String, format = DateTime)]
    pub proposed_at: Instant,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub issued_at: Option<Instant>,
    /// The talk that a red card brings was held.
    pub talked: bool,
}

/// A card as it stands, and what the caller may do with it.
#[derive(Serialize, ToSchema)]
pub struct CardBody {
    #[serde(flatten)]
    pub card: CardRowBody,
    /// Facts that show the ground.
    pub evidence: Vec<EvidenceFactBody>,
    pub clocks: Vec<ClockBody>,
    /// What the caller's post may do now, and why not what it may not.
    pub acts: Vec<ActBody>,
}

/// A fact of the journal.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EvidenceFactBody {
    /// Such as `case/` and its identifier.
    pub stream: String,
    pub version: i64,
}

/// A card proposed by hand.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProposeBody {
    #[schema(value_type = String, example = "yellow")]
    colour: Colour,
    #[schema(value_type = String, example = "false_report")]
    ground: Ground,
    /// Code of the organization.
    organization: String,
    /// Stream of the case or call.
    about: String,
    /// Facts that show the ground; at least one.
    evidence: Vec<EvidenceFactBody>,
    /// When the ground came about.
    #[schema(value_type = String, format = DateTime)]
    since: Instant,
}

#[derive(Serialize, ToSchema)]
pub struct ProposedBody {
    pub id: String,
    pub version: i64,
    pub state: String,
    /// The same key with the same body: the card of the first time.
    pub repeated: bool,
}

/// An act on a card: `command` names it, the command's own fields stand beside (docs/RULES.md lists them).
#[derive(Deserialize, ToSchema)]
pub struct CardCommandBody {
    /// The version the caller saw; another one is a conflict and nothing is done.
    version: Option<i64>,
    /// The device's instant of an act done offline.
    #[schema(value_type = Option<String>, format = DateTime)]
    claimed_at: Option<Instant>,
    #[serde(flatten)]
    #[schema(value_type = Object)]
    command: Command,
}

/// Cards that the caller may read, by filters that all hold.
#[utoipa::path(get, path = "/cards", tag = "cards", params(CardsQuery), responses(
    (status = 200, body = CardsBody),
    (status = 401, body = ProblemBody),
    (status = 403, body = ProblemBody),
    (status = 422, body = ProblemBody),
))]
pub async fn cards(
    State(state): State<CaseworkState>,
    caller: Caller,
    Params(query): Params<CardsQuery>,
) -> Result<Json<CardsBody>, Problem> {
    const STATES: [&str; 8] = ["proposed", "dismissed", "void", "issued", "appealed", "upheld", "revoked", "cancelled"];
    caller.require(READ_CARD)?;
    let problem = |refusal| Problem::of(refusal, caller.language);
    let filter = CardFilter {
        states: among("state", query.state, |name| STATES.contains(&name)).map_err(problem)?,
        stands: query.stands,
        colours: among("colour", query.colour, names::<Colour>).map_err(problem)?,
        grounds: among("ground", query.ground, names::<Ground>).map_err(problem)?,
        organizations: organizations(&state.profile, query.organization).map_err(problem)?,
        about: query.about.map(|about| about.replace('\0', "")),
    };
    let (after, limit) = (caller::after(&caller, query.cursor)?, page_limit(query.limit, &caller)?);
    let found = state.watch().list_cards(&caller.scope, &filter, after, limit + 1).await;
    let found = found.map_err(|error| Problem::internal(&error, caller.language))?;
    let key = |card: &Card| (card.proposed_at.micros(), card.id.to_string());
    let (found, next) = caller::cut(found, limit, key);
    Ok(Json(CardsBody { rows: found.iter().map(|card| row_body(&state, card)).collect(), next }))
}

/// One card.
#[utoipa::path(get, path = "/cards/{id}", tag = "cards", params(("id" = String, Path)), responses(
    (status = 200, body = CardBody, headers(("ETag" = String, description = "the version, for `If-Match`"))),
    (status = 401, body = ProblemBody),
    (status = 403, body = ProblemBody),
    (status = 404, body = ProblemBody),
))]
pub async fn card(
    State(state): State<CaseworkState>,
    caller: Caller,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> Result<Tagged<CardBody>, Problem> {
    let card = readable(&state, &caller, &id).await?;
    let acting = caller::acting(&caller, caller::grant(&caller, &headers)?);
    let (book, at) = (state.casework.book(), state.platform.edge.now());
    let cx = Context { book: &book, at, claimed_at: None, caller: &acting, draw: 1.0, head: None };
    let acts = card.offers(&state.profile.cards, &cx).into_iter();
    let acts = acts.map(|offer| {
        let refusal = offer.refusal.map(|why| why.refusal());
        ActBody::new(offer.command, None, refusal, caller.language)
    });
    let acts = acts.collect();
    let clocks = card.clocks.iter().map(|(key, timer)| clock_body(&state, key.name().to_owned(), timer)).collect();
    let evidence =
        card.evidence.iter().map(|fact| EvidenceFactBody { stream: fact.stream.clone(), version: fact.version });
    let evidence = evidence.collect();
    Ok(Tagged { version: card.version, body: CardBody { card: row_body(&state, &card), evidence, clocks, acts } })
}

/// Everything that happened on a card, in order. Whose words are shown finds the look on their access log.
#[utoipa::path(get, path = "/cards/{id}/facts", operation_id = "card_facts", tag = "cards", params(("id" = String, Path)), responses(
    (status = 200, body = Vec<TrailBody>),
    (status = 401, body = ProblemBody),
    (status = 403, body = ProblemBody),
    (status = 404, body = ProblemBody),
))]
pub async fn facts(
    State(state): State<CaseworkState>,
    caller: Caller,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> Result<Json<Vec<TrailBody>>, Problem> {
    let card = readable(&state, &caller, &id).await?;
    trail::of(&state, &caller, &headers, (&format!("card/{}", card.id), READ_CARD, &resource::card(&card))).await
}

/// Proposes a card by hand; the system proposes its own. The same ground is one card, whoever proposes it.
#[utoipa::path(post, path = "/cards", tag = "cards", request_body = ProposeBody,
    params(("Idempotency-Key" = Option<String>, Header, description = "chosen by the caller")),
    responses(
        (status = 201, body = ProposedBody),
        (status = 200, body = ProposedBody, description = "carried out before"),
        (status = 401, body = ProblemBody),
        (status = 403, body = ProblemBody),
        (status = 409, body = ProblemBody, description = "it is proposed already"),
        (status = 422, body = ProblemBody),
    ))]
pub async fn propose(
    State(state): State<CaseworkState>,
    caller: Caller,
    headers: HeaderMap,
    bytes: Bytes,
) -> Result<(StatusCode, Json<ProposedBody>), Problem> {
    caller.require(Action::IssueCard.name())?;
    let Input(body) = Input::<ProposeBody>::parse(&bytes, caller.language)?;
    let acting = caller::acting(&caller, caller::grant(&caller, &headers)?);
    let key = caller::key(&caller, &headers, "POST /cards", &bytes);
    let ProposeBody { colour, ground, organization, about, evidence, since } = body;
    let about = About { stream: about, clock: None };
    let evidence = evidence.into_iter().map(|fact| FactRef { stream: fact.stream, version: fact.version }).collect();
    let propose = Propose { colour, ground, organization, about, evidence, since };
    for fact in &propose.evidence {
        caller::on_record(&state, &caller, &fact.stream, fact.version).await?;
    }
    let outcome = state.watch().propose(acting, propose, state.platform.edge.submission(key)).await;
    let (status, card, repeated) = match outcome.map_err(|error| refused(error, caller.language))? {
        journal::Answer::Done { output, .. } => (StatusCode::CREATED, output, false),
        journal::Answer::Replayed { positions } => {
            let id = caller::opened_at(&state, &caller, positions.first, "card/").await?;
            (StatusCode::OK, readable(&state, &caller, &id).await?, true)
        }
    };
    let (id, version, state) = (card.id.to_string(), card.version, card.state().to_owned());
    Ok((status, Json(ProposedBody { id, version, state, repeated })))
}

/// Acts on a card. With an `Idempotency-Key`, a repeated request is the same act.
#[utoipa::path(post, path = "/cards/{id}/acts", operation_id = "act_on_card", tag = "cards", request_body = CardCommandBody,
    params(
        ("id" = String, Path),
        ("Idempotency-Key" = Option<String>, Header, description = "chosen by the caller"),
        ("If-Match" = Option<String>, Header, description = "the `ETag` of what the caller saw"),
    ),
    responses(
        (status = 200, body = ActedBody),
        (status = 401, body = ProblemBody),
        (status = 403, body = ProblemBody),
        (status = 404, body = ProblemBody),
        (status = 409, body = ProblemBody, description = "another state or version than the request supposes"),
        (status = 412, body = ProblemBody, description = "another version than `If-Match` names"),
        (status = 422, body = ProblemBody),
    ))]
pub async fn act(
    State(state): State<CaseworkState>,
    caller: Caller,
    seen: IfMatch,
    headers: HeaderMap,
    Path(id): Path<String>,
    bytes: Bytes,
) -> Result<Tagged<ActedBody>, Problem> {
    let card = readable(&state, &caller, &id).await?;
    let Input(CardCommandBody { version, claimed_at, command }) = Input::parse(&bytes, caller.language)?;
    let key = caller::key(&caller, &headers, &format!("POST /cards/{}/acts", card.id), &bytes);
    let expected = seen.expected(version, card.version);
    let acting = caller::acting(&caller, caller::grant(&caller, &headers)?);
    let submission = state.platform.edge.submission(key);
    let outcome = state.watch().act_on_card(acting, claimed_at, card.id, expected, command, submission).await;
    let (card, repeated) = match outcome.map_err(|error| seen.refused(refused(error, caller.language)))? {
        journal::Answer::Done { output, .. } => (output, false),
        journal::Answer::Replayed { .. } => (readable(&state, &caller, &id).await?, true),
    };
    Ok(ActedBody::tagged(card.version, card.state(), repeated))
}

async fn readable(state: &CaseworkState, caller: &Caller, id: &str) -> Result<Card, Problem> {
    caller.require(READ_CARD)?;
    let missing = || {
        let refusal = Refusal { field: Some("id"), ..Refusal::new(Kind::NotFound, "watch-not-found") };
        Problem::of(refusal, caller.language)
    };
    let id: CardId = id.parse().map_err(|_| missing())?;
    let card = state.watch().card(id).await.map_err(|error| Problem::internal(&error, caller.language))?;
    card.filter(|card| caller.scope.allows(READ_CARD, &resource::card(card))).ok_or_else(missing)
}

fn row_body(state: &CaseworkState, card: &Card) -> CardRowBody {
    CardRowBody {
        id: card.id.to_string(),
        version: card.version,
        colour: card.colour,
        ground: card.ground,
        state: card.state().to_owned(),
        stands: card.stands(),
        organization: body::organization(&state.profile, &card.organization),
        about: card.about.stream.clone(),
        clock: card.about.clock.clone(),
        proposed_at: card.proposed_at,
        issued_at: card.issued_at,
        talked: card.talked,
    }
}
