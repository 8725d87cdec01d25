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

use async_trait::async_trait;
use futures_util::future::join_all;
use secrecy::SecretString;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::error::{Error, ErrorKind, Result};
use crate::planning::account::{Account, Capabilities, Offboarding, Onboarding, Status};
use crate::planning::identity::{Email, Identity, IdentityKind, Name, ProviderId, first_email};
use crate::planning::plan::Joiner;
use crate::planning::report::Outcome;
use crate::provider::{Provider, Role};
use crate::tools::http::{Api, Auth, BaseUrl, ClientCredentials, Http, Repeat, Reply, escape};
use crate::tools::secrets::Documents;

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

#[derive(Deserialize)]
struct List<T> {
    body: Vec<T>,
    /// No paging is documented; a member of such a name would say that this is not everybody.
    #[serde(
        default,
        alias = "nextCursor",
        alias = "nextToken",
        alias = "cursor",
        alias = "nextPage",
        alias = "_links"
    )]
    next: Option<serde::de::IgnoredAny>,
}

/// Everything in a list, which is wrapped in `body` (a bare array is taken too).
fn read_list<T: DeserializeOwned>(reply: &Reply) -> Result<Vec<T>> {
    if reply.is_array() {
        return reply.json();
    }
    let list: List<T> = reply.json()?;
    if list.next.is_some() {
        let message = "the list announces more pages, which the documents do not name";
        return Err(reply.error(ErrorKind::Protocol, message));
    }
    Ok(list.body)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct User {
    id: String,
    email: String,
    roles: Vec<String>,
    status: String,
    first_name: Option<String>,
    last_name: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct UserCreate<'a> {
    email: &'a str,
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    first_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_name: Option<&'a str>,
    #[serde(flatten)]
    welcome: Welcome,
}

/// How a new user is greeted: what the operator set, and nothing else.
#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
struct Welcome {
    #[serde(skip_serializing_if = "Option::is_none")]
    suppress_welcome_email: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    app_root_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    page_url: Option<String>,
}

#[derive(Serialize)]
struct UserUpdate<'a> {
    id: &'a str,
    status: &'static str,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RoleResource {
    role_name: String,
    display_name: String,
}

const ACTIVE: &str = "active";
const DEACTIVATED: &str = "deactivated";

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
        Ok(users.iter().map(account).collect())
    }

    async fn get(&self, native_id: &str) -> Result<Option<Account>> {
        let reply = self.api.get(&user_path(native_id)).send().await?;
        if reply.status() == 404 {
            return Ok(None);
        }
        let user: User = reply.ok()?.json()?;
        Ok(Some(account(&user)).filter(|account| *account.native_id == *native_id))
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
        let role = |role: RoleResource| Role {
            name: role.role_name,
            display_name: role.display_name,
            id: None,
        };
        Ok(roles.into_iter().map(role).collect())
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
        }
        outcomes
    }

    async fn offboard_one(&self, leaver: &Account) -> (Outcome, bool) {
        let (outcome, throttled) = self.set_status(leaver, DEACTIVATED).await;
        // No such user: already gone.
        (outcome.unwrap_or(Outcome::Unchanged), throttled)
    }

    /// Looks the person up, then creates or revives them.
    async fn onboard_one(&self, joiner: &Joiner) -> (Outcome, bool) {
        let Some(email) = first_email(joiner.person.identities()) else {
            let error = Error::new(ErrorKind::Unsupported, "blackbird needs an e-mail address");
            return (Outcome::Failed(error.with("at", ID)), false);
        };
        let found = match &joiner.account {
            Some(account) => self.get(&account.native_id).await,
            None => self.find(email).await,
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
        let same = |user: &User| Email::parse(&user.email).as_ref() == Some(email);
        let found: Vec<Account> = users.iter().filter(|user| same(user)).map(account).collect();
        match found.as_slice() {
            [] => Ok(None),
            [one] => Ok(Some(one.clone())),
            _ => Err(reply.error(ErrorKind::Protocol, "several users have the same address")),
        }
    }

    async fn make_active(&self, account: &Account) -> (Outcome, bool) {
        match account.status {
            Status::Active | Status::Invited => (Outcome::Unchanged, false),
            Status::Dormant => {
                let (outcome, throttled) = self.set_status(account, ACTIVE).await;
                (outcome.unwrap_or(Outcome::NotFound), throttled)
            }
            Status::Unknown => {
                let message = "blackbird says a status that its documents do not name";
                (Outcome::Failed(Error::new(ErrorKind::Protocol, message)), false)
            }
        }
    }

    async fn create(&self, email: &Email, name: &Name) -> (Outcome, bool) {
        let body = UserCreate {
            email: email.written(),
            status: ACTIVE,
            first_name: name.first.as_deref(),
            last_name: name.last.as_deref(),
            welcome: self.welcome.clone(),
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
        let outcome = match read_user(reply) {
            // The answer must be about this address; a user created deactivated is switched on.
            Ok(user) if Email::parse(&user.email).as_ref() != Some(email) => {
                let message = "blackbird created a user with another address";
                Outcome::Failed(Error::new(ErrorKind::Protocol, message).with("id", user.id))
            }
            Ok(user) => match self.make_active(&account(&user)).await.0 {
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

    /// `PUT`s a status; no outcome when there is no such user.
    async fn set_status(&self, account: &Account, status: &'static str) -> (Option<Outcome>, bool) {
        let id = &*account.native_id;
        let call = self
            .api
            .put(&user_path(id), Repeat::Safe)
            .json(&UserUpdate { id, status });
        let reply = match call.send().await {
            Ok(reply) => reply,
            Err(error) => return (Some(Outcome::Failed(error)), false),
        };
        let throttled = reply.was_throttled();
        if reply.status() == 404 {
            return (None, throttled);
        }
        let outcome = match read_user(reply) {
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

fn read_user(reply: Reply) -> Result<User> {
    reply.ok()?.json()
}

fn user_path(id: &str) -> String {
    format!("/admin/users/{}", escape(id))
}

fn account(user: &User) -> Account {
    let email = Email::parse(&user.email).map(Identity::Email);
    let mut account = Account::new(&user.id, email);
    account.status = match user.status.as_str() {
        ACTIVE => Status::Active,
        DEACTIVATED => Status::Dormant,
        _ => Status::Unknown,
    };
    if account.status == Status::Unknown {
        account.native_status = Some(user.status.as_str().into());
    }
    let name = Name {
        first: user.first_name.as_deref().map(Into::into),
        last: user.last_name.as_deref().map(Into::into),
    };
    account.name = name.full().map(Into::into);
    account.roles = user.roles.iter().map(|role| role.as_str().into()).collect();
    account
}
