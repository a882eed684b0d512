//! Counting what matches and keeping the newest of it.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::Arc;

use tantivy::collector::{Collector, SegmentCollector};
use tantivy::columnar::ColumnValues;
use tantivy::{DocId, Score, SegmentOrdinal, SegmentReader};

use crate::schema::KEY;

/// All that matches is counted; of what is older than `before`, the newest `most` keys are kept.
pub(crate) struct Newest {
    pub before: u64,
    pub most: usize,
}

pub(crate) struct OfSegment {
    keys: Arc<dyn ColumnValues<u64>>,
    before: u64,
    most: usize,
    count: u64,
    kept: BinaryHeap<Reverse<u64>>,
}

/// How many match, and the kept keys, the newest first.
pub(crate) type Counted = (u64, Vec<u64>);

impl Collector for Newest {
    type Fruit = Counted;
    type Child = OfSegment;

    fn for_segment(&self, _: SegmentOrdinal, segment: &SegmentReader) -> tantivy::Result<OfSegment> {
        let keys = segment.fast_fields().column_first_or_default::<u64>(KEY)?;
        let (before, most) = (self.before, self.most);
        Ok(OfSegment { keys, before, most, count: 0, kept: BinaryHeap::new() })
    }

    fn requires_scoring(&self) -> bool {
        false
    }

    fn merge_fruits(&self, fruits: Vec<Counted>) -> tantivy::Result<Counted> {
        let count = fruits.iter().map(|(count, _)| count).sum();
        let mut keys: Vec<u64> = fruits.into_iter().flat_map(|(_, keys)| keys).collect();
        keys.sort_unstable_by_key(|key| Reverse(*key));
        keys.truncate(self.most);
        Ok((count, keys))
    }
}

impl SegmentCollector for OfSegment {
    type Fruit = Counted;

    fn collect(&mut self, document: DocId, _: Score) {
        self.count += 1;
        let key = self.keys.get_val(document);
        if key >= self.before || self.most == 0 {
            return;
        }
        if self.kept.len() < self.most {
            self.kept.push(Reverse(key));
        } else if self.kept.peek().is_some_and(|Reverse(oldest)| key > *oldest) {
            self.kept.pop();
            self.kept.push(Reverse(key));
        }
    }

    fn harvest(self) -> Counted {
        (self.count, self.kept.into_iter().map(|Reverse(key)| key).collect())
    }
}
