//! `/files`: what people leave as evidence.

use std::time::Duration;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{FromRequest as _, Multipart, Path, Query, Request, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use journal::access::{self, Why};
use kernel::text::Language;
use kernel::{Instant, Point, Refusal};
use platform::administration::AUDIT_READ;
use platform::file::{FileError, FileId, FileRefusal, FileRow, FileState, Part, Upload};
use platform::{Caller, Problem, ProblemBody};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::facts::looker;
use super::report::PointBody;
use super::{CaseworkState, caller};
use crate::Casework;
use crate::case::{Action, Case};
use crate::mask::Showing;
use crate::resource::{READ, resource};

/// The name of a file among a person's sealed values, on the access log.
const FIELD: &str = "file";

/// How long the bytes of one file may take to come.
const COMING: Duration = Duration::from_secs(300);

/// Acts that take evidence: who may do none of them has nothing to leave.
const LEAVING: [Action; 6] =
    [Action::Register, Action::Settle, Action::Handle, Action::Verify, Action::SampleCheck, Action::AnswerCall];

/// A file as it was taken in.
#[derive(Serialize, ToSchema)]
pub struct FileBody {
    /// To be named as `attachment` of a piece of evidence, within 23 hours: what nothing uses is removed after a day.
    pub id: String,
    /// By its own bytes, whatever it was called.
    #[schema(example = "image/jpeg")]
    pub kind: String,
    /// As kept.
    pub bytes: usize,
    pub width: Option<u32>,
    pub height: Option<u32>,
    /// Where the picture was taken, as its camera wrote it. Told this once: what is kept does not hold it.
    #[schema(value_type = Option<PointBody>)]
    pub position: Option<Point>,
    /// `kept`, or `waiting` until it was scanned for malware.
    pub state: String,
    /// The same key with the same bytes: the file of the first time.
    pub repeated: bool,
}

#[derive(ToSchema)]
#[allow(dead_code, reason = "the shape of the form in the document")]
pub struct FileForm {
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
}

/// Takes a file in: raw, or as the part `file` of a form. A picture is made anew without what its camera wrote. Encrypted under a
/// key that is sealed under the caller's.
#[utoipa::path(post, path = "/files", tag = "files",
    request_body(content(
        (String = "application/octet-stream"),
        (FileForm = "multipart/form-data"),
    )),
    params(("Idempotency-Key" = Option<String>, Header, description = "chosen by the caller")),
    responses(
        (status = 201, body = FileBody),
        (status = 200, body = FileBody, description = "carried out before"),
        (status = 401, body = ProblemBody),
        (status = 403, body = ProblemBody),
        (status = 413, body = ProblemBody),
        (status = 422, body = ProblemBody, description = "too large, of another kind, broken, or infected"),
        (status = 503, body = ProblemBody, description = "too many at once"),
    ))]
pub async fn leave(
    State(state): State<CaseworkState>,
    caller: Caller,
    headers: HeaderMap,
    request: Request,
) -> Result<(StatusCode, Json<FileBody>), Problem> {
    if !LEAVING.iter().any(|action| caller.scope.has(action.name())) {
        caller.require(Action::Register.name())?;
    }
    let grant = caller::grant(&caller, &headers)?;
    let actor = caller.actor(&grant.post);
    let problem = |refusal: FileRefusal| Problem::of(refusal, caller.language);
    let _room = state.files.room().await.map_err(problem)?;
    let coming = tokio::time::timeout(COMING, bytes(request, &state, &caller)).await;
    let bytes = coming.map_err(|_| problem(FileRefusal::Late))??;
    let key = caller::key(&caller, &headers, "POST /files", &bytes);
    let (account, subject) = (caller.account().to_owned(), format!("person/{}", caller.account()));
    let upload = Upload { bytes, subject, account, actor };
    let kept = state.files.keep(upload, state.platform.edge.submission(key)).await;
    let kept = kept.map_err(|error| failed(error, caller.language))?.map_err(problem)?;
    let body = FileBody {
        id: kept.id.to_string(),
        kind: kept.kind.mime().to_owned(),
        bytes: kept.bytes,
        width: kept.size.map(|(width, _)| width),
        height: kept.size.map(|(_, height)| height),
        position: kept.position,
        state: kept.state.word().to_owned(),
        repeated: kept.repeated,
    };
    Ok((if kept.repeated { StatusCode::OK } else { StatusCode::CREATED }, Json(body)))
}

fn failed(error: FileError, language: Language) -> Problem {
    match error {
        FileError::Kept(error) => Problem::unrefused(error, language),
        error => Problem::internal(&error, language),
    }
}

