//! What others send us in their own words: read after the proof, and turned into an order of ours, or into nothing.
//!
//! Invariant: whoever is named is named by the sender; a bare id, or a change that may mean anything, is no leaver but a reason
//! to look at the directory.

mod bamboohr;
mod github;
mod merge;
mod okta;
mod powens;
pub(super) mod slack;
mod thin;
mod workos;

use serde_json::{Value, json};

use super::Function;
use super::event::Request;
use crate::error::{Error, ErrorKind, Result};
use crate::planning::report::Mode;

/// What an event says.
#[derive(Debug)]
pub(super) enum Event {
    /// These people have left: entries as in an order's `people`.
    Left(Vec<Value>),
    /// Something has changed, and only the directory knows what it means.
    Changed,
    /// The users of one provider have changed.
    ChangedAt(&'static str),
    /// It is none of our business; its type.
    Other(String),
}

impl Event {
    /// What a request with several events says, whose first is of this kind.
    fn of_several(left: Vec<Value>, changed: bool, kind: &str) -> Self {
        match (left.is_empty(), changed) {
            (false, _) => Self::Left(left),
            (true, true) => Self::Changed,
            (true, false) => Self::Other(kind.to_owned()),
        }
    }
}

/// What is to be done about it.
pub(super) enum Heard {
    Order(Value),
    /// Nothing.
    Ignored(String),
    /// The sender wants to hear this, and nothing else.
    Echo(Value),
}

/// Whether the sender only asks who is there, which Okta does once, by a `GET`.
pub(super) fn is_question(sender: &str, request: &Request) -> bool {
    sender == "okta" && request.method == "GET"
}

/// Reads a request in the words of `sender`, who was admitted to `function`; a reconcile it asks for has this mode.
pub(super) fn hear(sender: &str, request: &Request, function: Function, mode: Mode) -> Result<Heard> {
    if is_question(sender, request) {
        return okta::verification(request).map(Heard::Echo);
    }
    let read: fn(&Request, &Value) -> Option<Event> = match sender {
        "okta" => |_, body| okta::read(body),
        "bamboohr" => |_, body| bamboohr::read(body),
        "github" => github::read,
        "merge" => |_, body| merge::read(body),
        "workos" => |_, body| workos::read(body),
        "powens" => |request, _| powens::read(request),
        "hibob" => |_, body| thin::read(body, "type", thin::HIBOB),
        "gusto" => |_, body| thin::read(body, "event_type", thin::GUSTO),
        "finch" => |_, body| thin::read(body, "type", thin::FINCH),
        "deel" => |_, body| thin::deel(body),
        _ => {
            let message = "events of this sender are not read yet";
            return Err(Error::new(ErrorKind::Unsupported, message));
        }
    };
    let body: Value = super::event::body(&request.body)?;
    let event = read(request, &body)
        .ok_or_else(|| Error::new(ErrorKind::BadRequest, "the event is not what its sender documents"))?;
    Ok(match (function, event) {
        (_, Event::Other(kind)) => Heard::Ignored(kind),
        (Function::Offboard, Event::Left(people)) => Heard::Order(json!({"people": people, "reason": sender})),
        (Function::Reconcile, Event::Left(_) | Event::Changed) => Heard::Order(json!({"mode": mode.name()})),
        (Function::Reconcile, Event::ChangedAt(provider)) => {
            Heard::Order(json!({"mode": mode.name(), "providers": [provider]}))
        }
        (Function::Offboard, Event::Changed) => {
            let message = "the event says that something changed, not that somebody left: send it to reconcile's URL";
            return Err(Error::new(ErrorKind::Unsupported, message));
        }
        (Function::Onboard | Function::List, _) | (Function::Offboard, Event::ChangedAt(_)) => {
            Heard::Ignored(sender.to_owned())
        }
    })
}

/// A person by an address.
fn by_email(email: &str) -> Value {
    json!({"email": email})
}

fn text<'a>(value: &'a Value, pointer: &str) -> Option<&'a str> {
    value.pointer(pointer)?.as_str()
}
