//! Filters of a list of cases as the query says them.

use district::Profile;
use kernel::{Instant, Refusal};
use platform::{Caller, Problem};
use search::Sight;
use serde::{Deserialize, Serialize};
use utoipa::IntoParams;

use super::CaseworkState;
use super::find::{findable, not_at_hand};
use crate::Filter;
use crate::case::{CaseId, Channel, RequestKind};
use crate::resource::READ;
use crate::store::MOST_NAMED;

/// How many values one parameter may list.
const MOST: usize = 100;
const STATES: [&str; 8] =
    ["registered", "accepted", "dispatched", "answered", "handled", "verified", "closed", "rated"];
const URGENCIES: [&str; 3] = ["ordinary", "urgent", "emergency"];

/// Several values of one parameter stand side by side with commas between them; a case needs one of them.
#[derive(Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct FilterQuery {
    /// Codes of areas; a case in a part of one is in it.
    #[param(example = "999901001")]
    pub area: Option<String>,
    /// Codes of organizations: its desk, a department assigned, or a part of one. Parts of a named one count.
    #[param(example = "S1")]
    pub organization: Option<String>,
    /// Codes of matters.
    #[param(example = "M01,M02")]
    pub matter: Option<String>,
    /// `registered`, `accepted`, `dispatched`, `answered`, `handled`, `verified`, `closed`, `rated`.
    #[param(example = "registered,accepted")]
    pub state: Option<String>,
    /// Only open cases, or only closed ones.
    pub open: Option<bool>,
    /// `event`, `component`, `enquiry`, `help`, `suggestion`, `complaint`, `report`, `emergency`.
    pub kind: Option<String>,
    /// `staff_app`, `resident_app`, `chat`, `phone_desk`, `hotline`, `open311`, `device`, `warning`, `department`, `import`.
    pub channel: Option<String>,
    /// `ordinary`, `urgent`, `emergency`.
    pub urgency: Option<String>,
    /// Only confidential cases, or only others.
    pub confidential: Option<bool>,
    /// The next limit runs out at this instant or later.
    #[param(value_type = Option<String>, format = DateTime)]
    pub due_from: Option<Instant>,
    /// The next limit runs out before this instant.
    #[param(value_type = Option<String>, format = DateTime)]
    pub due_before: Option<Instant>,
    /// Only cases of which a limit has run out and the work is still owed.
    pub overdue: Option<bool>,
    #[param(value_type = Option<String>, format = DateTime)]
    pub opened_from: Option<Instant>,
    #[param(value_type = Option<String>, format = DateTime)]
    pub opened_before: Option<Instant>,
    #[param(value_type = Option<String>, format = DateTime)]
    pub closed_from: Option<Instant>,
    #[param(value_type = Option<String>, format = DateTime)]
    pub closed_before: Option<Instant>,
    /// Words that must all be there, as `q` of `GET /search`: in names, telephone numbers and addresses only where the caller may know
    /// who the person is, and never in confidential cases. The index reads on behind the journal, by a moment as a rule.
    #[param(example = "井盖")]
    pub text: Option<String>,
}

impl FilterQuery {
    /// The filter in the words of the tables, or the first parameter that names something unknown.
    pub async fn filter(mut self, state: &CaseworkState, caller: &Caller) -> Result<Filter, Problem> {
        let text = self.text.take();
        let read = self.read(&state.profile, state.platform.edge.now());
        let filter = read.map_err(|refusal| Problem::of(refusal, caller.language))?;
        let found = match text {
            Some(text) => Some(cases_with(state, caller, &text).await?),
            None => None,
        };
        Ok(Filter { found, ..filter })
    }

