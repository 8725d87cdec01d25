//! What holds at every size: never more removed than the limit, joiners always served, a held run always loud.

use std::collections::BTreeSet;

use proptest::prelude::*;
use shared::planning::account::Offboarding;
use shared::planning::guard::{Digest, Memory, Policy, Rule, approve};
use shared::planning::plan::{Change, Desired, Evidence, Plan, plan};
use shared::planning::roster::{Person, Roster};

use super::{bilanc, joiners, left, member, planned, removals};
use crate::planning::config;
use crate::planning::notation::policy;

/// Sizes of companies: mostly small, up to 50,000.
fn sizes() -> impl Strategy<Value = usize> {
    prop_oneof![6 => 1..=60_usize, 3 => 1..=2_000_usize, 1 => 1..=50_000_usize]
}

fn memories() -> impl Strategy<Value = Memory> {
    let removed = prop_oneof![2 => Just(0_usize), 1 => 0..10_usize, 1 => 0..3_000_usize];
    let ordered = prop_oneof![2 => Just(0_usize), 1 => 0..30_usize];
    (any::<bool>(), removed, ordered).prop_map(|(has_ledger, removed, ordered)| Memory {
        has_ledger,
        removed,
        ordered,
    })
}

fn policies() -> impl Strategy<Value = Policy> {
    let protected = prop_oneof![9 => Just(Some(BTreeSet::new())), 1 => Just(None)];
    (protected, 0..40_usize, 0..10_usize, 0..=20_usize, 0..60_usize).prop_map(
        |(protected, min_people, max_removals, max_removal_percent, max_ordered_removals)| Policy {
            protected,
            min_people,
            max_removals,
            max_removal_percent,
            max_ordered_removals,
            ..policy()
        },
    )
}

/// Plans of any mixture of evidence, at a provider of any kind.
fn plans() -> impl Strategy<Value = Plan> {
    let offboarding = prop_oneof![8 => Just(Offboarding::Reversible), 1 => Just(Offboarding::Permanent)];
    let evidence = prop_oneof![
        Just(Evidence::Named),
        Just(Evidence::KnownLeaver),
        Just(Evidence::Absence)
    ];
    let pattern = prop::collection::vec(evidence, 1..5);
    (sizes(), 0.0..1.0_f64, pattern, 0..20_usize, offboarding).prop_map(
        |(managed, share, pattern, joining, offboarding)| {
            // Squared, so that small shares, which pass, are as frequent as accidents.
            let count = (managed as f64 * share * share) as usize;
            let ids: Vec<String> = (0..count).map(|n| format!("id{n}")).collect();
            let leavers = ids.iter().map(String::as_str).zip(pattern.iter().copied().cycle());
            let mut plan = planned(leavers, joining, managed);
            plan.capabilities.offboarding = offboarding;
            plan
        },
    )
}

fn count(plan: &Plan, of: impl Fn(Evidence) -> bool) -> usize {
    let leavers = plan.changes.iter();
    leavers
        .filter(|change| matches!(change, Change::Offboard(leaver) if of(leaver.evidence)))
        .count()
}

