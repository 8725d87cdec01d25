//! Microsoft Entra ID: a lifecycle workflow's step, which a Logic App forwards as it came
//! (<https://learn.microsoft.com/en-us/entra/id-governance/lifecycle-workflow-extensibility>). It names one person; what is to be
//! done about them, the URL says.

use serde_json::Value;

use super::{Event, by_email_or_id, text};
use crate::planning::identity::Email;

pub(super) fn is_one(body: &Value) -> bool {
    text(body, "/type") == Some("lifecycleEvent") && body.pointer("/data/subject").is_some()
}

pub(super) fn read(body: &Value) -> Option<Event> {
    let subject = |name: &str| text(body, &format!("/data/subject/{name}"));
    let is_address = |text: &&str| Email::parse(text).is_some();
    // The name they sign in with is an address in form; their mailbox may be another, or none.
    let email = subject("email").filter(is_address);
    let email = email.or_else(|| subject("userPrincipalName").filter(is_address));
    Some(Event::Named(vec![by_email_or_id(email, "entra", subject("id"))?]))
}
