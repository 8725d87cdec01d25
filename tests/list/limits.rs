//! Time: an invocation is answered before its end, whoever hangs.

use std::time::Duration;

use rehearsal::faults::{Fault, When};
use rehearsal::host::{Invocation, UrlAnswer, UrlRequest};
use rehearsal::providers::Simulator;
use serde_json::{Value, json};

use super::{accounts, company, endings};
use crate::stage::{ANSWERED, Running, Stage, TOKEN, csv, mail, report};

/// As short as an invocation may be: a third of what is left after the reserve is for changing what was read.
const SHORT: Duration = Duration::from_secs(2);

async fn in_time(function: &Running, event: &Value) -> Value {
    match function.invoke_within(event, SHORT).await {
        Invocation::Answered(answer) => answer,
        other => panic!("not answered in time: {other:?}"),
    }
}

#[tokio::test]
async fn a_provider_that_hangs_costs_nobody_the_answer() {
    let stage = company(&[]).await;
    stage.blackbird.faults().inject("*", "/", Fault::Hang, When::Always);
    let list = stage.start("list").await;
    let answer = in_time(&list, &json!({})).await;
    let expected = [
        "bilanc listed 2",
        "blackbird unreachable Unavailable",
        "appxite listed 2",
        "powens listed 1",
    ];
    assert_eq!(endings(&answer), expected);
    assert_eq!(accounts(&answer).len(), 5);
}

#[tokio::test]
async fn a_provider_that_hangs_leaves_time_to_change_the_others() {
    let stage = Stage::with(&[("PROVIDERS", "bilanc,blackbird")]).await;
    for provider in ["bilanc", "blackbird"] {
        stage.seed_all(provider, ["ada", "bob"]);
    }
    stage.bilanc.faults().inject("*", "/", Fault::Hang, When::Always);
    let offboard = stage.start("offboard").await;
    let answer = in_time(&offboard, &json!({"email_addresses": [mail("ada")]})).await;
    let expected = [
        "partial apply",
        "bilanc unreachable Unavailable",
        "blackbird applied 2",
        "  offboard ada named done",
    ];
    assert_eq!(report(ANSWERED, &answer), expected);
}

#[tokio::test]
async fn a_write_that_hangs_is_reported_in_time() {
    let stage = Stage::with(&[("PROVIDERS", "bilanc,blackbird")]).await;
    for provider in ["bilanc", "blackbird"] {
        stage.seed_all(provider, ["ada", "bob"]);
    }
    stage.bilanc.faults().inject("POST", "/", Fault::Hang, When::Always);
    let offboard = stage.start("offboard").await;
    let answer = in_time(&offboard, &json!({"email_addresses": [mail("ada")]})).await;
    let lines = report(ANSWERED, &answer);
    assert_eq!(lines[0], "partial apply");
    assert!(lines[2].starts_with("  offboard ada named failed "), "{lines:?}");
    assert_eq!(lines[4], "  offboard ada named done", "{lines:?}");
}

#[tokio::test]
async fn a_directory_that_hangs_costs_nobody_the_answer() {
    let stage = Stage::with(&[("PROVIDERS", "blackbird")]).await;
    stage.seed_all("blackbird", ["ada"]);
    stage.directory(&csv(["ada"]));
    stage.roster.faults().inject("*", "/", Fault::Hang, When::Always);
    let offboard = stage.start("offboard").await;
    let answer = in_time(&offboard, &json!({"email_addresses": [mail("ada")]})).await;
    assert_eq!(
        report(ANSWERED, &answer),
        ["done apply", "blackbird applied 1", "  offboard ada named done"]
    );

    let reconcile = stage.start("reconcile").await;
    assert_eq!(in_time(&reconcile, &json!({})).await["error"]["kind"], "Unavailable");
}

/// Nobody can be admitted without the documents, and the sender is told so before Lambda ends the invocation.
#[tokio::test]
async fn secrets_manager_that_hangs_is_an_outage_of_ours() {
    let stage = company(&[("PROVIDERS", "bilanc")]).await;
    stage.secrets.faults().inject("*", "", Fault::Hang, When::Always);
    let list = stage.start("list").await;
    let request = UrlRequest::get("/").bearer(TOKEN).event("hanging");
    let answer: UrlAnswer = Invocation::Answered(in_time(&list, &request).await).into();
    assert_eq!(
        (answer.status, &answer.json()["error"]["kind"]),
        (503, &json!("Unavailable"))
    );
    assert_eq!(in_time(&list, &json!({})).await["error"]["kind"], "Unavailable");
    stage.secrets.faults().clear();
    assert_eq!(list.ask("/").await.status, 200);
}
