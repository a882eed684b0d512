//! What a case is, as far as permission asks.

use std::collections::BTreeSet;

use platform::Resource;

use crate::case::Case;

/// The action that lets a post read cases.
pub(crate) const READ: &str = "case.read";

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
        // Who reported is kept apart field by field; the content stays with those who work on it.
        confidential_to: None,
    }
}
