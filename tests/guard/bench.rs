//! The guard bench, rows A to J and O: a directory that names too few people, and real leavers.

use shared::error::ErrorKind;
use shared::planning::account::Observed;
use shared::planning::guard::{Policy, Rule};
use shared::planning::memory::Memory;
use shared::planning::roster::Person;

use super::runs::Runs;
use super::{Run, bilanc, free, held, left, members, no_ledger, reconcile, sighted, waiting};
use crate::planning::notation::{ledger, policy};

/// Reconciles under the default policy once every absence was seen before, and expects that; before it, and without a
/// ledger, nothing more may go and nobody less may join.
#[track_caller]
fn bench(seen: &Observed, people: &[Person], expected: Result<Run, ErrorKind>) {
    let run = |memory: &Memory| reconcile(seen, people.to_vec(), &policy(), memory);
    let second = run(&sighted(seen));
    for memory in [ledger(), no_ledger()] {
        match (run(&memory), &second) {
            (Ok(less), Ok(second)) => {
                assert!(less.removed <= second.removed);
                assert_eq!(less.joined, second.joined);
            }
            (less, second) => assert_eq!(&less, second),
        }
    }
    assert_eq!(second, expected);
}

/// The same, after a run whose roster named one person for each account.
#[track_caller]
fn after_a_good_roster(seen: &Observed, people: &[Person], expected: Result<Run, ErrorKind>) {
    let memory = Memory {
        last_roster: Some(seen.accounts.len()),
        ..sighted(seen)
    };
    assert_eq!(reconcile(seen, people.to_vec(), &policy(), &memory), expected);
}

/// Those who stay, and those whom the directory calls gone.
fn leaving(seen: &Observed, gone: usize, of: usize) -> Vec<Person> {
    let mut people = members(seen, gone..of);
    people.extend((0..gone).map(|n| left(seen, n)));
    people
}

#[test]
fn a_8_accounts_and_an_empty_roster() {
    bench(&bilanc(8), &[], Err(ErrorKind::Held));
    after_a_good_roster(&bilanc(8), &[], Err(ErrorKind::Held));
}

#[test]
fn b_26_accounts_and_a_roster_of_one() {
    let seen = bilanc(26);
    let people = members(&seen, 0..1);
    bench(&seen, &people, held(Rule::TooManyRemovals, 25, 0));
    after_a_good_roster(&seen, &people, held(Rule::RosterShrank, 25, 0));
    assert_eq!(
        reconcile(&seen, people.clone(), &policy(), &ledger()),
        waiting(25, 0),
        "at first sight"
    );
    let policy = Policy {
        min_people: 20,
        ..policy()
    };
    let run = reconcile(&seen, people, &policy, &sighted(&seen));
    assert_eq!(run, held(Rule::RosterSmall, 25, 0));
}

#[test]
fn c_150_accounts_and_an_empty_roster() {
    bench(&bilanc(150), &[], Err(ErrorKind::Held));
    after_a_good_roster(&bilanc(150), &[], Err(ErrorKind::Held));
}

#[test]
fn d_1000_accounts_and_a_roster_cut_at_82_percent() {
    // The file's own checks are the roster file's tests; this is what stands behind them.
    let seen = bilanc(1_000);
    let people = members(&seen, 0..820);
    bench(&seen, &people, held(Rule::TooManyRemovals, 180, 0));
    after_a_good_roster(&seen, &people, held(Rule::RosterShrank, 180, 0));
}

#[test]
fn e_1000_to_700() {
    let seen = bilanc(1_000);
    let people = members(&seen, 0..700);
    bench(&seen, &people, held(Rule::TooManyRemovals, 300, 0));
    after_a_good_roster(&seen, &people, held(Rule::RosterShrank, 300, 0));
}

#[test]
fn f_10000_accounts_and_400_known_leavers_go_at_once() {
    let seen = bilanc(10_000);
    let people = leaving(&seen, 400, 10_000);
    bench(&seen, &people, free(400, 0));
    after_a_good_roster(&seen, &people, free(400, 0));
    // One sighting is enough, so no ledger is needed either.
    for memory in [ledger(), no_ledger()] {
        assert_eq!(reconcile(&seen, people.clone(), &policy(), &memory), free(400, 0));
    }
}

#[test]
fn f_400_absences_of_10000_go_on_the_second_sighting() {
    let seen = bilanc(10_000);
    let mut runs = Runs::new();
    assert_eq!(runs.read(0, &seen, members(&seen, 0..10_000)), free(0, 0));
    let people = || members(&seen, 400..10_000);
    assert_eq!(runs.read(60, &seen, people()), waiting(400, 0));
    assert_eq!(runs.read(9, &seen, people()), waiting(400, 0), "too soon");
    assert_eq!(runs.read(1, &seen, people()), free(400, 0));
}

