//! A ledger in a DynamoDB table: partition key `shelf`, sort key `key`, both text, time to live `expires`
//! (<https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/>, read 2026-11).

mod item;

use std::collections::BTreeMap;
use std::time::Duration;

use async_trait::async_trait;
use serde::Deserialize;
use serde::de::{DeserializeOwned, IgnoredAny};
use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::{Ledger, Record, When, fresh_version};
use crate::error::{Error, ErrorKind, Result};
use crate::tools::aws::{Aws, Endpoint};
use crate::tools::clock::{Clock, Deadline};
use crate::tools::http::{Http, Reply};
use crate::tools::json;

use item::{Item, Number};

/// The most one `BatchWriteItem` takes.
const BATCH: usize = 25;

/// What a batch leaves over is sent again so often; the table was busy.
const ROUNDS: u32 = 6;

/// A ledger in a table.
pub struct Table {
    aws: Aws,
    http: Http,
    name: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Queried {
    items: Vec<Box<RawValue>>,
    last_evaluated_key: Option<Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Batched {
    #[serde(default)]
    unprocessed_items: BTreeMap<String, Vec<Value>>,
}

#[derive(Deserialize)]
struct Refused {
    /// The code, behind a namespace.
    #[serde(rename = "__type")]
    kind: String,
    /// What is there instead.
    #[serde(rename = "Item")]
    item: Option<Item>,
}

/// How a write with a condition ended.
enum Written {
    Done,
    /// The condition does not hold; this is there, if anything.
    Refused(Option<Item>),
}

impl Table {
    /// The table `name`; no call is made.
    pub fn new(aws: Aws, http: Http, name: String) -> Self {
        Self { aws, http, name }
    }

    fn clock(&self) -> Clock {
        self.http.clock()
    }

    /// One call. All of them end in the same state however often they are sent: writes carry versions.
    async fn call(&self, target: &'static str, body: &Value) -> Result<Reply> {
        let http = self.http.until(Deadline::after(self.http.limits().call_timeout * 2));
        self.aws.ask(&http, "ledger", Endpoint::DynamoDb, target, body).await
    }

    async fn write_if(&self, target: &'static str, body: &Value) -> Result<Written> {
        let reply = self.call(target, body).await?;
        if answer::<IgnoredAny>(&reply).is_some() {
            return Ok(Written::Done);
        }
        match reply.try_json::<Refused>() {
            Some(refused) if refused.kind.ends_with("ConditionalCheckFailedException") => {
                Ok(Written::Refused(refused.item))
            }
            _ => Err(failed(&reply, "cannot be written")),
        }
    }
}

#[async_trait]
impl Ledger for Table {
    async fn read(&self, shelf: &str, from: &str, to: &str) -> Result<Vec<Record>> {
        if from > to || to.is_empty() {
            return Ok(Vec::new()); // DynamoDB refuses a range turned round, and an empty key
        }
        let now = self.clock().now();
        let (condition, values) = match from {
            "" => (
                "#shelf = :shelf AND #key <= :to",
                json!({":shelf": {"S": shelf}, ":to": {"S": to}}),
            ),
            _ => (
                "#shelf = :shelf AND #key BETWEEN :from AND :to",
                json!({":shelf": {"S": shelf}, ":from": {"S": from}, ":to": {"S": to}}),
            ),
        };
        let mut query = json!({
            "TableName": self.name,
            "ConsistentRead": true,
            "KeyConditionExpression": condition,
            "ExpressionAttributeNames": {"#shelf": "shelf", "#key": "key"},
            "ExpressionAttributeValues": values,
        });
        let mut records = Vec::new();
        loop {
            let reply = self.call("DynamoDB_20120810.Query", &query).await?;
            let page: Queried = answer(&reply).ok_or_else(|| failed(&reply, "cannot be read"))?;
            for item in page.items {
                let item: Option<Item> = json::decode(item.get().as_bytes()).ok();
                records.push(item.and_then(Item::record).ok_or_else(strange)?);
            }
            match page.last_evaluated_key {
                Some(key) => put(&mut query, "ExclusiveStartKey", key),
                None => break,
            }
        }
        records.retain(|record| record.is_live(now)); // DynamoDB deletes what has expired within days
        Ok(records)
    }

    async fn write(&self, record: &Record, when: When) -> Result<Option<u64>> {
        let version = fresh_version();
        let ours = Item::of(record, version);
        let now = Number::of(self.clock().now().as_second());
        let mut body = json!({
            "TableName": self.name,
            "Item": ours,
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        });
        match when {
            When::Always => {}
            When::Free => {
                let condition = "attribute_not_exists(#version) OR #expires <= :now";
                expect(&mut body, condition, &["version", "expires"], json!({":now": now}));
            }
            When::Unchanged(version) => {
                let condition = "#version = :version AND (attribute_not_exists(#expires) OR #expires > :now)";
                let values = json!({":version": Number::of(version), ":now": now});
                expect(&mut body, condition, &["version", "expires"], values);
            }
        }
        match self.write_if("DynamoDB_20120810.PutItem", &body).await? {
            Written::Done => Ok(Some(version)),
            // A call is sent again when it got no answer: what is there may be this very write.
            Written::Refused(there) => Ok((there.as_ref() == Some(&ours)).then_some(version)),
        }
    }

    async fn remove(&self, shelf: &str, key: &str, when: When) -> Result<()> {
        let mut body = json!({"TableName": self.name, "Key": {"shelf": {"S": shelf}, "key": {"S": key}}});
        match when {
            When::Always => {}
            When::Free => return Ok(()),
            When::Unchanged(version) => {
                let values = json!({":version": Number::of(version)});
                expect(&mut body, "#version = :version", &["version"], values);
            }
        }
        self.write_if("DynamoDB_20120810.DeleteItem", &body).await.map(drop)
    }

    async fn append(&self, records: &[Record]) -> Result<()> {
        // DynamoDB refuses a batch that names a key twice; the last one would stay.
        let keyed = records.iter().map(|record| ((&record.shelf, &record.key), record));
        let last: Vec<&Record> = keyed.collect::<BTreeMap<_, _>>().into_values().collect();
        for batch in last.chunks(BATCH) {
            let puts = batch.iter().map(|record| Item::of(record, fresh_version()));
            let mut left: Vec<Value> = puts.map(|item| json!({"PutRequest": {"Item": item}})).collect();
            let mut round = 0;
            while !left.is_empty() {
                if round == ROUNDS {
                    return Err(unwritable());
                }
                if round > 0 {
                    tokio::time::sleep(Duration::from_millis(50 << round)).await;
                }
                round += 1;
                let body = json!({"RequestItems": {self.name.as_str(): left}});
                let reply = self.call("DynamoDB_20120810.BatchWriteItem", &body).await?;
                let mut batched: Batched = answer(&reply).ok_or_else(|| failed(&reply, "cannot be written"))?;
                left = batched.unprocessed_items.remove(&self.name).unwrap_or_default();
            }
        }
        Ok(())
    }
}

/// What a call came to, if it was worked.
fn answer<T: DeserializeOwned>(reply: &Reply) -> Option<T> {
    reply.try_json().filter(|_| reply.status() == 200)
}

fn put(body: &mut Value, name: &str, value: Value) {
    if let Some(body) = body.as_object_mut() {
        body.insert(name.to_owned(), value);
    }
}

/// Makes a write depend on what is there; `#name` stands for each attribute of `names`.
fn expect(body: &mut Value, condition: &str, names: &[&str], values: Value) {
    put(body, "ConditionExpression", json!(condition));
    let names = names.iter().map(|name| (format!("#{name}"), json!(name)));
    put(body, "ExpressionAttributeNames", Value::Object(names.collect()));
    put(body, "ExpressionAttributeValues", values);
}

fn failed(reply: &Reply, what: &str) -> Error {
    let code = reply.try_json::<Refused>().map(|refused| refused.kind);
    let code = code
        .as_deref()
        .and_then(|kind| kind.rsplit('#').next())
        .unwrap_or_default();
    let kind = match code {
        "AccessDeniedException" | "ResourceNotFoundException" | "ValidationException" => ErrorKind::Misconfigured,
        _ => ErrorKind::Unavailable,
    };
    reply
        .error(kind, &format!("the ledger table {what}"))
        .with("code", code)
}

fn unwritable() -> Error {
    Error::new(ErrorKind::Unavailable, "the ledger table cannot be written")
}

fn strange() -> Error {
    Error::new(ErrorKind::Protocol, "the ledger table holds what is no record")
}
