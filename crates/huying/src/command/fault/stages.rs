//! What a district goes through, each stage a process of its own: the very commands an operator gives.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use district::Profile;
use platform::Config;
use platform::config::Secret;
use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

use super::requests;
use super::scratch::Scratch;
use super::visit::{self, Visit, Visitor};
use crate::command::simulate::Simulate;
use crate::failure::Failure;
use crate::fault_plan::{self, EXIT_CODE, FaultPlan};

/// In the order in which a district goes through them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    Simulate,
    /// Requests of another system are taken in; one is refused.
    Import,
    /// Served with people to sign in as; one reports a case, and a witness is told.
    Serve,
    /// Served again; who reported comes back after a while and signs out.
    Leave,
    Receipt,
    Backup,
    Erase,
    Rewrap,
    Rotate,
    Rebuild,
    Restore,
}

pub const STAGES: [Stage; 11] = [
    Stage::Simulate,
    Stage::Import,
    Stage::Serve,
    Stage::Leave,
    Stage::Receipt,
    Stage::Backup,
    Stage::Erase,
    Stage::Rewrap,
    Stage::Rotate,
    Stage::Rebuild,
    Stage::Restore,
];

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Stage::Simulate => "simulate",
            Stage::Import => "import cases",
            Stage::Serve => "serve",
            Stage::Leave => "serve, again",
            Stage::Receipt => "receipt",
            Stage::Backup => "backup",
            Stage::Erase => "erase",
            Stage::Rewrap => "rewrap",
            Stage::Rotate => "key --rotate",
            Stage::Rebuild => "rebuild",
            Stage::Restore => "restore",
        })
    }
}

/// How the process of a stage came to its end.
pub enum Attempt {
    Done,
    /// Where its plan said.
    Ended,
    /// Otherwise than it should have.
    Failed(String),
}

const NEXT_MASTER_KEY: &str = "next.master-key";

/// The newest checkpoint that the visitor saw: a restore is held against it.
const HELD: &str = "held";

/// How long one process may take at most.
const PATIENCE: Duration = Duration::from_secs(1_800);

/// One district with all its files.
pub struct District {
    folder: PathBuf,
    database: Option<String>,
    profile: PathBuf,
    /// What `simulate` is given besides.
    days: Vec<String>,
    attempts: u32,
    /// The last line of `simulate`.
    simulated: Value,
    /// Who reported while it was served, and what the outside then held.
    visitor: Visitor,
    /// Which attempt made the backup.
    backup: u32,
    restored: (PathBuf, Option<String>),
}

impl District {
    pub async fn begin(
        simulate: &Simulate,
        config: &Config,
        of: &Profile,
        scratch: &mut Scratch,
    ) -> Result<District, Failure> {
        let (folder, database) = scratch.place().await?;
        let profile = std::fs::canonicalize(&config.profile).map_err(Failure::file(config.profile.display()))?;
        let mut days = vec![
            format!("--seed={}", simulate.seed),
            format!("--days={}", simulate.days),
            format!("--from={}", simulate.from),
            format!("--window-minutes={}", simulate.window_minutes),
        ];
        days.extend(simulate.events_per_day.map(|events| format!("--events-per-day={events}")));
        if simulate.durable {
            days.push("--durable".to_owned());
        }
        let simulated = Value::Null;
        let (visitor, attempts, backup, restored) = Default::default();
        let district = District { folder, database, profile, days, attempts, simulated, visitor, backup, restored };
        district.configure(&district.folder, None, true)?;
        requests::write(of, &district.folder)?;
        Ok(district)
    }

    /// Runs the process of `stage`, which may end at `exits`; gives the sites it passed.
    pub async fn attempt(
        &mut self,
        stage: Stage,
        exits: BTreeMap<String, u64>,
        scratch: &mut Scratch,
    ) -> Result<(Attempt, Vec<String>), Failure> {
        self.attempts += 1;
        let (plan, passed) = (self.folder.join("plan.json"), self.folder.join("passed"));
        FaultPlan { passed: passed.clone(), exits }.write(&plan)?;
        if stage == Stage::Restore {
            self.restored = scratch.place().await?;
            self.configure(&self.restored.0, None, false)?;
        }
        if stage == Stage::Leave {
            visit::let_time_pass(&self.config(&self.folder, self.database.as_deref())).await?;
        }
        let mut command = self.command(stage);
        command.arg("--fault-plan").arg(&plan);
        let attempt = match stage {
            Stage::Serve | Stage::Leave => tokio::time::timeout(PATIENCE, self.serve(stage, command)).await,
            _ => tokio::time::timeout(PATIENCE, self.finish(stage, command)).await,
        };
        let attempt = attempt.unwrap_or_else(|_| Ok(Attempt::Failed("it does not come to an end".to_owned())))?;
        Ok((attempt, fault_plan::passed(&passed)))
    }

