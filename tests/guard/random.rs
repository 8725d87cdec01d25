//! Random plans, policies and memories: what has to hold of all of them is tested beside.

use std::collections::BTreeSet;

use proptest::prelude::*;
use shared::planning::account::Offboarding;
use shared::planning::guard::{Approved, Digest, Held, Policy, approve};
use shared::planning::memory::{Memory, Remembering};
use shared::planning::plan::{Change, Evidence, Plan};

use super::planned;
use crate::planning::notation::{ledger, policy};

/// Something to judge.
#[derive(Clone, Debug)]
pub(super) struct Case {
    pub(super) plan: Plan,
    pub(super) policy: Policy,
    pub(super) memory: Memory,
}

impl Case {
    pub(super) fn judge(&self, consent: &[Digest]) -> (Approved, Option<Held>) {
        approve(self.plan.clone(), &self.policy, &self.memory, consent)
    }
}

/// How many removals of a plan are on such evidence.
pub(super) fn count(plan: &Plan, of: impl Fn(Evidence) -> bool) -> usize {
    let leavers = plan.changes.iter();
    leavers
        .filter(|change| matches!(change, Change::Offboard(leaver) if of(leaver.evidence)))
        .count()
}

/// Those that `reconcile` makes.
pub(super) fn reconciled(plan: &Plan) -> usize {
    count(plan, |evidence| evidence != Evidence::Named)
}

/// Those that an order names.
pub(super) fn named(plan: &Plan) -> usize {
    count(plan, |evidence| evidence == Evidence::Named)
}

/// Sizes of companies: mostly small, up to 50,000.
pub(super) fn sizes() -> impl Strategy<Value = usize> {
    prop_oneof![6 => 1..=60_usize, 3 => 1..=2_000_usize, 1 => 1..=50_000_usize]
}

pub(super) fn memories() -> impl Strategy<Value = Memory> {
    let remembering = prop_oneof![
        6 => Just(Remembering::Yes),
        2 => Just(Remembering::Never),
        1 => Just(Remembering::Unreadable),
    ];
    let removed = prop_oneof![2 => Just(0_usize), 1 => 0..10_usize, 1 => 0..3_000_usize];
    let ordered = prop_oneof![2 => Just(0_usize), 1 => 0..30_usize];
    let paused = prop::bool::weighted(0.1);
    (remembering, removed, ordered, paused).prop_map(|(remembering, removed, ordered, paused)| Memory {
        remembering,
        removed,
        ordered,
        paused,
        ..ledger()
    })
}

/// How many people the last roster named, if now there are `people`: not many fewer, now and then somewhat more.
pub(super) fn rosters(people: usize) -> impl Strategy<Value = Option<usize>> {
    let shrunk = prop_oneof![2 => Just(0_usize), 1 => 0..30_usize];
    prop::option::of((shrunk, 0..3_usize))
        .prop_map(move |last| last.map(|(shrunk, fewer)| people * 100 / (100 - shrunk) + fewer))
}

fn policies() -> impl Strategy<Value = Policy> {
    let protected = prop_oneof![9 => Just(Some(BTreeSet::new())), 1 => Just(None)];
    let least = prop_oneof![4 => Just(1_usize), 1 => 0..40_usize];
    let numbers = (0..10_usize, 0..=20_usize, 0..=30_usize, 0..60_usize);
    (protected, least, numbers).prop_map(|(protected, min_people, numbers)| {
        let (max_removals, max_removal_percent, max_shrink_percent, max_ordered_removals) = numbers;
        Policy {
            protected,
            min_people,
            max_removals,
            max_removal_percent,
            max_shrink_percent,
            max_ordered_removals,
            ..policy()
        }
    })
}

/// Plans of orders, of `reconcile` and of any mixture of evidence, at providers that can take access away.
pub(super) fn plans() -> impl Strategy<Value = Plan> {
    let offboarding = prop_oneof![8 => Just(Offboarding::Reversible), 1 => Just(Offboarding::Permanent)];
    let reconciled = || prop_oneof![Just(Evidence::KnownLeaver), Just(Evidence::Absence)];
    let evidence = prop_oneof![Just(Evidence::Named), reconciled()];
    let pattern = prop_oneof![
        1 => Just(vec![Evidence::Named]),
        3 => prop::collection::vec(reconciled(), 1..5),
        1 => prop::collection::vec(evidence, 1..5),
    ];
    (sizes(), 0.0..1.0_f64, pattern, 0..20_usize, offboarding).prop_map(
        |(managed, share, pattern, joining, offboarding)| {
            // Squared, so that small shares, which pass, are as frequent as accidents.
            let count = (managed as f64 * share * share) as usize;
            let ids: Vec<String> = (0..count).map(|n| format!("id{n}")).collect();
            let leavers = ids.iter().map(String::as_str).zip(pattern.iter().copied().cycle());
            let mut plan = planned(leavers, joining, managed);
            plan.capabilities.offboarding = offboarding;
            if pattern == [Evidence::Named] {
                plan.people = None; // an order
            }
            plan
        },
    )
}

/// Plans with the limits they are measured against and what is remembered.
pub(super) fn cases() -> impl Strategy<Value = Case> {
    (plans(), policies(), memories()).prop_flat_map(|(plan, policy, memory)| {
        rosters(plan.managed).prop_map(move |last_roster| Case {
            plan: plan.clone(),
            policy: policy.clone(),
            memory: Memory {
                last_roster,
                ..memory.clone()
            },
        })
    })
}
