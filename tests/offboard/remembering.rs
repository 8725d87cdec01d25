//! What an order to offboard leaves behind: a hold on the leaver, and its share of the hour's budget.

use rehearsal::providers::State;
use serde_json::{Value, json};

use crate::stage::{Folder, LEDGER, Running, Stage, crowd, csv, digest, mail, told};

fn order(names: &[&str]) -> Value {
    json!({"email_addresses": names.iter().map(|name| mail(name)).collect::<Vec<_>>()})
}

async fn reconciled(reconcile: &Running) -> Vec<String> {
    told(&reconcile.order(&json!({"mode": "apply"})).await)
}

/// Three people at both providers, whom the directory lists.
async fn stage(settings: &[(&str, &str)]) -> Stage {
    let stage = Stage::with(&[&[("PROVIDERS", "bilanc,blackbird"), LEDGER], settings].concat()).await;
    for provider in ["bilanc", "blackbird"] {
        stage.seed_all(provider, ["ada", "bob", "cem"]);
    }
    stage.directory(&csv(["ada", "bob", "cem"]));
    stage
}

#[tokio::test]
async fn reconcile_does_not_bring_back_whom_an_order_sent_away_until_an_order_does() {
    let stage = stage(&[]).await;
    let offboard = stage.start("offboard").await;
    assert_eq!(offboard.order(&order(&["bob"])).await.status, 200);
    // The directory still lists Bob, by address and login.
    let reconcile = stage.start("reconcile").await;
    let held = [
        "200 done apply",
        "bilanc applied 3",
        "  skip bob held",
        "blackbird applied 3",
        "  skip bob held",
    ];
    for _ in 0..2 {
        let mut lines = reconciled(&reconcile).await;
        lines[1] = lines[1].replace(" 2", " 3"); // Bilanc lists no dormant ones
        assert_eq!(lines, held);
    }
    // Under another address, too: the login is the same.
    stage.directory(&csv(["ada", "bob", "cem"]).replace("bob.canary@example.com", "robert.canary@example.com"));
    let lines = reconciled(&reconcile).await;
    assert!(!lines.iter().any(|line| line.contains("onboard")), "{lines:?}");
    assert_ne!(stage.state("blackbird", "bob"), Some(State::Active));
    // An explicit order lifts it, and the next run agrees.
    stage.directory(&csv(["ada", "bob", "cem"]));
    let onboard = stage.start("onboard").await;
    assert_eq!(onboard.order(&order(&["bob"])).await.status, 200);
    for provider in ["bilanc", "blackbird"] {
        assert_eq!(stage.state(provider, "bob"), Some(State::Active), "{provider}");
    }
    let lines = reconciled(&reconcile).await;
    assert_eq!(lines, ["200 done apply", "bilanc applied 3", "blackbird applied 3"]);
}

#[tokio::test]
async fn without_days_to_hold_for_the_directory_decides_at_once() {
    let stage = stage(&[("LEAVER_HOLD_DAYS", "0")]).await;
    let offboard = stage.start("offboard").await;
    assert_eq!(offboard.order(&order(&["bob"])).await.status, 200);
    let lines = reconciled(&stage.start("reconcile").await).await;
    assert_eq!(
        lines.iter().filter(|line| line.ends_with("onboard bob done")).count(),
        2
    );
}

#[tokio::test]
async fn an_order_that_was_held_sends_nobody_away() {
    let stage = stage(&[("MAX_ORDERED_REMOVALS", "1")]).await;
    let offboard = stage.start("offboard").await;
    let answer = offboard.order(&order(&["ada", "bob"])).await;
    assert_eq!(told(&answer)[0], "409 held apply");
    let lines = reconciled(&stage.start("reconcile").await).await;
    assert_eq!(lines, ["200 done apply", "bilanc applied 3", "blackbird applied 3"]);
}

#[tokio::test]
async fn the_hour_counts_over_orders_and_providers_and_not_what_reconcile_removes() {
    let settings = [("MAX_ORDERED_REMOVALS", "4")];
    let stage = Stage::with(&[&[("PROVIDERS", "bilanc,blackbird"), LEDGER], &settings[..]].concat()).await;
    let people = crowd("p", 30);
    for provider in ["bilanc", "blackbird"] {
        stage.seed_all(provider, &people);
    }
    stage.directory(&csv(&people).replace(",p29,Canary,active", ",p29,Canary,left"));
    assert_eq!(reconciled(&stage.start("reconcile").await).await.len(), 5);
    // Two at both are four; a further one is too many, at whichever provider, for another process too.
    let offboard = stage.start("offboard").await;
    assert_eq!(told(&offboard.order(&order(&["p0", "p1"])).await)[0], "200 done apply");
    let another = stage.start("offboard").await;
    for provider in ["bilanc", "blackbird"] {
        let mut one = order(&["p2"]);
        one["providers"] = json!([provider]);
        let held = another.order(&one).await;
        let lines = told(&held);
        assert_eq!(lines[0], "409 held apply");
        assert!(lines[1].contains(" too_many_orders 1/4 of "), "{lines:?}");
        // Somebody looks, and consents to this very one.
        if provider == "bilanc" {
            one["consent"] = json!([digest(&held, provider)]);
            assert_eq!(told(&another.order(&one).await)[0], "200 done apply");
        }
    }
    assert_eq!((stage.present("bilanc"), stage.present("blackbird")), (26, 27));
}

#[tokio::test]
async fn a_ledger_in_a_file_remembers_as_well() {
    let folder = Folder::new();
    let place = format!("file:{}", folder.path().join("ledger.json").display());
    let stage = stage(&[("LEDGER", &place), ("SIGHTING_GAP_MINUTES", "0")]).await;
    let offboard = stage.start("offboard").await;
    assert_eq!(offboard.order(&order(&["bob"])).await.status, 200);
    let reconcile = stage.start("reconcile").await;
    let lines = reconciled(&reconcile).await;
    assert_eq!(lines.iter().filter(|line| line.ends_with("skip bob held")).count(), 2);
    stage.directory(&csv(["ada", "bob"]));
    let first = reconciled(&reconcile).await;
    assert_eq!(
        first
            .iter()
            .filter(|line| line.ends_with("awaiting_second_sighting"))
            .count(),
        2
    );
    let second = reconciled(&reconcile).await;
    assert_eq!(
        second
            .iter()
            .filter(|line| line.ends_with("offboard cem absence done"))
            .count(),
        2
    );
    let list = stage.start("list").await;
    let history = list.ask("/?view=history").await.json();
    assert_eq!(history["history"].as_array().unwrap().len(), 4);
    assert_eq!(stage.ledger.calls().len(), 0, "nobody asked DynamoDB");
}
