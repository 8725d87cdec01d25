//! Consent: a digest names one exact list of removals at one provider, and lifts nothing else.

use shared::planning::guard::{Digest, Policy, Rule, approve};
use shared::planning::identity::ProviderId;
use shared::planning::memory::Memory;
use shared::planning::plan::{Change, Evidence, Plan};

use super::{joiners, judge, no_ledger, planned, removals};
use crate::planning::notation::{ledger, policy};

/// A plan that removes these known leavers; eight accounts, so that three are too many.
fn leaving(ids: &[&str]) -> Plan {
    planned(ids.iter().map(|id| (*id, Evidence::KnownLeaver)), 1, 8)
}

/// The digest of a plan's removals, whatever holds them.
fn digest(plan: Plan) -> Digest {
    let unreadable = Policy {
        protected: None,
        ..policy()
    };
    let (_, held) = approve(plan, &unreadable, &ledger(), &[]);
    held.expect("everything is held").digest
}

#[test]
fn a_digest_is_the_set_of_removals_at_a_provider() {
    let one = digest(leaving(&["a", "b", "c"]));
    assert_eq!(digest(leaving(&["c", "a", "b"])), one, "in any order");
    assert_eq!(
        digest(planned(
            [
                ("a", Evidence::Absence),
                ("b", Evidence::Named),
                ("c", Evidence::Absence)
            ],
            9,
            500
        )),
        one
    );
    for other in [
        &["a", "b"][..],
        &["a", "b", "c", "d"],
        &["a", "b", "d"],
        &["ab", "c"],
        &["A", "b", "c"],
        &["abc"],
    ] {
        assert_ne!(digest(leaving(other)), one, "{other:?}");
    }
    let elsewhere = Plan {
        provider: ProviderId::new("blackbird"),
        ..leaving(&["a", "b", "c"])
    };
    assert_ne!(digest(elsewhere), one);
}

#[test]
fn a_digest_is_short_enough_to_hand_round_and_the_same_for_ever() {
    // Somebody approves in the morning what an older version of Rollcall held in the night.
    let text = digest(leaving(&["a", "b", "c"])).to_string();
    assert_eq!(text, "ce925706380b6d4ee30692edb6612c96");
    assert!(text.chars().all(|c| c.is_ascii_hexdigit()) && text.len() == 32);
}

#[test]
fn consent_to_the_list_approves_the_list_and_nothing_is_held() {
    let plan = leaving(&["a", "b", "c"]);
    let (approved, held) = judge(plan.clone(), &ledger(), &[]);
    let held = held.expect("three of eight are too many");
    assert_eq!((removals(approved.plan()).len(), joiners(approved.plan())), (0, 1));
    let text = format!(" {} ", held.digest.to_string().to_uppercase());
    let (approved, held) = judge(plan.clone(), &ledger(), &[Digest::parse("0"), Digest::parse(&text)]);
    assert_eq!((approved.plan(), held), (&plan, None));
}

#[test]
fn one_account_more_or_less_is_another_list() {
    let consent = [digest(leaving(&["a", "b", "c"]))];
    for ids in [&["a", "b", "c", "d"][..], &["b", "c", "d"], &["a", "b", "x"]] {
        let (approved, held) = judge(leaving(ids), &ledger(), &consent);
        assert_eq!(removals(approved.plan()).len(), 0, "{ids:?}");
        let held = held.expect("held");
        assert_eq!(held.changes.len(), ids.len());
        assert_ne!(held.digest, consent[0]);
    }
}

#[test]
fn text_that_is_no_digest_consents_to_nothing() {
    for text in ["", "*", "force", "true", "too_many_removals"] {
        let (approved, held) = judge(leaving(&["a", "b", "c"]), &ledger(), &[Digest::parse(text)]);
        assert_eq!(removals(approved.plan()).len(), 0, "{text}");
        assert!(held.is_some());
    }
    let digest = digest(leaving(&["a", "b", "c"])).to_string();
    let (_, held) = judge(leaving(&["a", "b", "c"]), &ledger(), &[Digest::parse(&digest[..31])]);
    assert!(held.is_some(), "a part of a digest is none");
}

#[test]
fn consent_to_what_is_not_held_changes_nothing() {
    let plan = leaving(&["a"]);
    let (approved, held) = judge(
        plan.clone(),
        &ledger(),
        &[digest(leaving(&["a"])), digest(leaving(&["b"]))],
    );
    assert_eq!((approved.plan(), held), (&plan, None));
}

#[test]
fn an_unreadable_protected_list_is_never_lifted() {
    let unreadable = Policy {
        protected: None,
        ..policy()
    };
    let consent = [digest(leaving(&["a"]))];
    let (approved, held) = approve(leaving(&["a"]), &unreadable, &ledger(), &consent);
    assert_eq!(removals(approved.plan()).len(), 0);
    assert_eq!(held.map(|held| held.rule), Some(Rule::ProtectedUnreadable));
}

#[test]
fn consent_to_the_absent_ones_is_none_to_the_whole_list() {
    // Two by absence were shown while there was no ledger; today a known leaver makes it too many.
    let absent = [("a", Evidence::Absence), ("b", Evidence::Absence)];
    let (_, held) = judge(planned(absent, 0, 8), &no_ledger(), &[]);
    let held = held.expect("held");
    assert_eq!(held.rule, Rule::NoMemory);
    let grown = planned(absent.into_iter().chain([("c", Evidence::KnownLeaver)]), 0, 8);
    let (approved, held) = judge(grown, &no_ledger(), &[held.digest]);
    assert_eq!(removals(approved.plan()).len(), 0);
    assert_eq!(
        held.map(|held| (held.rule, held.changes.len())),
        Some((Rule::TooManyRemovals, 3))
    );
}

