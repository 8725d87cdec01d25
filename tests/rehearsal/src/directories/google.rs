//! Google Workspace's Directory API: a signed assertion buys a token, which reads users and the members of groups.
//!
//! Quirks kept: an empty list is no list, a 403 may mean "too often", a group may hold groups, outsiders and "everybody", and
//! only a group's own entries are listed unless derived ones are asked for.

mod knobs;
mod lists;
mod token;
mod wire;

use std::sync::{Mutex, MutexGuard};

use serde_json::{Value, json};

use super::{Members, Platform, SigningKey};
use crate::checks::{self, unknown_route};
use crate::server::{Answer, Refusal, Request, Shape, Site, lock};

use knobs::Settings;
use wire::{failure, no};

pub use knobs::{Entry, Google, Revocation, Throttle};

/// The only domain of this customer.
const DOMAIN: &str = "example.test";

/// The administrator in whose name everything is read.
const SUBJECT: &str = "admin@example.test";

/// The service account's address.
const CLIENT_EMAIL: &str = "rollcall@canary.iam.gserviceaccount.example";

/// Google's side of the talk.
#[derive(Default)]
pub struct GooglePlatform {
    members: Mutex<Members>,
    key: Mutex<SigningKey>,
    settings: Mutex<Settings>,
    tokens: Mutex<Tokens>,
}

/// The access tokens that are good.
#[derive(Default)]
struct Tokens {
    issued: Vec<String>,
    count: usize,
}

impl Platform for GooglePlatform {
    const KIND: &'static str = "google";

    fn members(&self) -> MutexGuard<'_, Members> {
        lock(&self.members)
    }

    fn document(&self, url: &str) -> Value {
        json!({
            "kind": Self::KIND, "base_url": url, "domain": DOMAIN, "subject": SUBJECT,
            "service_account": {
                "type": "service_account", "project_id": "canary-project",
                "private_key_id": format!("canary-key-{}", lock(&self.settings).generation),
                "private_key": lock(&self.key).pkcs8_pem(), "client_email": CLIENT_EMAIL, "client_id": "1",
                "token_uri": format!("{url}/token"),
            },
        })
    }

    fn rotate_key(&self) {
        *lock(&self.key) = SigningKey::default();
        lock(&self.settings).generation += 1;
        self.expire_tokens();
    }

    fn expire_tokens(&self) {
        lock(&self.tokens).issued.clear();
    }

    /// Without delegation no token is issued, and none that was is worth anything.
    fn revoke(&self) {
        let mut settings = lock(&self.settings);
        settings.revoked = true;
        if settings.revocation == Revocation::Delegation {
            self.expire_tokens();
        }
    }

    fn throttle_once(&self) {
        lock(&self.settings).throttled = true;
    }
}

impl Site for GooglePlatform {
    fn answer(&self, request: &Request) -> Answer {
        let segments = request.segments();
        let route: Vec<_> = segments.iter().map(String::as_str).collect();
        match (request.method.as_str(), route.as_slice()) {
            ("POST", ["token"]) => self.exchange(request),
            ("GET", ["admin", "directory", "v1", "users"]) => {
                self.admit(request)?;
                self.list_users(request)
            }
            ("GET", ["admin", "directory", "v1", "groups", group, "members"]) => {
                self.admit(request)?;
                self.list_group(request, group)
            }
            // Everything else of the API is not for a reader.
            _ => Err(unknown_route(request)),
        }
    }

    fn error_body(&self, status: u16) -> Value {
        let reason = match status {
            403 => "forbidden",
            404 => "notFound",
            429 => "rateLimitExceeded",
            500.. => "backendError",
            _ => "invalid",
        };
        failure(status, reason, "canary: what went wrong")
    }

    fn shape(&self) -> Shape {
        Shape {
            lists: &["users", "members"],
            total: "",
            required: &["id", "access_token"],
        }
    }
}

impl GooglePlatform {
    /// Who may read, as long as it is not too often.
    fn admit(&self, request: &Request) -> Result<(), Refusal> {
        checks::no_body(request)?;
        let token = checks::bearer(request)?;
        if !lock(&self.tokens).issued.iter().any(|issued| issued == token) {
            return Err(no(401, "authError", "Request had invalid authentication credentials."));
        }
        let mut settings = lock(&self.settings);
        if settings.revoked && settings.revocation == Revocation::Lists {
            let message = "Not Authorized to access this resource/api";
            return Err(no(403, "forbidden", message));
        }
        if std::mem::take(&mut settings.throttled) {
            return Err(settings.throttle.refusal());
        }
        Ok(())
    }
}
