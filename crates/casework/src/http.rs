//! Casework over HTTP.

mod act;
mod body;
mod bulk;
mod caller;
mod calls;
mod cards;
mod counts;
mod export;
mod export_personal;
mod facts;
mod files;
mod filter;
mod find;
mod handovers;
mod list;
mod live;
mod outages;
mod queue;
mod receipt;
mod remembered;
mod report;
mod show;
mod trail;
mod unmask;

use std::sync::Arc;

use axum::extract::{DefaultBodyLimit, FromRef};
use district::Profile;
use kernel::Refusal;
use kernel::text::Language;
use platform::file::Files;
use platform::{PlatformState, Problem};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub use live::{LiveCasework, LiveRow, Thing, What};

use crate::{Casework, Watch};

#[derive(Clone)]
pub struct CaseworkState {
    pub platform: PlatformState,
    pub profile: Arc<Profile>,
    pub casework: Casework,
    /// Full text over the cases.
    pub search: search::Search,
    pub files: Files,
}

impl CaseworkState {
    /// The door to calls, cards and outages.
    fn watch(&self) -> Watch {
        Watch::new(self.casework.clone(), self.profile.clone())
    }
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
        .routes(routes!(export::export))
        .routes(routes!(find::search))
        .routes(routes!(show::show))
        .routes(routes!(facts::facts))
        .routes(routes!(receipt::receipt))
        // Bounded by the server, and by the rules of files.
        .merge(OpenApiRouter::new().routes(routes!(files::leave)).layer(DefaultBodyLimit::disable()))
        .routes(routes!(files::owed))
        .routes(routes!(files::of_case))
        .routes(routes!(files::show))
        .routes(routes!(files::thumbnail))
        .routes(routes!(unmask::unmask))
        .routes(routes!(act::act))
        .routes(routes!(bulk::acts))
        .routes(routes!(calls::calls, calls::raise))
        .routes(routes!(calls::call))
        .routes(routes!(calls::facts))
        .routes(routes!(calls::act))
        .routes(routes!(cards::cards, cards::propose))
        .routes(routes!(cards::card))
        .routes(routes!(cards::facts))
        .routes(routes!(cards::act))
        .routes(routes!(handovers::note, handovers::leave))
        .routes(routes!(handovers::take))
        .routes(routes!(outages::outages, outages::declare))
}

/// What came of a submitted command, as an error for the caller.
fn refused<E>(error: journal::SubmitError<E>, language: Language) -> Problem
where
    for<'a> Refusal: From<&'a E>,
    E: std::fmt::Debug + std::fmt::Display,
{
    Problem::submitted(error.map(|why| Refusal::from(&why)), language)
}
