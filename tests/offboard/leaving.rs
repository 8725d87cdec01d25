//! Taking access away from those who are named, and from nobody else.

use rehearsal::providers::{Seed, Simulator, State};
use serde_json::json;

use crate::stage::{Stage, event, mail, told};

/// An address that `tests/events` names.
const JANE: &str = "jane@example.com";

#[tokio::test]
async fn the_example_order_ends_access_everywhere_and_touches_nobody_else() {
    let stage = Stage::new().await;
    stage.powens.allow_delete(false);
    stage.publish();
    stage.directory(&format!(
        "email,github_username,powens_id\n{JANE},johndoe,101\n{},,102\n",
        mail("bob")
    ));
    let with_id = |id: &str| Seed {
        id: Some(id.to_owned()),
        ..Seed::default()
    };
    let login_only = Seed {
        github: Some("JohnDoe".to_owned()),
        ..Seed::default()
    };
    stage.bilanc.seed(&login_only, State::Active);
    stage
        .blackbird
        .seed(&Seed::with_email("Jane@Example.com"), State::Active);
    stage.appxite.seed(&Seed::with_email(JANE), State::Invited);
    stage.powens.seed(&with_id("101"), State::Active);
    stage.powens.seed(&with_id("102"), State::Active);
    for provider in ["bilanc", "blackbird", "appxite"] {
        stage.seed_all(provider, ["bob", "cem"]);
    }
    let others = |stage: &Stage| {
        let mut world = stage.world();
        for (_, people) in &mut world {
            let is_jane = |seed: &Seed| {
                seed.email
                    .as_deref()
                    .is_some_and(|email| email.eq_ignore_ascii_case(JANE))
            };
            people.retain(|(_, seed, _)| !is_jane(seed) && seed.github.as_deref() != Some("JohnDoe"));
        }
        world
    };
    let before = others(&stage);

    let offboard = stage.start("offboard").await;
    let expected = [
        "200 done apply",
        "bilanc applied 3",
        "  offboard @JohnDoe named done",
        "blackbird applied 3",
        "  offboard Jane named done",
        "appxite applied 3",
        "  offboard jane named manual",
        "powens applied 2",
        "  offboard #101 named manual",
    ];
    let answer = offboard.order(&event("offboard")).await;
    assert_eq!(told(&answer), expected);
    let step = &answer.json()["providers"][2]["changes"][0]["detail"];
    assert!(
        step.as_str().unwrap().contains("portal"),
        "a person is told what to do: {step}"
    );
    assert_eq!(stage.bilanc.state_of("johndoe"), Some(State::Gone));
    assert_eq!(stage.blackbird.state_of(JANE), Some(State::Dormant));
    assert_eq!(others(&stage), before);

    // Again: nothing is left but what people do by hand.
    stage.clear_calls();
    let expected = [
        "200 done apply",
        "bilanc applied 2",
        "blackbird applied 3",
        "appxite applied 3",
        "  offboard jane named manual",
        "powens applied 2",
        "  offboard #101 named manual",
    ];
    assert_eq!(told(&offboard.order(&event("offboard")).await), expected);
    assert_eq!(stage.writes(), [""; 0]);
}

#[tokio::test]
async fn a_preview_writes_nothing() {
    let stage = Stage::with(&[("PROVIDERS", "bilanc,blackbird")]).await;
    for provider in ["bilanc", "blackbird"] {
        stage.seed_all(provider, ["ada", "bob"]);
    }
    let offboard = stage.start("offboard").await;
    let answer = offboard
        .order(&json!({"email_addresses": [mail("ada")], "mode": "preview"}))
        .await;
    let expected = [
        "200 done preview",
        "bilanc previewed 2",
        "  offboard ada named planned",
        "blackbird previewed 2",
        "  offboard ada named planned",
    ];
    assert_eq!(told(&answer), expected);
    assert_eq!(stage.writes(), [""; 0]);
}

