//! Powens' answers on the wire: users, pages, tokens and refusals.

use serde_json::{Value, json};

use super::knobs::Settings;
use crate::people::Account;
use crate::server::{Refusal, Reply, Request};

pub(super) fn exchange(token: &str) -> Reply {
    Reply::json(200, &json!({ "access_token": token, "token_type": "Bearer" }))
}

pub(super) fn no(status: u16, code: &str, description: &str) -> Refusal {
    let body = json!({ "code": code, "description": description, "message": null, "request_id": 900_002 });
    Refusal::plain(status, &body)
}

pub(super) fn not_found() -> Refusal {
    no(404, "notFound", "unknown resource")
}

pub(super) fn links(request: &Request, settings: &Settings, limit: u64, offset: u64, total: u64) -> Value {
    let own = format!("http://{}/2.0", request.header("host").unwrap_or_default());
    let base = settings.links_to.as_deref().unwrap_or(&own);
    let link = |offset: u64| json!({ "href": format!("{base}/users?limit={limit}&offset={offset}") });
    let next = offset.saturating_add(limit);
    json!({
        "prev": if offset == 0 { Value::Null } else { link(offset.saturating_sub(limit)) },
        "self": link(offset),
        "next": if next < total { link(next) } else { Value::Null },
    })
}

pub(super) fn shown(account: &Account) -> Value {
    let id: i64 = account.id.parse().expect("a powens id is a number");
    json!({ "id": id, "signin": "2025-03-01 09:30:00", "platform": "sharedAccess" })
}
