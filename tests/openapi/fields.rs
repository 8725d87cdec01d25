//! Every field of an order and every parameter of `list` that the code reads is in the file, and no other.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::file::{keys, operation, schema};
use crate::stage::{Running, Stage};

/// What the fields of untrusted objects are read by.
const READS: [&str; 6] = [
    "fields.text(\"",
    "fields.texts(\"",
    "fields.flag(\"",
    "fields.objects(\"",
    "fields.pairs(\"",
    "time(fields,\"",
];

/// The files that read them.
const READERS: [&str; 3] = [
    "shared/src/door/wire/orders.rs",
    "shared/src/door/wire/due.rs",
    "shared/src/door/wire/listing/query.rs",
];

const UNKNOWN: &str = "is not a field of this order";

/// The name of every field that some order has.
fn read_somewhere() -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for path in READERS {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
        let text: String = std::fs::read_to_string(path).unwrap().split_whitespace().collect();
        for read in READS {
            let rests = text.match_indices(read).map(|(start, _)| &text[start + read.len()..]);
            names.extend(rests.map(|rest| rest.split('"').next().unwrap_or_default().to_owned()));
        }
    }
    assert!(names.len() > 20, "only {names:?}");
    names
}

fn documented() -> BTreeSet<&'static str> {
    let orders = ["OnboardOrder", "OffboardOrder", "ReconcileOrder", "Person"];
    let fields = orders.into_iter().flat_map(|order| keys(&schema(order)["properties"]));
    fields.chain(parameters()).collect()
}

fn parameters() -> BTreeSet<&'static str> {
    let parameters = operation("list")["parameters"].as_array().unwrap().iter();
    parameters
        .inspect(|parameter| assert_eq!(parameter["in"], "query"))
        .map(|parameter| parameter["name"].as_str().unwrap())
        .collect()
}

/// Whether the function knows the field at this path, by the faults of an answer.
fn is_known(answer: &Value, path: &str) -> bool {
    let details = answer["error"]["details"]
        .as_array()
        .unwrap_or_else(|| panic!("{answer}"));
    let fault = details
        .iter()
        .find(|fault| fault["path"] == path && fault["problem"] == UNKNOWN);
    fault.is_none()
}

async fn knows(function: &Running, order: Value, path: &str) -> bool {
    is_known(&function.order(&order).await.json(), path)
}

#[test]
fn every_field_is_in_the_file() {
    let read = read_somewhere();
    let read: BTreeSet<&str> = read.iter().map(String::as_str).collect();
    assert_eq!(documented(), read);
}

#[tokio::test]
async fn a_function_takes_the_fields_of_its_order_and_no_others() {
    let stage = Stage::new().await;
    let names: Vec<&str> = documented().into_iter().chain(["_", "force", "dry_run"]).collect();
    for (function, order) in [
        ("onboard", "OnboardOrder"),
        ("offboard", "OffboardOrder"),
        ("reconcile", "ReconcileOrder"),
    ] {
        let running = stage.start(function).await;
        let order = schema(order);
        assert_eq!(order["additionalProperties"], false, "{function}");
        for name in &names {
            // No field may be null: what is known is a fault all the same.
            let known = knows(&running, json!({*name: null, "never": 1}), name).await;
            assert_eq!(order["properties"].get(*name).is_some(), known, "{function}: {name}");
        }
    }
    let onboard = stage.start("onboard").await;
    assert_eq!(schema("Person")["additionalProperties"], false);
    for name in &names {
        let path = format!("people[0].{name}");
        let known = knows(&onboard, json!({"people": [{*name: null}]}), &path).await;
        assert_eq!(schema("Person")["properties"].get(*name).is_some(), known, "{name}");
    }
    assert_eq!(stage.calls(), [""; 0], "nothing was done");
}

#[tokio::test]
async fn list_takes_the_parameters_of_the_file_and_no_others() {
    let stage = Stage::new().await;
    let list = stage.start("list").await;
    for name in documented().into_iter().chain(["_", "limit", "page"]) {
        // `from` and `to` are the history's.
        let view = if name == "view" { "" } else { "&view=history" };
        let answer = list.ask(&format!("/?{name}=&never=1{view}")).await.json();
        assert_eq!(parameters().contains(name), is_known(&answer, name), "{name}: {answer}");
    }
    assert_eq!(stage.calls(), [""; 0], "nothing was done");
}
