//! The four calls.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::condition::Condition;
use super::item::{self, Item, Key};
use super::{Contents, TABLE, expression, invalid, malformed, no, reply};
use crate::checks::{self, Object, forbidden};
use crate::server::{Answer, Refusal};

/// "A single Query operation can retrieve a maximum of 1 MB of data" (API reference of Query).
const PAGE_BYTES: usize = 1024 * 1024;

/// The most requests of a batch (API reference of BatchWriteItem).
const BATCH: usize = 25;

/// The members of a request with an expression, after its own.
const EXPRESSION: [&str; 3] = ["TableName", "ExpressionAttributeNames", "ExpressionAttributeValues"];

enum Write {
    Put(Key, Item),
    Delete(Key),
}

impl Write {
    fn key(&self) -> &Key {
        match self {
            Self::Put(key, _) | Self::Delete(key) => key,
        }
    }
}

impl Contents {
    pub(super) fn query(&mut self, body: &Value) -> Answer {
        let own = [
            "KeyConditionExpression",
            "ConsistentRead",
            "ExclusiveStartKey",
            "Limit",
            "ScanIndexForward",
        ];
        let fields = members(body, &own)?;
        let Some(condition) = expression::read(&fields, "KeyConditionExpression")? else {
            return Err(invalid(
                "Either the KeyConditions or KeyConditionExpression parameter must be specified in the request.",
            ));
        };
        condition.check_for_query()?;
        let limit = match fields
            .get("Limit")
            .map(|limit| limit.as_u64().and_then(|n| usize::try_from(n).ok()))
        {
            None => None,
            Some(Some(limit)) if limit > 0 => Some(limit),
            Some(_) => return Err(invalid("Limit must have value greater than or equal to 1")),
        };
        let start = start(&fields, &condition)?;
        self.is_here(&fields)?;

        let consistent = checks::boolean(&fields, "ConsistentRead")?.unwrap_or_default();
        let seen = if consistent { self.items.clone() } else { self.stale() };
        let mut wanted: Vec<(Key, Item)> = seen.into_iter().filter(|(_, item)| condition.holds(item)).collect();
        let backwards = checks::boolean(&fields, "ScanIndexForward")? == Some(false);
        if backwards {
            wanted.reverse();
        }
        if let Some(start) = start {
            wanted.retain(|(key, _)| if backwards { *key < start } else { *key > start });
        }
        let most = limit.into_iter().chain(self.page).min();
        Ok(page(&wanted, most))
    }

    pub(super) fn put(&mut self, body: &Value) -> Answer {
        let fields = members(
            body,
            &["Item", "ConditionExpression", "ReturnValuesOnConditionCheckFailure"],
        )?;
        let (key, item) = item::stored(fields.get("Item"))?;
        self.write_if(&fields, Write::Put(key, item))
    }

    pub(super) fn delete(&mut self, body: &Value) -> Answer {
        let fields = members(
            body,
            &["Key", "ConditionExpression", "ReturnValuesOnConditionCheckFailure"],
        )?;
        let key = item::key(fields.get("Key"), "Key")?;
        self.write_if(&fields, Write::Delete(key))
    }

    pub(super) fn batch(&mut self, body: &Value) -> Answer {
        let fields = checks::members(body, &["RequestItems"])?;
        let tables = fields.get("RequestItems").and_then(Value::as_object);
        let tables = tables.ok_or_else(|| malformed("RequestItems is not a map"))?;
        let (Some((table, requests)), 1) = (tables.iter().next(), tables.len()) else {
            return Err(forbidden("a batch for several tables or none is not simulated"));
        };
        let requests = requests
            .as_array()
            .ok_or_else(|| malformed("the requests are not a list"))?;
        if requests.is_empty() || requests.len() > BATCH {
            return Err(invalid("Too many or no items requested for the BatchWriteItem call"));
        }
        let writes: Vec<Write> = requests.iter().map(write_request).collect::<Result<_, _>>()?;
        check_table(table)?;
        let keys: BTreeSet<&Key> = writes.iter().map(Write::key).collect();
        if keys.len() < writes.len() {
            return Err(invalid("Provided list of item keys contains duplicates"));
        }
        let left = std::mem::take(&mut self.unprocessed).min(writes.len());
        let done = writes.len() - left;
        if done == 0 {
            let message = "The level of configured provisioned throughput for the table was exceeded";
            return Err(no("ProvisionedThroughputExceededException", message));
        }
        for write in writes.into_iter().take(done) {
            self.write(write);
        }
        let mut unprocessed = Object::new();
        if left > 0 {
            unprocessed.insert(table.clone(), json!(requests[done..]));
        }
        Ok(reply(200, &json!({ "UnprocessedItems": unprocessed })))
    }

