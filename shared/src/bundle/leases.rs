//! Leases: one run at a time changes a provider, so that two runs at once never do a change twice.
//!
//! A lease is renewed while its run works, and lapses soon after the run died: a second run can tell the one from the other.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep};

use super::Bundle;
use crate::error::Result;
use crate::planning::identity::ProviderId;
use crate::tools::clock::Clock;
use crate::tools::ledger::{Ledger, Record, When};

/// How long a lease lasts that nobody renews.
const LASTS: Duration = Duration::from_secs(6);

/// How often its holder renews it.
const RENEWAL: Duration = Duration::from_millis(1500);

/// How often somebody who waits for it asks.
const POLL: Duration = Duration::from_millis(500);

const KEY: &str = "lease";

/// What a run does that finds another one at work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Patience {
    /// Leaves the provider to the other, as soon as it is seen to be alive: the next run comes anyway.
    Leave,
    /// Waits for a third of its time: somebody asked for this very change.
    Wait,
}

/// The right to change one provider.
pub(super) struct Lease {
    holder: Arc<Holder>,
    stop: Option<oneshot::Sender<()>>,
    renewing: JoinHandle<()>,
}

struct Holder {
    ledger: Arc<dyn Ledger>,
    clock: Clock,
    shelf: &'static str,
    run: String,
    version: AtomicU64,
    until: Mutex<Instant>,
    lost: AtomicBool,
    renewing: tokio::sync::Mutex<()>,
}

impl Bundle {
    /// Makes this run the only one that may change these providers; those that another run is changing are given back.
    ///
    /// One after the other, always in the same order, so that two runs never wait for each other.
    pub(super) async fn take_leases(&self, chosen: &[ProviderId], patience: Patience) -> Vec<ProviderId> {
        let Some(ledger) = &self.process.ledger else {
            return Vec::new();
        };
        let last = Instant::now() + self.deadline.left() / 3;
        let mut busy = Vec::new();
        for id in chosen {
            let holder = Holder::new(ledger, self.clock, *id, &self.origin.run);
            match holder.take(patience, last).await {
                Ok(Some(lease)) => self.leases().push((*id, lease)),
                Ok(None) => busy.push(*id),
                // No ledger, no removals; joiners are served all the same.
                Err(error) => {
                    self.ledger_failed(error);
                    break;
                }
            }
        }
        busy
    }

    /// Whether a provider is ours alone for a while, renewed if need be: a busy CPU may have kept the renewals waiting.
    pub(super) async fn is_ours(&self, id: ProviderId) -> bool {
        match self.holder(id) {
            Some(holder) => holder.is_ours().await,
            None => self.process.ledger.is_none(),
        }
    }

    /// Whether another run may have taken over a provider that was ours.
    pub(super) async fn is_taken_over(&self, id: ProviderId) -> bool {
        match self.holder(id) {
            Some(holder) => !holder.is_ours().await,
            None => false,
        }
    }

    fn holder(&self, id: ProviderId) -> Option<Arc<Holder>> {
        let leases = self.leases();
        let lease = leases.iter().find(|(of, _)| *of == id);
        lease.map(|(_, lease)| Arc::clone(&lease.holder))
    }

    /// Gives a provider back. Without it, the lease lapses in a few seconds.
    pub(super) async fn release(&self, id: ProviderId) {
        let at = self.leases().iter().position(|(of, _)| *of == id);
        let lease = at.map(|at| self.leases().swap_remove(at));
        if let Some((_, lease)) = lease {
            lease.release().await;
        }
    }

    fn leases(&self) -> MutexGuard<'_, Vec<(ProviderId, Lease)>> {
        self.leases.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Lease {
    fn new(holder: Holder) -> Self {
        let holder = Arc::new(holder);
        let (stop, stopped) = oneshot::channel();
        let renewing = tokio::spawn(Arc::clone(&holder).keep(stopped));
        Self {
            holder,
            stop: Some(stop),
            renewing,
        }
    }

    /// Gives it back. Where that fails, it lapses.
    pub(super) async fn release(mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
        let _ = (&mut self.renewing).await; // a renewal on its way would change the version
        let Holder { ledger, shelf, .. } = &*self.holder;
        let version = self.holder.version.load(Ordering::Relaxed);
        if let Err(error) = ledger.remove(shelf, KEY, When::Unchanged(version)).await {
            tracing::warn!(error = %error, "a lease could not be given back; it lapses in a few seconds");
        }
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.renewing.abort();
    }
}

impl Holder {
    fn new(ledger: &Arc<dyn Ledger>, clock: Clock, id: ProviderId, run: &str) -> Self {
        Self {
            ledger: Arc::clone(ledger),
            clock,
            shelf: id.name(),
            run: run.to_owned(),
            version: AtomicU64::new(0),
            until: Mutex::new(Instant::now()),
            lost: AtomicBool::new(false),
            renewing: tokio::sync::Mutex::default(),
        }
    }

    /// Takes the lease; `None` while another run has it, at the latest at `last`.
    async fn take(self, patience: Patience, last: Instant) -> Result<Option<Lease>> {
        let mut earlier = None;
        loop {
            if self.write(When::Free).await? {
                return Ok(Some(Lease::new(self)));
            }
            let there = self.ledger.read(self.shelf, KEY, KEY).await?;
            let version = there.first().map(|record| record.version);
            let is_alive = earlier.is_some() && version.is_some() && version != earlier;
            let wait = match patience {
                Patience::Leave if is_alive => return Ok(None),
                Patience::Leave => RENEWAL + POLL,
                Patience::Wait => POLL,
            };
            if Instant::now() + wait > last {
                return Ok(None);
            }
            earlier = version;
            sleep(wait).await;
        }
    }

    fn is_lost(&self) -> bool {
        self.lost.load(Ordering::Relaxed)
    }

    async fn is_ours(&self) -> bool {
        let until = *self.until.lock().unwrap_or_else(PoisonError::into_inner);
        if !self.is_lost() && Instant::now() + RENEWAL > until {
            self.renew().await;
        }
        let until = *self.until.lock().unwrap_or_else(PoisonError::into_inner);
        !self.is_lost() && Instant::now() < until
    }

    async fn keep(self: Arc<Self>, mut stopped: oneshot::Receiver<()>) {
        while !self.is_lost() {
            tokio::select! {
                biased; // no last renewal for nothing
                _ = &mut stopped => return,
                () = sleep(RENEWAL) => self.renew().await,
            }
        }
    }

    async fn renew(&self) {
        let _alone = self.renewing.lock().await; // two renewals at once would look like two holders
        let version = self.version.load(Ordering::Relaxed);
        if let Ok(false) = self.write(When::Unchanged(version)).await {
            self.lost.store(true, Ordering::Relaxed);
        }
    }

    /// Whether the lease is ours for a while from now.
    async fn write(&self, when: When) -> Result<bool> {
        let begun = Instant::now();
        // The ledger counts in seconds: ours ends before theirs.
        let lapses = self
            .clock
            .now()
            .saturating_add(LASTS + Duration::from_secs(1))
            .unwrap_or_else(|_| self.clock.now());
        let record = Record::new(self.shelf, KEY, &*self.run).until(lapses);
        let Some(version) = self.ledger.write(&record, when).await? else {
            return Ok(false);
        };
        self.version.store(version, Ordering::Relaxed);
        *self.until.lock().unwrap_or_else(PoisonError::into_inner) = begun + LASTS;
        Ok(true)
    }
}
