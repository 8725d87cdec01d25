//! The guard bench, rows L to N and P to R: reads that went wrong, settings that did, keys that are missing, old consent.

use shared::error::ErrorKind;
use shared::planning::guard::{Policy, Rule};
use shared::planning::identity::{Identity, Login};
use shared::planning::memory::Memory;
use shared::planning::plan::{Desired, Evidence, SkipReason, plan};
use shared::planning::roster::{Person, Roster};

use super::runs::Runs;
use super::{
    bilanc, free, held, judge, left, member, members, no_ledger, reconcile, removals, removing, sighted, skipped,
    waiting,
};
use crate::planning::notation::{blackbird, ledger, policy};

/// Ten pages of a hundred people each.
const PAGES: [usize; 10] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];

fn paged(pages: impl IntoIterator<Item = usize>) -> Vec<Person> {
    let seen = bilanc(0);
    let numbers = pages.into_iter().flat_map(|page| page * 100..(page + 1) * 100);
    members(&seen, numbers)
}

#[test]
fn l_half_the_pages_taken_for_all() {
    // A read that ends in an error makes no roster; this is what stands behind it.
    let seen = bilanc(1_000);
    let memory = sighted(&seen);
    let run = |memory: &Memory| reconcile(&seen, paged(0..5), &policy(), memory);
    assert_eq!(run(&memory), held(Rule::TooManyRemovals, 500, 0));
    let memory = Memory {
        last_roster: Some(1_000),
        ..memory
    };
    assert_eq!(run(&memory), held(Rule::RosterShrank, 500, 0));
}

#[test]
fn m_one_page_dropped_wherever_it_was() {
    let seen = bilanc(1_000);
    for dropped in PAGES {
        let people = || paged(PAGES.into_iter().filter(|page| *page != dropped));
        let mut runs = Runs::new();
        assert_eq!(runs.read(0, &seen, paged(PAGES)), free(0, 0));
        assert_eq!(runs.read(60, &seen, people()), waiting(100, 0));
        assert_eq!(runs.read(60, &seen, people()), held(Rule::RosterShrank, 100, 0));
        // Even if nobody remembers how many there were.
        let run = reconcile(&seen, people(), &policy(), &sighted(&seen));
        assert_eq!(run, held(Rule::TooManyRemovals, 100, 0));
    }
}

#[test]
fn m_a_page_that_comes_twice_or_for_ever_names_nobody_twice() {
    let seen = bilanc(1_000);
    for pages in [
        &[0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9][..],
        &[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1, 2],
    ] {
        let run = reconcile(&seen, paged(pages.iter().copied()), &policy(), &sighted(&seen));
        assert_eq!(run, free(0, 0));
    }
    // The first page again and again, in the place of all others: the count of entries is right, the people are not.
    let looped = paged(PAGES.map(|_| 0));
    assert_eq!(looped.len(), 1_000);
    let memory = Memory {
        last_roster: Some(1_000),
        ..sighted(&seen)
    };
    let run = reconcile(&seen, looped, &policy(), &memory);
    assert_eq!(run, held(Rule::RosterShrank, 900, 0));
}

#[test]
fn m_a_page_that_comes_twice_and_differs_is_refused() {
    let seen = bilanc(1_000);
    let mut people = paged(PAGES);
    people.push(left(&seen, 7));
    let run = reconcile(&seen, people, &policy(), &sighted(&seen));
    assert_eq!(run, Err(ErrorKind::Protocol));
}

#[test]
fn m_a_lost_permission_that_hides_members() {
    // Every tenth member is hidden, and then all but the asker.
    let seen = bilanc(1_000);
    let visible = members(&seen, (0..1_000).filter(|n| n % 10 != 3));
    let run = reconcile(&seen, visible, &policy(), &sighted(&seen));
    assert_eq!(run, held(Rule::TooManyRemovals, 100, 0));
    let run = reconcile(&seen, members(&seen, 3..4), &policy(), &sighted(&seen));
    assert_eq!(run, held(Rule::TooManyRemovals, 999, 0));
}

