//! **Observe**, for a run that decides: what is there, and what earlier runs left behind.

use std::collections::BTreeMap;
use std::sync::PoisonError;
use std::time::Duration;

use futures_util::future::join_all;
use serde::Serialize;
use sha2::{Digest as _, Sha256};
use tokio::sync::{SetOnce, oneshot};

use super::entries::{Batch, Key, written};
use super::shelf::{Shelf, ordered_at};
use super::{Bundle, Patience, Seen};
use crate::directories;
use crate::error::{Error, ErrorKind, Result};
use crate::planning::account::Observed;
use crate::planning::hash;
use crate::planning::identity::ProviderId;
use crate::planning::memory::{Memory, Remembering};
use crate::planning::report::Mode;
use crate::planning::roster::Roster;
use crate::planning::sieve::Accounts;
use crate::provider::{Measure, Provider, Wanted};
use crate::tools::ledger::Ledger;

/// How long a list waits for the roster, with which it is compared: servers give up a reader that is silent for a minute
/// (nginx's `send_timeout`, <https://nginx.org/en/docs/http/ngx_http_core_module.html>).
const PATIENCE: Duration = Duration::from_secs(20);

/// A provider as a run finds it.
#[derive(Debug)]
pub struct Found {
    pub(super) observed: Observed,
    pub(super) memory: Memory,
    /// What the memory was read from; `None` without a ledger, or with one that cannot be read.
    pub(super) shelf: Option<Shelf>,
}

/// What the ledger holds.
struct Recalled {
    shelves: BTreeMap<ProviderId, Shelf>,
    /// Removals by explicit orders within the hour, everywhere.
    ordered: usize,
    paused: bool,
}

impl Bundle {
    /// **Observe** and recall the chosen providers. To change them, this run first becomes the only one that may.
    pub async fn observe_and_recall(
        &self,
        chosen: &[ProviderId],
        mode: Mode,
        patience: Patience,
    ) -> Vec<(ProviderId, Result<Found>)> {
        let (free, busy) = self.free(chosen, mode, patience).await;
        let (seen, recalled) = tokio::join!(self.observe(&free), self.recall(&free));
        let found = self.found_at(seen, self.or_noted(recalled), mode).await;
        in_order(chosen, found, busy)
    }

    /// **Observe**, recall and read the roster, for a run that compares them: of accounts that are as desired, no more is kept
    /// than that they are there.
    pub async fn compare(
        &self,
        chosen: &[ProviderId],
        mode: Mode,
    ) -> (Result<Roster>, Vec<(ProviderId, Result<Found>)>) {
        let measure = SetOnce::new();
        let (told, hears) = oneshot::channel();
        let found = async {
            let (free, busy) = self.free(chosen, mode, Patience::Leave).await;
            let wanted = Wanted::DriftSoon {
                measure: &measure,
                policy: self.policy(),
                patience: PATIENCE.min(self.deadline.left() / 4),
            };
            let recalled = async {
                let (recalled, roster) = tokio::join!(self.recall(&free), hears);
                let recalled = self.or_noted(recalled);
                let roster: Result<Roster> = roster.unwrap_or_else(|_| Err(not_read()));
                let roster = roster.map(|roster| self.recognise(roster, mode));
                // What earlier runs left open is looked for among all accounts.
                let shelves = recalled.iter().flat_map(|recalled| &recalled.shelves);
                let open = shelves.filter(|(_, shelf)| shelf.batches.iter().any(Batch::is_open));
                let whole = open.map(|(id, _)| *id).collect();
                let _ = measure.set(Measure { roster, whole }); // for the first and only time
                recalled
            };
            let (seen, recalled) = tokio::join!(self.observe_wanted(&free, &wanted), recalled);
            in_order(chosen, self.found_at(seen, recalled, mode).await, busy)
        };
        let roster = async { told.send(self.roster().await) };
        let (_, found) = tokio::join!(roster, found);
        let measured = measure.into_inner().map(|measure| measure.roster);
        (measured.unwrap_or_else(|| Err(not_read())), found)
    }

    /// The providers that this run may read, and those that another one is changing.
    async fn free(&self, chosen: &[ProviderId], mode: Mode, patience: Patience) -> (Vec<ProviderId>, Vec<ProviderId>) {
        let busy = match mode {
            Mode::Apply => self.take_leases(chosen, patience).await,
            Mode::Preview => Vec::new(),
        };
        let free = chosen.iter().filter(|id| !busy.contains(id));
        (free.copied().collect(), busy)
    }

    fn or_noted(&self, recalled: Result<Option<Recalled>>) -> Option<Recalled> {
        recalled.unwrap_or_else(|error| {
            self.ledger_failed(error);
            None
        })
    }

    async fn found_at(
        &self,
        seen: Vec<Seen>,
        mut recalled: Option<Recalled>,
        mode: Mode,
    ) -> Vec<(ProviderId, Result<Found>)> {
        let mut all = Vec::new();
        for (id, observed) in seen {
            // What another run may be changing by now is not known, whatever could be read. Without any lease, because the
            // ledger is down, joiners are served all the same.
            let is_known = mode == Mode::Preview || self.is_ours(id).await;
            let observed = match is_known || self.trouble().is_some() {
                true => observed,
                false => Err(is_busy(id)),
            };
            let recalled = recalled.as_mut().filter(|_| is_known);
            all.push((id, observed.map(|observed| self.found(observed, recalled))));
        }
        all
    }

