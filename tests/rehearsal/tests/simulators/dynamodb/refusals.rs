//! What AWS refuses, and what is not simulated: each is a violation, for no client is meant to send it.

use rehearsal::dynamodb::{DynamoDb, TABLE};
use rehearsal::faults::{Fault, When};
use serde_json::{Value, json};

use super::{ask, filled, put, query, with};
use crate::client::send;
use crate::services::signature;

/// An item, with these attributes instead of or besides its own.
fn item(more: Value) -> Value {
    let item = with(json!({ "shelf": { "S": "s" }, "key": { "S": "k" } }), more);
    json!({ "TableName": TABLE, "Item": item })
}

fn batch(requests: &[Value]) -> Value {
    json!({ "RequestItems": { TABLE: requests } })
}

pub(super) async fn is_invalid(operation: &str, body: &Value, reason: &str) {
    let db = filled(&["a"]).await;
    let before = db.items();
    let got = ask(&db, operation, body).await;
    let answer = got.json();
    let message = answer["message"].as_str().unwrap_or_default();
    assert!(
        got.status == 400 && message.contains(reason),
        "{reason:?}: {} {answer} for {body}",
        got.status
    );
    assert_eq!(
        answer["__type"], "com.amazon.coral.validate#ValidationException",
        "{body}"
    );
    assert_eq!(db.violations(), [format!("POST /: {message}")]);
    assert_eq!(db.items(), before);
}

#[tokio::test]
async fn items_that_are_not_valid() {
    let text = |text: &str| json!({ "S": text });
    // 400 KB with the names: shelf, s, key, k and text are 14 bytes.
    let fits = 400 * 1024 - 14;
    let db = DynamoDb::start().await;
    let largest = item(json!({ "text": text(&"x".repeat(fits)) }));
    assert_eq!(ask(&db, "PutItem", &largest).await.status, 200);
    let longest = item(json!({ "shelf": text(&"s".repeat(2048)), "key": text(&"k".repeat(1024)), "text": text("") }));
    assert_eq!(ask(&db, "PutItem", &longest).await.status, 200);
    assert_eq!(db.violations(), [""; 0]);

    let too_large = item(json!({ "text": text(&"x".repeat(fits + 1)) }));
    is_invalid("PutItem", &too_large, "Item size has exceeded").await;
    let request = json!({ "PutRequest": { "Item": too_large["Item"] } });
    is_invalid("BatchWriteItem", &batch(&[request]), "Item size has exceeded").await;
    for (more, reason) in [
        (json!({ "shelf": text("") }), "empty string value. Key: shelf"),
        (json!({ "key": text("") }), "empty string value. Key: key"),
        (json!({ "shelf": text(&"s".repeat(2049)) }), "size limit. Key: shelf"),
        (json!({ "key": text(&"k".repeat(1025)) }), "size limit. Key: key"),
        (
            json!({ "key": { "N": "1" } }),
            "Type mismatch for key key expected: S actual: N",
        ),
        (
            json!({ "version": { "N": "one" } }),
            "cannot be converted to a numeric value: one",
        ),
        (json!({ "version": { "N": "1".repeat(39) } }), "38 significant digits"),
        (json!({ "version": {} }), "AttributeValue is empty"),
        (
            json!({ "version": { "N": "1", "S": "1" } }),
            "more than one datatypes set",
        ),
    ] {
        is_invalid("PutItem", &item(more), reason).await;
    }
    let keyless = json!({ "TableName": TABLE, "Item": { "shelf": text("s") } });
    is_invalid("PutItem", &keyless, "Missing the key key in the item").await;
    is_invalid("PutItem", &json!({ "TableName": TABLE }), "'Item' is required").await;
    for key in [
        json!({ "shelf": text("s") }),
        with(item(json!({}))["Item"].clone(), json!({ "text": text("t") })),
    ] {
        let delete = json!({ "TableName": TABLE, "Key": key });
        is_invalid("DeleteItem", &delete, "does not match the schema").await;
    }
}

