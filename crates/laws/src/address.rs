//! Words to the places they may mean, in the tiny profile.

use std::path::Path;
use std::sync::LazyLock;

use district::{AddressReason, Candidate, Found, Profile};
use kernel::Instant;
use kernel::text::Language;

static PROFILE: LazyLock<Profile> = LazyLock::new(|| {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../profiles/tiny");
    Profile::load(&folder).expect("the tiny profile is sound")
});

const WHEN: Instant = Instant::from_micros(1_772_323_200_000_000);

/// The first byte says how many candidates are asked for; the rest is the text.
pub fn law(data: &[u8]) {
    let Some((most, text)) = data.split_first() else { return };
    let most = usize::from(*most % 32);
    let text = String::from_utf8_lossy(text);
    let found = PROFILE.find_address(&text, WHEN, most);
    assert!(found.len() <= most);
    assert!(found.windows(2).all(|pair| pair[0].score >= pair[1].score), "the likeliest first");
    for candidate in &found {
        sound(candidate, &text);
    }
    let all = PROFILE.find_address(&text, WHEN, usize::MAX);
    assert_eq!(marks(&found), marks(&all[..found.len()]), "fewer are the first of all");
    assert_eq!(found.len(), most.min(all.len()));
    // Each place once.
    let mut places: Vec<String> = all.iter().map(|candidate| place(&candidate.found)).collect();
    places.sort();
    let count = places.len();
    places.dedup();
    assert_eq!(places.len(), count, "{text:?}");
    // Full-width letters are the same text.
    assert_eq!(marks(&PROFILE.find_address(&wide(&text), WHEN, usize::MAX)), marks(&all), "{text:?}");
    named_buildings_are_found(&text, &all);
}

fn sound(candidate: &Candidate<'_>, text: &str) {
    assert!((0.0..=1.0).contains(&candidate.score), "{text:?}: {}", candidate.score);
    assert!(!candidate.reasons.is_empty(), "{text:?}");
    for reason in &candidate.reasons {
        let message = reason.message(Language::Chinese);
        assert!(!message.is_empty() && message != reason.code(), "{text:?}: {message}");
        if let AddressReason::RoadLike { written, .. } = reason {
            assert!(written.chars().count() <= 3 * text.chars().count(), "what was written stands in the text");
        }
    }
    if let Some(point) = candidate.point {
        let [west, south, east, north] = PROFILE.settings.bounds;
        assert!((west..=east).contains(&point.longitude()) && (south..=north).contains(&point.latitude()), "{text:?}");
    }
}

/// A building whose Chinese name stands in the text letter by letter is among the candidates.
fn named_buildings_are_found(text: &str, all: &[Candidate<'_>]) {
    for building in PROFILE.places.buildings() {
        let Some(name) = &building.name else { continue };
        if name.zh.chars().count() < 2 || !text.contains(&name.zh) {
            continue;
        }
        let is_it =
            |candidate: &Candidate<'_>| matches!(candidate.found, Found::Building(b) if b.code == building.code);
        assert!(all.iter().any(is_it), "{text:?} names {}", name.zh);
    }
}

fn place(found: &Found<'_>) -> String {
    match found {
        Found::Building(building) => format!("building {}", building.code),
        Found::Road(road) => format!("road {}", road.code),
        Found::Crossing(one, other) => format!("crossing {} {}", one.code, other.code),
    }
}

/// What is compared of candidates.
fn marks(candidates: &[Candidate<'_>]) -> Vec<(String, u64)> {
    candidates.iter().map(|candidate| (place(&candidate.found), candidate.score.to_bits())).collect()
}

fn wide(text: &str) -> String {
    let wide = |c: char| match c {
        ' ' => '\u{3000}',
        '!'..='~' => char::from_u32(c as u32 + 0xfee0).unwrap_or(c),
        other => other,
    };
    text.chars().map(wide).collect()
}
