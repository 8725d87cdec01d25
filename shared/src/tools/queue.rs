//! A queue of orders that are to be finished later: SQS by its JSON protocol
//! (<https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html>).

use reqwest::header::{HeaderName, HeaderValue};
use serde_json::{Value, json};

use super::aws::{Aws, Endpoint};
use super::http::{Api, Auth, Http, Repeat};
use crate::error::{Error, ErrorKind, Result};

/// The most a message may hold.
const MAX_MESSAGE: usize = 1_048_576;

const CONTENT_TYPE: &str = "application/x-amz-json-1.0";
const TARGET: HeaderName = HeaderName::from_static("x-amz-target");

/// Puts a message on the queue. One that is put there twice is worked twice, which changes nothing more.
pub async fn send(aws: &Aws, http: &Http, queue_url: &str, message: &Value) -> Result<()> {
    let message = message.to_string();
    if message.len() > MAX_MESSAGE {
        return Err(Error::new(ErrorKind::BadRequest, "the order is too large for a queue"));
    }
    let body = json!({"QueueUrl": queue_url, "MessageBody": message})
        .to_string()
        .into_bytes();
    let base = aws.base(Endpoint::Sqs)?;
    let mut headers = aws.authorise(Endpoint::Sqs, "POST", &base.join("/"), &body)?;
    headers.insert(TARGET, HeaderValue::from_static("AmazonSQS.SendMessage"));
    let api = Api::new(http, "queue", base, Auth::None);
    let call = api.post("/", Repeat::Safe).body(CONTENT_TYPE, body);
    let reply = call.headers(headers).send().await?;
    match reply.status() {
        400..=499 => {
            let message = "the queue refused an order: does the role allow SendMessage there?";
            Err(reply.error(ErrorKind::Misconfigured, message))
        }
        _ => reply.ok().map(drop),
    }
}
