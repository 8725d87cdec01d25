//! A ledger in trouble: nobody is removed, joiners are served, and the run is loud.

use rehearsal::faults::{Fault, When};
use serde_json::json;

use super::apply;
use crate::stage::{LEDGER, Stage, crowd, csv, mail, told};

/// Twelve people at Blackbird: one left, one is missing and was so before, one is to join.
async fn stage() -> Stage {
    let settings = [
        ("PROVIDERS", "blackbird"),
        ("SIGHTING_GAP_MINUTES", "0"),
        ("CALL_TIMEOUT_MS", "500"),
        LEDGER,
    ];
    let stage = Stage::with(&settings).await;
    let people = crowd("p", 12);
    stage.seed_all("blackbird", &people);
    stage.directory(&csv(&people[..11]));
    let reconcile = stage.start("reconcile").await;
    let lines = told(&reconcile.order(&apply(&json!({}))).await);
    assert_eq!(lines[2..], ["  skip p11 awaiting_second_sighting"]);
    let roster = csv(people[..11].iter().chain(&["new".to_owned()]));
    stage.directory(&roster.replace(",p10,Canary,active", ",p10,Canary,left"));
    stage
}

/// Nobody is removed and the joiner comes, whether by a click or by a schedule, and nobody takes it for done.
async fn loud(stage: &Stage, why: &str) {
    let reconcile = stage.start("reconcile").await;
    let answer = reconcile.order(&apply(&json!({}))).await;
    let lines = told(&answer);
    assert!([207, 409].contains(&answer.status), "{why}: {lines:?}");
    assert!(lines.contains(&"  onboard new done".to_owned()), "{why}: {lines:?}");
    assert!(
        !lines
            .iter()
            .any(|line| line.contains("offboard") && line.ends_with("done")),
        "{why}: {lines:?}"
    );
    assert!(
        answer.json()["ledger"]["error"]["kind"].is_string(),
        "{why}: {}",
        answer.text()
    );
    let nightly = apply(&json!({"schedule": "nightly"}));
    reconcile.failure(&nightly).await;
    let offboard = stage.start("offboard").await;
    let order = json!({"email_addresses": [mail("p3")]});
    let ordered = offboard.order(&order).await;
    assert!([207, 409].contains(&ordered.status), "{why}: {}", ordered.text());
    assert_eq!(stage.present("blackbird"), 13, "{why}");
}

#[tokio::test]
async fn a_ledger_that_cannot_be_read() {
    for fault in [Fault::Status(500), Fault::Status(403), Fault::CutBefore, Fault::Garbage] {
        let stage = stage().await;
        let faults = stage.ledger.faults();
        faults.inject("POST", "/", fault.clone(), When::Always);
        loud(&stage, &format!("{fault:?}")).await;
        // When it is back, the run does what it had to.
        faults.clear();
        let lines = told(&stage.start("reconcile").await.order(&apply(&json!({}))).await);
        assert_eq!(lines[0], "200 done apply", "{fault:?}: {lines:?}");
        assert_eq!(stage.present("blackbird"), 11, "{fault:?}");
    }
}

#[tokio::test]
async fn a_shelf_that_cannot_be_read() {
    let stage = stage().await;
    stage.ledger.fail_after("Query", 0);
    loud(&stage, "queries").await;
}

#[tokio::test]
async fn a_record_that_is_not_readable() {
    let stage = stage().await;
    let garbage =
        json!({"shelf": "blackbird", "key": "change/2026-11-20T00:00:00Z/x/00000", "text": "{", "version": 1});
    stage.ledger.put(&garbage);
    loud(&stage, "garbage").await;
}

#[tokio::test]
async fn a_table_that_is_not_there() {
    let stage = stage().await;
    let elsewhere = [("LEDGER", "dynamodb:no-such-table")];
    let reconcile = stage.start_with("reconcile", &elsewhere).await;
    let answer = reconcile.order(&apply(&json!({}))).await;
    assert_eq!(
        told(&answer)[..2],
        ["409 held apply", "blackbird held 12 no_memory 2/0 of 12"]
    );
    assert_eq!(answer.json()["ledger"]["error"]["kind"], "Misconfigured");
    assert_eq!(stage.present("blackbird"), 13);
}

#[tokio::test]
async fn a_ledger_that_can_be_read_and_not_written() {
    for operation in ["BatchWriteItem", "PutItem"] {
        let stage = stage().await;
        stage.ledger.fail_after(operation, 0);
        loud(&stage, operation).await;
        stage.ledger.recover();
        let lines = told(&stage.start("reconcile").await.order(&apply(&json!({}))).await);
        assert_eq!(lines[0], "200 done apply", "{operation}: {lines:?}");
        assert_eq!(stage.present("blackbird"), 11, "{operation}");
    }
}

#[tokio::test]
async fn a_policy_that_denies_the_table_or_a_part_of_it() {
    for operation in ["*", "Query", "PutItem", "BatchWriteItem"] {
        let stage = stage().await;
        stage.ledger.deny(operation);
        loud(&stage, &format!("denied {operation}")).await;
        stage.ledger.recover();
        let lines = told(&stage.start("reconcile").await.order(&apply(&json!({}))).await);
        assert_eq!(lines[0], "200 done apply", "{operation}: {lines:?}");
        assert_eq!(stage.present("blackbird"), 11, "{operation}");
    }
}
