//! Where a request comes from.

use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr};

use axum::extract::{ConnectInfo, FromRef, FromRequestParts};
use axum::http::HeaderMap;
use axum::http::request::Parts;

use crate::PlatformState;
use crate::people::Network;

/// The caller's network address; none where the program was not called over a network. Personal: it goes to no log and no URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Address(pub Option<IpAddr>);

impl Address {
    /// Of the peer, or of who called it where the peer is one of `proxies`: the last in `X-Forwarded-For` that is none itself.
    pub fn of(peer: Option<IpAddr>, headers: &HeaderMap, proxies: &[Network]) -> Address {
        let is_proxy = |address: &IpAddr| proxies.iter().any(|network| network.0.contains(address));
        let Some(peer) = peer.map(|peer| peer.to_canonical()) else { return Address(None) };
        if !is_proxy(&peer) {
            return Address(Some(peer));
        }
        let lines = headers.get_all("x-forwarded-for").iter().filter_map(|value| value.to_str().ok());
        let told: Vec<&str> = lines.flat_map(|line| line.split(',')).map(str::trim).collect();
        // From the nearest on; what stands before a word that is no address may be anyone's invention.
        let told = told.iter().rev().map_while(|word| word.parse::<IpAddr>().ok());
        let mut last = peer;
        for address in told.map(|address| address.to_canonical()) {
            last = address;
            if !is_proxy(&address) {
                break;
            }
        }
        Address(Some(last))
    }

    /// For a record: the address as text, or nothing.
    pub fn text(self) -> String {
        self.0.map(|address| address.to_string()).unwrap_or_default()
    }
}

impl<S> FromRequestParts<S> for Address
where
    PlatformState: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Address, Infallible> {
        let platform = PlatformState::from_ref(state);
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(peer)| peer.ip());
        Ok(Address::of(peer, &parts.headers, &platform.people.trusted_proxies))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(peer: &str, forwarded: &[&str], expected: &str) {
        let mut headers = HeaderMap::new();
        for line in forwarded {
            headers.append("x-forwarded-for", line.parse().unwrap());
        }
        let proxies = ["10.0.0.0/8", "::1/128"].map(|network| Network(network.parse().unwrap()));
        let found = Address::of(Some(peer.parse().unwrap()), &headers, &proxies);
        assert_eq!(found.text(), expected, "{peer} {forwarded:?}");
    }

    #[test]
    fn only_a_trusted_proxy_tells_who_called_it() {
        check("192.0.2.7", &[], "192.0.2.7");
        check("192.0.2.7", &["203.0.113.9"], "192.0.2.7");
        check("10.0.0.1", &["203.0.113.9"], "203.0.113.9");
        check("10.0.0.1", &["198.51.100.1, 203.0.113.9", "10.0.0.2"], "203.0.113.9");
        check("10.0.0.1", &["198.51.100.1, nonsense, 10.0.0.2"], "10.0.0.2");
        check("10.0.0.1", &[], "10.0.0.1");
        check("::ffff:192.0.2.7", &[], "192.0.2.7");
        check("::1", &["2001:db8::1"], "2001:db8::1");
        assert_eq!(Address::of(None, &HeaderMap::new(), &[]).text(), "");
    }
}