    /// The command line of a stage. What an interrupted command leaves behind that a second one would not take (a folder half
    /// filled) is left alone: the second one gets another, as an operator would give it.
    fn command(&self, stage: Stage) -> Command {
        let own = |name: &str| self.folder.join(name).display().to_string();
        let numbered = |name: &str, number: u32| own(&format!("{name}-{number}"));
        let words: Vec<String> = match stage {
            Stage::Simulate => [vec!["simulate".to_owned(), "--resumable".to_owned()], self.days.clone()].concat(),
            Stage::Import => requests::command(),
            Stage::Serve | Stage::Leave => strings(["serve", "--listen=127.0.0.1:0", "--demo", "--demo-days=0"]),
            Stage::Receipt => strings(["receipt", "--any", "--out", &own("receipt.json")]),
            Stage::Backup => {
                let (out, keys) = (numbered("backup", self.attempts), numbered("keys", self.attempts));
                strings(["backup", "--out", &out, "--keys", &keys])
            }
            Stage::Erase => strings(["erase", &format!("person/{}", self.visitor.login)]),
            Stage::Rewrap => strings(["rewrap", "--to", &own(NEXT_MASTER_KEY)]),
            Stage::Rotate => strings(["key", "--rotate"]),
            Stage::Rebuild => strings(["rebuild"]),
            Stage::Restore => {
                let (from, keys) = (numbered("backup", self.backup), numbered("keys", self.backup));
                let (lists, restore) = (own("data.erasures.jsonl"), ["restore", "--witnessed", HELD, "--from"]);
                [strings(restore), strings([&from, "--keys", &keys, "--erasures", &lists])].concat()
            }
        };
        let (folder, database) = match stage {
            Stage::Restore => (&self.restored.0, &self.restored.1),
            _ => (&self.folder, &self.database),
        };
        self.huying(&words, folder, database.as_deref())
    }

