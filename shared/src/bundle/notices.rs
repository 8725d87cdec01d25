//! Notices: what somebody was told about, so that the same cause is told once and not after every run.

use futures_util::future::try_join_all;
use jiff::SignedDuration;

use super::Bundle;
use crate::error::Result;
use crate::tools::ledger::{Record, When};

/// The shelf of what was told.
const NOTICES: &str = "notices";

/// What stands for longer is told again.
const KEPT: SignedDuration = SignedDuration::from_hours(7 * 24);

impl Bundle {
    /// The causes below this prefix that were told and still stood at the last run. Without a ledger none: twice is better than never.
    pub async fn told(&self, prefix: &str) -> Result<Vec<String>> {
        let Some(ledger) = &self.process.ledger else {
            return Ok(Vec::new());
        };
        let end = format!("{prefix}~");
        let records = ledger.read(NOTICES, prefix, &end);
        let records = self.in_reading_time("ledger", records).await?;
        Ok(records.into_iter().map(|record| record.key).collect())
    }

    /// Remembers that these were told, and forgets those, which do not stand any more: when they come back, they are told again.
    pub async fn remember_told(&self, told: &[&String], gone: &[&String]) -> Result<()> {
        let Some(ledger) = &self.process.ledger else {
            return Ok(());
        };
        let now = self.clock.now();
        let record = |cause: &&String| Record::new(NOTICES, (*cause).clone(), "{}".to_owned()).kept_for(KEPT, now);
        let records: Vec<Record> = told.iter().map(record).collect();
        let remembered = async {
            try_join_all(gone.iter().map(|cause| ledger.remove(NOTICES, cause, When::Always))).await?;
            ledger.append(&records).await
        };
        self.in_reading_time("ledger", remembered).await
    }
}
