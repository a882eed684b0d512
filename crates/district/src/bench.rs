//! What the benchmark of `locate` is run on. Whoever runs it keeps the time: there is no clock here.

use std::path::Path;
use std::{fs, io};

use kernel::Chance;

use crate::territory::{Locator, Position};

/// Longitudes and latitudes: of ten, six drawn over the district's extent, two on borders (one a vertex, one the middle of
/// an edge as nearly as numbers allow), two up to an extent's width around it.
pub fn points(locator: Locator<'_>, count: usize, chance: &mut Chance) -> Vec<Position> {
    let rings: Vec<&Vec<Position>> = locator.outlines().flat_map(|outline| outline.parts().iter().flatten()).collect();
    let extent = locator.outlines().map(|outline| outline.extent()).reduce(|a, b| a.union(&b));
    let Some(extent) = extent else { return Vec::new() };
    let (width, height) = (extent.east - extent.west, extent.north - extent.south);
    let mut points = Vec::with_capacity(count);
    for place in 0..count {
        points.push(match place % 10 {
            0..6 => [extent.west + width * chance.unit(), extent.south + height * chance.unit()],
            6 | 7 => {
                let Some(ring) = chance.pick(&rings) else { break };
                let start = chance.below(ring.len() as u64 - 1) as usize;
                let ([ax, ay], [bx, by]) = (ring[start], ring[start + 1]);
                if place % 10 == 6 { [ax, ay] } else { [(ax + bx) / 2.0, (ay + by) / 2.0] }
            }
            _ => {
                [extent.west + width * (3.0 * chance.unit() - 1.0), extent.south + height * (3.0 * chance.unit() - 1.0)]
            }
        });
    }
    points
}

/// Writes what the other side of the comparison, `bench/locate.py`, reads: `outlines.json`, the outlines in the order of the
/// answers, and `points.f64`.
pub fn write(folder: &Path, locator: Locator<'_>, points: &[Position]) -> io::Result<()> {
    let outlines = locator.outlines().map(|outline| outline.parts()).collect::<Vec<_>>();
    fs::write(folder.join("outlines.json"), serde_json::to_vec(&outlines)?)?;
    let bytes: Vec<u8> = points.iter().flatten().flat_map(|degrees| degrees.to_le_bytes()).collect();
    fs::write(folder.join("points.f64"), bytes)
}

/// The answers that `bench/locate.py` wrote, `answers.u32`; they should equal those of `Locator::leaves`.
pub fn other_answers(folder: &Path) -> io::Result<Vec<u32>> {
    let bytes = fs::read(folder.join("answers.u32"))?;
    Ok(bytes.as_chunks().0.iter().map(|answer| u32::from_le_bytes(*answer)).collect())
}
