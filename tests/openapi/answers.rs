//! What a function's URL answers is what the file says. Every test that asks a real function asks this too.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock};

use jsonschema::Validator;
use rehearsal::host::UrlAnswer;
use serde_json::{Value, json};

use super::file::{document, keys, operation, resolved, schema};
use crate::stage::{LEDGER, Stage, csv, mail};

/// Holds an answer of the root of a function's URL against the file.
pub(crate) fn check(function: &str, answer: &UrlAnswer) {
    if answer.error_type().is_some() {
        return; // the invocation failed: that is Lambda's answer
    }
    if let Err(why) = agrees(function, answer) {
        panic!(
            "functions/openapi.yaml has no such answer of {function}: {why}\n{} {}",
            answer.status,
            answer.text()
        );
    }
}

fn agrees(function: &str, answer: &UrlAnswer) -> Result<(), String> {
    let response = operation(function)["responses"].get(answer.status.to_string());
    let response = resolved(response.ok_or("this status")?);
    for (name, header) in response["headers"].as_object().into_iter().flatten() {
        let value = json!(
            answer
                .header(name)
                .ok_or_else(|| format!("the header {name} is missing"))?
        );
        valid(&resolved(header)["schema"], &value).map_err(|why| format!("header {name}: {why}"))?;
    }
    let kind = answer.header("content-type").unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default();
    let content = response["content"]
        .get(kind)
        .ok_or_else(|| format!("content {kind:?}"))?;
    let said = match kind {
        "application/json" => serde_json::from_slice(&answer.body).map_err(|error| error.to_string())?,
        _ => json!(answer.text()),
    };
    valid(&content["schema"], &said)
}

fn valid(schema: &Value, instance: &Value) -> Result<(), String> {
    let validator = validator(schema);
    let faults: Vec<String> = validator
        .iter_errors(instance)
        .map(|fault| format!("{} at {:?}", fault, fault.instance_path().to_string()))
        .collect();
    match faults.is_empty() {
        true => Ok(()),
        false => Err(faults.join("; ")),
    }
}

/// A validator of a schema of the file; made once.
fn validator(schema: &Value) -> Arc<Validator> {
    static MADE: OnceLock<Mutex<HashMap<String, Arc<Validator>>>> = OnceLock::new();
    let mut made = MADE.get_or_init(Mutex::default).lock().unwrap();
    let make = || {
        let whole = json!({
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "components": {"schemas": document()["components"]["schemas"]},
            "allOf": [schema],
        });
        let validator = jsonschema::options().should_validate_formats(true).build(&whole);
        Arc::new(validator.unwrap_or_else(|error| panic!("{schema}: {error}")))
    };
    Arc::clone(made.entry(schema.to_string()).or_insert_with(make))
}

#[test]
fn every_schema_is_one() {
    for name in keys(&document()["components"]["schemas"]) {
        validator(&json!({"$ref": format!("#/components/schemas/{name}")}));
    }
}

#[test]
fn examples_in_the_file_are_valid() {
    for function in ["onboard", "offboard", "reconcile"] {
        let content = &operation(function)["requestBody"]["content"]["application/json"];
        for (name, example) in content["examples"].as_object().unwrap() {
            valid(&content["schema"], &example["value"]).unwrap_or_else(|why| panic!("{function} {name}: {why}"));
        }
        let event = crate::stage::event(function);
        valid(&content["schema"], &event).unwrap_or_else(|why| panic!("tests/events/{function}.json: {why}"));
    }
    for (name, schema) in document()["components"]["schemas"].as_object().unwrap() {
        for example in schema["examples"].as_array().into_iter().flatten() {
            valid(schema, example).unwrap_or_else(|why| panic!("{name}: {why}"));
        }
    }
}

#[test]
fn orders_that_are_refused_are_not_valid() {
    let person = |person: Value| json!({"people": [person]});
    for (order, faulty) in [
        ("OnboardOrder", json!({})),
        ("OnboardOrder", json!({"email_addresses": [], "people": []})),
        ("OnboardOrder", json!({"email_addresses": ["jane"]})),
        ("OnboardOrder", json!({"github_usernames": ["jane doe"]})),
        (
            "OnboardOrder",
            json!({"email_addresses": ["a@b.example"], "cancel": true}),
        ),
        (
            "OnboardOrder",
            json!({"email_addresses": ["a@b.example"], "providers": []}),
        ),
        (
            "OnboardOrder",
            json!({"email_addresses": ["a@b.example"], "reason": " "}),
        ),
        (
            "OffboardOrder",
            json!({"email_addresses": ["a@b.example"], "mode": "force"}),
        ),
        (
            "OffboardOrder",
            json!({"email_addresses": ["a@b.example"], "effective_at": "2026-12-31"}),
        ),
        ("OnboardOrder", person(json!({"first_name": "Ada"}))),
        ("OnboardOrder", person(json!({"ids": {}}))),
        ("OnboardOrder", person(json!({"ids": {"powens": -1}}))),
        ("ReconcileOrder", json!({"pause": "true"})),
        ("ReconcileOrder", json!({"email_addresses": ["a@b.example"]})),
    ] {
        assert!(valid(schema(order), &faulty).is_err(), "{order}: {faulty}");
    }
}

/// What `check` is for: an answer with a word, a field or a status more than the file has is found.
#[tokio::test]
async fn an_answer_that_is_not_in_the_file_is_found() {
    let stage = Stage::with(&[("PROVIDERS", "bilanc,powens"), LEDGER]).await;
    stage.seed_all("bilanc", ["ada", "leaver"]);
    stage.directory(&csv(["ada", "new"]));
    let reconcile = stage.start("reconcile").await;
    let answer = reconcile.order(&json!({"mode": "apply"})).await;
    assert_eq!(agrees("reconcile", &answer), Ok(()));
    let but = |change: &dyn Fn(&mut UrlAnswer)| {
        let mut answer = answer.clone();
        change(&mut answer);
        answer
    };
    let with = |pointer: &str, value: Value| {
        let mut json = answer.json();
        let place = json.pointer_mut(pointer);
        *place.unwrap_or_else(|| panic!("nothing at {pointer}: {}", answer.text())) = value;
        but(&|answer| answer.body = json.to_string().into_bytes())
    };
    for faulty in [
        with("/status", json!("finished")),
        with("/providers/0/ending", json!("unreachable")),
        with("/providers/0/changes/0/outcome", json!("failed")),
        with("/providers/0/changes/0/who", json!({"name": "somebody"})),
        with("/providers/0/skips/0/why", json!("because")),
        with("/request_id", json!(1)),
        but(&|answer| answer.status = 418),
        but(&|answer| answer.headers.clear()),
    ] {
        let verdict = agrees("reconcile", &faulty);
        assert!(verdict.is_err(), "{} {}", faulty.status, faulty.text());
    }
    let list = stage.start("list").await;
    let text = list.ask(&format!("/?format=csv&email={}", mail("ada"))).await;
    assert_eq!(agrees("list", &text), Ok(()));
    assert!(agrees("onboard", &text).is_err(), "a table of onboard");
}
