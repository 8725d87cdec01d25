//! Notices: one message for each cause, whoever or whatever started the run.

use rehearsal::faults::{Fault, When};
use rehearsal::providers::{Simulator, State};
use rehearsal::slack::{ADMIN, fault_of};
use serde_json::{Value, json};

use super::{acknowledged, button, say, shown, stage};
use crate::stage::{Running, Stage, TOKEN, crowd, csv, mail};

/// Twenty people at two providers and in the directory, and a channel that is told.
async fn world() -> Stage {
    let stage = stage(&[]).await;
    for id in ["bilanc", "blackbird"] {
        stage.seed_all(id, crowd("p", 20));
    }
    stage.directory(&csv(crowd("p", 20)));
    stage.document("notify", &json!({"slack_webhook_url": stage.slack.webhook()}));
    stage
}

fn left(names: &[&str]) -> String {
    names.iter().fold(csv(crowd("p", 20)), |csv, name| {
        csv.replace(&format!(",{name},Canary,active"), &format!(",{name},Canary,left"))
    })
}

async fn night(reconcile: &Running) {
    let _ = reconcile.invoke(&json!({"mode": "apply", "schedule": "nightly"})).await;
}

/// What was told since, each as text.
fn told(stage: &Stage, since: usize) -> Vec<String> {
    let notices = stage.slack.notices();
    for notice in &notices {
        assert_eq!(fault_of(notice), None, "{notice}");
        assert!(!notice.to_string().contains("canary@"), "{notice}");
    }
    notices.iter().skip(since).map(shown).collect()
}

#[tokio::test]
async fn a_night_with_changes_is_told_and_a_quiet_one_is_not() {
    let stage = world().await;
    let reconcile = stage.start("reconcile").await;
    night(&reconcile).await;
    assert_eq!(told(&stage, 0), [""; 0], "nothing happened");
    stage.directory(&left(&["p1"]));
    night(&reconcile).await;
    let first = told(&stage, 0);
    assert_eq!(first.len(), 1);
    assert!(
        first[0].starts_with(
            "reconcile: done\n*bilanc* – 1 offboard done\n• offboard p***@example.com – done, has left by the directory"
        ),
        "{}",
        first[0]
    );
    night(&reconcile).await;
    assert_eq!(told(&stage, 1), [""; 0]);
}

#[tokio::test]
async fn what_is_held_is_told_once_and_can_be_approved() {
    let stage = world().await;
    let reconcile = stage.start("reconcile").await;
    let gone = ["p1", "p2", "p3", "p4", "p5"];
    stage.directory(&left(&gone));
    for _ in 0..3 {
        night(&reconcile).await;
    }
    let first = told(&stage, 0);
    assert_eq!(first.len(), 1, "{first:?}");
    assert!(first[0].contains("*Held at bilanc:* 5 removals") && first[0].contains("*Held at blackbird:*"));
    // One more leaver is another list, and another cause.
    stage.directory(&left(&[&gone[..], &["p6"]].concat()));
    night(&reconcile).await;
    assert_eq!(told(&stage, 1).len(), 1);
    let notice = stage.slack.notices().pop().unwrap();
    acknowledged(
        &reconcile
            .request(stage.slack.click(ADMIN, &button(&notice, "Approve")))
            .await,
    );
    assert_eq!(stage.present("bilanc"), 14);
    assert_eq!(stage.present("blackbird"), 20);
}

#[tokio::test]
async fn a_provider_that_is_down_is_told_once_until_it_is_down_again() {
    let stage = world().await;
    let reconcile = stage.start("reconcile").await;
    let mut counts = Vec::new();
    for status in [503, 503, 0, 0, 503, 401] {
        stage.bilanc.faults().clear();
        if status > 0 {
            stage
                .bilanc
                .faults()
                .inject("*", "/", Fault::Status(status), When::Always);
        }
        night(&reconcile).await;
        counts.push(stage.slack.notices().len());
    }
    assert_eq!(
        counts,
        [1, 1, 1, 1, 2, 3],
        "down, still down, back, well, down again, rejects the key"
    );
    assert!(told(&stage, 0)[0].contains("*bilanc* – the provider is down"));
}

