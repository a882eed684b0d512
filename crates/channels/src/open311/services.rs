//! The services a district offers, their definitions, and the discovery.

use district::open311::{Attribute, Open311, Service};
use district::{Name, Profile};
use kernel::Instant;
use kernel::text::Language;

use super::tree::Tree;

/// `services`
pub fn list(profile: &Profile, offered: &Open311, language: Language, now: Instant) -> Tree {
    let service = |service: &Service| {
        let matter = profile.matters.at(&service.matter, now);
        let keywords = match (&service.keywords, matter) {
            (own, _) if !own.is_empty() => own.join(","),
            (_, Some(matter)) => matter.keywords.join(","),
            _ => String::new(),
        };
        Tree::fields([
            ("service_code", Some(Tree::text(&service.code))),
            ("service_name", Some(Tree::text(name(profile, service, language, now)))),
            ("description", Some(Tree::text(description(profile, service, language, now)))),
            ("metadata", Some(Tree::Flag(!service.attribute.is_empty()))),
            ("type", Some(Tree::text(service.r#type.word()))),
            ("keywords", Some(Tree::text(keywords))),
            ("group", Some(Tree::text(choose(language, &service.group_zh, &service.group_en)))),
        ])
    };
    // A matter that is not valid today can't be handed in.
    let valid = offered.service.iter().filter(|service| profile.matters.at(&service.matter, now).is_some());
    Tree::List("service", valid.map(service).collect())
}

/// `service_definition`
pub fn definition(service: &Service, language: Language) -> Tree {
    let attributes = service.attribute.iter().zip(1..).map(|(one, order)| attribute(one, order, language));
    Tree::Fields(vec![
        ("service_code", Tree::text(&service.code)),
        ("attributes", Tree::List("attribute", attributes.collect())),
    ])
}

fn attribute(attribute: &Attribute, order: i64, language: Language) -> Tree {
    let value = |one: &district::open311::AttributeValue| {
        let name = choose(language, &one.name_zh, &one.name_en);
        Tree::Fields(vec![("key", Tree::text(&one.key)), ("name", Tree::text(name))])
    };
    let values: Vec<Tree> = attribute.values.iter().map(value).collect();
    let hint = choose(language, &attribute.hint_zh, &attribute.hint_en);
    Tree::fields([
        ("variable", Some(Tree::Flag(attribute.variable))),
        ("code", Some(Tree::text(&attribute.code))),
        ("datatype", Some(Tree::text(attribute.datatype.word()))),
        ("required", Some(Tree::Flag(attribute.required))),
        ("datatype_description", Some(Tree::text(hint))),
        ("order", Some(Tree::Whole(order))),
        ("description", Some(Tree::text(choose(language, &attribute.description_zh, &attribute.description_en)))),
        ("values", (!values.is_empty()).then_some(Tree::List("value", values))),
    ])
}

/// `discovery`; `url` is where the endpoint is served.
pub fn discovery(offered: &Open311, url: &str, language: Language) -> Tree {
    let formats = ["text/xml", "application/json"].map(Tree::text).to_vec();
    let endpoint = Tree::Fields(vec![
        ("specification", Tree::text("http://wiki.open311.org/GeoReport_v2")),
        ("url", Tree::text(url)),
        ("changeset", Tree::text(&offered.changeset)),
        ("type", Tree::text(offered.endpoint_type.word())),
        ("formats", Tree::List("format", formats)),
    ]);
    Tree::Fields(vec![
        ("changeset", Tree::text(&offered.changeset)),
        ("contact", Tree::text(choose(language, &offered.contact_zh, &offered.contact_en))),
        ("key_service", Tree::text(choose(language, &offered.key_service_zh, &offered.key_service_en))),
        ("endpoints", Tree::List("endpoint", vec![endpoint])),
    ])
}

pub fn name(profile: &Profile, service: &Service, language: Language, now: Instant) -> String {
    let own = match language {
        Language::Chinese => &service.name_zh,
        Language::English => &service.name_en,
    };
    own.clone().unwrap_or_else(|| matter_name(profile, &service.matter, language, now))
}

/// The name of a matter; of one that is no longer valid, that of its newest version.
pub fn matter_name(profile: &Profile, code: &str, language: Language, when: Instant) -> String {
    let newest = || profile.matters.all().iter().rfind(|matter| matter.code == code);
    let name: Option<&Name> = profile.matters.at(code, when).or_else(newest).map(|matter| &matter.name);
    name.map_or(code, |name| name.in_language(language)).to_owned()
}

pub fn description(profile: &Profile, service: &Service, language: Language, now: Instant) -> String {
    match choose(language, &service.description_zh, &service.description_en) {
        "" => name(profile, service, language, now),
        own => own.to_owned(),
    }
}

pub fn choose<'a>(language: Language, chinese: &'a str, english: &'a str) -> &'a str {
    match language {
        Language::Chinese => chinese,
        Language::English => english,
    }
}
