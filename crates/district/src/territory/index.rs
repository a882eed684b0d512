//! Which of many outlines hold a point: a raster over them whose cells mostly know the answer at once.
//!
//! A cell that no edge touches lies wholly inside or outside of each outline; only points in the other cells are tested
//! against the outlines that touch their cell. Cells are marked a little wider than they are, so that rounding on the way
//! from a point to its cell never decides an answer.

use std::sync::Arc;

use super::outline::{Edge, Extent, Outline, Side};

/// Cells along each edge of the raster, per edge of the outlines; and the least and most cells in all.
const CELLS_PER_EDGE: usize = 12;
const LEAST_CELLS: usize = 1 << 8;
const MOST_CELLS: usize = 1 << 20;
/// By how much an edge is widened when its cells are marked, in cells.
const MARGIN: f64 = 1e-6;

/// No outline reaches the cell.
const NOTHING: u32 = u32::MAX;
/// The rest is a place in `lists`; without it, the one outline that covers the whole cell.
const LIST: u32 = 1 << 31;
/// In a list: the outline covers the whole cell.
const WHOLE: u32 = 1;

#[derive(Debug)]
pub(crate) struct AreaIndex {
    outlines: Vec<Arc<Outline>>,
    extent: Extent,
    columns: usize,
    rows: usize,
    columns_per_degree: f64,
    rows_per_degree: f64,
    cells: Vec<u32>,
    /// Runs of a count and so many entries: place of an outline, doubled, plus `WHOLE`. In order of place.
    lists: Vec<u32>,
}

/// The cells of one outline's extent.
struct Window {
    first_column: usize,
    first_row: usize,
    columns: usize,
    touched: Vec<bool>,
}

impl AreaIndex {
    /// An index over the outlines; answers are places in the list.
    pub fn new(outlines: Vec<Arc<Outline>>) -> AreaIndex {
        let mut index = AreaIndex::empty(outlines);
        let mut entries: Vec<(u32, u32)> = Vec::new();
        for (place, outline) in index.outlines.iter().enumerate() {
            index.enter(place as u32, outline, &mut entries);
        }
        index.fill(&entries);
        index
    }

    fn empty(outlines: Vec<Arc<Outline>>) -> AreaIndex {
        let edges: usize = outlines.iter().map(|outline| outline.all_edges().count()).sum();
        let extents = outlines.iter().map(|outline| outline.extent()).filter(|extent| extent.west <= extent.east);
        let nothing = Extent { west: 0.0, south: 0.0, east: 0.0, north: 0.0 };
        let mut extent = extents.reduce(|a, b| a.union(&b)).unwrap_or(nothing);
        // A hair wider, so that the outermost vertices do not lie on the raster's own border.
        let hair = 1e-9 * (1.0 + (extent.east - extent.west) + (extent.north - extent.south));
        extent = Extent {
            west: extent.west - hair,
            south: extent.south - hair,
            east: extent.east + hair,
            north: extent.north + hair,
        };
        let cells = (edges * CELLS_PER_EDGE).clamp(LEAST_CELLS, MOST_CELLS) as f64;
        let height = extent.north - extent.south;
        let width = (extent.east - extent.west) * extent.south.to_radians().cos().max(0.01);
        let columns = ((cells * width / height).sqrt().ceil() as usize).clamp(1, MOST_CELLS);
        let rows = ((cells / columns as f64).ceil() as usize).clamp(1, MOST_CELLS);
        AreaIndex {
            outlines,
            extent,
            columns,
            rows,
            columns_per_degree: columns as f64 / (extent.east - extent.west),
            rows_per_degree: rows as f64 / height,
            cells: vec![NOTHING; columns * rows],
            lists: Vec::new(),
        }
    }

    /// Adds what one outline touches and covers, as (cell, list entry).
    fn enter(&self, place: u32, outline: &Outline, entries: &mut Vec<(u32, u32)>) {
        let extent = outline.extent();
        if extent.east < extent.west {
            return; // It has no edge.
        }
        let first_column = self.column(extent.west).saturating_sub(1);
        let first_row = self.row(extent.south).saturating_sub(1);
        let columns = (self.column(extent.east) + 2).min(self.columns) - first_column;
        let rows = (self.row(extent.north) + 2).min(self.rows) - first_row;
        let mut window = Window { first_column, first_row, columns, touched: vec![false; columns * rows] };
        for edge in outline.all_edges() {
            self.touch(edge, &mut window);
        }
        for row in 0..rows {
            let touched = &window.touched[row * columns..][..columns];
            // None at the start of a run of untouched cells, all of which lie on the same side.
            let mut inside = None;
            for (column, touched) in touched.iter().enumerate() {
                let cell = ((first_row + row) * self.columns + first_column + column) as u32;
                if *touched {
                    inside = None;
                    entries.push((cell, place << 1));
                } else if *inside.get_or_insert_with(|| self.is_inside(outline, first_column + column, first_row + row))
                {
                    entries.push((cell, place << 1 | WHOLE));
                }
            }
        }
    }

