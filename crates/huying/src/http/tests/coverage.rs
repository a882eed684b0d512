//! Every operation of the document is tried three times with the same request: by nobody, by a wrong post, by the right one. The
//! first two are refused, the last succeeds. What is not tried so stands in `exceptions.toml` with the reason.

use std::collections::{BTreeMap, BTreeSet};

use axum::http::StatusCode;
use futures::future::BoxFuture;
use serde::Deserialize;

use super::examples::example;
use super::tries::tries;
use super::world::{Ask, World};
use crate::http::examples::{Example, Examples};

/// How one operation is tried.
pub struct Try {
    /// Method and path as in the document: `get /cases/{id}`.
    pub operation: &'static str,
    /// The post by which it succeeds.
    pub by: &'static str,
    /// A post by which it is refused, and how. `""` is an account without any post.
    pub wrong: (&'static str, StatusCode),
    /// Makes what the request needs and gives the request.
    pub prepare: for<'a> fn(&'a World) -> BoxFuture<'a, Ask>,
}

impl Try {
    pub fn of(operation: &'static str, by: &'static str, prepare: for<'a> fn(&'a World) -> BoxFuture<'a, Ask>) -> Try {
        Try { operation, by, wrong: ("", StatusCode::FORBIDDEN), prepare }
    }

    /// Also refused to a post that may call it, for this very thing, which is not there for it.
    pub fn hidden_from(self, post: &'static str) -> Try {
        Try { wrong: (post, StatusCode::NOT_FOUND), ..self }
    }

    pub fn refused_to(self, post: &'static str) -> Try {
        Try { wrong: (post, StatusCode::FORBIDDEN), ..self }
    }
}

#[derive(Deserialize)]
struct Exceptions {
    exception: Vec<Exception>,
}

/// What is not tried of an operation, and why that is right.
#[derive(Deserialize)]
struct Exception {
    operation: String,
    lacks: BTreeSet<Lack>,
    reason: String,
}

#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, PartialOrd, Ord)]
#[serde(rename_all = "snake_case")]
pub enum Lack {
    /// Anyone may call it, signed in or not.
    Session,
    /// Whoever is signed in may call it.
    WrongPost,
}

/// What is not tried, by operation.
pub fn exceptions() -> BTreeMap<String, BTreeSet<Lack>> {
    let exceptions: Exceptions = toml::from_str(include_str!("exceptions.toml")).unwrap();
    let mut lacking: BTreeMap<String, BTreeSet<Lack>> = BTreeMap::new();
    for exception in exceptions.exception {
        assert!(!exception.reason.is_empty(), "{} has no reason", exception.operation);
        let twice = lacking.insert(exception.operation.clone(), exception.lacks);
        assert!(twice.is_none(), "{} is excepted twice", exception.operation);
    }
    lacking
}

/// What the right post asked and was answered, to be shown in the document.
pub async fn check(world: World) -> Examples {
    let mut lacking = exceptions();
    let mut untried: BTreeSet<String> = world.operations().into_iter().collect();
    let mut recorded = Examples::new();
    let unknown: Vec<_> = lacking.keys().filter(|operation| !untried.contains(*operation)).collect();
    assert!(unknown.is_empty(), "excepted, but not in the document: {unknown:?}");
    for one in tries() {
        assert!(untried.remove(one.operation), "{} is tried twice, or not in the document", one.operation);
        let lacks = lacking.remove(one.operation).unwrap_or_default();
        let example = try_it(&world, &one, &lacks).await;
        recorded.insert(one.operation.to_owned(), example);
    }
    assert!(untried.is_empty(), "operations that nobody tries: {untried:?}");
    recorded
}

async fn try_it(world: &World, one: &Try, lacks: &BTreeSet<Lack>) -> Example {
    let (method, _) = one.operation.split_once(' ').unwrap();
    let ask = (one.prepare)(world).await;
    if !lacks.contains(&Lack::Session) {
        let answer = world.ask(method, &ask, None).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{} by nobody: {answer:?}", one.operation);
    }
    if !lacks.contains(&Lack::WrongPost) && !lacks.contains(&Lack::Session) {
        let (post, status) = one.wrong;
        let cookie = world.cookie(post).await;
        let answer = world.ask(method, &ask, Some(&cookie)).await;
        assert_eq!(answer.status, status, "{} by the wrong post {post:?}: {answer:?}", one.operation);
    }
    let cookie = match lacks.contains(&Lack::Session) {
        true => None,
        false => Some(world.cookie(one.by).await),
    };
    let answer = world.ask(method, &ask.clone().in_chinese(), cookie.as_deref()).await;
    assert!(answer.status.is_success(), "{} by the right post {}: {answer:?}", one.operation, one.by);
    example(one.operation, &ask, &answer)
}
