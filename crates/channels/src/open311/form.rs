//! A request as it is handed in: the form read into what casework registers.

use std::collections::BTreeMap;

use district::Profile;
use district::open311::{Attribute, Datatype, Open311, Service};
use district::{AddressReason, Found};
use kernel::text::Language;
use kernel::{Instant, Point};

use super::error::Open311Error;
use super::query::value;

/// The longest description, as the specification has it, in characters.
const DESCRIPTION: usize = 4_000;
/// The longest of every other value.
const VALUE: usize = 500;

/// What was handed in, checked. Its values are the reporter's and never shown.
#[derive(Clone, PartialEq)]
pub struct Handed<'p> {
    pub service: &'p Service,
    /// The description, then each answer with its question, then the address of a picture.
    pub words: String,
    pub point: Option<Point>,
    pub address: Option<String>,
    pub name: Option<String>,
    pub phone: Option<String>,
    pub email: Option<String>,
    /// The reporter's account with the caller: given back, kept nowhere.
    pub account_id: Option<String>,
}

impl<'p> Handed<'p> {
    pub fn parse(
        pairs: &[(String, String)],
        profile: &'p Profile,
        offered: &'p Open311,
        language: Language,
        now: Instant,
    ) -> Result<Handed<'p>, Open311Error> {
        let code = value(pairs, "service_code")?;
        let code = code.ok_or_else(|| Open311Error::invalid("service_code", "open311-missing"))?;
        let service = offered.service(code);
        let service =
            service.ok_or_else(|| Open311Error::missing("service_code", "open311-no-service").with("code", code))?;
        let address = text(pairs, "address_string")?;
        let building = text(pairs, "address_id")?;
        let point = match (point(pairs)?, &building, &address) {
            (Some(point), ..) => Some(point),
            (None, Some(code), _) => Some(of_building(profile, code)?),
            (None, None, Some(address)) => of_address(profile, address, now),
            (None, None, None) => return Err(Open311Error::invalid("lat", "open311-no-place")),
        };
        let name = [text(pairs, "last_name")?, text(pairs, "first_name")?];
        let email = text(pairs, "email")?;
        if let Some(email) = email.as_deref().filter(|email| !is_email(email)) {
            return Err(Open311Error::invalid("email", "open311-value").with("value", email));
        }
        // It tells devices apart, which nobody here has to: taken as the specification has it, and dropped.
        text(pairs, "device_id")?;
        Ok(Handed {
            service,
            words: words(pairs, profile, service, language, now)?,
            point,
            address,
            name: full_name(name),
            phone: text(pairs, "phone")?,
            email,
            account_id: text(pairs, "account_id")?,
        })
    }
}

fn text(pairs: &[(String, String)], name: &'static str) -> Result<Option<String>, Open311Error> {
    let Some(text) = value(pairs, name)? else { return Ok(None) };
    within(name, text, VALUE)?;
    Ok(Some(text.to_owned()))
}

fn within(name: &'static str, text: &str, most: usize) -> Result<(), Open311Error> {
    match text.chars().count() > most {
        true => Err(Open311Error::invalid(name, "open311-too-long").with("most", most)),
        false => Ok(()),
    }
}

/// The family name first where a name is written without spaces.
fn full_name([last, first]: [Option<String>; 2]) -> Option<String> {
    match (last, first) {
        (Some(last), Some(first)) if first.is_ascii() => Some(format!("{first} {last}")),
        (Some(last), Some(first)) => Some(format!("{last}{first}")),
        (last, first) => last.or(first),
    }
}

fn is_email(text: &str) -> bool {
    let parts = text.split_once('@');
    parts.is_some_and(|(user, host)| !user.is_empty() && host.contains('.') && !text.contains(char::is_whitespace))
}

fn point(pairs: &[(String, String)]) -> Result<Option<Point>, Open311Error> {
    let degrees = |name| -> Result<Option<f64>, Open311Error> {
        let Some(text) = value(pairs, name)? else { return Ok(None) };
        let number = text.parse::<f64>().ok().filter(|number| number.is_finite());
        number.map(Some).ok_or_else(|| Open311Error::invalid(name, "open311-value").with("value", text))
    };
    match (degrees("lat")?, degrees("long")?) {
        (Some(lat), Some(long)) => match Point::new(long, lat) {
            Ok(point) => Ok(Some(point)),
            Err(kernel::PointError::Latitude(_)) => {
                Err(Open311Error::invalid("lat", "point-latitude").with("value", lat))
            }
            Err(kernel::PointError::Longitude(_)) => {
                Err(Open311Error::invalid("long", "point-longitude").with("value", long))
            }
        },
        (None, None) => Ok(None),
        (Some(_), None) => Err(Open311Error::invalid("long", "open311-missing")),
        (None, Some(_)) => Err(Open311Error::invalid("lat", "open311-missing")),
    }
}

