//! API clients: other systems, which call with a key instead of a session.
//!
//! A client acts by posts of the profile, as people do, but only within its scopes, a part of what the posts allow. Its key is
//! shown once and kept as a hash.

pub mod http;

use std::collections::BTreeSet;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::SignedDuration;
use journal::{Command, Declined, NewFact, Unit, tail};
use kernel::text::Language;
use kernel::{Actor, Chance, Instant, Kind, Refusal};
use serde::Serialize;
use sha2::{Digest, Sha256};
use store::{Read, StoreError, Tx, sql};

use crate::administration::is_administrative;
use crate::caller::{By, Posts};
use crate::{Caller, PlatformState, Problem, Scope};

/// A key begins so, and people who find one know what it is.
pub const KEY_PREFIX: &str = "hyk_";

/// A client's key holds so long unless said otherwise, and at most so long.
pub const DAYS: u32 = 365;
const DAYS_MOST: u32 = 730;

/// `used_at` is written at most this often.
const USED_STEP: SignedDuration = SignedDuration::from_hours(1);

/// A key, to be shown once.
pub struct ClientKey(String);

impl ClientKey {
    pub fn draw(chance: &mut Chance) -> ClientKey {
        ClientKey(format!("{KEY_PREFIX}{}", URL_SAFE_NO_PAD.encode(chance.bytes::<32>())))
    }

    pub fn reveal(&self) -> &str {
        &self.0
    }

    fn hash(&self) -> [u8; 32] {
        hash(&self.0)
    }
}

fn hash(key: &str) -> [u8; 32] {
    Sha256::digest(key.as_bytes()).into()
}

/// What a client may do and for how long, checked.
#[derive(Clone, Debug)]
pub struct Terms {
    name: String,
    posts: Vec<String>,
    scopes: BTreeSet<String>,
    expires_at: Instant,
}

impl Terms {
    /// `days` counts from `now`. The name is a system's, not a person's.
    pub fn new(
        book: &dyn Posts,
        name: &str,
        posts: Vec<String>,
        scopes: BTreeSet<String>,
        days: Option<u32>,
        now: Instant,
    ) -> Result<Terms, ClientRefusal> {
        let name = name.trim().to_owned();
        if name.is_empty() || name.chars().count() > 100 {
            return Err(ClientRefusal::Name);
        }
        if posts.is_empty() || scopes.is_empty() {
            return Err(if posts.is_empty() { ClientRefusal::NoPost } else { ClientRefusal::NoScope });
        }
        let mut allowed = BTreeSet::new();
        for post in &posts {
            let grant = book.grant(post).ok_or_else(|| ClientRefusal::UnknownPost(post.clone()))?;
            allowed.extend(grant.actions);
        }
        let beyond = scopes.iter().find(|scope| !allowed.contains(*scope) || is_administrative(scope));
        if let Some(scope) = beyond {
            return Err(ClientRefusal::BeyondPosts(scope.clone()));
        }
        Ok(Terms { name, posts, scopes, expires_at: expiry(days, now)? })
    }
}

fn expiry(days: Option<u32>, now: Instant) -> Result<Instant, ClientRefusal> {
    let days = days.unwrap_or(DAYS);
    if !(1..=DAYS_MOST).contains(&days) {
        return Err(ClientRefusal::Days);
    }
    Ok(now + SignedDuration::from_hours(i64::from(days) * 24))
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClientRefusal {
    Unknown,
    Closed,
    Name,
    NoPost,
    NoScope,
    UnknownPost(String),
    /// No post allows the action, or it is an administrator's.
    BeyondPosts(String),
    Days,
}

impl From<ClientRefusal> for Refusal {
    fn from(refusal: ClientRefusal) -> Refusal {
        match refusal {
            ClientRefusal::Unknown => Refusal { field: Some("id"), ..Refusal::new(Kind::NotFound, "client-unknown") },
            ClientRefusal::Closed => Refusal::new(Kind::Conflict, "client-closed"),
            ClientRefusal::Name => Refusal::invalid("name", "client-name").with("most", 100),
            ClientRefusal::NoPost => Refusal::invalid("posts", "client-without-post"),
            ClientRefusal::NoScope => Refusal::invalid("scopes", "client-without-scope"),
            ClientRefusal::UnknownPost(post) => Refusal::invalid("posts", "post-unknown").with("post", post),
            ClientRefusal::BeyondPosts(action) => {
                Refusal::invalid("scopes", "client-scope-beyond-posts").with("action", action)
            }
            ClientRefusal::Days => Refusal::invalid("days", "client-days").with("most", DAYS_MOST),
        }
    }
}

#[derive(Serialize)]
struct Fact<'a> {
    v: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    posts: Option<&'a [String]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    scopes: Option<&'a BTreeSet<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<Instant>,
}

