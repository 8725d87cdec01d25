//! Powens (<https://docs.powens.com/documentation/integration-guides/webhooks>): a user of theirs, without an address. What the
//! event is called stands in the path the webhook was registered with.

use super::Event;
use crate::door::event::Request;

pub(super) fn read(request: &Request) -> Option<Event> {
    let event = request
        .path
        .trim_start_matches('/')
        .split_once('/')
        .map(|(_, event)| event.to_ascii_uppercase());
    Some(match event.as_deref() {
        None | Some("USER_CREATED" | "USER_DELETED" | "USER_SYNCED") => Event::ChangedAt("powens"),
        Some(other) => Event::Other(other.to_owned()),
    })
}