fn of_building(profile: &Profile, code: &str) -> Result<Point, Open311Error> {
    let building = profile.places.building(code).map(|building| building.point);
    building.ok_or_else(|| Open311Error::missing("address_id", "open311-no-building").with("code", code))
}

/// Where an address names one building and no other as well; else the desk finds the place.
fn of_address(profile: &Profile, address: &str, now: Instant) -> Option<Point> {
    let candidates = profile.find_address(address, now, 2);
    let [best, rest @ ..] = candidates.as_slice() else { return None };
    let is_building = matches!(best.found, Found::Building(_));
    let is_exact = best.reasons.iter().any(|why| matches!(why, AddressReason::Number(_) | AddressReason::Name));
    let is_alone = rest.first().is_none_or(|next| next.score < best.score);
    best.point.filter(|_| is_building && is_exact && is_alone)
}

/// One text: what was said, and each answer with its question.
fn words(
    pairs: &[(String, String)],
    profile: &Profile,
    service: &Service,
    language: Language,
    now: Instant,
) -> Result<String, Open311Error> {
    let description = value(pairs, "description")?;
    within("description", description.unwrap_or_default(), DESCRIPTION)?;
    let mut lines: Vec<String> = description.into_iter().map(str::to_owned).collect();
    if lines.is_empty() {
        lines.push(super::services::name(profile, service, language, now));
    }
    let given = answers(pairs, service)?;
    for attribute in service.attribute.iter().filter(|attribute| attribute.variable) {
        match given.get(attribute.code.as_str()) {
            Some(values) => lines.push(answer(attribute, values, language)?),
            None if attribute.required => {
                return Err(
                    Open311Error::invalid("attribute", "open311-attribute-missing").with("code", &attribute.code)
                );
            }
            None => {}
        }
    }
    if let Some(url) = text(pairs, "media_url")? {
        if !["http://", "https://"].iter().any(|scheme| url.starts_with(scheme)) {
            return Err(Open311Error::invalid("media_url", "open311-value").with("value", url));
        }
        lines.push(url);
    }
    Ok(lines.join("\n"))
}

/// By attribute: `attribute[CODE]=…`, `attribute[CODE][]=…`, or `attribute=CODE:…`, which some callers write.
fn answers<'a>(
    pairs: &'a [(String, String)],
    service: &Service,
) -> Result<BTreeMap<&'a str, Vec<&'a str>>, Open311Error> {
    let mut found: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (key, value) in pairs {
        let Some(rest) = key.strip_prefix("attribute") else { continue };
        let (code, value) = match rest.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
            Some((code, "" | "[]")) => (code, value.as_str()),
            None if rest.is_empty() && value.contains(':') => value.split_once(':').unwrap_or_default(),
            _ => return Err(Open311Error::invalid("attribute", "open311-value").with("value", key)),
        };
        if service.attribute(code).is_none_or(|attribute| !attribute.variable) {
            return Err(Open311Error::invalid("attribute", "open311-no-attribute").with("code", code));
        }
        within("attribute", value, DESCRIPTION)?;
        if value.contains('\0') {
            return Err(Open311Error::invalid("attribute", "open311-value").with("value", "NUL"));
        }
        if !value.trim().is_empty() {
            found.entry(code).or_default().push(value.trim());
        }
    }
    Ok(found)
}