#[test]
fn g_10000_to_9400_by_accident() {
    let seen = bilanc(10_000);
    let people = members(&seen, 0..9_400);
    bench(&seen, &people, held(Rule::TooManyRemovals, 600, 0));
    // 6 % are no shrink.
    after_a_good_roster(&seen, &people, held(Rule::TooManyRemovals, 600, 0));
}

#[test]
fn h_300_of_1000_vanish_and_50_join() {
    let seen = bilanc(1_000);
    let people = members(&seen, 300..1_050);
    bench(&seen, &people, held(Rule::TooManyRemovals, 300, 50));
    after_a_good_roster(&seen, &people, held(Rule::RosterShrank, 300, 50));
}

#[test]
fn h_those_who_join_hide_no_loss_from_the_limit() {
    // As many join as vanish, so the roster is no smaller.
    let seen = bilanc(1_000);
    after_a_good_roster(
        &seen,
        &members(&seen, 300..1_300),
        held(Rule::TooManyRemovals, 300, 300),
    );
}

#[test]
fn i_4_percent_of_2000_vanish_in_each_of_10_runs() {
    for (known, mended) in [(true, true), (true, false), (false, true), (false, false)] {
        let mut runs = Runs::new();
        let (mut lost, mut removed) = (0, 0);
        for n in 1..=10 {
            if mended {
                lost = removed; // over night, whatever was lost without being removed is back
            }
            lost += (2_000 - lost) * 4 / 100;
            let mut seen = bilanc(2_000);
            seen.accounts.drain(..removed);
            let people = match known {
                true => leaving(&seen, lost, 2_000),
                false => members(&seen, lost..2_000),
            };
            let mut wait = 12 * 60;
            if !known {
                let first = runs.read(wait, &seen, people.clone()).expect("a roster");
                assert_eq!(first.removed, 0, "at first sight");
                wait = 10;
            }
            let run = runs.read(wait, &seen, people).expect("a roster");
            match n {
                1 => assert_eq!((run.removed, &run.held), (80, &None)),
                _ => assert!(run.removed == 0 && run.held.is_some(), "run {n}: {run:?}"),
            }
            removed += run.removed;
        }
        assert_eq!(runs.memory.removed, 80);
    }
}

#[test]
fn i_what_is_left_of_the_window_may_still_be_used() {
    let memory = Memory {
        removed: 80,
        ..ledger()
    };
    let seen = bilanc(1_920);
    let run = |gone: usize| reconcile(&seen, leaving(&seen, gone, 1_920), &policy(), &memory);
    assert_eq!(run(20), free(20, 0));
    assert_eq!(run(21), held(Rule::TooManyRemovals, 21, 0));
}

#[test]
fn j_1000_members_and_26_joiners() {
    let seen = bilanc(1_000);
    let people = members(&seen, 0..1_026);
    bench(&seen, &people, free(0, 26));
    after_a_good_roster(&seen, &people, free(0, 26));
}

#[test]
fn o_leavers_only() {
    let seen = bilanc(1_000);
    bench(&seen, &leaving(&seen, 40, 1_000), free(40, 0));
    // Absent ones as well, once the ledger has seen them often enough.
    let people = members(&seen, 40..1_000);
    bench(&seen, &people, free(40, 0));
    assert_eq!(
        reconcile(&seen, people, &policy(), &no_ledger()),
        held(Rule::NoMemory, 40, 0)
    );
}

#[test]
fn a_few_leavers_of_a_small_provider_are_held_when_the_company_shrank() {
    // 1,000 people, of whom 60 have an account here; 200 vanish, and three of them were here: within the limit.
    let seen = bilanc(60);
    let everybody = || {
        let elsewhere = (60..1_000).map(|n| Person::new([super::address(n)]));
        members(&seen, 0..60).into_iter().chain(elsewhere)
    };
    let mut runs = Runs::new();
    assert_eq!(runs.read(0, &seen, everybody().collect()), free(0, 0));
    let fewer = || everybody().skip(3).take(800).collect::<Vec<_>>();
    assert_eq!(runs.read(60, &seen, fewer()), waiting(3, 0));
    for _ in 0..3 {
        assert_eq!(runs.read(60, &seen, fewer()), held(Rule::RosterShrank, 3, 0));
    }
    // Mended, the roster is measured and the real leaver goes.
    assert_eq!(runs.read(60, &seen, everybody().skip(1).collect()), free(1, 0));
}

#[test]
fn everybody_in_another_domain_is_no_accident() {
    let seen = bilanc(100);
    let policy = Policy {
        managed_domains: ["other.test".to_owned()].into(),
        ..policy()
    };
    let somebody = members(&seen, 100..101);
    assert_eq!(reconcile(&seen, somebody, &policy, &sighted(&seen)), free(0, 1));
}
