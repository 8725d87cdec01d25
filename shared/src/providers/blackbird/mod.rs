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

use async_trait::async_trait;
use futures_util::future::join_all;
use secrecy::SecretString;
use serde::Deserialize;

use crate::error::{Error, ErrorKind, Result};
use crate::planning::account::{Account, Capabilities, Offboarding, Onboarding, Status};
use crate::planning::identity::{Email, IdentityKind, Name, ProviderId};
use crate::planning::plan::Joiner;
use crate::planning::report::Outcome;
use crate::provider::{Provider, Role};
use crate::tools::http::{Api, Auth, BaseUrl, ClientCredentials, Http, Repeat, Reply, escape};
use crate::tools::secrets::Documents;

use wire::{ACTIVE, DEACTIVATED, RoleResource, User, UserCreate, UserUpdate, Welcome, read_list};

pub(super) const ID: ProviderId = ProviderId::new("blackbird");

/// Writes in flight at first; doubled while nothing is throttled.
const FIRST_IN_FLIGHT: usize = 4;

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
    max_in_flight: usize,
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
        max_in_flight: document.max_in_flight.max(1),
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

    async fn list(&self) -> Result<Vec<Account>> {
        let reply = self.api.get("/admin/users").send().await?.ok()?;
        let users: Vec<User> = read_list(&reply)?;
        Ok(users.iter().map(User::account).collect())
    }

    async fn get(&self, native_id: &str) -> Result<Option<Account>> {
        let reply = self.api.get(&user_path(native_id)).send().await?;
        if reply.status() == 404 {
            return Ok(None);
        }
        let user = User::read(reply)?;
        Ok((user.id == native_id).then(|| user.account()))
    }

    async fn onboard(&self, joiners: &[Joiner]) -> Vec<Outcome> {
        self.side_by_side(joiners, |joiner| self.onboard_one(joiner)).await
    }

    async fn offboard(&self, leavers: &[Account]) -> Vec<Outcome> {
        self.side_by_side(leavers, |leaver| self.offboard_one(leaver)).await
    }

    async fn roles(&self) -> Result<Vec<Role>> {
        let reply = self.api.get("/admin/roles").send().await?.ok()?;
        let roles: Vec<RoleResource> = read_list(&reply)?;
        Ok(roles.into_iter().map(Role::from).collect())
    }
}

