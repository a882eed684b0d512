//! A query of typed parameters; what does not fit is one error that names the parameter.

use axum::extract::{FromRequestParts, Query};
use axum::http::request::Parts;
use kernel::{Kind, Refusal};
use serde::de::DeserializeOwned;
use utoipa::IntoParams;

use crate::Problem;
use crate::caller::{language_of, named_field};

/// The query of a request. A parameter that is not in the document is refused: a filter with a slip of the pen would
/// otherwise find everything.
pub struct Params<T>(pub T);

/// Parameters read together, from one type or from two that stand beside each other.
pub trait Parameters: Sized {
    /// Names of all of them.
    fn names() -> Vec<String>;

    fn read(parts: &Parts) -> Result<Self, Problem>;
}

impl<S: Send + Sync, T: Parameters> FromRequestParts<S> for Params<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Params<T>, Problem> {
        let known = T::names();
        let given = parts.uri.query().unwrap_or_default().split('&').filter(|pair| !pair.is_empty());
        let names = given.map(|pair| pair.split('=').next().unwrap_or_default());
        let mut seen = Vec::new();
        for name in names {
            let (code, name) = match known.iter().find(|known| *known == name) {
                None => ("query-unknown", name),
                Some(_) if seen.contains(&name) => ("query-twice", name),
                Some(_) => {
                    seen.push(name);
                    continue;
                }
            };
            let refusal = Refusal::new(Kind::Invalid, code).with("known", known.join(", "));
            return Err(Problem::of(refusal, language_of(parts)).at_field(Some(name.to_owned())));
        }
        T::read(parts).map(Params)
    }
}

impl<T: DeserializeOwned + IntoParams> Parameters for T {
    fn names() -> Vec<String> {
        T::into_params(|| None).into_iter().map(|parameter| parameter.name).collect()
    }

    fn read(parts: &Parts) -> Result<T, Problem> {
        let read = Query::<T>::try_from_uri(&parts.uri).map(|Query(read)| read);
        read.map_err(|rejection| {
            let text = rejection.body_text();
            let reason = text.split_once(": ").map_or(text.as_str(), |(_, reason)| reason);
            let field = match named_field(reason) {
                Some(named) => Some(named),
                None => reason.split_once(": ").map(|(field, _)| field.to_owned()),
            };
            let refusal = Refusal::new(Kind::Invalid, "query-invalid").with("reason", reason);
            Problem::of(refusal, language_of(parts)).at_field(field)
        })
    }
}

/// Two sets of parameters of one query.
pub struct Both<A, B>(pub A, pub B);

impl<A: Parameters, B: Parameters> Parameters for Both<A, B> {
    fn names() -> Vec<String> {
        [A::names(), B::names()].concat()
    }

    fn read(parts: &Parts) -> Result<Self, Problem> {
        Ok(Both(A::read(parts)?, B::read(parts)?))
    }
}
