//! DynamoDB: what each call does. What it refuses is in `refusals` and `expressions`.

mod expressions;
mod refusals;

use rehearsal::dynamodb::{DynamoDb, TABLE};
use serde_json::{Value, json};

use crate::client::{Got, send};
use crate::services::signature;

async fn ask(db: &DynamoDb, operation: &str, body: &Value) -> Got {
    let mut headers = signature("dynamodb");
    headers.push("content-type: application/x-amz-json-1.0".to_owned());
    headers.push(format!("x-amz-target: DynamoDB_20120810.{operation}"));
    send(&db.url(), "POST", "/", &headers, &body.to_string()).await.unwrap()
}

/// The request with these members added.
fn with(mut request: Value, more: Value) -> Value {
    let more = more.as_object().unwrap().clone();
    request.as_object_mut().unwrap().extend(more);
    request
}

/// A query for the shelf `s`, where this holds too.
fn query(and: &str, values: Value) -> Value {
    let mut names = json!({ "#s": "shelf" });
    if and.contains("#k") {
        names["#k"] = json!("key");
    }
    json!({
        "TableName": TABLE, "ConsistentRead": true, "KeyConditionExpression": format!("#s = :s{and}"),
        "ExpressionAttributeNames": names, "ExpressionAttributeValues": with(json!({ ":s": { "S": "s" } }), values),
    })
}

fn put(key: &str, condition: &str, names: Value, values: Value) -> Value {
    let item = json!({ "shelf": { "S": "s" }, "key": { "S": key }, "version": { "N": "8" } });
    let mut request = json!({ "TableName": TABLE, "Item": item });
    if !condition.is_empty() {
        request["ConditionExpression"] = json!(condition);
    }
    for (member, given) in [
        ("ExpressionAttributeNames", names),
        ("ExpressionAttributeValues", values),
    ] {
        if given != json!({}) {
            request[member] = given;
        }
    }
    request
}

/// The keys of a page.
fn keys(page: &Value) -> Vec<&str> {
    let items = page["Items"].as_array().unwrap();
    items.iter().map(|item| item["key"]["S"].as_str().unwrap()).collect()
}

/// A table with these keys on the shelf `s`, and one item on each side of it.
async fn filled(keys: &[&str]) -> DynamoDb {
    let db = DynamoDb::start().await;
    for key in keys {
        db.put(&json!({ "shelf": "s", "key": key, "text": "t", "version": 7, "expires": 1 }));
    }
    db.put(&json!({ "shelf": "r", "key": "b" }));
    db.put(&json!({ "shelf": "s2", "key": "b" }));
    db
}

#[tokio::test]
async fn a_query_finds_one_shelf_by_every_condition() {
    let db = filled(&["a", "ab", "b", "Z", "ä"]).await;
    let text = |name: &str, text: &str| json!({ name: { "S": text } });
    let between = with(text(":from", "a"), text(":to", "b"));
    for (and, values, expected) in [
        ("", json!({}), vec!["Z", "a", "ab", "b", "ä"]),
        (" AND #k = :k", text(":k", "a"), vec!["a"]),
        (" and (#k < :k)", text(":k", "ab"), vec!["Z", "a"]),
        (" AND #k <= :k", text(":k", "ab"), vec!["Z", "a", "ab"]),
        (" AND #k>:k", text(":k", "ab"), vec!["b", "ä"]),
        (" AND #k >= :k", text(":k", "ab"), vec!["ab", "b", "ä"]),
        (" AND #k BETWEEN :from AND :to", between, vec!["a", "ab", "b"]),
        (" AND begins_with(#k, :k)", text(":k", "a"), vec!["a", "ab"]),
        (" AND #k = :k", text(":k", "nothing"), vec![]),
    ] {
        let got = ask(&db, "Query", &query(and, values)).await.json();
        assert_eq!(keys(&got), expected, "{and}");
        assert!(got["Count"] == expected.len() && got.get("LastEvaluatedKey").is_none());
    }
    // What has expired long ago is there until somebody deletes it.
    let item = json!({
        "shelf": { "S": "s" }, "key": { "S": "a" }, "text": { "S": "t" }, "version": { "N": "7" }, "expires": { "N": "1" },
    });
    let got = ask(&db, "Query", &query(" AND #k = :k", text(":k", "a"))).await.json();
    assert_eq!(got["Items"], json!([item]));
    assert_eq!(db.violations(), [""; 0]);
}

