//! Giving access: the happy line, and everything that is not quite so.

use rehearsal::providers::{Simulator, State};
use serde_json::json;

use crate::stage::{Stage, csv, mail, told};

#[tokio::test]
async fn gives_access_at_every_provider_and_then_there_is_nothing_left() {
    let stage = Stage::new().await;
    stage.seed("bilanc", "ada", State::Gone);
    stage.seed("blackbird", "dan", State::Dormant);
    stage.seed_all("blackbird", ["bob"]);
    let onboard = stage.start("onboard").await;
    let order = json!({
        "people": [{"email": mail("ada"), "github_username": "ada-canary", "first_name": "Ada", "last_name": "Canary"}],
        "email_addresses": [mail("dan")],
        "reason": "canary joins",
    });
    let expected = [
        "200 done apply",
        "bilanc applied 0",
        "  onboard ada done",
        "  onboard dan not_found",
        "blackbird applied 2",
        "  onboard ada done",
        "  onboard dan done",
        "appxite applied 0",
        "  onboard ada pending",
        "  onboard dan pending",
        "powens applied 0",
        "  skip ada unidentifiable",
        "  skip dan unidentifiable",
    ];
    assert_eq!(told(&onboard.order(&order).await), expected);
    assert_eq!(stage.state("bilanc", "ada"), Some(State::Active));
    assert_eq!(stage.state("bilanc", "dan"), None);
    assert_eq!(stage.state("blackbird", "ada"), Some(State::Active));
    assert_eq!(stage.state("blackbird", "dan"), Some(State::Active));
    assert_eq!(stage.blackbird.people().len(), 3, "dan was revived and not made anew");
    assert_eq!(stage.state("appxite", "ada"), Some(State::Invited));
    let ada = stage
        .blackbird
        .people()
        .into_iter()
        .find(|(_, seed, _)| seed.email == Some(mail("ada")));
    assert_eq!(ada.unwrap().1.name.as_deref(), Some("Ada Canary"));

    let world = stage.world();
    stage.clear_calls();
    let expected = [
        "200 done apply",
        "bilanc applied 1",
        "  onboard dan not_found",
        "blackbird applied 3",
        "appxite applied 2",
        "powens applied 0",
        "  skip ada unidentifiable",
        "  skip dan unidentifiable",
    ];
    assert_eq!(told(&onboard.order(&order).await), expected);
    assert_eq!(stage.world(), world);
    assert_eq!(
        stage.writes(),
        ["bilanc POST /users/onboarded-users-by-attributes"],
        "only who is not known is tried again"
    );
    assert_eq!(stage.appxite.mails_sent(&mail("ada")), 1);
}

#[tokio::test]
async fn a_preview_writes_nothing() {
    let stage = Stage::new().await;
    stage.seed("blackbird", "dan", State::Dormant);
    let onboard = stage.start("onboard").await;
    let world = stage.world();
    let order = json!({"email_addresses": [mail("ada"), mail("dan")], "mode": "preview"});
    let expected = [
        "200 done preview",
        "bilanc previewed 0",
        "  onboard ada planned",
        "  onboard dan planned",
        "blackbird previewed 1",
        "  onboard ada planned",
        "  onboard dan planned",
        "appxite previewed 0",
        "  onboard ada planned",
        "  onboard dan planned",
        "powens previewed 0",
        "  skip ada unidentifiable",
        "  skip dan unidentifiable",
    ];
    assert_eq!(told(&onboard.order(&order).await), expected);
    assert_eq!(stage.world(), world);
    assert_eq!(stage.writes(), [""; 0]);
}

#[tokio::test]
async fn only_the_named_providers_are_asked() {
    let stage = Stage::new().await;
    let onboard = stage.start("onboard").await;
    let order = json!({"email_addresses": [mail("ada")], "providers": ["appxite"]});
    assert_eq!(
        told(&onboard.order(&order).await),
        ["200 done apply", "appxite applied 0", "  onboard ada pending"]
    );
    assert!(
        stage.calls().iter().all(|call| call.starts_with("appxite ")),
        "{:?}",
        stage.calls()
    );
}

#[tokio::test]
async fn nobody_is_removed_whoever_is_there() {
    let stage = Stage::with(&[("PROVIDERS", "bilanc,blackbird")]).await;
    stage.directory(&csv(["ada"]));
    for provider in ["bilanc", "blackbird"] {
        stage.seed_all(provider, ["bob", "cem"]);
    }
    stage.seed("bilanc", "ada", State::Gone);
    let onboard = stage.start("onboard").await;
    assert_eq!(
        onboard.order(&json!({"email_addresses": [mail("ada")]})).await.status,
        200
    );
    for provider in ["bilanc", "blackbird"] {
        assert_eq!(stage.present(provider), 3);
    }
    assert!(
        !stage
            .writes()
            .iter()
            .any(|call| call.contains("offboarded") || call.contains(" PUT "))
    );
}

#[tokio::test]
async fn one_person_who_is_refused_does_not_stop_the_others() {
    let stage = Stage::with(&[("PROVIDERS", "bilanc,blackbird,appxite")]).await;
    for name in ["ada", "bob", "cem"] {
        stage.seed("bilanc", name, State::Gone);
    }
    for simulator in stage.simulators() {
        simulator.refuse(&mail("bob"));
    }
    let onboard = stage.start("onboard").await;
    let answer = onboard
        .order(&json!({"email_addresses": [mail("ada"), mail("bob"), mail("cem")]}))
        .await;
    let expected = [
        "207 partial apply",
        "bilanc applied 0",
        "  onboard ada done",
        "  onboard bob failed Protocol",
        "  onboard cem done",
        "blackbird applied 0",
        "  onboard ada done",
        "  onboard bob failed Protocol",
        "  onboard cem done",
        "appxite applied 0",
        "  onboard ada pending",
        "  onboard bob failed Protocol",
        "  onboard cem pending",
    ];
    assert_eq!(told(&answer), expected);
}

/// An invitation that ran out is sent again; who was blocked, or has no user at Powens, is work for a person.
#[tokio::test]
async fn what_the_api_cannot_do_is_a_step_for_a_person() {
    let stage = Stage::with(&[("PROVIDERS", "appxite,powens")]).await;
    stage.seed("appxite", "ada", State::Invited);
    stage.appxite.age_invitation(&mail("ada"), 8);
    stage.seed("appxite", "bob", State::Dormant);
    let onboard = stage.start("onboard").await;
    let order = json!({"people": [
        {"email": mail("ada"), "ids": {"powens": "101"}}, {"email": mail("bob"), "ids": {"powens": "102"}},
    ]});
    let answer = onboard.order(&order).await;
    let expected = [
        "200 done apply",
        "appxite applied 2",
        "  onboard ada pending",
        "  onboard bob manual",
        "powens applied 0",
        "  onboard ada manual",
        "  onboard bob manual",
    ];
    assert_eq!(told(&answer), expected);
    for step in [
        &answer.json()["providers"][0]["changes"][1],
        &answer.json()["providers"][1]["changes"][0],
    ] {
        assert!(
            step["detail"].as_str().is_some_and(|detail| detail.len() > 20),
            "{step}"
        );
    }
    assert_eq!(
        (
            stage.appxite.mails_sent(&mail("ada")),
            stage.appxite.mails_sent(&mail("bob"))
        ),
        (1, 0)
    );
    assert_eq!(stage.writes(), ["appxite POST /users/invite"]);
}
