//! `open311.toml`

use std::collections::{HashMap, HashSet};

use kernel::Instant;

use super::rules::{filled, unique};
use crate::fault::{Faults, codes};
use crate::open311::{Datatype, Open311, Peer, Service};
use crate::read::{Files, Toml};

/// The least time between two polls of another system, in seconds.
const INTERVAL: u32 = 10;

pub(super) fn check(files: &Files, faults: &mut Faults) {
    let Some(open311) = &files.open311 else { return };
    let matters: HashSet<&str> = files.matters.rows.iter().map(|row| row.code.trim()).collect();
    for (path, text) in [
        ("jurisdiction_id", &open311.jurisdiction_id),
        ("contact_zh", &open311.contact_zh),
        ("contact_en", &open311.contact_en),
        ("source", &open311.source),
    ] {
        filled(open311, path, text, faults);
    }
    if open311.changeset.parse::<Instant>().is_err() {
        faults.add(open311.fault("changeset", codes::VALUE_NOT_A_DATE).with("value", &open311.changeset));
    }
    let (mut seen, mut stood_for) = (HashMap::new(), HashMap::new());
    for (place, service) in open311.service.iter().enumerate() {
        let path = format!("service.{place}");
        unique(open311, &format!("{path}.code"), &service.code, &mut seen, faults);
        word(open311, &format!("{path}.code"), &service.code, faults);
        // Of two services of one matter a case would not show which it is.
        unique(open311, &format!("{path}.matter"), &service.matter, &mut stood_for, faults);
        known(open311, &format!("{path}.matter"), &service.matter, &matters, faults);
        check_service(open311, &path, service, faults);
    }
    let mut seen = HashMap::new();
    for (place, peer) in open311.peer.iter().enumerate() {
        unique(open311, &format!("peer.{place}.key"), &peer.key, &mut seen, faults);
        check_peer(open311, place, peer, &matters, faults);
    }
}

fn check_service(file: &Toml<Open311>, path: &str, service: &Service, faults: &mut Faults) {
    for (field, text) in [("group_zh", &service.group_zh), ("group_en", &service.group_en)] {
        filled(file, &format!("{path}.{field}"), text, faults);
    }
    let mut seen = HashMap::new();
    for (place, attribute) in service.attribute.iter().enumerate() {
        let path = format!("{path}.attribute.{place}");
        unique(file, &format!("{path}.code"), &attribute.code, &mut seen, faults);
        word(file, &format!("{path}.code"), &attribute.code, faults);
        filled(file, &format!("{path}.description_zh"), &attribute.description_zh, faults);
        filled(file, &format!("{path}.description_en"), &attribute.description_en, faults);
        let is_list = matches!(attribute.datatype, Datatype::SingleValueList | Datatype::MultiValueList);
        if is_list == attribute.values.is_empty() {
            let code = if is_list { codes::VALUE_EMPTY } else { codes::VALUE_EXCESS };
            faults.add(file.fault(&format!("{path}.values"), code).with("value", "values"));
        }
        let mut keys = HashMap::new();
        for (place, value) in attribute.values.iter().enumerate() {
            unique(file, &format!("{path}.values.{place}.key"), &value.key, &mut keys, faults);
            filled(file, &format!("{path}.values.{place}.name_zh"), &value.name_zh, faults);
            filled(file, &format!("{path}.values.{place}.name_en"), &value.name_en, faults);
        }
    }
}

fn check_peer(file: &Toml<Open311>, place: usize, peer: &Peer, matters: &HashSet<&str>, faults: &mut Faults) {
    let path = format!("peer.{place}");
    word(file, &format!("{path}.key"), &peer.key, faults);
    if !["http://", "https://"].iter().any(|scheme| peer.endpoint.starts_with(scheme)) {
        let fault = file.fault(&format!("{path}.endpoint"), codes::VALUE_NOT_ALLOWED);
        faults.add(fault.with("value", &peer.endpoint).with("allowed", "http://… https://…"));
    }
    if peer.interval_seconds < INTERVAL {
        let fault = file.fault(&format!("{path}.interval_seconds"), codes::VALUE_OUT_OF_RANGE);
        faults.add(fault.with("value", peer.interval_seconds).with("least", INTERVAL).with("most", u32::MAX));
    }
    for (theirs, matter) in &peer.services {
        known(file, &format!("{path}.services.{theirs}"), matter, matters, faults);
    }
}

fn known(file: &Toml<Open311>, path: &str, matter: &str, matters: &HashSet<&str>, faults: &mut Faults) {
    if !matters.contains(matter) {
        faults.add(file.fault(path, codes::UNKNOWN_MATTER).with("value", matter));
    }
}

/// What stands in an address: letters, digits, `-` and `_`.
fn word(file: &Toml<Open311>, path: &str, text: &str, faults: &mut Faults) {
    if !text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_') {
        let fault = file.fault(path, codes::VALUE_NOT_ALLOWED);
        faults.add(fault.with("value", text).with("allowed", "A–Z a–z 0–9 - _"));
    }
}