impl Fact<'_> {
    const NONE: Fact<'static> = Fact { v: 1, name: None, posts: None, scopes: None, expires_at: None };
}

fn stream(id: &str) -> String {
    format!("client/{id}")
}

/// Opens a client.
pub struct OpenClient {
    id: String,
    terms: Terms,
    key: [u8; 32],
    actor: Actor,
}

impl OpenClient {
    pub fn new(id: String, terms: Terms, key: &ClientKey, actor: Actor) -> OpenClient {
        OpenClient { id, terms, key: key.hash(), actor }
    }
}

impl Command for OpenClient {
    type Output = ();
    type Refusal = ClientRefusal;

    async fn decide(&self, unit: &mut Unit) -> Result<(), Declined<ClientRefusal>> {
        let (at, Terms { name, posts, scopes, expires_at }) = (unit.at(), self.terms.clone());
        let body = Fact {
            v: 1,
            name: Some(&self.terms.name),
            posts: Some(&self.terms.posts),
            scopes: Some(&self.terms.scopes),
            expires_at: Some(expires_at),
        };
        let fact = NewFact::new("client.opened", at, self.actor.clone(), &body);
        let id = self.id.clone();
        let client = Client { id, name, posts, scopes, opened_at: at, expires_at, closed_at: None, used_at: None };
        client.keep(unit.tx().await?, self.key).await?;
        unit.append(&stream(&self.id), 0, vec![fact]).await?;
        Ok(())
    }
}

/// Gives a client another key; the one before opens nothing any more.
pub struct RenewClientKey {
    id: String,
    expires_at: Instant,
    key: [u8; 32],
    actor: Actor,
}

impl RenewClientKey {
    /// The new key holds for `days` from `now`.
    pub fn new(
        id: String,
        days: Option<u32>,
        now: Instant,
        key: &ClientKey,
        actor: Actor,
    ) -> Result<RenewClientKey, ClientRefusal> {
        Ok(RenewClientKey { id, expires_at: expiry(days, now)?, key: key.hash(), actor })
    }
}

impl Command for RenewClientKey {
    type Output = Instant;
    type Refusal = ClientRefusal;

    async fn decide(&self, unit: &mut Unit) -> Result<Instant, Declined<ClientRefusal>> {
        let client = open(unit, &self.id).await?;
        let body = Fact { expires_at: Some(self.expires_at), ..Fact::NONE };
        let fact = NewFact::new("client.key_renewed", unit.at(), self.actor.clone(), &body);
        let client = Client { expires_at: self.expires_at, ..client };
        client.keep(unit.tx().await?, self.key).await?;
        append(unit, &self.id, fact).await?;
        Ok(self.expires_at)
    }
}

/// Closes a client for good.
pub struct CloseClient {
    pub id: String,
    pub actor: Actor,
}

impl Command for CloseClient {
    type Output = ();
    type Refusal = ClientRefusal;

    async fn decide(&self, unit: &mut Unit) -> Result<(), Declined<ClientRefusal>> {
        let (client, at) = (open(unit, &self.id).await?, unit.at());
        let client = Client { closed_at: Some(at), ..client };
        // The key opens nothing any more: no key is hashed to what stands there now.
        client.keep(unit.tx().await?, hash(&self.id)).await?;
        append(unit, &self.id, NewFact::new("client.closed", at, self.actor.clone(), &Fact::NONE)).await?;
        Ok(())
    }
}

async fn open(unit: &mut Unit, id: &str) -> Result<Client, Declined<ClientRefusal>> {
    let found = Client::find(unit.tx().await?, id).await?;
    let client = found.ok_or(Declined::Refused(ClientRefusal::Unknown))?;
    if client.closed_at.is_some() { Err(Declined::Refused(ClientRefusal::Closed)) } else { Ok(client) }
}

