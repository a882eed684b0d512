//! Organizations as a tree, roles and posts.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use crate::choice::choice;
use crate::name::Name;

choice! {
    /// What an organization is.
    OrganizationKind {
        /// The district's government, root of the tree.
        Government = "government",
        Department = "department",
        Section = "section",
        Contractor = "contractor",
        Subdistrict = "subdistrict",
        Office = "office",
        Team = "team",
        Community = "community",
        /// A subordinate or member unit.
        Unit = "unit",
        /// The command centre.
        Centre = "centre",
        /// Supervises handling, issues cards.
        Supervision = "supervision",
        /// The discipline body.
        Discipline = "discipline",
        /// A body of the city or another partner outside the district.
        Outside = "outside",
    }
}

choice! {
    /// How far the actions of a role reach.
    Reach {
        /// What the person did itself.
        Own = "own",
        /// Its organization and those under it.
        Organization = "organization",
        /// Its area.
        Area = "area",
        District = "district",
    }
}

choice! {
    /// Kinds of fields, each including those before it.
    Sensitivity {
        Public = "public",
        Internal = "internal",
        Personal = "personal",
        Confidential = "confidential",
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Organization {
    pub code: String,
    pub kind: OrganizationKind,
    pub parent: Option<String>,
    pub name: Name,
    /// Area it answers for; none is the whole district.
    pub area: Option<String>,
    pub source: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Role {
    pub key: String,
    pub name_zh: String,
    pub name_en: String,
    pub reach: Reach,
    /// Highest kind of field it may see.
    pub sensitivity: Sensitivity,
    /// `noun.verb`
    pub actions: Vec<String>,
}

/// A role in an organization for an area.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Post {
    pub key: String,
    pub role: String,
    pub organization: String,
    /// None is the whole district.
    pub area: Option<String>,
    pub name: Name,
    pub source: String,
}

/// The organizations of a district, found by code, in the order of the file.
#[derive(Debug, Default)]
pub struct Organizations {
    list: Vec<Organization>,
    by_code: HashMap<String, usize>,
    children: HashMap<String, Vec<usize>>,
    by_area: HashMap<String, Vec<usize>>,
}

impl Organizations {
    pub(crate) fn new(list: Vec<Organization>) -> Organizations {
        let mut found = Organizations::default();
        for (place, organization) in list.iter().enumerate() {
            found.by_code.insert(organization.code.clone(), place);
            if let Some(parent) = &organization.parent {
                found.children.entry(parent.clone()).or_default().push(place);
            }
            if let Some(area) = &organization.area {
                found.by_area.entry(area.clone()).or_default().push(place);
            }
        }
        Organizations { list, ..found }
    }

    pub fn all(&self) -> &[Organization] {
        &self.list
    }

    pub fn get(&self, code: &str) -> Option<&Organization> {
        self.by_code.get(code).map(|place| &self.list[*place])
    }

    pub fn of_kind(&self, kind: OrganizationKind) -> impl Iterator<Item = &Organization> {
        self.list.iter().filter(move |organization| organization.kind == kind)
    }

    /// Those whose parent is `code`.
    pub fn children<'a>(&'a self, code: &str) -> impl Iterator<Item = &'a Organization> + use<'a> {
        self.children.get(code).into_iter().flatten().map(|place| &self.list[*place])
    }

    /// The organization, its parent, and so on up to the root.
    pub fn line<'a>(&'a self, code: &str) -> impl Iterator<Item = &'a Organization> + use<'a> {
        std::iter::successors(self.get(code), |organization| self.get(organization.parent.as_deref()?))
    }

    /// Whether `code` is `above` or stands under it.
    pub fn is_within(&self, code: &str, above: &str) -> bool {
        self.line(code).any(|organization| organization.code == above)
    }

    /// The organization and all under it, each before its parts.
    pub fn subtree(&self, code: &str) -> Vec<&Organization> {
        let mut found: Vec<&Organization> = self.get(code).into_iter().collect();
        let mut next = 0;
        while next < found.len() {
            let above = found[next].code.as_str();
            found.extend(self.children(above));
            next += 1;
        }
        found
    }

    /// The department an organization belongs to: itself or the nearest above that is one.
    pub fn department_of(&self, code: &str) -> Option<&Organization> {
        self.line(code).find(|organization| organization.kind == OrganizationKind::Department)
    }

    /// Those that answer for exactly this area, in the order of the file.
    pub fn of_area<'a>(&'a self, area: &str) -> impl Iterator<Item = &'a Organization> + use<'a> {
        self.by_area.get(area).into_iter().flatten().map(|place| &self.list[*place])
    }

    /// The one that governs an area: of those that answer for it, the first whose parent answers for another.
    pub fn governing(&self, area: &str) -> Option<&Organization> {
        self.of_area(area).find(|organization| {
            let above = organization.parent.as_deref().and_then(|parent| self.get(parent));
            above.is_none_or(|above| above.area.as_deref() != Some(area))
        })
    }
}

/// The posts of a district, in the order of the file.
#[derive(Debug, Default)]
pub struct Posts {
    list: Vec<Post>,
    by_key: HashMap<String, usize>,
    by_organization: HashMap<String, Vec<usize>>,
}

impl Posts {
    pub(crate) fn new(list: Vec<Post>) -> Posts {
        let by_key = list.iter().enumerate().map(|(place, post)| (post.key.clone(), place)).collect();
        let mut by_organization: HashMap<String, Vec<usize>> = HashMap::new();
        for (place, post) in list.iter().enumerate() {
            by_organization.entry(post.organization.clone()).or_default().push(place);
        }
        Posts { list, by_key, by_organization }
    }

    pub fn all(&self) -> &[Post] {
        &self.list
    }

    pub fn get(&self, key: &str) -> Option<&Post> {
        self.by_key.get(key).map(|place| &self.list[*place])
    }

    /// Posts of exactly this organization.
    pub fn of_organization<'a>(&'a self, organization: &str) -> impl Iterator<Item = &'a Post> + use<'a> {
        self.by_organization.get(organization).into_iter().flatten().map(|place| &self.list[*place])
    }

    /// The first post of the role in the organization.
    pub fn with_role<'a>(&'a self, role: &str, organization: &str) -> Option<&'a Post> {
        self.of_organization(organization).find(|post| post.role == role)
    }
}
