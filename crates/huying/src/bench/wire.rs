//! A keep-alive HTTP/1.1 client that costs next to nothing, so that the server is what is measured.

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufStream};
use tokio::net::TcpStream;

use crate::failure::Failure;

/// One connection.
pub struct Wire {
    stream: BufStream<TcpStream>,
    host: String,
    /// Sent with every request, each line ended.
    headers: String,
}

pub struct Answer {
    pub status: u16,
    pub body: Vec<u8>,
    cookie: Option<String>,
}

impl Answer {
    pub fn json(&self) -> Result<serde_json::Value, Failure> {
        serde_json::from_slice(&self.body).map_err(Failure::other)
    }
}

impl Wire {
    /// `address` is `HOST:PORT`.
    pub async fn connect(address: &str) -> Result<Wire, Failure> {
        let stream = TcpStream::connect(address).await.map_err(Failure::file(address))?;
        stream.set_nodelay(true).map_err(Failure::file(address))?;
        Ok(Wire { stream: BufStream::new(stream), host: address.to_owned(), headers: String::new() })
    }

    /// Signs in; gives the cookie, which is sent from then on.
    pub async fn sign_in(&mut self, login: &str, password: &str) -> Result<String, Failure> {
        let body = serde_json::json!({"login": login, "password": password}).to_string();
        let answer = self.post("/api/v1/session", "", body.as_bytes()).await?;
        match answer.cookie {
            Some(cookie) if answer.status == 200 => {
                self.carry(&cookie);
                Ok(cookie)
            }
            _ => Err(Failure::Other(format!("{login} could not sign in: {}", answer.status))),
        }
    }

    /// Sends this cookie from then on.
    pub fn carry(&mut self, cookie: &str) {
        self.headers = format!("cookie: {cookie}\r\n");
    }

    pub async fn get(&mut self, path: &str) -> Result<Answer, Failure> {
        let head = format!("GET {path} HTTP/1.1\r\nhost: {}\r\n{}\r\n", self.host, self.headers);
        self.exchange(&head, b"").await
    }

    /// `more` is further headers, each line ended.
    pub async fn post(&mut self, path: &str, more: &str, body: &[u8]) -> Result<Answer, Failure> {
        let head = format!(
            "POST {path} HTTP/1.1\r\nhost: {}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n{}{more}\r\n",
            self.host,
            body.len(),
            self.headers
        );
        self.exchange(&head, body).await
    }

    async fn exchange(&mut self, head: &str, body: &[u8]) -> Result<Answer, Failure> {
        let lost = |error| Failure::File { what: self.host.clone(), source: error };
        self.stream.write_all(head.as_bytes()).await.map_err(lost)?;
        self.stream.write_all(body).await.map_err(lost)?;
        self.stream.flush().await.map_err(lost)?;
        let mut answer = Answer { status: 0, body: Vec::new(), cookie: None };
        let (mut line, mut length) = (String::new(), None);
        loop {
            line.clear();
            if self.stream.read_line(&mut line).await.map_err(lost)? == 0 {
                return Err(Failure::Other(format!("{} ended the connection", self.host)));
            }
            let text = line.trim_end();
            if text.is_empty() {
                break;
            }
            match text.split_once(':') {
                None => answer.status = text.split(' ').nth(1).and_then(|code| code.parse().ok()).unwrap_or(0),
                Some((name, value)) if name.eq_ignore_ascii_case("content-length") => {
                    length = value.trim().parse::<usize>().ok();
                }
                Some((name, value)) if name.eq_ignore_ascii_case("set-cookie") => {
                    answer.cookie = value.split(';').next().map(|cookie| cookie.trim().to_owned());
                }
                Some(_) => {}
            }
        }
        let length = length.ok_or_else(|| Failure::Other("an answer without content-length".into()))?;
        answer.body.resize(length, 0);
        self.stream.read_exact(&mut answer.body).await.map_err(lost)?;
        Ok(answer)
    }
}
