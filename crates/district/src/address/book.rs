//! The names of roads and buildings in the spellings they are compared in.

use std::collections::HashMap;

use kernel::Point;

use super::candidate::{AddressReason, Candidate, Found};
use super::number::{HouseNumber, NumberMatch};
use super::text::{characters, is_chinese, likeness, stem, word_likeness, words};
use crate::place::{Building, Places, Road};
use crate::territory::outline::meeting;

/// How much of a name has to be alike, and of an English word.
const LIKE: f64 = 0.75;

/// One spelling of a name.
#[derive(Debug)]
struct Spelling {
    /// Place of the road or building.
    of: usize,
    /// Chinese characters, or empty.
    characters: Vec<char>,
    /// English words, or empty.
    words: Vec<String>,
    /// As written, for an alias.
    alias: Option<String>,
}

/// What addresses are looked up in.
#[derive(Debug, Default)]
pub(crate) struct AddressBook {
    roads: Vec<Spelling>,
    names: Vec<Spelling>,
    /// Buildings by place of their road, with their numbers.
    by_road: HashMap<usize, Vec<(usize, HouseNumber)>>,
}

/// A road that an address names.
struct RoadMatch {
    road: usize,
    /// 1 where the name stands there as it is.
    likeness: f64,
    reason: AddressReason,
    /// Where the name stands, in characters or words.
    span: (usize, usize),
    number: Option<HouseNumber>,
}

/// An address in both ways of comparing.
struct Query {
    characters: Vec<char>,
    words: Vec<String>,
}

impl Spelling {
    fn of_name(of: usize, name: &str, alias: bool) -> Option<Spelling> {
        let alias = alias.then(|| name.to_owned());
        if name.chars().any(is_chinese) {
            let characters = characters(name);
            return (characters.len() > 1).then_some(Spelling { of, characters, words: Vec::new(), alias });
        }
        let words = words(name);
        (!words.is_empty()).then_some(Spelling { of, characters: Vec::new(), words, alias })
    }

    fn reason(&self, road: &Road, likeness: f64, written: String) -> AddressReason {
        match &self.alias {
            _ if likeness < 1.0 => AddressReason::RoadLike { road: road.name.clone(), written },
            Some(alias) => AddressReason::RoadAlias { road: road.name.clone(), alias: alias.clone() },
            None => AddressReason::Road(road.name.clone()),
        }
    }
}

impl AddressBook {
    pub fn new(roads: &[Road], buildings: &[Building]) -> AddressBook {
        let mut book = AddressBook::default();
        let mut by_code = HashMap::new();
        for (of, road) in roads.iter().enumerate() {
            by_code.insert(road.code.as_str(), of);
            let names = [(&road.name.zh, false), (&road.name.en, false)];
            let aliases = road.aliases.iter().map(|alias| (alias, true));
            book.roads.extend(
                names.into_iter().chain(aliases).filter_map(|(name, alias)| Spelling::of_name(of, name, alias)),
            );
        }
        for (of, building) in buildings.iter().enumerate() {
            let names = building.name.iter().flat_map(|name| [&name.zh, &name.en]);
            book.names.extend(names.filter_map(|name| Spelling::of_name(of, name, false)));
            let road = building.road.as_deref().and_then(|road| by_code.get(road));
            if let (Some(road), Some(number)) = (road, HouseNumber::parse(&building.number)) {
                book.by_road.entry(*road).or_default().push((of, number));
            }
        }
        book
    }