#[test]
fn n_settings_edited_to_a_wrong_group_and_4_percent_would_leave() {
    let seen = bilanc(1_000);
    let mut runs = Runs::new();
    assert_eq!(runs.read(0, &seen, members(&seen, 0..1_000)), free(0, 0));
    // The first forty are away at once under the old settings; one of them has really left.
    assert_eq!(runs.read(60, &seen, members(&seen, 40..1_000)), waiting(40, 0));
    runs.edited();
    let wrong = members(&seen, 40..1_010);
    assert_eq!(
        runs.read(60, &seen, wrong),
        waiting(40, 10),
        "the first run after an edit"
    );
    // Mended in time, only who is still away goes.
    assert_eq!(runs.read(60, &seen, members(&seen, 1..1_010)), free(1, 10));
}

#[test]
fn n_without_the_edit_the_same_forty_would_go() {
    let seen = bilanc(1_000);
    let mut runs = Runs::new();
    assert_eq!(runs.read(0, &seen, members(&seen, 40..1_000)), waiting(40, 0));
    assert_eq!(runs.read(60, &seen, members(&seen, 40..1_010)), free(40, 10));
}

#[test]
fn p_the_protected_list_cannot_be_read() {
    let policy = Policy {
        protected: None,
        ..policy()
    };
    let seen = bilanc(1_000);
    let mut people = members(&seen, 2..1_010);
    people.push(left(&seen, 0));
    let run = |memory: &Memory| reconcile(&seen, people.clone(), &policy, memory);
    assert_eq!(run(&sighted(&seen)), held(Rule::ProtectedUnreadable, 2, 10));
    assert_eq!(run(&no_ledger()), held(Rule::ProtectedUnreadable, 2, 10));
    // At first sight the absent one waits, and the known leaver is held.
    let first = run(&ledger()).expect("a roster");
    assert_eq!((first.removed, first.awaiting, first.joined), (0, 1, 10));
    assert_eq!(first.held, Some((Rule::ProtectedUnreadable, 1)));
}

#[test]
fn q_people_without_the_providers_kind_of_key() {
    let mut seen = blackbird();
    seen.accounts = bilanc(1_000).accounts;
    let by_login = |n: usize| {
        let login = Login::parse(&format!("p{n}")).expect("a login");
        Person::new([Identity::Github(login)]).with_access([seen.provider])
    };
    // The directory lost the addresses of two, and of everybody.
    for lost in [2, 1_000] {
        let mut people: Vec<Person> = (lost..1_000).map(|n| member(&seen, n)).collect();
        people.extend((0..lost).map(by_login));
        for memory in [ledger(), sighted(&seen), no_ledger()] {
            assert_eq!(reconcile(&seen, people.clone(), &policy(), &memory), free(0, 0));
            let roster = Roster::new(people.clone()).expect("accepted");
            let plan = plan(&seen, Desired::Exactly(&roster), &policy(), &memory);
            assert_eq!(skipped(&plan, SkipReason::Unidentifiable), lost);
            assert_eq!(skipped(&plan, SkipReason::Unlinked), lost);
            assert!(plan.absent.is_empty(), "and it is no sighting");
        }
    }
}

#[test]
fn r_a_digest_from_yesterday_and_one_more_leaver_today() {
    let leavers = |count: usize| removing(count, Evidence::KnownLeaver);
    let (_, held) = judge(leavers(60), &ledger(), &[]);
    let yesterday = held.expect("60 are too many").digest;
    let (approved, held) = judge(leavers(61), &ledger(), std::slice::from_ref(&yesterday));
    assert_eq!(removals(approved.plan()).len(), 0);
    assert_eq!(approved.consent(), None);
    let today = held.expect("still held").digest;
    assert_ne!(today, yesterday);
    let (approved, held) = judge(leavers(61), &ledger(), &[yesterday, today.clone()]);
    assert_eq!((removals(approved.plan()).len(), held), (61, None));
    assert_eq!(approved.consent(), Some(&today), "the one that was used");
}
