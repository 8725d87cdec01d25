//! Bilanc: engineering metrics; an "account" here is a person on the list of onboarded engineers.
//!
//! API:      <https://bilanc.mintlify.app/api-reference/endpoint/admin-api>, read 2026-11
//! Auth:     an organisation API key in `Authorization`, bare or as Bearer (the page shows both)
//! Identity: e-mail address or GitHub login; `merged_user_id` is opaque
//! Can:      list, onboard people it has seen in a data source, offboard (reversible)
//! Quirks:
//! - a 404 with `detail` says that nobody matched, which is an outcome; one without, or with FastAPI's stock text, is a wrong URL
//! - counts are people, not identifiers: who was meant follows from `not_found` only
//! - the offboard path differs from the other two by one word; there is no `DELETE`
//! - the largest batch is not documented, so batches grow while they are accepted and shrink when they are not

mod batches;
mod wire;

use std::collections::HashSet;
use std::sync::Mutex;

use async_trait::async_trait;
use secrecy::SecretString;
use serde::Deserialize;

use crate::error::{Error, ErrorKind, Result};
use crate::planning::account::{Account, Capabilities, Offboarding, Onboarding};
use crate::planning::identity::{Identity, IdentityKind, ProviderId, first_email, first_login};
use crate::planning::plan::Joiner;
use crate::planning::report::Outcome;
use crate::planning::sieve::Accounts;
use crate::provider::{Arriving, Provider, Wanted};
use crate::tools::http::{Api, Auth, BaseUrl, Http};
use crate::tools::secrets::Documents;

use batches::{FIRST_BATCH, Found, Sent};
use wire::OnboardedUsersList;

pub(super) const ID: ProviderId = ProviderId::new("bilanc");

const ONBOARDED: &str = "/users/onboarded-users-by-attributes";
const OFFBOARDED: &str = "/users/offboarded-users-by-attributes";

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

struct Bilanc {
    api: Api,
    max_batch: usize,
    /// Identifiers in the next batch.
    batch: Mutex<usize>,
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
        batch: Mutex::new(FIRST_BATCH.min(document.max_batch.max(1))),
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

    async fn list_wanted(&self, wanted: &Wanted<'_>) -> Result<Accounts> {
        let mut arriving = Arriving::new(self, wanted, wire::read_user);
        let reply = self
            .api
            .get(ONBOARDED)
            .send_entries("users", &mut arriving)
            .await?
            .ok()?;
        let list: OnboardedUsersList = reply.json()?;
        // One that is missing and another that is there twice would add up.
        if arriving.ids() != list.total_users_found {
            let message = "the list does not hold as many people as it says";
            return Err(reply.error(ErrorKind::Protocol, message));
        }
        Ok(arriving.end())
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
            // Somebody else went along; whose identifier did it cannot be told, so all that may have done it say so.
            Found::Yes if strangers => {
                let message = "bilanc removed an account that nobody asked to remove";
                Outcome::Failed(Error::new(ErrorKind::Protocol, message).with("at", ID))
            }
            Found::Yes if changed.contains(&*leaver.native_id) => Outcome::Done,
            Found::Yes | Found::No => Outcome::Unchanged,
            Found::Failed(error) => Outcome::Failed(error),
        });
        outcomes.collect()
    }
}

impl Bilanc {
    /// The identities of the listed people with these ids; `None` when the list cannot be read.
    async fn identities_of(&self, ids: &HashSet<String>) -> Option<HashSet<Identity>> {
        let accounts = self.list().await.ok()?;
        let chosen = accounts.into_iter().filter(|account| ids.contains(&*account.native_id));
        Some(chosen.flat_map(|account| account.identities).collect())
    }
}
