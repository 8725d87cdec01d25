//! Moto's SQS understands what ours asks of one: an event is put on a queue made as the template says, and worked from there.
//!
//! So that our client and our simulator cannot agree with each other's mistakes.

use serde_json::{Value, json};
use shared::tools::aws::Endpoint;
use shared::tools::http::{Api, Auth, Repeat};

use super::{inactive, is_gone, queued, world};
use crate::scheduler::moto::tools;

#[expect(
    clippy::disallowed_methods,
    reason = "says where moto is, and is no setting of a function"
)]
fn variable(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| panic!("{name} is not set: see .ci/with_moto"))
}

/// What moto answers to a call of its queue.
async fn ask(target: &str, mut body: Value) -> Value {
    let (aws, http) = tools();
    body["QueueUrl"] = json!(variable("ROLLCALL_MOTO_QUEUE"));
    let body = body.to_string().into_bytes();
    let base = aws.base(Endpoint::Sqs).unwrap();
    let mut headers = aws.authorise(Endpoint::Sqs, "POST", &base.join("/"), &body).unwrap();
    headers.insert("x-amz-target", format!("AmazonSQS.{target}").parse().unwrap());
    let api = Api::new(&http, "moto", base, Auth::None);
    let call = api.post("/", Repeat::Safe).body("application/x-amz-json-1.0", body);
    call.headers(headers)
        .send()
        .await
        .unwrap()
        .ok()
        .unwrap()
        .json()
        .unwrap()
}

#[tokio::test]
#[ignore = "run by .ci/with_moto"]
async fn an_event_is_put_on_the_queue_and_worked_from_there() {
    let stage = world().await;
    let moto = [
        ("AWS_REGION", variable("AWS_REGION")),
        ("AWS_ENDPOINT_URL_SQS", variable("AWS_ENDPOINT_URL_SQS")),
        ("OFFBOARD_QUEUE_URL", variable("ROLLCALL_MOTO_QUEUE")),
    ];
    let moto: Vec<(&str, &str)> = moto.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let offboard = stage.start_with("offboard", &moto).await;
    assert_eq!(queued(&offboard.request(inactive("ada")).await), (202, json!("queued")));
    assert_eq!(stage.calls(), [""; 0]);
    let received = ask("ReceiveMessage", json!({"MaxNumberOfMessages": 10})).await;
    let messages = received["Messages"].as_array().unwrap();
    let record =
        |message: &Value| json!({"messageId": message["MessageId"], "body": message["Body"], "eventSource": "aws:sqs"});
    let records: Vec<Value> = messages.iter().map(record).collect();
    assert_eq!(records.len(), 1);
    let answer = offboard.direct(&json!({"Records": records})).await;
    assert_eq!(answer, json!({"batchItemFailures": []}));
    assert!(is_gone(&stage, "ada"));
    // A queue that is not there is an operator's mistake, and the event is worked all the same.
    let nowhere = format!("{}-nowhere", variable("ROLLCALL_MOTO_QUEUE"));
    let moto = [moto[0], moto[1], ("OFFBOARD_QUEUE_URL", &*nowhere)];
    let offboard = stage.start_with("offboard", &moto).await;
    assert_eq!(offboard.request(inactive("bob")).await.status, 200);
    assert!(is_gone(&stage, "bob"));
}