#[tokio::test]
async fn pages_end_by_number_and_by_size() {
    let db = filled(&["a", "b", "c", "d"]).await;
    let from = |key: &str| json!({ "ExclusiveStartKey": { "shelf": { "S": "s" }, "key": { "S": key } } });
    db.pages_of(2);
    let page = |more: Value| {
        let (db, request) = (&db, with(query("", json!({})), more));
        async move { ask(db, "Query", &request).await.json() }
    };
    let first = page(json!({})).await;
    assert_eq!(
        (keys(&first), &first["LastEvaluatedKey"]),
        (vec!["a", "b"], &from("b")["ExclusiveStartKey"])
    );
    let second = page(from("b")).await;
    assert_eq!(
        (keys(&second), &second["LastEvaluatedKey"]["key"]["S"]),
        (vec!["c", "d"], &json!("d"))
    );
    let last = page(from("d")).await;
    assert!(keys(&last).is_empty() && last.get("LastEvaluatedKey").is_none());
    // A key that is gone is as good a place to go on from.
    assert_eq!(keys(&page(from("bb")).await), ["c", "d"]);
    let backwards = page(with(from("c"), json!({ "ScanIndexForward": false, "Limit": 1 }))).await;
    assert_eq!(keys(&backwards), ["b"]);

    let db = DynamoDb::start().await;
    for key in ["a", "b", "c", "d"] {
        db.put(&json!({ "shelf": "s", "key": key, "text": "x".repeat(300 * 1024) }));
    }
    let first = ask(&db, "Query", &query("", json!({}))).await.json();
    assert_eq!(
        (keys(&first), &first["LastEvaluatedKey"]["key"]["S"]),
        (vec!["a", "b", "c"], &json!("c"))
    );
    let second = ask(&db, "Query", &with(query("", json!({})), from("c"))).await.json();
    assert!(keys(&second) == ["d"] && second.get("LastEvaluatedKey").is_none());
}

#[tokio::test]
async fn only_a_consistent_read_sees_the_last_write() {
    let db = filled(&["a"]).await;
    let eventually = with(query("", json!({})), json!({ "ConsistentRead": false }));
    ask(&db, "PutItem", &put("b", "", json!({}), json!({}))).await;
    assert_eq!(keys(&ask(&db, "Query", &eventually).await.json()), ["a"]);
    assert_eq!(keys(&ask(&db, "Query", &query("", json!({}))).await.json()), ["a", "b"]);
    let gone = json!({ "TableName": TABLE, "Key": { "shelf": { "S": "s" }, "key": { "S": "a" } } });
    assert_eq!(ask(&db, "DeleteItem", &gone).await.json(), json!({}));
    assert_eq!(keys(&ask(&db, "Query", &eventually).await.json()), ["a", "b"]);
    assert_eq!(keys(&ask(&db, "Query", &query("", json!({}))).await.json()), ["b"]);
}

#[tokio::test]
async fn a_write_happens_while_its_condition_holds() {
    let (v, e) = (json!({ "#v": "version" }), json!({ "#e": "expires" }));
    let both = json!({ "#v": "version", "#e": "expires" });
    let number = |name: &str, number: i64| json!({ name: { "N": number.to_string() } });
    // Of the item with version 7 that expired at 1, and of no item.
    for (condition, names, values, of_old, of_none) in [
        ("attribute_not_exists(#v)", &v, json!({}), false, true),
        ("attribute_exists(shelf)", &json!({}), json!({}), true, false),
        ("#v = :v", &v, number(":v", 7), true, false),
        ("#v = :v", &v, number(":v", 6), false, false),
        ("#v = :v", &v, json!({ ":v": { "S": "7" } }), false, false),
        ("#v <> :v", &v, number(":v", 7), false, true),
        ("#v < :v", &v, number(":v", 8), true, false),
        ("#v < :v", &v, number(":v", 10), true, false),
        ("#v <= :v", &v, number(":v", 7), true, false),
        ("#v > :v", &v, number(":v", 7), false, false),
        (":v >= #v", &v, number(":v", 7), true, false),
        (
            "attribute_not_exists(#v) OR #e <= :n",
            &both,
            number(":n", 1),
            true,
            true,
        ),
        (
            "attribute_not_exists(#v) or #e < :n",
            &both,
            number(":n", 1),
            false,
            true,
        ),
        (
            "attribute_exists(#v) AND attribute_exists(#e)",
            &both,
            json!({}),
            true,
            false,
        ),
        // AND binds closer than OR: the brackets turn the answer.
        ("#v = :v OR #v = :v AND #e = :v", &both, number(":v", 7), true, false),
        ("(#v = :v OR #v = :v) AND #e = :v", &both, number(":v", 7), false, false),
        ("#e BETWEEN :n AND :n", &e, number(":n", 1), true, false),
    ] {
        let db = filled(&["old"]).await;
        for (key, holds) in [("old", of_old), ("none", of_none)] {
            let got = ask(&db, "PutItem", &put(key, condition, names.clone(), values.clone())).await;
            assert_eq!(
                got.status,
                if holds { 200 } else { 400 },
                "{condition} of {key}: {:?}",
                got.json()
            );
            let written = db.items().iter().any(|item| item["key"] == key && item["version"] == 8);
            assert_eq!(written, holds, "{condition} of {key}");
        }
        assert_eq!(db.violations(), [""; 0]);
    }
}

