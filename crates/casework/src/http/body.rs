//! Shapes that several answers share.

use district::Profile;
use kernel::Instant;
use serde::Serialize;
use utoipa::ToSchema;

/// Something with a code and a name in both languages.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct NamedBody {
    pub code: String,
    pub name_zh: String,
    pub name_en: String,
}

fn named(code: &str, name: Option<&district::Name>) -> NamedBody {
    let (name_zh, name_en) = name.map_or((code, code), |name| (name.zh.as_str(), name.en.as_str()));
    NamedBody { code: code.to_owned(), name_zh: name_zh.to_owned(), name_en: name_en.to_owned() }
}

pub fn organization(profile: &Profile, code: &str) -> NamedBody {
    named(code, profile.organizations.get(code).map(|found| &found.name))
}

pub fn area(profile: &Profile, code: &str, when: Instant) -> NamedBody {
    named(code, profile.territory.area(code, when).map(|found| &found.name))
}

pub fn matter(profile: &Profile, code: &str, when: Instant) -> NamedBody {
    named(code, profile.matters.at(code, when).map(|found| &found.name))
}

pub fn post(profile: &Profile, key: &str) -> NamedBody {
    named(key, profile.posts.get(key).map(|found| &found.name))
}

/// `ordinary`, `urgent`, `emergency`, from the number that the tables have.
pub fn urgency(rank: i64) -> &'static str {
    ["ordinary", "urgent", "emergency"][rank.clamp(0, 2) as usize]
}