impl Blackbird {
    /// Works on `items` several at a time: twice as many while nothing is throttled, half as many when something is.
    async fn side_by_side<'a, T: Sync, F>(&self, items: &'a [T], work: impl Fn(&'a T) -> F) -> Vec<Outcome>
    where
        F: Future<Output = (Outcome, bool)>,
    {
        let mut outcomes = Vec::with_capacity(items.len());
        let mut window = FIRST_IN_FLIGHT.min(self.max_in_flight);
        while let Some(rest) = items.get(outcomes.len()..).filter(|rest| !rest.is_empty()) {
            let done = join_all(rest.iter().take(window).map(&work)).await;
            let throttled = done.iter().any(|(_, throttled)| *throttled);
            outcomes.extend(done.into_iter().map(|(outcome, _)| outcome));
            window = if throttled { window / 2 } else { window * 2 };
            window = window.clamp(1, self.max_in_flight);
            // A rejected key is rejected for everybody: the rest is not tried.
            if let Some(rejected) = outcomes.iter().find(|outcome| is_rejected(outcome)).cloned() {
                outcomes.resize(items.len(), rejected);
            }
        }
        outcomes
    }

    /// Reads the user, then deactivates them.
    async fn offboard_one(&self, leaver: &Account) -> (Outcome, bool) {
        match self.get(&leaver.native_id).await {
            Ok(Some(account)) => {
                let (outcome, throttled) = self.set_status(&account, DEACTIVATED).await;
                (outcome.unwrap_or(Outcome::Unchanged), throttled)
            }
            // No such user: already gone.
            Ok(None) => (Outcome::Unchanged, false),
            Err(error) => (Outcome::Failed(error), false),
        }
    }

    /// Looks the person up, then creates or revives them.
    async fn onboard_one(&self, joiner: &Joiner) -> (Outcome, bool) {
        let Some(email) = joiner.person.email() else {
            let error = Error::new(ErrorKind::Unsupported, "blackbird needs an e-mail address");
            return (Outcome::Failed(error.with("at", ID)), false);
        };
        let known = match &joiner.account {
            Some(account) => self.get(&account.native_id).await,
            None => Ok(None),
        };
        // An account that is gone meanwhile may have been made anew.
        let found = match known {
            Ok(None) => self.find(email).await,
            known => known,
        };
        match found {
            Ok(Some(account)) => self.make_active(&account).await,
            Ok(None) => self.create(email, joiner.person.name()).await,
            Err(error) => (Outcome::Failed(error), false),
        }
    }

    /// The one user with this address; how the filter matches is unknown, so equality is checked here.
    async fn find(&self, email: &Email) -> Result<Option<Account>> {
        let call = self.api.get("/admin/users").query(&[("email", email.written())]);
        let reply = call.send().await?.ok()?;
        let users: Vec<User> = read_list(&reply)?;
        let found: Vec<&User> = users.iter().filter(|user| user.has(email)).collect();
        match found.as_slice() {
            [] => Ok(None),
            [one] => Ok(Some(one.account())),
            _ => Err(reply.error(ErrorKind::Protocol, "several users have the same address")),
        }
    }

    async fn make_active(&self, account: &Account) -> (Outcome, bool) {
        let (outcome, throttled) = self.set_status(account, ACTIVE).await;
        (outcome.unwrap_or(Outcome::NotFound), throttled)
    }

    async fn create(&self, email: &Email, name: &Name) -> (Outcome, bool) {
        let body = UserCreate {
            email: email.written(),
            status: ACTIVE,
            first_name: name.first.as_deref(),
            last_name: name.last.as_deref(),
            welcome: &self.welcome,
        };
        let call = self.api.post("/admin/users", Repeat::Unsafe).json(&body);
        let reply = match call.send().await {
            Ok(reply) => reply,
            Err(error) => return (Outcome::Failed(error), false),
        };
        let throttled = reply.was_throttled();
        if matches!(reply.status(), 400 | 409) {
            return (self.settle_duplicate(email, reply).await, throttled);
        }
        let outcome = match User::read(reply) {
            // The answer must be about this address; a user created deactivated is switched on.
            Ok(user) if !user.has(email) => {
                let message = "blackbird created a user with another address";
                Outcome::Failed(Error::new(ErrorKind::Protocol, message).with("id", user.id))
            }
            Ok(user) => match self.make_active(&user.account()).await.0 {
                Outcome::Unchanged => Outcome::Done,
                other => other,
            },
            Err(error) => Outcome::Failed(error),
        };
        (outcome, throttled)
    }

    /// Somebody else created the address meanwhile, or the input is refused: a second look tells.
    async fn settle_duplicate(&self, email: &Email, refused: Reply) -> Outcome {
        match self.find(email).await {
            Ok(Some(account)) => self.make_active(&account).await.0,
            Ok(None) => Outcome::Failed(refused.error(ErrorKind::Protocol, "blackbird does not accept this person")),
            Err(error) => Outcome::Failed(error),
        }
    }

    /// `PUT`s a status where it is another one; no outcome when there is no such user.
    async fn set_status(&self, account: &Account, status: &'static str) -> (Option<Outcome>, bool) {
        match (account.status, status) {
            (Status::Active | Status::Invited, ACTIVE) | (Status::Dormant, DEACTIVATED) => {
                return (Some(Outcome::Unchanged), false);
            }
            (Status::Unknown, _) => {
                let message = "blackbird says a status that its documents do not name";
                let error = Error::new(ErrorKind::Protocol, message).with("at", ID);
                return (Some(Outcome::Failed(error)), false);
            }
            _ => {}
        }
        let id = &*account.native_id;
        let call = self.api.put(&user_path(id), Repeat::Safe);
        let reply = match call.json(&UserUpdate { id, status }).send().await {
            Ok(reply) => reply,
            Err(error) => return (Some(Outcome::Failed(error)), false),
        };
        let throttled = reply.was_throttled();
        if reply.status() == 404 {
            return (None, throttled);
        }
        let outcome = match User::read(reply) {
            Ok(user) if user.id == id && user.status == status => Outcome::Done,
            Ok(_) => {
                let message = "blackbird answered a change of status with another user or status";
                Outcome::Failed(Error::new(ErrorKind::Protocol, message).with("at", ID))
            }
            Err(error) => Outcome::Failed(error),
        };
        (Some(outcome), throttled)
    }
}

fn user_path(id: &str) -> String {
    format!("/admin/users/{}", escape(id))
}

fn is_rejected(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Failed(error) if error.kind() == ErrorKind::Credentials)
}
