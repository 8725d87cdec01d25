//! DynamoDB over the AWS JSON 1.0 protocol: one table that is there already, and the four calls that keep records in it.
//!
//! From <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/>, read 2026-11. Signatures are looked at for their form
//! only, numbers are whole, attributes are text or numbers. What AWS refuses as invalid is answered as AWS does, and is a
//! violation too: no client is meant to send it. What this table cannot do at all is a violation and answered 501.
//!
//! Two things are as bad as AWS allows: a read that does not ask to be consistent never sees the last write, and what has
//! expired is never deleted.

mod condition;
mod expression;
mod item;
mod operations;
mod placeholders;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use crate::checks::{self, forbidden};
use crate::secrets::signed;
use crate::server::{Answer, Refusal, Reply, Request, Server, Site, lock, watched};

use item::{Item, Key};

/// The table's name; any other is not found.
pub const TABLE: &str = "rollcall-ledger";

/// The namespaces of `__type`.
const DYNAMODB: &str = "com.amazonaws.dynamodb.v20120810";
const SERVICE: &str = "com.amazon.coral.service";

/// A running DynamoDB with the one table in it: partition key `shelf`, sort key `key`, both text.
pub struct DynamoDb {
    server: Server,
    table: Arc<Table>,
}

#[derive(Default)]
struct Table(Mutex<Contents>);

#[derive(Default)]
struct Contents {
    items: BTreeMap<Key, Item>,
    /// What stood where the last write went.
    before: Option<(Key, Option<Item>)>,
    /// The most items of a page, where a test says so.
    page: Option<usize>,
    /// How many requests the next batch leaves over.
    unprocessed: usize,
    /// The operation that fails, and how often it works before.
    failing: Option<(String, usize)>,
    /// The operation this caller has no permission for.
    denied: Option<String>,
}

watched!(DynamoDb);

impl DynamoDb {
    /// Starts it, with an empty table, on the current tokio runtime.
    pub async fn start() -> Self {
        let table = Arc::new(Table::default());
        let site: Arc<dyn Site> = Arc::clone(&table) as Arc<dyn Site>;
        Self {
            server: Server::start(site).await,
            table,
        }
    }

    /// Where it listens: the value of `AWS_ENDPOINT_URL_DYNAMODB`.
    pub fn url(&self) -> String {
        self.server.url().to_owned()
    }

    /// Every item in the order of its keys, as plain JSON: `{"shelf": "s", "key": "k", "version": 1}`.
    pub fn items(&self) -> Vec<Value> {
        let contents = lock(&self.table.0);
        contents.items.values().map(item::plain).collect()
    }

    /// Puts an item of plain JSON there, in the place of an older one.
    pub fn put(&self, item: &Value) {
        let item = item::from_plain(item);
        let key = item::key_in(&item).expect("an item with both keys");
        lock(&self.table.0).items.insert(key, item);
    }

    /// Takes every item away.
    pub fn clear(&self) {
        let mut contents = lock(&self.table.0);
        contents.items.clear();
        contents.before = None;
    }

    /// Lets no page of a query have more items than this, whatever their size.
    pub fn pages_of(&self, items: usize) {
        lock(&self.table.0).page = Some(items);
    }

    /// Lets the next batch leave this many of its requests over; all of them is a throttled call, as AWS has it.
    pub fn leave_unprocessed(&self, requests: usize) {
        lock(&self.table.0).unprocessed = requests;
    }

    /// Lets an operation fail with a 500 every time, once it was called so often more; [`recover`](Self::recover) ends it.
    ///
    /// Faults are aimed at paths, and every operation has the same.
    pub fn fail_after(&self, operation: &str, calls: usize) {
        lock(&self.table.0).failing = Some((operation.to_owned(), calls));
    }

    /// Denies an operation (`*`: any), as AWS does where a policy lacks it: a 400.
    pub fn deny(&self, operation: &str) {
        lock(&self.table.0).denied = Some(operation.to_owned());
    }

    /// Lets every operation work again.
    pub fn recover(&self) {
        let mut contents = lock(&self.table.0);
        (contents.failing, contents.denied) = (None, None);
    }
}

impl Site for Table {
    fn answer(&self, request: &Request) -> Answer {
        if (request.method.as_str(), request.path.as_str()) != ("POST", "/") {
            return Err(checks::unknown_route(request));
        }
        signed(request, "dynamodb").map_err(|_| {
            let kind = format!("{SERVICE}#MissingAuthenticationTokenException");
            Refusal::Plain(error(400, &kind, "Request is missing Authentication Token"))
        })?;
        if request.header("content-type") != Some("application/x-amz-json-1.0") {
            return Err(forbidden("content type is not application/x-amz-json-1.0"));
        }
        let body: Value = serde_json::from_slice(&request.body).map_err(|_| malformed("the body is not JSON"))?;
        let target = request.header("x-amz-target").unwrap_or_default();
        let operation = target.strip_prefix("DynamoDB_20120810.").unwrap_or_default();
        let mut contents = lock(&self.0);
        if contents.fails(operation) {
            let kind = format!("{DYNAMODB}#InternalServerError");
            return Err(Refusal::Plain(error(500, &kind, "this operation fails")));
        }
        if contents
            .denied
            .as_deref()
            .is_some_and(|denied| denied == "*" || denied == operation)
        {
            let kind = format!("{SERVICE}#AccessDeniedException");
            return Err(Refusal::Plain(error(400, &kind, "not authorized to perform this")));
        }
        match operation {
            "Query" => contents.query(&body),
            "PutItem" => contents.put(&body),
            "DeleteItem" => contents.delete(&body),
            "BatchWriteItem" => contents.batch(&body),
            _ => Err(forbidden(format!("no such target here: {target:?}"))),
        }
    }

    /// DynamoDB denies access with a 400 as well; here a 400 is its throttling, and clients go by the `__type`.
    fn error_body(&self, status: u16) -> Value {
        let kind = match status {
            400 => "com.amazon.coral.availability#ThrottlingException".to_owned(),
            403 => format!("{SERVICE}#AccessDeniedException"),
            503 => "com.amazon.coral.availability#ServiceUnavailableException".to_owned(),
            _ => format!("{DYNAMODB}#InternalServerError"),
        };
        json!({ "__type": kind, "message": format!("error {status}") })
    }
}

impl Contents {
    fn fails(&mut self, operation: &str) -> bool {
        match &mut self.failing {
            Some((failing, 0)) => failing == operation,
            Some((failing, calls)) if failing == operation => {
                *calls -= 1;
                false
            }
            _ => false,
        }
    }
}

/// What AWS refuses as invalid.
fn invalid(message: impl Into<String>) -> Refusal {
    let message = message.into();
    let reply = error(400, "com.amazon.coral.validate#ValidationException", &message);
    Refusal::Recorded(message, reply)
}

/// What AWS cannot read.
fn malformed(message: &str) -> Refusal {
    let reply = error(400, &format!("{SERVICE}#SerializationException"), message);
    Refusal::Recorded(message.to_owned(), reply)
}

/// An ordinary no.
fn no(kind: &str, message: &str) -> Refusal {
    Refusal::Plain(error(400, &format!("{DYNAMODB}#{kind}"), message))
}

fn error(status: u16, kind: &str, message: &str) -> Reply {
    reply(status, &json!({ "__type": kind, "message": message }))
}

fn reply(status: u16, body: &Value) -> Reply {
    Reply::text(status, "application/x-amz-json-1.0", body.to_string())
}