    fn read(self, profile: &Profile, now: Instant) -> Result<Filter, Refusal> {
        let mut areas = Vec::new();
        for code in list("area", self.area)? {
            areas.extend(paths(profile, &code).ok_or_else(|| unknown("area", &code))?);
        }
        let organizations = organizations(profile, self.organization)?;
        let matters = list("matter", self.matter)?;
        if let Some(code) = matters.iter().find(|code| !profile.matters.all().iter().any(|one| one.code == **code)) {
            return Err(unknown("matter", code));
        }
        let urgencies = among("urgency", self.urgency, |name| URGENCIES.contains(&name))?;
        let rank = |name: &String| URGENCIES.iter().position(|known| known == name).map(|rank| rank as i64);
        let mut filter = Filter {
            areas,
            organizations,
            matters,
            states: among("state", self.state, |name| STATES.contains(&name))?,
            open: self.open,
            kinds: among("kind", self.kind, names::<RequestKind>)?,
            channels: among("channel", self.channel, names::<Channel>)?,
            urgencies: urgencies.iter().filter_map(rank).collect(),
            confidential: self.confidential,
            due: (self.due_from, self.due_before),
            opened: (self.opened_from, self.opened_before),
            closed: (self.closed_from, self.closed_before),
            found: None,
        };
        match self.overdue {
            Some(true) => {
                let before = filter.due.1.map_or(now, |before| before.min(now));
                (filter.due.1, filter.open) = (Some(before), Some(filter.open.unwrap_or(true)));
            }
            Some(false) => filter.due.0 = Some(filter.due.0.map_or(now, |from| from.max(now))),
            None => {}
        }
        Ok(filter)
    }
}

/// The cases that the words are found in, as far as the caller may see.
async fn cases_with(state: &CaseworkState, caller: &Caller, text: &str) -> Result<Vec<CaseId>, Problem> {
    let problem = |refusal: Refusal| Problem::of(refusal, caller.language);
    let query = search::Query::parse(text);
    let query = query.map_err(|why| problem(Refusal { field: Some("text"), ..Refusal::from(&why) }))?;
    let sight = Sight::of(&caller.scope, READ);
    let mut read = state.platform.journal.db();
    let found = state.search.streams(&findable(state), &mut read, &query, &sight, "case", MOST_NAMED).await;
    let streams = found.map_err(|error| problem(not_at_hand(error)))?;
    let too_broad = || problem(Refusal::invalid("text", "filter-text-too-broad").with("most", MOST_NAMED));
    let id = |stream: String| stream.strip_prefix("case/")?.parse().ok();
    Ok(streams.ok_or_else(too_broad)?.into_iter().filter_map(id).collect())
}

/// Every way to an area over time: a case stays where it was when it was opened. None where no area ever had the code.
fn paths(profile: &Profile, code: &str) -> Option<Vec<String>> {
    let territory = &profile.territory;
    let mut paths = Vec::new();
    for version in territory.versions(code) {
        let when = version.period.from.unwrap_or(Instant::from_micros(0));
        let path = profile.area_path(Some(code), when);
        if !path.is_empty() && !paths.contains(&path) {
            paths.push(path);
        }
    }
    (!paths.is_empty()).then_some(paths)
}

/// The organizations of the parameter `organization`, with their parts.
pub fn organizations(profile: &Profile, text: Option<String>) -> Result<Vec<String>, Refusal> {
    let mut organizations = Vec::new();
    for code in list("organization", text)? {
        let parts = profile.organizations.subtree(&code);
        if parts.is_empty() {
            return Err(unknown("organization", &code));
        }
        organizations.extend(parts.into_iter().map(|part| part.code.clone()));
    }
    Ok(organizations)
}

/// Whether `name` is one of an enum's.
pub fn names<T: for<'de> Deserialize<'de> + Serialize>(name: &str) -> bool {
    serde_json::from_value::<T>(name.into()).is_ok()
}

pub fn list(field: &'static str, text: Option<String>) -> Result<Vec<String>, Refusal> {
    let Some(text) = text else { return Ok(Vec::new()) };
    let values: Vec<String> = text.split(',').map(|value| value.trim().to_owned()).collect();
    if values.len() > MOST {
        return Err(Refusal::invalid(field, "filter-too-long").with("most", MOST));
    }
    if values.iter().any(|value| value.is_empty() || value.contains('\0')) {
        return Err(unknown(field, &text.replace('\0', "")));
    }
    Ok(values)
}

pub fn among(
    field: &'static str,
    text: Option<String>,
    is_known: impl Fn(&str) -> bool,
) -> Result<Vec<String>, Refusal> {
    let values = list(field, text)?;
    match values.iter().find(|value| !is_known(value)) {
        Some(value) => Err(unknown(field, value)),
        None => Ok(values),
    }
}

fn unknown(field: &'static str, value: &str) -> Refusal {
    Refusal::invalid(field, "filter-unknown").with("value", value)
}
