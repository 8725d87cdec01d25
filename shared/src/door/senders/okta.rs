//! Okta event hooks (<https://developer.okta.com/docs/concepts/event-hooks/>): several events in a request, the address in each.

use serde_json::{Value, json};

use super::{Event, by_email_or_id, text};
use crate::door::event::Request;
use crate::error::{Error, ErrorKind, Result};
use crate::planning::identity::Email;

/// The events after which somebody may not sign in any more, for good.
const LEAVING: [&str; 2] = ["user.lifecycle.deactivate", "user.lifecycle.delete.initiated"];

/// The events after which the directory says something else than before.
const CHANGING: [&str; 9] = [
    "user.lifecycle.activate",
    "user.lifecycle.create",
    "user.lifecycle.reactivate",
    "user.lifecycle.suspend",
    "user.lifecycle.unsuspend",
    "group.user_membership.add",
    "group.user_membership.remove",
    "application.user_membership.add",
    "application.user_membership.remove",
];

/// Longer than any challenge of Okta's, which are UUIDs.
const MAX_CHALLENGE: usize = 256;

/// The one question that a hook begins with: the answer repeats it.
pub(super) fn verification(request: &Request) -> Result<Value> {
    let challenge = request.header("x-okta-verification-challenge");
    match challenge.filter(|challenge| challenge.len() <= MAX_CHALLENGE) {
        Some(challenge) => Ok(json!({"verification": challenge})),
        None => Err(Error::new(ErrorKind::BadRequest, "no verification challenge")),
    }
}

pub(super) fn read(body: &Value) -> Option<Event> {
    let events = body.pointer("/data/events")?.as_array()?;
    let mut people = Vec::new();
    let mut changed = false;
    for event in events
        .iter()
        .filter(|event| text(event, "/outcome/result") == Some("SUCCESS"))
    {
        let kind = text(event, "/eventType")?;
        changed |= CHANGING.contains(&kind);
        if !LEAVING.contains(&kind) {
            continue;
        }
        let targets = event.pointer("/target")?.as_array()?.iter();
        for user in targets.filter(|target| text(target, "/type") == Some("User")) {
            // A login that is no address names nobody, an id whom the directory knows by it.
            let email = text(user, "/alternateId").filter(|login| Email::parse(login).is_some());
            match by_email_or_id(email, "okta", text(user, "/id")) {
                Some(person) => people.push(person),
                None => changed = true,
            }
        }
    }
    let first = events.first().and_then(|event| text(event, "/eventType"));
    Some(Event::of_several(people, changed, first.unwrap_or("nothing")))
}
