//! The district's profile as the rulebook of cases.

use std::collections::{BTreeMap, BTreeSet};

use district::rules::ReasonCode;
use district::{OrganizationKind, Profile, Rank, Territory, Vocabulary};
use kernel::{Instant, Limit, Point, Unit};

use crate::case::{
    Action, ExtensionRules, FollowUpRules, Governing, Instruction, Location, MatterRule, Organization, Party, Place,
    ReopeningRules, ReturnRules, Rulebook, Rules, Stage, Step, SuspensionRules, Urgency,
};
use crate::notice::{KINDS, RELATIONS, TRAITS};
use crate::resource::{EXPORT, READ, READ_CALL, READ_CARD, WITHHOLD};

/// Why a sound profile still makes no rulebook.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RulebookError {
    #[error("chain {chain}: {step} is no step of the work inside an organization")]
    Step { chain: String, step: String },
}

/// The words of a profile that cases, calls, cards and duties give a meaning.
pub fn vocabulary() -> Vocabulary {
    let actions = Action::ALL.into_iter().filter(|action| *action != Action::KeepTime).map(Action::name);
    Vocabulary {
        actions: actions
            .chain([READ, READ_CALL, READ_CARD, EXPORT, WITHHOLD])
            .chain(platform::administration::actions())
            .map(str::to_owned)
            .collect(),
        kinds: owned(KINDS),
        relations: owned(RELATIONS),
        traits: owned(TRAITS),
        steps: Step::ALL.into_iter().map(|step| step.name().to_owned()).collect(),
    }
}

fn owned(words: &[&str]) -> BTreeSet<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

/// The rulebook of a profile. The profile is checked, so what it refers to is there.
pub fn rulebook(profile: &Profile) -> Result<Rulebook, RulebookError> {
    let mut matters: BTreeMap<String, Vec<MatterRule>> = BTreeMap::new();
    for matter in profile.matters.all() {
        matters.entry(matter.code.clone()).or_default().push(matter_rule(profile, matter)?);
    }
    for versions in matters.values_mut() {
        versions.sort_by_key(|rule| rule.valid_from);
    }
    let organization = |one: &district::Organization| (one.code.clone(), Organization { parent: one.parent.clone() });
    Ok(Rulebook {
        rules: rules(profile),
        matters,
        organizations: profile.organizations.all().iter().map(organization).collect(),
        centre: profile.rules.duty.centre.clone(),
        governing: governing(profile),
        calendar: profile.calendar.clone(),
        secret_phrases: profile.secrets.clone(),
        secret_instruction: Instruction {
            chinese: profile.rules.secrets.instruction_zh.clone(),
            english: profile.rules.secrets.instruction_en.clone(),
        },
    })
}

impl Location {
    /// Where a point lies in the territory at `when`: in its areas, or how far outside and in which direction.
    pub fn of(territory: &Territory, point: Point, when: Instant) -> Location {
        match territory.locate(point, when) {
            Ok(path) => Location::At(Place {
                point: Some(point),
                path: path.codes().map(str::to_owned).collect(),
                layers: path.layers.iter().map(|area| area.code.clone()).collect(),
                building: None,
            }),
            Err(outside) => Location::Outside {
                metres: outside.metres.round() as u64,
                bearing: outside.bearing.round() as u16 % 360,
            },
        }
    }
}

fn rules(profile: &Profile) -> Rules {
    let rules = &profile.rules;
    Rules {
        returns: ReturnRules {
            window: rules.returns.window,
            most: small(rules.returns.most),
            review: rules.returns.review,
            reviewer: rules.returns.reviewer.clone(),
            arbitrators: rules.returns.arbitrators.clone(),
        },
        extension: ExtensionRules {
            most: small(rules.extension.most),
            longest: rules.extension.longest,
            before_due: rules.extension.before_due,
            reasons: keys(&rules.extension.reasons),
        },
        suspension: SuspensionRules { longest: rules.suspension.longest, reasons: keys(&rules.suspension.reasons) },
        reopening: ReopeningRules { window: rules.reopening.window },
        follow_up: FollowUpRules {
            organization: rules.follow_up.organization.clone(),
            attempts: small(rules.follow_up.attempts),
            interval: rules.follow_up.interval,
        },
        sample_share: rules.sample.share,
        exclusion_reasons: keys(&rules.exclusion.reasons),
        supervisor: rules.supervision.organization.clone(),
        letter_leader: rules.green_channel.leader_post.clone(),
        offline_lag_minutes: rules.offline.lag.duration().map_or(0, |lag| lag.as_mins()),
        reminder_share: profile.cards.reminder_share,
        low_rating: small(rules.call.low_rating),
    }
}

