//! A ledger in memory, over which calls fail before or after they took effect, and take their time.
//!
//! What a ledger has to be, `tests/ledger` holds its real homes to; this one is for going wrong a hundred thousand times.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use shared::error::{Error, ErrorKind, Result};
use shared::tools::ledger::{Ledger, Record, When};

use super::call::Call;
use super::faults::Trouble;
use super::world::World;

/// What is kept, whoever asks.
#[derive(Default)]
pub(super) struct Store(Mutex<Kept>);

#[derive(Default)]
struct Kept {
    shelves: BTreeMap<(String, String), Record>,
    version: u64,
}

/// One run's way to it.
pub(super) struct Memory {
    pub(super) world: Arc<World>,
    pub(super) call: Arc<Call>,
}

fn down() -> Error {
    Error::new(ErrorKind::Unavailable, "the ledger is down")
}

impl Kept {
    fn put(&mut self, record: &Record) -> u64 {
        self.version += 1;
        let key = (record.shelf.clone(), record.key.clone());
        let version = self.version;
        self.shelves.insert(
            key,
            Record {
                version,
                ..record.clone()
            },
        );
        version
    }
}

impl Store {
    /// The live records of a shelf.
    pub(super) fn shelf(&self, shelf: &str, now: i64) -> Vec<Record> {
        let kept = self.0.lock().unwrap();
        let live = |record: &&Record| record.expires.is_none_or(|expires| expires.as_second() > now);
        let of_shelf = kept.shelves.values().filter(|record| record.shelf == shelf);
        of_shelf.filter(live).cloned().collect()
    }

    fn write(&self, record: &Record, when: When, now: i64) -> Option<u64> {
        let there = self
            .shelf(&record.shelf, now)
            .into_iter()
            .find(|other| other.key == record.key);
        let holds = match (when, &there) {
            (When::Always, _) | (When::Free, None) => true,
            (When::Unchanged(version), Some(there)) => there.version == version,
            (When::Free, Some(_)) | (When::Unchanged(_), None) => false,
        };
        holds.then(|| self.0.lock().unwrap().put(record))
    }
}

#[async_trait]
impl Ledger for Memory {
    async fn read(&self, shelf: &str, from: &str, to: &str) -> Result<Vec<Record>> {
        match self.world.reach(&self.call, "ledger read").await {
            Trouble::None => {}
            Trouble::Before | Trouble::After => return Err(down()),
        }
        let mut found = self.world.store.shelf(shelf, self.world.now());
        found.retain(|record| from <= record.key.as_str() && record.key.as_str() <= to);
        Ok(found)
    }

    async fn write(&self, record: &Record, when: When) -> Result<Option<u64>> {
        let trouble = self.world.reach(&self.call, "ledger write").await;
        if trouble == Trouble::Before {
            return Err(down());
        }
        let version = self.world.store.write(record, when, self.world.now());
        self.world.reached(&self.call).await;
        match trouble {
            Trouble::After => Err(down()),
            _ => Ok(version),
        }
    }

    async fn remove(&self, shelf: &str, key: &str, when: When) -> Result<()> {
        let trouble = self.world.reach(&self.call, "ledger remove").await;
        if trouble == Trouble::Before {
            return Err(down());
        }
        let found = self
            .world
            .store
            .shelf(shelf, i64::MIN)
            .into_iter()
            .find(|record| record.key == key);
        let goes = found.is_some_and(|there| match when {
            When::Always => true,
            When::Free => false,
            When::Unchanged(version) => there.version == version,
        });
        if goes {
            let key = (shelf.to_owned(), key.to_owned());
            self.world.store.0.lock().unwrap().shelves.remove(&key);
        }
        self.world.reached(&self.call).await;
        match trouble {
            Trouble::After => Err(down()),
            _ => Ok(()),
        }
    }

    /// After an error, some are written.
    async fn append(&self, records: &[Record]) -> Result<()> {
        if records.is_empty() {
            return Ok(());
        }
        let trouble = self.world.reach(&self.call, "ledger append").await;
        let written = match trouble {
            Trouble::None => records.len(),
            Trouble::Before => 0,
            Trouble::After => self.world.dice.number(0, records.len()),
        };
        for (n, record) in records[..written].iter().enumerate() {
            self.world.store.0.lock().unwrap().put(record);
            if n % 25 == 24 {
                self.world.reached(&self.call).await; // a table takes 25 at a time
            }
        }
        self.world.reached(&self.call).await;
        match trouble {
            Trouble::None => Ok(()),
            Trouble::Before | Trouble::After => Err(down()),
        }
    }
}
