//! Bilanc: engineering metrics; an "account" here is a person on the list of onboarded engineers.
//!
//! API:      <https://bilanc.mintlify.app/api-reference/endpoint/admin-api>, read 2026-11
//! Auth:     an organisation API key in `Authorization`, bare or as Bearer (the page shows both)
//! Identity: e-mail address or GitHub login; `merged_user_id` is opaque
//! Can:      list, onboard people it has seen in a data source, offboard (reversible)
//! Quirks:
//! - a 404 with `detail` says that nobody matched, which is an outcome; one without is a wrong URL
//! - counts are people, not identifiers: who was meant follows from `not_found` only
//! - the offboard path differs from the other two by one word; there is no `DELETE`
//! - the largest batch is not documented, so batches grow while they are accepted and shrink when they are not

use std::collections::HashSet;

use async_trait::async_trait;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use crate::error::{Error, ErrorKind, Result};
use crate::planning::account::{Account, Capabilities, Offboarding, Onboarding};
use crate::planning::identity::{Email, Identity, IdentityKind, Login, ProviderId, first_email, first_login};
use crate::planning::plan::Joiner;
use crate::planning::report::Outcome;
use crate::provider::Provider;
use crate::tools::http::{Api, Auth, BaseUrl, Http, Repeat, Reply};
use crate::tools::secrets::Documents;

pub(super) const ID: ProviderId = ProviderId::new("bilanc");

const ONBOARDED: &str = "/users/onboarded-users-by-attributes";
const OFFBOARDED: &str = "/users/offboarded-users-by-attributes";

/// Identifiers in the first batch.
const FIRST_BATCH: usize = 50;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    api_key: SecretString,
    #[serde(default)]
    auth_scheme: AuthScheme,
    #[serde(default = "default_base_url")]
    base_url: String,
    #[serde(default = "default_max_batch")]
    max_batch: usize,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "lowercase")]
enum AuthScheme {
    #[default]
    Raw,
    Bearer,
}

fn default_base_url() -> String {
    "https://api.bilanc.co".to_owned()
}

fn default_max_batch() -> usize {
    400
}

#[derive(Deserialize)]
struct OnboardedUsersList {
    users: Vec<User>,
    total_users_found: usize,
}

#[derive(Deserialize)]
struct User {
    merged_user_id: String,
    name: Option<String>,
    email: Option<String>,
    github_username: Option<String>,
}

#[derive(Serialize, Default)]
struct UserIdentifiers<'a> {
    #[serde(skip_serializing_if = "Vec::is_empty")] // whether `[]` counts as given is unknown
    email_addresses: Vec<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    github_usernames: Vec<&'a str>,
}

#[derive(Deserialize)]
struct Changed {
    #[serde(alias = "onboarded_user_ids", alias = "offboarded_user_ids")]
    user_ids: Vec<String>,
    not_found: NotFound,
}

#[derive(Deserialize, Default)]
struct NotFound {
    #[serde(default)]
    email_addresses: Vec<String>,
    #[serde(default)]
    github_usernames: Vec<String>,
}

impl NotFound {
    /// A person is unknown only when every one of their identifiers is.
    fn verdict(&self, person: &[Identity]) -> Found {
        let unknown = |identity: &Identity| match identity {
            Identity::Email(email) => {
                let mut texts = self.email_addresses.iter();
                texts.any(|text| Email::parse(text).as_ref() == Some(email))
            }
            Identity::Github(login) => {
                let mut texts = self.github_usernames.iter();
                texts.any(|text| Login::parse(text).as_ref() == Some(login))
            }
            Identity::Native(..) => true,
        };
        match person.iter().all(unknown) {
            true => Found::No,
            false => Found::Yes,
        }
    }
}

/// A 404 about people, not about routes.
#[derive(Deserialize)]
struct NobodyMatched {
    #[serde(rename = "detail")]
    _detail: String,
}

struct Bilanc {
    api: Api,
    max_batch: usize,
}

