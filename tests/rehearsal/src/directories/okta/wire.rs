//! Okta's answers on the wire: users, groups, links and refusals.

use serde_json::{Value, json};

use super::knobs::{LinkForm, Settings};
use crate::directories::links::own;
use crate::directories::{Member, Standing};
use crate::server::{Refusal, Reply, Request};

/// The status of somebody who left.
pub(super) const GONE: &str = "DEPROVISIONED";

const CREATED: &str = "2025-03-01T09:30:00.000Z";
const UPDATED: &str = "2026-11-20T09:00:00.000Z";

/// A user, whose status is the word that a test has set, or follows from how they stand.
pub(super) fn shown(member: &Member, settings: &Settings) -> Value {
    let status = match member.standing {
        Standing::Active => "ACTIVE",
        Standing::Suspended => "SUSPENDED",
        Standing::Gone => GONE,
    };
    let id = &member.id;
    let status = settings.statuses.get(id).map_or(status, String::as_str);
    let login = member.login.as_ref().or(member.email.as_ref()).unwrap_or(id);
    let (first, last) = member.name.clone().unzip();
    json!({
        "id": id, "status": status, "created": CREATED, "lastUpdated": UPDATED,
        "profile": {
            "login": login, "email": member.email, "secondEmail": settings.second_emails.get(id),
            "firstName": first, "lastName": last, "employeeNumber": format!("canary-employee-{id}"),
        },
    })
}

pub(super) fn group(id: &str) -> Value {
    json!({
        "id": id, "created": CREATED, "lastUpdated": UPDATED, "lastMembershipUpdated": UPDATED,
        "objectClass": ["okta:user_group"], "type": "OKTA_GROUP",
        "profile": { "name": format!("canary-group-{id}"), "description": null },
    })
}

/// The reply with the link to itself and, behind it, the one to the next page.
pub(super) fn linked(reply: Reply, request: &Request, next: Option<String>, form: LinkForm) -> Reply {
    let this = format!("<{}{}>; rel=\"self\"", own(request), request.target);
    let next = next.map(|link| format!("<{link}>; rel=\"next\""));
    match (next, form) {
        (None, _) => reply.with_header("link", &this),
        (Some(next), LinkForm::Lines) => reply.with_header("link", &this).with_header("link", &next),
        (Some(next), LinkForm::OneLine) => reply.with_header("link", &format!("{this}, {next}")),
    }
}

/// Okta's refusal.
pub(super) fn no(status: u16, code: &str, summary: &str) -> Refusal {
    Refusal::plain(status, &error(code, summary))
}

pub(super) fn error(code: &str, summary: &str) -> Value {
    json!({
        "errorCode": code, "errorSummary": summary, "errorLink": code, "errorId": "canary-error", "errorCauses": [],
    })
}
