//! Where answers go, and what becomes of the work when they cannot be given.

use rehearsal::faults::{Fault, When};
use rehearsal::roster::RosterServer;
use rehearsal::slack::ADMIN;
use serde_json::json;

use super::{acknowledged, button, buttons, stage};
use crate::stage::mail;

#[tokio::test]
async fn nothing_is_sent_to_another_host() {
    let stage = stage(&[]).await;
    let (reconcile, message) = buttons::held(&stage).await;
    let stranger = RosterServer::start().await;
    let url = stranger.url();
    let others = [
        "https://hooks.slack.com.evil.example/actions/canary".to_owned(),
        "https://evil.example/hooks.slack.com/canary".to_owned(),
        "https://hooks.slack.com@evil.example/canary".to_owned(),
        "https://hooks.slack.com:8443/canary".to_owned(),
        "http://hooks.slack.com/canary".to_owned(),
        "https://HOOKS.slack.com.:443/canary".to_owned(),
        format!("{}/actions/canary", url.replace("127.0.0.1", "127.0.0.2")),
        format!("{}/actions/canary", url.replace("127.0.0.1", "0.0.0.0")),
        "file:///etc/passwd".to_owned(),
        "canary".to_owned(),
        String::new(),
    ];
    for url in &others {
        let mut payload = stage.slack.click_payload(ADMIN, &button(&message, "Reject"));
        payload["response_url"] = url.as_str().into();
        acknowledged(&reconcile.request(stage.slack.interaction(&payload)).await);
    }
    let complaints = reconcile.output().matches("nothing is sent anywhere else").count();
    assert_eq!(complaints, others.len());
    assert_eq!((stage.slack.messages().len(), stranger.calls().len()), (0, 0));
}

#[tokio::test]
async fn what_was_done_stays_done_when_slack_cannot_be_told() {
    for fault in [
        Fault::Status(500),
        Fault::CutBefore,
        Fault::CutAfter,
        Fault::Status(404),
    ] {
        let stage = stage(&[]).await;
        let (reconcile, message) = buttons::held(&stage).await;
        stage.slack.faults().inject("*", "/", fault.clone(), When::Always);
        acknowledged(
            &reconcile
                .request(stage.slack.click(ADMIN, &button(&message, "Approve")))
                .await,
        );
        assert_eq!(stage.present("bilanc"), 13, "{fault:?}");
        // The stage looks for addresses, and for the response URL, in all that was written.
        assert!(
            reconcile.output().contains("Slack could not be told how it ended"),
            "{fault:?}"
        );
        assert!(!reconcile.output().contains("/actions/"), "{fault:?}");
    }
}

#[tokio::test]
async fn a_message_that_takes_a_moment_arrives_once() {
    let stage = stage(&[]).await;
    let (reconcile, message) = buttons::held(&stage).await;
    stage.slack.faults().inject("*", "/", Fault::Status(503), When::Once);
    acknowledged(
        &reconcile
            .request(stage.slack.click(ADMIN, &button(&message, "Reject")))
            .await,
    );
    assert_eq!(stage.slack.messages().len(), 1);
}

#[tokio::test]
async fn a_step_whose_end_was_told_twice_has_ended_once() {
    let stage = stage(&[]).await;
    stage.seed_all("bilanc", ["lea"]);
    let offboard = stage.start("offboard").await;
    stage
        .slack
        .faults()
        .inject("*", "completeSuccess", Fault::CutAfter, When::Once);
    let step = stage.slack.step("offboard_user", &json!({"email": mail("lea")}));
    acknowledged(&offboard.request(stage.slack.event(&step)).await);
    assert!(stage.slack.steps()[0].ended.is_some());
    assert!(!offboard.output().contains("Slack could not be told"));
}

#[tokio::test]
async fn a_step_that_slack_has_given_up_is_logged_by_its_code() {
    let stage = stage(&[]).await;
    let offboard = stage.start("offboard").await;
    stage
        .slack
        .faults()
        .inject("*", "completeSuccess", Fault::Garbage, When::Always);
    let step = stage.slack.step("offboard_user", &json!({"email": mail("lea")}));
    acknowledged(&offboard.request(stage.slack.event(&step)).await);
    assert!(offboard.output().contains("Slack could not be told how it ended"));
}

#[tokio::test]
async fn a_web_api_must_be_safe_to_talk_to() {
    let stage = stage(&[]).await;
    let mut caller = stage.slack.caller(&crate::stage::EVERYWHERE);
    caller["base_url"] = "http://slack.example/api".into();
    stage.document("callers", &json!({ "slack": caller }));
    let offboard = stage.start("offboard").await;
    let step = stage.slack.step("offboard_user", &json!({"email": mail("lea")}));
    let answer = offboard.request(stage.slack.event(&step)).await;
    assert_eq!(
        answer.status,
        500,
        "a token goes nowhere in the open: {}",
        answer.text()
    );
    assert_eq!(stage.calls(), [""; 0]);
}
