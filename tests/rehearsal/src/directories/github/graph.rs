//! The GraphQL side: what a query selects of the organisation and nothing else, and 200 with `errors` where it does not.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use super::credentials::Caller;
use super::knobs::{NameIds, OwnerRole, Settings};
use super::query::{self, Field, Given};
use super::{GithubPlatform, Interface, ORG, Sight, is_org, schema, wire};
use crate::checks::{self, Object, forbidden};
use crate::directories::Member;
use crate::server::{Answer, Refusal, Reply, Request, lock};

/// The most of a connection on a page.
const MOST: i64 = 100;

impl GithubPlatform {
    pub(super) fn graph(&self, request: &Request) -> Answer {
        checks::only_query(request, &[])?;
        let body = checks::object(request, &["query", "variables", "operationName"])?;
        let caller = self.caller(request)?;
        self.throttled(Interface::Graph)?;
        let text = checks::required_text(&body, "query")?;
        let variables = match body.get("variables") {
            None => Object::new(),
            Some(Value::Object(variables)) => variables.clone(),
            Some(_) => return Err(forbidden("member variables is not an object")),
        };
        let invalid = |error: Value| {
            let reason = error["message"].as_str().unwrap_or_default().to_owned();
            Refusal::Recorded(reason, Reply::json(200, &json!({ "errors": [error] })))
        };
        let operation =
            query::read(&text).map_err(|reason| invalid(json!({ "message": format!("Parse error: {reason}") })))?;
        let fields = schema::bound(operation, &variables).map_err(invalid)?;
        // In a statement of its own: the lock is taken again below.
        let settings = lock(&self.settings).clone();
        let resolving = Resolving {
            platform: self,
            settings,
            caller,
            sight: self.sight(caller),
            errors: Vec::new(),
            violation: None,
        };
        resolving.answer(&fields)
    }
}

/// One query on its way: what it may see, and the errors so far.
struct Resolving<'a> {
    platform: &'a GithubPlatform,
    settings: Settings,
    caller: Caller,
    sight: Sight,
    errors: Vec<Value>,
    /// What of it the contract forbids, though GitHub has an answer.
    violation: Option<String>,
}

