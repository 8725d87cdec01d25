//! GitHub's answers on the wire: members in both interfaces, identities, and refusals.

use serde_json::{Value, json};

use super::GithubPlatform;
use super::knobs::{NameIds, Settings};
use crate::directories::Member;
use crate::server::Refusal;

/// What a `guid` begins with, so that no two identities have the same.
const LINKED: u32 = 1;
const UNLINKED: u32 = 2;

/// The body of a refusal.
pub(super) fn message(status: u16, text: &str) -> Value {
    json!({ "message": text, "documentation_url": "https://docs.github.com/rest", "status": status.to_string() })
}

pub(super) fn no(status: u16, text: &str) -> Refusal {
    Refusal::plain(status, &message(status, text))
}

pub(super) fn login(member: &Member) -> &str {
    member.login.as_deref().unwrap_or(&member.id)
}

/// Every address of somebody, the main one first.
fn addresses(member: &Member) -> Vec<&str> {
    let aliases = member.aliases.iter().map(String::as_str);
    member.email.as_deref().into_iter().chain(aliases).collect()
}

fn values(addresses: &[&str]) -> Value {
    addresses.iter().map(|address| json!({ "value": address })).collect()
}

impl GithubPlatform {
    /// A member of a REST list: no address in it.
    pub(super) fn simple_user(&self, member: &Member) -> Value {
        let number = self.number(member);
        json!({
            "login": login(member), "id": number, "node_id": format!("U_{number}"), "type": "User", "site_admin": false,
        })
    }

    /// A `User` of the GraphQL schema, every field of it.
    pub(super) fn user(&self, member: &Member, settings: &Settings) -> Value {
        let name = member.name.as_ref().map(|(given, family)| format!("{given} {family}"));
        let verified = match settings.no_verified_domains {
            true => Vec::new(),
            false => addresses(member),
        };
        let public = settings.public_emails.get(&member.id).map_or("", String::as_str);
        json!({
            "login": login(member), "databaseId": self.number(member), "name": name, "email": public,
            "organizationVerifiedDomainEmails": verified,
        })
    }

    /// The `ExternalIdentity` of a member; whoever the single sign-on would call by an address and has none is not in it.
    pub(super) fn identity(&self, member: &Member, name_ids: NameIds, settings: &Settings) -> Option<Value> {
        let number = self.number(member);
        let subject = format!("canary-subject-{number}");
        let all = addresses(member);
        let (name_id, emails) = match name_ids {
            NameIds::Addresses => (member.email.clone()?, values(&all)),
            NameIds::SubjectsWithEmails => (subject, values(&all)),
            NameIds::Subjects => (subject, json!([])),
        };
        let scim = match settings.scim {
            true => json!({ "username": name_id, "emails": emails }),
            false => Value::Null,
        };
        Some(json!({
            "guid": guid(LINKED, number), "samlIdentity": { "nameId": name_id, "username": name_id, "emails": emails },
            "scimIdentity": scim, "user": self.user(member, settings),
        }))
    }
}

/// An identity that no account is linked to.
pub(super) fn unlinked_identity(place: usize, name_id: &str) -> Value {
    json!({
        "guid": guid(UNLINKED, place as u64), "samlIdentity": { "nameId": name_id, "username": name_id, "emails": [] },
        "scimIdentity": null, "user": null,
    })
}

fn guid(kind: u32, number: u64) -> String {
    format!("{kind:08}-0000-4000-8000-{number:012}")
}
