//! SQS over the AWS JSON 1.0 protocol: `SendMessage`, and what Lambda's event source mapping does behind it.
//!
//! <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html>,
//! <https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html>. Time passes only when it is told to. Signatures
//! are looked at for their form only.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::sync::Notify;

use crate::checks::{self, forbidden};
use crate::host::{Function, Invocation};
use crate::secrets::signed;
use crate::server::{Answer, Refusal, Reply, Request, Server, Site, lock, watched};

/// The most a message may hold.
const LARGEST: usize = 1_048_576;

/// For so long a message that was handed over is not handed over again.
pub const VISIBILITY: Duration = Duration::from_secs(360);

/// A message that was handed over so often goes to the dead letters.
pub const MOST_RECEIVES: usize = 50;

/// A running SQS with its queues.
pub struct Queues {
    server: Server,
    desk: Arc<Desk>,
}

#[derive(Default)]
struct Desk {
    state: Mutex<State>,
    arrived: Notify,
}

#[derive(Default)]
struct State {
    now: Duration,
    sent: usize,
    queues: BTreeMap<String, Queue>,
}

#[derive(Default)]
struct Queue {
    waiting: Vec<Message>,
    dead: Vec<String>,
}

#[derive(Clone)]
struct Message {
    id: String,
    body: String,
    visible: Duration,
    receives: usize,
}

watched!(Queues);

impl Queues {
    /// Starts it with these queues, empty, on the current tokio runtime.
    pub async fn start(names: &[&str]) -> Self {
        let desk = Arc::new(Desk::default());
        for name in names {
            lock(&desk.state).queues.insert((*name).to_owned(), Queue::default());
        }
        let site: Arc<dyn Site> = Arc::clone(&desk) as Arc<dyn Site>;
        Self {
            server: Server::start(site).await,
            desk,
        }
    }

    /// Where it listens: the value of `AWS_ENDPOINT_URL_SQS`.
    pub fn url(&self) -> String {
        self.server.url().to_owned()
    }

    /// The address of a queue, as the template hands it to the functions.
    pub fn queue_url(name: &str) -> String {
        format!("https://sqs.eu-central-1.amazonaws.com/123456789012/{name}")
    }

    /// Puts a message on a queue, as somebody else who may.
    pub fn put(&self, name: &str, body: &str) {
        lock(&self.desk.state).put(name, body);
    }

    /// The bodies of all messages that are on a queue, oldest first, also those just handed over.
    pub fn waiting(&self, name: &str) -> Vec<Value> {
        let state = lock(&self.desk.state);
        let waiting = state.queues[name].waiting.iter();
        waiting
            .map(|message| serde_json::from_str(&message.body).unwrap_or_default())
            .collect()
    }

    /// The bodies of a queue's dead letters.
    pub fn dead(&self, name: &str) -> Vec<String> {
        lock(&self.desk.state).queues[name].dead.clone()
    }

    /// Returns when a message has arrived since the last time.
    pub async fn arrived(&self) {
        self.desk.arrived.notified().await;
    }

    /// Lets time pass.
    pub fn pass(&self, time: Duration) {
        lock(&self.desk.state).now += time;
    }

    /// Hands over what is to be seen on a queue, at most ten messages, as the event source mapping does: what the function
    /// returns as failed stays, everything stays when the invocation fails. How many messages were handed over.
    pub async fn deliver(&self, name: &str, function: &Function) -> usize {
        let batch = lock(&self.desk.state).receive(name);
        if batch.is_empty() {
            return 0;
        }
        let records: Vec<Value> = batch.iter().map(|message| message.record(name)).collect();
        let Invocation::Answered(answer) = function.invoke(&json!({ "Records": records })).await else {
            return batch.len();
        };
        // An answer that cannot be read, or names what was not handed over, fails the whole batch.
        let failures = answer["batchItemFailures"].as_array().map(|failures| {
            let id = |failure: &Value| failure["itemIdentifier"].as_str().map(str::to_owned);
            failures.iter().map(id).collect::<Option<Vec<_>>>()
        });
        let known = |ids: &Vec<String>| ids.iter().all(|id| batch.iter().any(|message| message.id == *id));
        if let Some(failures) = failures.flatten().filter(known) {
            let done = |message: &Message| {
                let handed = batch.iter().any(|one| one.id == message.id);
                handed && !failures.contains(&message.id)
            };
            if let Some(queue) = lock(&self.desk.state).queues.get_mut(name) {
                queue.waiting.retain(|message| !done(message));
            }
        }
        batch.len()
    }
}

