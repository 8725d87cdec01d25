//! AppXite: a marketplace platform; an account is a platform user.
//!
//! API:      <https://support.appxite.com/hc/en-us/articles/9082247376924-User-Management-via-APIs>, read 2026-11
//! Auth:     a subscription key in `Ocp-Apim-Subscription-Key` and a bearer token, static or by client credentials
//! Identity: e-mail address
//! Can:      list, onboard by invitation, roles, identity providers; offboard only where the operator configured the portal's block call
//! Quirks:
//! - hosts, paths and most member names are published to signed-in partners only, so they are configuration or read leniently
//! - every invitation sends a mail and is never repeated by itself, so the list is read before inviting anybody
//! - an invitation dies after seven days and then has to be sent anew
//! - a blocked user stays listed and can only be unblocked in the portal

mod lists;
mod writes;

use async_trait::async_trait;
use reqwest::header::HeaderName;
use secrecy::SecretString;
use serde::Deserialize;

use crate::error::{Error, ErrorKind, Fault, Result};
use crate::planning::account::{Account, Capabilities, Offboarding, Onboarding};
use crate::planning::identity::{IdentityKind, ProviderId};
use crate::planning::plan::Joiner;
use crate::planning::report::Outcome;
use crate::planning::sieve::Accounts;
use crate::provider::{IdentityProvider, Provider, Role, Wanted, failed_all};
use crate::tools::clock::Clock;
use crate::tools::http::{Api, Auth, BaseUrl, ClientCredentials, Http};
use crate::tools::secrets::Documents;

use writes::few_at_a_time;

pub(super) const ID: ProviderId = ProviderId::new("appxite");

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    base_url: String,
    subscription_key: SecretString,
    token: Option<SecretString>,
    token_url: Option<String>,
    client_id: Option<String>,
    client_secret: Option<SecretString>,
    organization_ids: Vec<String>,
    #[serde(default)]
    organization_ids_level: Level,
    role: Option<String>,
    identity_provider: Option<String>,
    #[serde(default = "default_page_size")]
    page_size: usize,
    #[serde(default)]
    paths: Paths,
}

/// Where `OrganizationIds` stands in an invitation: the article can be read both ways.
#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Level {
    #[default]
    Payload,
    User,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Paths {
    users: String,
    roles: String,
    identity_providers: String,
    invite: String,
    block: Option<String>,
}

impl Default for Paths {
    fn default() -> Self {
        Self {
            users: "/users".to_owned(),
            roles: "/roles".to_owned(),
            identity_providers: "/identity-providers".to_owned(),
            invite: "/users/invite".to_owned(),
            block: None,
        }
    }
}

fn default_page_size() -> usize {
    100
}

struct Appxite {
    api: Api,
    clock: Clock,
    organization_ids: Vec<String>,
    level: Level,
    role: Option<String>,
    identity_provider: Option<String>,
    page_size: usize,
    paths: Paths,
}

pub(super) fn connect(http: &Http, documents: &Documents) -> Result<Box<dyn Provider>> {
    let document: Document = documents.read(ID.name())?;
    let credentials = (document.token_url, document.client_id, document.client_secret);
    let auth = match (document.token, credentials) {
        (Some(token), (None, None, None)) => Auth::Bearer(token),
        (None, (Some(url), Some(client_id), Some(client_secret))) => Auth::Client(ClientCredentials {
            token_url: BaseUrl::parse("token_url", &url)?,
            client_id,
            client_secret,
            scope: None,
        }),
        _ => {
            return Err(invalid(
                "token",
                "give either `token`, or `token_url`, `client_id` and `client_secret`",
            ));
        }
    };
    if document.organization_ids.is_empty() {
        return Err(invalid(
            "organization_ids",
            "name at least one organisation to invite people into",
        ));
    }
    if document.paths.block.as_ref().is_some_and(|path| !path.contains("{id}")) {
        return Err(invalid("paths.block", "must hold `{id}`"));
    }
    let base = BaseUrl::parse("base_url", &document.base_url)?;
    let key = HeaderName::from_static("ocp-apim-subscription-key");
    Ok(Box::new(Appxite {
        api: Api::new(http, ID.name(), base, auth).with_key(key, document.subscription_key),
        clock: http.clock(),
        organization_ids: document.organization_ids,
        level: document.organization_ids_level,
        role: document.role,
        identity_provider: document.identity_provider,
        page_size: document.page_size.max(1),
        paths: document.paths,
    }))
}

fn invalid(field: &str, problem: &str) -> Error {
    let fault = Fault {
        path: field.to_owned(),
        problem: problem.to_owned(),
    };
    let error = Error::new(ErrorKind::Misconfigured, "the secret document is not valid");
    error.with("document", ID).with_faults(vec![fault])
}

#[async_trait]
impl Provider for Appxite {
    fn id(&self) -> ProviderId {
        ID
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            onboarding: Onboarding::ByInvitation,
            offboarding: match self.paths.block {
                Some(_) => Offboarding::Reversible,
                None => Offboarding::Unsupported,
            },
            identified_by: &[IdentityKind::Email],
        }
    }

    async fn list_wanted(&self, wanted: &Wanted<'_>) -> Result<Accounts> {
        self.every_user(wanted).await
    }

    async fn onboard(&self, joiners: &[Joiner]) -> Vec<Outcome> {
        match self.prepare().await {
            Ok(ready) => few_at_a_time(joiners, |joiner| self.onboard_one(joiner, &ready)).await,
            Err(error) => failed_all(&error, joiners.len()),
        }
    }

    async fn offboard(&self, leavers: &[Account]) -> Vec<Outcome> {
        let Some(path) = &self.paths.block else {
            let step = "block this user in the AppXite portal (Users → the person → Block), for every organisation";
            return vec![Outcome::Manual(step.to_owned()); leavers.len()];
        };
        match self.list().await {
            Ok(listed) => {
                let listed = listed.iter().map(|account| (&*account.native_id, account)).collect();
                few_at_a_time(leavers, |leaver| self.offboard_one(path, leaver, &listed)).await
            }
            Err(error) => failed_all(&error, leavers.len()),
        }
    }

    async fn roles(&self) -> Result<Vec<Role>> {
        self.whole(&self.paths.roles, "a role", |item| item.role()).await
    }

    async fn identity_providers(&self) -> Result<Vec<IdentityProvider>> {
        let path = &self.paths.identity_providers;
        self.whole(path, "an identity provider", |item| item.identity_provider())
            .await
    }
}
