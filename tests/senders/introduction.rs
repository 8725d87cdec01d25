//! Gusto's first request, which proves nothing: it is answered, kept for whoever waits for it, and believed by nobody.

use rehearsal::host::UrlRequest;
use serde_json::{Value, json};

use super::{Stage, callers, signed_at, stage};
use crate::stage::{DENIED, LEDGER, TOKEN};

const TOKEN_OF_GUSTO: &str = "canary-3-gusto"; // as `rehearsal::senders::secret` gives it

fn hello() -> Value {
    json!({"verification_token": TOKEN_OF_GUSTO, "webhook_subscription_uuid": "d2b0-canary"})
}

/// What the doctor says of introductions.
async fn introductions(stage: &Stage) -> Vec<Value> {
    let list = stage.start("list").await;
    let checks = list
        .request(UrlRequest::get("/?view=doctor").bearer(TOKEN))
        .await
        .json();
    let checks = checks["checks"].as_array().unwrap().clone();
    let is_one = |check: &Value| check["name"].as_str().unwrap().starts_with("introduction ");
    checks.into_iter().filter(is_one).collect()
}

async fn world(secrets: &Value) -> Stage {
    let stage = stage(&[LEDGER]).await;
    let mut callers = callers();
    callers["gusto"]["secrets"] = secrets.clone();
    callers["ops"] = json!({"scheme": "bearer", "secrets": [TOKEN], "may": ["list"]});
    stage.document("callers", &callers);
    stage
}

#[tokio::test]
async fn whoever_waits_for_it_finds_it_at_the_doctor() {
    let stage = world(&json!([])).await;
    let offboard = stage.start("offboard").await;
    let answer = offboard.request(UrlRequest::post("/gusto", &hello())).await;
    assert_eq!((answer.status, &*answer.text()), (200, ""));
    let found = introductions(&stage).await;
    assert_eq!(found.len(), 1);
    assert_eq!(
        (&found[0]["name"], &found[0]["ok"]),
        (&json!("introduction gusto/d2b0-canary"), &json!(false))
    );
    assert!(found[0]["detail"].as_str().unwrap().contains(TOKEN_OF_GUSTO));
    // It is no secret by that.
    let event = br#"{"event_type": "employee.terminated", "entity_uuid": "u"}"#;
    let signed = signed_at("gusto", event, jiff::Timestamp::now(), 3);
    assert_eq!(offboard.request(signed).await.status, 401);
}

#[tokio::test]
async fn nobody_waits_where_there_is_a_secret() {
    let stage = world(&json!(["canary-1-gusto"])).await;
    let offboard = stage.start("offboard").await;
    let answer = offboard.request(UrlRequest::post("/gusto", &hello())).await;
    assert_eq!(answer.status, 200);
    assert_eq!(introductions(&stage).await, [] as [Value; 0]);
}

#[tokio::test]
async fn what_is_not_exactly_that_is_401() {
    let stage = world(&json!([])).await;
    let offboard = stage.start("offboard").await;
    let with = |name: &str, value: Value| {
        let mut hello = hello();
        hello[name] = value;
        hello
    };
    let wrong = [
        UrlRequest::post("/hibob", &hello()),
        UrlRequest::post("/nobody", &hello()),
        UrlRequest::post("/", &hello()),
        UrlRequest::post("/gusto", &with("more", json!(1))),
        UrlRequest::post("/gusto", &with("verification_token", json!("x".repeat(201)))),
        UrlRequest::post("/gusto", &with("verification_token", json!("two words"))),
        UrlRequest::post("/gusto", &with("verification_token", json!(7))),
        UrlRequest::post("/gusto", &json!({"verification_token": TOKEN_OF_GUSTO})),
    ];
    for request in wrong {
        let what = format!("{} {}", request.path, String::from_utf8_lossy(&request.body));
        let answer = offboard.request(request).await;
        assert_eq!((answer.status, &*answer.text()), (401, DENIED), "{what}");
    }
    assert_eq!(introductions(&stage).await, [] as [Value; 0]);
}
