//! What a case is, as far as permission asks.

use std::collections::BTreeSet;

use platform::{Confidential, Resource};

use crate::call::Call;
use crate::card::Card;
use crate::case::Case;

/// The action that lets a post read cases.
pub(crate) const READ: &str = "case.read";

/// The action that lets a post read calls.
pub(crate) const READ_CALL: &str = "call.read";

/// The action that lets a post read cards.
pub(crate) const READ_CARD: &str = "card.read";

/// The action that lets a post take lists of cases away as files.
pub(crate) const EXPORT: &str = "case.export";

/// The action of a post whose looks the law may keep from the person concerned for a time.
pub(crate) const WITHHOLD: &str = "access.withhold";

/// The way to the case's area: codes from the top down, each followed by `/`; empty without a place.
pub(crate) fn path(case: &Case) -> String {
    let path = case.place.as_ref().map_or(&[][..], |place| &place.path);
    path.iter().fold(String::new(), |path, code| path + code + "/")
}

/// Organizations that have to do with the case: its desk, those assigned, and the parts of them that hold a step.
pub(crate) fn organizations(case: &Case) -> BTreeSet<String> {
    let mut organizations: BTreeSet<String> = [case.desk.clone()].into();
    for assignment in &case.assignments {
        organizations.insert(assignment.organization.clone());
        organizations.extend(assignment.inner.holder.clone());
    }
    organizations
}

/// The case for a [`platform::Scope`] to test.
pub(crate) fn resource(case: &Case) -> Resource {
    Resource {
        author: case.registered_by.clone(),
        organizations: organizations(case),
        area: path(case),
        confidential: case.confidentiality.as_ref().map(|confidentiality| Confidential {
            named: confidentiality.named.clone(),
            barred: confidentiality.barred.clone(),
        }),
    }
}

/// The call for a [`platform::Scope`] to test.
pub(crate) fn call(call: &Call) -> Resource {
    let summoned = call.summoned().into_iter().map(str::to_owned);
    Resource {
        author: None,
        organizations: summoned.chain([call.caller.clone()]).collect(),
        area: call.place.path.iter().fold(String::new(), |path, code| path + code + "/"),
        confidential: None,
    }
}

/// The card for a [`platform::Scope`] to test.
pub(crate) fn card(card: &Card) -> Resource {
    Resource { organizations: [card.organization.clone()].into(), ..Resource::default() }
}
