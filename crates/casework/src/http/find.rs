//! `GET /search`: full text over what the caller may see.

use std::collections::{BTreeMap, BTreeSet};

use axum::Json;
use axum::extract::{Query, State};
use axum::http::HeaderMap;
use journal::access::{self, Why};
use kernel::{Instant, Kind, Refusal};
use platform::{Caller, Problem, ProblemBody, Sensitivity};
use search::{Found, Hit, Part, SearchError, Sight, Span};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::body::{self, NamedBody};
use super::facts::looker;
use super::{CaseworkState, caller};
use crate::case::{Case, CaseId};
use crate::mask::Showing;
use crate::resource::{READ, resource};
use crate::store::FindableCases;
use crate::store::find::{cases, titles};

#[derive(Deserialize, IntoParams)]
pub struct SearchQuery {
    /// Words that must all be there, at most 200 characters: Chinese, letters, pinyin by syllables or initials, a case's number
    /// or its beginning, a name, a telephone number. What stands within quotation marks has to be there just so.
    #[serde(default)]
    #[param(value_type = String, example = "路灯")]
    q: String,
    /// Only what is of this kind: `case`. Everything where left out.
    kind: Option<String>,
    /// `next` of the page before.
    cursor: Option<String>,
    /// 1 to 50; 20 where left out.
    limit: Option<usize>,
    /// Also give pieces of what people wrote. Each person whose words are shown finds the look on their access log.
    #[serde(default)]
    excerpts: bool,
}

#[derive(Serialize, ToSchema)]
pub struct SearchBody {
    /// How many there are on all pages together, of what the caller may see.
    pub total: u64,
    pub hits: Vec<HitBody>,
    /// Give it as `cursor` for the next page; absent on the last.
    pub next: Option<String>,
    /// Facts that the index has not read yet.
    pub behind: i64,
    /// Not all was looked up: a word was so short that it may stand for too much, or what is quoted consists of words that stand in
    /// more than 500, of which the newest were read.
    pub cut_short: bool,
}

#[derive(Serialize, ToSchema)]
pub struct HitBody {
    /// `case`.
    pub kind: String,
    pub id: String,
    pub number: String,
    pub state: String,
    pub matter: Option<NamedBody>,
    /// The smallest area known.
    pub area: Option<NamedBody>,
    #[schema(value_type = String, format = DateTime)]
    pub opened_at: Instant,
    /// Where words were found: `number`, `title`, `title_sound`, `words`, `address`, `name`, `phone`, `private_sound`.
    #[schema(value_type = Vec<String>)]
    pub matched: BTreeSet<Part>,
    pub highlights: Vec<HighlightBody>,
    /// Pieces of what people wrote, where they were asked for.
    pub excerpts: Vec<HighlightBody>,
}

/// A text with the stretches in which words of the question stand.
#[derive(Serialize, ToSchema)]
pub struct HighlightBody {
    /// `number`, `matter`, `area`; of an excerpt the fact's field, such as `words` or `reply`.
    pub field: String,
    pub text: String,
    /// In order, apart from each other.
    #[schema(value_type = Vec<SpanBody>)]
    pub spans: Vec<Span>,
}

#[derive(ToSchema)]
#[allow(dead_code, reason = "the shape of search::Span in the document")]
pub struct SpanBody {
    /// In characters (Unicode scalar values).
    from: usize,
    /// The one behind the last.
    until: usize,
}

const GROUND: &str = "search";
/// Characters around the first place in an excerpt.
const BEFORE: usize = 16;
const LONGEST: usize = 80;

/// What holds all the words, the newest first: only what the caller may read, and in names, telephone numbers and addresses only
/// where it may know who the person is. Highlights are of what is shown anyway; what people wrote is opened only for `excerpts`.
#[utoipa::path(get, path = "/search", tag = "search", params(SearchQuery), responses(
    (status = 200, body = SearchBody),
    (status = 401, body = ProblemBody),
    (status = 403, body = ProblemBody),
    (status = 422, body = ProblemBody),
    (status = 503, body = ProblemBody, description = "the index is not at hand"),
))]
pub async fn search(
    State(state): State<CaseworkState>,
    caller: Caller,
    headers: HeaderMap,
    Query(asked): Query<SearchQuery>,
) -> Result<Json<SearchBody>, Problem> {
    caller.require(READ)?;
    let problem = |refusal: Refusal| Problem::of(refusal, caller.language);
    let query = search::Query::parse(&asked.q).map_err(|why| problem((&why).into()))?;
    if let Some(kind) = asked.kind.as_deref().filter(|kind| *kind != "case") {
        return Err(problem(Refusal::invalid("kind", "search-kind").with("kind", kind)));
    }
    let before = asked.cursor.map(|cursor| cursor.parse()).transpose();
    let before = before.map_err(|_| problem(Refusal::invalid("cursor", "cursor-unknown")))?;
    let (sight, limit) = (Sight::of(&caller.scope, READ), asked.limit.unwrap_or(20).clamp(1, 50));
    let mut read = state.platform.journal.db();
    let found =
        state.search.ask_exactly(&findable(&state), &mut read, &query, &sight, Some("case"), (before, limit)).await;
    let found = found.map_err(|error| problem(not_at_hand(error)))?;
    let internal = |error: &dyn std::fmt::Display| Problem::internal(error, caller.language);
    let cases = cases_of(&state, &found).await.map_err(|error| internal(&error))?;
    let mut hits = Vec::new();
    for hit in found.hits {
        // The index is a moment behind: what has become confidential meanwhile, or left the caller's reach, is not shown.
        let case = cases.get(&hit.key).filter(|case| case.is_findable() && caller.scope.allows(READ, &resource(case)));
        let Some(case) = case else { continue };
        let mut body = hit_body(&state, &caller, case, hit, &query);
        if asked.excerpts && body.matched.contains(&Part::Words) {
            body.excerpts = excerpts(&state, &caller, &headers, case, &query).await?;
        }
        hits.push(body);
    }
    let behind = behind(&state, &caller).await?;
    let next = found.next.map(|key| key.to_string());
    Ok(Json(SearchBody { total: found.total, hits, next, behind, cut_short: found.cut_short }))
}

