//! The way out to the systems of others: only to addresses that are permitted, when they are given and at every connection.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use ipnet::IpNet;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::{Client, Url};

use super::special::{is_allowed, is_permitted};

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(10);
const LONGEST_ADDRESS: usize = 2_048;

/// Posts to webhooks. Redirections are not followed, no proxy is asked, and of an answer only its status is read.
#[derive(Clone)]
pub struct Guarded {
    allowed: Arc<[IpNet]>,
    /// Encrypted, to permitted addresses.
    outside: Client,
    /// As it is, to allowed networks alone.
    inside: Client,
}

/// Why an address was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddressRefusal {
    #[error("no address of a webhook")]
    Unreadable,
    #[error("not encrypted, and not in an allowed network")]
    NotEncrypted,
    #[error("in a network at which nothing is told")]
    NotPermitted,
    #[error("its name leads nowhere")]
    Unresolved,
}

/// What came of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sent {
    Status(u16),
    Refused(AddressRefusal),
    Unreachable,
}

struct Guard {
    allowed: Arc<[IpNet]>,
    /// Only what the operator allows, not the public net.
    inside: bool,
}

impl Guard {
    fn permits(&self, address: IpAddr) -> bool {
        if self.inside { is_allowed(address, &self.allowed) } else { is_permitted(address, &self.allowed) }
    }
}

impl Resolve for Guard {
    fn resolve(&self, name: Name) -> Resolving {
        let guard = Guard { allowed: self.allowed.clone(), inside: self.inside };
        Box::pin(async move {
            let found: Vec<SocketAddr> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            // One that leads outside and inside is refused as a whole.
            if found.iter().any(|address| !guard.permits(address.ip())) {
                return Err(AddressRefusal::NotPermitted.into());
            }
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}

impl Guarded {
    pub fn new(allowed: Vec<IpNet>) -> Result<Guarded, reqwest::Error> {
        // The binary has told rustls what to encrypt with; tests have not.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let allowed: Arc<[IpNet]> = allowed.into();
        let client = |inside: bool| {
            let guard = Guard { allowed: allowed.clone(), inside };
            Client::builder()
                .timeout(PATIENCE)
                .redirect(reqwest::redirect::Policy::none())
                .no_proxy()
                .pool_max_idle_per_host(0)
                .https_only(!inside)
                .dns_resolver(Arc::new(guard))
                .build()
        };
        Ok(Guarded { outside: client(false)?, inside: client(true)?, allowed })
    }

    /// The address as one that may be told, as far as it resolves now. It is asked again at every connection.
    pub async fn vet(&self, address: &str) -> Result<Url, AddressRefusal> {
        let url = self.read(address)?;
        let host = url.host_str().unwrap_or_default();
        if literal(&url).is_none() {
            let port = url.port_or_known_default().unwrap_or(443);
            let found = tokio::net::lookup_host((host, port)).await.map_err(|_| AddressRefusal::Unresolved)?;
            let found: Vec<SocketAddr> = found.collect();
            if found.is_empty() {
                return Err(AddressRefusal::Unresolved);
            }
            found.iter().try_for_each(|address| self.judge(&url, address.ip()))?;
        }
        Ok(url)
    }

    /// Form, scheme, and the address where it is no name.
    fn read(&self, address: &str) -> Result<Url, AddressRefusal> {
        let url: Url = address.parse().map_err(|_| AddressRefusal::Unreadable)?;
        let is_plain = url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
        let is_known = ["http", "https"].contains(&url.scheme()) && url.host_str().is_some();
        if address.len() > LONGEST_ADDRESS || !is_plain || !is_known {
            return Err(AddressRefusal::Unreadable);
        }
        if let Some(address) = literal(&url) {
            self.judge(&url, address)?;
        }
        Ok(url)
    }

    fn judge(&self, url: &Url, address: IpAddr) -> Result<(), AddressRefusal> {
        if !is_permitted(address, &self.allowed) {
            return Err(AddressRefusal::NotPermitted);
        }
        if url.scheme() != "https" && !is_allowed(address, &self.allowed) {
            return Err(AddressRefusal::NotEncrypted);
        }
        Ok(())
    }

    pub async fn post(&self, address: &str, headers: &[(&'static str, String)], body: String) -> Sent {
        let url = match self.read(address) {
            Ok(url) => url,
            Err(refusal) => return Sent::Refused(refusal),
        };
        let client = if url.scheme() == "https" { &self.outside } else { &self.inside };
        let mut request = client.post(url).body(body);
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        match request.send().await {
            Ok(answer) => Sent::Status(answer.status().as_u16()),
            Err(error) => refusal_in(&error).map_or(Sent::Unreachable, Sent::Refused),
        }
    }
}

/// The address where the host is no name.
fn literal(url: &Url) -> Option<IpAddr> {
    let host = url.host_str()?;
    host.trim_start_matches('[').trim_end_matches(']').parse().ok()
}

/// A refusal of ours among an error's causes.
fn refusal_in(error: &reqwest::Error) -> Option<AddressRefusal> {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(error) = cause {
        if let Some(refusal) = error.downcast_ref::<AddressRefusal>() {
            return Some(*refusal);
        }
        cause = error.source();
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn check(allowed: &[&str], address: &str, expected: Result<(), AddressRefusal>) {
        let allowed = allowed.iter().map(|network| network.parse().unwrap()).collect();
        let vetted = Guarded::new(allowed).unwrap().vet(address).await;
        assert_eq!(vetted.map(drop), expected, "{address}");
    }

    #[tokio::test]
    async fn addresses_are_judged_when_they_are_given() {
        use AddressRefusal::{NotEncrypted, NotPermitted, Unreadable};
        for address in ["", "x", "ftp://1.1.1.1/", "https://user@1.1.1.1/", "https://1.1.1.1/#x", "file:///etc/passwd"]
        {
            check(&[], address, Err(Unreadable)).await;
        }
        // Also as the forms that a reader of addresses takes for one: octal, hexadecimal, one number, mapped.
        for address in [
            "https://127.0.0.1/",
            "https://0177.0.0.1/",
            "https://0x7f.1/",
            "https://2130706433/",
            "https://[::1]/",
            "https://[::ffff:10.0.0.1]/",
            "https://169.254.169.254/latest/meta-data/",
            "https://localhost/",
        ] {
            check(&[], address, Err(NotPermitted)).await;
        }
        check(&[], "https://1.1.1.1/hook?token=x", Ok(())).await;
        check(&[], "http://1.1.1.1/", Err(NotEncrypted)).await;
        check(&["127.0.0.0/8"], "http://127.0.0.1:8080/", Ok(())).await;
        check(&["127.0.0.0/8"], "http://10.0.0.1/", Err(NotPermitted)).await;
    }

    #[tokio::test]
    async fn a_name_is_judged_again_when_it_is_connected_to() {
        let guarded = Guarded::new(Vec::new()).unwrap();
        let sent = guarded.post("https://localhost:9/", &[], String::new()).await;
        assert_eq!(sent, Sent::Refused(AddressRefusal::NotPermitted));
        let sent = guarded.post("http://localhost:9/", &[], String::new()).await;
        assert_eq!(sent, Sent::Refused(AddressRefusal::NotPermitted));
        let sent = guarded.post("https://127.0.0.1:9/", &[], String::new()).await;
        assert_eq!(sent, Sent::Refused(AddressRefusal::NotPermitted));
    }
}