    /// Every place the text may mean, each once.
    pub fn find<'a>(&self, places: &'a Places, text: &str) -> Vec<Candidate<'a>> {
        let query = Query { characters: characters(text), words: words(text) };
        let mut roads = self.roads_named(places, &query, false);
        if roads.is_empty() {
            roads = self.roads_named(places, &query, true);
        }
        let mut candidates = Vec::new();
        for road in &roads {
            self.on_road(places, road, &mut candidates);
        }
        crossings(places, &roads, &mut candidates);
        self.named(places, &query, &mut candidates);
        candidates
    }

    /// Roads whose names stand in the text, or names like theirs. A name inside a longer one that was found does not count.
    fn roads_named(&self, places: &Places, query: &Query, fuzzy: bool) -> Vec<RoadMatch> {
        let mut found: Vec<RoadMatch> = self
            .roads
            .iter()
            .filter_map(|spelling| {
                let chinese = !spelling.characters.is_empty();
                let (span, likeness) = query.find(spelling, fuzzy)?;
                let (start, end) = span;
                let written: String = if chinese {
                    query.characters[start..end].iter().collect()
                } else {
                    query.words[start..end].join(" ")
                };
                let number = if chinese { query.number_after(end) } else { query.number_beside(span) };
                let reason = spelling.reason(&places.roads()[spelling.of], likeness, written);
                Some(RoadMatch { road: spelling.of, likeness, reason, span, number })
            })
            .collect();
        found.sort_by(|a, b| {
            b.likeness
                .total_cmp(&a.likeness)
                .then((b.span.1 - b.span.0).cmp(&(a.span.1 - a.span.0)))
                .then(a.road.cmp(&b.road))
        });
        let mut kept: Vec<RoadMatch> = Vec::new();
        for road in found {
            let inside = |longer: &RoadMatch| {
                longer.span.0 <= road.span.0 && road.span.1 <= longer.span.1 && longer.span != road.span
            };
            if !kept.iter().any(|longer| longer.road == road.road || inside(longer)) {
                kept.push(road);
            }
        }
        kept
    }

    /// The road itself and its buildings with a number near the one asked for.
    fn on_road<'a>(&self, places: &'a Places, found: &RoadMatch, candidates: &mut Vec<Candidate<'a>>) {
        let road = &places.roads()[found.road];
        let share = if found.number.is_some() { 0.5 } else { 0.8 };
        let point = middle(road);
        let reasons = vec![found.reason.clone()];
        candidates.push(Candidate { found: Found::Road(road), score: found.likeness * share, reasons, point });

        let Some(asked) = &found.number else { return };
        for (building, number) in self.by_road.get(&found.road).into_iter().flatten() {
            let Some(matched) = asked.matches(number) else { continue };
            let building = &places.buildings()[*building];
            let written = building.number.clone();
            let (share, reason) = match matched {
                NumberMatch::Same => (1.0, AddressReason::Number(written)),
                NumberMatch::InRange => (0.9, AddressReason::NumberInRange(written)),
                NumberMatch::Near(near) => (near, AddressReason::NumberNear(written)),
            };
            candidates.push(Candidate {
                found: Found::Building(building),
                score: found.likeness * (0.55 + 0.44 * share),
                reasons: vec![found.reason.clone(), reason],
                point: Some(building.point),
            });
        }
    }

    /// Buildings whose own names stand in the text, or, where nothing was found at all, names like theirs.
    fn named<'a>(&self, places: &'a Places, query: &Query, candidates: &mut Vec<Candidate<'a>>) {
        for fuzzy in [false, true] {
            if fuzzy && !candidates.is_empty() {
                return;
            }
            for spelling in &self.names {
                let found = query.find(spelling, fuzzy);
                if let Some((_, likeness)) = found {
                    add_named(&places.buildings()[spelling.of], likeness, candidates);
                }
            }
        }
    }
}

/// A building by its own name, beside what is known of it from its number.
fn add_named<'a>(building: &'a Building, likeness: f64, candidates: &mut Vec<Candidate<'a>>) {
    let reason = if likeness == 1.0 { AddressReason::Name } else { AddressReason::NameLike };
    let score = 0.95 * likeness;
    let is_it =
        |known: &&mut Candidate<'_>| matches!(known.found, Found::Building(other) if other.code == building.code);
    match candidates.iter_mut().find(is_it) {
        Some(known) => {
            known.score = known.score.max(score);
            if !known.reasons.contains(&reason) {
                known.reasons.push(reason);
            }
        }
        None => candidates.push(Candidate {
            found: Found::Building(building),
            score,
            reasons: vec![reason],
            point: Some(building.point),
        }),
    }
}

impl Query {
    /// Where a name stands, in characters or words, and how alike it is.
    fn find(&self, spelling: &Spelling, fuzzy: bool) -> Option<((usize, usize), f64)> {
        if spelling.characters.is_empty() { self.english(spelling, fuzzy) } else { self.chinese(spelling, fuzzy) }
    }

    /// Where a Chinese name stands, and how alike it is.
    fn chinese(&self, spelling: &Spelling, fuzzy: bool) -> Option<((usize, usize), f64)> {
        let name = spelling.characters.as_slice();
        if !fuzzy {
            let start = self.characters.windows(name.len()).position(|run| run == name)?;
            return Some(((start, start + name.len()), 1.0));
        }
        // The stem has to be alike; a wrong generic end costs little.
        let wanted = stem(name);
        let lengths = name.len().saturating_sub(1).max(2)..=name.len() + 1;
        let runs = lengths.flat_map(|length| {
            self.characters.windows(length).enumerate().map(move |(start, run)| (start, length, run))
        });
        runs.filter(|(_, _, run)| run.iter().all(|c| is_chinese(*c)))
            .filter_map(|(start, length, run)| {
                let stems = likeness(wanted, stem(run));
                let ends = if name[wanted.len()..] == run[stem(run).len()..] { 1.0 } else { 0.85 };
                (stems >= LIKE).then_some(((start, start + length), stems * ends))
            })
            .max_by(|(a, x), (b, y)| x.total_cmp(y).then(b.0.cmp(&a.0)))
            .map(|(span, alike)| (span, alike.min(0.98)))
    }

