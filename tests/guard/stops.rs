//! What nobody's consent lifts, and that a consent is used once: at every size.

use std::collections::BTreeSet;

use proptest::prelude::*;
use shared::planning::guard::Digest;
use shared::planning::memory::{Memory, Remembering};
use shared::planning::plan::{Change, Evidence};

use super::random::{Case, cases, named, reconciled};
use super::{joiners, removals};
use crate::planning::config;

/// The same with only such removals in the plan.
fn only(case: &Case, of: fn(Evidence) -> bool) -> Case {
    let mut case = case.clone();
    case.plan.changes.retain(|change| match change {
        Change::Offboard(leaver) => of(leaver.evidence),
        Change::Onboard(_) => true,
    });
    case
}

/// Every digest somebody could have been shown: of the whole list, and of the parts that single rules hold.
fn digests(case: &Case) -> Vec<Digest> {
    let parts: [fn(Evidence) -> bool; 4] = [
        |_| true,
        |evidence| evidence == Evidence::Named,
        |evidence| evidence != Evidence::Named,
        |evidence| evidence == Evidence::Absence,
    ];
    let digest = |part| {
        let mut held = only(case, part);
        held.policy.protected = None;
        held.judge(&[]).1.map(|held| held.digest)
    };
    parts.into_iter().filter_map(digest).collect()
}

proptest! {
    #![proptest_config(config(200))]

    #[test]
    fn pause_stops_every_removal_of_reconcile_whatever_was_consented_to(case in cases()) {
        let memory = Memory { paused: true, ..case.memory.clone() };
        let paused = Case { memory, ..case };
        for consent in [Vec::new(), digests(&paused)] {
            let (approved, held) = paused.judge(&consent);
            prop_assert_eq!(reconciled(approved.plan()), 0);
            prop_assert_eq!(joiners(approved.plan()), joiners(&paused.plan));
            prop_assert!(held.is_some() || reconciled(&paused.plan) == 0, "loud");
        }
    }

    #[test]
    fn pause_changes_nothing_about_an_order(case in cases(), consented: bool) {
        let order = only(&case, |evidence| evidence == Evidence::Named);
        let consent = if consented { digests(&order) } else { Vec::new() };
        let judged = |paused: bool| {
            let memory = Memory { paused, ..order.memory.clone() };
            Case { memory, ..order.clone() }.judge(&consent)
        };
        let ((paused, held), (free, other)) = (judged(true), judged(false));
        prop_assert_eq!(named(paused.plan()), named(free.plan()));
        prop_assert_eq!(paused.plan(), free.plan());
        prop_assert_eq!(held, other);
    }

    #[test]
    fn an_unreadable_ledger_stops_every_removal_whatever_was_consented_to(case in cases()) {
        let memory = Memory { remembering: Remembering::Unreadable, ..case.memory.clone() };
        let unreadable = Case { memory, ..case };
        for consent in [Vec::new(), digests(&unreadable)] {
            let (approved, held) = unreadable.judge(&consent);
            prop_assert!(removals(approved.plan()).is_empty());
            prop_assert_eq!(joiners(approved.plan()), joiners(&unreadable.plan));
            prop_assert_eq!(held.is_some(), !removals(&unreadable.plan).is_empty(), "loud");
            prop_assert_eq!(approved.consent(), None);
        }
    }

    /// The same list is held once more under a new name, after each use; no older name lifts it.
    #[test]
    fn a_consent_lifts_one_hold_once(mut case in cases()) {
        let mut used = BTreeSet::new();
        for _ in 0..4 {
            let (without, Some(held)) = case.judge(&[]) else { return Ok(()) };
            prop_assert!(!used.contains(&held.digest), "a new name");
            let earlier: Vec<Digest> = used.iter().cloned().collect();
            let (approved, still) = case.judge(&earlier);
            prop_assert_eq!(still.as_ref(), Some(&held), "no earlier name fits");
            prop_assert_eq!(approved.plan(), without.plan());
            let (approved, still) = case.judge(std::slice::from_ref(&held.digest));
            if let Some(still) = still {
                prop_assert_eq!(still.digest, held.digest, "nobody can lift this one");
                return Ok(());
            }
            prop_assert_eq!(approved.consent(), Some(&held.digest));
            used.insert(held.digest);
            case.memory.used = used.clone();
        }
    }

    /// What others consented to elsewhere, or before, names no other list and changes no name.
    #[test]
    fn consents_to_other_lists_change_nothing(case in cases(), others in prop::collection::btree_set("[0-9a-f]{32}", 0..5)) {
        let others: BTreeSet<Digest> = others.iter().map(|text| Digest::parse(text)).collect();
        let consent: Vec<Digest> = others.iter().cloned().collect();
        let mut after = case.clone();
        after.memory.used = others;
        let ((before, held), (after, other)) = (case.judge(&[]), after.judge(&consent));
        prop_assert_eq!(before.plan(), after.plan());
        prop_assert_eq!(held, other);
    }
}
