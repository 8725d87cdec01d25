//! AppXite: a marketplace platform; an account is a platform user.
//!
//! API:      <https://support.appxite.com/hc/en-us/articles/9082247376924-User-Management-via-APIs>, read 2026-11
//! Auth:     a subscription key in `Ocp-Apim-Subscription-Key` and a bearer token, static or by client credentials
//! Identity: e-mail address
//! Can:      list, onboard by invitation, roles, identity providers; offboard only where the operator configured the portal's block call
//! Quirks:
//! - hosts, paths and most member names are published to signed-in partners only, so they are configuration or read leniently
//! - every invitation sends a mail and is never repeated by itself; it dies after seven days and then has to be sent anew
//! - a blocked user stays listed and can only be unblocked in the portal

use std::collections::BTreeSet;

use async_trait::async_trait;
use futures_util::{StreamExt, stream};
use jiff::{SignedDuration, Timestamp};
use reqwest::header::HeaderName;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::error::{Error, ErrorKind, Fault, Result};
use crate::planning::account::{Account, Capabilities, Offboarding, Onboarding, Status};
use crate::planning::identity::{Email, Identity, IdentityKind, ProviderId, first_email};
use crate::planning::plan::Joiner;
use crate::planning::report::Outcome;
use crate::provider::{IdentityProvider, Provider, Role, failed_all};
use crate::tools::clock::Clock;
use crate::tools::http::{Api, Auth, BaseUrl, ClientCredentials, Http, Repeat, Reply, escape};
use crate::tools::secrets::Documents;

pub(super) const ID: ProviderId = ProviderId::new("appxite");

/// How long an invitation lives (<https://support.appxite.com/hc/en-us/articles/23115168664988>).
const INVITATION: SignedDuration = SignedDuration::from_hours(7 * 24);

/// Invitations in flight: each is a mail, and nothing is known about limits.
const IN_FLIGHT: usize = 4;

/// A list that ends exactly at one of these, and says no total, may have been cut there.
const ROUND_PAGES: [usize; 5] = [10, 20, 25, 50, 100];

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

    async fn list(&self) -> Result<Vec<Account>> {
        let users = self.every(&self.paths.users, "a user").await?;
        users.iter().map(|user| self.account(user)).collect()
    }

    async fn onboard(&self, joiners: &[Joiner]) -> Vec<Outcome> {
        let (role, identity_provider) = match (self.role_id().await, self.identity_provider_id().await) {
            (Ok(role), Ok(identity_provider)) => (role, identity_provider),
            (Err(error), _) | (_, Err(error)) => return failed_all(&error, joiners.len()),
        };
        let invite = |joiner| self.invite(joiner, role.as_deref(), identity_provider.as_deref());
        let invitations: Vec<_> = joiners.iter().map(invite).collect();
        stream::iter(invitations).buffered(IN_FLIGHT).collect().await
    }

    async fn offboard(&self, leavers: &[Account]) -> Vec<Outcome> {
        let blocks: Vec<_> = leavers.iter().map(|leaver| self.block(leaver)).collect();
        stream::iter(blocks).buffered(IN_FLIGHT).collect().await
    }

    async fn roles(&self) -> Result<Vec<Role>> {
        let roles = self.every(&self.paths.roles, "a role").await?;
        roles
            .iter()
            .map(|role| {
                let name = role.text("name").ok_or_else(|| incomplete("a role", "Name"))?;
                Ok(Role {
                    name: name.to_owned(),
                    display_name: name.to_owned(),
                    id: role.text("id").map(str::to_owned),
                })
            })
            .collect()
    }

    async fn identity_providers(&self) -> Result<Vec<IdentityProvider>> {
        let all = self
            .every(&self.paths.identity_providers, "an identity provider")
            .await?;
        all.iter()
            .map(|one| {
                let what = "an identity provider";
                Ok(IdentityProvider {
                    id: one.text("id").ok_or_else(|| incomplete(what, "Id"))?.to_owned(),
                    name: one.text("name").ok_or_else(|| incomplete(what, "Name"))?.to_owned(),
                    prefix: one.text("prefix").map(str::to_owned),
                    enabled: one.0.get("enabled").and_then(Value::as_bool),
                })
            })
            .collect()
    }
}

