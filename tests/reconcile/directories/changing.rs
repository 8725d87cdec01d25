//! People who change between two runs: the ledger remembers the ids that never do.

use rehearsal::directories::{Directory, Entra, Github, Member};
use rehearsal::providers::State;
use serde_json::json;

use super::{fill, member, publish, run, source, staff, user};
use crate::stage::{LEDGER, Stage, crowd, told};

async fn world(directory: &dyn Directory) -> Stage {
    let stage = Stage::with(&[("PROVIDERS", "bilanc"), ("SIGHTING_GAP_MINUTES", "0"), LEDGER]).await;
    fill(directory, &crowd("p", 6));
    stage.seed_all("bilanc", crowd("p", 6));
    publish(&stage, &[source(directory, &staff(&["bilanc"]))]);
    stage
}

#[tokio::test]
async fn a_login_that_somebody_else_took_is_left_alone_until_an_order_says_that_it_is_right() {
    let github = Github::start().await;
    let stage = world(&github).await;
    let reconcile = stage.start("reconcile").await;
    let nothing = ["200 done apply", "bilanc applied 6"];
    assert_eq!(run(&reconcile).await, nothing);

    // p2 gave the login up, and a stranger took it and was asked into the organisation.
    let taken = Member {
        email: None,
        ..member("9999", "p2")
    };
    github.members().remove("1002");
    github.members().put(taken);
    let ids = ["1000", "1001", "9999", "1003", "1004", "1005"];
    github.members().set_group("staff", &ids);
    let reported = ["200 done apply", "bilanc applied 6", "  skip p2 changed_hands"];
    assert_eq!(run(&reconcile).await, reported);
    assert_eq!(
        run(&reconcile).await,
        reported,
        "and is not taken for granted the next time"
    );

    let onboard = stage.start("onboard").await;
    let answer = onboard.order(&json!({"github_usernames": ["p2-canary"]})).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(run(&reconcile).await, nothing);
}

#[tokio::test]
async fn a_rename_is_the_same_person() {
    let github = Github::start().await;
    let stage = world(&github).await;
    let reconcile = stage.start("reconcile").await;
    let nothing = ["200 done apply", "bilanc applied 6"];
    assert_eq!(run(&reconcile).await, nothing);
    let renamed = Member {
        login: Some("renamed-canary".to_owned()),
        ..member("1002", "p2")
    };
    github.members().put(renamed);
    assert_eq!(run(&reconcile).await, nothing, "the address is the same");
}

#[tokio::test]
async fn a_new_hire_with_a_leavers_address_does_not_get_the_leavers_account() {
    let entra = Entra::start().await;
    let stage = world(&entra).await;
    let reconcile = stage.start("reconcile").await;
    assert_eq!(run(&reconcile).await, ["200 done apply", "bilanc applied 6"]);
    stage.seed("bilanc", "p3", State::Gone);
    entra.members().remove("1003");
    entra.members().put(user("7777", "p3"));
    entra
        .members()
        .set_group("staff", &["1000", "1001", "1002", "7777", "1004", "1005"]);
    let reported = ["200 done apply", "bilanc applied 5", "  skip p3 changed_hands"];
    assert_eq!(run(&reconcile).await, reported);
    let preview = told(&reconcile.order(&json!({"mode": "preview"})).await);
    assert_eq!(preview[2..], ["  skip p3 changed_hands"]);

    // Another tenant gives everybody another id, and is none the more suspicious for it.
    let other = Entra::start().await;
    let ids: Vec<String> = (0..6).map(|number| (5000 + number).to_string()).collect();
    for (id, name) in ids.iter().zip(crowd("p", 6)) {
        other.members().put(user(id, &name));
    }
    let staff_ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    other.members().set_group("staff", &staff_ids);
    let mut document = source(&other, &staff(&["bilanc"]));
    assert_ne!(document["base_url"], source(&entra, &json!({}))["base_url"]);
    document["suspended"] = json!("left");
    publish(&stage, &[document]);
    let reconcile = stage.start("reconcile").await;
    assert_eq!(run(&reconcile).await[2..], ["  onboard p3 done"]);
}

#[tokio::test]
async fn what_the_ledger_remembers_names_nobody() {
    let github = Github::start().await;
    let stage = world(&github).await;
    run(&stage.start("reconcile").await).await;
    let items = stage.ledger.items().into_iter().map(|item| item.to_string());
    let owners: Vec<String> = items.filter(|item| item.contains("\"owners\"")).collect();
    assert!(!owners.is_empty());
    for text in owners {
        assert!(!text.contains("canary"), "{text}");
    }
}

#[tokio::test]
async fn a_rotated_key_of_a_source_is_fetched_once_and_the_run_goes_on() {
    let github = Github::start().await;
    let stage = world(&github).await;
    let reconcile = stage.start("reconcile").await;
    let nothing = ["200 done apply", "bilanc applied 6"];
    assert_eq!(run(&reconcile).await, nothing);
    github.rotate_key();
    publish(&stage, &[source(&github, &staff(&["bilanc"]))]);
    assert_eq!(run(&reconcile).await, nothing);

    // With the key something else was changed: this run judges by the settings it began with, and ends.
    github.rotate_key();
    publish(&stage, &[source(&github, &staff(&["bilanc", "blackbird"]))]);
    let answer = reconcile.order(&json!({"mode": "apply"})).await;
    assert_eq!(
        (answer.status, &answer.json()["error"]["kind"]),
        (502, &json!("Credentials"))
    );
    assert_eq!(run(&reconcile).await, nothing, "the next one reads it all");
}
