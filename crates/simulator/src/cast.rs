//! The cast: who of the district acts, found by what their posts allow.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::str::FromStr;

use casework::case::{Action, Caller, Hand};
use district::Profile;
use kernel::{Chance, Instant};

/// Every post with the person who holds it. A post that no one holds acts never.
pub struct Cast {
    members: Vec<Member>,
    /// Members of an organization and of those under it, by what they may do; in the profile's order.
    able: HashMap<(String, Action), Vec<usize>>,
    parents: BTreeMap<String, Option<String>>,
}

struct Member {
    post: String,
    role: String,
    organization: String,
    caller: Caller,
}

impl Cast {
    pub fn of(profile: &Profile) -> Cast {
        let parents: BTreeMap<String, Option<String>> =
            profile.organizations.all().iter().map(|one| (one.code.clone(), one.parent.clone())).collect();
        let mut members: Vec<Member> = Vec::new();
        let mut able: HashMap<(String, Action), Vec<usize>> = HashMap::new();
        for post in profile.posts.all() {
            let named = profile.roles.get(&post.role).map_or(&[][..], |role| &role.actions);
            let actions: BTreeSet<Action> = named.iter().filter_map(|name| Action::from_str(name).ok()).collect();
            for organization in profile.organizations.line(&post.organization) {
                for action in &actions {
                    able.entry((organization.code.clone(), *action)).or_default().push(members.len());
                }
            }
            let (person, post_key) = (format!("sim.{}", post.key), post.key.clone());
            let hand = Hand::Post { person, post: post_key, organization: post.organization.clone() };
            members.push(Member {
                post: post.key.clone(),
                role: post.role.clone(),
                organization: post.organization.clone(),
                caller: Caller::new(hand, actions),
            });
        }
        Cast { members, able, parents }
    }

    /// Someone of `organization`, or of a part of it, who may do `action`. One of the organization itself comes before one of
    /// its parts.
    pub fn of_organization(&self, organization: &str, action: Action, chance: &mut Chance) -> Option<&Caller> {
        self.one_of(self.able(organization, action), organization, chance, |_| true)
    }

    /// The same, but none of `others`, who are persons.
    pub fn another(&self, organization: &str, action: Action, others: &[&str], chance: &mut Chance) -> Option<&Caller> {
        let other = |member: &Member| member.caller.hand.person().is_none_or(|person| !others.contains(&person));
        self.one_of(self.able(organization, action), organization, chance, other)
    }

    /// Someone who may do `action` for a desk: on duty there, else of the desk, else of the centre, else of those above it.
    pub fn at_desk(
        &self,
        profile: &Profile,
        desk: &str,
        action: Action,
        at: Instant,
        others: &[&str],
        chance: &mut Chance,
    ) -> Option<&Caller> {
        let free = |member: &Member| member.caller.hand.person().is_none_or(|person| !others.contains(&person));
        if let Some(duty) = profile.on_duty(desk, at) {
            let on_duty = self.members.iter().find(|member| member.post == duty.on_duty);
            if let Some(member) = on_duty.filter(|member| member.caller.may(action) && free(member)) {
                return Some(&member.caller);
            }
        }
        let mut places = vec![desk, profile.rules.duty.centre.as_str()];
        let mut above = self.parents.get(desk).and_then(Option::as_deref);
        while let Some(organization) = above {
            places.push(organization);
            above = self.parents.get(organization).and_then(Option::as_deref);
        }
        for (place, organization) in places.into_iter().enumerate() {
            let own = |member: &Member| place < 2 || member.organization == organization;
            let able = self.able(organization, action);
            if let Some(caller) = self.one_of(able, organization, chance, |member| own(member) && free(member)) {
                return Some(caller);
            }
        }
        None
    }

    /// Whoever in the district may do `action`.
    pub fn anyone(&self, action: Action, others: &[&str], chance: &mut Chance) -> Option<&Caller> {
        let free = |member: &&Member| {
            member.caller.may(action) && member.caller.hand.person().is_none_or(|person| !others.contains(&person))
        };
        let able: Vec<&Member> = self.members.iter().filter(free).collect();
        chance.pick(&able).map(|member| &member.caller)
    }

    /// The caller behind a post.
    pub fn post(&self, key: &str) -> Option<&Caller> {
        self.members.iter().find(|member| member.post == key).map(|member| &member.caller)
    }

    /// The part of `organization` that has a post of `role`: the organization itself where none has.
    pub fn part_with(&self, organization: &str, role: &str) -> String {
        let handlers = self.able(organization, Action::Handle).iter().map(|place| &self.members[*place]);
        let own = handlers.clone().find(|member| member.role == role && member.organization == organization);
        let found = own.or_else(|| handlers.clone().find(|member| member.role == role));
        found.map_or(organization, |member| &member.organization).to_owned()
    }

    fn able(&self, organization: &str, action: Action) -> &[usize] {
        self.able.get(&(organization.to_owned(), action)).map_or(&[], Vec::as_slice)
    }

    fn one_of(
        &self,
        able: &[usize],
        organization: &str,
        chance: &mut Chance,
        fits: impl Fn(&Member) -> bool,
    ) -> Option<&Caller> {
        let fitting: Vec<&Member> = able.iter().map(|place| &self.members[*place]).filter(|one| fits(one)).collect();
        let own: Vec<&Member> = fitting.iter().copied().filter(|one| one.organization == organization).collect();
        let from = if own.is_empty() { fitting } else { own };
        chance.pick(&from).map(|member| &member.caller)
    }
}
