//! `district.toml`

use jiff::tz::TimeZone;

use crate::fault::{Faults, codes};
use crate::read::Toml;
use crate::settings::Settings;

const APPS: [&str; 4] = ["resident", "pioneer", "desk", "wall"];
const LANGUAGES: [&str; 2] = ["zh-CN", "en"];

pub(super) fn check(settings: &Toml<Settings>, faults: &mut Faults) {
    if settings.code.is_empty() || !settings.code.bytes().all(|byte| byte.is_ascii_digit()) {
        faults.add(settings.fault("code", codes::VALUE_NOT_A_NUMBER).with("value", &settings.code));
    }
    if TimeZone::get(&settings.time_zone).is_err() {
        faults.add(settings.fault("time_zone", codes::VALUE_NOT_A_ZONE).with("value", &settings.time_zone));
    }
    not_allowed(settings, "language", &settings.language, &LANGUAGES, faults);
    bounds(settings, faults);
    if settings.level.is_empty() {
        faults.add(settings.fault("level", codes::VALUE_EMPTY));
    }
    for (name, text) in [("name_zh", &settings.name_zh), ("name_en", &settings.name_en)] {
        if text.trim().is_empty() {
            faults.add(settings.fault(name, codes::VALUE_EMPTY));
        }
    }
    let levels = settings.level.iter().map(|level| &level.key).enumerate().map(|(place, key)| ("level", place, key));
    let layers = settings.layer.iter().map(|layer| &layer.key).enumerate().map(|(place, key)| ("layer", place, key));
    let mut seen = Vec::new();
    for (list, place, key) in levels.chain(layers) {
        let path = format!("{list}.{place}.key");
        if let Some((_, first)) = seen.iter().find(|(other, _)| *other == key) {
            faults.add(settings.fault(&path, codes::DUPLICATE).with("value", key).with("first", first));
        }
        seen.push((key, settings.line(&path)));
    }
    for (key, colour) in &settings.theme {
        let digits = colour.strip_prefix('#').unwrap_or_default();
        if digits.len() != 6 || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            let fault = settings.fault(&format!("theme.{key}"), codes::VALUE_NOT_A_COLOUR);
            faults.add(fault.with("value", colour));
        }
    }
    for app in settings.apps.keys() {
        not_allowed(settings, &format!("apps.{app}"), app, &APPS, faults);
    }
}

fn not_allowed(settings: &Toml<Settings>, path: &str, value: &str, allowed: &[&str], faults: &mut Faults) {
    if !allowed.contains(&value) {
        let fault = settings.fault(path, codes::VALUE_NOT_ALLOWED).with("value", value);
        faults.add(fault.with("allowed", allowed.join(", ")));
    }
}

fn bounds(settings: &Toml<Settings>, faults: &mut Faults) {
    let [west, south, east, north] = settings.bounds;
    for (value, least, most) in
        [(west, -180.0, 180.0), (east, west.max(-180.0), 180.0), (south, -90.0, 90.0), (north, south.max(-90.0), 90.0)]
    {
        if !(least..=most).contains(&value) {
            let fault = settings.fault("bounds", codes::VALUE_OUT_OF_RANGE).with("value", value);
            faults.add(fault.with("least", least).with("most", most));
        }
    }
}
