//! The tiny profile, for tests.

use std::path::Path;
use std::sync::LazyLock;

use district::Profile;
use district::open311::Open311;

pub fn profile() -> &'static Profile {
    static PROFILE: LazyLock<Profile> = LazyLock::new(|| {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../profiles/tiny");
        Profile::load(&folder).unwrap_or_else(|faults| panic!("the tiny profile has faults: {faults:?}"))
    });
    &PROFILE
}

pub fn offered() -> &'static Open311 {
    profile().open311.as_ref().expect("the tiny profile offers services")
}
