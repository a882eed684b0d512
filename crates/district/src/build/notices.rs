//! `notices.toml`

use std::collections::HashMap;

use platform::notice::{Channel, NoticeRule, NoticeRules, Recipient};

use super::rules::{filled, unique};
use crate::fault::{Faults, codes};
use crate::read::{Files, Toml};
use crate::vocabulary::Vocabulary;

pub(super) fn check(files: &Files, vocabulary: Option<&Vocabulary>, faults: &mut Faults) {
    let Some(notices) = &files.notices else { return };
    filled(notices, "source", &notices.source, faults);
    let mut seen = HashMap::new();
    for (place, rule) in notices.rule.iter().enumerate() {
        let path = format!("rule.{place}");
        unique(notices, &format!("{path}.key"), &rule.key, &mut seen, faults);
        let is_key =
            |key: &str| key.len() <= 40 && key.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_'));
        if !is_key(&rule.key) {
            faults.add(notices.fault(&format!("{path}.key"), codes::NOTICE_KEY).with("value", &rule.key));
        }
        words(notices, &path, rule, vocabulary, faults);
        for (field, is_empty) in
            [("kinds", rule.kinds.is_empty()), ("to", rule.to.is_empty()), ("channels", rule.channels.is_empty())]
        {
            if is_empty {
                faults.add(notices.fault(&format!("{path}.{field}"), codes::VALUE_EMPTY));
            }
        }
        for (at, channel) in rule.channels.iter().enumerate() {
            // Systems are told by the endpoints that an administrator keeps, people by rules.
            if *channel == Channel::Webhook {
                let path = format!("{path}.channels.{at}");
                faults.add(notices.fault(&path, codes::NOTICE_CHANNEL).with("value", channel.word()));
            }
        }
        for (at, recipient) in rule.to.iter().enumerate() {
            recipients(files, notices, &format!("{path}.to.{at}"), recipient, vocabulary, faults);
            let lacks = [
                (recipient.mail.is_some() && !rule.channels.contains(&Channel::Mail), "mail"),
                (recipient.phone.is_some() && !rule.channels.contains(&Channel::Sms), "phone"),
            ];
            for (_, field) in lacks.into_iter().filter(|(lacks, _)| *lacks) {
                let fault = notices.fault(&format!("{path}.to.{at}.{field}"), codes::NOTICE_CHANNEL);
                faults.add(fault.with("value", field));
            }
        }
    }
}

/// Kinds and conditions, as far as the product's words are known.
fn words(
    notices: &Toml<NoticeRules>,
    path: &str,
    rule: &NoticeRule,
    vocabulary: Option<&Vocabulary>,
    faults: &mut Faults,
) {
    let Some(known) = vocabulary else { return };
    for (at, pattern) in rule.kinds.iter().enumerate() {
        if !known.kinds.iter().any(|kind| platform::notice::is_kind_of(kind, pattern)) {
            faults.add(notices.fault(&format!("{path}.kinds.{at}"), codes::UNKNOWN_KIND).with("value", pattern));
        }
    }
    for (name, values) in &rule.when {
        let path = format!("{path}.when.{name}");
        if !known.traits.contains(name) {
            faults.add(notices.fault(&path, codes::UNKNOWN_TRAIT).with("value", name));
        }
        if values.is_empty() {
            faults.add(notices.fault(&path, codes::VALUE_EMPTY));
        }
    }
}

fn recipients(
    files: &Files,
    notices: &Toml<NoticeRules>,
    path: &str,
    recipient: &Recipient,
    vocabulary: Option<&Vocabulary>,
    faults: &mut Faults,
) {
    if recipient.ways() != 1 || (recipient.relation.is_none() && !recipient.roles.is_empty()) {
        faults.add(notices.fault(path, codes::NOTICE_RECIPIENT));
    }
    if let (Some(relation), Some(known)) = (&recipient.relation, vocabulary)
        && !known.relations.contains(relation)
    {
        faults.add(notices.fault(&format!("{path}.relation"), codes::UNKNOWN_RELATION).with("value", relation));
    }
    if let Some(post) = &recipient.post
        && !files.posts.rows.iter().any(|row| row.key.trim() == post)
    {
        faults.add(notices.fault(&format!("{path}.post"), codes::UNKNOWN_POST).with("value", post));
    }
    let roles = recipient.roles.iter().enumerate().map(|(at, role)| (format!("{path}.roles.{at}"), role));
    for (path, role) in roles.chain(recipient.role.iter().map(|role| (format!("{path}.role"), role))) {
        if files.roles.as_ref().is_some_and(|roles| roles.get(role).is_none()) {
            faults.add(notices.fault(&path, codes::UNKNOWN_ROLE).with("value", role));
        }
    }
    let addresses = [
        ("mail", &recipient.mail, platform::notice::is_mail as fn(&str) -> bool),
        ("phone", &recipient.phone, platform::notice::is_phone),
    ];
    for (field, address, is_one) in addresses {
        if let Some(address) = address.as_ref().filter(|address| !is_one(address)) {
            faults.add(notices.fault(&format!("{path}.{field}"), codes::NOTICE_ADDRESS).with("value", address));
        }
    }
}
