//! `reconcile`: the real binary, black box.

mod accidents;
mod agreeing;
mod beside;
mod directories;
mod holds;
mod killed;
mod large;
mod long;
mod orders;
mod outages;
mod paused;
mod quick;
mod refused;
mod remembering;
mod schedule;
mod sources;
mod suspected;
mod trouble;

use serde_json::{Value, json};

/// An order that changes something, with these members besides.
fn apply(more: &Value) -> Value {
    let mut order = json!({"mode": "apply"});
    order.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    order
}
