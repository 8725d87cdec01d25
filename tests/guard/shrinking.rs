//! A roster that names far fewer people than the last one removes nobody.

use proptest::prelude::*;
use shared::planning::guard::{Policy, Rule, approve};
use shared::planning::memory::Memory;
use shared::planning::plan::{Evidence, Plan};

use super::{ordered, planned, removing, rule};
use crate::planning::config;
use crate::planning::notation::{ledger, policy};

/// Whether a roster of `people` is too much smaller than one of `last`.
fn shrank(last: usize, people: usize, max_shrink_percent: usize) -> bool {
    let memory = Memory {
        last_roster: Some(last),
        ..ledger()
    };
    let policy = Policy {
        max_shrink_percent,
        ..policy()
    };
    memory.has_shrunk_to(people, &policy)
}

#[test]
fn at_the_threshold_of_every_size() {
    for percent in [0, 1, 5, 10, 33, 50, 99, 100] {
        for last in 0..=50_000_usize {
            let least = (last * percent).div_ceil(100).max(2); // that so many are missing
            assert!(!shrank(last, last, percent), "{last} and {last}");
            assert!(!shrank(last, last + 1, percent), "{last} and one more");
            assert!(!shrank(last, last.saturating_sub(1), percent), "{last} and one fewer");
            if least <= last {
                let (fewer, more) = (last - least, last - least + 1);
                assert!(shrank(last, fewer, percent), "{last} to {fewer} at {percent} %");
                assert!(!shrank(last, more, percent), "{last} to {more} at {percent} %");
                assert!(shrank(last, 0, percent), "{last} to nobody at {percent} %");
            }
        }
    }
}

#[test]
fn at_the_sizes_of_the_bench() {
    for (last, people, shrunk) in [
        (2, 1, false),
        (3, 1, true),
        (8, 7, false),
        (8, 6, true),
        (20, 19, false),
        (20, 18, true),
        (26, 24, false),
        (26, 23, true),
        (1_000, 901, false),
        (1_000, 900, true),
        (1_000, 700, true),
        (10_000, 9_400, false),
        (10_000, 9_001, false),
        (10_000, 9_000, true),
    ] {
        assert_eq!(shrank(last, people, 10), shrunk, "{last} to {people}");
    }
}

#[test]
fn at_sizes_that_nobody_has() {
    for percent in [0, 10, 100] {
        assert!(shrank(usize::MAX, 0, percent));
        assert!(!shrank(usize::MAX, usize::MAX, percent));
        assert!(!shrank(usize::MAX, usize::MAX - 1, percent));
        assert!(!shrank(0, usize::MAX, percent));
        assert!(!shrank(usize::MAX - 1, usize::MAX, percent));
    }
}

#[test]
fn nobody_remembered_is_no_shrink() {
    let memory = ledger();
    assert_eq!(memory.last_roster, None);
    assert!(!memory.has_shrunk_to(0, &policy()));
}

#[test]
fn known_leavers_and_absent_ones_are_held_and_orders_are_not() {
    let memory = Memory {
        last_roster: Some(1_112),
        ..ledger()
    };
    for evidence in [Evidence::KnownLeaver, Evidence::Absence] {
        assert_eq!(rule(removing(1, evidence), &memory), Some(Rule::RosterShrank));
    }
    assert_eq!(rule(ordered(1), &memory), None, "an order needs no roster");
}

proptest! {
    #![proptest_config(config(300))]

    /// Through the guard: one removal, whatever the size, is held from the threshold on, and the answer names the number.
    #[test]
    fn the_guard_holds_from_the_threshold_on(
        last in prop_oneof![1..=60_usize, 1..=50_000_usize],
        percent in 0..=100_usize,
        near in 0..6_usize,
    ) {
        let policy = Policy { min_people: 0, max_shrink_percent: percent, ..policy() };
        let memory = Memory { last_roster: Some(last), ..ledger() };
        let least = (last * percent).div_ceil(100).max(2);
        let missing = (least + near).saturating_sub(3).min(last);
        let plan = Plan {
            people: Some(last - missing),
            ..planned([("1", Evidence::KnownLeaver)], 1, 1_000)
        };
        let (approved, held) = approve(plan, &policy, &memory, &[]);
        let expected = (missing >= least).then_some((Rule::RosterShrank, last));
        prop_assert_eq!(held.map(|held| (held.rule, held.limit)), expected);
        prop_assert_eq!(super::joiners(approved.plan()), 1);
    }
}
