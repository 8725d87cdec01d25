//! What others send us in their own words: read after the proof, and turned into an order of ours, or into nothing.
//!
//! Invariant: whoever is named is named by the sender, by an address or by an id that the directory has to know; a change that
//! may mean anything is no leaver but a reason to look at the directory.

mod bamboohr;
mod entra;
mod github;
mod merge;
mod okta;
mod powens;
pub(super) mod slack;
mod thin;
mod workos;

use serde_json::{Value, json};

use super::event::Request;
use super::{Function, later};
use crate::error::{Error, ErrorKind, Result};
use crate::planning::report::Mode;
use crate::providers;

/// What an event says.
#[derive(Debug)]
pub(super) enum Event {
    /// These people have left: entries as in an order's `people`.
    Left(Vec<Value>),
    /// It is about these people: entries as in an order's `people`. What is to be done, the URL says.
    Named(Vec<Value>),
    /// Whoever has this id at the sender has left.
    LeftById(String),
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
    Order {
        /// The function that is to work it: not always the one that was told.
        whose: Function,
        order: Value,
    },
    /// Nothing.
    Ignored(String),
    /// The sender wants to hear this, and nothing else.
    Echo(Value),
}

/// Whose event this is, from a caller that may send orders of ours: it looks like no order, and like nobody else's.
pub(super) fn recognised(body: &Value) -> Option<&'static str> {
    match body {
        body if entra::is_one(body) => Some("entra"),
        body if body.get("event_name").is_some() && body.get("payload").is_some() => Some("personio"),
        _ => None,
    }
}

/// What a sender says who cannot prove anything yet: Gusto's subscription and token.
pub(super) fn introduction(scheme: &str, body: &[u8]) -> Option<(String, String)> {
    thin::introduction(body).filter(|_| scheme == "gusto")
}

/// Whether the sender only asks who is there, which Okta does once, by a `GET`.
pub(super) fn is_question(sender: &str, request: &Request) -> bool {
    sender == "okta" && request.method == "GET"
}

/// Reads a request in the words of `sender`, who was admitted as `caller` to `function`; a reconcile it asks for has this mode.
pub(super) fn hear(sender: &str, caller: &str, request: &Request, function: Function, mode: Mode) -> Result<Heard> {
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
        "entra" => |_, body| entra::read(body),
        "personio" => |_, body| thin::personio(body),
        "hibob" => |_, body| thin::hibob(body),
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
    let event = match event {
        Event::LeftById(id) => left_by_id(caller, &id),
        event => event,
    };
    let reconcile = |order| Heard::Order {
        whose: Function::Reconcile,
        order,
    };
    Ok(match (function, event) {
        (_, Event::Other(kind)) => Heard::Ignored(kind),
        (Function::Offboard, Event::Left(people)) | (Function::Offboard | Function::Onboard, Event::Named(people)) => {
            Heard::Order {
                whose: function,
                order: json!({"people": people, "reason": sender}),
            }
        }
        (Function::Reconcile, Event::Left(_) | Event::Named(_) | Event::LeftById(_) | Event::Changed)
        | (Function::Offboard, Event::LeftById(_) | Event::Changed) => reconcile(later::look(mode)),
        (Function::Reconcile, Event::ChangedAt(provider)) => {
            reconcile(json!({"mode": mode.name(), "providers": [provider]}))
        }
        (Function::Onboard | Function::List, _) | (Function::Offboard, Event::ChangedAt(_)) => {
            Heard::Ignored(sender.to_owned())
        }
    })
}

/// An event that another function has to work, which has no queue.
pub(super) fn belongs_elsewhere(whose: Function) -> Error {
    let name = whose.name();
    let message = format!("the event is for {name}, which has no queue: send it to the URL of {name}");
    Error::new(ErrorKind::Unsupported, message)
}

/// Somebody by an id of the caller's, which the directory may know as `<caller>_id`. Ids of a provider are no such ids: whatever
/// was called like one by mistake would name somebody else there.
fn left_by_id(caller: &str, id: &str) -> Event {
    match providers::by_name(caller) {
        None => Event::Left(vec![json!({"ids": {caller: id}})]),
        Some(_) => Event::Changed,
    }
}

/// A person by an address.
fn by_email(email: &str) -> Value {
    json!({"email": email})
}

/// A person by an address, an id of that system, or both; by both they have to be one person. `None` for neither.
fn by_email_or_id(email: Option<&str>, system: &str, id: Option<&str>) -> Option<Value> {
    match (email, id) {
        (Some(email), Some(id)) => Some(json!({"email": email, "ids": {system: id}})),
        (Some(email), None) => Some(by_email(email)),
        (None, Some(id)) => Some(json!({"ids": {system: id}})),
        (None, None) => None,
    }
}

fn text<'a>(value: &'a Value, pointer: &str) -> Option<&'a str> {
    value.pointer(pointer)?.as_str()
}
