//! The outside of a district as sites of its own.

use std::collections::VecDeque;

use rstar::RTree;

/// Sites that stand for "not in the district": points of a square net, `reach` apart, that are farther than `reach` from
/// every one of `points` and from which one can walk over such points to open country. Land enclosed by the
/// district (a park, a pond) stays in it. Coordinates in metres.
pub fn outside(points: &[[f64; 2]], reach: f64) -> Vec<[f64; 2]> {
    let Some(net) = Net::over(points, reach) else { return Vec::new() };
    let near = RTree::bulk_load(points.to_vec());
    let free: Vec<bool> = (0..net.columns * net.rows)
        .map(|index| {
            let at = net.place(index);
            near.nearest_neighbor(at).is_none_or(|[x, y]| (x - at[0]).hypot(y - at[1]) > reach)
        })
        .collect();
    // The net's rim lies well outside, so one flood from a corner reaches all open country.
    let mut open = vec![false; free.len()];
    let mut queue = VecDeque::from([0]);
    open[0] = true;
    while let Some(index) = queue.pop_front() {
        for next in net.neighbours(index) {
            if free[next] && !open[next] {
                open[next] = true;
                queue.push_back(next);
            }
        }
    }
    (0..open.len()).filter(|index| open[*index]).map(|index| net.place(index)).collect()
}

struct Net {
    corner: [f64; 2],
    step: f64,
    columns: usize,
    rows: usize,
}

impl Net {
    fn over(points: &[[f64; 2]], step: f64) -> Option<Net> {
        let first = *points.first()?;
        let (mut low, mut high) = (first, first);
        for point in points {
            for axis in 0..2 {
                low[axis] = low[axis].min(point[axis]);
                high[axis] = high[axis].max(point[axis]);
            }
        }
        let corner = low.map(|metres| metres - 3.0 * step);
        let count = |axis: usize| ((high[axis] - low[axis]) / step).ceil() as usize + 7;
        Some(Net { corner, step, columns: count(0), rows: count(1) })
    }

    fn place(&self, index: usize) -> [f64; 2] {
        let (column, row) = (index % self.columns, index / self.columns);
        [self.corner[0] + column as f64 * self.step, self.corner[1] + row as f64 * self.step]
    }

    fn neighbours(&self, index: usize) -> impl Iterator<Item = usize> {
        let (column, row) = (index % self.columns, index / self.columns);
        let left = (column > 0).then(|| index - 1);
        let right = (column + 1 < self.columns).then_some(index + 1);
        let below = (row > 0).then(|| index - self.columns);
        let above = (row + 1 < self.rows).then_some(index + self.columns);
        [left, right, below, above].into_iter().flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pond_in_the_middle_is_not_outside() {
        let ring: Vec<[f64; 2]> = (0..72)
            .map(|step| f64::from(step) * 5f64.to_radians())
            .map(|a| [1000.0 * a.cos(), 1000.0 * a.sin()])
            .collect();
        let outside = outside(&ring, 100.0);
        assert!(!outside.is_empty());
        assert!(outside.iter().all(|[x, y]| x.hypot(*y) > 1000.0));
    }
}
