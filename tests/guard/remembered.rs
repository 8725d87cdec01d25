//! What earlier runs and the pause button hold, by themselves and beside other rules.

use shared::planning::account::Offboarding;
use shared::planning::guard::{Digest, Policy, Rule, approve};
use shared::planning::memory::{Memory, Remembering};
use shared::planning::plan::{Evidence, Plan};

use super::{at, joiners, judge, no_ledger, ordered, planned, removals, removing, rule};
use crate::planning::notation::{ledger, policy};

const EVIDENCE: [Evidence; 3] = [Evidence::Named, Evidence::KnownLeaver, Evidence::Absence];

fn paused() -> Memory {
    Memory {
        paused: true,
        ..ledger()
    }
}

fn unreadable() -> Memory {
    Memory {
        remembering: Remembering::Unreadable,
        ..ledger()
    }
}

/// A plan of both kinds, which nobody makes.
fn mixed(named: usize, reconciled: usize) -> Plan {
    let mut plan = removing(reconciled, Evidence::KnownLeaver);
    plan.changes.splice(0..0, removing(named, Evidence::Named).changes);
    plan
}

/// The digest of everything a plan removes.
fn digest(plan: &Plan) -> Digest {
    let protected = Policy {
        protected: None,
        ..policy()
    };
    let (_, held) = approve(plan.clone(), &protected, &ledger(), &[]);
    held.expect("everything is held").digest
}

#[test]
fn pause_stops_reconcile_and_lets_orders_through() {
    for evidence in [Evidence::KnownLeaver, Evidence::Absence] {
        let (approved, held) = judge(removing(1, evidence), &paused(), &[]);
        assert_eq!(held.map(|held| (held.rule, held.limit)), Some((Rule::Paused, 0)));
        assert_eq!((removals(approved.plan()).len(), joiners(approved.plan())), (0, 2));
    }
    assert_eq!(rule(ordered(25), &paused()), None);
    assert_eq!(rule(ordered(26), &paused()), Some(Rule::TooManyOrders));
    assert_eq!(
        rule(at(ordered(1), Offboarding::Permanent), &paused()),
        Some(Rule::Permanent)
    );
}

#[test]
fn pause_is_lifted_by_nobodys_consent() {
    for evidence in [Evidence::KnownLeaver, Evidence::Absence] {
        let plan = removing(1, evidence);
        let (approved, held) = judge(plan.clone(), &paused(), &[digest(&plan)]);
        assert_eq!(held.map(|held| held.rule), Some(Rule::Paused));
        assert_eq!((removals(approved.plan()).len(), approved.consent()), (0, None));
    }
}

#[test]
fn pause_holds_also_what_another_rule_held_first_and_somebody_consented_to() {
    let small = Policy {
        min_people: 1_001,
        ..policy()
    };
    let shrunk = Memory {
        last_roster: Some(1_200),
        ..paused()
    };
    for (policy, memory) in [(small, paused()), (policy(), shrunk)] {
        let plan = removing(1, Evidence::KnownLeaver);
        let (approved, held) = approve(plan.clone(), &policy, &memory, &[digest(&plan)]);
        assert_eq!(removals(approved.plan()).len(), 0, "{:?}", memory.last_roster);
        assert!(held.is_some());
    }
}

#[test]
fn pause_hides_no_order_from_the_rules_for_orders() {
    for plan in [mixed(26, 1), at(mixed(1, 1), Offboarding::Permanent)] {
        let (approved, _) = judge(plan, &paused(), &[]);
        assert_eq!(removals(approved.plan()).len(), 0);
    }
}

#[test]
fn pause_without_removals_holds_nothing() {
    let (approved, held) = judge(planned([], 3, 1_000), &paused(), &[]);
    assert_eq!((joiners(approved.plan()), held), (3, None));
}

#[test]
fn an_unreadable_ledger_stops_every_removal_and_no_consent_lifts_it() {
    for evidence in EVIDENCE {
        for offboarding in [Offboarding::Reversible, Offboarding::Permanent] {
            let plan = at(removing(1, evidence), offboarding);
            let (approved, held) = judge(plan.clone(), &unreadable(), &[digest(&plan)]);
            assert_eq!(held.map(|held| held.rule), Some(Rule::NoMemory), "{evidence:?}");
            assert_eq!((removals(approved.plan()).len(), joiners(approved.plan())), (0, 2));
            assert_eq!(approved.consent(), None);
        }
    }
}

