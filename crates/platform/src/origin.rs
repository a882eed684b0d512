//! Requests forged by another site: what a browser sends along tells where it comes from.

use axum::extract::Request;
use axum::http::{HeaderMap, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use kernel::{Kind, Refusal};

use crate::Problem;
use crate::caller::{bearer_of, language_in};

/// A layer: refuses what another site makes a browser send. Safe methods pass, and so does a bearer key, which no browser adds
/// by itself. A request with neither `Sec-Fetch-Site` nor `Origin` comes from no browser that holds anyone's cookie.
pub async fn same_origin(request: Request, next: Next) -> Response {
    if is_own(request.method(), request.headers()) {
        return next.run(request).await;
    }
    let refusal = Refusal::new(Kind::Forbidden, "origin-foreign");
    Problem::of(refusal, language_in(request.headers())).into_response()
}

fn is_own(method: &Method, headers: &HeaderMap) -> bool {
    if matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS) || bearer_of(headers).is_some() {
        return true;
    }
    let text = |name: header::HeaderName| headers.get(name).map(|value| value.to_str().unwrap_or(""));
    let site = headers.get("sec-fetch-site").map(|value| value.to_str().unwrap_or(""));
    match (site, text(header::ORIGIN)) {
        (Some(site), _) => matches!(site, "same-origin" | "none"),
        (None, Some(origin)) => {
            let authority = origin.split_once("://").map(|(_, authority)| authority);
            authority.is_some() && authority == text(header::HOST)
        }
        (None, None) => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(method: Method, given: &[(&'static str, &'static str)], expected: bool) {
        let mut headers = HeaderMap::new();
        for (name, value) in given {
            headers.insert(*name, value.parse().unwrap());
        }
        assert_eq!(is_own(&method, &headers), expected, "{method} {given:?}");
    }

    #[test]
    fn only_this_site_has_a_browser_write() {
        for site in ["same-origin", "none"] {
            check(Method::POST, &[("sec-fetch-site", site)], true);
        }
        for site in ["cross-site", "same-site", ""] {
            check(Method::POST, &[("sec-fetch-site", site), ("origin", "https://a"), ("host", "a")], false);
            check(Method::GET, &[("sec-fetch-site", site)], true);
        }
        check(Method::DELETE, &[("origin", "https://a:8080"), ("host", "a:8080")], true);
        for origin in ["https://b", "null", "a", ""] {
            check(Method::PUT, &[("origin", origin), ("host", "a")], false);
        }
        check(Method::POST, &[("origin", "https://a")], false);
        check(Method::POST, &[("origin", "https://b"), ("host", "a"), ("authorization", "Bearer hyk_x")], true);
        check(Method::POST, &[("origin", "https://b"), ("host", "a"), ("authorization", "Basic x")], false);
        check(Method::POST, &[], true);
    }
}
