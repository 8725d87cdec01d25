//! Blackbird AI: narrative intelligence; an account is a user of the organisation the credentials belong to.
//!
//! API:      <https://docs.blackbird.ai/admin/users/getusers>, read 2026-11
//! Auth:     OAuth 2.0 client credentials, a bearer token for an hour
//! Identity: e-mail address; `id` is opaque
//! Can:      list, get, onboard (create or revive), offboard (reversible), roles (read only)
//! Quirks:
//! - the server's path and every call's path both hold `/admin`, so real URLs hold it twice
//! - what a duplicate create answers is not documented, so an address is looked up first and after any doubt
//! - how `?email=` matches is not documented, so its answer is filtered here again
//! - `PUT` is a JSON merge patch (RFC 7396) that wants the `id` in the body; a null would erase
//! - what a `PUT` of the status somebody has already answers is not documented, so it is read first

mod wire;
mod writes;

use std::collections::HashMap;
use std::sync::Mutex;

use async_trait::async_trait;
use secrecy::SecretString;
use serde::Deserialize;

use crate::error::Result;
use crate::planning::account::{Account, Capabilities, Offboarding, Onboarding};
use crate::planning::identity::{IdentityKind, ProviderId};
use crate::planning::plan::Joiner;
use crate::planning::report::Outcome;
use crate::planning::sieve::Accounts;
use crate::provider::{Arriving, Provider, Role, Wanted, failed_all};
use crate::tools::http::{Api, Auth, BaseUrl, ClientCredentials, Cut, Http, Window, escape};
use crate::tools::secrets::Documents;

use wire::{RoleResource, Welcome, read_list, read_user};
use writes::Listed;

pub(super) const ID: ProviderId = ProviderId::new("blackbird");

/// Writes in flight at first; doubled while nothing is throttled.
const FIRST_IN_FLIGHT: usize = 4;

/// So many people are looked up one by one; for more, the list is read.
const FEW: usize = FIRST_IN_FLIGHT;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    client_id: String,
    client_secret: SecretString,
    #[serde(default = "default_token_url")]
    token_url: String,
    #[serde(default = "default_base_url")]
    base_url: String,
    suppress_welcome_email: Option<bool>,
    app_root_url: Option<String>,
    page_url: Option<String>,
    #[serde(default = "default_max_in_flight")]
    max_in_flight: usize,
}

fn default_token_url() -> String {
    "https://api.blackbird.ai/auth/oauth2/token".to_owned()
}

fn default_base_url() -> String {
    "https://api.blackbird.ai/admin".to_owned()
}

fn default_max_in_flight() -> usize {
    32
}

struct Blackbird {
    api: Api,
    welcome: Welcome,
    /// Writes in flight.
    window: Mutex<Window>,
}

pub(super) fn connect(http: &Http, documents: &Documents) -> Result<Box<dyn Provider>> {
    let document: Document = documents.read(ID.name())?;
    let auth = Auth::Client(ClientCredentials {
        token_url: BaseUrl::parse("token_url", &document.token_url)?,
        client_id: document.client_id,
        client_secret: document.client_secret,
        scope: None,
    });
    let base = BaseUrl::parse("base_url", &document.base_url)?;
    let suppressed = document.suppress_welcome_email == Some(true);
    Ok(Box::new(Blackbird {
        api: Api::new(http, ID.name(), base, auth),
        welcome: Welcome {
            suppress_welcome_email: document.suppress_welcome_email,
            // Ignored when the mail is suppressed, so not sent then.
            app_root_url: document.app_root_url.filter(|_| !suppressed),
            page_url: document.page_url.filter(|_| !suppressed),
        },
        window: Mutex::new(Window::new(FIRST_IN_FLIGHT, document.max_in_flight)),
    }))
}

#[async_trait]
impl Provider for Blackbird {
    fn id(&self) -> ProviderId {
        ID
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            onboarding: Onboarding::Immediate,
            offboarding: Offboarding::Reversible,
            identified_by: &[IdentityKind::Email],
        }
    }

    async fn list_wanted(&self, wanted: &Wanted<'_>) -> Result<Accounts> {
        let mut arriving = Arriving::new(self, wanted, wire::read_entry);
        let call = self.api.get("/admin/users").send_entries("body", &mut arriving);
        read_list::<Vec<Cut>>(&call.await?.ok()?)?;
        Ok(arriving.end())
    }

    async fn get(&self, native_id: &str) -> Result<Option<Account>> {
        let reply = self.api.get(&user_path(native_id)).send().await?;
        if reply.status() == 404 {
            return Ok(None);
        }
        let account = read_user(reply)?;
        Ok((*account.native_id == *native_id).then_some(account))
    }

    async fn onboard(&self, joiners: &[Joiner]) -> Vec<Outcome> {
        let listed = match joiners.len() {
            0..=FEW => None,
            // Looking each of them up would take as many calls as creating them.
            _ => match self.list().await {
                Ok(accounts) => Some(Listed::of(accounts)),
                Err(error) => return failed_all(&error, joiners.len()),
            },
        };
        self.side_by_side(joiners, |joiner| self.onboard_one(joiner, listed.as_ref()))
            .await
    }

    async fn offboard(&self, leavers: &[Account]) -> Vec<Outcome> {
        // Looking at each of many would be half of all calls. A list that cannot be read stops no leaver: then it is done.
        let listed = match leavers.len() {
            0..=FEW => Vec::new(),
            _ => self.list().await.unwrap_or_default(),
        };
        let listed: HashMap<&str, &Account> = listed.iter().map(|account| (&*account.native_id, account)).collect();
        self.side_by_side(leavers, |leaver| {
            self.offboard_one(leaver, listed.get(&*leaver.native_id))
        })
        .await
    }

    async fn roles(&self) -> Result<Vec<Role>> {
        let reply = self.api.get("/admin/roles").send().await?.ok()?;
        let roles: Vec<RoleResource> = read_list(&reply)?;
        Ok(roles.into_iter().map(Role::from).collect())
    }
}

fn user_path(id: &str) -> String {
    format!("/admin/users/{}", escape(id))
}