fn governing(profile: &Profile) -> BTreeMap<String, Governing> {
    let mut governing = BTreeMap::new();
    for area in profile.territory.areas() {
        let Rank::Level(level) = area.rank else { continue };
        let Some(organization) = profile.organizations.governing(&area.code) else { continue };
        let one = Governing {
            organization: organization.code.clone(),
            level: profile.territory.levels()[level].key.clone(),
            desk: organization.kind == OrganizationKind::Subdistrict,
        };
        governing.insert(area.code.clone(), one);
    }
    governing
}

fn matter_rule(profile: &Profile, matter: &district::Matter) -> Result<MatterRule, RulebookError> {
    let (mut limits, mut legal) = (BTreeMap::new(), BTreeMap::new());
    for (stage, both) in &matter.limits {
        both.own.map(|limit| limits.insert(stage_of(*stage), limit));
        both.legal.map(|limit| legal.insert(stage_of(*stage), limit));
    }
    if let (Some(handle), false) = (limits.get(&Stage::Handle), limits.contains_key(&Stage::Rework)) {
        limits.insert(Stage::Rework, share_of(*handle, profile.rules.rework.share));
    }
    let chain = match &matter.chain {
        Some(key) => chain(profile, key)?,
        None => Vec::new(),
    };
    Ok(MatterRule {
        code: matter.code.clone(),
        version: matter.version.clone(),
        valid_from: matter.period.from,
        valid_until: matter.period.until,
        lead: party(&matter.lead),
        co_operating: matter.cooperating.iter().map(party).collect(),
        urgency: urgency(matter.urgency),
        limits,
        legal,
        evidence: matter.evidence.iter().map(|kind| kind.word().to_owned()).collect(),
        on_the_spot: matter.on_the_spot,
        chain,
    })
}

fn chain(profile: &Profile, key: &str) -> Result<Vec<Step>, RulebookError> {
    let steps = profile.rules.chain(key).map_or(&[][..], |chain| &chain.steps);
    let step = |name: &String| {
        let found = Step::ALL.into_iter().find(|step| step.name() == name);
        found.ok_or_else(|| RulebookError::Step { chain: key.to_owned(), step: name.clone() })
    };
    steps.iter().map(step).collect()
}

/// A share of a limit, at least a minute or a day.
fn share_of(limit: Limit, share: f64) -> Limit {
    let part = |whole: f64| (whole * share).ceil().max(1.0) as u32;
    match (limit.days(), limit.duration()) {
        (Some(days), _) => Limit::new(part(f64::from(days)), limit.unit()),
        (None, length) => {
            let minutes = part(length.map_or(1.0, |length| length.as_mins() as f64));
            Limit::of_minutes(minutes, limit.unit()).unwrap_or(Limit::new(1, Unit::ContinuousHour))
        }
    }
}

fn keys(reasons: &[ReasonCode]) -> BTreeSet<String> {
    reasons.iter().map(|reason| reason.key.clone()).collect()
}

fn small(number: u32) -> u8 {
    u8::try_from(number).unwrap_or(u8::MAX)
}

fn party(party: &district::Party) -> Party {
    match party {
        district::Party::Organization(code) => Party::Organization(code.clone()),
        district::Party::OfLevel(level) => Party::OfLevel(level.clone()),
    }
}

fn urgency(urgency: district::Urgency) -> Urgency {
    match urgency {
        district::Urgency::Ordinary => Urgency::Ordinary,
        district::Urgency::Urgent => Urgency::Urgent,
        district::Urgency::Emergency => Urgency::Emergency,
    }
}

fn stage_of(stage: district::Stage) -> Stage {
    match stage {
        district::Stage::Accept => Stage::Accept,
        district::Stage::Dispatch => Stage::Dispatch,
        district::Stage::Answer => Stage::Answer,
        district::Stage::Arrive => Stage::Arrive,
        district::Stage::Handle => Stage::Handle,
        district::Stage::Verify => Stage::Verify,
        district::Stage::Reply => Stage::Reply,
        district::Stage::Rework => Stage::Rework,
    }
}

#[cfg(test)]
mod tests {
    use super::vocabulary;

    /// Whoever opens an API client chooses among these, by what they say and not by their names.
    #[test]
    fn what_a_client_may_be_allowed_has_a_text() {
        let actions = vocabulary().actions;
        let offered = actions.iter().filter(|action| !platform::administration::is_administrative(action));
        let codes = offered.map(|action| format!("scope-{}", action.replace(['.', '_'], "-")));
        let missing: Vec<_> = codes.filter(|code| !kernel::text::has(code)).collect();
        assert!(missing.is_empty(), "{missing:?}");
    }
}
