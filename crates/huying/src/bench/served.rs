//! The district served by a process of its own, as it is in earnest.

use std::collections::HashMap;
use std::ffi::OsStr;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

use crate::failure::Failure;

/// Killed when dropped.
pub struct Served {
    child: Child,
    /// Kept open, so that the server can say what it wants.
    _said: BufReader<ChildStdout>,
    /// `HOST:PORT`.
    pub address: String,
    /// Passwords of demo people by login.
    pub people: HashMap<String, String>,
}

impl Served {
    /// Starts `serve` on a free port of the loopback and waits until it listens. What it logs goes to `serve.log` in `folder`.
    pub fn start<A: AsRef<OsStr>>(folder: &Path, arguments: &[A]) -> Result<Served, Failure> {
        let program = std::env::current_exe().map_err(Failure::file("serve"))?;
        let log = folder.join("serve.log");
        let file = File::create(&log).map_err(Failure::file(log.display()))?;
        let mut child = Command::new(program)
            .args(["--json", "serve", "--listen", "127.0.0.1:0"])
            .args(arguments)
            // Whoever measures asks more than a person may.
            .env("HUYING_LIMITS", "{enabled=false}")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(file)
            .spawn()
            .map_err(Failure::file("serve"))?;
        let stdout = child.stdout.take().expect("its output is piped");
        let mut served =
            Served { child, _said: BufReader::new(stdout), address: String::new(), people: HashMap::new() };
        let mut line = String::new();
        while served._said.read_line(&mut line).map_err(Failure::file("serve"))? > 0 {
            if let Some(address) = line.trim_end().strip_prefix("listening on http://") {
                served.address = address.to_owned();
                return Ok(served);
            }
            served.note_person(&line);
            line.clear();
        }
        let said = std::fs::read_to_string(&log).unwrap_or_default();
        Err(Failure::Other(format!("the server ended: {}", said.lines().last().unwrap_or_default())))
    }

    fn note_person(&mut self, line: &str) {
        let Ok(person) = serde_json::from_str::<HashMap<String, String>>(line) else { return };
        if let (Some(login), Some(password)) = (person.get("login"), person.get("password")) {
            self.people.insert(login.clone(), password.clone());
        }
    }

    pub fn password(&self, login: &str) -> Result<&str, Failure> {
        let password = self.people.get(login).map(String::as_str);
        password.ok_or_else(|| Failure::Other(format!("the profile has nobody to be {login}")))
    }

    /// A line of `/proc/PID/status` in KiB, such as `VmRSS`.
    pub fn memory_kib(&self, name: &str) -> Result<u64, Failure> {
        let path = format!("/proc/{}/status", self.child.id());
        let status = std::fs::read_to_string(&path).map_err(Failure::file(&path))?;
        let line = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
        let number = line.and_then(|line| line.split_whitespace().next()?.parse().ok());
        number.ok_or_else(|| Failure::Other(format!("{path} says nothing of {name}")))
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
