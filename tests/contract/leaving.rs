//! Clauses about taking access away, and about what a provider cannot do.

use rehearsal::providers::State;
use shared::error::{Error, ErrorKind};
use shared::planning::account::{Offboarding, Onboarding};

use super::face::Face;
use super::stage::{email, failures, names};

pub(super) async fn offboarding_ends_access(face: &Face) {
    let Some(stage) = face.offboarding_stage().await else {
        return;
    };
    for state in face.states.iter().filter(|state| **state != State::Dormant) {
        stage.seed("ada", *state);
        let leavers = stage.accounts(&["ada"]).await;
        assert_eq!(names(&stage.provider.offboard(&leavers).await), ["done"], "{state:?}");
        assert!(matches!(stage.state("ada"), Some(State::Dormant | State::Gone)));
        let listed = stage.provider.list().await.unwrap();
        assert!(!listed.iter().any(|account| account.status.is_present()));
    }
}

pub(super) async fn touches_nobody_else(face: &Face) {
    let stage = face.stage().await;
    stage.active(&["ada", "adam", "bo", "cy", "di"]).await;
    for name in ["ada+1@example.test", "ada@example.test.other.test", "xada@example.test"] {
        stage.seed(name, State::Active);
    }
    stage.seed("ed", State::Gone);
    let others = || {
        let everybody = stage.simulator.people().into_iter();
        let touched = ["ada", "cy", "ed"].map(|name| Some(email(name)));
        let others = everybody.filter(|(_, seed, _)| !touched.contains(&seed.email));
        others.collect::<Vec<_>>()
    };
    let before = others();
    if face.can.offboarding != Offboarding::Unsupported {
        let leavers = stage.accounts(&["ada", "cy"]).await;
        assert_eq!(names(&stage.provider.offboard(&leavers).await), ["done", "done"]);
    }
    if face.can.onboarding != Onboarding::Unsupported {
        let outcomes = stage.provider.onboard(&[stage.joiner("ed")]).await;
        assert_eq!(names(&outcomes), [face.welcome()]);
    }
    assert_eq!(others(), before);
}

pub(super) async fn somebody_already_gone_is_unchanged(face: &Face) {
    let Some(stage) = face.offboarding_stage().await else {
        return;
    };
    let leavers = stage.active(&["ada", "bo"]).await;
    stage.seed("ada", State::Gone);
    assert_eq!(names(&stage.provider.offboard(&leavers).await), ["unchanged", "done"]);
    stage.seed("ada", State::Gone);
    assert_eq!(names(&stage.provider.offboard(&leavers[..1]).await), ["unchanged"]);
    assert_eq!(stage.state("ada"), Some(State::Gone));
}

pub(super) async fn one_outcome_per_account_in_order(face: &Face) {
    let Some(stage) = face.offboarding_stage().await else {
        return;
    };
    let mut order = vec!["first", "gone", "bad", "second"];
    stage.seed("bad", State::Active);
    stage.simulator.refuse(&stage.native_id("bad"));
    stage.simulator.refuse("bad@example.test");
    for _ in 0..order.len() {
        for name in ["first", "gone", "second"] {
            stage.seed(name, State::Active);
        }
        let leavers = stage.accounts(&order).await;
        stage.seed("gone", State::Gone);
        let outcomes = stage.provider.offboard(&leavers).await;
        let expected = order.iter().map(|name| match *name {
            "gone" => "unchanged",
            "bad" => "failed",
            _ => "done",
        });
        assert_eq!(names(&outcomes), expected.collect::<Vec<_>>(), "{order:?}");
        assert_eq!(stage.state("bad"), Some(State::Active));
        let failed = failures(&outcomes).into_iter().flatten().collect::<Vec<_>>();
        assert!(
            matches!(failed[..], [ErrorKind::Protocol | ErrorKind::Unavailable]),
            "{failed:?}"
        );
        order.rotate_left(1);
    }
    assert!(stage.provider.offboard(&[]).await.is_empty());
}

/// Of both operations, also when the second one is made from what was seen before the first.
pub(super) async fn twice_is_unchanged(face: &Face) {
    if let Some(stage) = face.onboarding_stage().await {
        stage.seed("ada", State::Gone);
        let joiners = stage.joiners(&["ada"]);
        assert_eq!(names(&stage.provider.onboard(&joiners).await), [face.welcome()]);
        let state = stage.state("ada");
        assert_eq!(names(&stage.provider.onboard(&joiners).await), ["unchanged"]);
        assert_eq!((stage.state("ada"), stage.simulator.people().len()), (state, 1));
    }
    if let Some(stage) = face.offboarding_stage().await {
        let leavers = stage.active(&["ada"]).await;
        assert_eq!(names(&stage.provider.offboard(&leavers).await), ["done"]);
        let state = stage.state("ada");
        assert_eq!(names(&stage.provider.offboard(&leavers).await), ["unchanged"]);
        assert_eq!(stage.state("ada"), state);
    }
}

pub(super) async fn an_unsupported_operation_sends_nothing_and_says_so(face: &Face) {
    // What can be done is the other clauses' business: these two return a stage then.
    assert_eq!(
        face.onboarding_stage().await.is_none(),
        face.can.onboarding == Onboarding::Unsupported
    );
    assert_eq!(
        face.offboarding_stage().await.is_none(),
        face.can.offboarding == Offboarding::Unsupported
    );
    let stage = face.stage().await;
    let unsupported = |error: Error| {
        assert_eq!(error.kind(), ErrorKind::Unsupported);
        assert!(error.to_string().contains(face.id), "{error}");
        assert_eq!(stage.sent(), 0);
    };
    match stage.provider.roles().await {
        Ok(roles) => assert!(face.has_roles && !roles.is_empty()),
        Err(error) => {
            assert!(!face.has_roles, "{error}");
            unsupported(error);
        }
    }
    stage.simulator.clear_calls();
    match stage.provider.identity_providers().await {
        Ok(ways) => assert!(face.has_identity_providers && !ways.is_empty()),
        Err(error) => {
            assert!(!face.has_identity_providers, "{error}");
            unsupported(error);
        }
    }
}
