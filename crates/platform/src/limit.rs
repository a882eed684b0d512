//! How often anyone may ask: bursts and rates by account (of a person or a client) and by network address.
//!
//! Names fall into a fixed number of places by a hash that no caller knows, so that whoever invents names fills no memory. Two names
//! in one place share what it allows, which is rare and does little.

use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use axum::http::Method;
use governor::clock::Clock;
use governor::middleware::NoOpMiddleware;
use governor::nanos::Nanos;
use governor::state::keyed::HashMapStateStore;
use governor::{Quota, RateLimiter};
use kernel::{Chance, Digest};
use serde::{Deserialize, Serialize};

/// The section `[limits]` of the configuration. The figures are ours: several times what a busy desk does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LimitRules {
    pub enabled: bool,
    pub read: Rate,
    pub write: Rate,
    /// Lists as files.
    pub export: Rate,
    /// Of one address: attempts to sign in, and whatever else takes a secret from someone unknown.
    pub sign_in: Rate,
    /// An address may do so many times what an account may: an office shares one.
    pub address_times: NonZeroU32,
    /// So many reads are carried out at once; more are turned away, so that writes go on.
    pub reads_at_once: NonZeroU32,
}

/// So many at once, and so many a minute after that.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rate {
    pub burst: NonZeroU32,
    pub per_minute: NonZeroU32,
}

impl Rate {
    const fn of(burst: u32, per_minute: u32) -> Rate {
        match (NonZeroU32::new(burst), NonZeroU32::new(per_minute)) {
            (Some(burst), Some(per_minute)) => Rate { burst, per_minute },
            _ => panic!("a rate allows something"),
        }
    }

    fn times(self, times: NonZeroU32) -> Rate {
        Rate { burst: self.burst.saturating_mul(times), per_minute: self.per_minute.saturating_mul(times) }
    }

    fn quota(self) -> Quota {
        let every = Duration::from_mins(1) / self.per_minute.get();
        Quota::with_period(every).unwrap_or_else(|| Quota::per_second(NonZeroU32::MAX)).allow_burst(self.burst)
    }
}

impl Default for LimitRules {
    fn default() -> LimitRules {
        LimitRules {
            enabled: true,
            read: Rate::of(300, 1_200),
            write: Rate::of(60, 240),
            export: Rate::of(5, 10),
            sign_in: Rate::of(100, 60),
            address_times: const { NonZeroU32::new(20).unwrap() },
            reads_at_once: const { NonZeroU32::new(256).unwrap() },
        }
    }
}

/// What a request costs the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    Read,
    Write,
    Export,
    SignIn,
}

impl Class {
    /// Of a request by someone known, or before it is known by whom.
    pub fn of(method: &Method, path: &str) -> Class {
        match *method {
            Method::GET | Method::HEAD | Method::OPTIONS if path.ends_with("/export") => Class::Export,
            Method::GET | Method::HEAD | Method::OPTIONS => Class::Read,
            _ => Class::Write,
        }
    }
}

/// Counts who asks how often. Clones count together.
#[derive(Clone)]
pub struct Limits(Option<Arc<Inner>>);

struct Inner {
    secret: [u8; 32],
    clock: Ticks,
    account: [Places; 3],
    address: [Places; 4],
}

/// What each place has left; there are never more places than there are keys.
type Places = RateLimiter<u16, HashMapStateStore<u16>, Ticks, NoOpMiddleware<Nanos>>;

/// Time that has passed since some moment.
#[derive(Clone)]
struct Ticks(Arc<dyn Fn() -> Duration + Send + Sync>);

impl Clock for Ticks {
    type Instant = Nanos;

    fn now(&self) -> Nanos {
        (self.0)().into()
    }
}

impl Limits {
    /// Counts nothing and refuses nobody.
    pub fn off() -> Limits {
        Limits(None)
    }

    /// `passed` is the time since some moment; unlike the district's clock it never stands still.
    pub fn new(
        rules: &LimitRules,
        chance: &mut Chance,
        passed: impl Fn() -> Duration + Send + Sync + 'static,
    ) -> Limits {
        if !rules.enabled {
            return Limits::off();
        }
        let clock = Ticks(Arc::new(passed));
        let places = |rate: Rate| RateLimiter::hashmap_with_clock(rate.quota(), clock.clone());
        let rates = [rules.read, rules.write, rules.export];
        let [read, write, export] = rates.map(|rate| rate.times(rules.address_times));
        let address = [read, write, export, rules.sign_in].map(places);
        let account = rates.map(places);
        Limits(Some(Arc::new(Inner { secret: chance.bytes(), account, address, clock })))
    }

