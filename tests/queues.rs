//! Orders that are finished later: through the real binaries and a queue, black box.

mod events;
mod killed;
mod leftovers;
mod moto;
mod named;
mod order;

use rehearsal::host::{UrlAnswer, UrlRequest};
use rehearsal::providers::State;
use rehearsal::queues::VISIBILITY;
use rehearsal::senders::secret;
use serde_json::{Value, json};

use crate::senders::signed;
use crate::stage::{EVERYWHERE, LEDGER, QUEUES, Running, Stage, csv, mail};

const ON: &str = "bilanc,blackbird";

/// Three people at two providers and in the directory, queues, a ledger, and callers that send events.
async fn world() -> Stage {
    let stage = Stage::with(&[&QUEUES[..], &[("PROVIDERS", ON), LEDGER]].concat()).await;
    for id in ON.split(',') {
        stage.seed_all(id, ["ada", "bob", "cy"]);
    }
    stage.directory(&directory(""));
    let scheme = |scheme: &str, name: &str| {
        (
            name.to_owned(),
            json!({"scheme": scheme, "secrets": [secret(scheme, 1)], "may": EVERYWHERE}),
        )
    };
    let mut callers: serde_json::Map<String, Value> = ["hibob", "merge", "github", "standard_webhooks", "powens"]
        .map(|name| scheme(name, name))
        .into_iter()
        .collect();
    callers.extend([scheme("hibob", "appxite")]);
    callers.insert(
        "hr".to_owned(),
        json!({"scheme": "bearer", "secrets": [crate::stage::TOKEN], "may": EVERYWHERE}),
    );
    stage.document("callers", &callers.into());
    stage
}

/// Everybody of the world, with the ids that HiBob knows them by; `left` has left.
fn directory(left: &str) -> String {
    let csv = csv(["ada", "bob", "cy"]);
    let mut lines = csv.lines();
    let mut table = vec![format!("{},hibob_id", lines.next().unwrap())];
    table.extend(lines.zip(["71", "72", "73"]).map(|(line, id)| format!("{line},{id}")));
    let table = table.join("\n") + "\n";
    table.replace(&format!(",{left},Canary,active"), &format!(",{left},Canary,left"))
}

/// An event of a sender who calls itself like its scheme.
fn event(scheme: &str, event: &Value) -> UrlRequest {
    signed(scheme, event.to_string().as_bytes())
}

/// An event of this caller, whose scheme signs no path.
fn event_of(caller: &str, scheme: &str, body: &Value) -> UrlRequest {
    UrlRequest {
        path: format!("/{caller}"),
        ..event(scheme, body)
    }
}

/// That somebody is no employee any more, by their address.
fn inactive(name: &str) -> UrlRequest {
    let body = json!({"hook": {"event": "Employee.changed"}, "data": {"work_email": mail(name), "employment_status": "INACTIVE"}});
    event("merge", &body)
}

/// Hands over what is on a function's queue, until nothing is left of it or so many visibility time-outs have passed.
async fn work_off(stage: &Stage, name: &str, function: &Running, patience: usize) {
    for _ in 0..patience {
        if stage.queues.waiting(name).is_empty() {
            return;
        }
        stage.queues.deliver(name, function).await;
        stage.queues.pass(VISIBILITY);
    }
}

/// What is on a function's queue, without the times at which it was ordered.
fn waiting(stage: &Stage, name: &str) -> Vec<Value> {
    let mut messages = stage.queues.waiting(name);
    for message in &mut messages {
        let at = message["_"].as_object_mut().unwrap().remove("at");
        assert!(at.is_some_and(|at| at.as_str().unwrap().parse::<jiff::Timestamp>().is_ok()));
    }
    messages
}

fn queued(answer: &UrlAnswer) -> (u16, Value) {
    (answer.status, answer.json()["status"].clone())
}

fn is_gone(stage: &Stage, name: &str) -> bool {
    ["bilanc", "blackbird"]
        .iter()
        .all(|id| stage.state(id, name) != Some(State::Active))
}
