//! Demo people: one account for every kind of post, so that a visitor can try each.

use std::fs;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use district::{Post, Profile};
use journal::SubmitError;
use kernel::Actor;
use platform::Config;
use platform::account::{AccountRefusal, Hashed, OpenAccount};
use platform::sms::KeptSms;
use serde::Serialize;
use store::file;
use utoipa::ToSchema;

use crate::failure::Failure;
use crate::open::{District, private};
use crate::output::Output;

/// What there is to try a demonstration with; nothing where it is none.
#[derive(Clone, Default)]
pub struct Demo {
    pub people: Arc<[DemoPerson]>,
    /// Keeps short messages, which a demonstration does not send.
    pub sms: Option<Arc<KeptSms>>,
}

/// Prepares a demonstration and says what there is.
pub async fn start(config: &Config, district: &District, output: &Output) -> Result<Demo, Failure> {
    open311_key(config, district, output).await?;
    let people = people(config, district, output).await?;
    output.say("demo-sms", &[]);
    Ok(Demo { people: people.into(), sms: Some(Arc::default()) })
}

/// Someone a visitor can sign in as.
#[derive(Clone, Serialize, ToSchema)]
pub struct DemoPerson {
    pub login: String,
    pub password: String,
    pub role: String,
    pub name_zh: String,
    pub name_en: String,
}

/// Lets an empty district live through simulated days that end now, so that there is something to look at.
pub async fn fill(district: &District, days: u32, output: &Output) -> Result<(), Failure> {
    if journal::tail::head(&mut district.journal.db()).await? > 0 {
        return Ok(());
    }
    let bar = output.progress("simulate-progress", u64::from(days) * 24);
    let (profile, casework) = (district.profile.clone(), district.casework.clone());
    let seed = u64::from_be_bytes(district.edge.chance().bytes());
    let progress = |progress: simulator::Progress| bar.set_position(progress.done / 3_600_000_000);
    let filled = simulator::fill(profile, casework, seed, days, district.edge.now(), progress).await;
    bar.finish_and_clear();
    filled.map_err(Failure::other)?;
    output.say("simulate-demo", &[("days", days.to_string())]);
    Ok(())
}

/// Makes the demo people where they are missing, and prints them. Their password is drawn once and kept in the data
/// folder for the owner alone.
async fn people(config: &Config, district: &District, output: &Output) -> Result<Vec<DemoPerson>, Failure> {
    let password = password(config, district)?;
    output.say("demo-people", &[]);
    let mut people = Vec::new();
    for post in posts(&district.profile) {
        let login = format!("demo.{}", post.role);
        open(district, &login, &password, post).await?;
        let (name_zh, name_en) = (post.name.zh.clone(), post.name.en.clone());
        let person = DemoPerson { login, password: password.clone(), role: post.role.clone(), name_zh, name_en };
        if output.is_json() {
            output.data(&person);
        } else {
            let DemoPerson { login, name_zh, name_en, .. } = &person;
            output.line(format!("  {login:<28} {password}   {name_zh} · {name_en}"));
        }
        people.push(person);
    }
    Ok(people)
}

/// The first post of each role, in the profile's order.
fn posts(profile: &Profile) -> Vec<&Post> {
    let mut found: Vec<&Post> = Vec::new();
    for post in profile.posts.all() {
        if found.iter().all(|other| other.role != post.role) {
            found.push(post);
        }
    }
    found
}

/// Opens an API client that hands in requests by Open311, prints its key and keeps it as the password is kept.
async fn open311_key(config: &Config, district: &District, output: &Output) -> Result<(), Failure> {
    const HANDS_IN: &str = "case.register";
    let path = config.data.join("demo-open311-key");
    let key = match fs::read_to_string(&path) {
        Ok(text) => text.trim().to_owned(),
        Err(_) => {
            let book = district.post_book();
            let may = |post: &&Post| {
                platform::Posts::grant(&book, &post.key).is_some_and(|one| one.actions.contains(HANDS_IN))
            };
            let Some(post) = district.profile.posts.all().iter().find(may) else { return Ok(()) };
            let (posts, scopes) = (vec![post.key.clone()], vec![HANDS_IN.to_owned()]);
            let key = crate::command::client::open(district, "demo", posts, scopes, platform::client::DAYS).await?;
            let text = format!("{}\n", key.reveal());
            file::create(private(config, file::What("demo key")), &path, text.as_bytes())
                .map_err(Failure::file(path.display()))?;
            key.reveal().to_owned()
        }
    };
    output.value(format!("open311 api key: {key}"));
    Ok(())
}

fn password(config: &Config, district: &District) -> Result<String, Failure> {
    let path = config.data.join("demo-password");
    if path.exists() {
        let text = fs::read_to_string(&path).map_err(Failure::file(path.display()))?;
        return Ok(text.trim().to_owned());
    }
    let password = URL_SAFE_NO_PAD.encode(district.edge.chance().bytes::<9>());
    let text = format!("{password}\n");
    file::create(private(config, file::What("demo password")), &path, text.as_bytes())
        .map_err(Failure::file(path.display()))?;
    Ok(password)
}

async fn open(district: &District, login: &str, password: &str, post: &Post) -> Result<(), Failure> {
    let hashed = Hashed::new(password, &mut district.edge.chance());
    let hashed = hashed.map_err(|refusal| Failure::Refused(refusal.into()))?;
    let account = OpenAccount {
        id: login.to_owned(),
        login: login.to_owned(),
        password: hashed,
        posts: vec![post.key.clone()],
        actor: Actor::system("demo"),
    };
    match district.journal.submit(account, district.edge.submission(None)).await {
        Ok(_) | Err(SubmitError::Refused(AccountRefusal::LoginTaken)) => Ok(()),
        Err(SubmitError::Refused(refusal)) => Err(Failure::Refused(refusal.into())),
        Err(error) => Err(Failure::other(error)),
    }
}