    /// This very program on a district, with nothing of this process's environment that a district is set up by.
    fn huying(&self, words: &[String], folder: &Path, database: Option<&str>) -> Command {
        let program = std::env::current_exe().unwrap_or_else(|_| "huying".into());
        let mut command = Command::new(program);
        command.arg("--json").args(words).current_dir(&self.folder);
        command.arg("--config").arg(folder.join("huying.toml")).arg("--data").arg(folder.join("data"));
        command.arg("--profile").arg(&self.profile);
        command.args(database.into_iter().flat_map(|url| ["--database", url]));
        for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("HUYING_")) {
            command.env_remove(name);
        }
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        command
    }

    /// The configuration of a district for this very process.
    fn config(&self, folder: &Path, database: Option<&str>) -> Config {
        let database = database.map(Secret::new);
        Config { data: folder.join("data"), database, ..Config::default() }
    }

    /// The configuration file of a district. Witnesses belong to the first one alone; one of them can never be told.
    fn configure(&self, folder: &Path, master_key: Option<&str>, witness: bool) -> Result<(), Failure> {
        let mut settings = String::from("log = \"error\"\n");
        if witness {
            let files = ["witness", "huying.toml/no-folder"].map(|name| self.folder.join(name).display().to_string());
            settings += &format!("witness_files = {files:?}\n");
        }
        if let Some(file) = master_key {
            settings += &format!("master_key_file = {:?}\n", self.folder.join(file).display().to_string());
        }
        let path = folder.join("huying.toml");
        std::fs::write(&path, settings).map_err(Failure::file(path.display()))
    }

    /// Waits for the process of `stage` and takes note of what it did.
    async fn finish(&mut self, stage: Stage, mut command: Command) -> Result<Attempt, Failure> {
        let ended = command.output().await.map_err(Failure::file("huying"))?;
        let said = || String::from_utf8_lossy(&ended.stderr).trim().to_owned();
        match (stage, ended.status.code()) {
            (_, Some(EXIT_CODE)) => return Ok(Attempt::Ended),
            (_, Some(0)) => {}
            // Found done by the process that ended.
            (Stage::Erase, Some(4)) if self.attempts > 1 && said().contains(&self.visitor.login) => {}
            (Stage::Simulate | Stage::Import, Some(1)) => {}
            (_, code) => return Ok(Attempt::Failed(format!("it ended with {code:?}: {}", said()))),
        }
        let answer = last_line(&ended.stdout);
        match stage {
            Stage::Simulate => self.simulated = answer,
            Stage::Restore if answer["log_size"].as_u64() < Some(self.visitor.entries) => {
                return Ok(Attempt::Failed(format!("its log is shorter than {}: {answer}", self.visitor.entries)));
            }
            Stage::Backup => self.backup = self.attempts,
            Stage::Rewrap => self.configure(&self.folder, Some(NEXT_MASTER_KEY), true)?,
            _ => {}
        }
        Ok(Attempt::Done)
    }

    /// What the district is like after all stages: everything that must never be.
    pub async fn look_over(&self, calm: &str) -> Result<Vec<String>, Failure> {
        let mut violations = Vec::new();
        let (hash, found) = (&self.simulated["hash"], self.simulated["violations"].as_u64());
        if hash.as_str() != Some(calm) {
            violations.push(format!("simulate: the hash is {hash}, in calm days it was {calm}"));
        }
        if found != Some(0) {
            violations.push(format!("simulate: {}", self.simulated["violated"]));
        }
        let own = (self.folder.as_path(), self.database.as_deref());
        let restored = (self.restored.0.as_path(), self.restored.1.as_deref());
        for (words, (folder, database)) in
            [("verify", own), ("rebuild --check", own), ("verify", restored), ("rebuild --check", restored)]
        {
            let words = strings(words.split(' '));
            let ended = self.huying(&words, folder, database).output().await.map_err(Failure::file("huying"))?;
            if !ended.status.success() {
                let said = [ended.stdout, ended.stderr].concat();
                violations.push(format!("{}: {}", words.join(" "), String::from_utf8_lossy(&said).trim()));
            }
        }
        for (folder, database) in [own, restored] {
            let again = self.huying(&requests::command(), folder, database).output().await;
            let again = last_line(&again.map_err(Failure::file("huying"))?.stdout);
            violations.extend(requests::look_over(&self.config(folder, database), &again).await?);
        }
        Ok(violations)
    }

    /// Serves the district until its visitor has done what the stage is for: a case was reported, acknowledged, taken into the
    /// log and told to the witness, or the session has ended. Then the process is killed, as a power cut would.
    async fn serve(&mut self, stage: Stage, mut command: Command) -> Result<Attempt, Failure> {
        let mut served = command.spawn().map_err(Failure::file("huying"))?;
        let used = match (listening(&mut served).await, stage) {
            (Some(url), Stage::Leave) => visit::leave(&url, &self.visitor).await,
            (Some(url), _) => self.visited(&url).await,
            (None, _) => Err("it did not say where it listens".to_owned()),
        };
        // One that could not be used has ended, or ends in a moment; where it does not, it is not waited for.
        if used.is_ok() || tokio::time::timeout(MOMENT, served.wait()).await.is_err() {
            served.kill().await.map_err(Failure::file("huying"))?;
        }
        match (used, served.wait().await.map_err(Failure::file("huying"))?.code()) {
            (Ok(()), _) => Ok(Attempt::Done),
            (Err(_), Some(EXIT_CODE)) => Ok(Attempt::Ended),
            (Err(reason), code) => Ok(Attempt::Failed(format!("{reason} (exit code {code:?})"))),
        }
    }

    async fn visited(&mut self, url: &str) -> Result<(), String> {
        self.visitor = Visit::pay(url, &self.folder.join("witness"), self.attempts).await?;
        std::fs::write(self.folder.join(HELD), &self.visitor.held).map_err(|error| error.to_string())
    }
}

fn last_line(said: &[u8]) -> Value {
    let text = String::from_utf8_lossy(said);
    text.lines().last().and_then(|line| serde_json::from_str(line).ok()).unwrap_or_default()
}

fn strings<'a>(words: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    words.into_iter().map(str::to_owned).collect()
}

/// How long a server that could not be used may take to end.
const MOMENT: Duration = Duration::from_secs(10);

/// Where a server says it listens; none where it ends before.
async fn listening(served: &mut Child) -> Option<String> {
    let mut lines = BufReader::new(served.stdout.take()?).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        if let Some(url) = line.strip_prefix("listening on ") {
            return Some(url.to_owned());
        }
    }
    None
}
