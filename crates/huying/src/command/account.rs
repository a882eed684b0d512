//! `huying account`

use std::process::ExitCode;
use std::sync::Arc;

use clap::{Args, Subcommand};
use journal::SubmitError;
use kernel::{Actor, Instant, Kind, Refusal};
use platform::account::{
    self, Act, ActRefusal, ActivationCode, Administer, InviteAccount, Login, OpenRefusal, PersonName, activation,
};
use serde::Serialize;

use crate::cli::Settings;
use crate::failure::Failure;
use crate::open::District;
use crate::output::Output;

/// What the administrators of a served district do by the page, for whoever holds the machine: the first accounts are opened so.
#[derive(Subcommand)]
pub enum AccountCommand {
    /// Open an account and print the code by which its owner sets a password; it is not shown again.
    Open(Open),
    /// Take the password of an account away, end its sessions, and print a code that sets another.
    Reset(Named),
    /// Disable an account: its sessions end at once.
    Disable(Named),
    /// Enable an account that was disabled.
    Enable(Named),
    /// Unlock an account that is locked after failures.
    Unlock(Named),
}

#[derive(Args)]
pub struct Open {
    #[command(flatten)]
    settings: Settings,
    /// What one signs in by: small letters, digits, and . _ - @ between them.
    #[arg(long)]
    login: String,
    /// What the person is called; kept sealed.
    #[arg(long)]
    name: String,
    /// A post of the profile that it holds from now on; may be given again.
    #[arg(long = "post")]
    posts: Vec<String>,
}

#[derive(Args)]
pub struct Named {
    #[command(flatten)]
    settings: Settings,
    /// What one signs in by.
    #[arg(long)]
    login: String,
}

/// A code, as it is printed.
#[derive(Serialize)]
struct Given {
    login: String,
    code: String,
    ends_at: Instant,
}

/// The actor of what whoever holds the machine does.
const OPERATOR: &str = "operator";

impl AccountCommand {
    pub async fn run(self, output: &Output) -> Result<ExitCode, Failure> {
        match self {
            AccountCommand::Open(open) => open.run(output).await,
            AccountCommand::Reset(named) => named.reset(output).await,
            AccountCommand::Disable(named) => named.act(Act::Disable, "account-is-disabled", output).await,
            AccountCommand::Enable(named) => named.act(Act::Enable, "account-is-enabled", output).await,
            AccountCommand::Unlock(named) => named.act(Act::Unlock, "account-is-unlocked", output).await,
        }
    }
}

impl Open {
    async fn run(self, output: &Output) -> Result<ExitCode, Failure> {
        let config = self.settings.load(())?;
        let refused = |refusal: OpenRefusal| Failure::Refused(refusal.into());
        let (login, name) =
            (Login::parse(&self.login).map_err(refused)?, PersonName::parse(&self.name).map_err(refused)?);
        let district = District::open(&config).await?;
        let (mut chance, submission) = (district.edge.chance(), district.edge.submission(None));
        let (id, code) = (chance.uuid().to_string(), ActivationCode::draw(&mut chance));
        let (shown, until) = (code.reveal(), activation::ends(&config.people, submission.at));
        let (posts, actor, book) = (self.posts, Actor::system(OPERATOR), Arc::new(district.post_book()));
        let invite = InviteAccount { id, login, name, posts, code, until, actor, book };
        carried_out(district.journal.submit(invite, submission).await.map(drop))?;
        give(output, self.login, shown, until);
        district.journal.db().close().await;
        Ok(ExitCode::SUCCESS)
    }
}

impl Named {
    async fn reset(self, output: &Output) -> Result<ExitCode, Failure> {
        let config = self.settings.load(())?;
        let district = District::open(&config).await?;
        let code = ActivationCode::draw(&mut district.edge.chance());
        let until = activation::ends(&config.people, district.edge.now());
        let act = Act::Reset { code: code.hash(), until };
        administer(&district, &self.login, act, config.people.password_former).await?;
        give(output, self.login, code.reveal(), until);
        district.journal.db().close().await;
        Ok(ExitCode::SUCCESS)
    }

    async fn act(self, act: Act, said: &'static str, output: &Output) -> Result<ExitCode, Failure> {
        let config = self.settings.load(())?;
        let district = District::open(&config).await?;
        administer(&district, &self.login, act, config.people.password_former).await?;
        output.say(said, &[("login", self.login)]);
        district.journal.db().close().await;
        Ok(ExitCode::SUCCESS)
    }
}

async fn administer(district: &District, login: &str, act: Act, former: u32) -> Result<(), Failure> {
    let found = account::id_of(&mut district.journal.db(), login).await?;
    let unknown = || Refusal { field: Some("login"), ..Refusal::new(Kind::NotFound, "account-unknown") };
    let account = found.ok_or_else(|| Failure::Refused(unknown()))?;
    let (actor, book) = (Actor::system(OPERATOR), Arc::new(district.post_book()));
    let administer = Administer { account, act, actor, book, former };
    carried_out::<ActRefusal>(district.journal.submit(administer, district.edge.submission(None)).await.map(drop))
}

fn carried_out<R: Into<Refusal> + std::fmt::Debug>(done: Result<(), SubmitError<R>>) -> Result<(), Failure> {
    match done {
        Ok(()) => Ok(()),
        Err(SubmitError::Refused(refusal)) => Err(Failure::Refused(refusal.into())),
        Err(error) => Err(Failure::other(format!("{error:?}"))),
    }
}

/// Prints the code, and to people also what to do with it.
fn give(output: &Output, login: String, code: String, ends_at: Instant) {
    if output.is_json() {
        return output.data(&Given { login, code, ends_at });
    }
    output.say("account-code", &[("login", login), ("until", ends_at.to_string())]);
    output.value(code);
}
