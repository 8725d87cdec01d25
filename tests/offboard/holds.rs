//! Removals that are kept back, and the consent that lets exactly them go.

use rehearsal::providers::{Seed, Simulator, State};
use serde_json::{Value, json};

use crate::stage::{Stage, crowd, digest, mail, told};

/// Powens with these users, each linked to the person of the same number by nothing but the order.
fn users(stage: &Stage, ids: &[&str]) {
    for id in ids {
        let user = Seed {
            id: Some((*id).to_owned()),
            ..Seed::default()
        };
        stage.powens.seed(&user, State::Active);
    }
}

fn user(id: &str) -> Value {
    json!({"ids": {"powens": id}})
}

fn emails(names: &[String]) -> Value {
    json!(names.iter().map(|name| mail(name)).collect::<Vec<_>>())
}

#[tokio::test]
async fn what_is_gone_for_ever_needs_consent_to_exactly_that() {
    let stage = Stage::with(&[("PROVIDERS", "powens")]).await;
    users(&stage, &["101", "102", "103"]);
    let offboard = stage.start("offboard").await;
    let held = offboard.order(&json!({"people": [user("101")]})).await;
    assert_eq!(told(&held), ["409 held apply", "powens held 3 permanent 1/0 of 1"]);
    let consent = digest(&held, "powens");
    let other = digest(&offboard.order(&json!({"people": [user("102")]})).await, "powens");
    assert_ne!(consent, other);

    for wrong in [json!([other]), json!(["*"]), json!([&consent[1..]]), json!([])] {
        let answer = offboard
            .order(&json!({"people": [user("101")], "consent": wrong}))
            .await;
        assert_eq!(
            told(&answer),
            ["409 held apply", "powens held 3 permanent 1/0 of 1"],
            "{wrong}"
        );
        assert_eq!(digest(&answer, "powens"), consent);
    }
    // One more leaver than was looked at: held again, under a new digest.
    let more = offboard
        .order(&json!({"people": [user("101"), user("102")], "consent": [consent, other]}))
        .await;
    assert_eq!(told(&more), ["409 held apply", "powens held 3 permanent 2/0 of 2"]);
    assert!(![&consent, &other].contains(&&digest(&more, "powens")));
    assert_eq!((stage.present("powens"), stage.writes()), (3, Vec::<String>::new()));

    let answer = offboard
        .order(&json!({"people": [user("101")], "consent": [other, consent]}))
        .await;
    assert_eq!(
        told(&answer),
        ["200 done apply", "powens applied 3", "  offboard #101 named done"]
    );
    assert_eq!(stage.powens.state_of("101"), Some(State::Gone));
    assert_eq!(stage.present("powens"), 2);
}

#[tokio::test]
async fn a_preview_shows_what_would_be_held_and_its_digest() {
    let stage = Stage::with(&[("PROVIDERS", "powens")]).await;
    users(&stage, &["101"]);
    let offboard = stage.start("offboard").await;
    let preview = offboard
        .order(&json!({"people": [user("101")], "mode": "preview"}))
        .await;
    let expected = [
        "200 done preview",
        "powens previewed 1 permanent 1/0 of 1",
        "  offboard #101 named planned",
    ];
    assert_eq!(told(&preview), expected);
    let order = json!({"people": [user("101")], "consent": [digest(&preview, "powens")]});
    assert_eq!(told(&offboard.order(&order).await)[0], "200 done apply");
}

#[tokio::test]
async fn one_provider_that_holds_leaves_the_others_done() {
    let stage = Stage::with(&[("PROVIDERS", "bilanc,powens")]).await;
    stage.directory(&format!("email,powens_id\n{},101\n", mail("ada")));
    stage.seed_all("bilanc", ["ada"]);
    users(&stage, &["101"]);
    let offboard = stage.start("offboard").await;
    let order = json!({"email_addresses": [mail("ada")]});
    let held = offboard.order(&order).await;
    let expected = [
        "207 partial apply",
        "bilanc applied 1",
        "  offboard ada named done",
        "powens held 1 permanent 1/0 of 1",
    ];
    assert_eq!(told(&held), expected);
    let mut order = order;
    order["consent"] = json!([digest(&held, "powens")]);
    let expected = [
        "200 done apply",
        "bilanc applied 0",
        "powens applied 1",
        "  offboard #101 named done",
    ];
    assert_eq!(told(&offboard.order(&order).await), expected);
}

