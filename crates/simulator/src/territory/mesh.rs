//! A planar mesh whose faces are cut in two, and in two again.
//!
//! Faces share corners and sides, never copies of them: a new corner on a side appears in the rings on both of its sides
//! at once. So the faces tile what the first face covered, whatever is done to the corners afterwards.

use std::collections::HashMap;

/// A place on the drawing plane: metres east and north of the plan's centre.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spot {
    pub x: f64,
    pub y: f64,
}

impl Spot {
    pub fn minus(self, other: Spot) -> Spot {
        Spot { x: self.x - other.x, y: self.y - other.y }
    }

    pub fn towards(self, other: Spot, share: f64) -> Spot {
        Spot { x: self.x + (other.x - self.x) * share, y: self.y + (other.y - self.y) * share }
    }

    pub fn dot(self, other: Spot) -> f64 {
        self.x * other.x + self.y * other.y
    }

    pub fn cross(self, other: Spot) -> f64 {
        self.x * other.y - self.y * other.x
    }

    pub fn length(self) -> f64 {
        self.dot(self).sqrt()
    }
}

/// Where a cut begins or ends: at a corner, or at a new corner on the side between two.
#[derive(Clone, Copy, Debug)]
pub enum End {
    Corner(usize),
    Side(usize, usize, Spot),
}

/// Which division a cut belongs to; wider streets run along the earlier ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    Subdistrict,
    Community,
    Grid,
}

pub struct Mesh {
    pub corners: Vec<Spot>,
    /// Counter-clockwise rings of corners, not closed.
    pub faces: Vec<Vec<usize>>,
    /// The level of each cut made so far.
    pub cuts: Vec<Level>,
    left_of: HashMap<(usize, usize), usize>,
    cut_of: HashMap<(usize, usize), usize>,
}

impl Mesh {
    /// One face: `outline` must be simple and run counter-clockwise.
    pub fn new(outline: Vec<Spot>) -> Self {
        let ring: Vec<usize> = (0..outline.len()).collect();
        let mut mesh = Mesh {
            corners: outline,
            faces: vec![ring],
            cuts: Vec::new(),
            left_of: HashMap::new(),
            cut_of: HashMap::new(),
        };
        mesh.claim(0);
        mesh
    }

    pub fn ring(&self, face: usize) -> Vec<Spot> {
        self.faces[face].iter().map(|&corner| self.corners[corner]).collect()
    }

    /// The face to the left of the side from `a` to `b`; none outside the first face.
    pub fn left_of(&self, a: usize, b: usize) -> Option<usize> {
        self.left_of.get(&(a, b)).copied()
    }

    /// The cut that made this side; none for a side of the outline.
    pub fn cut_of(&self, a: usize, b: usize) -> Option<usize> {
        self.cut_of.get(&(a.min(b), a.max(b))).copied()
    }

    /// Cuts `face` from one place of its ring to another. `face` keeps the part to the right of the cut; the number of
    /// the new face, to its left, is returned.
    pub fn cut(&mut self, face: usize, from: End, to: End, level: Level) -> usize {
        let (from, to) = (self.corner(from), self.corner(to));
        let mut ring = std::mem::take(&mut self.faces[face]);
        let start = ring.iter().position(|&corner| corner == from).expect("a cut starts on the ring of its face");
        ring.rotate_left(start);
        let end = ring.iter().position(|&corner| corner == to).expect("a cut ends on the ring of its face");
        let mut left = ring.split_off(end);
        left.push(from);
        ring.push(to);
        self.cut_of.insert((from.min(to), from.max(to)), self.cuts.len());
        self.cuts.push(level);
        let new = self.faces.len();
        self.faces[face] = ring;
        self.faces.push(left);
        self.claim(face);
        self.claim(new);
        new
    }

    fn claim(&mut self, face: usize) {
        for (a, b) in sides(&self.faces[face]) {
            self.left_of.insert((a, b), face);
        }
    }

    fn corner(&mut self, end: End) -> usize {
        let (a, b, spot) = match end {
            End::Corner(corner) => return corner,
            End::Side(a, b, spot) => (a, b, spot),
        };
        let new = self.corners.len();
        self.corners.push(spot);
        for (a, b) in [(a, b), (b, a)] {
            if let Some(face) = self.left_of.remove(&(a, b)) {
                let ring = &mut self.faces[face];
                let at = ring.iter().position(|&corner| corner == a).expect("a side belongs to its face");
                ring.insert(at + 1, new);
                self.left_of.insert((a, new), face);
                self.left_of.insert((new, b), face);
            }
        }
        if let Some(cut) = self.cut_of.remove(&(a.min(b), a.max(b))) {
            self.cut_of.insert((a.min(new), a.max(new)), cut);
            self.cut_of.insert((b.min(new), b.max(new)), cut);
        }
        new
    }
}

/// The sides of a ring, in order, each from one corner to the next.
pub fn sides(ring: &[usize]) -> impl Iterator<Item = (usize, usize)> + '_ {
    ring.iter().zip(ring.iter().cycle().skip(1)).map(|(&a, &b)| (a, b))
}