pub fn not_at_hand(error: SearchError) -> Refusal {
    tracing::warn!(%error, "the index could not be asked");
    Refusal::new(Kind::Unavailable, "search-index")
}

/// How many facts the index has not read yet.
pub async fn behind(state: &CaseworkState, caller: &Caller) -> Result<i64, Problem> {
    let head = journal::tail::head(&mut state.platform.journal.db()).await;
    let head = head.map_err(|error| Problem::internal(&error, caller.language))?;
    Ok((head - state.search.position()).max(0))
}

/// Where the texts are read that a phrase is held to.
pub(super) fn findable(state: &CaseworkState) -> FindableCases {
    FindableCases { casework: state.casework.clone(), profile: state.profile.clone() }
}

async fn cases_of(state: &CaseworkState, found: &Found) -> Result<BTreeMap<u64, Case>, journal::JournalError> {
    let mut read = state.platform.journal.db();
    let keys: Vec<u64> = found.hits.iter().map(|hit| hit.key).collect();
    let streams = search::streams_of(&mut read, &keys).await?;
    let id = |stream: &String| stream.strip_prefix("case/")?.parse::<CaseId>().ok();
    let keys: BTreeMap<CaseId, u64> = streams.iter().filter_map(|(key, stream)| Some((id(stream)?, *key))).collect();
    let ids: Vec<CaseId> = keys.keys().copied().collect();
    let cases = cases(&mut read, &ids).await?;
    Ok(cases.into_iter().filter_map(|case| Some((*keys.get(&case.id)?, case))).collect())
}

fn hit_body(state: &CaseworkState, caller: &Caller, case: &Case, hit: Hit, query: &search::Query) -> HitBody {
    let profile = &state.profile;
    let by_sound = hit.parts.contains(&Part::TitleSound);
    let mut texts = vec![("number", case.number.clone())];
    texts.extend(
        titles(case, profile).into_iter().map(|(field, name)| (field, name.in_language(caller.language).to_owned())),
    );
    let highlight = |(field, text): (&str, String)| {
        let spans = search::spans(&text, query, by_sound);
        (!spans.is_empty()).then(|| HighlightBody { field: field.to_owned(), text, spans })
    };
    let area = case.place.as_ref().and_then(|place| place.path.last());
    HitBody {
        kind: "case".to_owned(),
        id: case.id.to_string(),
        number: case.number.clone(),
        state: case.state().name().to_owned(),
        matter: case.matter.as_ref().map(|matter| body::matter(profile, &matter.code, case.opened_at)),
        area: area.map(|code| body::area(profile, code, case.opened_at)),
        opened_at: case.opened_at,
        matched: hit.parts,
        highlights: texts.into_iter().filter_map(highlight).collect(),
        excerpts: Vec::new(),
    }
}

/// Pieces of what people wrote in the case around the words of the question. The look is on record before they are given.
async fn excerpts(
    state: &CaseworkState,
    caller: &Caller,
    headers: &HeaderMap,
    case: &Case,
    query: &search::Query,
) -> Result<Vec<HighlightBody>, Problem> {
    let sees = caller.scope.sensitivity(READ, &resource(case));
    if sees.is_none_or(|sees| sees < Sensitivity::Internal) {
        return Ok(Vec::new());
    }
    let said = state.casework.said(case).await.map_err(|error| Problem::internal(&error, caller.language))?;
    let (mut excerpts, mut seen) = (Vec::new(), BTreeMap::<String, BTreeSet<String>>::new());
    for (field, one) in
        said.into_iter().filter(|(field, one)| caller::showing(caller, case, &one.subject, field) == Showing::Whole)
    {
        if let Some((text, spans)) = around(&one.value, search::spans(&one.value, query, false)) {
            seen.entry(one.subject).or_default().insert(field.clone());
            excerpts.push(HighlightBody { field, text, spans });
        }
    }
    let looker = looker(state, caller, caller::grant(caller, headers)?, Why::code(GROUND));
    let recorded = access::record(&state.platform.journal, looker, crate::stream_of(case), seen).await;
    recorded.map_err(|error| Problem::unrefused(error, caller.language))?;
    Ok(excerpts)
}

/// A piece of a text around its first marked place, and the places in it.
fn around(text: &str, spans: Vec<Span>) -> Option<(String, Vec<Span>)> {
    let from = spans.first()?.from.saturating_sub(BEFORE);
    let piece: String = text.chars().skip(from).take(LONGEST).collect();
    let until = from + piece.chars().count();
    let within = spans.into_iter().filter(|span| span.until <= until);
    Some((piece, within.map(|span| Span { from: span.from - from, until: span.until - from }).collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_piece_begins_a_little_before_the_first_place() {
        let query = search::Query::parse("井盖").unwrap();
        let text = format!("{}井盖{}井盖", "前".repeat(100), "后".repeat(100));
        let (piece, spans) = around(&text, search::spans(&text, &query, false)).unwrap();
        assert_eq!(piece.chars().count(), LONGEST);
        assert_eq!(spans, [Span { from: BEFORE, until: BEFORE + 2 }]);
        assert_eq!(around("没有", search::spans("没有", &query, false)), None);
    }
}