impl Resolving<'_> {
    fn answer(mut self, fields: &[Field]) -> Answer {
        let mut data = Map::new();
        for field in fields {
            let value = match field.name.as_str() {
                "__typename" => json!(schema::QUERY),
                _ => self.organization(field).unwrap_or_default(),
            };
            data.insert(field.key().to_owned(), value);
        }
        let mut body = json!({ "data": data });
        if !self.errors.is_empty() {
            body["errors"] = json!(self.errors);
        }
        let reply = Reply::json(200, &body);
        match self.violation {
            None => Ok(reply),
            Some(reason) => Err(Refusal::Recorded(reason, reply)),
        }
    }

    /// `None` is a null, here and below, and goes up to the next field that may be null.
    fn organization(&mut self, field: &Field) -> Option<Value> {
        let path = [field.key()];
        let login = field.text("login").unwrap_or_default();
        if !is_org(login) {
            let text = format!("Could not resolve to an Organization with the login of '{login}'.");
            return self.fail("NOT_FOUND", &path, &text);
        }
        if self.sight == Sight::Nothing {
            return match self.caller {
                Caller::Owner => {
                    let text = "Your token has not been granted the required scopes to execute this query. The \
                                'membersWithRole' field requires one of the following scopes: ['read:org'].";
                    self.fail("INSUFFICIENT_SCOPES", &path, text)
                }
                Caller::Installation => self.fail("FORBIDDEN", &path, "Resource not accessible by integration"),
            };
        }
        let mut shown = Map::new();
        for part in &field.fields {
            let path = [field.key(), part.key()];
            let value = match part.name.as_str() {
                "membersWithRole" => {
                    let edges = self.members();
                    self.connection(part, &path, edges)?
                }
                "team" => self.team(part, &path).unwrap_or_default(),
                "samlIdentityProvider" => self.identity_provider(part, &path).unwrap_or_default(),
                "__typename" => json!("Organization"),
                "databaseId" => json!(1),
                _ => json!(ORG),
            };
            shown.insert(part.key().to_owned(), value);
        }
        Some(Value::Object(shown))
    }

    /// An unknown team is null without an error.
    fn team(&mut self, field: &Field, path: &[&str]) -> Option<Value> {
        let slug = field.text("slug").unwrap_or_default();
        let team = self.platform.team(slug, self.sight)?;
        let user = |member| json!({ "node": self.platform.user(member, &self.settings) });
        let edges: Vec<Value> = team.iter().map(user).collect();
        let mut shown = Map::new();
        for part in &field.fields {
            let path: Vec<&str> = path.iter().copied().chain([part.key()]).collect();
            let value = match part.name.as_str() {
                "members" => self.connection(part, &path, edges.clone())?,
                "__typename" => json!("Team"),
                _ => json!(slug),
            };
            shown.insert(part.key().to_owned(), value);
        }
        Some(Value::Object(shown))
    }

    /// Null where there is no single sign-on, and where the caller may not see it: neither says which.
    fn identity_provider(&mut self, field: &Field, path: &[&str]) -> Option<Value> {
        let name_ids = self.settings.saml?;
        let owner = self.caller == Caller::Installation || self.settings.owner == OwnerRole::Admin;
        if self.sight != Sight::Everybody || !owner {
            return None;
        }
        let edges = self.identities(name_ids);
        let mut shown = Map::new();
        for part in &field.fields {
            let path: Vec<&str> = path.iter().copied().chain([part.key()]).collect();
            let value = match part.name.as_str() {
                "externalIdentities" => self.connection(part, &path, edges.clone())?,
                _ => json!("OrganizationIdentityProvider"),
            };
            shown.insert(part.key().to_owned(), value);
        }
        Some(Value::Object(shown))
    }

    fn members(&self) -> Vec<Value> {
        let members = self.platform.listed(self.sight);
        let edge = |member: &Member| {
            let admin = self.settings.admins.contains(&member.id);
            json!({ "role": if admin { "ADMIN" } else { "MEMBER" }, "node": self.platform.user(member, &self.settings) })
        };
        members.iter().map(edge).collect()
    }

    fn identities(&self, name_ids: NameIds) -> Vec<Value> {
        let members = self.platform.listed(self.sight);
        let linked = members
            .iter()
            .filter_map(|member| self.platform.identity(member, name_ids, &self.settings));
        let unlinked = self.settings.unlinked.iter().enumerate();
        let unlinked = unlinked.map(|(place, name_id)| wire::unlinked_identity(place, name_id));
        linked.chain(unlinked).map(|node| json!({ "node": node })).collect()
    }

    /// The page a connection's arguments ask for, and of it what is selected.
    fn connection(&mut self, field: &Field, path: &[&str], edges: Vec<Value>) -> Option<Value> {
        let name = &field.name;
        let first = match field.argument("first") {
            Some(Given::Number(first)) => *first,
            _ => {
                let text =
                    format!("You must provide a `first` or `last` value to properly paginate the `{name}` connection.");
                self.violation = Some(text.clone());
                return self.fail("MISSING_PAGINATION_BOUNDARIES", path, &text);
            }
        };
        if first > MOST {
            let text = format!(
                "Requesting {first} records on the `{name}` connection exceeds the `first` limit of {MOST} records."
            );
            self.violation = Some(text.clone());
            return self.fail("EXCESSIVE_PAGINATION", path, &text);
        }
        let Some(size) = usize::try_from(first).ok().filter(|size| *size > 0) else {
            let text = format!("`first` on the `{name}` connection cannot be less than one.");
            self.violation = Some(text.clone());
            return self.fail("ARGUMENT_ERROR", path, &text);
        };
        let pages = lock(&self.platform.members).pages(&edges, size);
        let Some(place) = place(field, size) else {
            let after = field.text("after").unwrap_or_default();
            let text = format!("`{after}` does not appear to be a valid cursor.");
            return self.fail("INVALID_CURSOR_ARGUMENTS", path, &text);
        };
        let mut page = pages.get(place).cloned().unwrap_or_default();
        let end = (!page.is_empty()).then(|| cursor(name, size, place));
        if self.settings.partial_errors {
            let text = "Something went wrong while executing your query. This may be the result of a timeout.";
            self.errors.push(json!({ "path": path, "message": text }));
        }
        if (self.settings.partial_errors || self.settings.nulls)
            && let Some(last) = page.last_mut()
        {
            *last = Value::Null;
        }
        let nodes: Vec<Value> = page.iter().map(|edge| edge["node"].clone()).collect();
        let connection = json!({
            "totalCount": edges.len(), "pageInfo": { "hasNextPage": place + 1 < pages.len(), "endCursor": end },
            "edges": page, "nodes": nodes,
        });
        let on = match name.as_str() {
            "membersWithRole" => "OrganizationMemberConnection",
            "members" => "TeamMemberConnection",
            _ => "ExternalIdentityConnection",
        };
        Some(selected(&connection, &field.fields, on))
    }

    fn fail(&mut self, kind: &str, path: &[&str], text: &str) -> Option<Value> {
        self.errors.push(json!({ "type": kind, "path": path, "message": text }));
        None
    }
}

/// What ends a page: only the same connection, asked for pages of the same size, goes on from it.
fn cursor(connection: &str, size: usize, place: usize) -> String {
    STANDARD.encode(format!("cursor:v2:{connection}:{size}:{place}"))
}

/// Which page is asked for; `None` where `after` is no cursor of this connection.
fn place(field: &Field, size: usize) -> Option<usize> {
    let Some(after) = field.text("after") else {
        return Some(0);
    };
    let text = String::from_utf8(STANDARD.decode(after).ok()?).ok()?;
    let before: usize = text.rsplit_once(':')?.1.parse().ok()?;
    (cursor(&field.name, size, before) == after).then_some(before + 1)
}

/// Of a value of this type the selected fields, in their order.
fn selected(value: &Value, fields: &[Field], on: &str) -> Value {
    let one = |members: &Object, field: &Field| {
        let value = members.get(&field.name).cloned().unwrap_or_default();
        match (field.name.as_str(), schema::gives(on, &field.name)) {
            ("__typename", _) => json!(on),
            // Of another organisation's domains nothing is known.
            (_, "") if field.text("login").is_some_and(|login| !is_org(login)) => json!([]),
            (_, "") => value,
            (_, kind) => selected(&value, &field.fields, kind),
        }
    };
    match value {
        Value::Array(items) => items.iter().map(|item| selected(item, fields, on)).collect(),
        Value::Object(members) => {
            let shown = fields.iter().map(|field| (field.key().to_owned(), one(members, field)));
            Value::Object(shown.collect())
        }
        other => other.clone(),
    }
}
