//! Which rule holds what, and that joiners are served whatever holds.

use shared::planning::account::Offboarding;
use shared::planning::guard::{Policy, Rule, approve};
use shared::planning::memory::{Memory, Remembering};
use shared::planning::plan::{Desired, Evidence, Plan, plan};

use super::{at, joiners, judge, no_ledger, ordered, planned, removals, removing, rule};
use crate::planning::notation::{self, ledger, policy, scene};

#[test]
fn reconcile_may_remove_up_to_the_limit() {
    for evidence in [Evidence::KnownLeaver, Evidence::Absence] {
        assert_eq!(rule(removing(50, evidence), &ledger()), None);
        assert_eq!(rule(removing(51, evidence), &ledger()), Some(Rule::TooManyRemovals));
    }
}

#[test]
fn both_kinds_of_evidence_count_together() {
    let mixed = |known: usize, absent: usize| {
        let known = removing(known, Evidence::KnownLeaver).changes;
        let mut plan = removing(absent, Evidence::Absence);
        plan.changes.splice(0..0, known);
        plan
    };
    assert_eq!(rule(mixed(25, 25), &ledger()), None);
    assert_eq!(rule(mixed(26, 25), &ledger()), Some(Rule::TooManyRemovals));
    // Held, all of them are: nobody can tell the good part of a bad list.
    let (approved, held) = judge(mixed(26, 25), &ledger(), &[]);
    assert_eq!(
        (removals(approved.plan()).len(), held.expect("held").changes.len()),
        (0, 51)
    );
}

#[test]
fn earlier_removals_count() {
    let removed = |removed: usize| Memory { removed, ..ledger() };
    // M + W is the base, so 1,000 accounts and 40 gone allow 52.
    assert_eq!(rule(removing(12, Evidence::KnownLeaver), &removed(40)), None);
    assert_eq!(
        rule(removing(13, Evidence::KnownLeaver), &removed(40)),
        Some(Rule::TooManyRemovals)
    );
    assert_eq!(
        rule(removing(1, Evidence::KnownLeaver), &removed(60)),
        Some(Rule::TooManyRemovals)
    );
}

#[test]
fn the_report_says_which_number_tripped() {
    let (_, held) = judge(
        removing(13, Evidence::KnownLeaver),
        &Memory {
            removed: 40,
            ..ledger()
        },
        &[],
    );
    let held = held.expect("held");
    assert_eq!(
        (held.rule, held.changes.len(), held.limit, held.managed),
        (Rule::TooManyRemovals, 13, 52, 1_000)
    );
    let policy = Policy {
        min_people: 1_001,
        ..policy()
    };
    let (_, held) = approve(removing(1, Evidence::KnownLeaver), &policy, &ledger(), &[]);
    assert_eq!(
        held.map(|held| (held.rule, held.limit)),
        Some((Rule::RosterSmall, 1_001))
    );
    let (_, held) = judge(ordered(26), &ledger(), &[]);
    assert_eq!(
        held.map(|held| (held.rule, held.limit)),
        Some((Rule::TooManyOrders, 25))
    );
}

#[test]
fn a_small_roster_removes_nobody() {
    let policy = |min_people: usize| Policy { min_people, ..policy() };
    let rule = |plan: Plan, min_people: usize| {
        let (_, held) = approve(plan, &policy(min_people), &ledger(), &[]);
        held.map(|held| held.rule)
    };
    assert_eq!(rule(removing(1, Evidence::KnownLeaver), 1_000), None);
    assert_eq!(rule(removing(1, Evidence::KnownLeaver), 1_001), Some(Rule::RosterSmall));
    assert_eq!(rule(ordered(1), 1_001), None, "an order needs no roster");
}

#[test]
fn what_is_permanent_needs_consent_from_every_trigger() {
    for evidence in [Evidence::Named, Evidence::KnownLeaver, Evidence::Absence] {
        let plan = || at(removing(1, evidence), Offboarding::Permanent);
        let (approved, held) = judge(plan(), &ledger(), &[]);
        let held = held.expect("held");
        assert_eq!((held.rule, removals(approved.plan()).len()), (Rule::Permanent, 0));
        let (approved, held) = judge(plan(), &ledger(), &[held.digest]);
        assert_eq!((removals(approved.plan()).len(), held), (1, None));
    }
}

