//! Casework over HTTP.

mod act;
mod body;
mod caller;
mod counts;
mod facts;
mod files;
mod find;
mod live;
mod filter;
mod list;
mod queue;
mod receipt;
mod report;
mod show;
mod unmask;

use std::sync::Arc;

use axum::extract::{DefaultBodyLimit, FromRef};
use district::Profile;
use kernel::text::Language;
use kernel::{Kind, Refusal};
use platform::file::Files;
use platform::{PlatformState, Problem};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub use live::{LiveCases, LiveRow, What};

use crate::{ActRefusal, Casework};

#[derive(Clone)]
pub struct CaseworkState {
    pub platform: PlatformState,
    pub profile: Arc<Profile>,
    pub casework: Casework,
    /// Full text over the cases.
    pub search: search::Search,
    pub files: Files,
}

impl FromRef<CaseworkState> for PlatformState {
    fn from_ref(state: &CaseworkState) -> PlatformState {
        state.platform.clone()
    }
}

/// `/cases` and what hangs below it.
pub fn routes() -> OpenApiRouter<CaseworkState> {
    OpenApiRouter::new()
        .routes(routes!(list::list, report::report))
        .routes(routes!(queue::queue))
        .routes(routes!(counts::counts))
        .routes(routes!(find::search))
        .routes(routes!(show::show))
        .routes(routes!(facts::facts))
        .routes(routes!(receipt::receipt))
        // Bounded by the server, and by the rules of files.
        .merge(OpenApiRouter::new().routes(routes!(files::leave)).layer(DefaultBodyLimit::disable()))
        .routes(routes!(files::show))
        .routes(routes!(files::thumbnail))
        .routes(routes!(unmask::unmask))
        .routes(routes!(act::act))
}

/// What came of a submitted command, as an error for the caller.
fn refused(error: journal::SubmitError<ActRefusal>, language: Language) -> Problem {
    match error {
        journal::SubmitError::Refused(ActRefusal::Case(why)) => Problem::of(&why, language),
        journal::SubmitError::Refused(why) => Problem::of(&why, language),
        journal::SubmitError::KeyReused => {
            let refusal = Refusal { field: Some("Idempotency-Key"), ..Refusal::new(Kind::Invalid, "key-reused") };
            Problem::of(refusal, language)
        }
        journal::SubmitError::Unknown(error) => {
            tracing::error!(%error, "a commit of unknown outcome");
            Problem::of(Refusal::new(Kind::Unavailable, "outcome-unknown"), language)
        }
        error => Problem::internal(&error, language),
    }
}
