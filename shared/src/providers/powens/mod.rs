//! Powens: end users whose bank data is aggregated; an "account" here is such a user.
//!
//! API:      <https://docs.powens.com/api-reference/user-connections/users>, read 2026-11
//! Auth:     the domain's users token for the list; a renewed token of that very user for reading and deleting them
//! Identity: integer id only, linked to a person by the directory's `powens_id`
//! Can:      list, offboard (permanent, only with `allow_delete`)
//! Quirks:
//! - `auth/renew` without an id creates a user, so an id is never optional here and the token is checked against it
//! - `me` and `all` are ids to the API: paths are built from integers only
//! - paging of the list is not documented; a server may ignore `offset`, cap `limit`, or give links
//! - a deletion takes all bank data with it

mod users;

use async_trait::async_trait;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

use crate::error::{Error, ErrorKind, Fault, Result};
use crate::planning::account::{Account, Capabilities, Offboarding, Onboarding};
use crate::planning::identity::{IdentityKind, ProviderId};
use crate::planning::plan::Joiner;
use crate::planning::report::Outcome;
use crate::planning::sieve::Accounts;
use crate::provider::{Provider, Wanted, failed_all};
use crate::tools::http::{Api, Auth, BaseUrl, Http, Repeat};
use crate::tools::secrets::Documents;

use users::{User, UserId};

pub(super) const ID: ProviderId = ProviderId::new("powens");

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    domain: Option<String>,
    base_url: Option<String>,
    users_token: SecretString,
    client_id: String,
    client_secret: SecretString,
    #[serde(default)]
    allow_delete: bool,
}

#[derive(Serialize)]
struct AuthRenewRequest<'a> {
    grant_type: &'static str,
    client_id: &'a str,
    client_secret: &'a str,
    id_user: UserId,
    /// Deleting the user ends every token; revoking before it could only do harm if the deletion fails.
    revoke_previous: bool,
}

#[derive(Deserialize)]
struct AuthTokenExchange {
    access_token: SecretString,
}

struct Powens {
    /// Calls with the users token, or with a user's own.
    api: Api,
    /// Calls that carry the client's credentials in their bodies.
    tokens: Api,
    client_id: String,
    client_secret: SecretString,
    allow_delete: bool,
}

pub(super) fn connect(http: &Http, documents: &Documents) -> Result<Box<dyn Provider>> {
    let document: Document = documents.read(ID.name())?;
    let base = match (&document.base_url, &document.domain) {
        (Some(url), None) => BaseUrl::parse("base_url", url)?,
        (None, Some(domain)) if is_label(domain) => {
            BaseUrl::parse("domain", &format!("https://{domain}.biapi.pro/2.0"))?
        }
        _ => {
            let fault = Fault {
                path: "domain".to_owned(),
                problem: "give either `domain` (the part before .biapi.pro) or `base_url`".to_owned(),
            };
            let error = Error::new(ErrorKind::Misconfigured, "the secret document is not valid");
            return Err(error.with("document", ID).with_faults(vec![fault]));
        }
    };
    Ok(Box::new(Powens {
        tokens: Api::new(http, ID.name(), base.clone(), Auth::None),
        api: Api::new(http, ID.name(), base, Auth::Bearer(document.users_token)),
        client_id: document.client_id,
        client_secret: document.client_secret,
        allow_delete: document.allow_delete,
    }))
}

/// One part of a host name, so that a domain cannot lead to another host.
fn is_label(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
}

