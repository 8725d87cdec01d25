//! The events URL: how it is set up, custom steps of workflows, retries, and the question about our certificate.

use jiff::Timestamp;
use rehearsal::host::UrlRequest;
use rehearsal::providers::{Simulator, State};
use rehearsal::slack::{Ended, form};
use serde_json::json;

use super::{acknowledged, stage};
use crate::stage::{Stage, mail};

fn ended(stage: &Stage) -> Ended {
    let steps = stage.slack.steps();
    steps
        .last()
        .and_then(|step| step.ended.clone())
        .expect("a step that has ended")
}

#[tokio::test]
async fn a_step_does_it_and_lets_the_workflow_go_on() {
    let stage = stage(&[]).await;
    stage.seed_all("bilanc", ["lea", "max"]);
    let (onboard, offboard) = (stage.start("onboard").await, stage.start("offboard").await);
    let step = stage
        .slack
        .step("offboard_user", &json!({"email": mail("lea"), "providers": "bilanc"}));
    acknowledged(&offboard.request(stage.slack.event(&step)).await);
    assert_eq!(stage.state("bilanc", "lea"), Some(State::Gone));
    let outputs = json!({"status": "done", "summary": "offboard: done. bilanc: 1 offboard done"});
    assert_eq!(ended(&stage), Ended::Well(outputs));
    let inputs = json!({"email": format!("<mailto:{0}|{0}>", mail("jan")), "github_username": "jan-canary"});
    acknowledged(
        &onboard
            .request(stage.slack.event(&stage.slack.step("onboard_user", &inputs)))
            .await,
    );
    assert_eq!(stage.state("blackbird", "jan"), Some(State::Active));
    let list = stage.start("list").await;
    let history = list.direct(&json!({"view": "history", "provider": "bilanc"})).await;
    assert_eq!(history["history"][0]["by"], "slack:workflow Wx0X", "{history}");
}

#[tokio::test]
async fn a_step_that_is_not_wholly_done_stops_the_workflow() {
    use rehearsal::faults::{Fault, When};
    let stage = stage(&[]).await;
    stage.seed_all("bilanc", ["lea"]);
    stage.seed_all("blackbird", ["lea"]);
    stage
        .blackbird
        .faults()
        .inject("*", "/", Fault::Status(503), When::Always);
    let offboard = stage.start("offboard").await;
    let step = stage.slack.step("offboard_user", &json!({"email": mail("lea")}));
    acknowledged(&offboard.request(stage.slack.event(&step)).await);
    let Ended::Badly(error) = ended(&stage) else {
        panic!("{:?}", ended(&stage))
    };
    assert!(
        error.starts_with("offboard: only partly done. bilanc: 1 offboard done; blackbird: the provider is down"),
        "{error}"
    );
    assert_eq!(stage.state("bilanc", "lea"), Some(State::Gone));
}

#[tokio::test]
async fn inputs_that_are_not_understood_end_the_step() {
    let stage = stage(&[]).await;
    let offboard = stage.start("offboard").await;
    let wrong = [
        (json!({}), "nobody is named"),
        (json!({"email": "lea.canary"}), "is no e-mail address"),
        (json!({"email": "<@U0CANARY>"}), "is somebody in Slack"),
        (json!({"email": mail("lea"), "providers": "nowhere"}), "no provider"),
        // Whoever fills in a form may not let the workflow believe that it is done.
        (
            json!({"email": format!("{} preview", mail("lea"))}),
            "a step is always done",
        ),
        (json!({"email": 7}), "nobody is named"),
    ];
    for (inputs, problem) in wrong {
        let step = stage.slack.step("offboard_user", &inputs);
        acknowledged(&offboard.request(stage.slack.event(&step)).await);
        let Ended::Badly(error) = ended(&stage) else {
            panic!("{inputs}")
        };
        assert!(
            error.contains(problem) && !error.contains("canary"),
            "{inputs}: {error}"
        );
    }
    let step = stage.slack.step("promote_user", &json!({"email": mail("lea")}));
    acknowledged(&offboard.request(stage.slack.event(&step)).await);
    assert!(matches!(ended(&stage), Ended::Badly(error) if error.starts_with("Rollcall has no such step")));
    assert_eq!(stage.calls(), [""; 0]);
}

#[tokio::test]
async fn a_step_for_another_function_needs_a_queue() {
    let stage = stage(&[]).await;
    let reconcile = stage.start("reconcile").await;
    let step = stage.slack.step("offboard_user", &json!({"email": mail("lea")}));
    acknowledged(&reconcile.request(stage.slack.event(&step)).await);
    let Ended::Badly(error) = ended(&stage) else { panic!() };
    assert!(
        error.starts_with("This belongs to `offboard`, and this is the URL of `reconcile`. Its queue is missing"),
        "{error}"
    );
    assert_eq!(stage.calls(), [""; 0]);
}

