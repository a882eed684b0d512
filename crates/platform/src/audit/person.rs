//! Who acted, with what an auditor knows them by.

use std::collections::{BTreeMap, BTreeSet};

use kernel::Actor;
use serde::Serialize;
use store::{Bind, Read, StoreError};
use utoipa::ToSchema;

use crate::caller::PlatformState;

/// Who did something: a person by a post, a person of no organization, or a program.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
pub struct ByBody {
    /// The account; absent for a program.
    pub account: Option<String>,
    pub login: Option<String>,
    /// Key of the post by which; absent where none was needed.
    pub post: Option<String>,
    pub post_zh: Option<String>,
    pub post_en: Option<String>,
    /// Such as `operator`: whoever holds the machine.
    pub program: Option<String>,
}

/// Logins by account.
pub(super) struct Logins(BTreeMap<String, String>);

impl Logins {
    pub async fn of(
        platform: &PlatformState,
        accounts: impl IntoIterator<Item = String>,
    ) -> Result<Logins, StoreError> {
        let accounts: BTreeSet<String> = accounts.into_iter().collect();
        let rows = accounts.into_iter().map(|account| vec![account.value()]).collect();
        let mut logins = BTreeMap::new();
        for select in store::select_rows("account", &["id"], &["id", "login"], rows) {
            let found: Vec<(String, String)> = (&mut platform.journal.db()).all(select).await?;
            logins.extend(found);
        }
        Ok(Logins(logins))
    }

    pub fn get(&self, account: &str) -> Option<String> {
        self.0.get(account).cloned()
    }

    pub fn by(&self, platform: &PlatformState, actor: &Actor) -> ByBody {
        match actor {
            Actor::Post { person, post } => {
                let (post_zh, post_en) = platform.posts.names(post).filter(|_| !post.is_empty()).unzip();
                let (account, login) = (Some(person.clone()), self.get(person));
                let post = (!post.is_empty()).then(|| post.clone());
                ByBody { account, login, post, post_zh, post_en, program: None }
            }
            Actor::Resident { subject } => {
                let account = subject.strip_prefix("person/").map(str::to_owned);
                ByBody { login: account.as_deref().and_then(|account| self.get(account)), account, ..ByBody::default() }
            }
            Actor::System { name } => ByBody { program: Some(name.clone()), ..ByBody::default() },
        }
    }
}

/// The account that an actor is, if it is one.
pub(super) fn account_of(actor: &Actor) -> Option<String> {
    match actor {
        Actor::Post { person, .. } => Some(person.clone()),
        Actor::Resident { subject } => subject.strip_prefix("person/").map(str::to_owned),
        Actor::System { .. } => None,
    }
}

impl ByBody {
    /// In one cell of a sheet.
    pub(super) fn cells(&self) -> [String; 2] {
        let who = self.login.clone().or(self.account.clone()).or(self.program.clone()).unwrap_or_default();
        [who, self.post.clone().unwrap_or_default()]
    }
}
