//! A SCIM 2.0 server (RFC 7643, RFC 7644), as tidy or as sloppy as a test wants it.
//!
//! Quirks kept: pages are 1-based and may be smaller than asked for, past the end there is an empty one with the full total, a
//! primary address may be the second.

use std::sync::{Mutex, MutexGuard};

use serde_json::{Map, Value, json};

use super::{Member, Members, Platform, Simulated, Standing};
use crate::checks::{self, forbidden, unknown_route};
use crate::server::{Answer, Refusal, Reply, Request, Shape, Site, lock};

/// A simulated server.
pub type Scim = Simulated<ScimPlatform>;

const LIST: &str = "urn:ietf:params:scim:api:messages:2.0:ListResponse";

/// The server's side of the talk.
#[derive(Default)]
pub struct ScimPlatform {
    members: Mutex<Members>,
    settings: Mutex<Settings>,
}

#[derive(Default)]
struct Settings {
    generation: usize,
    revoked: bool,
    throttled: bool,
    sloppiness: Vec<Sloppiness>,
    unsaid: Vec<String>,
    nested: Vec<(String, String)>,
}

/// Ways in which servers in the wild differ from the RFC, or use the room it leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sloppiness {
    /// `active` is the text `"True"` or `"False"`.
    TextFlags,
    /// Names of attributes in another case (which RFC 7643 §2.1 allows).
    OtherCase,
    /// `totalResults` is text.
    TextTotal,
    /// `emails` is null for whoever has none, and `name` too.
    Nulls,
    /// Pages by cursor only (RFC 9865).
    Cursors,
    /// Members of groups without `type`.
    UntypedMembers,
    /// No `totalResults` at all.
    NoTotal,
    /// Another group than the one that was asked for.
    OtherGroup,
}

impl ScimPlatform {
    /// Lets the server be sloppy in this way too.
    pub fn be(&self, sloppiness: Sloppiness) {
        lock(&self.settings).sloppiness.push(sloppiness);
    }

    /// Leaves `active` out for somebody.
    pub fn leave_active_out(&self, id: &str) {
        lock(&self.settings).unsaid.push(id.to_owned());
    }

    /// Puts a group into another.
    pub fn nest(&self, outer: &str, inner: &str) {
        lock(&self.settings).nested.push((outer.to_owned(), inner.to_owned()));
    }

    fn token(&self) -> String {
        format!("canary-scim-{}", lock(&self.settings).generation)
    }

    fn admit(&self, request: &Request) -> Result<(), Refusal> {
        checks::no_body(request)?;
        let accepts = request.header("accept");
        if !matches!(accepts, Some("application/scim+json" | "application/json")) {
            return Err(forbidden("Accept must be application/scim+json"));
        }
        if checks::bearer(request)? != self.token() {
            return Err(refused(401));
        }
        let mut settings = lock(&self.settings);
        if std::mem::take(&mut settings.throttled) {
            return Err(Refusal::Plain(scim(429, &error(429)).with_header("retry-after", "0")));
        }
        match settings.revoked {
            true => Err(refused(403)),
            false => Ok(()),
        }
    }

    fn users(&self, request: &Request) -> Answer {
        checks::only_query(request, &["startIndex", "count", "filter", "cursor"])?;
        let count = checks::number(request, "count", 0..=u64::MAX)?.unwrap_or(100);
        self.admit(request)?;
        let settings = lock(&self.settings);
        let members = lock(&self.members);
        let all = members.all();
        let people: Vec<Member> = match request.parameter("filter") {
            None => all,
            Some("active eq true") => {
                let said =
                    |member: &Member| member.standing == Standing::Active && !settings.unsaid.contains(&member.id);
                all.into_iter().filter(said).collect()
            }
            Some(_) => return Err(refused(400)),
        };
        let total = people.len();
        let pages = members.pages(&people, usize::try_from(count).unwrap_or(usize::MAX));
        let size = pages.iter().map(Vec::len).max().unwrap_or_default();
        let list: Vec<Member> = pages.into_iter().flatten().collect();
        let cursors = settings.sloppiness.contains(&Sloppiness::Cursors);
        let from = match (cursors, request.parameter("cursor")) {
            (true, Some(mark)) => mark
                .strip_prefix("canary ")
                .and_then(|from| from.parse().ok())
                .ok_or_else(|| refused(400))?,
            (true, None) => 0,
            (false, Some(_)) => return Err(forbidden("this server has no cursors")),
            (false, None) => {
                let start = request.parameter("startIndex").map_or(Ok(1), str::parse::<i64>);
                let start = start.map_err(|_| refused(400))?.max(1); // RFC 7644 §3.4.2.4
                usize::try_from(start - 1).unwrap_or(usize::MAX)
            }
        };
        let resources: Vec<Value> = list
            .iter()
            .skip(from)
            .take(size)
            .map(|member| user(member, &settings))
            .collect();
        let mut body = json!({
            "schemas": [LIST], "totalResults": total, "startIndex": from + 1, "itemsPerPage": resources.len(),
        });
        if cursors && from + resources.len() < list.len() {
            body["nextCursor"] = json!(format!("canary {}", from + resources.len()));
        }
        if !resources.is_empty() {
            body["Resources"] = json!(resources);
        }
        Ok(scim(200, &untidy(body, &settings)))
    }