#[tokio::test]
async fn the_same_event_twice_has_one_effect() {
    let stage = stage(&[]).await;
    stage.seed("bilanc", "lea", State::Active);
    let offboard = stage.start("offboard").await;
    let step = stage.slack.step("offboard_user", &json!({"email": mail("lea")}));
    acknowledged(&offboard.request(stage.slack.event(&step)).await);
    stage.bilanc.seed(&crate::stage::person("lea"), State::Active); // she is back, by hand
    stage.clear_calls();
    // Sent again because our answer came too late; Slack changes nothing of an event but how often it was sent.
    let again = stage
        .slack
        .event(&step)
        .header("x-slack-retry-num", "1")
        .header("x-slack-retry-reason", "http_timeout");
    acknowledged(&offboard.request(again).await);
    assert_eq!(stage.state("bilanc", "lea"), Some(State::Active));
    assert_eq!((stage.calls(), stage.slack.calls().len()), (vec![], 0));
}

#[tokio::test]
async fn the_events_url_is_set_up_by_an_echo() {
    let stage = stage(&[]).await;
    let reconcile = stage.start("reconcile").await;
    let question = json!({"type": "url_verification", "token": "canary-deprecated", "challenge": "3eZbrw1a\"<"});
    let answer = reconcile.request(stage.slack.event(&question)).await;
    assert_eq!(
        (answer.status, answer.json()),
        (200, json!({"challenge": "3eZbrw1a\"<"}))
    );
    let long = json!({"type": "url_verification", "challenge": "a".repeat(600)});
    assert_eq!(reconcile.request(stage.slack.event(&long)).await.status, 400);
    let unsigned = UrlRequest::post("/slack", &question);
    assert_eq!(reconcile.request(unsigned).await.status, 401, "the proof comes first");
    assert_eq!(stage.calls(), [""; 0]);
}

#[tokio::test]
async fn other_events_are_ignored() {
    let stage = stage(&[]).await;
    let offboard = stage.start("offboard").await;
    for (event, kind) in [
        (
            json!({"type": "event_callback", "team_id": "T0EXAMPLE", "event": {"type": "app_home_opened"}}),
            "app_home_opened",
        ),
        (json!({"type": "app_rate_limited"}), "app_rate_limited"),
    ] {
        let answer = offboard.request(stage.slack.event(&event)).await;
        assert_eq!((answer.status, answer.json()), (200, json!({ "ignored": kind })));
    }
    for event in [
        json!({}),
        json!({"type": 7}),
        json!({"type": "event_callback", "event": {"type": "function_executed"}}),
    ] {
        assert_eq!(offboard.request(stage.slack.event(&event)).await.status, 400, "{event}");
    }
    for fields in [&[("hello", "world")][..], &[("payload", "not JSON")], &[]] {
        let answer = offboard.request(form(fields, Timestamp::now())).await;
        assert_eq!(answer.status, 400, "{fields:?}");
    }
    assert_eq!((stage.calls(), stage.slack.calls().len()), (vec![], 0));
}

#[tokio::test]
async fn a_look_at_the_certificate_touches_nothing() {
    let stage = stage(&[("SECRETS_TTL_SECONDS", "1")]).await;
    let offboard = stage.start("offboard").await;
    stage.clear_calls();
    let unsigned = |body: &str| {
        let request = UrlRequest::new("POST", "/slack").body(body);
        request
            .header("content-type", "application/x-www-form-urlencoded")
            .base64()
    };
    for body in ["ssl_check=1", "token=canary-deprecated&ssl_check=1"] {
        acknowledged(&offboard.request(unsigned(body)).await);
    }
    assert_eq!((stage.calls(), stage.secrets.calls().len()), (vec![], 0));
    // Anything besides is a request like any other.
    let command = format!(
        "ssl_check=1&command=%2Foffboard&user_id=U0ADMIN&team_id=T0EXAMPLE&text={}",
        mail("lea")
    );
    for body in [
        command.as_str(),
        "ssl_check=0",
        "ssl_check=1&ssl_check=1",
        "ssl_check=1&payload=%7B%7D",
        "token=x",
    ] {
        assert_eq!(offboard.request(unsigned(body)).await.status, 401, "{body}");
    }
    let mut get = unsigned("ssl_check=1");
    get.method = "GET".to_owned();
    assert_eq!(offboard.request(get).await.status, 401);
    let mut root = unsigned("ssl_check=1");
    root.path = "/".to_owned();
    assert_eq!(offboard.request(root).await.status, 401, "nobody of Slack calls that");
    assert_eq!(stage.calls(), [""; 0]);
}
