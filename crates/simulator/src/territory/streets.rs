//! Streets run along the cuts that made the borders: the longest cuts bear the names of the first roads of the plan.

use std::collections::{BTreeMap, BTreeSet};

use super::land::Land;
use super::mesh::sides;
use super::plan::Plan;
use super::trace::Cell;

pub struct Street {
    /// Code of the road.
    pub road: String,
    /// Corners of the mesh along it, from one end to the other.
    corners: Vec<usize>,
}

impl Street {
    pub fn line(&self, land: &Land) -> Vec<Cell> {
        let pairs = self.corners.windows(2);
        let mut line: Vec<Cell> = pairs.flat_map(|pair| land.lines.along(pair[0], pair[1])).collect();
        if let [.., before, last] = self.corners[..] {
            line.extend(land.lines.along(last, before).next());
        }
        line
    }

    /// Each stretch between two corners: its line, both ends included, with the faces to the left and to the right.
    pub fn stretches(&self, land: &Land) -> Vec<(Vec<Cell>, [Option<usize>; 2])> {
        let stretch = |pair: &[usize]| {
            let mut line: Vec<Cell> = land.lines.along(pair[0], pair[1]).collect();
            line.extend(land.lines.along(pair[1], pair[0]).next());
            (line, [land.mesh.left_of(pair[0], pair[1]), land.mesh.left_of(pair[1], pair[0])])
        };
        self.corners.windows(2).map(stretch).collect()
    }
}

struct Run {
    corners: Vec<usize>,
    metres: f64,
    /// How many metres of its two sides lie in each subdistrict.
    within: BTreeMap<String, f64>,
}

/// Gives each road of the plan the longest free cut that lies where the plan wants it; none is left without a line.
pub fn lay(plan: &Plan, land: &Land) -> Vec<Street> {
    let mut free = runs(land);
    free.sort_by(|a, b| b.metres.total_cmp(&a.metres).then_with(|| a.corners.cmp(&b.corners)));
    let mut streets = Vec::new();
    for line in &plan.streets {
        let near: BTreeSet<&str> = line.near.split('|').collect();
        let share = |run: &Run| {
            let inside: f64 = run.within.iter().filter(|(code, _)| near.contains(code.as_str())).map(|(_, m)| m).sum();
            let touched = run.within.keys().filter(|code| near.contains(code.as_str())).count();
            (inside / (2.0 * run.metres), touched)
        };
        let worth = |run: &Run| {
            let (inside, touched) = share(run);
            run.metres * inside * inside * touched as f64 / near.len() as f64
        };
        let best = (0..free.len()).max_by(|&a, &b| worth(&free[a]).total_cmp(&worth(&free[b])).then(b.cmp(&a)));
        if let Some(best) = best {
            streets.push(Street { road: line.road.clone(), corners: free.remove(best).corners });
        }
    }
    streets
}

/// Every cut as a run of corners, with its length and the subdistricts beside it.
fn runs(land: &Land) -> Vec<Run> {
    let mut subdistrict_of = vec![""; land.mesh.faces.len()];
    for community in &land.communities {
        for (_, face) in &community.grids {
            subdistrict_of[*face] = &community.subdistrict;
        }
    }
    let mut onward: BTreeMap<usize, BTreeMap<usize, BTreeSet<usize>>> = BTreeMap::new();
    for ring in &land.mesh.faces {
        for (a, b) in sides(ring) {
            if let Some(cut) = land.mesh.cut_of(a, b) {
                let beside = onward.entry(cut).or_default();
                beside.entry(a).or_default().insert(b);
                beside.entry(b).or_default().insert(a);
            }
        }
    }
    let run = |beside: BTreeMap<usize, BTreeSet<usize>>| {
        let corners = walk(&beside);
        let mut metres = 0.0;
        let mut within = BTreeMap::new();
        for pair in corners.windows(2) {
            let length = land.mesh.corners[pair[0]].minus(land.mesh.corners[pair[1]]).length();
            metres += length;
            for (a, b) in [(pair[0], pair[1]), (pair[1], pair[0])] {
                if let Some(face) = land.mesh.left_of(a, b) {
                    *within.entry(subdistrict_of[face].to_owned()).or_insert(0.0) += length;
                }
            }
        }
        Run { corners, metres, within }
    };
    onward.into_values().map(run).collect()
}

fn walk(beside: &BTreeMap<usize, BTreeSet<usize>>) -> Vec<usize> {
    let end = beside.iter().find(|(_, next)| next.len() == 1).map(|(&corner, _)| corner);
    let mut corners: Vec<usize> = end.into_iter().collect();
    while let Some(&here) = corners.last() {
        let before = corners.len().checked_sub(2).map(|at| corners[at]);
        match beside[&here].iter().find(|&&next| Some(next) != before) {
            Some(&next) => corners.push(next),
            None => break,
        }
    }
    corners
}
