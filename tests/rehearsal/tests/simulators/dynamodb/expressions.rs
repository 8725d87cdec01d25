//! Expressions and queries that AWS refuses.

use rehearsal::dynamodb::TABLE;
use serde_json::json;

use super::refusals::is_invalid;
use super::{put, query, with};

#[tokio::test]
async fn expressions_that_are_not_valid() {
    let (name, value) = (json!({ "#v": "version" }), json!({ ":v": { "N": "1" } }));
    let none = json!({});
    let two = json!({ ":v": { "N": "2" }, ":w": { "N": "1" } });
    for (condition, names, values, reason) in [
        ("key = :v", &none, &value, "reserved keyword: key"),
        ("attribute_exists(Text)", &none, &none, "reserved keyword: Text"),
        (
            "#v = :v AND #w = :v",
            &name,
            &value,
            "An expression attribute name used in the document path is not defined: #w",
        ),
        (
            "#v = :w",
            &name,
            &value,
            "An expression attribute value used in expression is not defined: :w",
        ),
        (
            "attribute_exists(version)",
            &name,
            &none,
            "ExpressionAttributeNames unused in expressions: keys: {#v}",
        ),
        (
            "attribute_exists(#v)",
            &name,
            &value,
            "ExpressionAttributeValues unused in expressions: keys: {:v}",
        ),
        (
            "",
            &name,
            &none,
            "ExpressionAttributeNames can only be specified when using expressions",
        ),
        (
            "",
            &none,
            &value,
            "ExpressionAttributeValues can only be specified when using expressions",
        ),
        (" ", &none, &none, "The expression can not be empty"),
        ("#v = :v)", &name, &value, "Syntax error; token: \")\""),
        ("#v = ", &name, &none, "Syntax error; token: \"<EOF>\""),
        ("#v == :v", &name, &value, "Syntax error; token: \"=\""),
        ("#v = 'x'", &name, &none, "Syntax error; token: '"),
        ("((#v = :v))", &name, &value, "redundant parentheses"),
        ("attribute_exists(:v)", &none, &value, "requires a document path"),
        ("begins_with(#v, :v)", &name, &value, "Incorrect operand type"),
        (
            "is_there(#v)",
            &name,
            &none,
            "Invalid function name; function: is_there",
        ),
        (
            "#v BETWEEN :v AND :w",
            &name,
            &two,
            "upper bound to be greater than or equal to lower bound",
        ),
        (
            "#v = :v",
            &json!({ "v": "version" }),
            &value,
            "ExpressionAttributeNames contains invalid key",
        ),
        (
            "#v = :v",
            &name,
            &json!({ ":": { "N": "1" } }),
            "ExpressionAttributeValues contains invalid key",
        ),
    ] {
        is_invalid("PutItem", &put("k", condition, names.clone(), values.clone()), reason).await;
    }
    let wrong = with(
        put("k", "", json!({}), json!({})),
        json!({ "ReturnValuesOnConditionCheckFailure": "ALL_NEW" }),
    );
    is_invalid("PutItem", &wrong, "can only be ALL_OLD or NONE").await;
}

#[tokio::test]
async fn queries_that_are_not_valid() {
    let text = |name: &str, text: &str| json!({ name: { "S": text } });
    let two = |from: &str, to: &str| json!({ ":k": { "S": from }, ":l": { "S": to } });
    for (and, values, reason) in [
        (" AND #k BETWEEN :k AND :l", two("b", "a"), "upper bound to be greater"),
        (
            " AND #k BETWEEN :k AND :l",
            json!({ ":k": { "S": "a" }, ":l": { "N": "1" } }),
            "same data type",
        ),
        (
            " AND #k BETWEEN :k AND :l",
            two("", "a"),
            "empty string value. Key: key",
        ),
        (
            " AND #k = :k",
            json!({ ":k": { "N": "1" } }),
            "does not match schema type",
        ),
        (
            " OR #k = :k",
            text(":k", "a"),
            "Invalid operator used in KeyConditionExpression: OR",
        ),
        (
            " AND #k <> :k",
            text(":k", "a"),
            "Invalid operator used in KeyConditionExpression: <>",
        ),
        (
            " AND attribute_exists(#k)",
            json!({}),
            "Invalid operator used in KeyConditionExpression: attribute_exists",
        ),
        (
            " AND #k > :k AND #k < :l",
            two("a", "b"),
            "Conditions can be of length 1 or 2 only",
        ),
        (" AND #s = :k", text(":k", "a"), "one condition per key"),
        (" AND version = :k", text(":k", "a"), "missed key schema element"),
        (" AND #k = #s", json!({}), "Multiple attribute names"),
    ] {
        is_invalid("Query", &query(and, values), reason).await;
    }
    let alone = |expression: &str| {
        let more = json!({ "KeyConditionExpression": expression, "ExpressionAttributeValues": { ":s": { "S": "s" } } });
        with(query("", json!({})), more)
    };
    is_invalid(
        "Query",
        &alone("begins_with(#s, :s)"),
        "Query key condition not supported",
    )
    .await;
    is_invalid(
        "Query",
        &alone("version = :s AND #s = :s"),
        "missed key schema element: shelf",
    )
    .await;
    is_invalid(
        "Query",
        &json!({ "TableName": TABLE }),
        "must be specified in the request",
    )
    .await;
    is_invalid(
        "Query",
        &with(query("", json!({})), json!({ "Limit": 0 })),
        "greater than or equal to 1",
    )
    .await;
    let start = |shelf: &str| json!({ "ExclusiveStartKey": { "shelf": { "S": shelf }, "key": { "S": "a" } } });
    is_invalid(
        "Query",
        &with(query("", json!({})), start("r")),
        "outside query boundaries",
    )
    .await;
    is_invalid(
        "Query",
        &with(query("", text(":s", "")), json!({})),
        "empty string value. Key: shelf",
    )
    .await;
}
