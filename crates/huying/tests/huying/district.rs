//! A served district in a temporary folder.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

pub struct District {
    pub folder: tempfile::TempDir,
    server: Option<Child>,
    pub url: String,
    password: String,
}

impl District {
    /// Serves the tiny profile with a file for a witness.
    pub fn serve() -> District {
        District::serve_with(&["witness"], "")
    }

    /// Serves it with these files for witnesses, and more settings.
    pub fn serve_with(witnesses: &[&str], more: &str) -> District {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &&str| folder.path().join(name).display().to_string();
        let witnesses: Vec<String> = witnesses.iter().map(path).collect();
        std::fs::write(folder.path().join("huying.toml"), format!("witness_files = {witnesses:?}\n{more}")).unwrap();
        let mut district = District { folder, server: None, url: String::new(), password: String::new() };
        district.start();
        district
    }

    pub fn start(&mut self) {
        let mut server =
            command(&["serve", "--listen", "127.0.0.1:0", "--demo", "--demo-days", "0"], self.folder.path());
        let mut server = server.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let lines = BufReader::new(server.stdout.take().unwrap()).lines();
        for line in lines.map_while(Result::ok) {
            if line.contains("demo.dispatcher") {
                self.password = line.split_whitespace().nth(1).unwrap().to_owned();
            }
            if let Some(url) = line.strip_prefix("listening on ") {
                self.url = url.to_owned();
                break;
            }
        }
        assert!(!self.url.is_empty(), "the server says where it listens");
        self.server = Some(server);
    }

    /// Ends the server as a power cut would.
    pub fn kill(&mut self) {
        if let Some(mut server) = self.server.take() {
            server.kill().unwrap();
            server.wait().unwrap();
        }
    }

    /// Runs a command on the district and gives what it printed, and whether it succeeded.
    pub fn run(&self, arguments: &[&str]) -> (bool, String) {
        finish(command(arguments, self.folder.path()).output().unwrap())
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Signed in as the demo dispatcher.
    pub async fn client(&self) -> Client {
        // The binary does this for itself.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::new();
        let body = serde_json::json!({"login": "demo.dispatcher", "password": self.password});
        let answer = client.post(format!("{}/api/v1/session", self.url)).json(&body).send().await.unwrap();
        assert!(answer.status().is_success(), "{}", answer.status());
        let cookie = answer.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
        Client { client, cookie, url: self.url.clone() }
    }
}

impl Drop for District {
    fn drop(&mut self) {
        self.kill();
    }
}

pub struct Client {
    client: reqwest::Client,
    cookie: String,
    url: String,
}

impl Client {
    pub async fn get(&self, path: &str) -> (u16, String) {
        let request = self.client.get(format!("{}{path}", self.url)).header("cookie", &self.cookie);
        let answer = request.send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    }

    /// Asks as part of a trace (W3C Trace Context).
    pub async fn traced(&self, path: &str, parent: &str) {
        let request = self.client.get(format!("{}{path}", self.url)).header("cookie", &self.cookie);
        let answer = request.header("traceparent", parent).send().await.unwrap();
        assert!(answer.status().is_success(), "{}", answer.status());
    }

    /// Reports something and gives the case's number.
    pub async fn report(&self, words: &str) -> String {
        let body = serde_json::json!({"words": words, "kind": "component"});
        let request = self.client.post(format!("{}/api/v1/cases", self.url)).header("cookie", &self.cookie);
        let answer = request.json(&body).send().await.unwrap();
        let (status, text) = (answer.status(), answer.text().await.unwrap());
        assert_eq!(status.as_u16(), 201, "{text}");
        serde_json::from_str::<serde_json::Value>(&text).unwrap()["number"].as_str().unwrap().to_owned()
    }
}

pub fn command(arguments: &[&str], folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_huying"));
    command.args(arguments).current_dir(folder).env("HUYING_LANGUAGE", "en").env_remove("HUYING_DATA");
    let profile = concat!(env!("CARGO_MANIFEST_DIR"), "/../../profiles/tiny");
    command.env("HUYING_PROFILE", profile);
    command
}

fn finish(output: Output) -> (bool, String) {
    let text = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8(text).unwrap())
}
