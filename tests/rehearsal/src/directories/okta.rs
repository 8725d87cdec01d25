//! Okta: the people of a group or of the whole organisation, as bare arrays whose next page stands in a header.
//!
//! Quirks kept: `Link` comes as several lines with the page itself first, a person who left stays in a group's list and is
//! missing from the list of all, a status says more than in or out, and a request too many is answered without `Retry-After`.

mod knobs;
mod wire;

use std::sync::{Mutex, MutexGuard};

use jiff::Timestamp;
use serde_json::{Value, json};

use super::links::{self, Marks};
use super::{Members, Platform};
use crate::checks::{self, forbidden, unknown_route};
use crate::server::{Answer, Refusal, Reply, Request, Shape, Site, lock};

use knobs::Settings;
use wire::{GONE, linked, no, shown};

pub use knobs::{LinkForm, Okta};

/// The most that the contract asks for on a page.
const MAX_LIMIT: u64 = 200;
/// How many calls a minute Okta lets an organisation make here.
const CALLS: &str = "600";
const CURSOR: &str = "after";

/// Okta's side of the talk.
#[derive(Default)]
pub struct OktaPlatform {
    members: Mutex<Members>,
    settings: Mutex<Settings>,
    marks: Marks,
}

impl Platform for OktaPlatform {
    const KIND: &'static str = "okta";

    fn members(&self) -> MutexGuard<'_, Members> {
        lock(&self.members)
    }

    fn document(&self, url: &str) -> Value {
        json!({
            "kind": Self::KIND, "base_url": url, "domain": "acme.okta.example", "token": lock(&self.settings).token(),
        })
    }

    fn rotate_key(&self) {
        lock(&self.settings).generation += 1;
    }

    fn revoke(&self) {
        lock(&self.settings).revoked = true;
    }

    fn throttle_once(&self) {
        lock(&self.settings).throttled = true;
    }
}

impl Site for OktaPlatform {
    fn answer(&self, request: &Request) -> Answer {
        let segments = request.segments();
        let route: Vec<_> = segments.iter().map(String::as_str).collect();
        match (request.method.as_str(), route.as_slice()) {
            ("GET", ["api", "v1", "groups", group, "users"]) => self.list(request, Some(group)),
            ("GET", ["api", "v1", "users"]) => self.list(request, None),
            ("GET", ["api", "v1", "groups", group]) => {
                checks::only_query(request, &[])?;
                self.admit(request)?;
                lock(&self.members).group(group).ok_or_else(|| not_found(group))?;
                Ok(Reply::json(200, &wire::group(group)))
            }
            _ => Err(unknown_route(request)),
        }
    }

    fn error_body(&self, status: u16) -> Value {
        let code = match status {
            401 => "E0000011",
            403 => "E0000006",
            404 => "E0000007",
            429 => "E0000047",
            _ => "E0000009",
        };
        wire::error(code, &format!("error {status}"))
    }

    /// Lists are bare arrays, and nothing is counted.
    fn shape(&self) -> Shape {
        Shape {
            required: &["id", "status"],
            ..Shape::default()
        }
    }
}

impl OktaPlatform {
    /// A page of a group's people, or of everybody who has not left.
    fn list(&self, request: &Request, group: Option<&str>) -> Answer {
        checks::only_query(request, &["limit", CURSOR])?;
        let limit = checks::number(request, "limit", 1..=MAX_LIMIT)?.unwrap_or(MAX_LIMIT);
        self.admit(request)?;
        self.make_wait()?;
        let page = self.page(request)?;

        let settings = lock(&self.settings).clone();
        let members = lock(&self.members);
        let listed = match group {
            Some(group) => members.group(group).ok_or_else(|| not_found(group))?,
            None => members.all(),
        };
        let mut users: Vec<Value> = listed.iter().map(|member| shown(member, &settings)).collect();
        if group.is_none() {
            users.retain(|user| user["status"] != GONE);
        }
        let pages = members.pages(&users, usize::try_from(limit).unwrap_or(usize::MAX));
        let next = self.marks.next(request, CURSOR, &settings.next_link, page, pages.len());
        let users = pages.get(page).map(Vec::as_slice).unwrap_or_default();
        Ok(linked(
            Reply::json(200, &json!(users)),
            request,
            next,
            settings.link_form,
        ))
    }

    /// The page asked for, from 0. A mark is good for the list and the limit it was given for.
    fn page(&self, request: &Request) -> Result<usize, Refusal> {
        let Some(mark) = request.parameter(CURSOR) else {
            return Ok(0);
        };
        let list = links::list(request, CURSOR);
        let meant = self.marks.meant(mark).filter(|(meant, _)| *meant == list);
        meant
            .map(|(_, page)| page)
            .ok_or_else(|| no(400, "E0000001", "Api validation failed: after"))
    }

    /// Whether the client may see people at all: the scheme, the token, the permission.
    fn admit(&self, request: &Request) -> Result<(), Refusal> {
        checks::no_body(request)?;
        if request.header("accept") != Some("application/json") {
            return Err(forbidden("Accept is not application/json"));
        }
        let token = checks::authorization(request)?
            .strip_prefix("SSWS ")
            .ok_or_else(|| forbidden("Authorization is not of the scheme SSWS"))?;
        let settings = lock(&self.settings);
        if token != settings.token() {
            return Err(no(401, "E0000011", "Invalid token provided"));
        }
        if settings.revoked {
            let summary = "You do not have permission to perform the requested action";
            return Err(no(403, "E0000006", summary));
        }
        Ok(())
    }

    /// A request too many is told when the next minute begins: now.
    fn make_wait(&self) -> Result<(), Refusal> {
        if !std::mem::take(&mut lock(&self.settings).throttled) {
            return Ok(());
        }
        let summary = "API call exceeded rate limit due to too many requests.";
        let reply = Reply::json(429, &wire::error("E0000047", summary))
            .with_header("x-rate-limit-limit", CALLS)
            .with_header("x-rate-limit-remaining", "0")
            .with_header("x-rate-limit-reset", &Timestamp::now().as_second().to_string());
        Err(Refusal::Plain(reply))
    }
}

fn not_found(group: &str) -> Refusal {
    no(
        404,
        "E0000007",
        &format!("Not found: Resource not found: {group} (UserGroup)"),
    )
}
