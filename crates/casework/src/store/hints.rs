//! Duplicate hints from what is open at the desks of the district, as far as the caller may read it. Words are unsealed for
//! the comparison and kept nowhere.

use std::collections::{BTreeMap, BTreeSet};

use journal::{Journal, JournalError, tail};
use platform::Scope;
use store::{Read, sql};

use super::{read, rows};
use crate::case::{Case, CaseId, Rulebook};
use crate::duplicate::{Hint, HintRules, Traits, rank};
use crate::resource::{READ, resource};

/// Open cases of the own desk that are looked at, the newest.
const OWN: i64 = 300;
/// Of each other desk.
const OTHERS: i64 = 60;
/// Of all, how many have their words compared: the likeliest by place, matter and time.
const COMPARED: usize = 24;

/// Who looks, and from where.
pub(crate) struct Sight<'a> {
    /// Only cases that it allows to read come into a hint, by themselves or as the head of a group.
    pub scope: &'a Scope,
    /// The desk of the case at hand.
    pub own: &'a str,
    pub book: &'a Rulebook,
}

impl Sight<'_> {
    fn allows(&self, case: &Case) -> bool {
        self.scope.allows(READ, &resource(case))
    }

    /// The own desk, every other that governs an area, and the centre.
    fn desks(&self) -> BTreeSet<&str> {
        let governing = self.book.governing.values().filter(|one| one.desk).map(|one| one.organization.as_str());
        governing.chain([self.own, self.book.centre.as_str()]).collect()
    }
}

/// What `new`, registered or not, may be the same as, among the open cases that are not confidential.
pub(crate) async fn hints(
    journal: &Journal,
    rules: &HintRules,
    sight: &Sight<'_>,
    new: &Traits,
) -> Result<Vec<Hint>, JournalError> {
    let mut cases = Vec::new();
    for desk in sight.desks() {
        cases.extend(open(journal, rules, sight, desk, new).await?);
    }
    cases.retain(|case| case.id != new.case && case.is_findable() && sight.allows(case));
    let mut likely: Vec<(f64, Case)> = cases.into_iter().map(|case| (likely(rules, new, &case), case)).collect();
    likely.sort_by(|(a, one), (b, other)| b.total_cmp(a).then(one.id.cmp(&other.id)));
    let (mut others, mut heads) = (Vec::new(), BTreeMap::new());
    for (_, case) in likely.into_iter().take(COMPARED) {
        let words = words(journal, &case).await?;
        let mut traits = Traits::of(&case, words.as_deref());
        if let Some(head) = traits.head.filter(|head| !heads.contains_key(head)) {
            heads.insert(head, is_shown(journal, sight, head).await?);
        }
        // Where the head is not for the caller to see, the hint is at the member itself.
        traits.head = traits.head.filter(|head| heads[head]);
        others.push(traits);
    }
    Ok(rank(rules, new, &others))
}

async fn open(
    journal: &Journal,
    rules: &HintRules,
    sight: &Sight<'_>,
    desk: &str,
    new: &Traits,
) -> Result<Vec<Case>, JournalError> {
    let window = i64::from(rules.hours) * 3_600_000_000;
    let select = "select body from case_file where desk = $1 and open = 1 and confidential = 0 and opened_at >= $2 \
         and opened_at <= $3 order by opened_at desc, id desc limit $4";
    let (from, until) = (new.opened_at.micros() - window, new.opened_at.micros() + window);
    let most = if desk == sight.own { OWN } else { OTHERS };
    let found: Vec<(String,)> =
        (&mut journal.db()).all(sql(select).bind(desk).bind(from).bind(until).bind(most)).await?;
    found.into_iter().map(read::parse).collect()
}

async fn is_shown(journal: &Journal, sight: &Sight<'_>, id: CaseId) -> Result<bool, JournalError> {
    let case = read::case(&mut journal.db(), id).await?;
    Ok(case.is_some_and(|case| case.is_findable() && sight.allows(&case)))
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
