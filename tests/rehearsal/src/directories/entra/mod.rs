//! Microsoft Entra ID, as Microsoft Graph v1.0 shows it.
//!
//! Quirks kept: a cast and a count want `ConsistencyLevel: eventual` on every page, only selected properties are shown, the count
//! is on the first page only, pages may be empty and not the last, disabled users stay in their groups.

mod users;

use std::sync::{Mutex, MutexGuard};

use serde_json::{Value, json};

use super::{Member, Members, Platform, Simulated, Standing};
use crate::checks::{self, forbidden, unknown_route};
use crate::server::{Answer, Refusal, Reply, Request, Shape, Site, lock};

use users::{DEFAULT, PROPERTIES, shown};

/// A simulated tenant.
pub type Entra = Simulated<EntraPlatform>;

const TENANT: &str = "canary-tenant";
const CLIENT: &str = "canary-client";

/// Microsoft's side of the talk.
#[derive(Default)]
pub struct EntraPlatform {
    members: Mutex<Members>,
    settings: Mutex<Settings>,
}

#[derive(Default)]
struct Settings {
    generation: usize,
    tokens: Vec<String>,
    issued: usize,
    lacks: Option<Lack>,
    throttled: bool,
    empty_page: bool,
    stuck: bool,
    next_host: Option<String>,
    other_mails: Vec<(String, String)>,
}

/// How a missing permission shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lack {
    /// A 403.
    Refused,
    /// Members with an id and nothing else.
    IdsOnly,
}

impl EntraPlatform {
    /// Takes the permission to read users away, shown so.
    pub fn lack(&self, lack: Lack) {
        lock(&self.settings).lacks = Some(lack);
    }

    /// Sends an empty page between the first and the second.
    pub fn with_empty_page(&self) {
        lock(&self.settings).empty_page = true;
    }

    /// Sends an empty page after the first, which leads to itself for ever.
    pub fn lead_nowhere(&self) {
        let mut settings = lock(&self.settings);
        (settings.empty_page, settings.stuck) = (true, true);
    }

    /// Lets next links lead to this origin.
    pub fn lead_to(&self, origin: &str) {
        lock(&self.settings).next_host = Some(origin.to_owned());
    }

    /// Lets somebody have written down an address of their own.
    pub fn write_other_mail(&self, id: &str, mail: &str) {
        lock(&self.settings).other_mails.push((id.to_owned(), mail.to_owned()));
    }

    fn secret(&self) -> String {
        format!("canary+entra/secret&=%{}", lock(&self.settings).generation)
    }

    fn token(&self, request: &Request) -> Answer {
        checks::without_header(request, "authorization")?;
        checks::only_query(request, &[])?;
        let fields = checks::form(request, &["grant_type", "client_id", "client_secret", "scope"])?;
        if fields[0] != "client_credentials" || fields[3] != "https://graph.microsoft.com/.default" {
            return Err(forbidden("not a grant of client credentials for Graph"));
        }
        if fields[1] != CLIENT || fields[2] != self.secret() {
            return Err(Refusal::plain(
                401,
                &json!({"error": "invalid_client", "error_description": "AADSTS7000215"}),
            ));
        }
        let mut settings = lock(&self.settings);
        settings.issued += 1;
        let token = format!("eyJcanary-entra-{}", settings.issued);
        settings.tokens.push(token.clone());
        Ok(Reply::json(
            200,
            &json!({"token_type": "Bearer", "expires_in": 3599, "access_token": token}),
        ))
    }

