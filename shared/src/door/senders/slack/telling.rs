//! What is said to whoever asked, in the forms Slack has for it: a message, or the end of a step.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::addressee::Addressee;
use super::blocks::{self, escape, sentence};
use super::names::Names;
use super::words::Misread;
use super::{listing, report};
use crate::error::Error;

/// The end of something that was asked for.
pub(in crate::door) struct Telling {
    /// All of it in a line, which names nobody: notifications and workflows show it.
    pub(super) text: String,
    pub(super) blocks: Vec<Value>,
    pub(super) ending: Ending,
    pub(super) place: Place,
}

/// Whether a workflow may go on.
pub(super) enum Ending {
    /// All of it was done; the report's status.
    Well(String),
    /// It was not, or not all of it.
    Badly,
}

/// Where a message stands after a click.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// Instead of the message with the button.
    Original,
    /// As another one, so that the button stays.
    Beside,
}

/// What has to be known to word an answer.
#[derive(Clone, Copy)]
pub(in crate::door) struct Context<'a> {
    pub(in crate::door) to: &'a Addressee,
    pub(in crate::door) names: Names,
    pub(in crate::door) now: Timestamp,
}

impl Telling {
    /// What became of an order: our public JSON, or an error. `None` where there is nothing to tell, because it was told before.
    pub(in crate::door) fn of(outcome: Result<&Value, &Error>, context: Context<'_>) -> Option<Self> {
        match outcome {
            Ok(json) if json.get("ignored").is_some() => None,
            Ok(json) if json.get("people").is_some() => Some(listing::telling(json, context)),
            Ok(json) => Some(report::telling(json, context)),
            Err(error) => Some(Self::failed(error)),
        }
    }

    /// Something that is not done.
    pub(in crate::door) fn no(message: &str) -> Self {
        Self {
            text: message.to_owned(),
            blocks: vec![blocks::section(message, &[])],
            ending: Ending::Badly,
            place: Place::Beside,
        }
    }

    /// Something that is worked in a moment.
    pub(super) fn on_its_way() -> Self {
        Self::no("Working on it…")
    }

    /// The same in the place of the message that was clicked.
    pub(super) fn in_place(self) -> Self {
        Self {
            place: Place::Original,
            ..self
        }
    }

    /// A text with these faults; only a message repeats the words that were typed.
    pub(super) fn misread(faults: &[Misread], usage: &str) -> Self {
        let line = |fault: &Misread| match fault.word.as_str() {
            "" => format!("• {}", fault.problem),
            word => format!("• “{}” {}", escape(word), fault.problem),
        };
        let lines: Vec<String> = faults.iter().map(line).collect();
        let mut problems: Vec<&str> = Vec::new();
        for fault in faults {
            if !problems.contains(&fault.problem) {
                problems.push(fault.problem);
            }
        }
        let title = "This was not understood, and nothing was done:";
        Self {
            blocks: vec![
                blocks::section(title, &lines),
                blocks::context(&format!("Usage: {usage}")),
            ],
            ..Self::no(&format!("{title} {}. Usage: {usage}", problems.join("; ")))
        }
    }

    /// Removals that somebody rejected.
    pub(super) fn rejected(provider: &str, user: &str) -> Self {
        let user: String = user.chars().filter(char::is_ascii_alphanumeric).collect();
        let message = format!(
            "The removals at {} were rejected by <@{user}>. Nothing was removed.",
            escape(provider)
        );
        Self::no(&message).in_place()
    }

    /// An order that ended in an error.
    fn failed(error: &Error) -> Self {
        let later = match error.kind().is_passing() {
            true => " Nothing was done yet. With a queue it is tried again by itself.",
            false => "",
        };
        let message = format!("Rollcall could not do this: {}{later}", sentence(&error.to_string()));
        Self::no(&message).in_place()
    }

    /// As a message that only whoever asked sees. An answer is about people, and a channel has readers who may not know of them.
    pub(super) fn message(&self) -> Value {
        let mut blocks = self.blocks.clone();
        if blocks.len() > blocks::BLOCKS {
            blocks.truncate(blocks::BLOCKS - 1);
            blocks.push(blocks::context("…and more than a message holds."));
        }
        json!({"response_type": "ephemeral", "text": self.text, "blocks": blocks})
    }
}
