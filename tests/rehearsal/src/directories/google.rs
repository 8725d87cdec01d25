//! Google Workspace: the token endpoint for service accounts, and the Directory API's users and members.
//!
//! Quirks kept: empty lists are absent, nested groups are listed beside their members, outsiders have no status, a request too
//! many is a 403, nothing is counted.

use std::sync::{Mutex, MutexGuard};

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{Member, Members, Platform, SigningKey, Simulated, Standing};
use crate::checks::{self, forbidden, unknown_route};
use crate::server::{Answer, Refusal, Reply, Request, Shape, Site, lock};

/// A simulated Workspace.
pub type Google = Simulated<GooglePlatform>;

const DOMAIN: &str = "example.test";
const ACCOUNT: &str = "rollcall@canary.iam.gserviceaccount.example";
const SUBJECT: &str = "admin@example.test";
const SCOPES: [&str; 2] = [
    "https://www.googleapis.com/auth/admin.directory.group.member.readonly",
    "https://www.googleapis.com/auth/admin.directory.user.readonly",
];

/// Google's side of the talk.
#[derive(Default)]
pub struct GooglePlatform {
    members: Mutex<Members>,
    settings: Mutex<Settings>,
}

#[derive(Default)]
struct Settings {
    key: SigningKey,
    tokens: Vec<String>,
    issued: usize,
    lacks: Option<Lack>,
    throttled: Option<&'static str>,
    archived: Vec<String>,
    hidden: Vec<String>,
    further: Vec<(String, Value)>,
}

/// How a missing permission shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lack {
    /// The account may not act for the domain: no token.
    Delegation,
    /// The subject may not read: 403 on every list.
    Reading,
}

impl GooglePlatform {
    /// Takes a permission away.
    pub fn lack(&self, lack: Lack) {
        lock(&self.settings).lacks = Some(lack);
    }

    /// Says that the next list was asked for too often, with this reason.
    pub fn throttle(&self, reason: &'static str) {
        lock(&self.settings).throttled = Some(reason);
    }

    /// Archives somebody, which is not suspending.
    pub fn archive(&self, id: &str) {
        lock(&self.settings).archived.push(id.to_owned());
    }

    /// Leaves somebody out of the list of users, as a page that is lost would.
    pub fn hide_from_users(&self, id: &str) {
        lock(&self.settings).hidden.push(id.to_owned());
    }

    /// Adds a member of another kind to a group: `GROUP`, `CUSTOMER`, or a user from elsewhere, who has no status.
    pub fn add_member(&self, group: &str, kind: &str, id: &str, email: Option<&str>) {
        let member =
            json!({"kind": "admin#directory#member", "id": id, "email": email, "role": "MEMBER", "type": kind});
        lock(&self.settings).further.push((group.to_owned(), member));
    }

    fn token(&self, request: &Request, url: &str) -> Answer {
        checks::without_header(request, "authorization")?;
        checks::only_query(request, &[])?;
        let fields = checks::form(request, &["grant_type", "assertion"])?;
        if fields[0] != "urn:ietf:params:oauth:grant-type:jwt-bearer" {
            return Err(forbidden("grant_type is not jwt-bearer"));
        }
        let mut settings = lock(&self.settings);
        let Some((_, claims)) = settings.key.claims(&fields[1]) else {
            let body = json!({"error": "invalid_grant", "error_description": "Invalid JWT Signature."});
            return Err(Refusal::plain(400, &body));
        };
        let now = Timestamp::now().as_second();
        let times = claims["iat"].as_i64().zip(claims["exp"].as_i64());
        let timely = times.is_some_and(|(issued, end)| issued <= now && now < end && end <= issued + 3600);
        let mut scopes: Vec<&str> = claims["scope"].as_str().unwrap_or_default().split(' ').collect();
        scopes.sort_unstable();
        let named = claims["iss"] == ACCOUNT && claims["sub"] == SUBJECT && claims["aud"] == format!("{url}/token");
        if !timely || !named || scopes != SCOPES {
            return Err(forbidden(format!("an assertion that says {claims}")));
        }
        if settings.lacks == Some(Lack::Delegation) {
            return Err(Refusal::plain(401, &json!({"error": "unauthorized_client"})));
        }
        settings.issued += 1;
        let token = format!("ya29.canary-{}", settings.issued);
        settings.tokens.push(token.clone());
        Ok(Reply::json(
            200,
            &json!({"access_token": token, "expires_in": 3599, "token_type": "Bearer"}),
        ))
    }

    fn admit(&self, request: &Request) -> Result<(), Refusal> {
        checks::no_body(request)?;
        let token = checks::bearer(request)?;
        let mut settings = lock(&self.settings);
        if !settings.tokens.iter().any(|issued| issued == token) {
            return Err(refused(401, "authError"));
        }
        if let Some(reason) = settings.throttled.take() {
            return Err(refused(403, reason));
        }
        match settings.lacks {
            Some(Lack::Reading) => Err(refused(403, "forbidden")),
            _ => Ok(()),
        }
    }

