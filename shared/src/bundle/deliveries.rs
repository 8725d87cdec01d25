//! Events that were worked, remembered for a while: where nothing signed says when one was sent, an old one may be sent again.

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::Bundle;
use crate::error::Result;
use crate::planning::hash;
use crate::tools::ledger::{Record, When};

/// The shelf of deliveries.
const DELIVERIES: &str = "deliveries";

/// Longer than any sender tries again: three days (<https://docs.gusto.com/embedded-payroll/docs/webhooks>).
const KEPT: SignedDuration = SignedDuration::from_hours(4 * 24);

/// The name of an event: to which function who sent it, the id it came with, and every byte of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery(String);

impl Delivery {
    /// The delivery of this body by this caller to this function; `id` is empty where none came with it.
    pub fn new(function: &str, caller: &str, id: &str, body: &[u8]) -> Self {
        let mut hash = Sha256::new();
        for part in [function, caller, id] {
            hash.update(part);
            hash.update([0]);
        }
        let hash = hash.chain_update(body).finalize();
        Self(hash::hex(&hash))
    }
}

impl Bundle {
    /// Whether this very event was worked already. Without a ledger nobody knows, and it is worked.
    pub async fn has_worked(&self, delivery: &Delivery) -> Result<bool> {
        let Some(ledger) = &self.process.ledger else {
            return Ok(false);
        };
        let records = ledger.read(DELIVERIES, &delivery.0, &delivery.0);
        Ok(!self.in_reading_time("ledger", records).await?.is_empty())
    }

    /// Remembers that this event was worked. Where that fails, it may be worked again, which changes nothing more.
    pub async fn remember_delivery(&self, delivery: &Delivery) {
        let Some(ledger) = &self.process.ledger else {
            return;
        };
        let record = Record::new(DELIVERIES, &*delivery.0, "{}".to_owned());
        let record = record.kept_for(KEPT, self.clock.now());
        if let Err(error) = ledger.write(&record, When::Always).await {
            self.ledger_failed(error.with("forgot", "an event that was worked"));
        }
    }
}
