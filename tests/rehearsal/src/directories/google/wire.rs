//! Google's answers on the wire: users, entries of groups, marks of pages and refusals.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::DOMAIN;
use super::knobs::Entry;
use crate::directories::{Member, Standing};
use crate::server::{Refusal, Request};

/// What Google adds to a domain for its own purposes: an alias there cannot be edited.
const TEST_DOMAIN: &str = ".test-google-a.com";

/// An entry of a group.
pub(super) enum EntryShown<'a> {
    Member(&'a Member),
    Other(&'a Entry),
}

pub(super) fn failure(status: u16, reason: &str, message: &str) -> Value {
    let errors = json!([{ "domain": "global", "reason": reason, "message": message }]);
    json!({ "error": { "code": status, "message": message, "errors": errors } })
}

pub(super) fn no(status: u16, reason: &str, message: &str) -> Refusal {
    Refusal::plain(status, &failure(status, reason, message))
}

/// The mark of a page of this very list: another list, size or search does not know it. It holds what a query must encode.
pub(super) fn page_token(request: &Request, page: usize) -> String {
    let mut list: Vec<_> = request.query.iter().filter(|(name, _)| name != "pageToken").collect();
    list.sort();
    STANDARD.encode(format!("canary>>{page}?{}{list:?}", request.path))
}

/// The main address: every user has one.
fn primary(member: &Member) -> String {
    let address = member.email.clone().or_else(|| member.login.clone());
    address.unwrap_or_else(|| format!("{}@{DOMAIN}", member.id))
}

pub(super) fn user(member: &Member, archived: bool) -> Value {
    let (given, family) = member.name.clone().unwrap_or_default();
    let main = primary(member);
    let mut emails = vec![json!({ "address": main, "primary": true })];
    emails.extend(member.aliases.iter().map(|alias| json!({ "address": alias })));
    let mut user = json!({
        "kind": "admin#directory#user", "id": member.id, "primaryEmail": main,
        "name": { "givenName": given, "familyName": family, "fullName": format!("{given} {family}") },
        "suspended": member.standing == Standing::Suspended, "archived": archived, "isMailboxSetup": true,
        "emails": emails,
    });
    let (fixed, free): (Vec<_>, Vec<_>) = member.aliases.iter().partition(|alias| alias.ends_with(TEST_DOMAIN));
    for (name, aliases) in [("aliases", free), ("nonEditableAliases", fixed)] {
        if !aliases.is_empty() {
            user[name] = json!(aliases);
        }
    }
    user
}

pub(super) fn shown(entry: EntryShown<'_>) -> Value {
    let outsider = |id: &str, email: &str| json!({ "id": id, "email": email, "role": "MEMBER", "type": "USER" });
    let mut shown = match entry {
        EntryShown::Other(Entry::Customer) => json!({ "id": "C0canary", "role": "MEMBER", "type": "CUSTOMER" }),
        EntryShown::Other(Entry::Group(name)) => {
            let email = if name.contains('@') {
                name.clone()
            } else {
                format!("{name}@{DOMAIN}")
            };
            json!({ "id": format!("group-{name}"), "email": email, "role": "MEMBER", "type": "GROUP", "status": "ACTIVE" })
        }
        EntryShown::Other(Entry::Outsider(address)) => outsider(&format!("outside-{address}"), address),
        EntryShown::Member(member) if member.guest => outsider(&member.id, &primary(member)),
        EntryShown::Member(member) => {
            let suspended = member.standing == Standing::Suspended;
            let status = if suspended { "SUSPENDED" } else { "ACTIVE" };
            let email = primary(member);
            json!({ "id": member.id, "email": email, "role": "MEMBER", "type": "USER", "status": status })
        }
    };
    shown["kind"] = json!("admin#directory#member");
    shown
}
