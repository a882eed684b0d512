//! `open311.toml`: which matters other systems may hand in by Open311 GeoReport v2, and what of them is public.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::choice::choice;

/// `open311.toml`. A profile without the file offers nothing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Open311 {
    /// What callers name the district by; another one is refused.
    pub jurisdiction_id: String,
    /// Whom to write to about the interface; shown by the discovery.
    pub contact_zh: String,
    pub contact_en: String,
    /// How to get a key; shown by the discovery.
    pub key_service_zh: String,
    pub key_service_en: String,
    /// `production` or `test`.
    pub endpoint_type: EndpointType,
    /// When services or definitions changed last, as RFC 3339.
    pub changeset: String,
    pub source: String,
    pub publish: Publish,
    #[serde(default)]
    pub service: Vec<Service>,
    /// Other systems whose requests are polled in.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub peer: Vec<Peer>,
}

/// What the public answers say of a request besides its state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Publish {
    /// The reporter's own words. They are personal to their author: where false, the service's words stand for them.
    pub description: bool,
    /// The exact point; where false, only the areas it lies in.
    pub point: bool,
    /// Also cases that came by other channels, of matters that are services.
    pub every_channel: bool,
}

choice! {
    EndpointType {
        Production = "production",
        Test = "test",
    }
}

choice! {
    /// What a caller gets for a request, in the words of the specification.
    ServiceType {
        /// The number, at once.
        Realtime = "realtime",
        /// A token, which gives the number later.
        Batch = "batch",
        /// Nothing: the request is never shown to the public.
        Blackbox = "blackbox",
    }
}

/// A matter as a service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Service {
    pub code: String,
    /// Code of the matter; its name is the service's where none is given.
    pub matter: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name_zh: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name_en: Option<String>,
    /// The service's name where none is given.
    #[serde(default)]
    pub description_zh: String,
    #[serde(default)]
    pub description_en: String,
    #[serde(default = "realtime")]
    pub r#type: ServiceType,
    /// Those of the matter where none are given.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub keywords: Vec<String>,
    pub group_zh: String,
    pub group_en: String,
    /// What is going to happen, told with the answer.
    #[serde(default)]
    pub notice_zh: String,
    #[serde(default)]
    pub notice_en: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attribute: Vec<Attribute>,
}

fn realtime() -> ServiceType {
    ServiceType::Realtime
}

choice! {
    /// How an attribute is answered.
    Datatype {
        String = "string",
        Number = "number",
        Datetime = "datetime",
        Text = "text",
        SingleValueList = "singlevaluelist",
        MultiValueList = "multivaluelist",
    }
}

/// A question that a service asks besides.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Attribute {
    pub code: String,
    /// False: nothing is asked, the description tells something.
    #[serde(default = "yes")]
    pub variable: bool,
    pub datatype: Datatype,
    #[serde(default)]
    pub required: bool,
    pub description_zh: String,
    pub description_en: String,
    #[serde(default)]
    pub hint_zh: String,
    #[serde(default)]
    pub hint_en: String,
    /// Of a list: what can be chosen.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub values: Vec<AttributeValue>,
}

fn yes() -> bool {
    true
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AttributeValue {
    pub key: String,
    pub name_zh: String,
    pub name_en: String,
}

choice! {
    /// How another system is asked for what is new.
    PeerBy {
        /// It knows `updated_after` and `page`, as this one does.
        Updated = "updated",
        /// It knows only what the specification has: requests by date, then each open one by its identifier.
        Requested = "requested",
    }
}

/// Another system, polled. Its key, where it wants one, is the operator's: `open311_keys` of the configuration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Peer {
    /// Letters, digits, `-` and `_`.
    pub key: String,
    /// Such as `https://311.example.org/open311/v2`.
    pub endpoint: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jurisdiction_id: Option<String>,
    /// `json` or `xml`.
    #[serde(default = "json")]
    pub format: PeerFormat,
    pub by: PeerBy,
    /// At least 10.
    pub interval_seconds: u32,
    /// Its service codes to matters here; others are passed over.
    pub services: BTreeMap<String, String>,
}

choice! {
    PeerFormat {
        Json = "json",
        Xml = "xml",
    }
}

fn json() -> PeerFormat {
    PeerFormat::Json
}

impl Open311 {
    pub fn service(&self, code: &str) -> Option<&Service> {
        self.service.iter().find(|service| service.code == code)
    }

    /// The service that stands for a matter; where several do, the first.
    pub fn of_matter(&self, matter: &str) -> Option<&Service> {
        self.service.iter().find(|service| service.matter == matter)
    }

    /// Something in the service never reaches the public.
    pub fn is_blackbox(&self, matter: &str) -> bool {
        self.of_matter(matter).is_some_and(|service| service.r#type == ServiceType::Blackbox)
    }
}

impl Service {
    pub fn attribute(&self, code: &str) -> Option<&Attribute> {
        self.attribute.iter().find(|attribute| attribute.code == code)
    }
}
