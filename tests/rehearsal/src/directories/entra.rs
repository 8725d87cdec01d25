//! Microsoft Entra ID behind Microsoft Graph: the people of a group, nested groups flattened, or of the whole tenant.
//!
//! Quirks kept: the cast to users is an advanced query on every page, the count stands on the first page only, a page may be
//! empty and not the last, a missing permission may show as people with nothing but an id, and the disabled stay in their
//! groups.

mod knobs;
mod wire;

use std::sync::{Mutex, MutexGuard};

use serde_json::{Value, json};

use super::links::{self, Marks};
use super::{Member, Members, Platform, Standing};
use crate::checks::{self, forbidden, unknown_route};
use crate::server::{Answer, Refusal, Reply, Request, Shape, Site, lock};

use knobs::Settings;
use wire::{no, no_token, properties, shown};

pub use knobs::{Entra, Revocation};

/// The most that Graph sends on a page of users.
const MAX_TOP: u64 = 999;
/// What Graph sends on a page where nothing is asked for.
const DEFAULT_TOP: u64 = 100;

const TENANT: &str = "canary-tenant";
const CLIENT_ID: &str = "entra-client";
const SCOPE: &str = "https://graph.microsoft.com/.default";
const CURSOR: &str = "$skiptoken";

/// Entra's side of the talk.
#[derive(Default)]
pub struct EntraPlatform {
    members: Mutex<Members>,
    settings: Mutex<Settings>,
    tokens: Mutex<Tokens>,
    marks: Marks,
}

#[derive(Default)]
struct Tokens {
    good: Vec<String>,
    count: usize,
}

impl Platform for EntraPlatform {
    const KIND: &'static str = "entra";

    fn members(&self) -> MutexGuard<'_, Members> {
        lock(&self.members)
    }

    fn document(&self, url: &str) -> Value {
        json!({
            "kind": Self::KIND, "base_url": url, "login_url": url, "tenant": TENANT, "client_id": CLIENT_ID,
            "client_secret": lock(&self.settings).client_secret(),
        })
    }

    fn rotate_key(&self) {
        lock(&self.settings).generation += 1;
        self.expire_tokens();
    }

    fn expire_tokens(&self) {
        lock(&self.tokens).good.clear();
    }

    fn revoke(&self) {
        lock(&self.settings).revoked = true;
    }

    fn throttle_once(&self) {
        lock(&self.settings).throttled = true;
    }
}

impl Site for EntraPlatform {
    fn answer(&self, request: &Request) -> Answer {
        let segments = request.segments();
        let route: Vec<_> = segments.iter().map(String::as_str).collect();
        match (request.method.as_str(), route.as_slice()) {
            ("POST", [tenant, "oauth2", "v2.0", "token"]) => self.token(request, tenant),
            ("GET", ["v1.0", "groups", group, "transitiveMembers", "microsoft.graph.user"]) => {
                if request.parameter("$count").is_none() {
                    return Err(forbidden("the cast to users needs $count=true"));
                }
                self.list(request, Some(group))
            }
            ("GET", ["v1.0", "users"]) => self.list(request, None),
            _ => Err(unknown_route(request)),
        }
    }

    fn error_body(&self, status: u16) -> Value {
        let code = match status {
            401 => "InvalidAuthenticationToken",
            403 => "Authorization_RequestDenied",
            404 => "Request_ResourceNotFound",
            429 => "TooManyRequests",
            503 => "serviceNotAvailable",
            _ => "UnknownError",
        };
        wire::error(code, &format!("error {status}"))
    }

    fn shape(&self) -> Shape {
        Shape {
            lists: &["value"],
            total: "@odata.count",
            required: &["id", "access_token", "value"],
        }
    }
}

impl EntraPlatform {
    /// Issues a token for the client's secret, which travels in the form only.
    fn token(&self, request: &Request, tenant: &str) -> Answer {
        checks::without_header(request, "authorization")?;
        checks::only_query(request, &[])?;
        let fields = checks::form(request, &["grant_type", "client_id", "client_secret", "scope"])?;
        if fields[0] != "client_credentials" {
            return Err(forbidden("grant_type is not client_credentials"));
        }
        if fields[3] != SCOPE {
            return Err(forbidden(format!("scope is not {SCOPE}")));
        }
        if tenant != TENANT {
            let description = format!("AADSTS90002: Tenant '{tenant}' not found.");
            return Err(no_token(400, "invalid_request", &description));
        }
        if fields[1] != CLIENT_ID {
            let description = format!("AADSTS700016: Application '{}' was not found.", fields[1]);
            return Err(no_token(400, "unauthorized_client", &description));
        }
        if fields[2] != lock(&self.settings).client_secret() {
            let description = "AADSTS7000215: Invalid client secret provided.";
            return Err(no_token(401, "invalid_client", description));
        }
        let mut tokens = lock(&self.tokens);
        tokens.count += 1;
        let token = format!("canary-entra-token-{}", tokens.count);
        tokens.good.push(token.clone());
        Ok(Reply::json(
            200,
            &json!({ "token_type": "Bearer", "expires_in": 3599, "access_token": token }),
        ))
    }