    fn list(&self, request: &Request, group: Option<&str>) -> Answer {
        checks::no_body(request)?;
        checks::only_query(request, &["$select", "$top", "$count", "$skiptoken"])?;
        if request.header("consistencylevel") != Some("eventual") || request.parameter("$count") != Some("true") {
            return Err(forbidden(
                "a cast or a count needs ConsistencyLevel: eventual and $count=true",
            ));
        }
        let top = checks::number(request, "$top", 1..=999)?.unwrap_or(100);
        let selected: Vec<&str> = match request.parameter("$select") {
            Some(list) => list.split(',').collect(),
            None => DEFAULT.into(),
        };
        if let Some(unknown) = selected.iter().find(|name| !PROPERTIES.contains(name)) {
            return Err(forbidden(format!("a user has no property {unknown}")));
        }
        let token = checks::bearer(request)?;
        let mut settings = lock(&self.settings);
        if !settings.tokens.iter().any(|issued| issued == token) {
            return Err(refused(401, "InvalidAuthenticationToken"));
        }
        if std::mem::take(&mut settings.throttled) {
            return Err(Refusal::Plain(
                Reply::json(429, &graph_error("TooManyRequests")).with_header("retry-after", "0"),
            ));
        }
        if settings.lacks == Some(Lack::Refused) {
            return Err(refused(403, "Authorization_RequestDenied"));
        }
        let members = lock(&self.members);
        let people = match group {
            None => members.all(),
            Some(group) => members
                .group(group)
                .ok_or_else(|| refused(404, "Request_ResourceNotFound"))?,
        };
        let people: Vec<Member> = people
            .into_iter()
            .filter(|member| member.standing != Standing::Gone)
            .collect();
        let total = people.len();
        let first = people.first().cloned();
        let mut pages = members.pages(&people, usize::try_from(top).unwrap_or(usize::MAX));
        if settings.empty_page {
            pages.insert(1.min(pages.len()), Vec::new());
        }
        let number = match request.parameter("$skiptoken") {
            None => 0,
            Some(mark) => mark
                .strip_prefix("canary-")
                .and_then(|number| number.parse().ok())
                .ok_or_else(|| refused(400, "BadRequest"))?,
        };
        let page: &Vec<Member> = pages.get(number).ok_or_else(|| refused(400, "BadRequest"))?;
        let value: Vec<Value> = page.iter().map(|member| shown(member, &selected, &settings)).collect();
        let mut body = json!({"@odata.context": "https://graph.microsoft.com/v1.0/$metadata#users", "value": value});
        // The count belongs to the first page, and is gone where that is.
        let is_first = page.first().map(|member| &member.id) == first.as_ref().map(|member| &member.id);
        if number == 0 && is_first {
            body["@odata.count"] = json!(total);
        }
        if number + 1 < pages.len() {
            let origin = settings
                .next_host
                .clone()
                .or_else(|| Some(format!("http://{}", request.header("host")?)));
            let origin = origin.ok_or_else(|| forbidden("no Host"))?;
            let next = if settings.stuck && page.is_empty() {
                number
            } else {
                number + 1
            };
            let select = selected.join(",");
            let query = format!("$select={select}&$top={top}&$count=true&$skiptoken=canary-{}", next);
            body["@odata.nextLink"] = json!(format!("{origin}{}?{query}", request.path));
        }
        Ok(Reply::json(200, &body))
    }
}

fn graph_error(code: &str) -> Value {
    json!({"error": {"code": code, "message": format!("{code}, says Graph"), "innerError": {"date": "2026-11-20T09:00:00"}}})
}

fn refused(status: u16, code: &str) -> Refusal {
    Refusal::plain(status, &graph_error(code))
}

impl Site for EntraPlatform {
    fn answer(&self, request: &Request) -> Answer {
        let segments = request.segments();
        let route: Vec<_> = segments.iter().map(String::as_str).collect();
        match (request.method.as_str(), route.as_slice()) {
            ("POST", [TENANT, "oauth2", "v2.0", "token"]) => self.token(request),
            ("POST", [_, "oauth2", "v2.0", "token"]) => Err(Refusal::plain(400, &json!({"error": "invalid_request"}))),
            ("GET", ["v1.0", "users"]) => self.list(request, None),
            ("GET", ["v1.0", "groups", id, "transitiveMembers", "microsoft.graph.user"]) => {
                self.list(request, Some(id))
            }
            _ => Err(unknown_route(request)),
        }
    }

    fn error_body(&self, status: u16) -> Value {
        graph_error(&format!("Error{status}"))
    }

    fn shape(&self) -> Shape {
        Shape {
            lists: &["value"],
            total: "@odata.count",
            required: &["id", "access_token", "value"],
        }
    }
}

impl Platform for EntraPlatform {
    const KIND: &'static str = "entra";

    fn members(&self) -> MutexGuard<'_, Members> {
        lock(&self.members)
    }

    fn document(&self, url: &str) -> Value {
        json!({
            "kind": "entra", "base_url": url, "login_url": url, "tenant": TENANT, "client_id": CLIENT,
            "client_secret": self.secret(),
        })
    }

    fn rotate_key(&self) {
        lock(&self.settings).generation += 1;
    }

    fn expire_tokens(&self) {
        lock(&self.settings).tokens.clear();
    }

    fn revoke(&self) {
        self.lack(Lack::Refused);
    }

    fn throttle_once(&self) {
        lock(&self.settings).throttled = true;
    }
}
