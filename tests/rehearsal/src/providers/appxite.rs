//! AppXite's user management (`openapi/appxite.yaml`, provisional): paged lists, and invitations that send mail.
//!
//! Quirks kept: two credentials on every call, states New, Active and Blocked, an invitation that dies after seven days, no
//! public way to block unless a test opens one. The contract lets objects carry further members; this simulator does not, for
//! a client has no business inventing names.

mod invite;
mod knobs;

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard};

use serde_json::{Value, json};

use super::oauth::TokenDesk;
use super::{Platform, State};
use crate::checks::{self, unknown_route};
use crate::people::{Account, People};
use crate::server::{Answer, Refusal, Reply, Request, Shape, Site, lock};

use knobs::Settings;

pub use knobs::{Appxite, IdentityProvider, Role};

const KEY_HEADER: &str = "ocp-apim-subscription-key";
/// Without `pageSize`; how much AppXite sends then is unknown.
const DEFAULT_PAGE_SIZE: u64 = 50;
const ORGANIZATIONS: [&str; 2] = ["org-0001", "org-0002"];

/// AppXite's side of the talk.
pub struct AppxitePlatform {
    people: Mutex<People>,
    refused: Mutex<Vec<String>>,
    mails: Mutex<HashMap<String, usize>>,
    settings: Mutex<Settings>,
    desk: Mutex<TokenDesk>,
}

impl Default for AppxitePlatform {
    fn default() -> Self {
        Self {
            people: Mutex::default(),
            refused: Mutex::default(),
            mails: Mutex::default(),
            settings: Mutex::default(),
            desk: Mutex::new(TokenDesk::new("appxite")),
        }
    }
}

impl Platform for AppxitePlatform {
    const ID: &'static str = "appxite";
    const HAS_STATUS: bool = true;

    fn people(&self) -> MutexGuard<'_, People> {
        lock(&self.people)
    }

    fn refused(&self) -> MutexGuard<'_, Vec<String>> {
        lock(&self.refused)
    }

    fn document(&self, url: &str) -> Value {
        let settings = lock(&self.settings);
        let mut document = json!({
            "base_url": url, "subscription_key": settings.key(), "token": settings.token(),
            "organization_ids": [ORGANIZATIONS[0]],
        });
        if settings.allow_block {
            document["paths"] = json!({ "block": "/users/{id}/block" });
        }
        document
    }

    fn native_id(ordinal: usize) -> String {
        format!("8a7c0d1e-0000-4000-8000-{ordinal:012x}")
    }

    fn held(state: State) -> State {
        state
    }

    fn rotate_key(&self) {
        lock(&self.settings).key_generation += 1;
        self.rotate_token();
    }

    fn expire_tokens(&self) {
        lock(&self.desk).expire();
    }
}

impl Site for AppxitePlatform {
    fn answer(&self, request: &Request) -> Answer {
        let segments = request.segments();
        let route: Vec<_> = segments.iter().map(String::as_str).collect();
        let settings = lock(&self.settings).clone();
        match (request.method.as_str(), route.as_slice()) {
            ("POST", ["oauth", "token"]) => {
                checks::without_header(request, KEY_HEADER)?;
                lock(&self.desk).answer(request)
            }
            ("GET", ["users"]) => {
                self.admit(request, &["organizationId", "page", "pageSize"])?;
                checks::no_body(request)?;
                self.list(request, &settings)
            }
            ("GET", ["roles"]) => {
                self.admit(request, &[])?;
                checks::no_body(request)?;
                let role = |role: &Role| json!({ "Id": role.id, "Name": role.name, "Weight": role.weight });
                Ok(listed(settings.roles.iter().map(role).collect(), None, &settings))
            }
            ("GET", ["identity-providers"]) => {
                self.admit(request, &[])?;
                checks::no_body(request)?;
                let ways = settings
                    .identity_providers
                    .iter()
                    .map(|way| json!({ "Id": way.id, "Name": way.name, "Prefix": way.prefix, "Enabled": way.enabled }));
                Ok(listed(ways.collect(), None, &settings))
            }
            ("POST", ["users", "invite"]) => {
                self.admit(request, &[])?;
                self.invite(request, &settings)
            }
            ("POST", ["users", id, "block"]) if settings.allow_block => {
                self.admit(request, &[])?;
                self.block(request, id)
            }
            _ => Err(unknown_route(request)),
        }
    }

