//! From the loose edges of a border to polygons.

use std::collections::HashMap;

/// A piece of border with the area on its left.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Edge {
    pub from: usize,
    pub to: usize,
}

/// Polygons of the area whose whole border is `edges`, between the vertices `places`: outer rings anticlockwise first,
/// holes clockwise after; no ring visits a vertex twice. The order depends on the edges alone, not on their order.
pub fn polygons(mut edges: Vec<Edge>, places: &[[f64; 2]]) -> Vec<Vec<Vec<[f64; 2]>>> {
    edges.sort_unstable();
    cancel(&mut edges);
    let rings: Vec<Vec<usize>> =
        walks(&edges, places).into_iter().flat_map(simple).filter(|ring| ring.len() > 2).collect();
    let rings: Vec<Vec<[f64; 2]>> =
        rings.into_iter().map(|ring| ring.into_iter().map(|id| places[id]).collect()).collect();
    let (outer, holes): (Vec<_>, Vec<_>) = rings.into_iter().partition(|ring| doubled_area(ring) > 0.0);
    let mut polygons: Vec<Vec<Vec<[f64; 2]>>> = outer.into_iter().map(|ring| vec![ring]).collect();
    polygons.sort_by(|a, b| doubled_area(&a[0]).total_cmp(&doubled_area(&b[0])));
    for hole in holes {
        // The smallest outer ring around the hole is its own.
        if let Some(polygon) = polygons.iter_mut().find(|polygon| encloses(&polygon[0], &hole)) {
            polygon.push(hole);
        }
    }
    polygons.reverse();
    for ring in polygons.iter_mut().flatten() {
        ring.push(ring[0]);
    }
    polygons
}

/// Takes out edges that run there and back: slivers of no width.
fn cancel(edges: &mut Vec<Edge>) {
    let mut count: HashMap<Edge, i32> = HashMap::new();
    for edge in edges.iter() {
        *count.entry(*edge).or_default() += 1;
    }
    let backward = |edge: &Edge| count.get(&Edge { from: edge.to, to: edge.from }).copied().unwrap_or(0);
    let mut kept = Vec::with_capacity(edges.len());
    let mut at = 0;
    while at < edges.len() {
        let edge = edges[at];
        let (there, back) = (count[&edge], backward(&edge));
        kept.extend(std::iter::repeat_n(edge, (there - back).max(0) as usize));
        at += there as usize;
    }
    *edges = kept;
}

/// Closed walks over all edges. Where several edges leave a vertex, the walk keeps to the same wedge of the area.
fn walks(edges: &[Edge], places: &[[f64; 2]]) -> Vec<Vec<usize>> {
    let mut leaving: HashMap<usize, Vec<usize>> = HashMap::new();
    for (index, edge) in edges.iter().enumerate() {
        leaving.entry(edge.from).or_default().push(index);
    }
    let mut used = vec![false; edges.len()];
    let mut walks = Vec::new();
    for start in 0..edges.len() {
        let (mut walk, mut at) = (Vec::new(), start);
        while !used[at] {
            used[at] = true;
            walk.push(edges[at].from);
            let open = leaving[&edges[at].to].iter().copied().filter(|next| !used[*next]);
            let turn = |next: &usize| clockwise(places, edges[at], edges[*next]);
            match open.min_by(|a, b| turn(a).total_cmp(&turn(b))) {
                Some(next) => at = next,
                None => break,
            }
        }
        if !walk.is_empty() {
            walks.push(walk);
        }
    }
    walks
}

/// The angle in (0, 2π] from going back along `arrived` clockwise to `next`.
fn clockwise(places: &[[f64; 2]], arrived: Edge, next: Edge) -> f64 {
    let heading = |from: usize, to: usize| {
        let (a, b) = (places[from], places[to]);
        (b[1] - a[1]).atan2(b[0] - a[0])
    };
    let angle = heading(arrived.to, arrived.from) - heading(next.from, next.to);
    let turn = angle.rem_euclid(std::f64::consts::TAU);
    if turn == 0.0 { std::f64::consts::TAU } else { turn }
}

/// Cuts a walk into rings at every vertex it passes more than once.
fn simple(walk: Vec<usize>) -> Vec<Vec<usize>> {
    let mut rings = Vec::new();
    let mut path: Vec<usize> = Vec::with_capacity(walk.len());
    let mut place: HashMap<usize, usize> = HashMap::new();
    for vertex in walk {
        if let Some(&first) = place.get(&vertex) {
            let ring = path.split_off(first);
            for passed in &ring {
                place.remove(passed);
            }
            rings.push(ring);
        }
        place.insert(vertex, path.len());
        path.push(vertex);
    }
    rings.push(path);
    rings
}

/// Twice the area, positive when anticlockwise; the ring is open.
fn doubled_area(ring: &[[f64; 2]]) -> f64 {
    // Relative to the first vertex: far from the origin the products would swallow a small ring.
    let [x, y] = ring[0];
    let pairs = ring.iter().zip(ring.iter().cycle().skip(1));
    pairs.map(|(a, b)| (a[0] - x) * (b[1] - y) - (b[0] - x) * (a[1] - y)).sum()
}

/// Whether the hole lies within the ring. They may share vertices, so a vertex of the hole that is none of the ring's is
/// asked; a hole made of the ring's vertices alone lies within it.
fn encloses(ring: &[[f64; 2]], hole: &[[f64; 2]]) -> bool {
    match hole.iter().find(|place| !ring.contains(place)) {
        Some(place) => contains(ring, *place),
        None => true,
    }
}

/// Even-odd count of the edges to the right of the point.
fn contains(ring: &[[f64; 2]], [x, y]: [f64; 2]) -> bool {
    let edges = ring.iter().zip(ring.iter().cycle().skip(1));
    let crossed =
        edges.filter(|(a, b)| (a[1] > y) != (b[1] > y) && x < a[0] + (y - a[1]) / (b[1] - a[1]) * (b[0] - a[0]));
    crossed.count() % 2 == 1
}
