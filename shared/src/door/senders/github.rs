//! GitHub organisation webhooks (<https://docs.github.com/en/webhooks/webhook-events-and-payloads#organization>): who came and
//! went in the organisation, which is not the company.

use serde_json::Value;

use super::{Event, text};
use crate::door::event::Request;

pub(super) fn read(request: &Request, body: &Value) -> Option<Event> {
    let kind = request.header("x-github-event")?;
    let action = text(body, "/action").unwrap_or_default();
    Some(match (kind, action) {
        ("organization", "member_added" | "member_removed" | "renamed") | ("membership" | "team", _) => Event::Changed,
        _ => Event::Other(format!("{kind} {action}").trim_end().to_owned()),
    })
}