impl Appxite {
    /// Everything in a list, over all its pages, or an error: never a part.
    async fn every(&self, path: &str, what: &str) -> Result<Vec<Item>> {
        let mut items: Vec<Item> = Vec::new();
        let mut ids: BTreeSet<String> = BTreeSet::new();
        for number in 1.. {
            let (page_number, size) = (number.to_string(), self.page_size.to_string());
            let query = [("page", &*page_number), ("pageSize", &*size)];
            let reply = self.api.get(path).query(&query).send().await?.ok()?;
            let page = Page::read(&reply)?;
            let count = page.items.len();
            let mut added = 0;
            for item in page.items {
                let id = item.text("id").ok_or_else(|| incomplete(what, "Id"))?.to_owned();
                if ids.insert(id) {
                    items.push(item);
                    added += 1;
                }
            }
            let short = |message: &str| reply.error(ErrorKind::Protocol, message);
            match page.total {
                Some(total) if items.len() == total => return Ok(items),
                Some(total) if items.len() > total || added == 0 => {
                    return Err(short("the list does not hold as many entries as it says"));
                }
                Some(_) => {}
                None if count == 0 => return Ok(items),
                // The second page is the first again: the server does not page, and gave everything or cut it.
                None if added == 0 && !ROUND_PAGES.contains(&count) && count != self.page_size => return Ok(items),
                None if added == 0 => return Err(short("nothing tells whether the list is complete")),
                None => {}
            }
        }
        Ok(items)
    }

    fn account(&self, user: &Item) -> Result<Account> {
        let id = user.text("id").ok_or_else(|| incomplete("a user", "Id"))?;
        let email = user.text("email").and_then(Email::parse);
        let mut account = Account::new(id, email.map(Identity::Email));
        let word = user.text("accountstate").unwrap_or_default();
        account.status = match word.to_ascii_lowercase().as_str() {
            "active" => Status::Active,
            "new" if self.has_expired(user) => Status::Dormant,
            "new" => Status::Invited,
            BLOCKED => Status::Dormant,
            _ => Status::Unknown,
        };
        account.native_status = Some(word.to_ascii_lowercase().into());
        let name = [user.text("firstname"), user.text("lastname")];
        let name = name.into_iter().flatten().collect::<Vec<_>>().join(" ");
        account.name = Some(name).filter(|name| !name.is_empty()).map(Into::into);
        Ok(account)
    }

    /// Whether an invitation is too old to be accepted. An unreadable date never is: nobody is invited twice by guess.
    fn has_expired(&self, user: &Item) -> bool {
        let invited = ["inviteddate", "createddate"]
            .iter()
            .filter_map(|name| time(user.text(name)?))
            .max();
        invited.is_some_and(|invited| self.clock.now().duration_since(invited) > INVITATION)
    }

    /// The id of the configured role, resolved by name: ids differ per platform.
    async fn role_id(&self) -> Result<Option<String>> {
        let Some(name) = &self.role else {
            return Ok(None);
        };
        let roles = self.roles().await?;
        let named: Vec<&Role> = roles
            .iter()
            .filter(|role| role.name.eq_ignore_ascii_case(name))
            .collect();
        match named.as_slice() {
            [role] => role.id.clone().map(Some).ok_or_else(|| incomplete("a role", "Id")),
            [] => Err(invalid("role", "no role has this name; `list?view=roles` shows them")),
            _ => Err(invalid("role", "several roles have this name")),
        }
    }

    async fn identity_provider_id(&self) -> Result<Option<String>> {
        let Some(name) = &self.identity_provider else {
            return Ok(None);
        };
        let all = self.identity_providers().await?;
        let named: Vec<_> = all.iter().filter(|one| one.name.eq_ignore_ascii_case(name)).collect();
        let field = "identity_provider";
        match named.as_slice() {
            [one] if one.enabled == Some(false) => Err(invalid(field, "this identity provider is disabled")),
            [one] => Ok(Some(one.id.clone())),
            [] => Err(invalid(
                field,
                "no identity provider has this name; `list?view=identity_providers` shows them",
            )),
            _ => Err(invalid(field, "several identity providers have this name")),
        }
    }

