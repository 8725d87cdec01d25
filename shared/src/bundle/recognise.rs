//! **Roster**, with a memory: is whoever has an address or a login now the one who had it before?

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::Bundle;
use super::entries::{moment, read, written};
use crate::directories;
use crate::error::Result;
use crate::planning::owners::{Ids, Owners};
use crate::planning::report::Mode;
use crate::planning::roster::{Person, Roster};
use crate::providers::REGISTRY;
use crate::tools::ledger::Record;

/// Owners in one record, well below what a table takes.
const OWNERS: usize = 1500;

/// Owners as the ledger keeps them, by a digest of the address or login.
#[derive(Serialize, Deserialize)]
struct Kept(Vec<(String, Ids)>);

impl Bundle {
    /// **Roster**, for a run that decides: who has what was somebody else's is left alone. To apply, this read is remembered.
    pub async fn recognised_roster(&self, mode: Mode) -> Result<Roster> {
        let (roster, owners) = tokio::join!(self.roster(), self.owners());
        let roster = roster?;
        let Some(owners) = owners.unwrap_or_else(|error| {
            self.ledger_failed(error);
            None
        }) else {
            return Ok(roster);
        };
        let roster = roster.recognised_by(&owners, &ours());
        if mode == Mode::Apply {
            self.remember(owners.news(roster.people(), &ours())).await;
        }
        Ok(roster)
    }

    /// An order to onboard says that these people rightly have what they are known by.
    pub async fn accept_owners(&self, joiners: &[Person], mode: Mode) {
        if mode == Mode::Apply {
            self.remember(Owners::default().news(joiners, &ours())).await;
        }
    }

    async fn owners(&self) -> Result<Option<Owners>> {
        let Some(ledger) = &self.process.ledger else {
            return Ok(None);
        };
        let shelf = self.shelf_of_owners();
        let records = self.in_reading_time("ledger", ledger.read(&shelf, "", "~"));
        let mut owners = Owners::default();
        for record in records.await? {
            let Kept(kept) = read(&record)?;
            kept.into_iter().for_each(|(key, ids)| owners.learn(key, ids));
        }
        Ok(Some(owners))
    }

    async fn remember(&self, news: Vec<(String, Ids)>) {
        let Some(ledger) = self.process.ledger.as_ref().filter(|_| !news.is_empty()) else {
            return;
        };
        let (shelf, time) = (self.shelf_of_owners(), moment(self.clock.now()));
        let record = |(n, owners): (usize, &[(String, Ids)])| {
            let key = format!("{time}/{}/{n:05}", self.origin.run);
            Record::new(&shelf, key, written(&Kept(owners.to_vec())))
        };
        let records: Vec<Record> = news.chunks(OWNERS).enumerate().map(record).collect();
        if let Err(error) = ledger.append(&records).await {
            self.ledger_failed(error);
        }
    }

    /// Another tenant, organisation or file gives other ids to the same people, and has a shelf of its own.
    fn shelf_of_owners(&self) -> String {
        let hash = Sha256::digest(directories::places(&self.documents));
        let hash: String = hash.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        format!("directory/{hash}")
    }
}

/// The systems that give accounts, and may give a person another.
fn ours() -> Vec<&'static str> {
    REGISTRY.iter().map(|registration| registration.id.name()).collect()
}
