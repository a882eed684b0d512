//! What the profile says about calls: who is rung, what may be called for, by whom (PRACTICE 1, 16).

use district::{OnDuty, OrganizationKind, Profile};
use kernel::{Instant, Limit};

use crate::case::MatterRef;

/// The profile as a decision on a call needs it, besides the context of every decision.
#[derive(Clone, Copy)]
pub struct Duty<'a>(pub &'a Profile);

impl<'a> Duty<'a> {
    /// In which the centre may object.
    pub fn objection(self) -> Limit {
        self.0.rules.call.objection
    }

    /// At or below it a score needs its reason.
    pub fn low_rating(self) -> u32 {
        self.0.rules.call.low_rating
    }

    /// The highest score.
    pub fn scale(self) -> u32 {
        self.0.rules.rating.scale
    }

    /// Without an answer for so long the next in the ring is called.
    pub fn ring_after(self) -> Limit {
        self.0.rules.duty.ring_after
    }

    /// The posts to ring for an organization, in order: on duty, deputy, centre.
    pub fn ring(self, organization: &str, when: Instant) -> impl Iterator<Item = &'a str> {
        self.0.ring(organization, when).into_iter().map(|post| post.key.as_str())
    }

    /// Whose shift it is in an organization.
    pub fn on_duty(self, organization: &str, when: Instant) -> Option<OnDuty<'a>> {
        self.0.on_duty(organization, when)
    }

    /// Whether the matter is on the call-and-response list.
    pub fn is_callable(self, matter: &MatterRef) -> bool {
        self.0.matters.version(&matter.code, &matter.version).is_some_and(|matter| matter.callable)
    }

    /// The subdistrict that an organization is, or is part of.
    pub fn subdistrict_of(self, organization: &str) -> Option<&'a str> {
        let mut line = self.0.organizations.line(organization);
        line.find(|one| one.kind == OrganizationKind::Subdistrict).map(|one| one.code.as_str())
    }
}
