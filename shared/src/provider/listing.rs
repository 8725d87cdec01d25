//! What a list is read for, and its accounts while they arrive.

use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::SetOnce;

use super::Provider;
use crate::error::{Fault, Result};
use crate::planning::account::Account;
use crate::planning::guard::Policy;
use crate::planning::identity::ProviderId;
use crate::planning::roster::Roster;
use crate::planning::sieve::{Accounts, Sieve, Sifted};
use crate::tools::http::Entries;

/// What of a list is wanted.
#[derive(Clone, Copy)]
pub enum Wanted<'a> {
    /// Every account.
    All,
    /// What a comparison with this roster has to look at.
    Drift {
        /// With whom.
        roster: &'a Roster,
        /// Whom nothing removes.
        policy: &'a Policy,
    },
    /// The same, while the roster is being read. A list waits for it, not read any further, for so long; then all is kept.
    DriftSoon {
        /// Set once the roster was read, or was not.
        measure: &'a SetOnce<Measure>,
        /// Whom nothing removes.
        policy: &'a Policy,
        /// How long.
        patience: Duration,
    },
}

/// With what lists are compared.
#[derive(Debug)]
pub struct Measure {
    /// Who should have access.
    pub roster: Result<Roster>,
    /// The providers of which everything is wanted all the same.
    pub whole: Vec<ProviderId>,
}

impl<'a> Wanted<'a> {
    /// Begins to read a list of this provider's.
    pub async fn start(&self, provider: &dyn Provider) -> Sifted<'a> {
        let (id, identified_by) = (provider.id(), provider.capabilities().identified_by);
        let (roster, policy) = match *self {
            Self::All => return Sifted::default(),
            Self::Drift { roster, policy } => (Some(roster), policy),
            Self::DriftSoon {
                measure,
                policy,
                patience,
            } => {
                let known = tokio::time::timeout(patience, measure.wait()).await.ok();
                let known = known.filter(|measure| !measure.whole.contains(&id));
                (known.and_then(|measure| measure.roster.as_ref().ok()), policy)
            }
        };
        Sifted::through(roster.map(|roster| Sieve {
            roster,
            policy,
            provider: id,
            identified_by,
        }))
    }
}

/// The accounts of a list that comes in one answer, as they arrive.
pub struct Arriving<'a> {
    provider: &'a dyn Provider,
    wanted: &'a Wanted<'a>,
    read: fn(&[u8]) -> Result<Account, Fault>,
    sifted: Sifted<'a>,
}

impl<'a> Arriving<'a> {
    /// Nothing has arrived yet; `read` makes an account of an entry.
    pub fn new(provider: &'a dyn Provider, wanted: &'a Wanted<'a>, read: fn(&[u8]) -> Result<Account, Fault>) -> Self {
        Self {
            provider,
            wanted,
            read,
            sifted: Sifted::default(),
        }
    }

    /// How many different ids were listed.
    pub fn ids(&self) -> usize {
        self.sifted.ids()
    }

    /// The list has ended.
    pub fn end(self) -> Accounts {
        self.sifted.end()
    }
}

#[async_trait]
impl Entries for Arriving<'_> {
    async fn begin(&mut self) {
        self.sifted = self.wanted.start(self.provider).await;
    }

    fn take(&mut self, entry: &[u8]) -> Result<(), Fault> {
        let account = (self.read)(entry)?;
        self.sifted.take(account);
        Ok(())
    }
}
