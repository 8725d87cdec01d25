//! Google's two lists: the users of the customer and the members of a group, page by page.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::knobs::{Entry, Settings};
use super::wire::{EntryShown, no, page_token, shown, user};
use super::{DOMAIN, GooglePlatform};
use crate::checks::{self, forbidden};
use crate::directories::{Member, Members, Standing};
use crate::server::{Answer, Refusal, Reply, Request, lock};

/// The most users on a page.
const MAX_USERS: u64 = 500;

/// How many users come unasked.
const USERS: u64 = 100;

/// The most members on a page, which is what comes unasked, too.
const MAX_MEMBERS: u64 = 200;

/// What is in groups, and in the groups within them.
struct Tree<'a> {
    members: &'a Members,
    settings: &'a Settings,
}

impl GooglePlatform {
    pub(super) fn list_users(&self, request: &Request) -> Answer {
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
        check_scope(request)?;
        if !matches!(request.parameter("projection"), None | Some("basic" | "full")) {
            return Err(forbidden("projection is neither basic nor full"));
        }
        let size = checks::number(request, "maxResults", 1..=MAX_USERS)?.unwrap_or(USERS);
        let (members, settings) = (lock(&self.members), lock(&self.settings));
        let mut users: Vec<Value> = members
            .all()
            .iter()
            .filter(|member| member.standing != Standing::Gone && !member.guest)
            .filter(|member| !settings.hidden.contains(&member.id))
            .map(|member| user(member, settings.archived.contains(&member.id)))
            .collect();
        filter(&mut users, request.parameter("query"))?;
        sort(&mut users, request.parameter("orderBy"))?;
        let pages = pages(&members, &users, size);
        let head = json!({ "kind": "admin#directory#users", "etag": "\"canary-users\"" });
        answer(request, head, "users", &pages)
    }

    pub(super) fn list_group(&self, request: &Request, group: &str) -> Answer {
        checks::only_query(request, &["includeDerivedMembership", "maxResults", "pageToken"])?;
        let size = checks::number(request, "maxResults", 1..=MAX_MEMBERS)?.unwrap_or(MAX_MEMBERS);
        let (members, settings) = (lock(&self.members), lock(&self.settings));
        let tree = Tree {
            members: &members,
            settings: &settings,
        };
        let mut entries = match request.parameter("includeDerivedMembership") {
            Some("true") => tree.derived(group, &mut BTreeSet::new()),
            Some("false") | None => tree.own(group),
            Some(_) => return Err(forbidden("includeDerivedMembership is neither true nor false")),
        };
        let entries = entries
            .as_mut()
            .ok_or_else(|| no(404, "notFound", "Resource Not Found: groupKey"))?;
        // Who is in two of the groups is listed once.
        let mut seen = BTreeSet::new();
        entries.retain(|entry| seen.insert(entry["id"].to_string()));
        let pages = pages(&members, entries, size);
        let head = json!({ "kind": "admin#directory#members", "etag": "\"canary-members\"" });
        answer(request, head, "members", &pages)
    }
}

impl Tree<'_> {
    /// What was put into the group itself; `None` for a group that is not there.
    fn own(&self, group: &str) -> Option<Vec<Value>> {
        let members = self.members.group(group)?;
        let listed = members.iter().filter(|member| member.standing != Standing::Gone);
        let people = listed.map(|member: &Member| shown(EntryShown::Member(member)));
        let others = self.others(group).map(|entry| shown(EntryShown::Other(entry)));
        Some(people.chain(others).collect())
    }

    /// That, and the members of the groups within it; a group that is its own grandchild ends there.
    fn derived(&self, group: &str, above: &mut BTreeSet<String>) -> Option<Vec<Value>> {
        let mut entries = self.own(group)?;
        if above.insert(group.to_owned()) {
            for entry in self.others(group) {
                if let Entry::Group(inner) = entry {
                    entries.extend(self.derived(inner, above).unwrap_or_default());
                }
            }
        }
        Some(entries)
    }

    fn others(&self, group: &str) -> impl Iterator<Item = &Entry> {
        let entries = self.settings.entries.iter();
        entries
            .filter(move |(holder, _)| holder == group)
            .map(|(_, entry)| entry)
    }
}

/// Whose users are meant: the customer's or the domain's, and not neither or both.
fn check_scope(request: &Request) -> Result<(), Refusal> {
    match (request.parameter("customer"), request.parameter("domain")) {
        (Some("my_customer"), None) | (None, Some(DOMAIN)) => Ok(()),
        (None, Some(_)) => Err(no(404, "notFound", "Domain not found.")),
        _ => Err(forbidden("exactly one of customer=my_customer and domain is needed")),
    }
}

/// The clauses of a search that a reader has use for; all must hold.
fn filter(users: &mut Vec<Value>, query: Option<&str>) -> Result<(), Refusal> {
    for clause in query.unwrap_or_default().split_whitespace() {
        let (member, wanted) = match clause {
            "isSuspended=false" => ("suspended", false),
            "isSuspended=true" => ("suspended", true),
            "isArchived=false" => ("archived", false),
            "isArchived=true" => ("archived", true),
            _ => return Err(forbidden(format!("query clause {clause} is not in the contract"))),
        };
        users.retain(|user| user[member] == wanted);
    }
    Ok(())
}

fn sort(users: &mut [Value], by: Option<&str>) -> Result<(), Refusal> {
    let pointer = match by {
        None => return Ok(()),
        Some("email") => "/primaryEmail",
        Some("givenName") => "/name/givenName",
        Some("familyName") => "/name/familyName",
        Some(_) => return Err(forbidden("orderBy is none of email, givenName and familyName")),
    };
    let key = |user: &Value| user.pointer(pointer).and_then(Value::as_str).map(str::to_lowercase);
    users.sort_by_key(key);
    Ok(())
}

fn pages(members: &Members, list: &[Value], size: u64) -> Vec<Vec<Value>> {
    members.pages(list, usize::try_from(size).unwrap_or(usize::MAX))
}

/// The page that is asked for; the member for the list is left out of an empty one.
fn answer(request: &Request, mut body: Value, list: &str, pages: &[Vec<Value>]) -> Answer {
    let page = match request.parameter("pageToken") {
        None => 0,
        Some(token) => (1..pages.len())
            .find(|page| page_token(request, *page) == token)
            .ok_or_else(|| no(400, "invalid", "Invalid Input: pageToken"))?,
    };
    if !pages[page].is_empty() {
        body[list] = json!(pages[page]);
    }
    if page + 1 < pages.len() {
        body["nextPageToken"] = json!(page_token(request, page + 1));
    }
    Ok(Reply::json(200, &body))
}
