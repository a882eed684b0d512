//! `huying client`

use std::process::ExitCode;

use clap::{Args, Subcommand};
use journal::SubmitError;
use kernel::Actor;
use platform::Posts as _;
use platform::client::{ClientKey, OpenClient, Terms};

use crate::cli::Settings;
use crate::failure::Failure;
use crate::open::District;
use crate::output::Output;

#[derive(Subcommand)]
pub enum ClientCommand {
    /// Open an API client and print its key, which is not shown again.
    Open(Open),
}

#[derive(Args)]
pub struct Open {
    #[command(flatten)]
    settings: Settings,
    /// What the system is called.
    #[arg(long)]
    name: String,
    /// A post of the profile it acts by; may be given again.
    #[arg(long = "post", required = true)]
    posts: Vec<String>,
    /// An action it may do, of those its posts allow; may be given again. All that they allow where left out.
    #[arg(long = "scope")]
    scopes: Vec<String>,
    /// Days the key holds.
    #[arg(long, default_value_t = platform::client::DAYS)]
    days: u32,
}

impl ClientCommand {
    pub async fn run(self, output: &Output) -> Result<ExitCode, Failure> {
        let ClientCommand::Open(command) = self;
        let config = command.settings.load(())?;
        let district = District::open(&config).await?;
        let key = open(&district, &command.name, command.posts, command.scopes, command.days).await?;
        output.value(key.reveal());
        district.journal.db().close().await;
        Ok(ExitCode::SUCCESS)
    }
}

/// Opens an API client; all that its posts allow where no scope is named.
pub async fn open(
    district: &District,
    name: &str,
    posts: Vec<String>,
    scopes: Vec<String>,
    days: u32,
) -> Result<ClientKey, Failure> {
    let book = district.post_book();
    let all = posts.iter().filter_map(|post| book.grant(post)).flat_map(|grant| grant.actions);
    let scopes = if scopes.is_empty() { all.collect() } else { scopes.into_iter().collect() };
    let submission = district.edge.submission(None);
    let terms = Terms::new(&book, name, posts, scopes, Some(days), submission.at);
    let terms = terms.map_err(|refusal| Failure::Refused(refusal.into()))?;
    let mut chance = district.edge.chance();
    let (id, key) = (chance.uuid().to_string(), ClientKey::draw(&mut chance));
    match district.journal.submit(OpenClient::new(id, terms, &key, Actor::system("operator")), submission).await {
        Ok(_) => Ok(key),
        Err(SubmitError::Refused(refusal)) => Err(Failure::Refused(refusal.into())),
        Err(error) => Err(Failure::other(error)),
    }
}