#[tokio::test]
async fn a_refused_write_shows_what_is_there_to_whoever_asks() {
    let db = filled(&["a"]).await;
    let refused = put("a", "attribute_not_exists(version)", json!({}), json!({}));
    let kind = "com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException";
    let got = ask(&db, "PutItem", &refused).await;
    assert_eq!((got.status, &got.json()["__type"]), (400, &json!(kind)));
    assert!(got.json().get("Item").is_none());
    let all_old = json!({ "ReturnValuesOnConditionCheckFailure": "ALL_OLD" });
    let got = ask(&db, "PutItem", &with(refused, all_old.clone())).await.json();
    assert!(got["Item"]["version"]["N"] == "7" && got["Item"]["text"]["S"] == "t");
    let nobody = put("b", "attribute_exists(version)", json!({}), json!({}));
    let got = ask(&db, "PutItem", &with(nobody, all_old)).await.json();
    assert!(got["__type"] == kind && got.get("Item").is_none());

    let delete = json!({
        "TableName": TABLE, "Key": { "shelf": { "S": "s" }, "key": { "S": "a" } }, "ConditionExpression": "version = :v",
        "ExpressionAttributeValues": { ":v": { "N": "6" } },
    });
    assert_eq!(ask(&db, "DeleteItem", &delete).await.json()["__type"], kind);
    assert_eq!(db.items().len(), 3);
    let right = with(delete, json!({ "ExpressionAttributeValues": { ":v": { "N": "07" } } }));
    assert_eq!(ask(&db, "DeleteItem", &right).await.status, 200);
    assert_eq!(db.items().len(), 2);
    assert_eq!(db.violations(), [""; 0]);
}

#[tokio::test]
async fn a_batch_puts_and_deletes_and_may_leave_some_over() {
    let db = filled(&["a"]).await;
    let put = |key: &str| json!({ "PutRequest": { "Item": { "shelf": { "S": "s" }, "key": { "S": key }, "n": { "N": "007" } } } });
    let delete = json!({ "DeleteRequest": { "Key": { "shelf": { "S": "s" }, "key": { "S": "a" } } } });
    let batch = |requests: Value| json!({ "RequestItems": { TABLE: requests } });
    let three = batch(json!([delete, put("b"), put("c")]));
    db.leave_unprocessed(2);
    let got = ask(&db, "BatchWriteItem", &three).await.json();
    assert_eq!(got["UnprocessedItems"], json!({ TABLE: [put("b"), put("c")] }));
    assert_eq!(db.items().len(), 2);
    db.leave_unprocessed(3);
    let throttled = ask(&db, "BatchWriteItem", &three).await;
    let kind = "com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException";
    assert_eq!((throttled.status, &throttled.json()["__type"]), (400, &json!(kind)));
    let got = ask(&db, "BatchWriteItem", &three).await.json();
    assert_eq!(got, json!({ "UnprocessedItems": {} }));
    let expected = json!([
        { "shelf": "r", "key": "b" }, { "shelf": "s", "key": "b", "n": 7 }, { "shelf": "s", "key": "c", "n": 7 },
        { "shelf": "s2", "key": "b" },
    ]);
    assert_eq!(json!(db.items()), expected);
    assert_eq!((db.calls().len(), db.violations()), (3, vec![]));
    db.clear();
    db.clear_calls();
    assert!(db.items().is_empty() && db.calls().is_empty());
}
