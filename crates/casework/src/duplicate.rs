//! Hints that two cases are one thing: by place, matter, time and likeness of the words (PRACTICE 9).
//!
//! Pure. A hint proposes; a person groups. Confidential cases never come here (PRACTICE 13).

use std::collections::BTreeSet;

use kernel::{Instant, Point};
use serde::{Deserialize, Serialize};

use crate::case::{Case, CaseId, Grouping};

/// Within how much and from where on. The numbers of `default` are a sample.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct HintRules {
    /// Cases opened further apart are not compared.
    pub hours: u32,
    /// Places further apart count nothing.
    pub metres: f64,
    /// Least score of a hint, 0 to 1.
    pub least: f64,
    pub weights: Weights,
}

/// What each likeness counts; together 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Weights {
    pub text: f64,
    pub place: f64,
    pub matter: f64,
    pub time: f64,
}

impl Default for HintRules {
    fn default() -> Self {
        let weights = Weights { text: 0.45, place: 0.3, matter: 0.15, time: 0.1 };
        HintRules { hours: 72, metres: 300.0, least: 0.4, weights }
    }
}

/// What is compared of a case.
#[derive(Clone, Debug, PartialEq)]
pub struct Traits {
    pub case: CaseId,
    /// The case it is grouped under: the hint points there.
    pub head: Option<CaseId>,
    pub matter: Option<String>,
    pub point: Option<Point>,
    pub building: Option<String>,
    /// Smallest area known.
    pub area: Option<String>,
    pub opened_at: Instant,
    /// Pairs of neighbouring characters of the words; empty when the words are not at hand.
    pub pairs: BTreeSet<[char; 2]>,
}

/// A case that may be the same thing, and why.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Hint {
    /// The case to group under: the head, where the like one is grouped.
    pub case: CaseId,
    /// 0 to 1.
    pub score: f64,
    /// What counted most comes first.
    pub reasons: Vec<Reason>,
    /// Cases of the same group that are like it.
    pub alike: usize,
}

/// One likeness.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    SameBuilding,
    Near {
        metres: u32,
    },
    SameArea {
        area: String,
    },
    SameMatter {
        matter: String,
    },
    /// Opened so long before or after, whole hours.
    Within {
        hours: u32,
    },
    /// Share of character pairs in common, in percent.
    LikeWords {
        percent: u32,
    },
}

impl Traits {
    pub fn of(case: &Case, words: Option<&str>) -> Traits {
        let place = case.place.as_ref();
        Traits {
            case: case.id,
            head: match case.group {
                Grouping::Member { head } => Some(head),
                _ => None,
            },
            matter: case.matter.as_ref().map(|matter| matter.code.clone()),
            point: place.and_then(|place| place.point),
            building: place.and_then(|place| place.building.clone()),
            area: place.and_then(|place| place.path.last().cloned()),
            opened_at: case.opened_at,
            pairs: words.map(pairs).unwrap_or_default(),
        }
    }
}

/// Neighbouring letters and digits, letter case and everything between them aside.
pub fn pairs(words: &str) -> BTreeSet<[char; 2]> {
    let plain: Vec<char> = words.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    plain.windows(2).map(|pair| [pair[0], pair[1]]).collect()
}

/// Cases among `others` that `new` may be the same as, likeliest first; members of one group make one hint.
pub fn rank(rules: &HintRules, new: &Traits, others: &[Traits]) -> Vec<Hint> {
    let mut hints: Vec<(Instant, Hint)> = Vec::new();
    for other in others.iter().filter(|other| other.case != new.case) {
        let Some((score, reasons)) = compare(rules, new, other) else { continue };
        let case = other.head.unwrap_or(other.case);
        if case == new.case {
            continue;
        }
        match hints.iter_mut().find(|(_, hint)| hint.case == case) {
            Some((_, hint)) => {
                hint.alike += 1;
                if score > hint.score {
                    (hint.score, hint.reasons) = (score, reasons);
                }
            }
            None => hints.push((other.opened_at, Hint { case, score, reasons, alike: 1 })),
        }
    }
    hints.sort_by(|(a_at, a), (b_at, b)| b.score.total_cmp(&a.score).then((a_at, a.case).cmp(&(b_at, b.case))));
    hints.into_iter().map(|(_, hint)| hint).collect()
}

