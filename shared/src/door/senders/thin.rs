//! Senders that name a type and an id: what the id stands for, only the directory knows.

use serde_json::{Map, Value};

use super::{Event, text};

/// <https://apidocs.hibob.com/reference/webhook-events-v2>
const HIBOB: &[&str] = &["employee.inactivated", "employee.joined", "employee.activated"];

/// <https://docs.gusto.com/embedded-payroll/docs/webhooks>; whether `terminated` waits for the day is not documented.
pub(super) const GUSTO: &[&str] = &["employee.terminated", "employee.rehired", "employee.created"];

/// <https://developer.tryfinch.com/how-finch-works/webhooks>
pub(super) const FINCH: &[&str] = &["employment.updated", "employment.created", "directory.updated"];

/// <https://developer.deel.com/docs/webhooks>
const DEEL: &[&str] = &["contract.terminated", "worker.v2.updated"];

/// An event whose type stands in `field`: one of these, or another.
pub(super) fn read(body: &Value, field: &str, interesting: &[&str]) -> Option<Event> {
    judged(body.get(field)?.as_str()?, interesting)
}

/// HiBob says that somebody left on the day itself, at midnight where they worked.
pub(super) fn hibob(body: &Value) -> Option<Event> {
    match (body.get("type")?.as_str()?, body.pointer("/data/employeeId")) {
        ("employee.left", Some(Value::String(id))) => Some(Event::LeftById(id.clone())),
        ("employee.left", _) => Some(Event::Changed),
        (kind, _) => judged(kind, HIBOB),
    }
}

/// Personio says when an employment has ended, not that it will (<https://developer.personio.de/reference/webhooks>). What stands
/// in the payload is documented as ids only; where it is not what we know, the directory is looked at.
pub(super) fn personio(body: &Value) -> Option<Event> {
    let kind = text(body, "/event_name")?;
    Some(match (kind.split('.').next(), kind, text(body, "/payload/person/id")) {
        (_, "employment.terminated", Some(id)) => Event::LeftById(id.to_owned()),
        (Some("person" | "employment"), ..) => Event::Changed,
        _ => Event::Other(kind.to_owned()),
    })
}

/// What Gusto posts to a new subscription's URL, unsigned: subscription and token.
pub(super) fn introduction(body: &[u8]) -> Option<(String, String)> {
    let body: Map<String, Value> = serde_json::from_slice(body).ok()?;
    let short = |name: &str| body.get(name)?.as_str().filter(|text| (1..=200).contains(&text.len()));
    let said = (short("webhook_subscription_uuid")?, short("verification_token")?);
    let plain = |text: &str| text.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c));
    let is_one = body.len() == 2 && plain(said.0) && plain(said.1);
    is_one.then(|| (said.0.to_owned(), said.1.to_owned()))
}

/// Deel's type stands deeper, and its console sends rehearsals. A contract that ends is not a person who leaves.
pub(super) fn deel(body: &Value) -> Option<Event> {
    let kind = text(body, "/data/meta/event_type")?;
    match body.pointer("/data/meta/is_simulation") {
        Some(Value::Bool(true)) => Some(Event::Other(kind.to_owned())),
        _ => judged(kind, DEEL),
    }
}

fn judged(kind: &str, interesting: &[&str]) -> Option<Event> {
    Some(match interesting.contains(&kind) {
        true => Event::Changed,
        false => Event::Other(kind.to_owned()),
    })
}
