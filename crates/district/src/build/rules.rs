//! `roles.toml`, `cards.toml`, `rules.toml`

use std::collections::HashMap;

use super::Codes;
use platform::administration::{self, Mixture};

use crate::cards::{Cards, Ground};
use crate::fault::{Faults, codes};
use crate::read::{Files, Toml};
use crate::rules::{ReasonCode, Roles, Rules};
use crate::vocabulary::Vocabulary;

pub(super) fn check(files: &Files, known: &Codes, vocabulary: Option<&Vocabulary>, faults: &mut Faults) {
    if let Some(roles) = &files.roles {
        check_roles(roles, vocabulary, faults);
    }
    if let Some(cards) = &files.cards {
        check_cards(cards, faults);
    }
    if let Some(rules) = &files.rules {
        references(files, known, rules, faults);
        amounts(rules, faults);
        chains(files, rules, vocabulary, faults);
        switches(rules, faults);
    }
}

fn check_roles(roles: &Toml<Roles>, vocabulary: Option<&Vocabulary>, faults: &mut Faults) {
    let mut seen = HashMap::new();
    for (place, role) in roles.role.iter().enumerate() {
        unique(roles, &format!("role.{place}.key"), &role.key, &mut seen, faults);
        filled(roles, &format!("role.{place}.name_zh"), &role.name_zh, faults);
        filled(roles, &format!("role.{place}.name_en"), &role.name_en, faults);
        let fault = match administration::mixture(role.actions.iter().map(String::as_str)) {
            Some(Mixture::Two) => Some(codes::ROLE_OF_TWO_ADMINISTRATIONS),
            Some(Mixture::WithWork) => Some(codes::ROLE_ADMINISTERS_AND_WORKS),
            None => None,
        };
        if let Some(code) = fault {
            faults.add(roles.fault(&format!("role.{place}.actions"), code).with("value", &role.key));
        }
        for (action_place, action) in role.actions.iter().enumerate() {
            let word =
                |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
            let path = format!("role.{place}.actions.{action_place}");
            if !action.split_once('.').is_some_and(|(noun, verb)| word(noun) && word(verb)) {
                faults.add(roles.fault(&path, codes::VALUE_NOT_AN_ACTION).with("value", action));
            } else if vocabulary.is_some_and(|known| !known.actions.contains(action)) {
                faults.add(roles.fault(&path, codes::UNKNOWN_ACTION).with("value", action));
            }
        }
    }
}

fn check_cards(cards: &Toml<Cards>, faults: &mut Faults) {
    share(cards, "reminder_share", cards.reminder_share, faults);
    filled(cards, "source", &cards.source, faults);
    for (place, rule) in cards.rule.iter().enumerate() {
        let mut must = |field: &str, wanted: bool, given: bool| {
            if wanted != given {
                let code = if wanted { codes::VALUE_EMPTY } else { codes::VALUE_EXCESS };
                faults.add(cards.fault(&format!("rule.{place}.{field}"), code).with("value", field));
            }
        };
        must("after", rule.ground == Ground::YellowUnanswered, rule.after.is_some());
        must("window", rule.ground == Ground::YellowRepeated, rule.window.is_some());
        if rule.ground != Ground::Lapse {
            must("stages", false, !rule.stages.is_empty());
        }
    }
}

/// Organizations and posts that the rules name.
fn references(files: &Files, known: &Codes, rules: &Toml<Rules>, faults: &mut Faults) {
    let mut organizations = vec![
        ("duty.centre".to_owned(), &rules.duty.centre),
        ("returns.reviewer".to_owned(), &rules.returns.reviewer),
        ("follow_up.organization".to_owned(), &rules.follow_up.organization),
        ("supervision.organization".to_owned(), &rules.supervision.organization),
        ("confidential.organization".to_owned(), &rules.confidential.organization),
        ("outage.declarer".to_owned(), &rules.outage.declarer),
    ];
    let arbitrators = rules.returns.arbitrators.iter().enumerate();
    organizations.extend(arbitrators.map(|(place, code)| (format!("returns.arbitrators.{place}"), code)));
    for (path, code) in organizations {
        if !known.organizations.contains(code) {
            faults.add(rules.fault(&path, codes::UNKNOWN_ORGANIZATION).with("value", code));
        }
    }
    if rules.returns.arbitrators.is_empty() {
        faults.add(rules.fault("returns.arbitrators", codes::VALUE_EMPTY));
    }
    let leader = &rules.green_channel.leader_post;
    if !files.posts.rows.iter().any(|row| row.key.trim() == leader) {
        faults.add(rules.fault("green_channel.leader_post", codes::UNKNOWN_POST).with("value", leader));
    }
}

