//! Versions of what is shown and acted on: `ETag` on the way out, `If-Match` on the way in (RFC 9110).

use axum::Json;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use kernel::Refusal;

use crate::Problem;
use crate::caller::language_of;

/// An answer that says of which version it is.
pub struct Tagged<T> {
    pub version: i64,
    pub body: T,
}

impl<T: serde::Serialize> IntoResponse for Tagged<T> {
    fn into_response(self) -> Response {
        let tag = HeaderValue::from_str(&tag(self.version));
        let mut response = Json(self.body).into_response();
        if let Ok(tag) = tag {
            response.headers_mut().insert(header::ETAG, tag);
        }
        response
    }
}

fn tag(version: i64) -> String {
    format!("\"{version}\"")
}

/// What the caller saw of the thing it acts on, by `If-Match`: one of several versions, or just that it is there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IfMatch(Option<Vec<i64>>);

impl<S: Send + Sync> FromRequestParts<S> for IfMatch {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<IfMatch, Problem> {
        IfMatch::of(&parts.headers)
            .ok_or_else(|| Problem::of(Refusal::invalid("If-Match", "if-match-invalid"), language_of(parts)))
    }
}

impl IfMatch {
    /// None where the header is no list of the tags that this server gives.
    fn of(headers: &HeaderMap) -> Option<IfMatch> {
        let lines: Vec<&HeaderValue> = headers.get_all(header::IF_MATCH).iter().collect();
        if lines.is_empty() {
            return Some(IfMatch(None));
        }
        let mut versions = Vec::new();
        for line in lines {
            let line = line.to_str().ok()?.trim();
            if line == "*" {
                return Some(IfMatch(None));
            }
            for one in line.split(',') {
                let bare = one.trim().strip_prefix('"')?.strip_suffix('"')?;
                versions.push(bare.parse().ok()?);
            }
        }
        Some(IfMatch(Some(versions)))
    }

    /// The version that the act must find. `given` is that of the body, `actual` the thing's at this moment; the command
    /// compares, once it knows that the same request was not carried out before.
    pub fn expected(&self, given: Option<i64>, actual: i64) -> Option<i64> {
        match &self.0 {
            None => given,
            Some(versions) if versions.contains(&actual) => Some(given.unwrap_or(actual)),
            Some(versions) => versions.first().copied().or(given),
        }
    }

    /// The refusal of a command, which is 412 where it found another version than the header names.
    pub fn refused(&self, problem: Problem) -> Problem {
        if self.0.is_some() && problem.code().ends_with("-stale") {
            return problem.at_field(Some("If-Match".to_owned())).precondition_failed();
        }
        problem
    }
}

#[cfg(test)]
mod tests {
    use kernel::Kind;
    use kernel::text::Language;

    use super::*;

    fn given(lines: &[&str]) -> Option<IfMatch> {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(header::IF_MATCH, line.parse().unwrap());
        }
        IfMatch::of(&headers)
    }

    #[test]
    fn tags_are_read_as_they_are_written() {
        assert_eq!(given(&[]), Some(IfMatch(None)));
        assert_eq!(given(&["*"]), Some(IfMatch(None)));
        assert_eq!(given(&[&tag(7)]), Some(IfMatch(Some(vec![7]))));
        assert_eq!(given(&["\"7\", \"8\"", "\"9\""]), Some(IfMatch(Some(vec![7, 8, 9]))));
        for wrong in ["7", "W/\"7\"", "\"seven\"", "\"7\" \"8\"", ""] {
            assert_eq!(given(&[wrong]), None, "{wrong}");
        }
    }

    #[test]
    fn an_act_must_find_what_was_seen() {
        let of = |versions: &[i64]| IfMatch(Some(versions.to_vec()));
        assert_eq!(IfMatch(None).expected(Some(3), 7), Some(3));
        assert_eq!(IfMatch(None).expected(None, 7), None);
        assert_eq!(of(&[6, 7]).expected(None, 7), Some(7), "no act slips in between");
        assert_eq!(of(&[7]).expected(Some(6), 7), Some(6));
        assert_eq!(of(&[6]).expected(Some(7), 7), Some(6));
        let stale = || Problem::of(Refusal::new(Kind::Conflict, "case-stale"), Language::English);
        assert_eq!(of(&[6]).refused(stale()).status().as_u16(), 412);
        assert_eq!(IfMatch(None).refused(stale()).status().as_u16(), 409);
        let other = Problem::of(Refusal::new(Kind::Conflict, "case-wrong-state"), Language::English);
        assert_eq!(of(&[6]).refused(other).status().as_u16(), 409);
    }
}