async fn bytes(request: Request, state: &CaseworkState, caller: &Caller) -> Result<Vec<u8>, Problem> {
    let most = state.files.rules().bytes;
    let too_long = || Problem::of(FileRefusal::TooLong { most }, caller.language);
    let missing = || Problem::of(Refusal::invalid("file", "file-missing"), caller.language);
    let kind = request.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    if !kind.starts_with("multipart/form-data") {
        return Bytes::from_request(request, state).await.map(|bytes| bytes.to_vec()).map_err(|_| too_long());
    }
    let mut form = Multipart::from_request(request, state).await.map_err(|_| missing())?;
    while let Some(part) = form.next_field().await.map_err(|_| missing())? {
        if part.name() == Some("file") {
            return part.bytes().await.map(|bytes| bytes.to_vec()).map_err(|_| too_long());
        }
    }
    Err(missing())
}

/// A file that a case uses.
#[derive(Serialize, ToSchema)]
pub struct CaseFileBody {
    pub id: String,
    #[schema(example = "image/jpeg")]
    pub kind: String,
    pub bytes: i64,
    #[schema(value_type = String, format = DateTime)]
    pub kept_at: Instant,
    /// `kept`, `waiting` until it was scanned, `infected`, or `removed`.
    pub state: String,
    /// There is a small picture of it.
    pub thumbnail: bool,
    /// Whether the caller's posts may see it.
    pub permitted: bool,
}

/// The files that a case uses, the oldest first.
#[utoipa::path(get, path = "/cases/{id}/files", tag = "files",
    params(("id" = String, Path, description = "identifier or number")),
    responses(
        (status = 200, body = Vec<CaseFileBody>),
        (status = 401, body = ProblemBody),
        (status = 403, body = ProblemBody),
        (status = 404, body = ProblemBody),
    ))]
pub async fn of_case(
    State(state): State<CaseworkState>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<Vec<CaseFileBody>>, Problem> {
    let case = caller::readable(&state, &caller, &id).await?;
    let rows = state.files.used_in(&crate::stream_of(&case)).await;
    let rows = rows.map_err(|error| Problem::internal(&error, caller.language))?;
    let body = |row: FileRow| CaseFileBody {
        permitted: row.kept_by == caller.account() || shows(&caller, &case, &row),
        id: row.id.to_string(),
        kind: row.kind.mime().to_owned(),
        bytes: row.bytes,
        kept_at: row.kept_at,
        state: row.state.word().to_owned(),
        thumbnail: row.has_thumbnail,
    };
    Ok(Json(rows.into_iter().map(body).collect()))
}

/// Files of persons who were erased. Nobody can read them any more; their bytes are still to be removed.
#[derive(Serialize, ToSchema)]
pub struct OwedBody {
    pub count: usize,
    /// Their identifiers, at most 200.
    pub files: Vec<String>,
}

/// What is still owed to the erased: each file is listed until its bytes are removed.
#[utoipa::path(get, path = "/files/owed", tag = "files", responses(
    (status = 200, body = OwedBody),
    (status = 401, body = ProblemBody),
    (status = 403, body = ProblemBody),
))]
pub async fn owed(State(state): State<CaseworkState>, caller: Caller) -> Result<Json<OwedBody>, Problem> {
    caller.require(AUDIT_READ)?;
    let files = state.files.of_the_erased().await.map_err(|error| Problem::internal(&error, caller.language))?;
    let count = files.len();
    Ok(Json(OwedBody { count, files: files.iter().take(200).map(ToString::to_string).collect() }))
}

#[derive(Deserialize, IntoParams)]
pub struct FileQuery {
    /// To be saved under a name, not shown.
    #[serde(default)]
    save: bool,
}

/// A file that a case uses, for whoever may read the case and sees what its people wrote; one that nothing uses yet, for whoever
/// left it. The look is on the access log of the person whose file it is before anything is shown.
#[utoipa::path(get, path = "/files/{id}", operation_id = "show_file", tag = "files",
    params(("id" = String, Path, description = "identifier"), FileQuery),
    responses(
        (status = 200, description = "the file, by its own kind", content(
            (String = "image/jpeg"), (String = "image/png"), (String = "image/webp"), (String = "application/pdf"),
            (String = "audio/mpeg"), (String = "audio/m4a"), (String = "audio/x-wav"), (String = "video/mp4"),
        )),
        (status = 401, body = ProblemBody),
        (status = 403, body = ProblemBody),
        (status = 404, body = ProblemBody, description = "not there, not for this caller, or gone"),
        (status = 409, body = ProblemBody, description = "the scan for malware is still to come"),
    ))]
pub async fn show(
    State(state): State<CaseworkState>,
    caller: Caller,
    headers: HeaderMap,
    Path(id): Path<String>,
    Query(query): Query<FileQuery>,
) -> Result<Response, Problem> {
    let (file, bytes) = looked_at(&state, &caller, &headers, &id, Part::Whole).await?;
    // What is no picture is saved: shown in the page, it would be of this origin.
    let saves = query.save || !file.kind.is_picture();
    Ok(answer(bytes, file.kind.mime(), saves.then(|| format!("{}.{}", file.id, file.kind.ending()))))
}