    fn users(&self, request: &Request) -> Answer {
        let known = [
            "customer",
            "domain",
            "maxResults",
            "projection",
            "query",
            "orderBy",
            "pageToken",
        ];
        checks::only_query(request, &known)?;
        let size = checks::number(request, "maxResults", 1..=500)?.unwrap_or(100);
        let place = (request.parameter("customer"), request.parameter("domain"));
        if !matches!(place, (Some("my_customer"), None) | (None, Some(DOMAIN))) {
            return Err(forbidden("exactly one of customer and domain says whose users"));
        }
        self.admit(request)?;
        let settings = lock(&self.settings);
        let members = lock(&self.members);
        let people: Vec<Member> = members
            .all()
            .into_iter()
            .filter(|member| member.standing != Standing::Gone && !settings.hidden.contains(&member.id))
            .collect();
        let shown = people.iter().map(|member| user(member, &settings)).collect::<Vec<_>>();
        page(request, "users", &members, &shown, size)
    }

    fn group(&self, request: &Request, group: &str) -> Answer {
        checks::only_query(
            request,
            &["includeDerivedMembership", "maxResults", "pageToken", "roles"],
        )?;
        let size = checks::number(request, "maxResults", 1..=200)?.unwrap_or(200);
        if request.parameter("includeDerivedMembership") != Some("true") {
            return Err(forbidden(
                "without includeDerivedMembership, members of nested groups are missing",
            ));
        }
        self.admit(request)?;
        let settings = lock(&self.settings);
        let members = lock(&self.members);
        let people = members.group(group).ok_or_else(|| refused(404, "notFound"))?;
        let people = people.into_iter().filter(|member| member.standing != Standing::Gone);
        let mut shown: Vec<Value> = people
            .map(|member| {
                let status = if member.standing == Standing::Suspended { "SUSPENDED" } else { "ACTIVE" };
                json!({"kind": "admin#directory#member", "id": member.id, "email": member.email, "role": "MEMBER", "type": "USER", "status": status})
            })
            .collect();
        let further = settings.further.iter().filter(|(other, _)| other == group);
        shown.extend(further.map(|(_, member)| member.clone()));
        page(request, "members", &members, &shown, size)
    }
}

/// A page of a list; an empty one is left out.
fn page(request: &Request, name: &str, members: &Members, list: &[Value], size: u64) -> Answer {
    let pages = members.pages(list, usize::try_from(size).unwrap_or(usize::MAX));
    let number = match request.parameter("pageToken") {
        None => 0,
        Some(mark) => mark
            .strip_prefix("canary=")
            .and_then(|number| number.parse().ok())
            .ok_or_else(|| refused(400, "invalid"))?,
    };
    let page: &Vec<Value> = pages.get(number).ok_or_else(|| refused(400, "invalid"))?;
    let mut body = json!({"kind": format!("admin#directory#{name}"), "etag": "canary"});
    if !page.is_empty() {
        body[name] = json!(page);
    }
    if number + 1 < pages.len() {
        body["nextPageToken"] = json!(format!("canary={}", number + 1));
    }
    Ok(Reply::json(200, &body))
}

fn user(member: &Member, settings: &Settings) -> Value {
    let (given, family) = member.name.clone().unzip();
    let mut user = json!({
        "id": member.id, "primaryEmail": member.email, "name": {"givenName": given, "familyName": family, "fullName": given},
        "suspended": member.standing == Standing::Suspended, "archived": settings.archived.contains(&member.id),
        "isMailboxSetup": true, "nonEditableAliases": [format!("{}@{DOMAIN}.test-google-a.com", member.id)],
    });
    if !member.aliases.is_empty() {
        user["aliases"] = json!(member.aliases);
    }
    user
}

fn error(status: u16, reason: &str) -> Value {
    let errors = json!([{"domain": "usageLimits", "reason": reason, "message": reason}]);
    json!({"error": {"code": status, "message": format!("{reason}, says Google"), "errors": errors}})
}

fn refused(status: u16, reason: &str) -> Refusal {
    Refusal::plain(status, &error(status, reason))
}

impl Site for GooglePlatform {
    fn answer(&self, request: &Request) -> Answer {
        let segments = request.segments();
        let route: Vec<_> = segments.iter().map(String::as_str).collect();
        match (request.method.as_str(), route.as_slice()) {
            ("POST", ["token"]) => {
                let host = request.header("host").ok_or_else(|| forbidden("no Host"))?;
                self.token(request, &format!("http://{host}"))
            }
            ("GET", ["admin", "directory", "v1", "users"]) => self.users(request),
            ("GET", ["admin", "directory", "v1", "groups", group, "members"]) => self.group(request, group),
            _ => Err(unknown_route(request)),
        }
    }

    fn error_body(&self, status: u16) -> Value {
        error(status, "backendError")
    }

    fn shape(&self) -> Shape {
        Shape {
            lists: &["users", "members"],
            total: "",
            required: &["id", "access_token"],
        }
    }
}

impl Platform for GooglePlatform {
    const KIND: &'static str = "google";

    fn members(&self) -> MutexGuard<'_, Members> {
        lock(&self.members)
    }

    fn document(&self, url: &str) -> Value {
        let account = json!({
            "type": "service_account", "project_id": "canary", "private_key_id": "canary-1",
            "private_key": lock(&self.settings).key.pkcs8_pem(), "client_email": ACCOUNT, "client_id": "1",
            "token_uri": format!("{url}/token"),
        });
        json!({"kind": "google", "base_url": url, "domain": DOMAIN, "subject": SUBJECT, "service_account": account})
    }

    fn rotate_key(&self) {
        lock(&self.settings).key = SigningKey::default();
    }

    fn expire_tokens(&self) {
        lock(&self.settings).tokens.clear();
    }

    fn revoke(&self) {
        self.lack(Lack::Delegation);
    }

    fn throttle_once(&self) {
        self.throttle("rateLimitExceeded");
    }
}
