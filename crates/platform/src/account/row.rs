//! An account as its row has it, and all the SQL of it.

use std::collections::{BTreeMap, BTreeSet};

use kernel::Instant;
use store::{Bind, Read, Sql, StoreError, Tx, sql};

use super::Holding;

/// What stands of an account beside its facts. The password and the code are hashes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Account {
    pub id: String,
    pub login: String,
    /// PHC string of argon2id; empty while there is none.
    pub password: String,
    pub created_at: Instant,
    pub password_at: Option<Instant>,
    pub activation: Option<Vec<u8>>,
    pub activation_until: Option<Instant>,
    pub disabled_at: Option<Instant>,
    pub unlocked_at: Option<Instant>,
}

pub(super) type Row =
    (String, String, String, i64, Option<i64>, Option<Vec<u8>>, Option<i64>, Option<i64>, Option<i64>);

impl From<Row> for Account {
    fn from(row: Row) -> Account {
        let (id, login, password, created_at, password_at, activation, activation_until, disabled_at, unlocked_at) =
            row;
        let instant = |micros: Option<i64>| micros.map(Instant::from_micros);
        Account {
            id,
            login,
            password,
            created_at: Instant::from_micros(created_at),
            password_at: instant(password_at),
            activation,
            activation_until: instant(activation_until),
            disabled_at: instant(disabled_at),
            unlocked_at: instant(unlocked_at),
        }
    }
}

pub(super) const COLUMNS: &str = "id, login, password, created_at, password_at, activation, activation_until, \
                                  disabled_at, unlocked_at";

impl Account {
    pub async fn find(read: &mut impl Read, id: &str) -> Result<Option<Account>, StoreError> {
        let select = Sql::composed(format!("select {COLUMNS} from account where id = $1")).bind(id);
        Ok(read.optional::<Row>(select).await?.map(Account::from))
    }

    pub async fn by_login(read: &mut impl Read, login: &str) -> Result<Option<Account>, StoreError> {
        let select = Sql::composed(format!("select {COLUMNS} from account where login = $1")).bind(login);
        Ok(read.optional::<Row>(select).await?.map(Account::from))
    }

    /// When the password was set.
    pub fn password_set(&self) -> Instant {
        self.password_at.unwrap_or(self.created_at)
    }

    pub async fn insert(&self, tx: &mut Tx) -> Result<(), StoreError> {
        let insert = sql("insert into account (id, login, password, created_at, password_at, activation, \
                          activation_until, disabled_at, unlocked_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9)");
        let insert = insert.bind(&self.id).bind(&self.login).bind(&self.password).bind(self.created_at.micros());
        tx.run(insert.bind_all(self.changing())).await.map(drop)
    }

    /// Writes all that may change.
    pub async fn keep(&self, tx: &mut Tx) -> Result<(), StoreError> {
        let update = sql("update account set password_at = $1, activation = $2, activation_until = $3, \
                          disabled_at = $4, unlocked_at = $5, password = $6 where id = $7");
        tx.run(update.bind_all(self.changing()).bind(&self.password).bind(&self.id)).await.map(drop)
    }

    fn changing(&self) -> [store::Value; 5] {
        let micros = |instant: Option<Instant>| instant.map(Instant::micros).value();
        [
            micros(self.password_at),
            self.activation.clone().value(),
            micros(self.activation_until),
            micros(self.disabled_at),
            micros(self.unlocked_at),
        ]
    }
}

impl Account {
    /// Whether this is the hash of the code that sets its password.
    pub fn is_opened_by(&self, code: &[u8; 32], now: Instant) -> bool {
        self.disabled_at.is_none()
            && self.activation.as_deref() == Some(code.as_slice())
            && self.activation_until.is_some_and(|until| now < until)
    }
}

/// Whether there is any account.
pub async fn any(read: &mut impl Read) -> Result<bool, StoreError> {
    let (found,): (i64,) = read.one(sql("select count(*) from (select 1 from account limit 1) found")).await?;
    Ok(found > 0)
}

/// The identifier of the account that one signs in to by this login.
pub async fn id_of(read: &mut impl Read, login: &str) -> Result<Option<String>, StoreError> {
    Ok(Account::by_login(read, login).await?.map(|account| account.id))
}

/// The posts of an account, whenever they are held.
pub(crate) async fn holdings(read: &mut impl Read, account: &str) -> Result<Vec<Holding>, StoreError> {
    let select =
        sql("select post, from_at, until_at, stands_in_for from account_post where account = $1 order by post");
    let rows: Vec<super::holding::Row> = read.all(select.bind(account)).await?;
    Ok(rows.into_iter().map(Holding::of).collect())
}

/// Gives a post, or another validity to one that is held.
pub(super) async fn hold(tx: &mut Tx, account: &str, holding: &Holding) -> Result<(), StoreError> {
    let insert = sql("insert into account_post (account, post, from_at, until_at, stands_in_for) \
                      values ($1, $2, $3, $4, $5) on conflict (account, post) do update set \
                      from_at = excluded.from_at, until_at = excluded.until_at, stands_in_for = excluded.stands_in_for");
    let insert = insert
        .bind(account)
        .bind(&holding.post)
        .bind(holding.from.map(Instant::micros))
        .bind(holding.until.map(Instant::micros))
        .bind(holding.stands_in_for.clone());
    tx.run(insert).await.map(drop)
}

