//! What another system says of its requests, in either format. Pure, and careful: it is read from outside.

use kernel::{Instant, Point};
use serde_json::Value;

use super::super::xml::{Element, XmlError};

/// One request of theirs.
#[derive(Clone, PartialEq)]
pub struct Theirs {
    pub id: String,
    pub is_open: bool,
    pub service_code: String,
    pub service_name: Option<String>,
    pub description: Option<String>,
    pub status_notes: Option<String>,
    pub address: Option<String>,
    pub point: Option<Point>,
    pub requested_at: Option<Instant>,
    pub updated_at: Option<Instant>,
}

#[derive(Debug, thiserror::Error)]
pub enum TheirError {
    #[error("not JSON: {0}")]
    Json(#[from] serde_json::Error),
    #[error(transparent)]
    Xml(#[from] XmlError),
    #[error("it is no list of requests")]
    NoList,
}

/// The longest identifier that is kept, in bytes.
const ID: usize = 200;

/// The requests in an answer of JSON; one that lacks an identifier, a code or a state is passed over.
pub fn of_json(answer: &[u8]) -> Result<Vec<Theirs>, TheirError> {
    let value: Value = serde_json::from_slice(answer)?;
    let list = value.as_array().ok_or(TheirError::NoList)?;
    Ok(list.iter().filter_map(|one| theirs(|name| text(one.get(name)?))).collect())
}

/// The same of XML.
pub fn of_xml(answer: &[u8]) -> Result<Vec<Theirs>, TheirError> {
    let root = Element::read(answer)?;
    if root.name != "service_requests" {
        return Err(TheirError::NoList);
    }
    let requests = root.children.iter().filter(|child| child.name == "request");
    Ok(requests.filter_map(|one| theirs(|name| one.text_of(name).map(str::to_owned))).collect())
}

/// Identifiers and codes come as numbers too.
fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.trim().to_owned()).filter(|text| !text.is_empty()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

fn theirs(field: impl Fn(&str) -> Option<String>) -> Option<Theirs> {
    // What a store can't hold is nothing to keep.
    let field = |name: &str| field(name).map(|text| text.replace('\0', ""));
    let date = |name: &str| field(name)?.parse::<Instant>().ok();
    let degrees = |name: &str| field(name)?.parse::<f64>().ok();
    let is_open = match field("status")?.to_ascii_lowercase().as_str() {
        "open" => true,
        "closed" => false,
        _ => return None,
    };
    Some(Theirs {
        // A comma would part it when it is asked for.
        id: field("service_request_id").filter(|id| id.len() <= ID && !id.contains(','))?,
        is_open,
        service_code: field("service_code")?,
        service_name: field("service_name"),
        description: field("description"),
        status_notes: field("status_notes"),
        address: field("address").filter(|address| address.chars().count() <= 500),
        point: degrees("long").zip(degrees("lat")).and_then(|(long, lat)| Point::new(long, lat).ok()),
        requested_at: date("requested_datetime"),
        updated_at: date("updated_datetime"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As the specification prints it.
    const XML: &str = r#"<?xml version="1.0" encoding="utf-8"?>
        <service_requests>
          <request>
            <service_request_id>638344</service_request_id><status>closed</status>
            <status_notes>Duplicate request.</status_notes>
            <service_name>Sidewalk and Curb Issues</service_name><service_code>006</service_code>
            <description></description><agency_responsible></agency_responsible><service_notice></service_notice>
            <requested_datetime>2010-04-14T06:37:38-08:00</requested_datetime>
            <updated_datetime>2010-04-14T06:37:38-08:00</updated_datetime>
            <address>8TH AVE and JUDAH ST</address><lat>37.762221815</lat><long>-122.4651145</long>
          </request>
          <request><status>open</status></request>
        </service_requests>"#;
    const JSON: &str = r#"[{"service_request_id":638344,"status":"closed","status_notes":"Duplicate request.",
        "service_name":"Sidewalk and Curb Issues","service_code":"006","description":null,
        "requested_datetime":"2010-04-14T06:37:38-08:00","updated_datetime":"2010-04-14T06:37:38-08:00",
        "address":"8TH AVE and JUDAH ST","lat":37.762221815,"long":-122.4651145},
        {"status":"open"},{"service_request_id":"1","service_code":"2","status":"ajar"},5]"#;

    #[test]
    fn both_formats_say_the_same() {
        let (xml, json) = (of_xml(XML.as_bytes()).unwrap(), of_json(JSON.as_bytes()).unwrap());
        assert_eq!(xml.len(), 1);
        assert!(xml == json);
        let one = &xml[0];
        assert_eq!((one.id.as_str(), one.service_code.as_str(), one.is_open), ("638344", "006", false));
        assert_eq!(one.updated_at.unwrap().to_string(), "2010-04-14T14:37:38Z");
        assert_eq!(one.point, Some(Point::new(-122.4651145, 37.762221815).unwrap()));
        assert_eq!(one.description, None);
    }

    #[test]
    fn what_is_no_list_is_an_error() {
        assert!(matches!(of_json(b"{}"), Err(TheirError::NoList)));
        assert!(matches!(of_json(b"<a/>"), Err(TheirError::Json(_))));
        assert!(matches!(of_xml(b"<errors/>"), Err(TheirError::NoList)));
        assert!(matches!(of_xml(b"[]"), Err(TheirError::Xml(_))));
    }
}
