//! How long providers take to be read, also one that was given up.

use std::sync::PoisonError;
use std::time::Duration;

use tokio::time::Instant;

use super::Bundle;
use crate::planning::identity::ProviderId;

/// A read that is under way. It counts when it ends, in whatever way: a time limit drops it half way.
pub(super) struct Reading<'a> {
    bundle: &'a Bundle,
    provider: ProviderId,
    since: Instant,
}

impl Drop for Reading<'_> {
    fn drop(&mut self) {
        let latencies = self.bundle.latencies.lock();
        let mut latencies = latencies.unwrap_or_else(PoisonError::into_inner);
        latencies.push((self.provider, self.since.elapsed()));
    }
}

impl Bundle {
    pub(super) fn reading(&self, provider: ProviderId) -> Reading<'_> {
        Reading {
            bundle: self,
            provider,
            since: Instant::now(),
        }
    }

    /// How long each provider took to be observed, retries and pages included.
    pub fn latencies(&self) -> Vec<(ProviderId, Duration)> {
        let latencies = self.latencies.lock();
        latencies.unwrap_or_else(PoisonError::into_inner).clone()
    }
}