#[tokio::test]
async fn a_run_that_comes_to_nothing_is_told_once() {
    let stage = world().await;
    let reconcile = stage.start("reconcile").await;
    let header = csv(crowd("p", 20)).lines().next().unwrap().to_owned();
    let mut counts = Vec::new();
    for csv in [header.clone(), header, csv(crowd("p", 20)), String::new()] {
        stage.directory(&csv);
        night(&reconcile).await;
        counts.push(stage.slack.notices().len());
    }
    assert_eq!(counts, [1, 1, 1, 2], "empty, still empty, well, cut off");
    assert!(told(&stage, 0)[0].starts_with("reconcile could not do anything: "));
}

#[tokio::test]
async fn who_reads_the_answer_is_not_told_twice() {
    let stage = world().await;
    let offboard = stage.start("offboard").await;
    say(&stage, &offboard, "/offboard", &format!("{} bilanc", mail("p1"))).await;
    assert_eq!(stage.state("bilanc", "p1"), Some(State::Gone));
    assert_eq!(told(&stage, 0), [""; 0], "Slack was answered");
    let order = json!({"email_addresses": [mail("p2")], "mode": "preview"});
    let mut callers = json!({"slack": stage.slack.caller(&["offboard"])});
    callers["hr"] = json!({"scheme": "bearer", "secrets": [TOKEN], "may": ["offboard"]});
    stage.document("callers", &callers);
    let offboard = stage.start("offboard").await;
    offboard.order(&order).await;
    assert_eq!(
        offboard.order(&json!({"email_addresses": ["nobody"]})).await.status,
        400
    );
    assert_eq!(told(&stage, 0), [""; 0], "a preview, and a mistake of the caller's");
    offboard.order(&json!({"email_addresses": [mail("p2")]})).await;
    assert!(told(&stage, 0)[0].starts_with("offboard: done\n"));
}

#[tokio::test]
async fn a_channel_that_cannot_be_told_stops_nothing_and_is_told_the_next_time() {
    let stage = world().await;
    let reconcile = stage.start("reconcile").await;
    stage.bilanc.faults().inject("*", "/", Fault::Status(503), When::Always);
    stage.slack.faults().inject("*", "/", Fault::Status(500), When::Always);
    stage.directory(&left(&["p1"]));
    night(&reconcile).await;
    assert_eq!(stage.present("blackbird"), 19);
    assert!(reconcile.output().contains("a notice could not be sent"));
    stage.slack.faults().clear();
    night(&reconcile).await;
    assert_eq!(told(&stage, 0).len(), 1, "bilanc is still down");
}

#[tokio::test]
async fn an_address_that_is_not_slacks_is_never_called() {
    let stage = world().await;
    for url in [
        "https://hooks.slack.com.example.com/services/canary",
        "http://hooks.slack.com/services/canary",
    ] {
        stage.document("notify", &json!({"slack_webhook_url": url}));
        let reconcile = stage.start("reconcile").await;
        stage.seed("blackbird", "p1", State::Dormant);
        night(&reconcile).await;
        assert!(reconcile.output().contains("a notice could not be sent"), "{url}");
    }
}

#[tokio::test]
async fn without_an_address_nobody_is_told() {
    let stage = world().await;
    stage.document("notify", &Value::Object(Default::default()));
    let reconcile = stage.start("reconcile").await;
    stage.directory(&left(&["p1"]));
    night(&reconcile).await;
    assert_eq!(stage.present("bilanc"), 19);
    assert_eq!(stage.slack.calls().len(), 0);
    assert!(stage.ledger.items().iter().all(|item| item["shelf"] != "notices"));
}
