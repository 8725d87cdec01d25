//! Floor 2: what every provider does. Its bullets are the clauses of `tests/contract.rs`.

mod listing;

use async_trait::async_trait;

use crate::error::{Error, ErrorKind, Result};
use crate::planning::account::{Account, Capabilities};
use crate::planning::identity::ProviderId;
use crate::planning::plan::Joiner;
use crate::planning::report::Outcome;
use crate::planning::sieve::Accounts;

pub use listing::{Arriving, Measure, Wanted};

/// A role a provider knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Role {
    /// Its name.
    pub name: String,
    /// What people see.
    pub display_name: String,
    /// Its id, where it has one besides the name.
    pub id: Option<String>,
}

/// A way of signing in that a provider knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdentityProvider {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The prefix of its users' names.
    pub prefix: Option<String>,
    /// Whether it may be used; unknown when the provider does not say.
    pub enabled: Option<bool>,
}

/// A SaaS platform whose users we administer.
#[async_trait]
pub trait Provider: Send + Sync {
    /// Its id.
    fn id(&self) -> ProviderId;

    /// What its API can do, as configured.
    fn capabilities(&self) -> Capabilities;

    /// Every account.
    ///
    /// # Behaviour
    /// - lists every account across pages
    /// - a short list is an error
    /// - extra fields are ignored, a missing one is `Protocol`
    async fn list(&self) -> Result<Vec<Account>> {
        self.list_wanted(&Wanted::All).await.map(|listed| listed.accounts)
    }

    /// The accounts that are wanted, by reading every one.
    async fn list_wanted(&self, wanted: &Wanted<'_>) -> Result<Accounts>;

    /// One account by its id; `None` when there is none.
    async fn get(&self, native_id: &str) -> Result<Option<Account>> {
        let mut accounts = self.list().await?.into_iter();
        Ok(accounts.find(|account| *account.native_id == *native_id))
    }

    /// Gives people access.
    ///
    /// # Behaviour
    /// - onboarding makes the person listed or `Pending`
    /// - twice is `Unchanged`
    /// - a dormant account is revived
    /// - one outcome per person, in order
    /// - one bad person does not stop the rest
    /// - a lost answer to an unsafe write is `Uncertain` and not resent
    async fn onboard(&self, joiners: &[Joiner]) -> Vec<Outcome> {
        let step = format!("give this person access in the console of {}", self.id());
        vec![Outcome::Manual(step); joiners.len()]
    }

    /// Takes access away.
    ///
    /// # Behaviour
    /// - offboarding ends access
    /// - twice is `Unchanged`
    /// - touches nobody else
    /// - somebody already gone is `Unchanged`
    /// - one outcome per account, in order
    /// - an unsupported operation sends nothing and says so
    async fn offboard(&self, leavers: &[Account]) -> Vec<Outcome> {
        let step = format!("remove this account in the console of {}", self.id());
        vec![Outcome::Manual(step); leavers.len()]
    }

    /// The roles it knows.
    async fn roles(&self) -> Result<Vec<Role>> {
        Err(unsupported(self.id(), "it has no list of roles"))
    }

    /// The ways of signing in it knows.
    async fn identity_providers(&self) -> Result<Vec<IdentityProvider>> {
        Err(unsupported(self.id(), "it has no list of identity providers"))
    }
}

fn unsupported(provider: ProviderId, message: &str) -> Error {
    Error::new(ErrorKind::Unsupported, message).with("at", provider)
}

/// The same failure for each of `count` people.
pub fn failed_all(error: &Error, count: usize) -> Vec<Outcome> {
    vec![Outcome::Failed(error.clone()); count]
}
