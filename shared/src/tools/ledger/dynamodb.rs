//! A ledger in a DynamoDB table: partition key `shelf`, sort key `key`, time to live `expires`.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use async_trait::async_trait;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::types::{
    AttributeValue, PutRequest, ReturnValuesOnConditionCheckFailure as OnFailure, WriteRequest,
};
use jiff::Timestamp;
use tokio::sync::OnceCell;

use super::{Ledger, Record, When, fresh_version};
use crate::error::{Error, ErrorKind, Result};
use crate::tools::aws::Aws;
use crate::tools::clock::Clock;

/// The most one `BatchWriteItem` takes.
const BATCH: usize = 25;

/// What a batch leaves over is sent again so often; the table was busy.
const ROUNDS: u32 = 6;

const CONDITION_FAILED: &str = "ConditionalCheckFailedException";

/// A ledger in a table.
#[derive(Debug)]
pub struct Table {
    aws: Aws,
    name: String,
    clock: Clock,
    client: OnceCell<Client>,
}

type Item = HashMap<String, AttributeValue>;

impl Table {
    /// The table `name`; no call is made.
    pub fn new(aws: Aws, name: String, clock: Clock) -> Self {
        let client = OnceCell::new();
        Self {
            aws,
            name,
            clock,
            client,
        }
    }

    async fn client(&self) -> Result<&Client> {
        let make = || async { Ok(Client::new(self.aws.config().await?)) };
        self.client.get_or_try_init(make).await
    }
}

#[async_trait]
impl Ledger for Table {
    async fn read(&self, shelf: &str, from: &str, to: &str) -> Result<Vec<Record>> {
        if from > to || to.is_empty() {
            return Ok(Vec::new()); // DynamoDB refuses a range turned round, and an empty key
        }
        let now = self.clock.now();
        let query = self.client().await?.query().table_name(&self.name).consistent_read(true);
        let query = query
            .expression_attribute_names("#shelf", "shelf")
            .expression_attribute_names("#key", "key")
            .expression_attribute_values(":shelf", text(shelf))
            .expression_attribute_values(":to", text(to));
        let query = match from {
            "" => query.key_condition_expression("#shelf = :shelf AND #key <= :to"),
            _ => query
                .key_condition_expression("#shelf = :shelf AND #key BETWEEN :from AND :to")
                .expression_attribute_values(":from", text(from)),
        };
        let mut pages = query.into_paginator().items().send();
        let mut records = Vec::new();
        while let Some(item) = pages.next().await {
            let item = item.map_err(|error| failed(&error, "cannot be read"))?;
            records.push(record(&item).ok_or_else(strange)?);
        }
        records.retain(|record| record.is_live(now)); // DynamoDB deletes what has expired within days
        Ok(records)
    }

    async fn write(&self, record: &Record, when: When) -> Result<Option<u64>> {
        let version = fresh_version();
        let put = self.client().await?.put_item().table_name(&self.name);
        let put = put.set_item(Some(item(record, version)));
        let put = match when {
            When::Always => put,
            When::Free => put
                .condition_expression("attribute_not_exists(#version) OR #expires <= :now")
                .expression_attribute_names("#version", "version")
                .expression_attribute_names("#expires", "expires")
                .expression_attribute_values(":now", number(self.clock.now().as_second())),
            When::Unchanged(version) => put
                .condition_expression("#version = :version AND (attribute_not_exists(#expires) OR #expires > :now)")
                .expression_attribute_names("#version", "version")
                .expression_attribute_names("#expires", "expires")
                .expression_attribute_values(":version", number(version))
                .expression_attribute_values(":now", number(self.clock.now().as_second())),
        };
        let put = put.return_values_on_condition_check_failure(OnFailure::AllOld);
        match put.send().await {
            Ok(_) => Ok(Some(version)),
            Err(error) if error.code() == Some(CONDITION_FAILED) => {
                // The SDK sends again what it got no answer to: what is there may be this very write.
                let there = error.as_service_error().and_then(|error| match error {
                    aws_sdk_dynamodb::operation::put_item::PutItemError::ConditionalCheckFailedException(e) => e.item(),
                    _ => None,
                });
                let ours = there == Some(&item(record, version));
                Ok(ours.then_some(version))
            }
            Err(error) => Err(failed(&error, "cannot be written")),
        }
    }

