//! Slack as a place to work: commands, buttons, steps of workflows, and who may use them. The real binaries, black box.

mod answers;
mod buttons;
mod commands;
mod events;
mod hostile;
mod manifest;
mod names;
mod notices;
mod queued;
mod random;
mod refusals;

use rehearsal::host::UrlAnswer;
use rehearsal::slack::fault_of;
use serde_json::{Value, json};

use crate::stage::{EVERYWHERE, LEDGER, Running, Stage};

/// A stage with Slack as a caller who may everything, two providers and a ledger.
async fn stage(settings: &[(&str, &str)]) -> Stage {
    let usual = [("PROVIDERS", "bilanc,blackbird"), LEDGER];
    let stage = Stage::with(&[&usual, settings].concat()).await;
    admit(&stage, &EVERYWHERE);
    stage
}

/// Lets Slack ask for these functions.
fn admit(stage: &Stage, may: &[&str]) {
    stage.document("callers", &json!({"slack": stage.slack.caller(may)}));
}

/// Somebody types a command, and reads the answer.
async fn say(stage: &Stage, function: &Running, command: &str, text: &str) -> Value {
    let answer = function.request(stage.slack.command(command, text, &[])).await;
    message(&answer)
}

/// The message that an answer is: one that Slack takes, and only who typed the command sees.
fn message(answer: &UrlAnswer) -> Value {
    let message = answer.json();
    assert_eq!(answer.status, 200, "{message}");
    assert_eq!(fault_of(&message), None, "{message}");
    assert_eq!(message["response_type"], "ephemeral", "{message}");
    assert!(
        message["text"].as_str().is_some_and(|text| !text.contains("canary")),
        "{message}"
    );
    message
}

/// Everything that stands in a message, block by block.
fn shown(message: &Value) -> String {
    let blocks = message["blocks"].as_array().unwrap();
    let text = |value: &Value| value["text"].as_str().map(str::to_owned);
    let elements = |block: &Value| block["elements"].as_array().cloned().unwrap_or_default();
    let lines = blocks.iter().flat_map(|block| {
        let inside = elements(block).into_iter();
        let inside = inside.filter_map(move |element| text(&element).or_else(|| text(&element["text"])));
        text(&block["text"]).into_iter().chain(inside)
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// The button of a message with this label.
fn button(message: &Value, label: &str) -> Value {
    let blocks = message["blocks"].as_array().unwrap().iter();
    let mut elements = blocks.filter_map(|block| block["elements"].as_array()).flatten();
    let found = elements.find(|element| element["text"]["text"] == label);
    found.unwrap_or_else(|| panic!("no button {label}: {message}")).clone()
}

/// An acknowledgement: 200 and not a byte.
fn acknowledged(answer: &UrlAnswer) {
    assert_eq!((answer.status, answer.text().as_str()), (200, ""));
}