    /// A page of a group's people, or of everybody.
    fn list(&self, request: &Request, group: Option<&str>) -> Answer {
        checks::no_body(request)?;
        checks::only_query(request, &["$select", "$top", "$count", CURSOR])?;
        let properties = properties(request.parameter("$select"))?;
        let top = checks::number(request, "$top", 1..=MAX_TOP)?.unwrap_or(DEFAULT_TOP);
        let counts = counts(request)?;
        let page = self.page(request)?;
        self.admit(request, group)?;

        let settings = lock(&self.settings).clone();
        let members = lock(&self.members);
        let listed = match group {
            Some(group) => members.group(group).ok_or_else(|| not_found(group))?,
            None => members.all(),
        };
        let listed: Vec<Member> = listed.into_iter().filter(|m| m.standing != Standing::Gone).collect();
        let mut pages = members.pages(&listed, usize::try_from(top).unwrap_or(usize::MAX));
        // The count stands on the true first page and is lost with it.
        let first_is_there = pages.first().and_then(|page| page.first()) == listed.first();
        if let Some(empty) = settings.empty_page {
            pages.insert(empty.min(pages.len()), Vec::new());
        }

        let mut body = json!({ "@odata.context": "https://graph.microsoft.com/v1.0/$metadata#users" });
        if counts && page == 0 && first_is_there {
            body["@odata.count"] = json!(listed.len());
        }
        let next = &settings.next_link;
        if let Some(link) = self.marks.next(request, CURSOR, next, page, pages.len()) {
            body["@odata.nextLink"] = json!(link);
        }
        let people = pages.get(page).map(Vec::as_slice).unwrap_or_default();
        let show = |member| shown(member, &properties, &settings);
        body["value"] = people.iter().map(show).collect();
        Ok(Reply::json(200, &body))
    }

    /// The page asked for, from 0. A link is followed as it is: nobody but Graph knows what a mark stands for.
    fn page(&self, request: &Request) -> Result<usize, Refusal> {
        let Some(mark) = request.parameter(CURSOR) else {
            return Ok(0);
        };
        let meant = self.marks.meant(mark);
        let (list, page) = meant.ok_or_else(|| no(400, "Directory_ExpiredPageToken", "unknown page token"))?;
        if list == links::list(request, CURSOR) {
            return Ok(page);
        }
        Err(forbidden("the next link was not followed as it was given"))
    }

    /// Whether the client may have a list now: a good token, the permission, and not too soon.
    fn admit(&self, request: &Request, group: Option<&str>) -> Result<(), Refusal> {
        let token = checks::bearer(request)?;
        if !lock(&self.tokens).good.iter().any(|good| good == token) {
            let message = "Lifetime validation failed, the token is expired.";
            return Err(no(401, "InvalidAuthenticationToken", message));
        }
        let mut settings = lock(&self.settings);
        if std::mem::take(&mut settings.throttled) {
            let body = wire::error("TooManyRequests", "Too many requests.");
            return Err(Refusal::Plain(Reply::json(429, &body).with_header("retry-after", "0")));
        }
        // Only members may come back as bare ids, the list of all users may not.
        let silent = group.is_some() && settings.revocation == Revocation::Silent;
        if settings.revoked && !silent {
            let message = "Insufficient privileges to complete the operation.";
            return Err(no(403, "Authorization_RequestDenied", message));
        }
        Ok(())
    }
}

/// Whether the list is to be counted, which takes `ConsistencyLevel: eventual` on the first page and on every other.
fn counts(request: &Request) -> Result<bool, Refusal> {
    match request.parameter("$count") {
        None => Ok(false),
        Some("true") if request.header("consistencylevel") == Some("eventual") => Ok(true),
        Some("true") => Err(forbidden("$count needs the header ConsistencyLevel: eventual, once")),
        Some(_) => Err(forbidden("$count is not true")),
    }
}

fn not_found(group: &str) -> Refusal {
    let message =
        format!("Resource '{group}' does not exist or one of its queried reference-property objects are not present.");
    no(404, "Request_ResourceNotFound", &message)
}