fn answer(attribute: &Attribute, values: &[&str], language: Language) -> Result<String, Open311Error> {
    let wrong = |value: &str| {
        let wrong = Open311Error::invalid("attribute", "open311-attribute-value");
        wrong.with("code", &attribute.code).with("value", value)
    };
    if values.len() > 1 && attribute.datatype != Datatype::MultiValueList {
        return Err(wrong(values[1]));
    }
    let mut said = Vec::new();
    for value in values {
        let chosen = attribute.values.iter().find(|one| one.key == *value);
        said.push(match (attribute.datatype, chosen) {
            (Datatype::SingleValueList | Datatype::MultiValueList, Some(one)) => match language {
                Language::Chinese => one.name_zh.as_str(),
                Language::English => one.name_en.as_str(),
            },
            (Datatype::SingleValueList | Datatype::MultiValueList, None) => return Err(wrong(value)),
            (Datatype::Number, _) if value.parse::<f64>().is_ok_and(f64::is_finite) => *value,
            (Datatype::Datetime, _) if value.replace(' ', "+").parse::<Instant>().is_ok() => *value,
            (Datatype::Number | Datatype::Datetime, _) => return Err(wrong(value)),
            (Datatype::String | Datatype::Text, _) => *value,
        });
    }
    let question = match language {
        Language::Chinese => &attribute.description_zh,
        Language::English => &attribute.description_en,
    };
    Ok(format!("{question} {}", said.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{offered, profile};
    use super::*;

    fn parse(pairs: &[(&str, &str)]) -> Result<Handed<'static>, Open311Error> {
        let pairs: Vec<(String, String)> = pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        let now = "2026-03-02T02:00:00Z".parse().unwrap();
        Handed::parse(&pairs, profile(), offered(), Language::English, now)
    }

    const PLACE: [(&str, &str); 2] = [("lat", "30.005"), ("long", "120.005")];

    #[test]
    fn answers_stand_in_the_words_with_their_questions() {
        let more = [
            ("service_code", "manhole"),
            ("description", " It is gone. "),
            ("attribute[KIND]", "missing"),
            ("attribute[OWNER][]", "water"),
            ("attribute[OWNER][]", "power"),
            ("attribute", "DEPTH:90.5"),
            ("first_name", "Ada"),
            ("last_name", "Example"),
            ("email", "ada@example.org"),
            ("phone", "000"),
            ("media_url", "https://example.org/1.jpg"),
        ];
        let handed = parse(&[&PLACE[..], &more[..]].concat()).unwrap();
        let lines: Vec<&str> = handed.words.lines().collect();
        assert_eq!(lines[..2], ["It is gone.", "What is wrong with the cover? Missing"]);
        assert_eq!(lines[2], "Whose names stand on the cover? Water, Power");
        assert_eq!(lines[3..], ["How deep is the hole, in centimetres? 90.5", "https://example.org/1.jpg"]);
        assert_eq!((handed.name.as_deref(), handed.email.as_deref()), (Some("Ada Example"), Some("ada@example.org")));
        assert_eq!(handed.point, Some(Point::new(120.005, 30.005).unwrap()));
    }

    #[test]
    fn the_service_speaks_where_nothing_is_said() {
        let handed = parse(&[&PLACE[..], &[("service_code", "garbage")]].concat()).unwrap();
        assert_eq!(handed.words, "Exposed garbage");
        let building = &profile().places.buildings()[0];
        let handed = parse(&[("service_code", "garbage"), ("address_id", building.code.as_str())]).unwrap();
        assert_eq!(handed.point, Some(building.point));
        let address = profile().places.address(building).unwrap();
        let handed = parse(&[("service_code", "garbage"), ("address_string", address.zh.as_str())]).unwrap();
        assert_eq!((handed.point, handed.address), (Some(building.point), Some(address.zh)));
        let vague = parse(&[("service_code", "garbage"), ("address_string", "by the river")]).unwrap();
        assert_eq!(vague.point, None);
    }

    #[test]
    fn each_bad_value_names_its_field() {
        let long = "x".repeat(4_001);
        for (pairs, field) in [
            (vec![("lat", "30")], "service_code"),
            (vec![("service_code", "nothing")], "service_code"),
            (vec![("service_code", "garbage")], "lat"),
            (vec![("service_code", "garbage"), ("lat", "30")], "long"),
            (vec![("service_code", "garbage"), ("lat", "NaN"), ("long", "1")], "lat"),
            (vec![("service_code", "garbage"), ("lat", "91"), ("long", "1")], "lat"),
            (vec![("service_code", "garbage"), ("lat", "1"), ("long", "181")], "long"),
            (vec![("service_code", "garbage"), ("address_id", "nowhere")], "address_id"),
            ([&PLACE[..], &[("service_code", "manhole")]].concat(), "attribute"),
            ([&PLACE[..], &[("service_code", "manhole"), ("attribute[KIND]", "blue")]].concat(), "attribute"),
            ([&PLACE[..], &[("service_code", "garbage"), ("attribute[KIND]", "missing")]].concat(), "attribute"),
            ([&PLACE[..], &[("service_code", "garbage"), ("description", &long)]].concat(), "description"),
            ([&PLACE[..], &[("service_code", "garbage"), ("email", "nobody")]].concat(), "email"),
            ([&PLACE[..], &[("service_code", "garbage"), ("media_url", "file:///etc/passwd")]].concat(), "media_url"),
            ([&PLACE[..], &[("service_code", "garbage"), ("phone", &long)]].concat(), "phone"),
        ] {
            assert_eq!(parse(&pairs).err().and_then(|error| error.refusal.field), Some(field), "{field}");
        }
    }
}
