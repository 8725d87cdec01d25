//! SCIM's answers on the wire: users, groups, the server's abilities and refusals (RFC 7643 §4 and §5, RFC 7644 §3.12).

use serde_json::{Map, Value, json};

use super::MEDIA_TYPE;
use super::knobs::{Paging, Settings, Sloppy};
use crate::directories::{Member, Standing};
use crate::server::{Refusal, Reply, Request};

/// An error, of a kind where the RFC has one.
pub(super) fn failure(status: u16, kind: &str, detail: &str) -> Value {
    let mut body = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"], "detail": detail, "status": status.to_string(),
    });
    if !kind.is_empty() {
        body["scimType"] = json!(kind);
    }
    body
}

pub(super) fn refusal(status: u16, kind: &str, detail: &str) -> Reply {
    Reply::text(status, MEDIA_TYPE, failure(status, kind, detail).to_string())
}

pub(super) fn no(status: u16, kind: &str, detail: &str) -> Refusal {
    Refusal::Plain(refusal(status, kind, detail))
}

pub(super) fn not_found() -> Refusal {
    no(404, "", "Resource canary not found")
}

/// What the server says that it can do (RFC 7643 §5, RFC 9865 §4).
pub(super) fn provider_config(settings: &Settings) -> Value {
    let cursor = settings.paging == Paging::Cursor;
    json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"],
        "patch": { "supported": false }, "changePassword": { "supported": false }, "sort": { "supported": false },
        "bulk": { "supported": false, "maxOperations": 0, "maxPayloadSize": 0 },
        "filter": { "supported": true, "maxResults": 1000 }, "etag": { "supported": false },
        "pagination": { "cursor": cursor, "index": !cursor },
        "authenticationSchemes": [{
            "type": "oauthbearertoken", "name": "Bearer", "description": "a token as bearer", "primary": true,
        }],
    })
}

/// How this server writes resources down, and where they are.
pub(super) struct Resources<'a> {
    base: String,
    settings: &'a Settings,
}

impl<'a> Resources<'a> {
    pub(super) fn of(request: &Request, settings: &'a Settings) -> Self {
        let host = request.header("host").unwrap_or_default();
        Self {
            base: format!("http://{host}/scim/v2"),
            settings,
        }
    }

    pub(super) fn reply(&self, body: Value) -> Reply {
        let body = match self.settings.is(Sloppy::OtherCase) {
            true => other_case(body),
            false => body,
        };
        Reply::text(200, MEDIA_TYPE, body.to_string())
    }

    pub(super) fn user(&self, member: &Member) -> Value {
        let id = &member.id;
        let name = member.login.as_ref().or(member.email.as_ref()).unwrap_or(id);
        let mut user = json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "id": id,
            "externalId": format!("canary-{id}"), "userName": name,
        });
        if let Some((given, family)) = &member.name {
            user["name"] = json!({ "givenName": given, "familyName": family });
        }
        if !self.settings.without_active.contains(id) {
            user["active"] = self.truth(member.standing == Standing::Active);
        }
        let emails = emails(member);
        if !emails.is_empty() {
            user["emails"] = json!(emails);
        } else if self.settings.is(Sloppy::NullEmails) {
            user["emails"] = Value::Null;
        }
        user["meta"] = self.meta("User", &format!("Users/{id}"));
        user
    }

    pub(super) fn group(&self, id: &str, people: &[Member]) -> Value {
        let mut members: Vec<Value> = people.iter().map(|member| self.member(member)).collect();
        for (_, inner) in self.settings.nested.iter().filter(|(group, _)| group == id) {
            let target = format!("{}/Groups/{inner}", self.base);
            members.push(json!({
                "value": inner, "display": self.group_name(inner), "type": "Group", "$ref": target,
            }));
        }
        if self.settings.is(Sloppy::MembersByValue) {
            members = members
                .iter()
                .map(|member| json!({ "value": member["value"] }))
                .collect();
        }
        let shown = if self.settings.is(Sloppy::OtherGroup) {
            "another"
        } else {
            id
        };
        let mut group = json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "id": shown, "displayName": self.group_name(id),
        });
        if !members.is_empty() {
            group["members"] = json!(members);
        }
        group["meta"] = self.meta("Group", &format!("Groups/{id}"));
        group
    }

    fn member(&self, member: &Member) -> Value {
        let (given, family) = member.name.clone().unwrap_or_default();
        let target = format!("{}/Users/{}", self.base, member.id);
        json!({ "value": member.id, "display": format!("{given} {family}"), "type": "User", "$ref": target })
    }

    fn group_name(&self, id: &str) -> String {
        self.settings.names.get(id).map_or(id, String::as_str).to_owned()
    }

    fn truth(&self, truth: bool) -> Value {
        match (self.settings.is(Sloppy::ActiveAsText), truth) {
            (true, true) => json!("True"),
            (true, false) => json!("False"),
            (false, truth) => json!(truth),
        }
    }

    fn meta(&self, kind: &str, path: &str) -> Value {
        json!({ "resourceType": kind, "location": format!("{}/{path}", self.base), "version": "W/\"a1\"" })
    }
}

/// The aliases come first: the primary address is the one that says so.
fn emails(member: &Member) -> Vec<Value> {
    let alias = |alias: &String| json!({ "value": alias, "type": "other" });
    let main = |email: &String| json!({ "value": email, "type": "work", "primary": true });
    let aliases = member.aliases.iter().map(alias);
    aliases.chain(member.email.iter().map(main)).collect()
}

/// The same with the first letter of every attribute in the other case.
fn other_case(value: Value) -> Value {
    let swapped = |name: String| {
        let mut letters = name.chars();
        let first = letters.next().map(|letter| match letter.is_ascii_lowercase() {
            true => letter.to_ascii_uppercase(),
            false => letter.to_ascii_lowercase(),
        });
        first.into_iter().chain(letters).collect::<String>()
    };
    match value {
        Value::Array(items) => items.into_iter().map(other_case).collect(),
        Value::Object(members) => {
            let members = members
                .into_iter()
                .map(|(name, member)| (swapped(name), other_case(member)));
            Value::Object(members.collect::<Map<_, _>>())
        }
        other => other,
    }
}
