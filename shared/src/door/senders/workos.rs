//! WorkOS Directory Sync (crate `workos` 2.5.0): users with their address and state.

use serde_json::Value;

use super::{Event, by_email, text};

pub(super) fn read(body: &Value) -> Option<Event> {
    let kind = text(body, "/event")?;
    let email = text(body, "/data/email").or_else(|| text(body, "/data/emails/0/value"));
    let gone =
        kind == "dsync.user.deleted" || kind == "dsync.user.updated" && text(body, "/data/state") == Some("inactive");
    Some(match (gone, email) {
        (true, Some(email)) => Event::Left(vec![by_email(email)]),
        (true, None) => Event::Changed,
        (false, _) if kind.starts_with("dsync.") => Event::Changed,
        (false, _) => Event::Other(kind.to_owned()),
    })
}
