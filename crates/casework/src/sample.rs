//! The tiny profile, for tests of calls, cards and outages.

use std::path::Path;
use std::sync::LazyLock;

use district::Profile;
use kernel::Instant;

use crate::case::{Action, Caller, Context, Hand, Rulebook, TIMEKEEPER, Words};

pub fn profile() -> &'static Profile {
    static PROFILE: LazyLock<Profile> = LazyLock::new(|| {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../profiles/tiny");
        Profile::load(&folder).unwrap_or_else(|faults| panic!("the tiny profile has faults: {faults:?}"))
    });
    &PROFILE
}

pub fn book() -> &'static Rulebook {
    static BOOK: LazyLock<Rulebook> = LazyLock::new(|| crate::rulebook(profile()).unwrap());
    &BOOK
}

/// Someone who may do everything, with a post in `organization`.
pub fn caller(person: &str, organization: &str) -> Caller {
    let (person, organization) = (person.to_owned(), organization.to_owned());
    Caller::new(Hand::Post { post: format!("{organization}.post"), person, organization }, Action::ALL)
}

/// The same without any action.
pub fn bystander(organization: &str) -> Caller {
    Caller { actions: Default::default(), ..caller("nobody", organization) }
}

pub fn timekeeper() -> Caller {
    Caller::new(Hand::System { name: TIMEKEEPER.to_owned() }, [])
}

/// A local time of the profile's zone in 2026, such as `03-02 09:00`.
pub fn at(text: &str) -> Instant {
    format!("2026-{}:00+08:00", text.replace(' ', "T")).parse().unwrap()
}

pub fn context<'a>(caller: &'a Caller, at: Instant) -> Context<'a> {
    Context { book: book(), at, claimed_at: None, caller, draw: 0.5, head: None }
}

pub fn words(text: &str) -> Words {
    Words::new(text).unwrap()
}