    fn found(&self, observed: Observed, recalled: Option<&mut Recalled>) -> Found {
        let now = self.clock.now();
        let shelf = recalled.and_then(|recalled| {
            let shelf = recalled.shelves.remove(&observed.provider)?;
            Some((shelf, recalled.ordered, recalled.paused))
        });
        let Some((mut shelf, ordered, paused)) = shelf else {
            let remembering = match self.process.ledger {
                Some(_) => Remembering::Unreadable,
                None => Remembering::Never,
            };
            let memory = Memory {
                remembering,
                now,
                ..Memory::default()
            };
            return Found {
                observed,
                memory,
                shelf: None,
            };
        };
        shelf.settle(&observed);
        let memory = Memory {
            ordered,
            paused,
            ..shelf.memory(now, self.origin.at, &self.fingerprint())
        };
        Found {
            observed,
            memory,
            shelf: Some(shelf),
        }
    }

    /// What the ledger holds of these providers: all of it, or an error. Without a ledger, nothing.
    async fn recall(&self, chosen: &[ProviderId]) -> Result<Option<Recalled>> {
        let Some(ledger) = self.process.ledger.as_ref().filter(|_| self.trouble().is_none()) else {
            return Ok(None);
        };
        let recalled = self.in_reading_time("ledger", self.recall_from(&**ledger, chosen));
        recalled.await.map(Some)
    }

    async fn recall_from(&self, ledger: &dyn Ledger, chosen: &[ProviderId]) -> Result<Recalled> {
        let now = self.clock.now();
        let on = self.process.settings().providers.iter();
        let others = on.filter(|id| !chosen.contains(id));
        let (paused, owners, shelves, elsewhere) = tokio::join!(
            self.is_paused(),
            self.owners(ledger),
            join_all(chosen.iter().map(|id| Shelf::read(ledger, *id))),
            join_all(others.map(|id| ordered_at(ledger, *id, now))),
        );
        let shelves: Vec<Shelf> = shelves.into_iter().collect::<Result<_>>()?;
        let elsewhere: usize = elsewhere.into_iter().sum::<Result<_>>()?;
        *self.owners.lock().unwrap_or_else(PoisonError::into_inner) = owners?;
        let here: usize = shelves.iter().map(|shelf| shelf.ordered(now)).sum();
        Ok(Recalled {
            paused: paused?,
            ordered: here + elsewhere,
            shelves: chosen.iter().copied().zip(shelves).collect(),
        })
    }

    /// The name of the settings that absence depends on: another directory, other providers or other limits are a fresh start.
    pub(super) fn fingerprint(&self) -> String {
        let settings = self.process.settings();
        let policy = &settings.policy;
        let sees = Sees {
            directory: directories::without_secrets(&self.documents),
            providers: settings.providers.iter().map(|id| id.name()).collect(),
            managed_domains: policy.managed_domains.iter().collect(),
            protected: policy.protected.iter().flatten().map(Key::from).collect(),
            limits: [
                policy.min_people,
                policy.max_removals,
                policy.max_removal_percent,
                policy.max_shrink_percent,
                policy.confirm_absences,
                policy.max_ordered_removals,
            ],
            seconds: [policy.sighting_gap.as_secs(), policy.leaver_hold.as_secs()],
        };
        hash::hex(&Sha256::digest(written(&sees)))
    }
}

/// What the fingerprint covers.
#[derive(Serialize)]
struct Sees<'a> {
    directory: String,
    providers: Vec<&'static str>,
    managed_domains: Vec<&'a String>,
    protected: Vec<Key>,
    limits: [usize; 6],
    seconds: [u64; 2],
}

fn is_busy(id: ProviderId) -> Error {
    let message = "another run is changing this provider; ask again when it is done";
    Error::new(ErrorKind::Unavailable, message).with("at", id)
}

/// What was found, and who was busy, in the order they were chosen in.
fn in_order(
    chosen: &[ProviderId],
    found: Vec<(ProviderId, Result<Found>)>,
    busy: Vec<ProviderId>,
) -> Vec<(ProviderId, Result<Found>)> {
    let busy = busy.into_iter().map(|id| (id, Err(is_busy(id))));
    let mut all: Vec<_> = found.into_iter().chain(busy).collect();
    all.sort_by_key(|(id, _)| chosen.iter().position(|one| one == id));
    all
}

fn not_read() -> Error {
    Error::new(ErrorKind::Unavailable, "the roster was not read")
}

/// What is to be seen at one provider, as far as it is wanted.
pub(super) async fn observe(provider: &dyn Provider, wanted: &Wanted<'_>) -> Result<Observed> {
    let mut listed = provider.list_wanted(wanted).await?;
    if listed.torn {
        listed = provider.list_wanted(&Wanted::All).await?;
    }
    let (provider, capabilities) = (provider.id(), provider.capabilities());
    let Accounts { accounts, settled, .. } = listed;
    Ok(Observed {
        provider,
        capabilities,
        accounts,
        settled,
    })
}