impl State {
    fn put(&mut self, name: &str, body: &str) -> String {
        self.sent += 1;
        let id = format!("00000000-0000-4000-8000-{:012}", self.sent);
        let message = Message {
            id: id.clone(),
            body: body.to_owned(),
            visible: self.now,
            receives: 0,
        };
        let queue = self.queues.get_mut(name).expect("a queue of this name");
        queue.waiting.push(message);
        id
    }

    fn receive(&mut self, name: &str) -> Vec<Message> {
        let now = self.now;
        let queue = self.queues.get_mut(name).expect("a queue of this name");
        let (dead, alive): (Vec<Message>, Vec<Message>) = std::mem::take(&mut queue.waiting)
            .into_iter()
            .partition(|message| message.visible <= now && message.receives >= MOST_RECEIVES);
        queue.dead.extend(dead.into_iter().map(|message| message.body));
        queue.waiting = alive;
        let visible = queue.waiting.iter_mut().filter(|message| message.visible <= now);
        let mut batch = Vec::new();
        for message in visible.take(10) {
            message.visible = now + VISIBILITY;
            message.receives += 1;
            batch.push(message.clone());
        }
        batch
    }
}

impl Message {
    fn record(&self, queue: &str) -> Value {
        json!({
            "messageId": self.id, "receiptHandle": "canary", "body": self.body,
            "attributes": {"ApproximateReceiveCount": self.receives.to_string(), "SenderId": "AROA", "SentTimestamp": "1795000000000"},
            "messageAttributes": {}, "md5OfBody": "00000000000000000000000000000000", "eventSource": "aws:sqs",
            "eventSourceARN": format!("arn:aws:sqs:eu-central-1:123456789012:{queue}"), "awsRegion": "eu-central-1",
        })
    }
}

impl Site for Desk {
    fn answer(&self, request: &Request) -> Answer {
        if (request.method.as_str(), request.path.as_str()) != ("POST", "/") {
            return Err(checks::unknown_route(request));
        }
        signed(request, "sqs")?;
        if request.header("content-type") != Some("application/x-amz-json-1.0") {
            return Err(forbidden("content type is not application/x-amz-json-1.0"));
        }
        if request.header("x-amz-target") != Some("AmazonSQS.SendMessage") {
            return Err(forbidden("no such target here"));
        }
        let body: Value = serde_json::from_slice(&request.body).map_err(|_| forbidden("the body is not JSON"))?;
        let message = checks::members(&body, &["QueueUrl", "MessageBody"])?;
        let url = checks::required_text(&message, "QueueUrl")?;
        let text = checks::required_text(&message, "MessageBody")?;
        if text.len() > LARGEST {
            return Err(forbidden("the message is over 1 MiB"));
        }
        let mut state = lock(&self.state);
        let name = url.rsplit('/').next().unwrap_or_default();
        if !state.queues.contains_key(name) || Queues::queue_url(name) != url {
            let gone = json!({"__type": "com.amazonaws.sqs#QueueDoesNotExist", "message": "The specified queue does not exist."});
            return Err(Refusal::Plain(reply(400, &gone)));
        }
        let id = state.put(name, &text);
        self.arrived.notify_one();
        Ok(reply(
            200,
            &json!({"MessageId": id, "MD5OfMessageBody": "00000000000000000000000000000000"}),
        ))
    }

    fn error_body(&self, status: u16) -> Value {
        let kind = match status {
            400 => "RequestThrottled",
            403 => "AccessDeniedException",
            _ => "InternalError",
        };
        json!({"__type": format!("com.amazonaws.sqs#{kind}"), "message": format!("error {status}")})
    }
}

fn reply(status: u16, body: &Value) -> Reply {
    Reply::text(status, "application/x-amz-json-1.0", body.to_string())
}
