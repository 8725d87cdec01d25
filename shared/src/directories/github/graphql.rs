//! GitHub's GraphQL answers: a connection's page, or the reason why there is none. Everything in them may be null.

use secrecy::SecretString;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::{NAME, NEEDS};
use crate::directories::pages::Page;
use crate::error::{Error, ErrorKind, Fault, Result};
use crate::tools::http::{Api, Repeat};
use crate::tools::json;

#[derive(Deserialize)]
struct Answer {
    data: Option<Asked>,
    #[serde(default)]
    errors: Vec<Problem>,
}

#[derive(Deserialize)]
struct Asked {
    organization: Option<Value>,
}

#[derive(Deserialize)]
struct Problem {
    #[serde(rename = "type")]
    kind: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Connection<T> {
    total_count: usize,
    page_info: PageInfo,
    edges: Option<Vec<Option<Edge<T>>>>,
    nodes: Option<Vec<Option<T>>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PageInfo {
    has_next_page: bool,
    end_cursor: Option<String>,
}

#[derive(Deserialize)]
struct Edge<T> {
    node: Option<T>,
}

/// A member: the login, the number that stays, and the addresses that were asked for.
#[derive(Deserialize)]
#[serde(from = "Member")]
pub(super) struct Node {
    pub(super) id: String,
    pub(super) login: String,
    pub(super) emails: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Member {
    login: String,
    database_id: u64,
    #[serde(default)]
    organization_verified_domain_emails: Vec<String>,
}

impl From<Member> for Node {
    fn from(member: Member) -> Self {
        Self {
            id: member.database_id.to_string(),
            login: member.login,
            emails: member.organization_verified_domain_emails,
        }
    }
}

/// What the identity provider says of somebody.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct External {
    pub(super) guid: String,
    saml_identity: Option<Linked>,
    scim_identity: Option<Linked>,
    user: Option<User>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Linked {
    name_id: Option<String>,
    username: Option<String>,
    emails: Option<Vec<Mail>>,
}

#[derive(Deserialize)]
struct Mail {
    value: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct User {
    database_id: Option<u64>,
}

impl External {
    /// The number of the member it is linked to.
    pub(super) fn user(&self) -> Option<String> {
        Some(self.user.as_ref()?.database_id?.to_string())
    }

    /// What may be an address.
    pub(super) fn texts(&self) -> impl Iterator<Item = &str> {
        let linked = self.saml_identity.iter().chain(&self.scim_identity);
        linked.flat_map(|linked| {
            let names = [&linked.name_id, &linked.username].into_iter().flatten();
            let mails = linked.emails.iter().flatten().filter_map(|mail| mail.value.as_ref());
            names.chain(mails).map(String::as_str)
        })
    }
}

/// Asks about the organisation. Any error beside the data means that the data is a part.
pub(super) async fn ask(api: &Api, token: &SecretString, query: &str, variables: &Value) -> Result<Value> {
    let call = api.post("/graphql", Repeat::Safe).bearer(token);
    let reply = call
        .json(&json!({"query": query, "variables": variables}))
        .send()
        .await?
        .ok()?;
    let answer: Answer = reply.json()?;
    if let Some(problem) = answer.errors.first() {
        let (kind, message) = match problem.kind.as_deref() {
            Some("INSUFFICIENT_SCOPES" | "FORBIDDEN") => (ErrorKind::Credentials, "the key lacks a permission"),
            Some("NOT_FOUND") => (
                ErrorKind::Misconfigured,
                "no such organisation, or none that this token may see",
            ),
            Some("RATE_LIMITED") => (ErrorKind::Unavailable, "throttled"),
            _ => (ErrorKind::Protocol, "an answer with errors, which is a part of one"),
        };
        let error = reply.error(kind, message);
        return Err(super::needing(NEEDS)(error));
    }
    let organization = answer.data.and_then(|data| data.organization);
    organization.ok_or_else(|| {
        reply.error(
            ErrorKind::Misconfigured,
            "no such organisation, or none that this token may see",
        )
    })
}

/// A page of a connection of `parent`.
pub(super) fn page<T: DeserializeOwned>(parent: &Value, connection: &'static str) -> Result<Page<T>> {
    let refused = |path: String, problem: &str| {
        let fault = Fault {
            path,
            problem: problem.to_owned(),
        };
        Error::new(ErrorKind::Protocol, "the answer is not what the documents say")
            .with("at", NAME)
            .with_faults(vec![fault])
    };
    let text = parent.get(connection).unwrap_or(&Value::Null).to_string();
    let read: Connection<T> =
        json::decode(text.as_bytes()).map_err(|fault| refused(fault.path, &fault.problem).under(connection))?;
    let edges = read
        .edges
        .into_iter()
        .flatten()
        .map(|edge| edge.and_then(|edge| edge.node));
    let nodes = edges.chain(read.nodes.into_iter().flatten());
    let items: Option<Vec<T>> = nodes.collect();
    let items = items.ok_or_else(|| refused(connection.to_owned(), "holds somebody who may not be seen"))?;
    let next = match (read.page_info.has_next_page, read.page_info.end_cursor) {
        (true, Some(cursor)) => Some(cursor),
        (true, None) => return Err(refused(connection.to_owned(), "says that there is more, and not where")),
        (false, _) => None,
    };
    Ok(Page {
        items,
        next,
        total: Some(read.total_count),
    })
}
