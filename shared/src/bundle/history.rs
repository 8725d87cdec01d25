//! The history: every change that was ever made, for whoever has to answer for it.

use jiff::{SignedDuration, Timestamp};

use super::Bundle;
use super::entries::{Entry, moment, read};
use super::record::HISTORY;
use crate::error::{Error, ErrorKind, Result};

/// How much of the history an answer about people shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Past {
    /// None of it.
    Nothing,
    /// The last change.
    Last,
    /// All of it.
    Everything,
}

/// How many days back the last change is looked for, before everything is read.
const DAYS: [i64; 3] = [1, 32, 400];

impl Bundle {
    /// So much of the history, the last change first.
    pub async fn past(&self, past: Past) -> Result<Vec<Entry>> {
        let mut changes = match past {
            Past::Nothing => Vec::new(),
            Past::Last => self.last_changes().await?,
            Past::Everything => self.history(None, None).await?,
        };
        changes.reverse();
        Ok(changes)
    }

    /// The changes of the last days that had any: a ledger is read from its beginning on, which may be years ago.
    async fn last_changes(&self) -> Result<Vec<Entry>> {
        for days in DAYS {
            let from = self.now().checked_sub(SignedDuration::from_hours(24 * days)).ok();
            let changes = self.history(from, None).await?;
            if !changes.is_empty() {
                return Ok(changes);
            }
        }
        self.history(None, None).await
    }

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
