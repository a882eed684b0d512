//! The event clock: what each simulated life does next, in a total order.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use kernel::Instant;

/// Lives by when they act next; of two at one instant the one with the lower number comes first.
pub(crate) struct EventQueue<T> {
    heap: BinaryHeap<Reverse<Entry<T>>>,
}

struct Entry<T> {
    at: Instant,
    number: u64,
    what: T,
}

impl<T> Default for EventQueue<T> {
    fn default() -> EventQueue<T> {
        EventQueue { heap: BinaryHeap::new() }
    }
}

impl<T> EventQueue<T> {
    /// `number` names the life.
    pub fn push(&mut self, at: Instant, number: u64, what: T) {
        self.heap.push(Reverse(Entry { at, number, what }));
    }

    /// When the next one acts.
    pub fn next_at(&self) -> Option<Instant> {
        self.heap.peek().map(|Reverse(entry)| entry.at)
    }

    /// The next one, where it acts before `end`.
    pub fn pop_before(&mut self, end: Instant) -> Option<T> {
        if self.next_at()? < end { self.heap.pop().map(|Reverse(entry)| entry.what) } else { None }
    }
}

impl<T> Entry<T> {
    fn key(&self) -> (Instant, u64) {
        (self.at, self.number)
    }
}

impl<T> PartialEq for Entry<T> {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}

impl<T> Eq for Entry<T> {}

impl<T> PartialOrd for Entry<T> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl<T> Ord for Entry<T> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.key().cmp(&other.key())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lives_act_by_instant_and_then_by_number() {
        let mut queue = EventQueue::default();
        for (at, number) in [(3, 1), (1, 9), (1, 2), (2, 5)] {
            queue.push(Instant::from_micros(at), number, number);
        }
        let end = Instant::from_micros(3);
        let order: Vec<u64> = std::iter::from_fn(|| queue.pop_before(end)).collect();
        assert_eq!(order, [2, 9, 5]);
        assert_eq!(queue.next_at(), Some(end), "the end does not belong to the span");
    }
}
