//! The history: every change that was ever made, for whoever has to answer for it.

use jiff::Timestamp;

use super::Bundle;
use super::entries::{Entry, moment, read};
use super::record::HISTORY;
use crate::error::{Error, ErrorKind, Result};

impl Bundle {
    /// The changes from one moment to another, both included, in the order of time.
    pub async fn history(&self, from: Option<Timestamp>, to: Option<Timestamp>) -> Result<Vec<Entry>> {
        let Some(ledger) = &self.process.ledger else {
            let message = "the history needs a ledger: set LEDGER";
            return Err(Error::new(ErrorKind::Misconfigured, message));
        };
        let from = from.map(moment).unwrap_or_default();
        let to = to.map_or_else(|| "~".to_owned(), |to| format!("{}/~", moment(to)));
        let records = self.in_reading_time("ledger", ledger.read(HISTORY, &from, &to)).await?;
        let mut entries = Vec::new();
        for record in &records {
            entries.extend(read::<Vec<Entry>>(record)?);
        }
        Ok(entries)
    }
}