#[test]
fn without_a_ledger_absence_needs_consent_and_known_leavers_go() {
    let plan = || {
        planned(
            [
                ("1", Evidence::KnownLeaver),
                ("2", Evidence::Absence),
                ("3", Evidence::Absence),
            ],
            1,
            1_000,
        )
    };
    let (approved, held) = judge(plan(), &no_ledger(), &[]);
    let held = held.expect("held");
    assert_eq!((held.rule, held.changes.len()), (Rule::NoMemory, 2));
    assert_eq!((removals(approved.plan()), joiners(approved.plan())), (vec!["1"], 1));
    let (approved, none) = judge(plan(), &no_ledger(), &[held.digest]);
    assert_eq!((removals(approved.plan()), none), (vec!["1", "2", "3"], None));
    assert_eq!(rule(plan(), &ledger()), None);
}

#[test]
fn no_memory_at_all_means_no_ledger() {
    let memory = Memory::default();
    assert_eq!(
        (memory.remembering, memory.removed, memory.ordered),
        (Remembering::Never, 0, 0)
    );
}

#[test]
fn orders_have_a_limit_of_their_own() {
    assert_eq!(rule(ordered(25), &no_ledger()), None);
    assert_eq!(rule(ordered(26), &no_ledger()), Some(Rule::TooManyOrders));
    // Together with those of the hour before; what reconcile removed does not count, and the other way round.
    let memory = |removed: usize, ordered: usize| Memory {
        removed,
        ordered,
        ..ledger()
    };
    assert_eq!(rule(ordered(5), &memory(500, 20)), None);
    assert_eq!(rule(ordered(6), &memory(0, 20)), Some(Rule::TooManyOrders));
    assert_eq!(rule(removing(50, Evidence::KnownLeaver), &memory(0, 500)), None);
    // An order is not measured by the share of accounts: a company of 26 may close 25 of them.
    let small = Plan {
        managed: 26,
        ..ordered(25)
    };
    assert_eq!(rule(small, &ledger()), None);
}

#[test]
fn an_unreadable_protected_list_comes_first_and_stops_every_trigger() {
    let policy = Policy {
        protected: None,
        min_people: 5_000,
        ..policy()
    };
    for evidence in [Evidence::Named, Evidence::KnownLeaver, Evidence::Absence] {
        for offboarding in [Offboarding::Reversible, Offboarding::Permanent] {
            let plan = at(removing(60, evidence), offboarding);
            let (approved, held) = approve(plan, &policy, &no_ledger(), &[]);
            assert_eq!(held.map(|held| held.rule), Some(Rule::ProtectedUnreadable));
            assert_eq!((removals(approved.plan()).len(), joiners(approved.plan())), (0, 2));
        }
    }
}

#[test]
fn nothing_is_held_where_nobody_is_removed() {
    let policy = Policy {
        protected: None,
        min_people: 5_000,
        ..policy()
    };
    let plan = at(planned([], 3, 1_000), Offboarding::Permanent);
    let memory = Memory {
        removed: 1_000,
        ordered: 1_000,
        ..no_ledger()
    };
    let (approved, held) = approve(plan.clone(), &policy, &memory, &[]);
    assert_eq!((approved.plan(), held), (&plan, None));
}

#[test]
fn what_the_api_cannot_do_is_a_step_for_a_person_and_not_held() {
    let plan = at(removing(60, Evidence::KnownLeaver), Offboarding::Unsupported);
    assert_eq!(rule(plan, &no_ledger()), None);
}

#[test]
fn an_order_goes_through_the_same_guard() {
    let scene = scene("offboard ada@acme.test \n account 1 ada@acme.test");
    assert_eq!(rule(scene.plan(), &no_ledger()), None);
    let mut seen = notation::powens();
    seen.accounts = vec![shared::planning::account::Account::new("101", [])];
    let order = [notation::person(&["powens:101"])];
    let plan = plan(&seen, Desired::Excluding(&order), &policy(), &ledger());
    assert_eq!(rule(plan, &ledger()), Some(Rule::Permanent));
}

#[test]
fn rules_have_the_words_of_the_document() {
    let words = [
        (Rule::TooManyRemovals, "too_many_removals"),
        (Rule::RosterSmall, "roster_small"),
        (Rule::RosterShrank, "roster_shrank"),
        (Rule::Permanent, "permanent"),
        (Rule::NoMemory, "no_memory"),
        (Rule::Paused, "paused"),
        (Rule::TooManyOrders, "too_many_orders"),
        (Rule::ProtectedUnreadable, "protected_unreadable"),
    ];
    for (rule, word) in words {
        assert_eq!(rule.name(), word);
    }
}
