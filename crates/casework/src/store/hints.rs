//! Duplicate hints from what is open at the same desk. Words are unsealed for the comparison and kept nowhere.

use journal::{Journal, JournalError, tail};
use store::{Read, sql};

use super::rows;
use crate::case::Case;
use crate::duplicate::{Hint, HintRules, Traits, rank};

/// Open cases of one desk that are looked at, the newest.
const CASES: i64 = 300;
/// Of those, how many have their words compared: the likeliest by place, matter and time.
const COMPARED: usize = 24;

/// What `new`, registered or not, may be the same as, among the open cases at `desk` that are not confidential.
pub(crate) async fn hints(
    journal: &Journal,
    rules: &HintRules,
    desk: &str,
    new: &Traits,
) -> Result<Vec<Hint>, JournalError> {
    let window = i64::from(rules.hours) * 3_600_000_000;
    let select = "select body from case_file where desk = $1 and open = 1 and confidential = 0 and opened_at >= $2 \
         and opened_at <= $3 order by opened_at desc, id desc limit $4";
    let (from, until) = (new.opened_at.micros() - window, new.opened_at.micros() + window);
    let select = sql(select).bind(desk).bind(from).bind(until).bind(CASES);
    let found: Vec<(String,)> = (&mut journal.db()).all(select).await?;
    let mut cases = Vec::with_capacity(found.len());
    for (body,) in found {
        let case: Case = serde_json::from_str(&body)
            .map_err(|error| JournalError::Unreadable { position: 0, reason: error.to_string() })?;
        cases.push(case);
    }
    cases.retain(|case| case.id != new.case && case.is_findable());
    let mut likely: Vec<(f64, Case)> = cases.into_iter().map(|case| (likely(rules, new, &case), case)).collect();
    likely.sort_by(|(a, one), (b, other)| b.total_cmp(a).then(one.id.cmp(&other.id)));
    let mut others = Vec::new();
    for (_, case) in likely.into_iter().take(COMPARED) {
        let words = words(journal, &case).await?;
        others.push(Traits::of(&case, words.as_deref()));
    }
    Ok(rank(rules, new, &others))
}

/// How like two cases are without their words: the score with nothing to reach.
fn likely(rules: &HintRules, new: &Traits, case: &Case) -> f64 {
    let bare = Traits { pairs: Default::default(), ..new.clone() };
    let anything = HintRules { least: 0.0, ..*rules };
    rank(&anything, &bare, &[Traits::of(case, None)]).first().map_or(0.0, |hint| hint.score)
}

/// What the reporter said; none where it was erased.
pub(crate) async fn words(journal: &Journal, case: &Case) -> Result<Option<String>, JournalError> {
    let facts = tail::stream(&mut journal.db(), &rows::stream(case)).await?;
    let Some(first) = facts.first() else { return Ok(None) };
    let opened = journal.sealer().open(&mut journal.db(), first).await?;
    Ok(opened.value("words").map(str::to_owned))
}
