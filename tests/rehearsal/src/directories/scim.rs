//! A SCIM 2.0 server as a source (RFC 7643, RFC 7644; pages by cursor: RFC 9865): users, groups and what it can do.
//!
//! Quirks kept: pages count from 1 and are cut as the server likes, attribute names have no case, a `false` may be text, and
//! what is not assigned may be absent, `null` or empty.

mod knobs;
mod lists;
mod wire;

use std::sync::{Mutex, MutexGuard};

use serde_json::{Value, json};

use super::{Members, Platform};
use crate::checks::{self, forbidden, unknown_route};
use crate::server::{Answer, Refusal, Request, Shape, Site, lock};

use knobs::Settings;
use wire::{Resources, failure, no, not_found, refusal};

pub use knobs::{Scim, Sloppy};

/// What an answer is made of, and what a client may ask for.
const MEDIA_TYPE: &str = "application/scim+json";

/// The SCIM server's side of the talk.
#[derive(Default)]
pub struct ScimPlatform {
    members: Mutex<Members>,
    settings: Mutex<Settings>,
}

impl Platform for ScimPlatform {
    const KIND: &'static str = "scim";

    fn members(&self) -> MutexGuard<'_, Members> {
        lock(&self.members)
    }

    fn document(&self, url: &str) -> Value {
        json!({
            "kind": Self::KIND, "base_url": format!("{url}/scim/v2"), "token": lock(&self.settings).token(),
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

impl Site for ScimPlatform {
    fn answer(&self, request: &Request) -> Answer {
        let segments = request.segments();
        let route: Vec<_> = segments.iter().map(String::as_str).collect();
        let ("GET", ["scim", "v2", resource @ ..]) = (request.method.as_str(), route.as_slice()) else {
            // A reader writes nothing, and asks for nothing by POST.
            return Err(unknown_route(request));
        };
        match resource {
            ["ServiceProviderConfig"] => {
                checks::only_query(request, &[])?;
                self.admit(request)?;
                let settings = lock(&self.settings);
                Ok(Resources::of(request, &settings).reply(wire::provider_config(&settings)))
            }
            ["Users"] => {
                self.admit_reader(request)?;
                self.list_users(request)
            }
            ["Users", id] => {
                checks::only_query(request, &[])?;
                self.admit_reader(request)?;
                let (members, settings) = (lock(&self.members), lock(&self.settings));
                let member = members.all().into_iter().find(|member| member.id == *id);
                let resources = Resources::of(request, &settings);
                Ok(resources.reply(resources.user(&member.ok_or_else(not_found)?)))
            }
            ["Groups"] => {
                self.admit_reader(request)?;
                self.list_groups(request)
            }
            ["Groups", id] => {
                checks::only_query(request, &[])?;
                self.admit_reader(request)?;
                let (members, settings) = (lock(&self.members), lock(&self.settings));
                let people = members.group(id).ok_or_else(not_found)?;
                let resources = Resources::of(request, &settings);
                Ok(resources.reply(resources.group(id, &people)))
            }
            _ => Err(unknown_route(request)),
        }
    }

    fn error_body(&self, status: u16) -> Value {
        failure(status, "", "canary: what went wrong")
    }

    fn shape(&self) -> Shape {
        Shape {
            lists: &["Resources"],
            total: "totalResults",
            required: &["id", "totalResults"],
        }
    }
}

impl ScimPlatform {
    /// Who holds the token, and understands the answer.
    fn admit(&self, request: &Request) -> Result<(), Refusal> {
        checks::no_body(request)?;
        let accept = request.header("accept").unwrap_or_default();
        let mut media_types = accept
            .split(',')
            .map(|range| range.split(';').next().unwrap_or_default());
        if !media_types.any(|range| matches!(range.trim(), MEDIA_TYPE | "application/json")) {
            return Err(forbidden(format!("Accept is {accept:?}, not {MEDIA_TYPE}")));
        }
        if checks::bearer(request)? != lock(&self.settings).token() {
            return Err(no(401, "", "Authorization failure"));
        }
        Ok(())
    }

    /// Who may read people, too, as long as it is not too often.
    fn admit_reader(&self, request: &Request) -> Result<(), Refusal> {
        self.admit(request)?;
        let mut settings = lock(&self.settings);
        if settings.revoked {
            return Err(no(403, "", "Operation is not permitted"));
        }
        if std::mem::take(&mut settings.throttled) {
            let reply = refusal(429, "", "canary: too many requests").with_header("retry-after", "0");
            return Err(Refusal::Plain(reply));
        }
        Ok(())
    }
}
