//! AppXite's writes: invitations, each of which is a mail, and the portal's block call.

use std::collections::HashMap;

use futures_util::future::join_all;
use serde::Serialize;
use serde_json::Map;

use super::lists::BLOCKED;
use super::{Appxite, ID, Level, invalid};
use crate::error::{Error, ErrorKind, Result};
use crate::planning::account::{Account, Status};
use crate::planning::identity::{Email, Identity, Name, first_email};
use crate::planning::plan::Joiner;
use crate::planning::report::Outcome;
use crate::provider::{IdentityProvider, Provider, Role};
use crate::tools::http::{Repeat, Reply, escape};

/// Writes in flight: each may be a mail, and nothing is known about limits.
const IN_FLIGHT: usize = 4;

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct InviteRequest<'a> {
    users: [InviteUser<'a>; 1],
    #[serde(skip_serializing_if = "Option::is_none")]
    organization_ids: Option<&'a [String]>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct InviteUser<'a> {
    email: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    first_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    group_ids: Option<[&'a str; 1]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    identity_provider_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    organization_ids: Option<&'a [String]>,
}

/// What invitations need, read once for all of them.
pub(super) struct Ready {
    role: Option<String>,
    identity_provider: Option<String>,
    listed: HashMap<Identity, Account>,
}

/// Works on a few at a time. A rejected key is rejected for everybody, so after one the rest is not tried.
pub(super) async fn few_at_a_time<'a, T, F>(items: &'a [T], work: impl Fn(&'a T) -> F) -> Vec<Outcome>
where
    F: Future<Output = Outcome>,
{
    let rejected = |outcome: &&Outcome| matches!(outcome, Outcome::Failed(e) if e.kind() == ErrorKind::Credentials);
    let mut outcomes: Vec<Outcome> = Vec::with_capacity(items.len());
    for few in items.chunks(IN_FLIGHT) {
        outcomes.extend(join_all(few.iter().map(&work)).await);
        if let Some(rejected) = outcomes.iter().find(rejected).cloned() {
            outcomes.resize(items.len(), rejected);
            break;
        }
    }
    outcomes
}

/// What to say of somebody who is listed; nothing when an invitation is in order.
fn already(account: &Account) -> Option<Outcome> {
    match account.status {
        _ if account.native_status.as_deref() == Some(BLOCKED) => {
            let step = "unblock this user in the AppXite portal (Users → the person → Unblock)";
            Some(Outcome::Manual(step.to_owned()))
        }
        Status::Active | Status::Invited => Some(Outcome::Unchanged),
        Status::Dormant => None,
        Status::Unknown => Some(unknown_status()),
    }
}

fn unknown_status() -> Outcome {
    let message = "appxite says an account state that its documents do not name";
    Outcome::Failed(Error::new(ErrorKind::Protocol, message).with("at", ID))
}

impl Appxite {
    pub(super) async fn prepare(&self) -> Result<Ready> {
        let role = self.role_id().await?;
        let identity_provider = self.identity_provider_id().await?;
        let listed = self.list().await?.into_iter();
        let by_email = |account: Account| Some((account.identities.first()?.clone(), account));
        Ok(Ready {
            role,
            identity_provider,
            listed: listed.filter_map(by_email).collect(),
        })
    }

    /// The id of the configured role, resolved by name: ids differ per platform.
    async fn role_id(&self) -> Result<Option<String>> {
        let Some(name) = &self.role else {
            return Ok(None);
        };
        let roles = self.roles().await?;
        let same = |role: &&Role| role.name.eq_ignore_ascii_case(name);
        match roles.iter().filter(same).collect::<Vec<_>>().as_slice() {
            [role] => Ok(role.id.clone()),
            [] => Err(invalid("role", "no role has this name; `list?view=roles` shows them")),
            _ => Err(invalid("role", "several roles have this name")),
        }
    }

    async fn identity_provider_id(&self) -> Result<Option<String>> {
        let Some(name) = &self.identity_provider else {
            return Ok(None);
        };
        let refused = |problem: &str| Err(invalid("identity_provider", problem));
        let all = self.identity_providers().await?;
        let same = |one: &&IdentityProvider| one.name.eq_ignore_ascii_case(name);
        match all.iter().filter(same).collect::<Vec<_>>().as_slice() {
            [one] if one.enabled == Some(false) => refused("this identity provider is disabled"),
            [one] => Ok(Some(one.id.clone())),
            [] => refused("no identity provider has this name; `list?view=identity_providers` shows them"),
            _ => refused("several identity providers have this name"),
        }
    }

    /// Invites somebody who is not listed, or whose invitation has expired. One person per request: whether a larger
    /// invitation fails as a whole is not known.
    pub(super) async fn onboard_one(&self, joiner: &Joiner, ready: &Ready) -> Outcome {
        let own = joiner.person.identities();
        let known = own.iter().find_map(|identity| ready.listed.get(identity));
        if let Some(outcome) = known.and_then(already) {
            return outcome;
        }
        // An invitation that expired is sent to the address that it went to.
        let listed = known.and_then(|account| first_email(&account.identities));
        let Some(email) = listed.or(joiner.person.email()) else {
            let error = Error::new(ErrorKind::Unsupported, "appxite needs an e-mail address");
            return Outcome::Failed(error.with("at", ID));
        };
        let body = self.invitation(email, joiner.person.name(), ready);
        let call = self.api.post(&self.paths.invite, Repeat::Unsafe).json(&body);
        match call.send().await {
            Ok(reply) if reply.status() == 409 => self.settle_conflict(email, &reply).await,
            Ok(reply) if reply.status() == 400 => {
                Outcome::Failed(reply.error(ErrorKind::Protocol, "appxite does not accept this invitation"))
            }
            Ok(reply) => match reply.ok() {
                Ok(_) => Outcome::Pending,
                Err(error) => Outcome::Failed(error),
            },
            Err(error) => Outcome::Failed(error),
        }
    }

    fn invitation<'a>(&'a self, email: &'a Email, name: &'a Name, ready: &'a Ready) -> InviteRequest<'a> {
        let (payload, user) = match self.level {
            Level::Payload => (Some(&*self.organization_ids), None),
            Level::User => (None, Some(&*self.organization_ids)),
        };
        InviteRequest {
            users: [InviteUser {
                email: email.written(),
                first_name: name.first.as_deref(),
                last_name: name.last.as_deref(),
                group_ids: ready.role.as_deref().map(|role| [role]),
                identity_provider_id: ready.identity_provider.as_deref(),
                organization_ids: user,
            }],
            organization_ids: payload,
        }
    }

    /// Somebody has the address already: the list tells how they stand.
    async fn settle_conflict(&self, email: &Email, refused: &Reply) -> Outcome {
        let same = |account: &&Account| first_email(&account.identities) == Some(email);
        match self.list().await {
            Ok(listed) => listed.iter().find(same).and_then(already).unwrap_or_else(|| {
                Outcome::Failed(refused.error(ErrorKind::Protocol, "appxite refuses to invite this person"))
            }),
            Err(error) => Outcome::Failed(error),
        }
    }

    /// Blocks somebody who is listed and may sign in.
    pub(super) async fn offboard_one(&self, path: &str, leaver: &Account, listed: &HashMap<&str, &Account>) -> Outcome {
        match listed.get(&*leaver.native_id).map(|account| account.status) {
            None | Some(Status::Dormant) => return Outcome::Unchanged,
            Some(Status::Unknown) => return unknown_status(),
            Some(Status::Active | Status::Invited) => {}
        }
        let path = path.replace("{id}", &escape(&leaver.native_id));
        // Safe: blocking a blocked user leaves them blocked.
        let reply = match self.api.post(&path, Repeat::Safe).json(&Map::new()).send().await {
            Ok(reply) => reply,
            Err(error) => return Outcome::Failed(error),
        };
        let failed = match reply.status() {
            404 => reply.error(ErrorKind::Misconfigured, "no such address: is `paths.block` right?"),
            409 => reply.error(ErrorKind::Protocol, "appxite refuses to block this user"),
            _ => {
                return match reply.ok() {
                    Ok(_) => Outcome::Done,
                    Err(error) => Outcome::Failed(error),
                };
            }
        };
        // Or somebody else was faster: the list tells.
        match self.get(&leaver.native_id).await {
            Ok(None) => Outcome::Unchanged,
            Ok(Some(account)) if account.status == Status::Dormant => Outcome::Unchanged,
            Ok(Some(_)) => Outcome::Failed(failed),
            Err(error) => Outcome::Failed(error),
        }
    }
}
