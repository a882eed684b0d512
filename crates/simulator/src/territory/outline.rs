//! The outline of several faces together, by walking the sides they do not share. No coordinate is computed.

use std::collections::{BTreeMap, BTreeSet};

use super::mesh::{Mesh, sides};

/// The rings of corners around `faces`, outer ones counter-clockwise and holes clockwise.
pub fn around(mesh: &Mesh, faces: &[usize]) -> Vec<Vec<usize>> {
    let chosen: BTreeSet<usize> = faces.iter().copied().collect();
    let mut onward: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for &face in &chosen {
        for (a, b) in sides(&mesh.faces[face]) {
            if mesh.left_of(b, a).is_none_or(|beyond| !chosen.contains(&beyond)) {
                onward.entry(a).or_default().push(b);
            }
        }
    }
    let mut rings = Vec::new();
    while let Some((&start, _)) = onward.iter().next() {
        let mut ring = vec![start];
        let mut here = start;
        while let Some(next) = step(&mut onward, here) {
            if next == start {
                break;
            }
            ring.push(next);
            here = next;
        }
        rings.push(ring);
    }
    rings
}

fn step(onward: &mut BTreeMap<usize, Vec<usize>>, here: usize) -> Option<usize> {
    let choices = onward.get_mut(&here)?;
    let next = choices.pop();
    if choices.is_empty() {
        onward.remove(&here);
    }
    next
}
