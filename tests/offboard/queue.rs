//! Orders from a queue: each for itself, and one that is not finished stays there.

use rehearsal::faults::{Fault, When};
use rehearsal::providers::{Simulator, State};
use serde_json::{Value, json};

use crate::stage::{LEDGER, Stage, mail};

/// A batch as SQS hands it over; each message is called by its place.
pub(super) fn batch(bodies: &[String]) -> Value {
    let record = |(n, body): (usize, &String)| {
        json!({"messageId": format!("m{n}"), "receiptHandle": "canary", "body": body, "attributes": {}, "messageAttributes": {},
               "eventSource": "aws:sqs", "eventSourceARN": "arn:aws:sqs:eu-west-1:123456789012:offboard", "awsRegion": "eu-west-1"})
    };
    json!({"Records": bodies.iter().enumerate().map(record).collect::<Vec<_>>()})
}

fn order(name: &str) -> String {
    json!({"email_addresses": [mail(name)], "_": {"by": "hr"}}).to_string()
}

pub(super) fn kept(answer: &Value) -> Vec<&str> {
    let failures = answer["batchItemFailures"].as_array().unwrap();
    failures
        .iter()
        .map(|failure| failure["itemIdentifier"].as_str().unwrap())
        .collect()
}

async fn world() -> Stage {
    let stage = Stage::with(&[("PROVIDERS", "bilanc,blackbird"), LEDGER]).await;
    for id in ["bilanc", "blackbird"] {
        stage.seed_all(id, ["ada", "bob", "cy"]);
    }
    stage
}

#[tokio::test]
async fn a_poisonous_message_does_not_touch_its_neighbours() {
    let stage = world().await;
    let offboard = stage.start("offboard").await;
    let bodies = [
        order("ada"),
        "not JSON".to_owned(),
        json!({"email_addresses": [mail("cy")], "colour": "red"}).to_string(),
        "[]".to_owned(),
        json!({"email_addresses": []}).to_string(),
        order("bob"),
    ];
    let answer = offboard.direct(&batch(&bodies)).await;
    assert_eq!(kept(&answer), ["m1", "m2", "m3", "m4"]);
    for id in ["bilanc", "blackbird"] {
        assert_ne!(stage.state(id, "ada"), Some(State::Active), "{id}");
        assert_ne!(stage.state(id, "bob"), Some(State::Active), "{id}");
        assert_eq!(stage.state(id, "cy"), Some(State::Active), "{id}");
    }
    // The history says on whose order.
    let list = stage.start("list").await;
    let history = list.ask("/?view=history").await.json();
    assert_eq!(history["history"][0]["by"], "hr");
}

#[tokio::test]
async fn an_order_is_kept_while_a_provider_is_down_and_finished_when_it_is_back_once() {
    let stage = world().await;
    let offboard = stage.start("offboard").await;
    stage.bilanc.faults().inject("*", "/", Fault::Status(503), When::Always);
    let messages = batch(&[order("ada")]);
    for _ in 0..2 {
        assert_eq!(kept(&offboard.direct(&messages).await), ["m0"]);
    }
    assert_ne!(
        stage.state("blackbird", "ada"),
        Some(State::Active),
        "the others are served at once"
    );
    assert_eq!(stage.state("bilanc", "ada"), Some(State::Active));
    stage.bilanc.faults().clear();
    stage.clear_calls();
    assert_eq!(kept(&offboard.direct(&messages).await), [""; 0]);
    assert_ne!(stage.state("bilanc", "ada"), Some(State::Active));
    assert_eq!(
        stage.writes().len(),
        1,
        "once, and nothing at Blackbird: {:?}",
        stage.writes()
    );
    // The network may hand a message over again.
    stage.clear_calls();
    assert_eq!(kept(&offboard.direct(&messages).await), [""; 0]);
    assert_eq!(stage.writes(), [""; 0]);
}

#[tokio::test]
async fn every_function_takes_a_batch_and_none_takes_another_source() {
    let stage = world().await;
    let onboard = stage.start("onboard").await;
    stage.seed("blackbird", "dan", State::Dormant);
    assert_eq!(kept(&onboard.direct(&batch(&[order("dan")])).await), [""; 0]);
    assert_eq!(stage.state("blackbird", "dan"), Some(State::Active));
    assert_eq!(kept(&onboard.direct(&batch(&[])).await), [""; 0]);
    let mut other = batch(&[order("ada")]);
    other["Records"][0]["eventSource"] = json!("aws:s3");
    assert_eq!(onboard.direct(&other).await["error"]["kind"], "BadRequest");
    let wrong = stage.start_with("onboard", &[("PROVIDERS", "nobody")]).await;
    assert_eq!(
        kept(&wrong.direct(&batch(&[order("ada")])).await),
        ["m0"],
        "an operator's mistake loses no order"
    );
}