/// Sets of cases that hang together by their likeness, larger first, each oldest first; what is like nothing is left out.
pub fn groups(rules: &HintRules, cases: &[Traits]) -> Vec<Vec<CaseId>> {
    let mut root: Vec<usize> = (0..cases.len()).collect();
    fn find(root: &mut [usize], mut at: usize) -> usize {
        while root[at] != at {
            root[at] = root[root[at]];
            at = root[at];
        }
        at
    }
    for (at, one) in cases.iter().enumerate() {
        for (later, other) in cases.iter().enumerate().skip(at + 1) {
            if compare(rules, one, other).is_some() {
                let (a, b) = (find(&mut root, at), find(&mut root, later));
                root[a.max(b)] = a.min(b);
            }
        }
    }
    let mut order: Vec<usize> = (0..cases.len()).collect();
    order.sort_by_key(|at| (cases[*at].opened_at, cases[*at].case));
    let mut groups: Vec<(usize, Vec<CaseId>)> = Vec::new();
    for at in order {
        let of = find(&mut root, at);
        match groups.iter_mut().find(|(root, _)| *root == of) {
            Some((_, group)) => group.push(cases[at].case),
            None => groups.push((of, vec![cases[at].case])),
        }
    }
    let mut groups: Vec<Vec<CaseId>> = groups.into_iter().map(|(_, group)| group).filter(|g| g.len() > 1).collect();
    groups.sort_by_key(|group| std::cmp::Reverse(group.len()));
    groups
}

/// Score and reasons; none below the least. Neither matter nor time alone makes a hint: place or words must agree.
fn compare(rules: &HintRules, one: &Traits, other: &Traits) -> Option<(f64, Vec<Reason>)> {
    let hours = one.opened_at.since(other.opened_at).abs().as_hours() as u32;
    if hours >= rules.hours {
        return None;
    }
    let mut parts: Vec<(f64, Reason)> = Vec::new();
    let shared = likeness(one, other);
    if shared > 0.0 {
        parts.push((rules.weights.text * shared, Reason::LikeWords { percent: (shared * 100.0).round() as u32 }));
    }
    let place = place(rules, one, other);
    let grounded = place.is_some() || shared >= 0.5;
    parts.extend(place.map(|(share, reason)| (rules.weights.place * share, reason)));
    if let (Some(matter), true) = (&one.matter, one.matter == other.matter) {
        parts.push((rules.weights.matter, Reason::SameMatter { matter: matter.clone() }));
    }
    let recent = 1.0 - f64::from(hours) / f64::from(rules.hours);
    parts.push((rules.weights.time * recent, Reason::Within { hours: hours + 1 }));

    let score: f64 = parts.iter().map(|(part, _)| part).sum();
    if !grounded || score < rules.least {
        return None;
    }
    parts.sort_by(|(a, _), (b, _)| b.total_cmp(a));
    Some((score, parts.into_iter().map(|(_, reason)| reason).collect()))
}

/// Share of pairs in common (Jaccard).
fn likeness(one: &Traits, other: &Traits) -> f64 {
    let common = one.pairs.intersection(&other.pairs).count();
    let all = one.pairs.len() + other.pairs.len() - common;
    if all == 0 { 0.0 } else { common as f64 / all as f64 }
}

fn place(rules: &HintRules, one: &Traits, other: &Traits) -> Option<(f64, Reason)> {
    if one.building.is_some() && one.building == other.building {
        return Some((1.0, Reason::SameBuilding));
    }
    if let (Some(a), Some(b)) = (one.point, other.point) {
        let metres = a.distance_metres(b);
        let share = 1.0 - metres / rules.metres;
        return (share > 0.0).then(|| (share, Reason::Near { metres: metres.round() as u32 }));
    }
    let area = one.area.as_ref().filter(|area| Some(*area) == other.area.as_ref())?;
    Some((0.5, Reason::SameArea { area: area.clone() }))
}

#[cfg(test)]
mod tests;
