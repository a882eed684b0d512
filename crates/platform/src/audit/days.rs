//! `GET /audit/days`: how much there was on each day.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Span};
use journal::Trail;
use kernel::{Instant, Refusal};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::sign_ins;
use crate::administration::AUDIT_READ;
use crate::caller::{Caller, PlatformState};
use crate::{Params, Problem, ProblemBody};

/// How many days there are where left out, and at most.
const DAYS: i64 = 30;
const DAYS_MOST: i64 = 366;

pub fn routes() -> OpenApiRouter<PlatformState> {
    OpenApiRouter::new().routes(routes!(days))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct DaysQuery {
    /// How many days, today the last: 1 to 366; 30 where left out.
    days: Option<i64>,
}

/// One day of the district.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
pub struct AuditDayBody {
    #[schema(example = "2026-03-01")]
    pub date: String,
    pub signed_in: i64,
    pub failed_to_sign_in: i64,
    /// Acts of administrators, and of people on their own accounts.
    pub acts: i64,
    /// Looks at persons' values.
    pub looks: i64,
}

/// How many attempts to sign in, acts and looks there were on each of the last days, in the district's time. Every day is there.
#[utoipa::path(get, path = "/audit/days", tag = "audit", params(DaysQuery), responses(
    (status = 200, body = Vec<AuditDayBody>),
    (status = 401, body = ProblemBody),
    (status = 403, body = ProblemBody),
    (status = 422, body = ProblemBody),
))]
async fn days(
    State(platform): State<PlatformState>,
    caller: Caller,
    Params(query): Params<DaysQuery>,
) -> Result<Json<Vec<AuditDayBody>>, Problem> {
    caller.require(AUDIT_READ)?;
    let count = query.days.unwrap_or(DAYS);
    if !(1..=DAYS_MOST).contains(&count) {
        let refusal = Refusal::invalid("days", "audit-days").with("most", DAYS_MOST);
        return Err(Problem::of(refusal, caller.language));
    }
    let (now, zone) = (platform.edge.now(), platform.posts.time_zone());
    let mut found = calendar(now, count, &zone);
    let from = now + SignedDuration::from_hours(-24 * (count + 1));
    let until = now + SignedDuration::from_micros(1);
    let internal = |error: &dyn std::fmt::Display| Problem::internal(error, caller.language);
    for (hour, succeeded, count) in sign_ins::hours(&platform, from, until).await.map_err(|error| internal(&error))? {
        if let Some(day) = found.get_mut(&date(hour, &zone)) {
            *(if succeeded { &mut day.signed_in } else { &mut day.failed_to_sign_in }) += count;
        }
    }
    for trail in [Trail::Acts, Trail::Looks] {
        let hours = trail.hours(&mut platform.journal.db(), from, until).await.map_err(|error| internal(&error))?;
        for (hour, count) in hours {
            if let Some(day) = found.get_mut(&date(hour, &zone)) {
                *(if trail == Trail::Acts { &mut day.acts } else { &mut day.looks }) += count;
            }
        }
    }
    Ok(Json(found.into_values().collect()))
}

fn date(at: Instant, zone: &TimeZone) -> Date {
    zone.to_datetime(at.timestamp()).date()
}

/// So many days, the last that of `now`, each empty.
fn calendar(now: Instant, count: i64, zone: &TimeZone) -> BTreeMap<Date, AuditDayBody> {
    let today = date(now, zone);
    let day = |back: i64| {
        let date = today.checked_sub(Span::new().days(back)).ok()?;
        Some((date, AuditDayBody { date: date.to_string(), ..AuditDayBody::default() }))
    };
    (0..count).filter_map(day).collect()
}