async fn append(unit: &mut Unit, id: &str, fact: NewFact) -> Result<(), Declined<ClientRefusal>> {
    let stream = stream(id);
    let version = tail::version(unit.tx().await?, &stream).await?;
    unit.append(&stream, version, vec![fact]).await?;
    Ok(())
}

/// A client as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Client {
    pub id: String,
    pub name: String,
    pub posts: Vec<String>,
    pub scopes: BTreeSet<String>,
    pub opened_at: Instant,
    pub expires_at: Instant,
    pub closed_at: Option<Instant>,
    /// To the hour.
    pub used_at: Option<Instant>,
}

type Row = (String, String, String, String, i64, i64, Option<i64>, Option<i64>);

impl Client {
    fn of((id, name, posts, scopes, opened_at, expires_at, closed_at, used_at): Row) -> Client {
        Client {
            id,
            name,
            posts: serde_json::from_str(&posts).unwrap_or_default(),
            scopes: serde_json::from_str(&scopes).unwrap_or_default(),
            opened_at: Instant::from_micros(opened_at),
            expires_at: Instant::from_micros(expires_at),
            closed_at: closed_at.map(Instant::from_micros),
            used_at: used_at.map(Instant::from_micros),
        }
    }

    fn is_open(&self, now: Instant) -> bool {
        self.closed_at.is_none() && now < self.expires_at
    }

    async fn find(read: &mut impl Read, id: &str) -> Result<Option<Client>, StoreError> {
        let select =
            sql("select id, name, posts, scopes, opened_at, expires_at, closed_at, used_at from client where id = $1");
        Ok(read.optional::<Row>(select.bind(id)).await?.map(Client::of))
    }

    /// All clients, those opened last first.
    pub async fn all(read: &mut impl Read) -> Result<Vec<Client>, StoreError> {
        let select = sql("select id, name, posts, scopes, opened_at, expires_at, closed_at, used_at from client \
             order by opened_at desc, id");
        Ok(read.all::<Row>(select).await?.into_iter().map(Client::of).collect())
    }

    async fn keep(&self, tx: &mut Tx, key: [u8; 32]) -> Result<(), StoreError> {
        let keep = sql("insert into client (id, name, key, posts, scopes, opened_at, expires_at, closed_at) \
             values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict (id) do update set key = excluded.key, \
             expires_at = excluded.expires_at, closed_at = excluded.closed_at");
        let keep = keep
            .bind(&self.id)
            .bind(&self.name)
            .bind(key)
            .bind(serde_json::json!(self.posts).to_string())
            .bind(serde_json::json!(self.scopes).to_string())
            .bind(self.opened_at.micros())
            .bind(self.expires_at.micros())
            .bind(self.closed_at.map(Instant::micros));
        tx.run(keep).await.map(drop)
    }
}

/// The client whose key this is, as a caller: its posts' grants cut down to its scopes. None for a key that is unknown, was
/// replaced, has expired, or whose client is closed.
pub async fn caller_of(platform: &PlatformState, key: &str, language: Language) -> Result<Option<Caller>, Problem> {
    let failed = |error: StoreError| Problem::internal(&error, language);
    if !key.starts_with(KEY_PREFIX) {
        return Ok(None);
    }
    let (db, now) = (platform.journal.db(), platform.edge.now());
    let select =
        sql("select id, name, posts, scopes, opened_at, expires_at, closed_at, used_at from client where key = $1");
    let found: Option<Row> = (&mut &*db).optional(select.bind(hash(key))).await.map_err(failed)?;
    let Some(client) = found.map(Client::of).filter(|client| client.is_open(now)) else { return Ok(None) };
    if client.used_at.is_none_or(|used| now.since(used) >= USED_STEP) {
        let mut tx = db.begin().await.map_err(failed)?;
        let used = sql("update client set used_at = $1 where id = $2").bind(now.micros()).bind(&client.id);
        tx.run(used).await.map_err(failed)?;
        tx.commit().await.map_err(failed)?;
    }
    let mut grants: Vec<_> = client.posts.iter().filter_map(|post| platform.posts.grant(post)).collect();
    for grant in &mut grants {
        grant.actions.retain(|action| client.scopes.contains(action) && !is_administrative(action));
    }
    let scope = Scope::new(stream(&client.id), grants);
    let by = By::Client { id: client.id };
    Ok(Some(Caller { scope, language, by, owes: None, password_ends: None }))
}
