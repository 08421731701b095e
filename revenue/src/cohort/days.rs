//! Sets of days, as an account's days in a cohort: ranges in order, none touching the next.

use crate::calendar::DayRange;

/// The days that are in either of two sets. The ranges that come in may be in any order.
pub fn either(a: &[DayRange], b: &[DayRange]) -> Vec<DayRange> {
    let mut ranges: Vec<DayRange> = a.iter().chain(b).copied().filter(|range| !range.is_empty()).collect();
    ranges.sort_unstable();
    let mut joined: Vec<DayRange> = Vec::with_capacity(ranges.len());
    for range in ranges {
        match joined.last_mut() {
            Some(last) if range.from <= last.until => last.until = last.until.max(range.until),
            _ => joined.push(range),
        }
    }
    joined
}

/// The days that are in both of two sets.
pub fn both(a: &[DayRange], b: &[DayRange]) -> Vec<DayRange> {
    let (a, b) = (either(a, &[]), either(b, &[]));
    let (mut left, mut right) = (a.iter().peekable(), b.iter().peekable());
    let mut common = Vec::new();
    while let (Some(one), Some(other)) = (left.peek(), right.peek()) {
        let shared = DayRange { from: one.from.max(other.from), until: one.until.min(other.until) };
        if !shared.is_empty() {
            common.push(shared);
        }
        if one.until < other.until {
            left.next()
        } else {
            right.next()
        };
    }
    common
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::calendar::Day;

    fn ranges() -> impl Strategy<Value = Vec<DayRange>> {
        let range = (0..30i32, 1..8i32).prop_map(|(from, days)| DayRange { from: Day(from), until: Day(from + days) });
        prop::collection::vec(range, 0..6)
    }

    fn has(ranges: &[DayRange], day: i32) -> bool {
        ranges.iter().any(|range| range.contains(Day(day)))
    }

    proptest! {
        #[test]
        fn a_day_is_in_either_or_in_both_as_it_is_in_each(a in ranges(), b in ranges()) {
            let (either, both) = (either(&a, &b), both(&a, &b));
            for day in -1..40 {
                prop_assert_eq!(has(&either, day), has(&a, day) || has(&b, day));
                prop_assert_eq!(has(&both, day), has(&a, day) && has(&b, day));
            }
            for set in [&either, &both] {
                prop_assert!(set.windows(2).all(|pair| pair[0].until < pair[1].from), "{:?}", set);
            }
        }
    }

    #[test]
    fn endless_ranges_stay_endless() {
        let ever = [DayRange { from: Day::START, until: Day::END }];
        let since = [DayRange { from: Day(5), until: Day::END }];
        assert_eq!(both(&ever, &since), since);
        assert_eq!(either(&ever, &since), ever);
    }
}