#[tokio::test]
async fn more_at_one_go_than_an_hour_allows_are_held_until_somebody_looks() {
    let stage = Stage::with(&[("PROVIDERS", "blackbird")]).await;
    let names = crowd("p", 30);
    stage.seed_all("blackbird", &names);
    let offboard = stage.start("offboard").await;
    let order = json!({"email_addresses": emails(&names[..26])});
    let held = offboard.order(&order).await;
    assert_eq!(
        told(&held),
        ["409 held apply", "blackbird held 30 too_many_orders 26/25 of 30"]
    );
    assert_eq!(stage.present("blackbird"), 30);

    let order = json!({"email_addresses": emails(&names[..26]), "consent": [digest(&held, "blackbird")]});
    assert_eq!(offboard.order(&order).await.status, 200);
    assert_eq!(stage.present("blackbird"), 4);
}

#[tokio::test]
async fn as_many_as_an_hour_allows_go() {
    let stage = Stage::with(&[("PROVIDERS", "blackbird")]).await;
    let names = crowd("p", 25);
    stage.seed_all("blackbird", &names);
    let offboard = stage.start("offboard").await;
    assert_eq!(
        offboard.order(&json!({"email_addresses": emails(&names)})).await.status,
        200
    );
    assert_eq!(stage.present("blackbird"), 0);
}

/// The hour counts accounts over all providers: those of the first are part of what the second may still lose.
#[tokio::test]
async fn the_limit_counts_every_provider_of_the_order() {
    let stage = Stage::with(&[("PROVIDERS", "bilanc,blackbird"), ("MAX_ORDERED_REMOVALS", "5")]).await;
    let names = crowd("p", 3);
    for provider in ["bilanc", "blackbird"] {
        stage.seed_all(provider, &names);
    }
    let offboard = stage.start("offboard").await;
    let held = offboard.order(&json!({"email_addresses": emails(&names)})).await;
    let lines = told(&held);
    assert_eq!(
        (held.status, &*lines[5]),
        (207, "blackbird held 3 too_many_orders 3/5 of 3")
    );
    assert_eq!((stage.present("bilanc"), stage.present("blackbird")), (0, 3));
}

/// What a person has to do by hand removes nothing, so it uses nothing up.
#[tokio::test]
async fn the_limit_does_not_count_steps_by_hand() {
    let stage = Stage::with(&[("PROVIDERS", "appxite,powens"), ("MAX_ORDERED_REMOVALS", "2")]).await;
    let names = crowd("p", 2);
    stage.seed_all("appxite", &names);
    users(&stage, &["101"]);
    let offboard = stage.start("offboard").await;
    let order = json!({"email_addresses": emails(&names), "people": [user("101")]});
    let lines = told(&offboard.order(&order).await);
    assert!(
        lines.contains(&"powens held 1 permanent 1/0 of 1".to_owned()),
        "{lines:?}"
    );
}

#[tokio::test]
async fn while_the_protected_list_cannot_be_read_nobody_is_removed() {
    let unreadable = ("PROTECTED", "root.canary@example.com,email:x@y.z");
    let stage = Stage::with(&[("PROVIDERS", "blackbird,appxite"), unreadable]).await;
    for provider in ["blackbird", "appxite"] {
        stage.seed_all(provider, ["ada", "bob"]);
    }
    let offboard = stage.start("offboard").await;
    let held = offboard.order(&json!({"email_addresses": [mail("ada")]})).await;
    // A person who is told to remove somebody is a removal too.
    let expected = [
        "409 held apply",
        "blackbird held 2 protected_unreadable 1/0 of 2",
        "appxite held 2 protected_unreadable 1/0 of 2",
    ];
    assert_eq!(told(&held), expected);
    // Consent is to a list somebody looked at; it cannot know who should have been on the other list.
    let consent = [digest(&held, "blackbird"), digest(&held, "appxite")];
    let order = json!({"email_addresses": [mail("ada")], "consent": consent});
    assert_eq!(told(&offboard.order(&order).await), expected);
    assert_eq!((stage.present("blackbird"), stage.writes()), (2, Vec::<String>::new()));
}