    /// One person per request: whether a larger invitation fails as a whole is not known.
    async fn invite(&self, joiner: &Joiner, role: Option<&str>, identity_provider: Option<&str>) -> Outcome {
        let blocked = |account: &Account| account.native_status.as_deref() == Some(BLOCKED);
        if joiner.account.as_ref().is_some_and(blocked) {
            return Outcome::Manual(
                "unblock this user in the AppXite portal (Users → the person → Unblock)".to_owned(),
            );
        }
        let Some(email) = first_email(joiner.person.identities()) else {
            let error = Error::new(ErrorKind::Unsupported, "appxite needs an e-mail address");
            return Outcome::Failed(error.with("at", ID));
        };
        let (payload, user) = match self.level {
            Level::Payload => (Some(&*self.organization_ids), None),
            Level::User => (None, Some(&*self.organization_ids)),
        };
        let name = joiner.person.name();
        let body = InviteRequest {
            users: [InviteUser {
                email: email.written(),
                first_name: name.first.as_deref(),
                last_name: name.last.as_deref(),
                group_ids: role.map(|role| [role]),
                identity_provider_id: identity_provider,
                organization_ids: user,
            }],
            organization_ids: payload,
        };
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

    /// Somebody has the address already: the list tells how they stand.
    async fn settle_conflict(&self, email: &Email, refused: &Reply) -> Outcome {
        let same = |account: &&Account| first_email(&account.identities) == Some(email);
        match self.list().await {
            Ok(accounts) => match accounts.iter().find(same).map(|account| account.status) {
                Some(Status::Active | Status::Invited) => Outcome::Unchanged,
                _ => Outcome::Failed(refused.error(ErrorKind::Protocol, "appxite refuses to invite this person")),
            },
            Err(error) => Outcome::Failed(error),
        }
    }

    async fn block(&self, leaver: &Account) -> Outcome {
        let Some(path) = &self.paths.block else {
            let step = "block this user in the AppXite portal (Users → the person → Block), for every organisation";
            return Outcome::Manual(step.to_owned());
        };
        let path = path.replace("{id}", &escape(&leaver.native_id));
        // Safe: blocking a blocked user leaves them blocked.
        match self.api.post(&path, Repeat::Safe).json(&Map::new()).send().await {
            Ok(reply) if reply.status() == 404 => self.settle_missing(leaver, &reply).await,
            Ok(reply) if reply.status() == 409 => Outcome::Unchanged,
            Ok(reply) => match reply.ok() {
                Ok(_) => Outcome::Done,
                Err(error) => Outcome::Failed(error),
            },
            Err(error) => Outcome::Failed(error),
        }
    }

    /// A 404 to a block call is a user who is gone, or a path that is wrong: the list tells.
    async fn settle_missing(&self, leaver: &Account, reply: &Reply) -> Outcome {
        match self.get(&leaver.native_id).await {
            Ok(None) => Outcome::Unchanged,
            Ok(Some(_)) => {
                Outcome::Failed(reply.error(ErrorKind::Misconfigured, "no such address: is `paths.block` right?"))
            }
            Err(error) => Outcome::Failed(error),
        }
    }
}

const BLOCKED: &str = "blocked";

/// A page of a list, in either of the shapes it may have.
struct Page {
    items: Vec<Item>,
    total: Option<usize>,
}

/// An entry with its members' names in lower case: their spelling is not published.
struct Item(Map<String, Value>);

impl Item {
    fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name).and_then(Value::as_str)
    }
}

impl Page {
    /// A bare array, or an object with exactly one array in it.
    fn read(reply: &Reply) -> Result<Self> {
        let unexpected = || {
            reply.error(
                ErrorKind::Protocol,
                "the answer is neither an array nor an object with one",
            )
        };
        let (array, total) = match reply.json()? {
            Value::Array(array) => (array, None),
            Value::Object(object) => {
                let object = lower_case(object);
                let total = object.get("totalcount").and_then(Value::as_u64);
                let total = total.and_then(|total| usize::try_from(total).ok());
                let mut arrays = object.into_iter().filter_map(|(_, value)| match value {
                    Value::Array(array) => Some(array),
                    _ => None,
                });
                match (arrays.next(), arrays.next()) {
                    (Some(array), None) => (array, total),
                    _ => return Err(unexpected()),
                }
            }
            _ => return Err(unexpected()),
        };
        let item = |value| match value {
            Value::Object(object) => Ok(Item(lower_case(object))),
            _ => Err(unexpected()),
        };
        let items = array.into_iter().map(item).collect::<Result<_>>()?;
        Ok(Self { items, total })
    }
}

fn lower_case(object: Map<String, Value>) -> Map<String, Value> {
    let lower = |(name, value): (String, Value)| (name.to_ascii_lowercase(), value);
    object.into_iter().map(lower).collect()
}

/// A time as AppXite may write it: RFC 3339, or without a zone, which is then taken as UTC.
fn time(text: &str) -> Option<Timestamp> {
    let civil = || text.parse::<jiff::civil::DateTime>().ok();
    let utc = || civil()?.to_zoned(jiff::tz::TimeZone::UTC).ok();
    text.parse().ok().or_else(|| utc().map(|zoned| zoned.timestamp()))
}

fn incomplete(what: &str, member: &str) -> Error {
    let message = format!("appxite lists {what} without `{member}`");
    Error::new(ErrorKind::Protocol, message).with("at", ID)
}
