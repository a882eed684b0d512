//! The accounts as administrators see them.

use std::collections::BTreeMap;

use journal::{Journal, JournalError, tail};
use kernel::Instant;
use store::{Bind, Read, Sql, StoreError, Value};

use super::erase::NOBODY;
use super::row::{COLUMNS, HeldRow};
use super::{Account, Holding};

/// Which accounts are listed; none of a resident, or of someone who was erased.
#[derive(Clone, Debug, Default)]
pub(crate) struct Asked {
    /// The beginning of the login.
    pub login: Option<String>,
    /// Who holds this post, now or later.
    pub post: Option<String>,
    pub state: Option<State>,
    /// Those after this account, by login.
    pub after: Option<String>,
    pub limit: i64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum State {
    /// Without a password: its code has not been used, or has ended.
    Waiting,
    Open,
    Disabled,
}

impl State {
    pub fn of(account: &Account) -> State {
        match account {
            Account { disabled_at: Some(_), .. } => State::Disabled,
            Account { password, .. } if password.is_empty() => State::Waiting,
            _ => State::Open,
        }
    }

    fn condition(self) -> &'static str {
        match self {
            State::Waiting => "disabled_at is null and password = ''",
            State::Open => "disabled_at is null and password <> ''",
            State::Disabled => "disabled_at is not null",
        }
    }
}

/// An account with what stands of it elsewhere.
pub(crate) struct Listed {
    pub account: Account,
    pub holdings: Vec<Holding>,
    pub signed_in_at: Option<Instant>,
    /// Enough to recognize a name one knows; none where there is none, or its person was erased.
    pub name_hint: Option<String>,
}

pub(crate) async fn list(journal: &Journal, asked: Asked, now: Instant) -> Result<Vec<Listed>, JournalError> {
    let mut text = format!(
        "select {COLUMNS} from account where not exists \
                            (select 1 from resident where resident.account = account.id) and login not like '{NOBODY}%'"
    );
    let mut values: Vec<Value> = Vec::new();
    let mut and = |condition: &str, some: Vec<Value>| {
        let mut condition = condition.to_owned();
        for value in some {
            values.push(value);
            condition = condition.replacen('?', &format!("${}", values.len()), 1);
        }
        text += " and ";
        text += &condition;
    };
    if let Some(login) = asked.login {
        and("login like ? escape '\\'", vec![(escaped(&login.to_lowercase()) + "%").value()]);
    }
    if let Some(post) = asked.post {
        let held = "id in (select account from account_post where post = ? and (until_at is null or until_at > ?))";
        and(held, vec![post.value(), now.micros().value()]);
    }
    if let Some(state) = asked.state {
        and(state.condition(), Vec::new());
    }
    if let Some(after) = asked.after {
        and("login > (select login from account where id = ?)", vec![after.value()]);
    }
    values.push(asked.limit.value());
    text += &format!(" order by login limit ${}", values.len());
    let db = journal.db();
    let rows: Vec<super::row::Row> = (&mut &*db).all(Sql::composed(text).bind_all(values)).await?;
    with_rest(journal, rows.into_iter().map(Account::from).collect()).await
}

/// One of them.
pub(crate) async fn one(journal: &Journal, id: &str) -> Result<Option<Listed>, JournalError> {
    let found = Account::find(&mut journal.db(), id).await?;
    Ok(with_rest(journal, found.into_iter().collect()).await?.pop())
}

/// What is a pattern to SQL stands for itself.
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_")
}

async fn with_rest(journal: &Journal, accounts: Vec<Account>) -> Result<Vec<Listed>, JournalError> {
    let ids: Vec<String> = accounts.iter().map(|account| account.id.clone()).collect();
    let mut holdings = holdings_of(journal, &ids).await?;
    let signed_in = signed_in(journal, &ids).await?;
    let mut hints = hints(journal, &ids).await?;
    let listed = |account: Account| Listed {
        holdings: holdings.remove(&account.id).unwrap_or_default(),
        signed_in_at: signed_in.get(&account.id).copied(),
        name_hint: hints.remove(&account.id),
        account,
    };
    Ok(accounts.into_iter().map(listed).collect())
}

async fn holdings_of(journal: &Journal, ids: &[String]) -> Result<BTreeMap<String, Vec<Holding>>, StoreError> {
    let question = "select account, post, from_at, until_at, stands_in_for from account_post \
                    where account in (select id from asked) order by post";
    let mut found: BTreeMap<String, Vec<Holding>> = BTreeMap::new();
    for select in store::ask_rows(&["id"], rows(ids), question) {
        let held: Vec<HeldRow> = (&mut journal.db()).all(select).await?;
        for (account, post, from, until, whose) in held {
            found.entry(account).or_default().push(Holding::of((post, from, until, whose)));
        }
    }
    Ok(found)
}

async fn signed_in(journal: &Journal, ids: &[String]) -> Result<BTreeMap<String, Instant>, StoreError> {
    let question = "select account, max(at) from sign_in where succeeded = 1 and account in (select id from asked) \
                    group by account";
    let mut found = BTreeMap::new();
    for select in store::ask_rows(&["id"], rows(ids), question) {
        let last: Vec<(String, i64)> = (&mut journal.db()).all(select).await?;
        found.extend(last.into_iter().map(|(account, at)| (account, Instant::from_micros(at))));
    }
    Ok(found)
}

fn rows(ids: &[String]) -> Vec<Vec<Value>> {
    ids.iter().map(|id| vec![id.value()]).collect()
}

/// The first letter of each name (王**), from the facts that opened the accounts.
async fn hints(journal: &Journal, ids: &[String]) -> Result<BTreeMap<String, String>, JournalError> {
    let mut facts = Vec::new();
    for id in ids {
        facts.extend(tail::of_stream(&mut journal.db(), &super::stream(id), 1).await?);
    }
    let opened = journal.sealer().open_all(&mut journal.db(), &facts).await?;
    let hint = |(fact, opened): (&journal::Fact, &journal::Opened)| {
        let first = opened.value("name")?.chars().next()?;
        Some((fact.stream.strip_prefix("account/")?.to_owned(), format!("{first}**")))
    };
    Ok(facts.iter().zip(&opened).filter_map(hint).collect())
}