/// Takes a post away.
pub(super) async fn release(tx: &mut Tx, account: &str, post: &str) -> Result<(), StoreError> {
    let delete = sql("delete from account_post where account = $1 and post = $2");
    tx.run(delete.bind(account).bind(post)).await.map(drop)
}

/// What signing in needs to know with each request: whether the account may be used, since when its password, which posts.
pub(crate) struct Standing {
    pub disabled: bool,
    pub password_set: Instant,
    pub holdings: Vec<Holding>,
}

/// One row for each post held, and one for an account without any.
type StandingRow = (i64, Option<i64>, Option<i64>, Option<String>, Option<i64>, Option<i64>, Option<String>);

pub(crate) async fn standing(read: &mut impl Read, account: &str) -> Result<Option<Standing>, StoreError> {
    let select = sql("select created_at, password_at, disabled_at, post, from_at, until_at, stands_in_for \
                      from account left join account_post on account_post.account = account.id \
                      where account.id = $1 order by post");
    let rows: Vec<StandingRow> = read.all(select.bind(account)).await?;
    let Some((created_at, password_at, disabled_at, ..)) = rows.first() else { return Ok(None) };
    let (disabled, password_set) = (disabled_at.is_some(), Instant::from_micros(password_at.unwrap_or(*created_at)));
    let holdings = rows
        .into_iter()
        .filter_map(|(.., post, from, until, stands_in_for)| Some(Holding::of((post?, from, until, stands_in_for))));
    Ok(Some(Standing { disabled, password_set, holdings: holdings.collect() }))
}

/// A row of the table of posts, by its account.
pub(super) type HeldRow = (String, String, Option<i64>, Option<i64>, Option<String>);

const HELD: [&str; 5] = ["account", "post", "from_at", "until_at", "stands_in_for"];

/// The posts, at `now`, of every account that is `named` or holds one of `posts`; no account that is disabled.
pub(crate) async fn holders(
    read: &mut impl Read,
    posts: BTreeSet<&str>,
    named: BTreeSet<String>,
    now: Instant,
) -> Result<BTreeMap<String, BTreeSet<String>>, StoreError> {
    let mut accounts = named;
    let rows = posts.into_iter().map(|post| vec![post.value()]).collect();
    for select in store::select_rows("account_post", &["post"], &HELD, rows) {
        let found: Vec<HeldRow> = read.all(select).await?;
        accounts.extend(valid(found, now).map(|(account, _)| account));
    }
    let open = "select id from account where disabled_at is null and id in (select id from asked)";
    let rows: Vec<Vec<store::Value>> = accounts.into_iter().map(|account| vec![account.value()]).collect();
    let mut holders: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for select in store::ask_rows(&["id"], rows, open) {
        let found: Vec<(String,)> = read.all(select).await?;
        holders.extend(found.into_iter().map(|(account,)| (account, BTreeSet::new())));
    }
    let rows = holders.keys().map(|account| vec![account.as_str().value()]).collect();
    for select in store::select_rows("account_post", &["account"], &HELD, rows) {
        let found: Vec<HeldRow> = read.all(select).await?;
        for (account, post) in valid(found, now) {
            holders.entry(account).or_default().insert(post);
        }
    }
    holders.retain(|_, posts| !posts.is_empty());
    Ok(holders)
}

fn valid(rows: Vec<HeldRow>, now: Instant) -> impl Iterator<Item = (String, String)> {
    let held =
        rows.into_iter().map(|(account, post, from, until, whose)| (account, Holding::of((post, from, until, whose))));
    held.filter(move |(_, holding)| holding.is_valid(now)).map(|(account, holding)| (account, holding.post))
}

/// Passwords the account has had before its present one, those set last first.
pub(crate) async fn former(read: &mut impl Read, account: &str, count: u32) -> Result<Vec<String>, StoreError> {
    let select = sql("select password from former_password where account = $1 order by at desc limit $2");
    let rows: Vec<(String,)> = read.all(select.bind(account).bind(count)).await?;
    Ok(rows.into_iter().map(|(password,)| password).collect())
}

/// Keeps the password that is about to be replaced, and no more of those before than `count`.
pub(super) async fn keep_former(tx: &mut Tx, account: &Account, count: u32) -> Result<(), StoreError> {
    if !account.password.is_empty() {
        let insert = sql("insert into former_password (account, at, password) values ($1, $2, $3) \
                          on conflict (account, at) do update set password = excluded.password");
        let insert = insert.bind(&account.id).bind(account.password_set().micros());
        tx.run(insert.bind(&account.password)).await?;
    }
    let forget = sql("delete from former_password where account = $1 and at not in \
                      (select at from former_password where account = $2 order by at desc limit $3)");
    tx.run(forget.bind(&account.id).bind(&account.id).bind(count)).await.map(drop)
}
