//! What a caller asks of the list of requests: `requests.json?…`.

use std::collections::BTreeSet;

use district::open311::Open311;
use kernel::Instant;

use super::error::Open311Error;

/// The longest span of dates, as the specification has it: 90 days, in µs.
pub const SPAN: i64 = 90 * 86_400 * 1_000_000;
/// The most requests in one answer, as the specification has it.
pub const MOST: i64 = 1_000;
/// Pages further than this are not looked for.
const LAST_PAGE: i64 = 10_000;

/// Which requests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// These, whatever else was asked.
    Numbers(Vec<String>),
    Listed(Listed),
}

/// Half-open spans in µs UTC, both kept where both are given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    pub opened: Option<(i64, i64)>,
    pub updated: Option<(i64, i64)>,
    /// Of these matters; none: of every one.
    pub matters: Option<BTreeSet<String>>,
    /// None: open and closed ones.
    pub open: Option<bool>,
    pub limit: i64,
    pub offset: i64,
}

/// The first value of a parameter that is not blank; a character that no store keeps is refused.
pub fn value<'a>(pairs: &'a [(String, String)], name: &'static str) -> Result<Option<&'a str>, Open311Error> {
    let found = pairs.iter().filter(|(key, _)| key == name).map(|(_, value)| value.trim()).find(|one| !one.is_empty());
    match found {
        Some(text) if text.contains('\0') => Err(Open311Error::invalid(name, "open311-value").with("value", "NUL")),
        found => Ok(found),
    }
}

impl Wanted {
    pub fn parse(pairs: &[(String, String)], offered: &Open311, now: Instant) -> Result<Wanted, Open311Error> {
        if let Some(numbers) = value(pairs, "service_request_id")? {
            let numbers: Vec<String> = list(numbers).map(str::to_owned).collect();
            if numbers.len() as i64 > MOST {
                return Err(Open311Error::invalid("service_request_id", "open311-too-many").with("most", MOST));
            }
            return Ok(Wanted::Numbers(numbers));
        }
        let opened = span(pairs, ("start_date", "end_date"))?;
        let updated = span(pairs, ("updated_after", "updated_before"))?;
        // Of itself the newest 90 days.
        let opened = match (opened, updated) {
            (None, None) => Some((now.micros() - SPAN, now.micros() + 1)),
            (opened, _) => opened,
        };
        let limit = number(pairs, "page_size", MOST)?.unwrap_or(MOST);
        let page = number(pairs, "page", LAST_PAGE)?.unwrap_or(1);
        Ok(Wanted::Listed(Listed {
            opened,
            updated,
            matters: matters(pairs, offered)?,
            open: status(pairs)?,
            limit,
            offset: (page - 1) * limit,
        }))
    }
}

fn list(text: &str) -> impl Iterator<Item = &str> {
    text.split(',').map(str::trim).filter(|one| !one.is_empty())
}

/// From a date, until a date; where one is missing, 90 days from the other. The end is within the span.
fn span(
    pairs: &[(String, String)],
    (from, until): (&'static str, &'static str),
) -> Result<Option<(i64, i64)>, Open311Error> {
    let date = |name| -> Result<Option<i64>, Open311Error> {
        let Some(text) = value(pairs, name)? else { return Ok(None) };
        // A plus sign that was not escaped has come as a space.
        let parsed = text.replace(' ', "+").parse::<Instant>();
        parsed.map(|at| Some(at.micros())).map_err(|_| Open311Error::invalid(name, "open311-date").with("value", text))
    };
    match (date(from)?, date(until)?) {
        (None, None) => Ok(None),
        (Some(first), None) => Ok(Some((first, first.saturating_add(SPAN)))),
        (None, Some(last)) => Ok(Some((last.saturating_sub(SPAN), last.saturating_add(1)))),
        (Some(first), Some(last)) if last < first => Err(Open311Error::invalid(until, "open311-span-backwards")),
        (Some(first), Some(last)) if last - first > SPAN => {
            Err(Open311Error::invalid(until, "open311-span").with("most", 90))
        }
        (Some(first), Some(last)) => Ok(Some((first, last.saturating_add(1)))),
    }
}

