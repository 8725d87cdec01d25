//! The ledger: what a run leaves behind for the next ones. One small interface, two homes.
//!
//! Invariant: a write is there for whoever reads after it, and of two conditional writes of one record at most one succeeds.

mod dynamodb;
mod file;

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};

use crate::error::Result;

pub use dynamodb::Table;
pub use file::LedgerFile;

/// One thing that is remembered, under a key on a shelf. Keys sort as text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Where it stands.
    pub shelf: String,
    /// Its name there.
    pub key: String,
    /// What is remembered.
    pub text: String,
    /// From when on it is forgotten.
    pub expires: Option<Timestamp>,
    /// Another one after each write, so that a change by somebody else is seen; the ledger gives it.
    pub version: u64,
}

impl Record {
    /// A record that never expires.
    pub fn new(shelf: impl Into<String>, key: impl Into<String>, text: impl Into<String>) -> Self {
        Self {
            shelf: shelf.into(),
            key: key.into(),
            text: text.into(),
            expires: None,
            version: 0,
        }
    }

    /// The same, forgotten from `time` on.
    #[must_use]
    pub fn until(mut self, time: Timestamp) -> Self {
        self.expires = Some(time);
        self
    }

    /// The same, forgotten so long after `now`.
    #[must_use]
    pub fn kept_for(self, time: SignedDuration, now: Timestamp) -> Self {
        self.until(now.saturating_add(time).unwrap_or(Timestamp::MAX))
    }

    fn is_live(&self, now: Timestamp) -> bool {
        self.expires.is_none_or(|expires| expires > now)
    }
}

/// When a record may be written or removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// Whatever is there.
    Always,
    /// Only where nothing is, or what is there has expired.
    Free,
    /// Only while the record has this version, and has not expired.
    Unchanged(u64),
}

/// A version that no other write gives: writers who ask for the same thing must not take each other's record for their own.
fn fresh_version() -> u64 {
    fastrand::u64(1..1 << 48)
}

/// Where things are remembered.
///
/// # Behaviour
/// - what is written is read
/// - records come in the order of their keys
/// - a range includes both its ends
/// - shelves are apart
/// - an expired record is not read and its place is free
/// - any text comes back as it was
/// - a long shelf is read whole
/// - a refused write changes nothing
/// - each write gives another version
/// - of many writers who saw one version one succeeds
/// - nothing is written over what was removed meanwhile
/// - what has changed is not removed
/// - any number of records is appended
/// - of two appended under one key the last stays
/// - the same write sent twice by the network is one write
#[async_trait]
pub trait Ledger: Send + Sync {
    /// The live records of `shelf` with keys from `from` to `to`; an empty `from` is before every key.
    async fn read(&self, shelf: &str, from: &str, to: &str) -> Result<Vec<Record>>;

    /// Writes one record; its new version where the condition held.
    async fn write(&self, record: &Record, when: When) -> Result<Option<u64>>;

    /// Removes one record, if it is there and the condition holds.
    async fn remove(&self, shelf: &str, key: &str, when: When) -> Result<()>;

    /// Writes many records, whatever is there. After an error, some may be written.
    async fn append(&self, records: &[Record]) -> Result<()>;
}
