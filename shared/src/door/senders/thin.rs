//! Senders that name a type and an id: what the id stands for, only the directory knows.

use serde_json::Value;

use super::{Event, text};

/// <https://apidocs.hibob.com/reference/webhook-events-v2>
pub(super) const HIBOB: &[&str] = &[
    "employee.left",
    "employee.inactivated",
    "employee.joined",
    "employee.activated",
];

/// <https://docs.gusto.com/embedded-payroll/docs/webhooks>
pub(super) const GUSTO: &[&str] = &["employee.terminated", "employee.rehired", "employee.created"];

/// <https://developer.tryfinch.com/how-finch-works/webhooks>
pub(super) const FINCH: &[&str] = &["employment.updated", "employment.created", "directory.updated"];

/// <https://developer.deel.com/docs/webhooks>
const DEEL: &[&str] = &["contract.terminated", "worker.v2.updated"];

/// An event whose type stands in `field`: one of these, or another.
pub(super) fn read(body: &Value, field: &str, interesting: &[&str]) -> Option<Event> {
    judged(body.get(field)?.as_str()?, interesting)
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
