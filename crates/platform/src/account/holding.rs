//! A post that an account holds, from when until when, and for whom.

use kernel::Instant;

/// A post held. Without `from` it was held from the beginning, without `until` it has no end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holding {
    /// Key of the post in the profile.
    pub post: String,
    pub from: Option<Instant>,
    /// Held before this instant, not at it.
    pub until: Option<Instant>,
    /// The account whose post it is, where this is a deputy's (替岗).
    pub stands_in_for: Option<String>,
}

/// A row of a holding: post, from, until, for whom.
pub(super) type Row = (String, Option<i64>, Option<i64>, Option<String>);

impl Holding {
    pub(super) fn of((post, from, until, stands_in_for): Row) -> Holding {
        let instant = |micros: Option<i64>| micros.map(Instant::from_micros);
        Holding { post, from: instant(from), until: instant(until), stands_in_for }
    }

    /// Whether the post is held at `now`.
    pub fn is_valid(&self, now: Instant) -> bool {
        self.from.is_none_or(|from| from <= now) && !self.is_over(now)
    }

    /// Whether it will never be held again.
    pub fn is_over(&self, now: Instant) -> bool {
        self.until.is_some_and(|until| until <= now)
    }

    /// Whether there is an instant at which both are held.
    pub fn overlaps(&self, other: &Holding) -> bool {
        let begins_before_end = |one: &Holding, other: &Holding| match (one.from, other.until) {
            (Some(from), Some(until)) => from < until,
            _ => true,
        };
        begins_before_end(self, other) && begins_before_end(other, self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn held(from: Option<i64>, until: Option<i64>) -> Holding {
        Holding::of(("post".into(), from, until, None))
    }

    #[test]
    fn a_post_is_held_from_its_beginning_to_before_its_end() {
        let at = Instant::from_micros;
        let holding = held(Some(10), Some(20));
        assert_eq!([9, 10, 19, 20].map(|now| holding.is_valid(at(now))), [false, true, true, false]);
        assert_eq!([9, 19, 20].map(|now| holding.is_over(at(now))), [false, false, true]);
        assert!(held(None, None).is_valid(at(0)) && !held(None, None).is_over(at(i64::MAX)));
    }

    #[test]
    fn two_overlap_where_one_instant_is_in_both() {
        let check = |one, other, expected| {
            assert_eq!(Holding::overlaps(&one, &other), expected, "{one:?} {other:?}");
            assert_eq!(Holding::overlaps(&other, &one), expected, "{other:?} {one:?}");
        };
        check(held(Some(10), Some(20)), held(Some(20), Some(30)), false);
        check(held(Some(10), Some(21)), held(Some(20), Some(30)), true);
        check(held(None, Some(20)), held(Some(20), None), false);
        check(held(None, None), held(Some(5), Some(6)), true);
        check(held(Some(1), None), held(None, Some(2)), true);
    }
}