#[tokio::test]
async fn appxite_blocks_where_the_operator_found_the_call() {
    let stage = Stage::with(&[("PROVIDERS", "appxite")]).await;
    stage.appxite.allow_block(true);
    stage.publish();
    stage.seed_all("appxite", ["ada", "bob"]);
    let offboard = stage.start("offboard").await;
    let order = json!({"email_addresses": [mail("ada")]});
    assert_eq!(
        told(&offboard.order(&order).await),
        ["200 done apply", "appxite applied 2", "  offboard ada named done"]
    );
    assert_eq!(stage.state("appxite", "ada"), Some(State::Dormant));
    assert_eq!(
        told(&offboard.order(&order).await),
        ["200 done apply", "appxite applied 2"]
    );
}

#[tokio::test]
async fn somebody_nobody_knows_is_gone_already() {
    let stage = Stage::new().await;
    for provider in ["bilanc", "blackbird", "appxite"] {
        stage.seed_all(provider, ["bob"]);
    }
    let offboard = stage.start("offboard").await;
    let expected = [
        "200 done apply",
        "bilanc applied 1",
        "blackbird applied 1",
        "appxite applied 1",
        "powens applied 0",
        "  skip ada unidentifiable",
    ];
    assert_eq!(
        told(&offboard.order(&json!({"email_addresses": [mail("ada")]})).await),
        expected
    );
    assert_eq!(stage.writes(), [""; 0]);
}

#[tokio::test]
async fn the_protected_are_never_removed_by_whatever_key_they_are_named() {
    let protected = format!("{},github:BOB-canary,powens:101", mail("ADA"));
    let stage = Stage::with(&[("PROTECTED", &protected)]).await;
    stage.directory(&format!("email,powens_id\n{},101\n{},\n", mail("cem"), mail("dan")));
    for provider in ["bilanc", "blackbird"] {
        stage.seed_all(provider, ["ada", "bob", "cem", "dan"]);
    }
    let powens = Seed {
        id: Some("101".to_owned()),
        ..Seed::default()
    };
    stage.powens.seed(&powens, State::Active);
    let offboard = stage.start("offboard").await;
    // Cem is protected by a Powens id that only the directory knows to be Cem's.
    let order = json!({"people": [
        {"email": mail("ada")}, {"email": mail("bob"), "github_username": "bob-canary"}, {"email": mail("cem")}, {"email": mail("dan")},
    ]});
    let expected = [
        "200 done apply",
        "bilanc applied 4",
        "  offboard dan named done",
        "  skip ada protected",
        "  skip bob protected",
        "  skip cem protected",
        "blackbird applied 4",
        "  offboard dan named done",
        "  skip ada protected",
        "  skip bob protected",
        "  skip cem protected",
        "appxite applied 0",
        "powens applied 1",
        "  skip #101 protected",
        "  skip ada unidentifiable",
        "  skip bob unidentifiable",
        "  skip dan unidentifiable",
    ];
    assert_eq!(told(&offboard.order(&order).await), expected);
    assert_eq!(stage.powens.people()[0].2, State::Active);
}

#[tokio::test]
async fn somebody_who_may_be_two_is_left_alone() {
    let stage = Stage::with(&[("PROVIDERS", "bilanc")]).await;
    stage.seed_all("bilanc", ["ada", "bob", "cem"]);
    let offboard = stage.start("offboard").await;
    let order = json!({"people": [{"email": mail("ada"), "github_username": "bob-canary"}, {"email": mail("cem")}]});
    let expected = [
        "200 done apply",
        "bilanc applied 3",
        "  offboard cem named done",
        "  skip ada ambiguous",
        "  skip bob ambiguous",
    ];
    assert_eq!(told(&offboard.order(&order).await), expected);
    assert_eq!(stage.present("bilanc"), 2);
}

#[tokio::test]
async fn an_account_in_a_state_nobody_knows_is_left_alone() {
    let stage = Stage::with(&[("PROVIDERS", "blackbird")]).await;
    stage.seed_all("blackbird", ["ada"]);
    stage.blackbird.set_status_word(&mail("ada"), "paused");
    let offboard = stage.start("offboard").await;
    let answer = offboard.order(&json!({"email_addresses": [mail("ada")]})).await;
    assert_eq!(
        told(&answer),
        ["200 done apply", "blackbird applied 1", "  skip ada unknown_status"]
    );
    assert_eq!(stage.writes(), [""; 0]);
}