    /// Writes while the request's condition holds for what is there.
    fn write_if(&mut self, fields: &Object, write: Write) -> Answer {
        let shows_old = match checks::text(fields, "ReturnValuesOnConditionCheckFailure")?.as_deref() {
            None | Some("NONE") => false,
            Some("ALL_OLD") => true,
            Some(_) => {
                return Err(invalid(
                    "ReturnValuesOnConditionCheckFailure can only be ALL_OLD or NONE",
                ));
            }
        };
        let condition = expression::read(fields, "ConditionExpression")?;
        self.is_here(fields)?;
        let old = self.items.get(write.key());
        let nothing = Item::new();
        if condition.is_some_and(|condition| !condition.holds(old.unwrap_or(&nothing))) {
            let mut refused = json!({
                "__type": format!("{}#ConditionalCheckFailedException", super::DYNAMODB),
                "message": "The conditional request failed",
            });
            if let Some(old) = old.filter(|_| shows_old) {
                refused["Item"] = item::wire(old);
            }
            return Err(Refusal::Plain(reply(400, &refused)));
        }
        self.write(write);
        Ok(reply(200, &json!({})))
    }

    fn write(&mut self, write: Write) {
        let key = write.key().clone();
        let old = match write {
            Write::Put(key, item) => self.items.insert(key, item),
            Write::Delete(key) => self.items.remove(&key),
        };
        self.before = Some((key, old));
    }

    fn is_here(&self, fields: &Object) -> Result<(), Refusal> {
        check_table(&checks::required_text(fields, "TableName")?)
    }

    /// What a read that does not ask for more may be shown: everything but the last write.
    fn stale(&self) -> BTreeMap<Key, Item> {
        let mut items = self.items.clone();
        match &self.before {
            Some((key, Some(old))) => items.insert(key.clone(), old.clone()),
            Some((key, None)) => items.remove(key),
            None => None,
        };
        items
    }
}

/// The request's members: its own, and those that come with an expression.
fn members(body: &Value, own: &[&str]) -> Result<Object, Refusal> {
    checks::members(body, &[own, &EXPRESSION].concat())
}

fn check_table(name: &str) -> Result<(), Refusal> {
    if name == TABLE {
        return Ok(());
    }
    Err(no("ResourceNotFoundException", "Requested resource not found"))
}

/// Where a query goes on; a key that it could have ended at.
fn start(fields: &Object, condition: &Condition) -> Result<Option<Key>, Refusal> {
    let member = "ExclusiveStartKey";
    let Some(wire) = fields.get(member) else {
        return Ok(None);
    };
    let key = item::key(Some(wire), member)?;
    match condition.holds(&item::attributes(Some(wire), member)?) {
        true => Ok(Some(key)),
        false => Err(invalid(
            "The provided starting key is outside query boundaries based on provided conditions",
        )),
    }
}

fn write_request(request: &Value) -> Result<Write, Refusal> {
    let request = checks::members(request, &["PutRequest", "DeleteRequest"])?;
    match (request.get("PutRequest"), request.get("DeleteRequest")) {
        (Some(put), None) => {
            let (key, item) = item::stored(checks::members(put, &["Item"])?.get("Item"))?;
            Ok(Write::Put(key, item))
        }
        (None, Some(delete)) => {
            let key = item::key(checks::members(delete, &["Key"])?.get("Key"), "Key")?;
            Ok(Write::Delete(key))
        }
        _ => Err(invalid(
            "a write request holds exactly one of PutRequest and DeleteRequest",
        )),
    }
}

/// One page of a query. A page that is full by number names where to go on even when nothing follows, as AWS does.
fn page(wanted: &[(Key, Item)], most: Option<usize>) -> crate::server::Reply {
    let (mut count, mut bytes) = (0, 0);
    for (_, item) in wanted {
        bytes += item::size(item);
        if most == Some(count) || (count > 0 && bytes > PAGE_BYTES) {
            break;
        }
        count += 1;
    }
    let items: Vec<Value> = wanted[..count].iter().map(|(_, item)| item::wire(item)).collect();
    let mut answer = json!({ "Items": items, "Count": count, "ScannedCount": count });
    if most == Some(count) || count < wanted.len() {
        let ((shelf, key), _) = &wanted[count - 1];
        answer["LastEvaluatedKey"] = json!({ item::PARTITION: { "S": shelf }, item::SORT: { "S": key } });
    }
    reply(200, &answer)
}
