//! A ledger in one JSON file, for one machine. Replaced as a whole, so that a crash leaves the old one or the new one.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{ErrorKind as IoErrorKind, Write};
use std::path::PathBuf;

use async_trait::async_trait;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Ledger, Record, When, fresh_version};
use crate::error::{Error, ErrorKind, Result};
use crate::tools::clock::Clock;
use crate::tools::json;

/// A ledger in a file; processes that share it take turns by a lock file beside it.
#[derive(Debug)]
pub struct LedgerFile {
    path: PathBuf,
    clock: Clock,
}

/// Shelf → key → record.
type Shelves = BTreeMap<String, BTreeMap<String, Stored>>;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    text: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    expires: Option<i64>,
    version: u64,
}

impl Stored {
    fn is_live(&self, now: Timestamp) -> bool {
        self.expires.is_none_or(|expires| expires > now.as_second())
    }
}

impl LedgerFile {
    /// The ledger at `path`, which need not exist yet.
    pub fn new(path: PathBuf, clock: Clock) -> Self {
        Self { path, clock }
    }

    fn beside(&self, ending: &str) -> PathBuf {
        let mut name = self.path.clone().into_os_string();
        name.push(ending);
        name.into()
    }

    fn load(&self) -> Result<Shelves> {
        match fs::read(&self.path) {
            Ok(bytes) => json::decode(&bytes).map_err(|fault| failed("is not one").with_faults(vec![fault])),
            Err(error) if error.kind() == IoErrorKind::NotFound => Ok(Shelves::new()),
            Err(error) => Err(failed("cannot be read").because(error)),
        }
    }

    /// Reads, changes and replaces the file while nobody else does.
    fn change<T>(&self, change: impl FnOnce(&mut Shelves, Timestamp) -> (T, bool)) -> Result<T> {
        let unwritable = |error: std::io::Error| failed("cannot be written").because(error);
        let lock = File::create(self.beside(".lock")).map_err(unwritable)?;
        lock.lock().map_err(unwritable)?; // given back when the file is closed, also by a crash
        let now = self.clock.now();
        let mut shelves = self.load()?;
        let (answer, changed) = change(&mut shelves, now);
        if changed {
            for shelf in shelves.values_mut() {
                shelf.retain(|_, stored| stored.is_live(now));
            }
            let text = serde_json::to_vec(&shelves).map_err(|error| failed("cannot be written").because(error))?;
            let next = self.beside(".next");
            let write = || {
                let mut file = File::create(&next)?;
                file.write_all(&text)?;
                file.sync_all()?;
                fs::rename(&next, &self.path)
            };
            write().map_err(unwritable)?;
        }
        Ok(answer)
    }
}

#[async_trait]
impl Ledger for LedgerFile {
    async fn read(&self, shelf: &str, from: &str, to: &str) -> Result<Vec<Record>> {
        let now = self.clock.now();
        let mut shelves = self.load()?;
        let found = shelves.remove(shelf).unwrap_or_default().into_iter();
        let wanted = found.filter(|(key, stored)| from <= &**key && &**key <= to && stored.is_live(now));
        let record = |(key, stored): (String, Stored)| Record {
            shelf: shelf.to_owned(),
            key,
            text: stored.text,
            expires: stored.expires.and_then(|second| Timestamp::from_second(second).ok()),
            version: stored.version,
        };
        Ok(wanted.map(record).collect())
    }

    async fn write(&self, record: &Record, when: When) -> Result<Option<u64>> {
        self.change(|shelves, now| {
            let shelf = shelves.entry(record.shelf.clone()).or_default();
            let there = shelf.get(&record.key).filter(|stored| stored.is_live(now));
            if !holds(when, there) {
                return (None, false);
            }
            let version = fresh_version();
            shelf.insert(record.key.clone(), stored(record, version));
            (Some(version), true)
        })
    }

    async fn remove(&self, shelf: &str, key: &str, when: When) -> Result<()> {
        self.change(|shelves, _| {
            let Some(shelf) = shelves.get_mut(shelf) else {
                return ((), false);
            };
            let goes = shelf.get(key).is_some_and(|stored| holds(when, Some(stored)));
            if goes {
                shelf.remove(key);
            }
            ((), goes)
        })
    }

    async fn append(&self, records: &[Record]) -> Result<()> {
        if records.is_empty() {
            return Ok(());
        }
        self.change(|shelves, _| {
            for record in records {
                let shelf = shelves.entry(record.shelf.clone()).or_default();
                shelf.insert(record.key.clone(), stored(record, fresh_version()));
            }
            ((), true)
        })
    }
}

fn stored(record: &Record, version: u64) -> Stored {
    Stored {
        text: record.text.clone(),
        expires: record.expires.map(Timestamp::as_second),
        version,
    }
}

fn holds(when: When, there: Option<&Stored>) -> bool {
    match (when, there) {
        (When::Always, _) | (When::Free, None) => true,
        (When::Unchanged(version), Some(stored)) => stored.version == version,
        (When::Free, Some(_)) | (When::Unchanged(_), None) => false,
    }
}

fn failed(what: &str) -> Error {
    Error::new(ErrorKind::Unavailable, format!("the ledger file {what}"))
}
