//! `huying erase`

use std::process::ExitCode;

use clap::Args;
use journal::{EraseRefusal, EraseSubject, Journal, SubmitError, WriterOptions};
use kernel::{Actor, Kind, Refusal};
use platform::Edge;
use platform::file::Files;

use crate::cli::Settings;
use crate::failure::Failure;
use crate::open;
use crate::output::Output;

/// Destroys the key of a person's values: what was sealed under it can never be read again, here or in a backup that is
/// restored with the list of erasures.
#[derive(Args)]
pub struct Erase {
    #[command(flatten)]
    settings: Settings,
    /// Whose values, such as `reporter/…` or `person/…`, as the facts name it.
    subject: String,
    /// Why: a code that the fact keeps.
    #[arg(long, default_value = "request")]
    ground: String,
}

impl Erase {
    pub async fn run(self, output: &Output) -> Result<ExitCode, Failure> {
        let config = self.settings.load(())?;
        let db = open::existing_database(&config).await?;
        let edge = Edge::system().map_err(Failure::other)?;
        open::start_after_newest(&edge, &db).await?;
        let master = open::existing_master_key(&config)?.ok_or_else(|| Failure::Refused(no_master()))?;
        let journal = Journal::start(db.clone(), master, WriterOptions::default());
        let (subject, ground) = (self.subject.clone(), self.ground);
        let erase = open::erase(EraseSubject { subject, ground, actor: Actor::system("operator") });
        let refused = match journal.submit(erase, edge.submission(None)).await {
            Ok(_) => None,
            Err(SubmitError::Refused(why)) => Some(refusal(why, &self.subject)),
            Err(error) => return Err(Failure::other(error)),
        };
        // A restore must know of it even if nobody was serving; also of one before, whose command may have been cut short.
        journal::backup::write_erasures(&db, &config.erasures_path()).await.map_err(Failure::other)?;
        if let Some(refusal) = refused {
            return Err(Failure::Refused(refusal));
        }
        output.say("erased", &[("subject", self.subject)]);
        let files = Files::configured(&config, journal).map_err(Failure::other)?;
        let owed = files.of_the_erased().await.map_err(Failure::other)?;
        output.say("erase-owed", &[("count", owed.len().to_string())]);
        db.close().await;
        Ok(ExitCode::SUCCESS)
    }
}

fn no_master() -> Refusal {
    Refusal::new(Kind::NotFound, "master-key-missing")
}

fn refusal(why: EraseRefusal, subject: &str) -> Refusal {
    let code = match why {
        EraseRefusal::UnknownSubject => "subject-unknown",
        EraseRefusal::AlreadyErased => "subject-erased",
    };
    Refusal { field: Some("subject"), ..Refusal::new(Kind::NotFound, code) }.with("subject", subject)
}
