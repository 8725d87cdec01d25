//! Merge (<https://docs.merge.dev/merge-unified/reading-data/webhooks>): an employee with the address and the status.

use serde_json::Value;

use super::{Event, by_email, text};

pub(super) fn read(body: &Value) -> Option<Event> {
    let kind = text(body, "/hook/event")?;
    let status = text(body, "/data/employment_status");
    Some(
        match (kind.starts_with("Employee."), status, text(body, "/data/work_email")) {
            (true, Some("INACTIVE"), Some(email)) => Event::Left(vec![by_email(email)]),
            // Also a status that could not be mapped, and nobody that could be named.
            (true, ..) => Event::Changed,
            _ => Event::Other(kind.to_owned()),
        },
    )
}