fn amounts(rules: &Toml<Rules>, faults: &mut Faults) {
    share(rules, "rework.share", rules.rework.share, faults);
    share(rules, "sample.share", rules.sample.share, faults);
    let ranges = [
        ("rating.scale", rules.rating.scale, 2, 10),
        ("call.low_rating", rules.call.low_rating, 1, rules.rating.scale),
        ("follow_up.attempts", rules.follow_up.attempts, 1, 10),
        ("exclusion.panel", rules.exclusion.panel, 2, 9),
    ];
    for (path, value, least, most) in ranges {
        if !(least..=most).contains(&value) {
            let fault = rules.fault(path, codes::VALUE_OUT_OF_RANGE).with("value", value);
            faults.add(fault.with("least", least).with("most", most));
        }
    }
    filled(rules, "source", &rules.source, faults);
    filled(rules, "secrets.instruction_zh", &rules.secrets.instruction_zh, faults);
    filled(rules, "secrets.instruction_en", &rules.secrets.instruction_en, faults);
    reasons(rules, "extension", &rules.extension.reasons, faults);
    reasons(rules, "suspension", &rules.suspension.reasons, faults);
    reasons(rules, "exclusion", &rules.exclusion.reasons, faults);
}

fn reasons(rules: &Toml<Rules>, of: &str, reasons: &[ReasonCode], faults: &mut Faults) {
    if reasons.is_empty() {
        faults.add(rules.fault(&format!("{of}.reasons"), codes::VALUE_EMPTY));
    }
    let mut seen = HashMap::new();
    for (place, reason) in reasons.iter().enumerate() {
        unique(rules, &format!("{of}.reasons.{place}.key"), &reason.key, &mut seen, faults);
        filled(rules, &format!("{of}.reasons.{place}.name_zh"), &reason.name_zh, faults);
        filled(rules, &format!("{of}.reasons.{place}.name_en"), &reason.name_en, faults);
    }
}

fn chains(files: &Files, rules: &Toml<Rules>, vocabulary: Option<&Vocabulary>, faults: &mut Faults) {
    let mut seen = HashMap::new();
    for (place, chain) in rules.chain.iter().enumerate() {
        unique(rules, &format!("chain.{place}.key"), &chain.key, &mut seen, faults);
        if chain.steps.is_empty() {
            faults.add(rules.fault(&format!("chain.{place}.steps"), codes::VALUE_EMPTY));
        }
        for (step, role) in chain.steps.iter().enumerate() {
            let path = format!("chain.{place}.steps.{step}");
            if vocabulary.is_some_and(|known| !known.steps.contains(role)) {
                faults.add(rules.fault(&path, codes::UNKNOWN_STEP).with("value", role));
            } else if files.roles.as_ref().is_some_and(|roles| roles.get(role).is_none()) {
                faults.add(rules.fault(&path, codes::UNKNOWN_ROLE).with("value", role));
            }
        }
    }
}

/// What is compulsory states its ground (PRACTICE 15).
fn switches(rules: &Toml<Rules>, faults: &mut Faults) {
    for (place, switch) in rules.switch.iter().enumerate() {
        if switch.on && (switch.ground_zh.trim().is_empty() || switch.ground_en.trim().is_empty()) {
            let fault = rules.fault(&format!("switch.{place}.on"), codes::SWITCH_WITHOUT_GROUND);
            faults.add(fault.with("value", switch.key));
        }
    }
}

fn share<T>(file: &Toml<T>, path: &str, value: f64, faults: &mut Faults) {
    if !(0.0..=1.0).contains(&value) {
        let fault = file.fault(path, codes::VALUE_OUT_OF_RANGE).with("value", value);
        faults.add(fault.with("least", 0).with("most", 1));
    }
}

pub(super) fn filled<T>(file: &Toml<T>, path: &str, text: &str, faults: &mut Faults) {
    if text.trim().is_empty() {
        faults.add(file.fault(path, codes::VALUE_EMPTY));
    }
}

pub(super) fn unique<'a, T>(
    file: &Toml<T>,
    path: &str,
    key: &'a str,
    seen: &mut HashMap<&'a str, u64>,
    faults: &mut Faults,
) {
    filled(file, path, key, faults);
    let fault = file.fault(path, codes::DUPLICATE);
    match seen.get(key) {
        Some(first) => faults.add(fault.with("value", key).with("first", first)),
        None => {
            seen.insert(key, fault.line);
        }
    }
}