    /// Counts a request of an account. The seconds to wait where it has asked too often.
    pub fn account(&self, account: &str, class: Class) -> Result<(), u64> {
        let Some(inner) = &self.0 else { return Ok(()) };
        match inner.account.get(class as usize) {
            Some(places) => inner.take(places, account.as_bytes()),
            // Nobody is signed in yet.
            None => Ok(()),
        }
    }

    /// Counts a request from an address; one of IPv6 by its network of 64 bits, which one customer has for itself.
    pub fn address(&self, address: IpAddr, class: Class) -> Result<(), u64> {
        let Some(inner) = &self.0 else { return Ok(()) };
        let network = match address.to_canonical() {
            IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() >> 64 << 64)),
            address => address,
        };
        inner.take(&inner.address[class as usize], network.to_string().as_bytes())
    }
}

impl Inner {
    fn take(&self, places: &Places, name: &[u8]) -> Result<(), u64> {
        let digest = Digest::of(&[&self.secret, name]);
        let place = u16::from_be_bytes([digest.0[0], digest.0[1]]);
        let taken = places.check_key(&place);
        taken.map_err(|until| until.wait_time_from(self.clock.now()).as_secs_f64().ceil().max(1.0) as u64)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};

    use super::*;

    /// Limits of three reads at once and six a minute, and a clock in seconds.
    fn limits() -> (Limits, Arc<AtomicU64>) {
        let rules = LimitRules {
            read: Rate::of(3, 6),
            sign_in: Rate::of(1, 1),
            address_times: NonZeroU32::new(2).unwrap(),
            ..LimitRules::default()
        };
        let seconds = Arc::new(AtomicU64::new(0));
        let read = seconds.clone();
        let passed = move || Duration::from_secs(read.load(Ordering::Relaxed));
        (Limits::new(&rules, &mut Chance::seeded(1, "limits"), passed), seconds)
    }

    #[test]
    fn who_asks_too_often_waits_and_nobody_else() {
        let (limits, seconds) = limits();
        let ask = |account: &str| limits.account(account, Class::Read);
        assert_eq!([ask("a"), ask("a"), ask("a"), ask("a")], [Ok(()), Ok(()), Ok(()), Err(10)]);
        assert_eq!(ask("b"), Ok(()));
        assert_eq!(limits.account("a", Class::Write), Ok(()), "classes are counted apart");
        seconds.store(4, Ordering::Relaxed);
        assert_eq!(ask("a"), Err(6));
        seconds.store(10, Ordering::Relaxed);
        assert_eq!([ask("a"), ask("a")], [Ok(()), Err(10)]);
    }

    #[test]
    fn an_address_may_do_more_than_an_account_and_a_network_is_one() {
        let (limits, _) = limits();
        let ask = |address: &str, class| limits.address(address.parse().unwrap(), class);
        for _ in 0..6 {
            assert_eq!(ask("192.0.2.1", Class::Read), Ok(()));
        }
        assert!(ask("192.0.2.1", Class::Read).is_err() && ask("::ffff:192.0.2.1", Class::Read).is_err());
        assert_eq!(ask("192.0.2.2", Class::Read), Ok(()));
        assert_eq!(ask("2001:db8:1:1::1", Class::SignIn), Ok(()));
        assert_eq!(ask("2001:db8:1:1:9::9", Class::SignIn), Err(60));
        assert_eq!(ask("2001:db8:1:2::1", Class::SignIn), Ok(()));
    }

    #[test]
    fn whoever_invents_names_fills_no_memory() {
        let (limits, _) = limits();
        for name in 0..200_000 {
            let _ = limits.account(&format!("invented/{name}"), Class::Read);
        }
        let kept = limits.0.unwrap().account[Class::Read as usize].len();
        assert!(kept <= usize::from(u16::MAX) + 1, "{kept}");
    }

    #[test]
    fn off_is_off() {
        let rules = LimitRules { enabled: false, ..LimitRules::default() };
        let limits = Limits::new(&rules, &mut Chance::seeded(1, "limits"), || Duration::ZERO);
        assert!((0..10_000).all(|_| limits.account("a", Class::Export).is_ok()));
    }
}
