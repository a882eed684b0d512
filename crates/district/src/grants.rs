//! Posts as grants: what the profile says of a post, in the words of permission.

use std::collections::BTreeSet;

use kernel::Instant;
use platform::Grant;
use platform::resident::RESIDENT;

use crate::{Profile, Reach, Sensitivity};

impl Profile {
    /// Codes from the top down to `area`, each followed by `/`, as it stands at `when`; empty for the whole district.
    pub fn area_path(&self, area: Option<&str>, when: Instant) -> String {
        let line = area.map(|code| self.territory.line(code, when)).unwrap_or_default();
        line.iter().fold(String::new(), |path, area| path + &area.code + "/")
    }

    /// The area a post answers for: its own, or its organization's; none is the whole district.
    pub fn area_of_post(&self, post: &crate::Post) -> Option<&str> {
        let own = self.posts.get(&post.key).and_then(|post| post.area.as_deref());
        own.or_else(|| self.organizations.get(&post.organization).and_then(|found| found.area.as_deref()))
    }

    /// What a post allows at `when`.
    pub fn grant(&self, post: &str, when: Instant) -> Option<Grant> {
        let post = self.posts.get(post)?;
        let role = self.roles.get(&post.role)?;
        let organizations: BTreeSet<String> =
            self.organizations.subtree(&post.organization).into_iter().map(|found| found.code.clone()).collect();
        let line = self.organizations.line(&post.organization).map(|found| found.code.clone()).collect();
        Some(Grant {
            post: post.key.clone(),
            role: role.key.clone(),
            organization: post.organization.clone(),
            organizations,
            line,
            area: self.area_path(self.area_of_post(post), when),
            reach: match role.reach {
                Reach::Own => platform::Reach::Own,
                Reach::Organization => platform::Reach::Organization,
                Reach::Area => platform::Reach::Area,
                Reach::District => platform::Reach::District,
            },
            sensitivity: sensitivity(role.sensitivity),
            actions: role.actions.iter().cloned().collect(),
        })
    }

    /// What residents may do: the role of that name, and never in more than what they began, whatever it says of its reach.
    pub fn resident(&self) -> Option<Grant> {
        let role = self.roles.get(RESIDENT)?;
        Some(Grant {
            post: RESIDENT.to_owned(),
            role: role.key.clone(),
            organization: String::new(),
            organizations: BTreeSet::new(),
            line: BTreeSet::new(),
            area: String::new(),
            reach: platform::Reach::Own,
            sensitivity: sensitivity(role.sensitivity),
            actions: role.actions.iter().cloned().collect(),
        })
    }
}

fn sensitivity(of: Sensitivity) -> platform::Sensitivity {
    match of {
        Sensitivity::Public => platform::Sensitivity::Public,
        Sensitivity::Internal => platform::Sensitivity::Internal,
        Sensitivity::Personal => platform::Sensitivity::Personal,
        Sensitivity::Confidential => platform::Sensitivity::Confidential,
    }
}

/// The profile's posts for the platform, at the instant its clock tells.
pub struct PostBook {
    pub profile: std::sync::Arc<Profile>,
    pub edge: platform::Edge,
}

impl platform::Posts for PostBook {
    fn grant(&self, post: &str) -> Option<Grant> {
        self.profile.grant(post, self.edge.now())
    }

    fn names(&self, post: &str) -> Option<(String, String)> {
        let of_post = self.profile.posts.get(post).map(|post| (post.name.zh.clone(), post.name.en.clone()));
        let of_role = || self.profile.roles.get(RESIDENT).map(|role| (role.name_zh.clone(), role.name_en.clone()));
        of_post.or_else(|| if post == RESIDENT { of_role() } else { None })
    }

    fn resident(&self) -> Option<Grant> {
        self.profile.resident()
    }

    fn time_zone(&self) -> jiff::tz::TimeZone {
        self.profile.zone.clone()
    }
}

impl platform::notice::Directory for PostBook {
    fn posts_of(&self, organization: &str) -> Vec<String> {
        self.profile.posts.of_organization(organization).map(|post| post.key.clone()).collect()
    }

    fn posts_with_role(&self, role: &str) -> Vec<String> {
        self.profile.posts.all().iter().filter(|post| post.role == role).map(|post| post.key.clone()).collect()
    }

    fn zone(&self) -> jiff::tz::TimeZone {
        self.profile.zone.clone()
    }
}