#[test]
fn a_consent_is_used_once_and_the_list_goes_by_another_name() {
    let plan = leaving(&["a", "b", "c"]);
    let first = digest(plan.clone());
    let (approved, held) = judge(plan.clone(), &ledger(), std::slice::from_ref(&first));
    assert_eq!((approved.consent(), held), (Some(&first), None));
    let memory = |used: &[&Digest]| Memory {
        used: used.iter().map(|digest| (*digest).clone()).collect(),
        ..ledger()
    };
    // The three are back, and are held once more.
    let (approved, held) = judge(plan.clone(), &memory(&[&first]), std::slice::from_ref(&first));
    assert_eq!((removals(approved.plan()).len(), approved.consent()), (0, None));
    let second = held.expect("held").digest;
    assert_ne!(second, first);
    let both = [first.clone(), second.clone()];
    let (approved, held) = judge(plan.clone(), &memory(&[&first]), &both);
    assert_eq!(
        (approved.plan(), approved.consent(), held),
        (&plan, Some(&second), None)
    );
    let (_, held) = judge(plan.clone(), &memory(&[&first, &second]), &both);
    let third = held.expect("held").digest;
    assert!(!both.contains(&third));
    // The name of a later use is none of an earlier one, nor of another list.
    let (_, held) = judge(plan, &ledger(), &[second, third.clone()]);
    assert_eq!(held.map(|held| held.digest), Some(first));
    assert!(judge(leaving(&["a", "b", "c", "d"]), &ledger(), &[third]).1.is_some());
}

#[test]
fn names_of_later_uses_are_the_same_for_ever() {
    let plan = || leaving(&["a", "b", "c"]);
    let mut memory = ledger();
    let mut names = Vec::new();
    for _ in 0..3 {
        let digest = judge(plan(), &memory, &[]).1.expect("held").digest;
        names.push(digest.to_string());
        memory.used.insert(digest);
    }
    assert_eq!(
        names,
        [
            "ce925706380b6d4ee30692edb6612c96",
            "d213e093a906947007167d8bfd5b50ab",
            "55cfb15bd3f8c1d6e6fe06144eb0dbdc"
        ]
    );
}

#[test]
fn a_plan_that_was_lifted_is_held_again_without_the_consent() {
    let plan = leaving(&["a", "b", "c"]);
    let (_, held) = judge(plan.clone(), &ledger(), &[]);
    let held = held.expect("held");
    let (approved, _) = judge(plan, &ledger(), std::slice::from_ref(&held.digest));
    let (approved, again) = approved.without_consent(&policy(), &ledger());
    assert_eq!(again, Some(held));
    assert_eq!((removals(approved.plan()).len(), joiners(approved.plan())), (0, 1));
    assert_eq!(approved.consent(), None);
}

#[test]
fn a_plan_that_needed_no_consent_uses_none() {
    let plan = leaving(&["a"]);
    let (approved, _) = judge(plan.clone(), &ledger(), &[digest(plan.clone())]);
    assert_eq!(approved.consent(), None);
    let (approved, held) = approved.without_consent(&policy(), &ledger());
    assert_eq!((approved.plan(), held), (&plan, None));
}

#[test]
fn consent_to_the_rest_is_for_what_is_left_of_the_list_and_for_nothing_else() {
    let plan = leaving(&["a", "b", "c", "d", "e", "f"]);
    let (_, held) = judge(plan.clone(), &ledger(), &[]);
    let whole = held.expect("held").digest;
    let (approved, _) = judge(plan.clone(), &ledger(), std::slice::from_ref(&whole));
    let left = removals(&plan).into_iter().skip(2).collect::<Vec<_>>();
    let of_them = |change: &&Change| matches!(change, Change::Offboard(l) if left.contains(&&*l.account.native_id));
    let changes = || plan.changes.iter().filter(of_them);
    let rest = approved.consent_to_rest(changes(), &ledger()).expect("four are left");
    let used = Memory {
        used: [whole.clone()].into(),
        removed: 2,
        ..ledger()
    };
    let (approved, held) = judge(leaving(&["c", "d", "e", "f"]), &used, std::slice::from_ref(&rest));
    assert_eq!((removals(approved.plan()).len(), held), (4, None));
    for ids in [
        &["c", "d", "e", "f", "g"][..],
        &["c", "d", "e"],
        &["a", "b", "c", "d", "e", "f"],
    ] {
        let (approved, held) = judge(leaving(ids), &used, &[whole.clone(), rest.clone()]);
        assert_eq!((removals(approved.plan()).len(), held.is_some()), (0, true), "{ids:?}");
    }
    // Nobody's consent, or nothing left: nothing to go on with.
    assert_eq!(approved.consent_to_rest([].iter(), &used), None);
    let (approved, _) = judge(leaving(&["a"]), &ledger(), &[]);
    assert_eq!(
        approved.consent_to_rest(leaving(&["a"]).changes.iter(), &ledger()),
        None
    );
}
