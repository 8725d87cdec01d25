//! `POST /graphql`: the connections of an organisation, and only the fields that were asked for.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::query::{Field, parse};
use super::{GithubPlatform, Lack, ORG, Settings, Throttle, error};
use crate::checks::{self, forbidden};
use crate::directories::{Member, Members, Standing};
use crate::server::{Answer, Refusal, Reply, Request, lock};

impl GithubPlatform {
    pub(super) fn graphql(&self, request: &Request) -> Answer {
        checks::only_query(request, &[])?;
        self.admit(request)?;
        let body: Value = serde_json::from_slice(&request.body).map_err(|_| forbidden("the body is not JSON"))?;
        let query = body["query"].as_str().ok_or_else(|| forbidden("no query"))?;
        let fields = parse(query, &body["variables"]).ok_or_else(|| forbidden(format!("not GraphQL: {query}")))?;
        let mut settings = lock(&self.settings);
        if let Some(throttle) = settings.throttle.take() {
            return Ok(throttled(throttle));
        }
        let [organization] = fields.as_slice() else {
            return Err(forbidden("one field of the query is looked at, organization"));
        };
        if organization.name != "organization" {
            return Err(forbidden(format!("the query has no field {}", organization.name)));
        }
        if settings.lacks.contains(&Lack::Members) {
            let kind = if settings.app.is_some() {
                "FORBIDDEN"
            } else {
                "INSUFFICIENT_SCOPES"
            };
            return Ok(failed(json!({"organization": null}), kind));
        }
        if organization.arguments.get("login") != Some(&json!(ORG)) {
            return Ok(failed(json!({"organization": null}), "NOT_FOUND"));
        }
        let members = lock(&self.members);
        let data = json!({"organization": select(organization, |field| in_organization(field, &members, &settings))?});
        Ok(match settings.lacks.contains(&Lack::Part) {
            true => failed(data, "SERVICE_UNAVAILABLE"),
            false => Reply::json(200, &json!({"data": data})),
        })
    }
}

fn throttled(throttle: Throttle) -> Reply {
    let reply = |message: &str| Reply::json(403, &error(message));
    match throttle {
        Throttle::Primary => reply("API rate limit exceeded")
            .with_header("x-ratelimit-remaining", "0")
            .with_header("x-ratelimit-reset", &Timestamp::now().as_second().to_string()),
        Throttle::Secondary => reply("You have exceeded a secondary rate limit").with_header("retry-after", "0"),
        Throttle::Nameless => reply("You have exceeded a secondary rate limit"),
        Throttle::Graphql => failed(Value::Null, "RATE_LIMITED"),
    }
}

fn failed(data: Value, kind: &str) -> Reply {
    let errors = json!([{"type": kind, "path": ["organization"], "message": format!("{kind}, says GitHub")}]);
    Reply::json(200, &json!({"data": data, "errors": errors}))
}

/// An object of the fields below `field`, each as `value` says.
fn select(field: &Field, value: impl Fn(&Field) -> Result<Value, Refusal>) -> Result<Value, Refusal> {
    let mut object = Map::new();
    for below in &field.fields {
        object.insert(below.name.clone(), value(below)?);
    }
    match object.is_empty() {
        true => Err(forbidden(format!("{} needs a selection", field.name))),
        false => Ok(Value::Object(object)),
    }
}

fn in_organization(field: &Field, members: &Members, settings: &Settings) -> Result<Value, Refusal> {
    let listed = |people: Vec<Member>| -> Vec<Member> {
        let stays = |member: &Member| member.standing != Standing::Gone;
        people.into_iter().filter(stays).collect()
    };
    match field.name.as_str() {
        "membersWithRole" => {
            let mut people = listed(members.all());
            if settings.lacks.contains(&Lack::Membership) {
                people.truncate(people.len() / 2); // the public ones, as if they were all
            }
            connection(field, members, &people, |node, member| user(node, member, settings))
        }
        "team" => {
            let slug = field
                .arguments
                .get("slug")
                .and_then(Value::as_str)
                .ok_or_else(|| forbidden("a team needs a slug"))?;
            let Some(people) = members.group(slug) else {
                return Ok(Value::Null);
            };
            let people = listed(people);
            select(field, |field| match field.name.as_str() {
                "members" => connection(field, members, &people, |node, member| user(node, member, settings)),
                other => Err(unknown(other, "Team")),
            })
        }
        "samlIdentityProvider" if settings.lacks.contains(&Lack::Saml) => Ok(Value::Null),
        "samlIdentityProvider" => {
            let mut people: Vec<Option<Member>> = listed(members.all()).into_iter().map(Some).collect();
            people.extend(std::iter::repeat_n(None, settings.unlinked));
            let people: Vec<(usize, Option<Member>)> = people.into_iter().enumerate().collect();
            select(field, |field| match field.name.as_str() {
                "externalIdentities" => connection(field, members, &people, |node, (number, member)| {
                    external(node, *number, member.as_ref(), settings)
                }),
                other => Err(unknown(other, "OrganizationIdentityProvider")),
            })
        }
        other => Err(unknown(other, "Organization")),
    }
}