pub(super) fn connect(http: &Http, documents: &Documents) -> Result<Box<dyn Provider>> {
    let document: Document = documents.read(ID.name())?;
    let auth = match document.auth_scheme {
        AuthScheme::Raw => Auth::Raw(document.api_key),
        AuthScheme::Bearer => Auth::Bearer(document.api_key),
    };
    let base = BaseUrl::parse("base_url", &document.base_url)?;
    Ok(Box::new(Bilanc {
        api: Api::new(http, ID.name(), base, auth),
        max_batch: document.max_batch.max(1),
    }))
}

#[async_trait]
impl Provider for Bilanc {
    fn id(&self) -> ProviderId {
        ID
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            onboarding: Onboarding::Immediate,
            offboarding: Offboarding::Reversible,
            identified_by: &[IdentityKind::Email, IdentityKind::Github],
        }
    }

    async fn list(&self) -> Result<Vec<Account>> {
        let reply = self.api.get(ONBOARDED).send().await?.ok()?;
        let list: OnboardedUsersList = reply.json()?;
        if list.users.len() != list.total_users_found {
            let message = "the list does not hold as many people as it says";
            return Err(reply.error(ErrorKind::Protocol, message));
        }
        Ok(list.users.iter().map(account).collect())
    }

    async fn onboard(&self, joiners: &[Joiner]) -> Vec<Outcome> {
        let identities = |joiner: &Joiner| joiner.person.identities().to_vec();
        let people: Vec<Vec<Identity>> = joiners.iter().map(identities).collect();
        let Sent { results, changed } = self.send(ONBOARDED, &people).await;
        let found = results.iter().filter(|r| matches!(r, Found::Yes)).count();
        // Only where some were new and some were not does a list have to tell which.
        let new: Option<HashSet<Identity>> = match changed.len() {
            0 => Some(HashSet::new()),
            count if count >= found => None,
            _ => self.identities_of(&changed).await,
        };
        let is_new = |person: &Vec<Identity>| {
            let new = new.as_ref();
            new.is_none_or(|new| person.iter().any(|identity| new.contains(identity)))
        };
        let outcomes = results.into_iter().zip(&people).map(|(result, person)| match result {
            Found::Yes if is_new(person) => Outcome::Done,
            Found::Yes => Outcome::Unchanged,
            Found::No => Outcome::NotFound,
            Found::Failed(error) => Outcome::Failed(error),
        });
        outcomes.collect()
    }

    async fn offboard(&self, leavers: &[Account]) -> Vec<Outcome> {
        // One identifier as Bilanc itself lists it: a second one could match somebody else.
        let by = |account: &Account| {
            let email = first_email(&account.identities).cloned().map(Identity::Email);
            let login = first_login(&account.identities).cloned().map(Identity::Github);
            email.or(login).into_iter().collect()
        };
        let people: Vec<Vec<Identity>> = leavers.iter().map(by).collect();
        let Sent { results, changed } = self.send(OFFBOARDED, &people).await;
        let asked: HashSet<&str> = leavers.iter().map(|leaver| &*leaver.native_id).collect();
        let strangers = changed.iter().any(|id| !asked.contains(id.as_str()));
        let outcomes = results.into_iter().zip(leavers).map(|(result, leaver)| match result {
            _ if leaver.identities.is_empty() => {
                let step = "remove this engineer in Bilanc: the list shows neither an address nor a login";
                Outcome::Manual(step.to_owned())
            }
            Found::Yes if changed.contains(&*leaver.native_id) => Outcome::Done,
            Found::Yes if strangers => {
                let message = "bilanc removed an account that nobody asked to remove";
                Outcome::Failed(Error::new(ErrorKind::Protocol, message).with("at", ID))
            }
            Found::Yes | Found::No => Outcome::Unchanged,
            Found::Failed(error) => Outcome::Failed(error),
        });
        outcomes.collect()
    }
}

/// What became of everybody that was sent.
struct Sent {
    /// One for each person, in order.
    results: Vec<Found>,
    /// The ids of the people that were changed.
    changed: HashSet<String>,
}

/// Whether Bilanc knows a person by the identifiers that were sent.
#[derive(Clone)]
enum Found {
    Yes,
    No,
    Failed(Error),
}

/// How one batch was received.
enum Received {
    Answered(Changed),
    /// Nobody in it is known.
    Nobody,
    /// Too large, or one person in it is not acceptable.
    Refused(Error),
    /// No answer in time: worth one smaller try.
    TimedOut(Error),
    Failed(Error),
}

