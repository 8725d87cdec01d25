//! Absence counts once it was seen often enough, far enough apart, and without anybody claiming the account between.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use shared::planning::guard::Policy;
use shared::planning::memory::{Memory, Remembering, Sighting};
use shared::planning::plan::{Desired, SkipReason, plan};
use shared::planning::roster::Roster;

use super::random::sizes;
use super::{bilanc, members, removals, skipped};
use crate::planning::config;
use crate::planning::notation::{NOON, ago, ledger, policy};

/// An account's sightings once it is absent at noon too, having been seen so often and so many seconds ago.
fn sighted(times: usize, seconds_ago: i64, gap: Duration) -> Sighting {
    let last = NOON - SignedDuration::from_secs(seconds_ago);
    let memory = Memory {
        sightings: [("1".into(), Sighting { times, last })].into(),
        ..ledger()
    };
    let policy = Policy {
        sighting_gap: gap,
        ..policy()
    };
    memory.sighted("1", &policy)
}

#[test]
fn an_account_that_was_never_seen_absent_is_seen_once_now() {
    let now = Sighting { times: 1, last: NOON };
    assert_eq!(ledger().sighted("1", &policy()), now);
    let others = Memory {
        sightings: [(
            "2".into(),
            Sighting {
                times: 9,
                last: ago(60),
            },
        )]
        .into(),
        ..ledger()
    };
    assert_eq!(others.sighted("1", &policy()), now, "ids are compared exactly");
}

#[test]
fn a_sighting_too_soon_after_the_last_does_not_count_nor_put_it_off() {
    let gap = Duration::from_secs(600);
    assert_eq!(sighted(1, 600, gap), Sighting { times: 2, last: NOON });
    assert_eq!(sighted(1, 86_400, gap), Sighting { times: 2, last: NOON });
    for seconds in [599, 1, 0] {
        let last = NOON - SignedDuration::from_secs(seconds);
        assert_eq!(sighted(1, seconds, gap), Sighting { times: 1, last }, "{seconds}");
    }
    assert_eq!(sighted(1, 0, Duration::ZERO), Sighting { times: 2, last: NOON });
}

#[test]
fn a_clock_that_went_back_counts_nothing() {
    for gap in [Duration::ZERO, Duration::from_secs(600), Duration::MAX] {
        for ahead in [1, 600, 86_400 * 365] {
            let last = NOON + SignedDuration::from_secs(ahead);
            assert_eq!(sighted(1, -ahead, gap), Sighting { times: 1, last });
        }
    }
}

#[test]
fn a_gap_longer_than_time_itself_is_never_over() {
    let earlier = Sighting {
        times: 1,
        last: Timestamp::MIN,
    };
    let memory = Memory {
        now: Timestamp::MAX,
        sightings: [("1".into(), earlier)].into(),
        ..ledger()
    };
    let policy = Policy {
        sighting_gap: Duration::MAX,
        ..policy()
    };
    assert_eq!(memory.sighted("1", &policy), earlier);
}

#[test]
fn as_many_as_the_operator_wants() {
    let confirms = |times: Option<usize>, confirm_absences: usize| {
        let earlier = times.map(|times| ("1".into(), Sighting { times, last: ago(60) }));
        let memory = Memory {
            sightings: earlier.into_iter().collect(),
            ..ledger()
        };
        let policy = Policy {
            confirm_absences,
            ..policy()
        };
        memory.confirms("1", &policy)
    };
    // With this one: none before, one before, two before.
    assert_eq!(
        [None, Some(1), Some(2)].map(|times| confirms(times, 2)),
        [false, true, true]
    );
    assert_eq!(
        [None, Some(1), Some(2)].map(|times| confirms(times, 3)),
        [false, false, true]
    );
    // One is enough at 1, and also at 0, which nobody can mean otherwise.
    for enough in [0, 1] {
        assert!(confirms(None, enough) && confirms(Some(1), enough));
    }
    assert!(!confirms(Some(1_000), usize::MAX));
}

#[test]
fn where_nothing_is_remembered_the_plan_shows_the_removal_and_the_guard_holds_it() {
    for remembering in [Remembering::Never, Remembering::Unreadable] {
        let memory = Memory {
            remembering,
            ..ledger()
        };
        assert!(memory.confirms("1", &policy()));
    }
}

#[test]
fn so_many_sightings_that_no_number_holds_them_are_enough() {
    assert_eq!(sighted(usize::MAX, 600, Duration::ZERO).times, usize::MAX);
}

/// Whether person `n` is missing in a read; the same for the same read.
fn is_missing(n: usize, read: u64, share: u64) -> bool {
    let mut hash = (n as u64).wrapping_add(read).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    hash = (hash ^ (hash >> 31)).wrapping_mul(0x94D0_49BB_1331_11EB);
    (hash >> 33) % 4 < share
}

/// How often an account was seen to be absent, by the times of its reads since it was last claimed.
fn counted(reads: &[Timestamp], gap: SignedDuration) -> usize {
    let (mut times, mut last) = (0, None);
    for read in reads {
        if last.is_none_or(|last| *read - gap >= last && *read >= last) {
            times += 1;
            last = Some(*read);
        }
    }
    times
}

proptest! {
    #![proptest_config(config(48))]

    /// Reads at random times, by a clock that goes back now and then; people are missing and come back at random.
    #[test]
    fn nobody_goes_for_absence_before_it_was_confirmed(
        size in sizes(),
        reads in prop::collection::vec((-200..1_200_i64, any::<u64>(), 2..=4_u64), 1..8),
        confirm_absences in 0..=4_usize,
        gap in prop_oneof![Just(0_u64), 1..1_000_u64],
    ) {
        let seen = bilanc(size);
        let people = members(&seen, 0..=size); // one of them without an account, and always there
        let policy = Policy { confirm_absences, sighting_gap: Duration::from_secs(gap), ..policy() };
        let mut memory = ledger();
        let mut absent: Vec<Vec<Timestamp>> = vec![Vec::new(); size];
        for (seconds, read, share) in reads {
            memory.now += SignedDuration::from_secs(seconds);
            let missing = |n: usize| n < size && is_missing(n, read, share);
            let there = people.iter().enumerate().filter(|(n, _)| !missing(*n));
            let roster = Roster::new(there.map(|(_, person)| person.clone()).collect::<Vec<_>>()).expect("a roster");
            let plan = plan(&seen, Desired::Exactly(&roster), &policy, &memory);

            let (mut gone, mut awaiting) = (Vec::new(), 0);
            for (n, times) in absent.iter_mut().enumerate() {
                if !missing(n) {
                    times.clear();
                    continue;
                }
                times.push(memory.now);
                match counted(times, SignedDuration::from_secs(gap as i64)) >= confirm_absences {
                    true => gone.push(format!("id{n}")),
                    false => awaiting += 1,
                }
            }
            gone.sort();
            prop_assert_eq!(removals(&plan), gone);
            prop_assert_eq!(skipped(&plan, SkipReason::AwaitingSecondSighting), awaiting);

            let sighted = |id: &str| (Box::from(id), memory.sighted(id, &policy));
            memory.sightings = plan.absent.iter().map(|id| sighted(id)).collect();
            prop_assert_eq!(memory.sightings.len(), plan.absent.len());
        }
    }
}