    /// Where an English name stands, and how alike it is.
    fn english(&self, spelling: &Spelling, fuzzy: bool) -> Option<((usize, usize), f64)> {
        let name = spelling.words.as_slice();
        if !fuzzy {
            let start = self.words.windows(name.len()).position(|run| run == name)?;
            return Some(((start, start + name.len()), 1.0));
        }
        let whole = self.words.windows(name.len()).enumerate().filter_map(|(start, run)| {
            let each = name.iter().zip(run).map(|(name, word)| word_likeness(name, word));
            let least = each.clone().fold(1.0, f64::min);
            (least >= LIKE).then(|| ((start, start + name.len()), each.sum::<f64>() / name.len() as f64))
        });
        // "Ipswich" for "Ipswich St": the generic end is left out.
        let short = name.split_last().map_or(&[][..], |(_, stem)| stem);
        let without_end = self.words.windows(short.len().max(1)).enumerate().filter_map(|(start, run)| {
            (!short.is_empty() && run == short).then_some(((start, start + short.len()), 0.85))
        });
        whole.chain(without_end).max_by(|(_, x), (_, y)| x.total_cmp(y)).map(|(span, alike)| (span, alike.min(0.98)))
    }

    /// The house number that follows a Chinese name: at once, or somewhere before 号.
    fn number_after(&self, end: usize) -> Option<HouseNumber> {
        let rest = self.characters.get(end..)?;
        HouseNumber::at_start(rest).or_else(|| HouseNumber::within(rest))
    }

    /// The house number before an English name, else after it.
    fn number_beside(&self, (start, end): (usize, usize)) -> Option<HouseNumber> {
        let before = start.checked_sub(1).and_then(|place| self.words.get(place));
        before.and_then(|word| HouseNumber::parse(word)).or_else(|| HouseNumber::parse(self.words.get(end)?))
    }
}

/// Where two roads are named and no number, they may mean their crossing.
fn crossings<'a>(places: &'a Places, roads: &[RoadMatch], candidates: &mut Vec<Candidate<'a>>) {
    let [a, b, ..] = roads else { return };
    if a.number.is_some() || b.number.is_some() {
        return;
    }
    let (first, second) = (&places.roads()[a.road], &places.roads()[b.road]);
    candidates.push(Candidate {
        found: Found::Crossing(first, second),
        score: 0.95 * a.likeness * b.likeness,
        reasons: vec![a.reason.clone(), b.reason.clone(), AddressReason::Crossing],
        point: meeting_of(first, second),
    });
}

/// The vertex in the middle of a road's longest line.
fn middle(road: &Road) -> Option<Point> {
    let line = road.lines.iter().max_by_key(|line| line.len())?;
    let [x, y] = *line.get(line.len() / 2)?;
    Point::new(x, y).ok()
}

/// Where the lines of two roads meet; else the vertex of the first nearest to one of the second, if within 60 m.
fn meeting_of(first: &Road, second: &Road) -> Option<Point> {
    let segments = |road: &Road| -> Vec<[f64; 4]> {
        road.lines
            .iter()
            .flat_map(|line| line.windows(2))
            .map(|pair| [pair[0][0], pair[0][1], pair[1][0], pair[1][1]])
            .collect()
    };
    let others = segments(second);
    if let Some([x, y]) = segments(first).iter().find_map(|a| others.iter().find_map(|b| meeting(a, b))) {
        return Point::new(x, y).ok();
    }
    let points = |road: &Road| -> Vec<Point> {
        road.lines.iter().flatten().filter_map(|[x, y]| Point::new(*x, *y).ok()).collect()
    };
    let others = points(second);
    let apart = |point: &Point| others.iter().map(|other| point.distance_metres(*other)).fold(f64::INFINITY, f64::min);
    let nearest = points(first).into_iter().map(|point| (apart(&point), point)).min_by(|(a, _), (b, _)| a.total_cmp(b));
    nearest.filter(|(metres, _)| *metres <= 60.0).map(|(_, point)| point)
}