proptest! {
    #![proptest_config(config(200))]

    #[test]
    fn never_more_than_the_limits(plan in plans(), policy in policies(), memory in memories()) {
        let (approved, _) = approve(plan.clone(), &policy, &memory, &[]);
        let reconciled = count(approved.plan(), |evidence| evidence != Evidence::Named);
        if reconciled > 0 {
            prop_assert!(memory.removed + reconciled <= policy.limit(plan.managed + memory.removed));
            prop_assert!(plan.people >= Some(policy.min_people));
        }
        let named = count(approved.plan(), |evidence| evidence == Evidence::Named);
        if named > 0 {
            prop_assert!(memory.ordered + named <= policy.max_ordered_removals);
        }
        if reconciled + named > 0 {
            prop_assert!(policy.protected.is_some());
            prop_assert_ne!(plan.capabilities.offboarding, Offboarding::Permanent);
        }
        if !memory.has_ledger {
            prop_assert_eq!(count(approved.plan(), |evidence| evidence == Evidence::Absence), 0);
        }
    }

    #[test]
    fn what_is_not_approved_is_reported_and_nothing_else_is(plan in plans(), policy in policies(), memory in memories()) {
        let (approved, held) = approve(plan.clone(), &policy, &memory, &[]);
        let kept_back = held.as_ref().map(|held| held.changes.clone()).unwrap_or_default();
        prop_assert_eq!(held.is_some(), !kept_back.is_empty());
        prop_assert!(kept_back.iter().all(|change| matches!(change, Change::Offboard(_))));
        prop_assert_eq!(joiners(approved.plan()), joiners(&plan));
        let mut all = kept_back;
        all.extend(approved.plan().changes.iter().cloned());
        let key = |change: &Change| (matches!(change, Change::Onboard(_)), change.who());
        all.sort_by_key(key);
        let mut planned = plan.changes.clone();
        planned.sort_by_key(key);
        prop_assert_eq!(all, planned);
        prop_assert_eq!(&approved.plan().skips, &plan.skips);
    }

    #[test]
    fn consent_to_exactly_what_is_held_approves_exactly_the_plan(plan in plans(), policy in policies(), memory in memories()) {
        let Some(held) = approve(plan.clone(), &policy, &memory, &[]).1 else { return Ok(()) };
        let (approved, still) = approve(plan.clone(), &policy, &memory, std::slice::from_ref(&held.digest));
        match held.rule {
            Rule::ProtectedUnreadable => prop_assert_eq!(still, Some(held)),
            _ => {
                prop_assert_eq!(still, None);
                prop_assert_eq!(approved.plan(), &plan);
            }
        }
    }

    #[test]
    fn one_account_more_or_less_does_not_match(plan in plans(), policy in policies(), memory in memories(), n: prop::sample::Index) {
        let Some(held) = approve(plan.clone(), &policy, &memory, &[]).1 else { return Ok(()) };
        let consent = [held.digest];
        let mut more = plan.clone();
        more.changes.extend(planned([("another", Evidence::Absence)], 0, 0).changes);
        let mut less = plan;
        let held_ids: BTreeSet<_> = held.changes.iter().map(|change| change.who().id).collect();
        let gone = held_ids.iter().nth(n.index(held_ids.len())).cloned();
        less.changes.retain(|change| Some(change.who().id) != gone);
        for other in [more, less] {
            let without = approve(other.clone(), &policy, &memory, &[]);
            let with = approve(other, &policy, &memory, &consent);
            prop_assert_eq!(with.0.plan(), without.0.plan());
            prop_assert_eq!(with.1, without.1);
        }
    }

    #[test]
    fn a_digest_is_equal_if_and_only_if_the_set_is(
        one in prop::collection::btree_set("[ab]{1,3}", 1..6),
        other in prop::collection::btree_set("[ab]{1,3}", 1..6),
        shuffle in Just((0..6_usize).collect::<Vec<_>>()).prop_shuffle(),
    ) {
        prop_assert_eq!(digest(&one, &[]) == digest(&other, &[]), one == other);
        prop_assert_eq!(digest(&one, &shuffle), digest(&one, &[]));
    }
}

/// The digest of removing `ids`, listed in this order where one is given.
fn digest(ids: &BTreeSet<String>, order: &[usize]) -> Digest {
    let mut listed: Vec<&str> = ids.iter().map(String::as_str).collect();
    if !order.is_empty() {
        let sorted = listed.clone();
        listed = order.iter().filter_map(|n| sorted.get(*n).copied()).collect();
    }
    let plan = planned(listed.into_iter().map(|id| (id, Evidence::Absence)), 0, 10);
    let unreadable = Policy {
        protected: None,
        ..policy()
    };
    approve(plan, &unreadable, &Memory::default(), &[])
        .1
        .expect("everything is held")
        .digest
}

proptest! {
    #![proptest_config(config(24))]

    /// The whole way, from a roster that lost people to what may be applied.
    #[test]
    fn a_roster_that_loses_people_at_random(
        size in sizes(),
        lost in 0.0..1.0_f64,
        known: bool,
        joining in 0..30_usize,
        memory in memories(),
    ) {
        let seen = bilanc(size);
        let gone = (size as f64 * lost * lost) as usize;
        let mut people: Vec<Person> = (gone..size + joining).map(|n| member(&seen, n)).collect();
        if known {
            people.extend((0..gone).map(|n| left(&seen, n)));
        }
        let Ok(roster) = Roster::new(people) else {
            prop_assert_eq!(gone + usize::from(known), size + joining);
            return Ok(());
        };
        let plan = plan(&seen, Desired::Exactly(&roster), &policy());
        prop_assert_eq!(removals(&plan).len(), gone);
        let (approved, held) = approve(plan, &policy(), &memory, &[]);
        let removed = removals(approved.plan()).len();
        prop_assert_eq!(joiners(approved.plan()), joining, "joiners are always served");
        prop_assert!(removed == 0 || memory.removed + removed <= policy().limit(size + memory.removed));
        prop_assert_eq!(held.is_some(), removed < gone, "a held run is always loud");
    }
}
