//! A queue of orders that are to be finished later: SQS by its JSON protocol
//! (<https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html>).

use serde_json::{Value, json};

use super::aws::{Aws, Endpoint};
use super::http::Http;
use crate::error::{Error, ErrorKind, Result};

/// The most a message may hold.
const MAX_MESSAGE: usize = 1_048_576;

/// Puts a message on the queue. One that is put there twice is worked twice, which changes nothing more.
pub async fn send(aws: &Aws, http: &Http, queue_url: &str, message: &Value) -> Result<()> {
    let message = message.to_string();
    if message.len() > MAX_MESSAGE {
        return Err(Error::new(ErrorKind::BadRequest, "the order is too large for a queue"));
    }
    let body = json!({"QueueUrl": queue_url, "MessageBody": message});
    let reply = aws
        .ask(http, "queue", Endpoint::Sqs, "AmazonSQS.SendMessage", &body)
        .await?;
    match reply.status() {
        400..=499 => {
            let message = "the queue refused an order: does the role allow SendMessage there?";
            Err(reply.error(ErrorKind::Misconfigured, message))
        }
        _ => reply.ok().map(drop),
    }
}
