//! How many removals a window allows: integers, at every size.

use proptest::prelude::*;
use shared::planning::guard::Policy;

use crate::planning::config;
use crate::planning::notation::policy;

fn limit(managed: usize, max_removals: usize, max_removal_percent: usize) -> usize {
    let policy = Policy {
        max_removals,
        max_removal_percent,
        ..policy()
    };
    policy.limit(managed)
}

#[test]
fn at_every_small_size() {
    for managed in 0..=50 {
        let expected = match managed {
            0..=5 => 1, // at least one, even where a third is none
            6..=8 => 2, // a third
            _ => 3,     // MAX_REMOVALS
        };
        assert_eq!(limit(managed, 3, 5), expected, "of {managed}");
    }
}

#[test]
fn at_the_sizes_of_the_bench_and_where_it_steps() {
    for (managed, expected) in [
        (79, 3),
        (80, 4),
        (99, 4),
        (100, 5),
        (150, 7),
        (1_000, 50),
        (1_999, 99),
        (2_000, 100),
        (9_400, 470),
        (10_000, 500),
        (50_000, 2_500),
    ] {
        assert_eq!(limit(managed, 3, 5), expected, "of {managed}");
    }
}

#[test]
fn never_more_than_a_third_and_at_least_one() {
    for (managed, max_removals, percent, expected) in [
        (0, 0, 0, 1),
        (1_000, 0, 0, 1),
        (1_000, 0, 5, 50),
        (1_000, 80, 5, 80),
        (1_000, 5_000, 5, 333),
        (1_000, 3, 100, 333),
        (2, 3, 100, 1),
        (5, 3, 100, 1),
        (26, 26, 100, 8),
    ] {
        assert_eq!(
            limit(managed, max_removals, percent),
            expected,
            "{max_removals} or {percent} % of {managed}"
        );
    }
}

#[test]
fn at_sizes_that_nobody_has() {
    let third = usize::MAX / 3;
    assert!((1..=third).contains(&limit(usize::MAX, 3, 5)));
    assert_eq!(limit(usize::MAX, usize::MAX, 100), third);
    assert_eq!(limit(1_000_000_000, 3, 5), 50_000_000);
}

proptest! {
    #![proptest_config(config(500))]

    #[test]
    fn follows_the_sentence_of_the_document(managed in 0..100_000_usize, max in 0..1_000_usize, percent in 0..=100_usize) {
        let limit = limit(managed, max, percent);
        prop_assert!(limit >= 1);
        prop_assert!(limit == 1 || 3 * limit <= managed);
        prop_assert!(limit == 1 || limit <= max || 100 * limit <= percent * managed);
        // And not smaller than it has to be.
        let larger = limit + 1;
        prop_assert!(3 * larger > managed || (larger > max && 100 * larger > percent * managed));
    }

    #[test]
    fn never_falls_as_a_company_grows(managed in 0..100_000_usize, more in 0..100_usize) {
        prop_assert!(limit(managed + more, 3, 5) >= limit(managed, 3, 5));
    }
}