    async fn remove(&self, shelf: &str, key: &str, when: When) -> Result<()> {
        let delete = self.client().await?.delete_item().table_name(&self.name);
        let delete = delete.key("shelf", text(shelf)).key("key", text(key));
        let delete = match when {
            When::Always => delete,
            When::Free => return Ok(()),
            When::Unchanged(version) => delete
                .condition_expression("#version = :version")
                .expression_attribute_names("#version", "version")
                .expression_attribute_values(":version", number(version)),
        };
        match delete.send().await {
            Ok(_) => Ok(()),
            Err(error) if error.code() == Some(CONDITION_FAILED) => Ok(()),
            Err(error) => Err(failed(&error, "cannot be written")),
        }
    }

    async fn append(&self, records: &[Record]) -> Result<()> {
        let client = self.client().await?;
        // DynamoDB refuses a batch that names a key twice; the last one would stay.
        let keyed = records.iter().map(|record| ((&record.shelf, &record.key), record));
        let last: Vec<&Record> = keyed.collect::<BTreeMap<_, _>>().into_values().collect();
        for batch in last.chunks(BATCH) {
            let mut left = Vec::new();
            for record in batch {
                let put = PutRequest::builder()
                    .set_item(Some(item(record, fresh_version())))
                    .build();
                let put = put.map_err(|error| unwritable().because(error))?;
                left.push(WriteRequest::builder().put_request(put).build());
            }
            let mut round = 0;
            while !left.is_empty() {
                if round == ROUNDS {
                    return Err(unwritable());
                }
                if round > 0 {
                    tokio::time::sleep(Duration::from_millis(50 << round)).await;
                }
                round += 1;
                let sent = client.batch_write_item().request_items(&self.name, left).send().await;
                let answer = sent.map_err(|error| failed(&error, "cannot be written"))?;
                let mut unprocessed = answer.unprocessed_items.unwrap_or_default();
                left = unprocessed.remove(&self.name).unwrap_or_default();
            }
        }
        Ok(())
    }
}

fn text(text: &str) -> AttributeValue {
    AttributeValue::S(text.to_owned())
}

fn number(number: impl ToString) -> AttributeValue {
    AttributeValue::N(number.to_string())
}

fn item(record: &Record, version: u64) -> Item {
    let mut item = Item::from([
        ("shelf".to_owned(), text(&record.shelf)),
        ("key".to_owned(), text(&record.key)),
        ("text".to_owned(), text(&record.text)),
        ("version".to_owned(), number(version)),
    ]);
    if let Some(expires) = record.expires {
        item.insert("expires".to_owned(), number(expires.as_second()));
    }
    item
}

fn record(item: &Item) -> Option<Record> {
    let text = |name: &str| item.get(name)?.as_s().ok().cloned();
    let number = |value: &AttributeValue| value.as_n().ok()?.parse().ok();
    let expires = match item.get("expires") {
        Some(second) => Some(Timestamp::from_second(number(second)?).ok()?),
        None => None,
    };
    Some(Record {
        shelf: text("shelf")?,
        key: text("key")?,
        text: text("text")?,
        expires,
        version: item.get("version")?.as_n().ok()?.parse().ok()?,
    })
}

fn failed<E: ProvideErrorMetadata>(error: &SdkError<E>, what: &str) -> Error {
    let code = error.code().unwrap_or_default().to_owned();
    let refused = [
        "AccessDeniedException",
        "ResourceNotFoundException",
        "ValidationException",
    ]
    .contains(&&*code);
    let kind = match refused {
        true => ErrorKind::Misconfigured,
        false => ErrorKind::Unavailable,
    };
    Error::new(kind, format!("the ledger table {what}")).with("code", code)
}

fn unwritable() -> Error {
    Error::new(ErrorKind::Unavailable, "the ledger table cannot be written")
}

fn strange() -> Error {
    Error::new(ErrorKind::Protocol, "the ledger table holds what is no record")
}