    fn group(&self, request: &Request, id: &str) -> Answer {
        checks::only_query(request, &[])?;
        self.admit(request)?;
        let settings = lock(&self.settings);
        let people = lock(&self.members).group(id).ok_or_else(|| refused(404))?;
        let typed = !settings.sloppiness.contains(&Sloppiness::UntypedMembers);
        let member = |id: &str, kind: &str| match typed {
            true => json!({"value": id, "type": kind, "display": id}),
            false => json!({"value": id}),
        };
        let users = people.iter().map(|person| member(&person.id, "User"));
        let inner = settings.nested.iter().filter(|(outer, _)| outer == id);
        let members: Vec<Value> = users.chain(inner.map(|(_, inner)| member(inner, "Group"))).collect();
        let mut body = json!({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "id": id, "displayName": id});
        if settings.sloppiness.contains(&Sloppiness::OtherGroup) {
            body["id"] = json!("another");
        }
        if !members.is_empty() {
            body["members"] = json!(members);
        }
        Ok(scim(200, &untidy(body, &settings)))
    }
}

fn user(member: &Member, settings: &Settings) -> Value {
    let mut emails: Vec<Value> = member
        .aliases
        .iter()
        .map(|alias| json!({"value": alias, "type": "other"}))
        .collect();
    emails.extend(
        member
            .email
            .iter()
            .map(|email| json!({"value": email, "type": "work", "primary": true})),
    );
    let name = member
        .name
        .as_ref()
        .map(|(given, family)| json!({"givenName": given, "familyName": family}));
    let login = member.login.as_ref().or(member.email.as_ref()).unwrap_or(&member.id);
    let mut user = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "id": member.id, "externalId": "canary", "userName": login,
        "name": name, "active": member.standing == Standing::Active, "meta": {"resourceType": "User", "version": "W/\"a1\""},
    });
    let sloppy = |sloppiness| settings.sloppiness.contains(&sloppiness);
    if !emails.is_empty() || sloppy(Sloppiness::Nulls) {
        user["emails"] = if emails.is_empty() { Value::Null } else { json!(emails) };
    }
    if sloppy(Sloppiness::TextFlags) {
        user["active"] = json!(if member.standing == Standing::Active {
            "True"
        } else {
            "False"
        });
    }
    if let (true, Some(members)) = (settings.unsaid.contains(&member.id), user.as_object_mut()) {
        members.remove("active");
    }
    user
}

/// The body as this server writes it.
fn untidy(mut body: Value, settings: &Settings) -> Value {
    let sloppy = |sloppiness| settings.sloppiness.contains(&sloppiness);
    if let (true, Some(total)) = (sloppy(Sloppiness::TextTotal), body.get_mut("totalResults")) {
        *total = json!(total.to_string());
    }
    if let (true, Some(members)) = (sloppy(Sloppiness::NoTotal), body.as_object_mut()) {
        members.remove("totalResults");
    }
    match sloppy(Sloppiness::OtherCase) {
        true => in_other_case(body),
        false => body,
    }
}

fn in_other_case(value: Value) -> Value {
    match value {
        Value::Array(items) => items.into_iter().map(in_other_case).collect(),
        Value::Object(members) => {
            let members = members
                .into_iter()
                .map(|(name, value)| (name.to_ascii_uppercase(), in_other_case(value)));
            Value::Object(members.collect::<Map<_, _>>())
        }
        other => other,
    }
}

fn scim(status: u16, body: &Value) -> Reply {
    Reply::text(status, "application/scim+json", body.to_string())
}

fn error(status: u16) -> Value {
    json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"], "status": status.to_string(), "detail": "no"})
}

fn refused(status: u16) -> Refusal {
    Refusal::Plain(scim(status, &error(status)))
}

impl Site for ScimPlatform {
    fn answer(&self, request: &Request) -> Answer {
        let segments = request.segments();
        let route: Vec<_> = segments.iter().map(String::as_str).collect();
        match (request.method.as_str(), route.as_slice()) {
            ("GET", ["scim", "v2", "Users"]) => self.users(request),
            ("GET", ["scim", "v2", "Groups", id]) => self.group(request, id),
            _ => Err(unknown_route(request)),
        }
    }

    fn error_body(&self, status: u16) -> Value {
        error(status)
    }

    fn shape(&self) -> Shape {
        Shape {
            lists: &["Resources", "members"],
            total: "totalResults",
            required: &["id"],
        }
    }
}

impl Platform for ScimPlatform {
    const KIND: &'static str = "scim";

    fn members(&self) -> MutexGuard<'_, Members> {
        lock(&self.members)
    }

    fn document(&self, url: &str) -> Value {
        json!({"kind": "scim", "base_url": format!("{url}/scim/v2"), "token": self.token()})
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