    fn is_inside(&self, outline: &Outline, column: usize, row: usize) -> bool {
        let x = self.extent.west + (column as f64 + 0.5) / self.columns_per_degree;
        let y = self.extent.south + (row as f64 + 0.5) / self.rows_per_degree;
        outline.side(x, y) == Side::Inside
    }

    /// Marks the cells an edge passes, row by row.
    fn touch(&self, [ax, ay, bx, by]: Edge, window: &mut Window) {
        let across = |x: f64| (x - self.extent.west) * self.columns_per_degree - window.first_column as f64;
        let up = |y: f64| (y - self.extent.south) * self.rows_per_degree - window.first_row as f64;
        // From the lower end to the upper.
        let (mut from, mut to) = ((across(ax), up(ay)), (across(bx), up(by)));
        if from.1 > to.1 {
            (from, to) = (to, from);
        }
        let rows = window.touched.len() / window.columns;
        let first = (from.1 - MARGIN).max(0.0) as usize;
        let last = ((to.1 + MARGIN).max(0.0) as usize).min(rows - 1);
        let rise = to.1 - from.1;
        for row in first..=last {
            let (mut left, mut right) = (from.0.min(to.0), from.0.max(to.0));
            // Where the edge climbs, only the stretch between the lower and upper border of the row.
            if rise > 1e-3 {
                let at = |y: f64| from.0 + (to.0 - from.0) * ((y - from.1) / rise);
                let enters = at((row as f64 - MARGIN).clamp(from.1, to.1));
                let leaves = at((row as f64 + 1.0 + MARGIN).clamp(from.1, to.1));
                (left, right) = (left.max(enters.min(leaves)), right.min(enters.max(leaves)));
            }
            let left = (left - MARGIN).max(0.0) as usize;
            let right = ((right + MARGIN).max(0.0) as usize).min(window.columns - 1);
            window.touched[row * window.columns..][left..=right].fill(true);
        }
    }

    /// From (cell, entry) pairs, in order of place, to cells and lists.
    fn fill(&mut self, entries: &[(u32, u32)]) {
        let mut counts = vec![0u32; self.cells.len()];
        for (cell, _) in entries {
            counts[*cell as usize] += 1;
        }
        for (cell, entry) in entries {
            let (cell, entry) = (*cell as usize, *entry);
            if counts[cell] == 1 && entry & WHOLE != 0 {
                self.cells[cell] = entry >> 1;
                continue;
            }
            if self.cells[cell] == NOTHING {
                self.cells[cell] = LIST | self.lists.len() as u32;
                self.lists.push(0);
                self.lists.resize(self.lists.len() + counts[cell] as usize, 0);
            }
            let list = (self.cells[cell] & !LIST) as usize;
            self.lists[list] += 1;
            let place = list + self.lists[list] as usize;
            self.lists[place] = entry;
        }
    }

    fn column(&self, x: f64) -> usize {
        (((x - self.extent.west) * self.columns_per_degree) as usize).min(self.columns - 1)
    }

    fn row(&self, y: f64) -> usize {
        (((y - self.extent.south) * self.rows_per_degree) as usize).min(self.rows - 1)
    }

    fn cell(&self, x: f64, y: f64) -> u32 {
        if self.extent.contains(x, y) { self.cells[self.row(y) * self.columns + self.column(x)] } else { NOTHING }
    }

    fn list(&self, cell: u32) -> &[u32] {
        let start = (cell & !LIST) as usize;
        &self.lists[start + 1..][..self.lists[start] as usize]
    }

    /// Of a list's outlines, those that hold the point.
    fn holders(&self, list: &[u32], x: f64, y: f64) -> impl Iterator<Item = usize> {
        let holds = move |entry: &&u32| {
            **entry & WHOLE != 0 || self.outlines[(**entry >> 1) as usize].side(x, y) != Side::Outside
        };
        list.iter().filter(holds).map(|entry| (*entry >> 1) as usize)
    }

    /// Places of all outlines that hold the point, border included, in order.
    pub fn all(&self, x: f64, y: f64) -> impl Iterator<Item = usize> {
        let cell = self.cell(x, y);
        let single = (cell & LIST == 0).then_some(cell as usize);
        let list = if cell == NOTHING || cell & LIST == 0 { &[][..] } else { self.list(cell) };
        single.into_iter().chain(self.holders(list, x, y))
    }

    /// The first outline that holds the point, border included.
    pub fn first(&self, x: f64, y: f64) -> Option<usize> {
        self.all(x, y).next()
    }

    /// The first outline that holds each point, border included; `u32::MAX` where none does. One answer per point is
    /// appended to `found`.
    pub fn first_of_each(&self, points: &[[f64; 2]], found: &mut Vec<u32>) {
        found.reserve(points.len());
        // Cells of a batch first: their look-ups do not wait for one another.
        for batch in points.chunks(64) {
            let start = found.len();
            found.extend(batch.iter().map(|[x, y]| self.cell(*x, *y)));
            for (answer, [x, y]) in found[start..].iter_mut().zip(batch) {
                if *answer & LIST != 0 && *answer != NOTHING {
                    let first = self.holders(self.list(*answer), *x, *y).next();
                    *answer = first.map_or(NOTHING, |place| place as u32);
                }
            }
        }
    }
}