/// A page of a connection.
fn connection<T: Clone>(
    field: &Field,
    members: &Members,
    list: &[T],
    node: impl Fn(&Field, &T) -> Result<Value, Refusal>,
) -> Result<Value, Refusal> {
    let first = field
        .arguments
        .get("first")
        .and_then(Value::as_u64)
        .filter(|first| (1..=100).contains(first));
    let first = first.ok_or_else(|| forbidden(format!("{} needs `first`, 1 to 100", field.name)))?;
    let pages = members.pages(list, usize::try_from(first).unwrap_or(usize::MAX));
    let number = match field.arguments.get("after").and_then(Value::as_str) {
        None => 0,
        Some(cursor) => {
            let number = cursor
                .strip_prefix("Y3Vyc29yOnYyOpHO")
                .and_then(|number| number.parse::<usize>().ok());
            number.ok_or_else(|| forbidden("`after` is not a cursor that was given"))?
        }
    };
    let page: &Vec<T> = pages
        .get(number)
        .ok_or_else(|| forbidden("`after` leads past the end"))?;
    let more = number + 1 < pages.len();
    let cursor = |number: usize| format!("Y3Vyc29yOnYyOpHO{number}");
    select(field, |field| match field.name.as_str() {
        "totalCount" => Ok(json!(list.len())),
        "pageInfo" => select(field, |field| match field.name.as_str() {
            "hasNextPage" => Ok(json!(more)),
            "endCursor" => Ok(if page.is_empty() {
                Value::Null
            } else {
                json!(cursor(number + 1))
            }),
            other => Err(unknown(other, "PageInfo")),
        }),
        "nodes" => page.iter().map(|item| node(field, item)).collect(),
        "edges" => page
            .iter()
            .map(|item| {
                select(field, |field| match field.name.as_str() {
                    "node" => node(field, item),
                    "role" => Ok(json!("MEMBER")),
                    "cursor" => Ok(json!("canary")),
                    other => Err(unknown(other, "Edge")),
                })
            })
            .collect(),
        other => Err(unknown(other, "Connection")),
    })
}

fn user(node: &Field, member: &Member, settings: &Settings) -> Result<Value, Refusal> {
    if settings.hidden.contains(&member.id) {
        return Ok(Value::Null);
    }
    select(node, |field| match field.name.as_str() {
        "login" => Ok(json!(login(member))),
        "databaseId" => Ok(json!(number(member))),
        "name" => Ok(json!(member.name.as_ref().map(|(given, _)| given))),
        "email" => {
            let written = settings.profile_emails.iter().find(|(id, _)| *id == member.id);
            Ok(json!(written.map_or("", |(_, email)| email)))
        }
        "organizationVerifiedDomainEmails" if field.arguments.get("login") == Some(&json!(ORG)) => {
            Ok(json!(member.email.iter().chain(&member.aliases).collect::<Vec<_>>()))
        }
        other => Err(unknown(other, "User")),
    })
}

fn external(node: &Field, ordinal: usize, member: Option<&Member>, settings: &Settings) -> Result<Value, Refusal> {
    let email = member.and_then(|member| member.email.clone());
    let identity = |field: &Field| {
        select(field, |field| match field.name.as_str() {
            "nameId" | "username" => Ok(json!(email.clone().unwrap_or_else(|| "canary-name-id".to_owned()))),
            "emails" => Ok(json!(
                email.iter().map(|email| json!({"value": email})).collect::<Vec<_>>()
            )),
            other => Err(unknown(other, "ExternalIdentityAttributes")),
        })
    };
    select(node, |field| match (field.name.as_str(), member) {
        ("guid", _) => Ok(json!(format!("canary-guid-{ordinal}"))),
        ("samlIdentity", _) => identity(field),
        ("scimIdentity", _) => Ok(Value::Null),
        ("user", Some(member)) => user(field, member, settings),
        ("user", None) => Ok(Value::Null),
        (other, _) => Err(unknown(other, "ExternalIdentity")),
    })
}

fn login(member: &Member) -> &str {
    member.login.as_ref().unwrap_or(&member.id)
}

/// The number that stays through a rename.
fn number(member: &Member) -> u64 {
    member.id.parse().expect("a GitHub member's id is a number")
}

fn unknown(field: &str, parent: &str) -> Refusal {
    forbidden(format!("Field '{field}' doesn't exist on type '{parent}'"))
}