#[test]
fn an_unreadable_ledger_makes_consent_to_any_other_rule_useless_too() {
    // Nobody knows whether it was used before.
    let small = Policy {
        min_people: 1_001,
        ..policy()
    };
    let shrunk = Memory {
        last_roster: Some(1_200),
        ..unreadable()
    };
    for (policy, memory) in [(small, unreadable()), (policy(), shrunk)] {
        let plan = removing(1, Evidence::KnownLeaver);
        let (approved, held) = approve(plan.clone(), &policy, &memory, &[digest(&plan)]);
        assert!(held.is_some());
        assert_eq!(removals(approved.plan()).len(), 0);
    }
}

#[test]
fn steps_for_a_person_wait_for_a_whole_roster_and_for_nothing_else() {
    for evidence in EVIDENCE {
        let by_hand = || at(removing(60, evidence), Offboarding::Unsupported);
        for memory in [ledger(), no_ledger(), unreadable(), paused()] {
            assert_eq!(rule(by_hand(), &memory), None);
        }
        let shrunk = Memory {
            last_roster: Some(1_200),
            ..ledger()
        };
        assert_eq!(rule(by_hand(), &shrunk), Some(Rule::RosterShrank));
    }
}

#[test]
fn a_roster_that_shrank_may_be_consented_to() {
    let memory = Memory {
        last_roster: Some(1_200),
        ..ledger()
    };
    let plan = removing(200, Evidence::Absence);
    let (approved, held) = judge(plan.clone(), &memory, &[]);
    let held = held.expect("held");
    assert_eq!(
        (held.rule, held.limit, held.managed),
        (Rule::RosterShrank, 1_200, 1_000)
    );
    assert_eq!((removals(approved.plan()).len(), joiners(approved.plan())), (0, 2));
    // The list is what is consented to, so the limit on removals is lifted with it.
    let (approved, none) = judge(plan.clone(), &memory, std::slice::from_ref(&held.digest));
    assert_eq!((approved.plan(), none), (&plan, None));
    assert_eq!(approved.consent(), Some(&held.digest));
}

#[test]
fn the_first_rule_that_is_broken_is_the_one_that_is_named() {
    let small = Policy {
        min_people: 1_001,
        ..policy()
    };
    let protected = Policy {
        protected: None,
        ..small.clone()
    };
    let window = Memory {
        removed: 500,
        ordered: 500,
        ..ledger()
    };
    let shrunk = Memory {
        last_roster: Some(5_000),
        ..window.clone()
    };
    let plan = || at(removing(60, Evidence::KnownLeaver), Offboarding::Permanent);
    let rule = |policy: &Policy, memory: &Memory| approve(plan(), policy, memory, &[]).1.map(|held| held.rule);
    let everything = Memory {
        remembering: Remembering::Unreadable,
        paused: true,
        ..shrunk.clone()
    };
    assert_eq!(rule(&protected, &everything), Some(Rule::ProtectedUnreadable));
    assert_eq!(rule(&small, &shrunk), Some(Rule::RosterSmall));
    assert_eq!(rule(&policy(), &shrunk), Some(Rule::RosterShrank));
    assert_eq!(rule(&policy(), &window), Some(Rule::TooManyRemovals));
    for (paused, rule_named) in [(true, Rule::Paused), (false, Rule::TooManyRemovals)] {
        let memory = Memory {
            paused,
            ..window.clone()
        };
        assert_eq!(rule(&policy(), &memory), Some(rule_named));
        let unreadable = Memory {
            remembering: Remembering::Unreadable,
            ..memory
        };
        assert_eq!(rule(&policy(), &unreadable), Some(Rule::NoMemory));
    }
    let few = at(removing(1, Evidence::KnownLeaver), Offboarding::Permanent);
    assert_eq!(super::rule(few, &ledger()), Some(Rule::Permanent));
}

#[test]
fn numbers_that_nobody_has_hold_instead_of_starting_over_at_nought() {
    for removed in [usize::MAX, usize::MAX - 1, usize::MAX - 1_000] {
        let memory = Memory { removed, ..ledger() };
        let rule = rule(removing(1, Evidence::KnownLeaver), &memory);
        assert_eq!(rule, Some(Rule::TooManyRemovals), "{removed}");
    }
    let memory = Memory {
        ordered: usize::MAX,
        ..ledger()
    };
    assert_eq!(rule(ordered(1), &memory), Some(Rule::TooManyOrders));
}