#[async_trait]
impl Provider for Powens {
    fn id(&self) -> ProviderId {
        ID
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            onboarding: Onboarding::Unsupported,
            offboarding: match self.allow_delete {
                true => Offboarding::Permanent,
                false => Offboarding::Unsupported,
            },
            identified_by: &[IdentityKind::Native],
        }
    }

    async fn list_wanted(&self, wanted: &Wanted<'_>) -> Result<Accounts> {
        let ids = self.user_ids().await?;
        let mut sifted = wanted.start(self).await;
        let accounts = ids.iter().map(|id| Account::new(&id.to_string(), []));
        accounts.for_each(|account| sifted.take(account));
        Ok(sifted.end())
    }

    async fn onboard(&self, joiners: &[Joiner]) -> Vec<Outcome> {
        let step =
            "let your application create this user at Powens; its id then goes into the directory as `powens_id`";
        vec![Outcome::Manual(step.to_owned()); joiners.len()]
    }

    async fn offboard(&self, leavers: &[Account]) -> Vec<Outcome> {
        if !self.allow_delete {
            let step = "delete this user in your Powens application, or set `allow_delete` in the secret document: it takes all bank data along";
            return vec![Outcome::Manual(step.to_owned()); leavers.len()];
        }
        let ids: Vec<Result<UserId>> = leavers.iter().map(UserId::of).collect();
        let mut known: Vec<UserId> = ids.iter().flatten().copied().collect();
        // What renewing a token of an unknown user does is not documented; it may create one. So only listed users.
        if !known.is_empty() {
            match self.user_ids().await {
                Ok(before) => known.retain(|id| before.contains(id)),
                Err(error) => return failed_all(&error, leavers.len()),
            }
        }
        let mut outcomes = Vec::with_capacity(leavers.len());
        let mut stop: Option<Error> = None;
        for id in &ids {
            outcomes.push(match (id, &stop) {
                (Err(error), _) => Outcome::Failed(error.clone()),
                (Ok(id), _) if !known.contains(id) => Outcome::Unchanged,
                (Ok(_), Some(error)) => Outcome::Failed(error.clone()),
                (Ok(id), None) => match self.delete(*id).await {
                    Ok(()) => Outcome::Done,
                    Err(Deletion::Failed(error)) => Outcome::Failed(error),
                    Err(Deletion::StopAll(error)) => {
                        stop = Some(error.clone());
                        Outcome::Failed(error)
                    }
                },
            });
        }
        if !known.is_empty() {
            self.read_back(&ids, &mut outcomes).await;
        }
        outcomes
    }
}

/// Why a deletion did not happen.
enum Deletion {
    Failed(Error),
    /// A token did not belong to the user it was made for, or the key is rejected: nothing more is tried.
    StopAll(Error),
}

impl From<Error> for Deletion {
    fn from(error: Error) -> Self {
        match error.kind() {
            ErrorKind::Credentials => Self::StopAll(error),
            _ => Self::Failed(error),
        }
    }
}

impl Powens {
    /// Renews a token of this very user, makes sure that it is theirs, and deletes them with it.
    async fn delete(&self, id: UserId) -> Result<(), Deletion> {
        let body = AuthRenewRequest {
            grant_type: "client_credentials",
            client_id: &self.client_id,
            client_secret: self.client_secret.expose_secret(),
            id_user: id,
            revoke_previous: false,
        };
        let renewed = self.tokens.post("/auth/renew", Repeat::Safe).json(&body);
        let renewed: AuthTokenExchange = renewed.send().await?.ok()?.json()?;
        let token = &renewed.access_token;

        let reply = self.api.get(&id.path()).bearer(token).send().await?;
        let owner: Option<User> = match reply.status() {
            401 | 403 | 404 => None,
            _ => Some(reply.ok()?.json()?),
        };
        if owner.is_none_or(|user| user.id != id) {
            let message = "a renewed powens token belongs to another user, perhaps a new one: look at the console";
            let error = Error::new(ErrorKind::Protocol, message).with("asked for user", id);
            return Err(Deletion::StopAll(error));
        }

        let deleted = self.api.delete(&id.path(), Repeat::Safe).bearer(token).send().await?;
        match deleted.status() {
            // A repeated deletion finds the user and the token gone; the read-back tells.
            401 | 404 => Ok(()),
            409 => {
                let message = "powens keeps this user read-only for now";
                Err(deleted.error(ErrorKind::Unavailable, message).into())
            }
            _ => Ok(deleted.ok().map(drop)?),
        }
    }

    /// Looks whether the deleted users are gone; a deletion whose answer was lost is settled by it.
    async fn read_back(&self, ids: &[Result<UserId>], outcomes: &mut [Outcome]) {
        if !outcomes
            .iter()
            .any(|outcome| matches!(outcome, Outcome::Done | Outcome::Failed(_)))
        {
            return;
        }
        let after = self.user_ids().await;
        for (id, outcome) in ids.iter().zip(outcomes) {
            let Ok(id) = id else {
                continue;
            };
            match (&outcome, &after) {
                (Outcome::Done, Ok(after)) if after.contains(id) => {
                    let message = "powens took the deletion but still lists the user";
                    *outcome = Outcome::Failed(Error::new(ErrorKind::Uncertain, message).with("at", ID));
                }
                (Outcome::Done, Err(error)) => {
                    let message = "powens took the deletion but the list cannot be read again";
                    let error = Error::new(ErrorKind::Uncertain, message).because(error.clone());
                    *outcome = Outcome::Failed(error.with("at", ID));
                }
                (Outcome::Failed(_), Ok(after)) if !after.contains(id) => *outcome = Outcome::Done,
                _ => {}
            }
        }
    }
}
