//! Clauses about letting people in.

use rehearsal::providers::State;
use shared::error::ErrorKind;
use shared::planning::account::{Onboarding, Status};
use shared::planning::identity::{Identity, Name};
use shared::planning::plan::Joiner;
use shared::planning::report::Outcome;
use shared::planning::roster::Person;

use super::face::Face;
use super::stage::{address, failures, names};

pub(super) async fn onboarding_makes_the_person_listed_or_pending(face: &Face) {
    let Some(stage) = face.onboarding_stage().await else {
        return;
    };
    stage.seed("ada", State::Gone);
    let outcomes = stage.provider.onboard(&[stage.joiner("ada")]).await;
    assert_eq!(names(&outcomes), [face.welcome()]);
    let account = &stage.accounts(&["ada"]).await[0];
    assert!(account.identities.contains(&address("ada@example.test")));
    let (status, state) = match face.can.onboarding {
        Onboarding::ByInvitation => (Status::Invited, State::Invited),
        _ => (Status::Active, State::Active),
    };
    assert_eq!((account.status, stage.state("ada")), (status, Some(state)));
}

/// By hand where the API has no way to do it.
pub(super) async fn a_dormant_account_is_revived(face: &Face) {
    let Some(stage) = face.onboarding_stage().await else {
        return;
    };
    stage.seed("ada", State::Dormant);
    let listed = stage.provider.list().await.unwrap();
    let joiner = Joiner {
        account: listed.into_iter().next(),
        ..stage.joiner("ada")
    };
    assert_eq!(joiner.account.is_some(), face.states.contains(&State::Dormant));
    let outcomes = stage.provider.onboard(&[joiner]).await;
    match face.can.onboarding {
        Onboarding::Immediate => {
            assert_eq!(names(&outcomes), ["done"]);
            assert_eq!(stage.state("ada"), Some(State::Active));
            assert_eq!(
                stage.provider.list().await.unwrap().len(),
                1,
                "no second account was made"
            );
        }
        _ => {
            assert!(
                matches!(&outcomes[..], [Outcome::Manual(step)] if !step.is_empty()),
                "{outcomes:?}"
            );
            assert_eq!(stage.state("ada"), Some(State::Dormant));
        }
    }
}

pub(super) async fn one_outcome_per_person_in_order(face: &Face) {
    let Some(stage) = face.onboarding_stage().await else {
        return;
    };
    stage.seed("here", State::Active);
    stage.seed("bad", State::Gone);
    stage.simulator.refuse("bad@example.test");
    let mut order = vec!["here", "new", "stranger", "bad", "newer"];
    for _ in 0..order.len() {
        for name in ["new", "newer"] {
            stage.seed(name, State::Gone);
        }
        // The last rounds meet the stranger again, who is none any more where strangers are let in.
        let expected = order.iter().map(|name| match *name {
            "here" => "unchanged",
            "bad" => "failed",
            "stranger" if stage.state("stranger").is_some() => "unchanged",
            "stranger" => face.stranger,
            _ => face.welcome(),
        });
        let expected: Vec<_> = expected.collect();
        let outcomes = stage.provider.onboard(&stage.joiners(&order)).await;
        assert_eq!(names(&outcomes), expected, "{order:?}");
        order.rotate_left(1);
    }
    assert!(stage.provider.onboard(&[]).await.is_empty());
}

pub(super) async fn one_bad_person_does_not_stop_the_rest(face: &Face) {
    let Some(stage) = face.onboarding_stage().await else {
        return;
    };
    let everybody: Vec<String> = (0..30).map(|i| format!("person-{i}")).collect();
    let everybody: Vec<&str> = everybody.iter().map(String::as_str).collect();
    for name in &everybody {
        stage.seed(name, State::Gone);
    }
    for bad in ["person-0", "person-17"] {
        stage.simulator.refuse(&format!("{bad}@example.test"));
    }
    let outcomes = stage.provider.onboard(&stage.joiners(&everybody)).await;
    for (name, outcome) in everybody.iter().zip(&outcomes) {
        match *name {
            "person-0" | "person-17" => {
                let Outcome::Failed(error) = outcome else {
                    panic!("{name}: {outcome:?}");
                };
                assert_eq!(error.kind(), ErrorKind::Protocol);
                assert_eq!(stage.state(name), Some(State::Gone));
            }
            _ => assert_eq!(outcome.name(), face.welcome(), "{name}"),
        }
    }
}

/// The planner skips such people; a client that is given one does no harm.
pub(super) async fn a_person_without_a_usable_identity_fails_alone(face: &Face) {
    let Some(stage) = face.onboarding_stage().await else {
        return;
    };
    stage.seed("ada", State::Gone);
    let nameless = Joiner {
        person: Person::new([Identity::native("hr", "17")]),
        account: None,
    };
    let outcomes = stage
        .provider
        .onboard(&[nameless.clone(), stage.joiner("ada"), nameless])
        .await;
    assert_eq!(outcomes[1].name(), face.welcome());
    for outcome in [&outcomes[0], &outcomes[2]] {
        assert!(
            matches!(outcome, Outcome::NotFound)
                || failures(std::slice::from_ref(outcome)) == [Some(ErrorKind::Unsupported)],
            "{outcome:?}"
        );
    }
    assert_eq!(stage.simulator.people().len(), 1);
}

pub(super) async fn plus_and_upper_case_survive_the_round_trip(face: &Face) {
    const WRITTEN: &str = "Ada.B+tag%41&x=y@Example.TEST";
    let Some(stage) = face.onboarding_stage().await else {
        return;
    };
    if face.stranger == "not_found" {
        stage.seed(WRITTEN, State::Gone);
    }
    let joiner = Joiner {
        person: Person::new([address(WRITTEN)]).named(Name {
            first: Some("Ada \u{1f600}".into()),
            last: Some("O'B\"\\ n".into()),
        }),
        account: None,
    };
    let outcomes = stage.provider.onboard(std::slice::from_ref(&joiner)).await;
    assert_eq!(names(&outcomes), [face.welcome()]);
    let kept = stage
        .simulator
        .people()
        .into_iter()
        .map(|(_, seed, _)| seed.email.unwrap());
    assert_eq!(kept.collect::<Vec<_>>(), [WRITTEN], "it is sent as it was written");
    let listed = stage.provider.list().await.unwrap();
    assert_eq!(*listed[0].identities, *joiner.person.identities());

    let shouted = Joiner {
        person: Person::new([address(&WRITTEN.to_ascii_uppercase())]),
        account: None,
    };
    let outcomes = stage.provider.onboard(&[shouted]).await;
    assert_eq!(names(&outcomes), ["unchanged"], "another spelling is the same person");
    assert_eq!(stage.simulator.people().len(), 1);
    if face.offboarding.is_empty() {
        return;
    }
    assert_eq!(names(&stage.provider.offboard(&listed).await), ["done"]);
}