fn matters(pairs: &[(String, String)], offered: &Open311) -> Result<Option<BTreeSet<String>>, Open311Error> {
    let Some(codes) = value(pairs, "service_code")? else { return Ok(None) };
    let matter = |code: &str| match offered.service(code) {
        Some(service) => Ok(service.matter.clone()),
        None => Err(Open311Error::missing("service_code", "open311-no-service").with("code", code)),
    };
    list(codes).map(matter).collect::<Result<_, _>>().map(Some)
}

fn status(pairs: &[(String, String)]) -> Result<Option<bool>, Open311Error> {
    let Some(text) = value(pairs, "status")? else { return Ok(None) };
    let mut asked = BTreeSet::new();
    for one in list(text) {
        asked.insert(match one {
            "open" => true,
            "closed" => false,
            _ => return Err(Open311Error::invalid("status", "open311-status").with("value", one)),
        });
    }
    Ok(if asked.len() == 1 { asked.pop_first() } else { None })
}

fn number(pairs: &[(String, String)], name: &'static str, most: i64) -> Result<Option<i64>, Open311Error> {
    let Some(text) = value(pairs, name)? else { return Ok(None) };
    match text.parse::<i64>() {
        Ok(number) if (1..=most).contains(&number) => Ok(Some(number)),
        _ => Err(Open311Error::invalid(name, "open311-number").with("value", text).with("most", most)),
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::offered;
    use super::*;

    const NOW: &str = "2026-03-02T02:00:00Z";

    fn parse(pairs: &[(&str, &str)]) -> Result<Wanted, Open311Error> {
        let pairs: Vec<(String, String)> = pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        Wanted::parse(&pairs, offered(), NOW.parse().unwrap())
    }

    fn listed(pairs: &[(&str, &str)]) -> Listed {
        match parse(pairs).unwrap() {
            Wanted::Listed(listed) => listed,
            other => panic!("{other:?}"),
        }
    }

    fn micros(text: &str) -> i64 {
        text.parse::<Instant>().unwrap().micros()
    }

    #[test]
    fn without_dates_it_is_the_newest_ninety_days() {
        let now = micros(NOW);
        let all = listed(&[]);
        assert_eq!((all.opened, all.updated, all.open), (Some((now - SPAN, now + 1)), None, None));
        assert_eq!((all.limit, all.offset), (1000, 0));
    }

    #[test]
    fn one_date_opens_a_span_of_ninety_days() {
        let first = micros("2026-01-01T00:00:00Z");
        assert_eq!(listed(&[("start_date", "2026-01-01T08:00:00 08:00")]).opened, Some((first, first + SPAN)));
        assert_eq!(listed(&[("end_date", "2026-01-01T00:00:00Z")]).opened, Some((first - SPAN, first + 1)));
        let updated = listed(&[("updated_after", "2026-01-01T00:00:00Z")]);
        assert_eq!((updated.opened, updated.updated), (None, Some((first, first + SPAN))));
    }

    #[test]
    fn identifiers_override_everything() {
        let wanted = parse(&[("service_request_id", " a, ,b"), ("status", "nonsense")]).unwrap();
        assert_eq!(wanted, Wanted::Numbers(vec!["a".into(), "b".into()]));
    }

    #[test]
    fn lists_and_pages() {
        let page =
            listed(&[("service_code", "garbage,manhole"), ("page", "3"), ("page_size", "20"), ("status", "closed")]);
        assert_eq!(page.matters, Some(["M01".to_owned(), "M02".to_owned()].into()));
        assert_eq!((page.limit, page.offset, page.open), (20, 40, Some(false)));
        assert_eq!(listed(&[("status", "open,closed")]).open, None);
    }

    #[test]
    fn each_bad_value_names_its_parameter() {
        for (pairs, field) in [
            (vec![("start_date", "yesterday")], "start_date"),
            (vec![("start_date", "2026-01-01T00:00:00Z"), ("end_date", "2026-04-02T00:00:00Z")], "end_date"),
            (vec![("start_date", "2026-01-02T00:00:00Z"), ("end_date", "2026-01-01T00:00:00Z")], "end_date"),
            (vec![("status", "ajar")], "status"),
            (vec![("page", "0")], "page"),
            (vec![("page_size", "1001")], "page_size"),
            (vec![("service_code", "nothing")], "service_code"),
            (vec![("service_code", "a\0")], "service_code"),
            (vec![("service_request_id", "x,".repeat(1001).as_str())], "service_request_id"),
        ] {
            assert_eq!(parse(&pairs).unwrap_err().refusal.field, Some(field));
        }
    }
}
