//! The budget of explicit orders: so many accounts in an hour, over all of them, until somebody looks.

use rehearsal::host::UrlAnswer;
use serde_json::json;

use crate::stage::{LEDGER, Running, Stage, crowd, csv, digest, mail, told};

/// Two providers with five people each, and four removals an hour.
async fn stage() -> Stage {
    let settings = [("PROVIDERS", "bilanc,blackbird"), ("MAX_ORDERED_REMOVALS", "4"), LEDGER];
    let stage = Stage::with(&settings).await;
    for provider in ["bilanc", "blackbird"] {
        stage.seed_all(provider, crowd("p", 5));
    }
    stage
}

async fn send(offboard: &Running, names: &[&str], provider: &str, consent: &[String]) -> UrlAnswer {
    let addresses: Vec<String> = names.iter().map(|name| mail(name)).collect();
    offboard
        .order(&json!({"email_addresses": addresses, "providers": [provider], "consent": consent}))
        .await
}

#[tokio::test]
async fn several_orders_at_several_providers_share_one_hour() {
    let stage = stage().await;
    let offboard = stage.start("offboard").await;
    assert_eq!(send(&offboard, &["p0", "p1"], "bilanc", &[]).await.status, 200);
    // Whoever is gone already uses nothing up, and neither does a preview.
    assert_eq!(send(&offboard, &["p0", "p1"], "bilanc", &[]).await.status, 200);
    let preview = json!({"email_addresses": [mail("p4")], "mode": "preview"});
    assert_eq!(offboard.order(&preview).await.status, 200);
    assert_eq!(send(&offboard, &["p0"], "blackbird", &[]).await.status, 200);

    // Another process has the same hour.
    let another = stage.start("offboard").await;
    let held = send(&another, &["p1", "p2"], "blackbird", &[]).await;
    let expected = ["409 held apply", "blackbird held 5 too_many_orders 2/4 of 4"];
    assert_eq!(told(&held), expected);
    assert_eq!((stage.present("bilanc"), stage.present("blackbird")), (3, 4));
    // What was held used nothing up either: the fourth may go.
    assert_eq!(send(&another, &["p1"], "blackbird", &[]).await.status, 200);
    for provider in ["bilanc", "blackbird"] {
        let held = send(&another, &["p4"], provider, &[]).await;
        assert_eq!(held.status, 409, "{provider}: {}", held.text());
    }
    assert_eq!((stage.present("bilanc"), stage.present("blackbird")), (3, 3));
}

#[tokio::test]
async fn consent_lifts_it_for_that_list_once() {
    let stage = stage().await;
    let offboard = stage.start("offboard").await;
    assert_eq!(
        send(&offboard, &["p0", "p1", "p2", "p3"], "bilanc", &[]).await.status,
        200
    );
    let held = send(&offboard, &["p0", "p1"], "blackbird", &[]).await;
    assert_eq!(held.status, 409);
    let consent = [digest(&held, "blackbird")];
    assert_eq!(send(&offboard, &["p0"], "blackbird", &consent).await.status, 409);
    assert_eq!(send(&offboard, &["p0", "p1"], "blackbird", &consent).await.status, 200);
    assert_eq!(stage.present("blackbird"), 3);

    // Both are let in again; the same list needs to be looked at again.
    let onboard = stage.start("onboard").await;
    let back = json!({"email_addresses": [mail("p0"), mail("p1")], "providers": ["blackbird"]});
    assert_eq!(onboard.order(&back).await.status, 200);
    assert_eq!(stage.present("blackbird"), 5);
    assert_eq!(send(&offboard, &["p0", "p1"], "blackbird", &consent).await.status, 409);
    assert_eq!(
        send(&offboard, &["p2"], "blackbird", &[]).await.status,
        409,
        "the hour is still used up"
    );
    assert_eq!(stage.present("blackbird"), 5);
}

#[tokio::test]
async fn what_reconcile_removes_uses_nothing_up() {
    let stage = stage().await;
    let left = csv(crowd("p", 5)).replacen("p0,Canary,active", "p0,Canary,left", 1);
    stage.directory(&left);
    let reconcile = stage.start("reconcile").await;
    let report = told(&reconcile.order(&json!({"mode": "apply"})).await);
    assert_eq!(
        report.iter().filter(|line| line.contains("known_leaver done")).count(),
        2,
        "{report:?}"
    );

    let offboard = stage.start("offboard").await;
    assert_eq!(
        send(&offboard, &["p1", "p2", "p3", "p4"], "blackbird", &[])
            .await
            .status,
        200
    );
    assert_eq!(send(&offboard, &["p1"], "bilanc", &[]).await.status, 409);
}
