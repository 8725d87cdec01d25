//! What holds at every size: never more removed than the limit, joiners always served, a held run always loud.

use std::collections::BTreeSet;

use proptest::prelude::*;
use shared::planning::account::Offboarding;
use shared::planning::guard::{Digest, Policy, Rule, approve};
use shared::planning::memory::{Memory, Remembering};
use shared::planning::plan::{Change, Desired, Evidence, SkipReason, plan};
use shared::planning::roster::{Person, Roster};

use super::random::{Case, cases, count, memories, named, reconciled, rosters, sizes};
use super::{address, bilanc, joiners, left, members, planned, removals, run, sighted, skipped};
use crate::planning::config;
use crate::planning::notation::policy;

proptest! {
    #![proptest_config(config(300))]

    #[test]
    fn never_more_than_the_limits(case in cases()) {
        let Case { plan, policy, memory } = &case;
        let (approved, _) = case.judge(&[]);
        if reconciled(approved.plan()) > 0 {
            let removed = memory.removed + reconciled(approved.plan());
            prop_assert!(removed <= policy.limit(plan.managed + memory.removed));
            prop_assert!(!memory.paused);
        }
        if named(approved.plan()) > 0 {
            prop_assert!(memory.ordered + named(approved.plan()) <= policy.max_ordered_removals);
        }
        if !removals(approved.plan()).is_empty() {
            prop_assert!(policy.protected.is_some());
            prop_assert_ne!(plan.capabilities.offboarding, Offboarding::Permanent);
            prop_assert_ne!(memory.remembering, Remembering::Unreadable);
            if let Some(people) = plan.people {
                prop_assert!(people >= policy.min_people);
                let last = memory.last_roster.unwrap_or(0);
                prop_assert!(last <= people + 1 || (last - people) * 100 < last * policy.max_shrink_percent);
            }
        }
        if memory.remembering == Remembering::Never {
            prop_assert_eq!(count(approved.plan(), |evidence| evidence == Evidence::Absence), 0);
        }
    }

    #[test]
    fn what_is_not_approved_is_reported_and_nothing_else_is(case in cases()) {
        let (approved, held) = case.judge(&[]);
        let kept_back = held.as_ref().map(|held| held.changes.clone()).unwrap_or_default();
        prop_assert_eq!(held.is_some(), !kept_back.is_empty());
        prop_assert!(kept_back.iter().all(|change| matches!(change, Change::Offboard(_))));
        prop_assert_eq!(joiners(approved.plan()), joiners(&case.plan));
        let mut all = kept_back;
        all.extend(approved.plan().changes.iter().cloned());
        let key = |change: &Change| (matches!(change, Change::Onboard(_)), change.who());
        all.sort_by_key(key);
        let mut planned = case.plan.changes.clone();
        planned.sort_by_key(key);
        prop_assert_eq!(all, planned);
        prop_assert_eq!(&approved.plan().skips, &case.plan.skips);
        prop_assert_eq!(&approved.plan().absent, &case.plan.absent);
        prop_assert_eq!(approved.consent(), None);
    }

    #[test]
    fn consent_to_exactly_what_is_held_approves_exactly_the_plan(case in cases()) {
        let Some(held) = case.judge(&[]).1 else { return Ok(()) };
        let (approved, still) = case.judge(std::slice::from_ref(&held.digest));
        let stays = held.rule == Rule::ProtectedUnreadable
            || case.memory.remembering == Remembering::Unreadable
            || (case.memory.paused && reconciled(&case.plan) > 0);
        if stays {
            prop_assert_eq!(still, Some(held));
            prop_assert_eq!(approved.consent(), None);
        } else {
            prop_assert_eq!(still, None);
            prop_assert_eq!(approved.plan(), &case.plan);
            prop_assert_eq!(approved.consent(), Some(&held.digest));
            let (approved, again) = approved.without_consent(&case.policy, &case.memory);
            prop_assert_eq!(again, Some(held));
            let (expected, _) = case.judge(&[]);
            prop_assert_eq!(approved.plan(), expected.plan());
        }
    }

    #[test]
    fn one_account_more_or_less_does_not_match(case in cases(), n: prop::sample::Index) {
        let Some(held) = case.judge(&[]).1 else { return Ok(()) };
        let consent = [held.digest];
        let mut more = case.clone();
        more.plan.changes.extend(planned([("another", Evidence::Absence)], 0, 0).changes);
        let mut less = case;
        let held_ids: BTreeSet<_> = held.changes.iter().map(|change| change.who().id).collect();
        let gone = held_ids.iter().nth(n.index(held_ids.len())).cloned();
        less.plan.changes.retain(|change| Some(change.who().id) != gone);
        for other in [more, less] {
            let (without, with) = (other.judge(&[]), other.judge(&consent));
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

    /// A worse past is never a reason to remove somebody who would have stayed.
    #[test]
    fn remembering_worse_releases_nobody_more(case in cases(), more in 1..100_usize, which in 0..7_usize) {
        let mut worse = case.clone();
        let memory = &mut worse.memory;
        match which {
            0 => memory.removed += more,
            1 => memory.ordered += more,
            2 => memory.last_roster = Some(memory.last_roster.unwrap_or(1) * (more + 1)),
            3 => memory.paused = true,
            4 => memory.remembering = Remembering::Unreadable,
            5 if memory.remembering == Remembering::Yes => memory.remembering = Remembering::Never,
            _ => memory.used.extend(case.judge(&[]).1.map(|held| held.digest)),
        }
        let (then, now) = (case.judge(&[]).0, worse.judge(&[]).0);
        let then: BTreeSet<&str> = removals(then.plan()).into_iter().collect();
        prop_assert!(removals(now.plan()).into_iter().all(|id| then.contains(id)));
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
    let (_, held) = approve(plan, &unreadable, &Memory::default(), &[]);
    held.expect("everything is held").digest
}

proptest! {
    #![proptest_config(config(24))]

    /// The whole way, from a roster that lost people to what may be applied.
    #[test]
    fn a_roster_that_loses_people_at_random(
        size in sizes(),
        lost in 0.0..1.0_f64,
        known: bool,
        seen_before: bool,
        joining in 0..30_usize,
        away in 0..30_usize,
        memory in memories(),
        last in rosters(100),
    ) {
        let seen = bilanc(size);
        let gone = (size as f64 * lost * lost) as usize;
        let mut people: Vec<Person> = members(&seen, gone..size + joining);
        if known {
            people.extend((0..gone).map(|n| left(&seen, n)));
        }
        let Ok(roster) = Roster::new(people) else {
            prop_assert_eq!(gone + usize::from(known), size + joining);
            return Ok(());
        };
        let away = away.min(joining);
        let memory = Memory {
            sightings: if seen_before { sighted(&seen).sightings } else { memory.sightings },
            kept_out: (size..size + away).map(address).collect(),
            last_roster: last.map(|last| roster.people().len() * last / 100),
            ..memory
        };
        let plan = plan(&seen, Desired::Exactly(&roster), &policy(), &memory);
        let confirmed = known || seen_before || memory.remembering != Remembering::Yes;
        let planned = if confirmed { gone } else { 0 };
        prop_assert_eq!(removals(&plan).len(), planned);
        prop_assert_eq!(skipped(&plan, SkipReason::Held), away);
        prop_assert_eq!(plan.absent.len(), if known { 0 } else { gone });
        let (approved, held) = approve(plan, &policy(), &memory, &[]);
        let run = run(&approved, held.as_ref());
        prop_assert_eq!(run.awaiting, gone - planned);
        prop_assert_eq!(run.joined, joining - away, "joiners are always served");
        prop_assert!(run.removed == 0 || memory.removed + run.removed <= policy().limit(size + memory.removed));
        prop_assert_eq!(held.map_or(0, |held| held.changes.len()), planned - run.removed, "a held run is always loud");
    }
}
