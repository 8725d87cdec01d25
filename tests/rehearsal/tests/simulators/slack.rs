//! Slack: what it takes as a message, and what it refuses.

use rehearsal::slack::{Ended, Slack, fault_of};
use serde_json::{Value, json};

use crate::client::{bearer, post};

fn section(text: &str) -> Value {
    json!({"type": "section", "text": {"type": "mrkdwn", "text": text}})
}

fn message(blocks: &[Value]) -> Value {
    json!({"text": "t", "blocks": blocks})
}

#[test]
fn a_message_has_limits() {
    let button = |changed: Value| {
        let mut button = json!({"type": "button", "action_id": "a", "text": {"type": "plain_text", "text": "b"}});
        let Value::Object(changed) = changed else { return button };
        changed.into_iter().for_each(|(name, value)| button[name] = value);
        json!({"type": "actions", "elements": [button]})
    };
    let header = |text: &str| json!({"type": "header", "text": {"type": "plain_text", "text": text}});
    let good = [
        section(&"x".repeat(3000)),
        header(&"x".repeat(150)),
        button(json!({"value": "x".repeat(2000)})),
        json!({"type": "context", "elements": [{"type": "mrkdwn", "text": "x"}]}),
    ];
    assert_eq!(fault_of(&message(&good)), None);
    assert_eq!(fault_of(&message(&vec![section("x"); 50])), None);
    let bad = [
        vec![section("x"); 51],
        vec![],
        vec![section(&"x".repeat(3001))],
        vec![section("")],
        vec![header(&"x".repeat(151))],
        vec![json!({"type": "header", "text": {"type": "mrkdwn", "text": "x"}})],
        vec![button(json!({"value": "x".repeat(2001)}))],
        vec![button(json!({"style": "red"}))],
        vec![button(json!({"text": {"type": "plain_text", "text": "x".repeat(76)}}))],
        vec![button(
            json!({"confirm": {"title": {"type": "plain_text", "text": "t"}}}),
        )],
        vec![json!({"type": "section", "text": {"type": "mrkdwn", "text": "x"}, "colour": "red"})],
        vec![json!({"type": "table"})],
        vec![json!({"type": "context", "elements": []})],
        vec![json!({"type": "actions", "block_id": "b", "elements": good[2]["elements"]}); 2],
    ];
    for blocks in &bad {
        assert!(fault_of(&message(blocks)).is_some(), "{blocks:?}");
    }
    assert!(fault_of(&json!({"blocks": [section("x")]})).is_some(), "without a text");
}

#[tokio::test]
async fn a_response_url_takes_five_messages() {
    let slack = Slack::start().await;
    let url = slack.response_url();
    let (host, path) = url.split_at(url.find("/actions").unwrap());
    let good = message(&[section("x")]);
    for _ in 0..5 {
        assert_eq!(post(host, "POST", path, &[], good.clone()).await.status, 200);
    }
    assert_eq!(post(host, "POST", path, &[], good.clone()).await.status, 404);
    assert_eq!((slack.messages().len(), slack.violations().len()), (5, 1));
    let url = slack.response_url();
    let (host, path) = url.split_at(url.find("/actions").unwrap());
    assert_eq!(
        post(host, "POST", path, &[], message(&[])).await.bytes,
        b"invalid_blocks"
    );
    assert_eq!(
        post(host, "POST", path, &bearer(&json!("t")), good.clone())
            .await
            .status,
        501
    );
    assert_eq!(post(host, "POST", "/actions/T/1/guessed", &[], good).await.status, 404);
    assert_eq!((slack.messages().len(), slack.violations().len()), (5, 4));
}

#[tokio::test]
async fn a_step_ends_once_and_by_its_own_token() {
    let slack = Slack::start().await;
    let event = slack.step("offboard_user", &json!({}));
    let (execution, token) = (
        &event["event"]["function_execution_id"],
        &event["event"]["bot_access_token"],
    );
    let api = slack.api();
    let host = api.trim_end_matches("/api");
    let complete = async |how: &str, token: &Value, body: Value| {
        let path = format!("/api/functions.complete{how}");
        post(host, "POST", &path, &bearer(token), body).await.json()
    };
    let well = json!({"function_execution_id": execution, "outputs": {"status": "done"}});
    assert_eq!(
        complete("Success", &json!("other"), well.clone()).await["error"],
        "invalid_auth"
    );
    let unknown = json!({"function_execution_id": "Fx", "outputs": {}});
    assert_eq!(
        complete("Success", token, unknown).await["error"],
        "function_execution_not_found"
    );
    let undeclared = json!({"function_execution_id": execution, "outputs": {"who": "x"}});
    assert_eq!(
        complete("Success", token, undeclared).await["error"],
        "parameter_validation_failed"
    );
    assert_eq!(complete("Success", token, well).await, json!({"ok": true}));
    let badly = json!({"function_execution_id": execution, "error": "e"});
    assert_eq!(
        complete("Error", token, badly).await["error"],
        "execution_not_in_running_state"
    );
    assert_eq!(slack.steps()[0].ended, Some(Ended::Well(json!({"status": "done"}))));
    assert_eq!(slack.violations().len(), 3);
}