    fn error_body(&self, status: u16) -> Value {
        json!({ "statusCode": status, "message": format!("error {status}") })
    }

    fn shape(&self) -> Shape {
        Shape {
            lists: &["Items"],
            total: "TotalCount",
            required: &["Id", "Items", "access_token"],
        }
    }
}

impl AppxitePlatform {
    fn rotate_token(&self) {
        lock(&self.settings).token_generation += 1;
        lock(&self.desk).rotate();
    }

    /// The gateway looks at the key first; its 401 names the credential that failed.
    fn admit(&self, request: &Request, query: &[&str]) -> Result<(), Refusal> {
        let key = request.header(KEY_HEADER);
        let key = key.ok_or_else(|| checks::forbidden(format!("{KEY_HEADER} must be there exactly once")))?;
        let token = checks::bearer(request)?;
        checks::only_query(request, query)?;
        let settings = lock(&self.settings).clone();
        if key != settings.key() {
            return Err(no(401, "Access denied due to invalid subscription key"));
        }
        if token != settings.token() && !lock(&self.desk).accepts(token) {
            return Err(no(401, "Bearer token is invalid or expired"));
        }
        Ok(())
    }

    fn list(&self, request: &Request, settings: &Settings) -> Answer {
        if let Some(organization) = request.parameter("organizationId") {
            known_organization(organization)?;
        }
        let page = checks::number(request, "page", 1..=u64::MAX)?.unwrap_or(1);
        let size = checks::number(request, "pageSize", 1..=u64::MAX)?.unwrap_or(DEFAULT_PAGE_SIZE);
        let size = size.min(settings.max_page_size);
        let people = lock(&self.people);
        let total = people.present().count();
        let (start, size) = match settings.ignore_paging {
            true => (0, usize::MAX),
            false => (
                usize::try_from((page - 1).saturating_mul(size)).unwrap_or(usize::MAX),
                usize::try_from(size).unwrap_or(usize::MAX),
            ),
        };
        let page = people.present().skip(start).take(size);
        let users: Vec<_> = page.map(|account| shown(account, settings)).collect();
        Ok(listed(users, Some(total), settings))
    }

    /// A portal function that an operator may have found the call of; answers like the rest.
    fn block(&self, request: &Request, id: &str) -> Answer {
        if !request.body.is_empty() {
            checks::object(request, &[])?;
        }
        let mut people = lock(&self.people);
        let account = people.listed(id).ok_or_else(|| no(404, "user not found"))?;
        if self.refuses_account(account) {
            return Err(no(400, "rejected"));
        }
        account.state = State::Dormant;
        account.word = None;
        Ok(Reply::json(200, &json!({})))
    }
}

fn listed(items: Vec<Value>, total: Option<usize>, settings: &Settings) -> Reply {
    let body = match (settings.bare_arrays, total) {
        (true, _) => json!(items),
        (false, Some(total)) => json!({ "Items": items, "TotalCount": total }),
        (false, None) => json!({ "Items": items }),
    };
    Reply::json(200, &body)
}

/// AppXite's own error body is unknown; the gateway's stands in for it.
fn no(status: u16, message: &str) -> Refusal {
    Refusal::plain(status, &json!({ "statusCode": status, "message": message }))
}

fn known_organization(id: &str) -> Result<(), Refusal> {
    if ORGANIZATIONS.contains(&id) {
        Ok(())
    } else {
        Err(no(404, "unknown organisation"))
    }
}

fn shown(account: &Account, settings: &Settings) -> Value {
    let state = match account.state {
        State::Invited => "New",
        State::Active => "Active",
        State::Dormant | State::Gone => "Blocked",
    };
    let email = account.seed.email.as_deref().unwrap_or_default().to_lowercase();
    let created = settings.created_dates.get(&email).cloned();
    json!({
        "Id": account.id, "Email": account.seed.email,
        "CreatedDate": created.unwrap_or_else(|| account.since.to_string()),
        "AccountState": account.word.as_deref().unwrap_or(state),
    })
}