#[tokio::test]
async fn batches_that_are_not_valid() {
    let delete = |key: usize| {
        let key = json!({ "shelf": { "S": "s" }, "key": { "S": key.to_string() } });
        json!({ "DeleteRequest": { "Key": key } })
    };
    let requests: Vec<Value> = (0..26).map(delete).collect();
    let db = DynamoDb::start().await;
    assert_eq!(ask(&db, "BatchWriteItem", &batch(&requests[..25])).await.status, 200);
    is_invalid("BatchWriteItem", &batch(&requests), "Too many").await;
    is_invalid("BatchWriteItem", &batch(&[]), "no items").await;
    let put = json!({ "PutRequest": { "Item": { "shelf": { "S": "s" }, "key": { "S": "1" } } } });
    is_invalid(
        "BatchWriteItem",
        &batch(&[delete(1), put.clone()]),
        "contains duplicates",
    )
    .await;
    is_invalid("BatchWriteItem", &batch(&[with(put, delete(1))]), "exactly one of").await;
}

#[tokio::test]
async fn what_is_not_simulated_is_said_loudly() {
    let condition = |condition: &str| put("k", condition, json!({}), json!({ ":v": { "N": "1" } }));
    for (operation, body) in [
        ("Scan", json!({ "TableName": TABLE })),
        ("PutItem", item(json!({ "text": { "B": "eA==" } }))),
        ("PutItem", item(json!({ "version": { "N": "1.5" } }))),
        ("PutItem", with(item(json!({})), json!({ "ReturnValues": "ALL_OLD" }))),
        ("PutItem", condition("NOT version = :v")),
        ("PutItem", condition("version IN (:v)")),
        ("PutItem", condition("size(version) = :v")),
        (
            "Query",
            with(query("", json!({})), json!({ "FilterExpression": "version = :s" })),
        ),
        (
            "BatchWriteItem",
            json!({ "RequestItems": { TABLE: [], "another": [] } }),
        ),
    ] {
        let db = DynamoDb::start().await;
        assert_eq!(ask(&db, operation, &body).await.status, 501, "{operation} {body}");
        assert_eq!(db.violations().len(), 1);
    }
}

#[tokio::test]
async fn who_asks_and_for_which_table_matters() {
    let db = DynamoDb::start().await;
    let kind = |got: crate::client::Got| got.json()["__type"].as_str().unwrap_or_default().to_owned();
    let elsewhere = with(item(json!({})), json!({ "TableName": "another" }));
    assert!(kind(ask(&db, "PutItem", &elsewhere).await).ends_with("#ResourceNotFoundException"));
    let batch = json!({ "RequestItems": { "another": [{ "PutRequest": { "Item": elsewhere["Item"] } }] } });
    assert!(kind(ask(&db, "BatchWriteItem", &batch).await).ends_with("#ResourceNotFoundException"));
    for headers in [vec![], signature("secretsmanager")] {
        let got = send(&db.url(), "POST", "/", &headers, "{}").await.unwrap();
        assert!(got.status == 400 && kind(got).ends_with("#MissingAuthenticationTokenException"));
    }
    for (status, expected) in [
        (400, "ThrottlingException"),
        (403, "AccessDeniedException"),
        (500, "InternalServerError"),
        (503, "ServiceUnavailableException"),
    ] {
        db.faults().inject("POST", "/", Fault::Status(status), When::Once);
        let got = ask(&db, "PutItem", &item(json!({}))).await;
        assert_eq!(got.status, status);
        assert!(kind(got).ends_with(&format!("#{expected}")) && db.items().is_empty());
    }
    db.fail_after("PutItem", 1);
    for expected in [200, 500, 500] {
        assert_eq!(ask(&db, "PutItem", &item(json!({}))).await.status, expected);
        assert_eq!(ask(&db, "Query", &query("", json!({}))).await.status, 200);
    }
    db.recover();
    assert_eq!(ask(&db, "PutItem", &item(json!({}))).await.status, 200);
    assert_eq!(db.violations(), [""; 0]);

    let mut headers = signature("dynamodb");
    headers.push("content-type: application/x-amz-json-1.1".to_owned());
    let got = send(&db.url(), "POST", "/", &headers, "{}").await.unwrap();
    assert_eq!(got.status, 501);
    headers[3] = "content-type: application/x-amz-json-1.0".to_owned();
    let got = send(&db.url(), "POST", "/", &headers, "{").await.unwrap();
    assert!(got.status == 400 && kind(got).ends_with("#SerializationException"));
    assert_eq!(db.violations().len(), 2);
}
