//! Consent: a digest names one exact list of removals at one provider, and lifts nothing else.

use shared::planning::guard::{Digest, Policy, Rule, approve};
use shared::planning::identity::ProviderId;
use shared::planning::plan::{Evidence, Plan};

use super::{LEDGER, NO_LEDGER, joiners, judge, planned, removals};
use crate::planning::notation::policy;

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
    let (_, held) = approve(plan, &unreadable, &LEDGER, &[]);
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
    let (approved, held) = judge(plan.clone(), &LEDGER, &[]);
    let held = held.expect("three of eight are too many");
    assert_eq!((removals(approved.plan()).len(), joiners(approved.plan())), (0, 1));
    let text = format!(" {} ", held.digest.to_string().to_uppercase());
    let (approved, held) = judge(plan.clone(), &LEDGER, &[Digest::parse("0"), Digest::parse(&text)]);
    assert_eq!((approved.plan(), held), (&plan, None));
}

#[test]
fn one_account_more_or_less_is_another_list() {
    let consent = [digest(leaving(&["a", "b", "c"]))];
    for ids in [&["a", "b", "c", "d"][..], &["b", "c", "d"], &["a", "b", "x"]] {
        let (approved, held) = judge(leaving(ids), &LEDGER, &consent);
        assert_eq!(removals(approved.plan()).len(), 0, "{ids:?}");
        let held = held.expect("held");
        assert_eq!(held.changes.len(), ids.len());
        assert_ne!(held.digest, consent[0]);
    }
}

#[test]
fn text_that_is_no_digest_consents_to_nothing() {
    for text in ["", "*", "force", "true", "too_many_removals"] {
        let (approved, held) = judge(leaving(&["a", "b", "c"]), &LEDGER, &[Digest::parse(text)]);
        assert_eq!(removals(approved.plan()).len(), 0, "{text}");
        assert!(held.is_some());
    }
    let digest = digest(leaving(&["a", "b", "c"])).to_string();
    let (_, held) = judge(leaving(&["a", "b", "c"]), &LEDGER, &[Digest::parse(&digest[..31])]);
    assert!(held.is_some(), "a part of a digest is none");
}

#[test]
fn consent_to_what_is_not_held_changes_nothing() {
    let plan = leaving(&["a"]);
    let (approved, held) = judge(
        plan.clone(),
        &LEDGER,
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
    let (approved, held) = approve(leaving(&["a"]), &unreadable, &LEDGER, &consent);
    assert_eq!(removals(approved.plan()).len(), 0);
    assert_eq!(held.map(|held| held.rule), Some(Rule::ProtectedUnreadable));
}

#[test]
fn consent_to_the_absent_ones_is_none_to_the_whole_list() {
    // Two by absence were shown while there was no ledger; today a known leaver makes it too many.
    let absent = [("a", Evidence::Absence), ("b", Evidence::Absence)];
    let (_, held) = judge(planned(absent, 0, 8), &NO_LEDGER, &[]);
    let held = held.expect("held");
    assert_eq!(held.rule, Rule::NoMemory);
    let grown = planned(absent.into_iter().chain([("c", Evidence::KnownLeaver)]), 0, 8);
    let (approved, held) = judge(grown, &NO_LEDGER, &[held.digest]);
    assert_eq!(removals(approved.plan()).len(), 0);
    assert_eq!(
        held.map(|held| (held.rule, held.changes.len())),
        Some((Rule::TooManyRemovals, 3))
    );
}
