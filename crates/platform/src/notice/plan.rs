//! Who is told of an event, and by which ways.

use std::collections::{BTreeMap, BTreeSet};

use super::rule::{Channel, NoticeRule, Recipient};
use super::{Directory, Event, Target};
use crate::{Grant, Scope};

/// Posts and accounts that a rule names, before it is known who holds the posts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    pub posts: BTreeSet<String>,
    pub accounts: BTreeSet<String>,
    /// Places in `to` of the rule that name an address outside.
    pub outside: Vec<usize>,
}

/// What is to be written of an event: the rule, who, and the ways. Nobody is told of one event twice by the same way: the first
/// rule that names them counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Planned {
    /// Place among the rules.
    pub rule: usize,
    pub recipient: Whom,
    pub channels: BTreeSet<Channel>,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Whom {
    Account(String),
    /// Place in `to` of the rule.
    Outside(usize),
}

pub fn wanted(rule: &NoticeRule, event: &Event, directory: &dyn Directory) -> Wanted {
    let mut wanted = Wanted::default();
    for (place, recipient) in rule.to.iter().enumerate() {
        let Recipient { relation, roles, post, role, mail, phone } = recipient;
        wanted.posts.extend(post.clone());
        wanted.posts.extend(role.iter().flat_map(|role| directory.posts_with_role(role)));
        if mail.is_some() || phone.is_some() {
            wanted.outside.push(place);
        }
        let targets = relation.as_ref().and_then(|relation| event.relations.get(relation.as_str()));
        for target in targets.into_iter().flatten() {
            match target {
                Target::Post(post) => wanted.posts.extend([post.clone()]),
                Target::Account(account) => wanted.accounts.extend([account.clone()]),
                Target::Organization(organization) => {
                    let of_role = |post: &String| {
                        let role = directory.grant(post).map(|grant| grant.role);
                        roles.is_empty() || role.is_some_and(|role| roles.contains(&role))
                    };
                    wanted.posts.extend(directory.posts_of(organization).into_iter().filter(of_role));
                }
            }
        }
    }
    wanted
}

/// `wanted`: of each rule that holds, by its place; `holders`: the posts of every account that may be concerned.
pub fn plan(
    rules: &[NoticeRule],
    wanted: &BTreeMap<usize, Wanted>,
    holders: &BTreeMap<String, BTreeSet<String>>,
    event: &Event,
    directory: &dyn Directory,
) -> Vec<Planned> {
    let mut told: BTreeSet<(String, Channel)> = BTreeSet::new();
    let mut planned = Vec::new();
    for (place, wanted) in wanted {
        let Some(rule) = rules.get(*place) else { continue };
        for (account, posts) in holders {
            let is_named = wanted.accounts.contains(account) || !posts.is_disjoint(&wanted.posts);
            if !is_named || event.by.as_ref() == Some(account) || !may_know(account, posts, event, directory) {
                continue;
            }
            let fresh = |channel: &Channel| told.insert((account.clone(), *channel));
            let channels: BTreeSet<Channel> = rule.channels.iter().copied().filter(fresh).collect();
            if !channels.is_empty() {
                planned.push(Planned { rule: *place, recipient: Whom::Account(account.clone()), channels });
            }
        }
        let is_open = event.sight.as_ref().is_none_or(|sight| sight.resource.confidential.is_none());
        for to in wanted.outside.iter().filter(|_| is_open) {
            let is_mail = rule.to.get(*to).is_some_and(|recipient| recipient.mail.is_some());
            let channel = if is_mail { Channel::Mail } else { Channel::Sms };
            if rule.channels.contains(&channel) {
                let channels = [channel].into();
                planned.push(Planned { rule: *place, recipient: Whom::Outside(*to), channels });
            }
        }
    }
    planned
}

/// Whoever may not see a thing is not told of it.
fn may_know(account: &str, posts: &BTreeSet<String>, event: &Event, directory: &dyn Directory) -> bool {
    let Some(sight) = &event.sight else { return true };
    let grants: Vec<Grant> = posts.iter().filter_map(|post| directory.grant(post)).collect();
    Scope::new(account.to_owned(), grants).allows(sight.action, &sight.resource)
}
