//! The `[profile]` table of a map: what a profile made from requests is to be like.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::Deserialize;

use super::areas::Kind;
use crate::requests::RequestMap;
use crate::rows::{AreaRow, OrganizationRow, PostRow};

#[derive(Debug, thiserror::Error)]
#[error("the map's [profile] is not understood")]
pub struct PlanError(#[from] toml::de::Error);

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// Folder of the base, from the map's own folder.
    pub base: PathBuf,
    /// Code of the area of the first level; the base's `areas.csv` has its row.
    pub district: String,
    /// Level of the areas found: a key of the base's `district.toml`.
    pub level: String,
    /// What precedes the running number in an area's code.
    pub area_prefix: String,
    /// How far from the nearest request land still belongs to the district, in metres.
    pub reach_metres: f64,
    /// What stands between the street and the town in an address.
    #[serde(default)]
    pub address_separator: String,
    /// Organization that the departments belong to.
    pub root: String,
    #[serde(default)]
    pub layers: BTreeMap<String, LayerPlan>,
    /// An office for each area, where the map wants them.
    pub office: Option<Office>,
    /// A post in each organization of a kind.
    #[serde(default)]
    pub posts: Vec<PostPlan>,
    /// Chinese by English name, for whatever has one.
    #[serde(default)]
    pub chinese: BTreeMap<String, String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LayerPlan {
    /// What precedes the running number in a code.
    pub prefix: String,
    /// Said before a name that is only a number.
    #[serde(default)]
    pub title: String,
}

/// `{}` in a name stands for the area's.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Office {
    pub kind: String,
    pub name_zh: String,
    pub name_en: String,
    pub source: String,
}

/// A post of this role in each organization of this kind; `{}` in a name stands for the organization's.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PostPlan {
    pub kind: String,
    pub role: String,
    pub name_zh: String,
    pub name_en: String,
    pub source: String,
}

impl Plan {
    pub fn of(map: &RequestMap) -> Result<Plan, PlanError> {
        Ok(toml::Value::Table(map.profile.clone()).try_into()?)
    }

    pub(super) fn area_kind(&self) -> Kind<'_> {
        Kind { level: &self.level, layer: "", parent: &self.district, prefix: &self.area_prefix, title: "" }
    }

    pub(super) fn layer_kind<'a>(&'a self, layer: &'a str) -> Kind<'a> {
        let (prefix, title) = self.layers.get(layer).map_or((layer, ""), |plan| (&plan.prefix, &plan.title));
        Kind { level: "", layer, parent: "", prefix, title }
    }

    pub(super) fn offices(&self, areas: &[AreaRow]) -> Vec<OrganizationRow> {
        let Some(office) = &self.office else { return Vec::new() };
        let of = |area: &AreaRow| OrganizationRow {
            code: format!("office-{}", area.code),
            kind: office.kind.clone(),
            parent: self.root.clone(),
            name_zh: office.name_zh.replace("{}", &area.name_zh),
            name_en: office.name_en.replace("{}", &area.name_en),
            area: area.code.clone(),
            source: office.source.clone(),
        };
        areas.iter().map(of).collect()
    }

    /// Keys are `role@organization`.
    pub(super) fn posts(&self, organizations: &[OrganizationRow]) -> Vec<PostRow> {
        let pairs =
            self.posts.iter().flat_map(|post| organizations.iter().map(move |organization| (post, organization)));
        pairs
            .filter(|(post, organization)| post.kind == organization.kind)
            .map(|(post, organization)| PostRow {
                key: format!("{}@{}", post.role, organization.code),
                role: post.role.clone(),
                organization: organization.code.clone(),
                area: String::new(),
                name_zh: post.name_zh.replace("{}", &organization.name_zh),
                name_en: post.name_en.replace("{}", &organization.name_en),
                source: post.source.clone(),
            })
            .collect()
    }
}