/// The same small, as JPEG: of pictures only.
#[utoipa::path(get, path = "/files/{id}/thumbnail", tag = "files",
    params(("id" = String, Path, description = "identifier")),
    responses(
        (status = 200, content_type = "image/jpeg", body = String),
        (status = 401, body = ProblemBody),
        (status = 403, body = ProblemBody),
        (status = 404, body = ProblemBody),
        (status = 409, body = ProblemBody),
    ))]
pub async fn thumbnail(
    State(state): State<CaseworkState>,
    caller: Caller,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let (_, bytes) = looked_at(&state, &caller, &headers, &id, Part::Thumbnail).await?;
    Ok(answer(bytes, "image/jpeg", None))
}

/// The bytes, once it is sure that the caller may see them, and the look is on record.
async fn looked_at(
    state: &CaseworkState,
    caller: &Caller,
    headers: &HeaderMap,
    id: &str,
    part: Part,
) -> Result<(FileRow, Vec<u8>), Problem> {
    let internal = |error: &dyn std::fmt::Display| Problem::internal(error, caller.language);
    let missing = || {
        let refusal = FileRefusal::Unknown { id: id.to_owned() };
        Problem::of(refusal, caller.language).at_field(Some("id".to_owned()))
    };
    if !LEAVING.iter().any(|action| caller.scope.has(action.name())) {
        caller.require(READ)?;
    }
    let file = id.parse::<FileId>().map_err(|_| missing())?;
    let row = state.files.find(file).await.map_err(|error| internal(&error))?.ok_or_else(missing)?;
    let stream = seen_in(state, caller, &row).await?.ok_or_else(missing)?;
    match row.state {
        FileState::Kept => {}
        FileState::Waiting => return Err(Problem::of(FileRefusal::Waiting, caller.language)),
        FileState::Infected | FileState::Removed => return Err(missing()),
    }
    if part == Part::Thumbnail && !row.has_thumbnail {
        return Err(missing());
    }
    let _room = state.files.room().await.map_err(|refusal| Problem::of(refusal, caller.language))?;
    let bytes = state.files.open(row.id, part).await.map_err(|error| internal(&error))?.ok_or_else(missing)?;
    if row.kept_by != caller.account() {
        let grant = caller::grant(caller, headers)?;
        let looker = looker(state, caller, grant, Why::code("file"));
        let whose = row.owner.clone().unwrap_or_else(|| row.subject.clone());
        let fields = [(whose, [FIELD.to_owned()].into())].into();
        let recorded = access::record(&state.platform.journal, looker, stream, fields).await;
        recorded.map_err(|error| Problem::unrefused(error, caller.language))?;
    }
    Ok((row, bytes))
}

/// The stream in which the caller may see the file; none: nowhere.
async fn seen_in(state: &CaseworkState, caller: &Caller, row: &FileRow) -> Result<Option<String>, Problem> {
    let uses = state.files.uses(row.id).await.map_err(|error| Problem::internal(&error, caller.language))?;
    if row.kept_by == caller.account() {
        return Ok(Some(format!("file/{}", row.id)));
    }
    for stream in uses {
        let Some(id) = stream.strip_prefix("case/") else { continue };
        let Ok(case) = caller::readable(state, caller, id).await else { continue };
        if shows(caller, &case, row) {
            return Ok(Some(stream));
        }
    }
    Ok(None)
}

/// A picture is shown to whom the words are shown. A voice, a film or a paper tells who someone is: it takes what a name takes. In a confidential case it may tell who reported, as a voice or a door does, so
/// that only the few who are named see it (PRACTICE 13).
fn shows(caller: &Caller, case: &Case, row: &FileRow) -> bool {
    let works = caller::showing(caller, case, "", "words") == Showing::Whole;
    let tells = case.confidentiality.is_some() || row.kind.is_personal();
    works && (!tells || caller.scope.identifies(READ, &resource(case)))
}

/// Nothing in it runs, whatever it is.
fn answer(bytes: Vec<u8>, kind: &'static str, name: Option<String>) -> Response {
    let mut response = (
        [
            (CONTENT_TYPE, kind),
            (CACHE_CONTROL, "private, no-store"),
            (CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox"),
        ],
        bytes,
    )
        .into_response();
    if let Some(name) = name.and_then(|name| format!("attachment; filename=\"{name}\"").parse().ok()) {
        response.headers_mut().insert(CONTENT_DISPOSITION, name);
    }
    response
}

/// Refuses evidence that names files which are not there, or not the caller's to use; `stream` is that of the case or the call,
/// where there is one. Gives the door by which what rests on them is submitted: it looks again when that is decided.
pub async fn usable(
    state: &CaseworkState,
    caller: &Caller,
    stream: Option<&str>,
    evidence: &impl Serialize,
) -> Result<Casework, Problem> {
    let value = serde_json::to_value(evidence).unwrap_or_default();
    let usable = state.files.usable(&value, caller.account(), stream, state.platform.edge.now()).await;
    let usable = usable.map_err(|error| Problem::internal(&error, caller.language))?;
    usable.map_err(|refusal| Problem::of(refusal, caller.language))?;
    Ok(state.casework.resting_on(platform::file::named_in(&value)))
}
