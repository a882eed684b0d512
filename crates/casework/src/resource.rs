//! What a case is, as far as permission asks.

use std::collections::BTreeSet;

use platform::{Confidential, Resource};

use crate::case::Case;

/// The action that lets a post read cases.
pub(crate) const READ: &str = "case.read";

/// The action of a post whose looks the law may keep from the person concerned for a time.
pub(crate) const WITHHOLD: &str = "access.withhold";

/// The case for a [`platform::Scope`] to test.
pub(crate) fn resource(case: &Case) -> Resource {
    let mut organizations: BTreeSet<String> = [case.desk.clone()].into();
    for assignment in &case.assignments {
        organizations.insert(assignment.organization.clone());
        organizations.extend(assignment.inner.holder.clone());
    }
    let path = case.place.as_ref().map_or(&[][..], |place| &place.path);
    Resource {
        author: case.registered_by.clone(),
        organizations,
        area: path.iter().fold(String::new(), |path, code| path + code + "/"),
        confidential: case.confidentiality.as_ref().map(|confidentiality| Confidential {
            named: confidentiality.named.clone(),
            barred: confidentiality.barred.clone(),
        }),
    }
}