impl Bilanc {
    /// Sends everybody, one batch at a time, in sizes that adapt.
    async fn send(&self, path: &str, people: &[Vec<Identity>]) -> Sent {
        let mut results: Vec<Found> = Vec::with_capacity(people.len());
        let mut changed = HashSet::new();
        let mut size = FIRST_BATCH.min(self.max_batch);
        let mut timed_out = false;
        while let Some(rest) = people.get(results.len()..).filter(|rest| !rest.is_empty()) {
            let batch = fitting(rest, size);
            let half = identifiers(batch) / 2;
            let (received, throttled) = self.send_batch(path, batch).await;
            match received {
                Received::Answered(Changed { user_ids, not_found }) => {
                    changed.extend(user_ids);
                    results.extend(batch.iter().map(|person| not_found.verdict(person)));
                    timed_out = false;
                    size = if throttled { half } else { size * 2 };
                }
                Received::Nobody => results.extend(batch.iter().map(|_| Found::No)),
                Received::Refused(error) if batch.len() == 1 => results.push(Found::Failed(error)),
                Received::Refused(_) => size = half,
                Received::TimedOut(_) if !timed_out && batch.len() > 1 => {
                    timed_out = true;
                    size = half;
                }
                Received::TimedOut(error) | Received::Failed(error) => {
                    results.resize(people.len(), Found::Failed(error));
                }
            }
            size = size.clamp(1, self.max_batch);
        }
        Sent { results, changed }
    }

    async fn send_batch(&self, path: &str, batch: &[Vec<Identity>]) -> (Received, bool) {
        let mut body = UserIdentifiers::default();
        for identity in batch.iter().flatten() {
            match identity {
                Identity::Email(email) => body.email_addresses.push(email.written()),
                Identity::Github(login) => body.github_usernames.push(login.written()),
                Identity::Native(..) => {}
            }
        }
        if body.email_addresses.is_empty() && body.github_usernames.is_empty() {
            return (Received::Nobody, false);
        }
        // Safe: who is on the list already stays on it, who is off it stays off (providers.md §5).
        let reply = match self.api.post(path, Repeat::Safe).json(&body).send().await {
            Ok(reply) => reply,
            Err(error) if error.kind() == ErrorKind::Unavailable => {
                return (Received::TimedOut(error), false);
            }
            Err(error) => return (Received::Failed(error), false),
        };
        let throttled = reply.was_throttled();
        let received = match reply.status() {
            404 if reply.try_json::<NobodyMatched>().is_some() => Received::Nobody,
            413 | 422 => {
                let message = "bilanc does not accept this person";
                Received::Refused(reply.error(ErrorKind::Protocol, message))
            }
            _ => match read(reply) {
                Ok(changed) => Received::Answered(changed),
                Err(error) => Received::Failed(error),
            },
        };
        (received, throttled)
    }

    /// The identities of the listed people with these ids; `None` when the list cannot be read.
    async fn identities_of(&self, ids: &HashSet<String>) -> Option<HashSet<Identity>> {
        let accounts = self.list().await.ok()?;
        let chosen = accounts.into_iter().filter(|account| ids.contains(&*account.native_id));
        Some(chosen.flat_map(|account| account.identities).collect())
    }
}

fn read(reply: Reply) -> Result<Changed> {
    reply.ok()?.json()
}

fn identifiers(batch: &[Vec<Identity>]) -> usize {
    batch.iter().map(Vec::len).sum()
}

/// The first people whose identifiers fit into `size`, at least one person.
fn fitting(people: &[Vec<Identity>], size: usize) -> &[Vec<Identity>] {
    let mut total = 0;
    let fits = people.iter().take_while(|person| {
        total += person.len();
        total <= size
    });
    let count = fits.count().max(1);
    people.get(..count).unwrap_or(people)
}

fn account(user: &User) -> Account {
    let email = user.email.as_deref().and_then(Email::parse).map(Identity::Email);
    let login = user
        .github_username
        .as_deref()
        .and_then(Login::parse)
        .map(Identity::Github);
    let mut account = Account::new(&user.merged_user_id, email.into_iter().chain(login));
    account.name = user.name.as_deref().map(Into::into);
    account
}
