//! **Roster**: everybody the sources name, merged; for a run that decides, recognised by what earlier ones remember.

use std::sync::PoisonError;

use futures_util::future::join_all;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::entries::{read, written};
use super::{Bundle, Process};
use crate::directories::{self, DOCUMENT, Source, Tools};
use crate::directory::Read;
use crate::error::{Error, ErrorKind, Result};
use crate::planning::hash;
use crate::planning::identity::{Identity, Who};
use crate::planning::merging::{Role, merge};
use crate::planning::owners::{Ids, Owners, Systems};
use crate::planning::report::Mode;
use crate::planning::roster::{Person, Roster, merged};
use crate::providers::{self, REGISTRY};
use crate::tools::http::Http;
use crate::tools::ledger::{Ledger, Record};
use crate::tools::secrets::Documents;

/// The shelf of whom addresses and logins belonged to.
const OWNERS: &str = "owners";

/// Owners in one record, well below what a table takes.
const PART: usize = 1500;

/// Owners as the ledger keeps them, by a digest of the address or login.
#[derive(Serialize, Deserialize)]
struct Kept(Vec<(String, Ids)>);

/// A source and what it named, or why it could not be read.
pub(super) struct SourceRead {
    pub(super) kind: &'static str,
    pub(super) role: Role,
    pub(super) read: Result<Read>,
}

/// Connects the sources; no call is made.
pub(super) fn connect(process: &Process, http: &Http, documents: &Documents) -> Result<Vec<Source>> {
    let tools = Tools {
        http,
        aws: &process.settings().aws,
        provider: providers::by_name,
        on: &process.settings().providers,
    };
    directories::connect(&tools, documents)
}

/// What the sources make together: all of them, or an error.
pub(super) fn merged_roster(reads: Vec<SourceRead>) -> Result<Roster> {
    let roster = |source: SourceRead| {
        let roster = Roster::new(source.read?.people).map_err(|error| error.with("source", source.kind));
        Ok((source.role, roster?))
    };
    merge(reads.into_iter().map(roster).collect::<Result<_>>()?)
}

fn unknown_id(message: &str) -> Error {
    Error::new(ErrorKind::BadRequest, message)
}

/// A person by the first id they have.
fn by_id(person: &Person) -> Who {
    let id = person.identities().iter().find_map(|identity| match identity {
        Identity::Native(_, id) => Some(&**id),
        _ => None,
    });
    Who::new(&[], id)
}

impl Bundle {
    /// **Roster**: everybody the directory names.
    pub async fn roster(&self) -> Result<Roster> {
        merged_roster(self.read_sources().await?)
    }

    /// What each source names, or why it could not be read. When one rejects our key, the documents are read again, once.
    pub(super) async fn read_sources(&self) -> Result<Vec<SourceRead>> {
        let sources = self.directory.as_ref().map_err(Clone::clone)?;
        let reads = self.read_all(sources).await;
        let rejected =
            |source: &SourceRead| matches!(&source.read, Err(error) if error.kind() == ErrorKind::Credentials);
        if !reads.iter().any(rejected) {
            return Ok(reads);
        }
        // Only a key may be another: with other groups or files, this run would judge by the settings of before.
        let same = |new: &Documents| directories::without_secrets(new) == directories::without_secrets(&self.documents);
        let Some(documents) = self.rotated(DOCUMENT).await.filter(same) else {
            return Ok(reads);
        };
        tracing::info!("a source rejected its key, which has been rotated; trying the new one");
        Ok(self.read_all(&connect(&self.process, &self.http, &documents)?).await)
    }

    async fn read_all(&self, sources: &[Source]) -> Vec<SourceRead> {
        let reads = sources.iter().map(|source| async {
            SourceRead {
                kind: source.kind,
                role: source.role,
                read: self.in_reading_time(source.kind, source.directory.read()).await,
            }
        });
        join_all(reads).await
    }

    /// The roster, where there is a directory at all.
    pub async fn known_roster(&self) -> Result<Option<Roster>> {
        match self.documents.has(DOCUMENT) {
            true => self.roster().await.map(Some),
            false => Ok(None),
        }
    }

    /// Completes the people an order names by what the directory knows; without one, or while it is down, by nothing.
    ///
    /// Who is known to nobody afterwards, by an id of some other system, is noted for the report.
    pub async fn complete(&self, named: &[Person]) -> Vec<Person> {
        let (people, why) = match self.known_roster().await {
            Ok(Some(roster)) => (
                roster.complete(named),
                unknown_id("the directory knows nobody by this id"),
            ),
            Ok(None) => (
                merged(named),
                unknown_id("there is no directory that could know this id"),
            ),
            Err(error) => {
                tracing::warn!(error = %error, "the directory is not readable; going on with what the order says");
                (merged(named), error)
            }
        };
        let usable = |identity: &Identity| match identity {
            Identity::Native(source, _) => providers::by_name(source).is_some(),
            Identity::Email(_) | Identity::Github(_) => true,
        };
        let unknown = people.iter().filter(|person| !person.identities().iter().any(usable));
        let why = |person: &Person| match person.standing().is_doubtful() {
            true => unknown_id("the directory is in doubt whose id this is"),
            false => why.clone(),
        };
        let unknown: Vec<(Who, Error)> = unknown.map(|person| (by_id(person), why(person))).collect();
        *self.unknown.lock().unwrap_or_else(PoisonError::into_inner) = unknown;
        self.named
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone_from(&people);
        people
    }

    /// Whom the order names, completed.
    pub fn named(&self) -> Vec<Person> {
        let named = self.named.lock();
        named.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Whom the order names by nothing that anybody knows.
    pub(super) fn unknown(&self) -> Vec<(Who, Error)> {
        let unknown = self.unknown.lock();
        unknown.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// **Roster**, for a run that decides: who has what was somebody else's is left alone, as far as the ledger was recalled. To
    /// apply, this read is remembered, once the run has ended.
    pub fn recognise(&self, roster: Roster, mode: Mode) -> Roster {
        let owners = self.owners.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(owners) = owners.as_ref() else {
            return roster;
        };
        let systems = self.systems();
        let roster = roster.recognised_by(owners, &systems);
        if mode == Mode::Apply {
            self.remember_later(owners.news(roster.each(), &systems));
        }
        roster
    }

    /// An order to onboard says that these people rightly have what they are known by.
    pub fn accept_owners(&self, joiners: &[Person], mode: Mode) {
        let recalled = self.owners.lock().unwrap_or_else(PoisonError::into_inner).is_some();
        if mode == Mode::Apply && recalled {
            self.remember_later(Owners::default().news(joiners.iter().cloned(), &self.systems()));
        }
    }

    /// Whose addresses and logins were, as earlier runs remembered; `None` where no source gives ids that stay.
    pub(super) async fn owners(&self, ledger: &dyn Ledger) -> Result<Option<Owners>> {
        let sources = self.directory.as_deref().unwrap_or_default();
        if !sources.iter().any(|source| source.kind != directories::ROSTER_FILE) {
            return Ok(None);
        }
        let mut owners = Owners::default();
        for record in ledger.read(OWNERS, "", "~").await? {
            let Kept(kept) = read(&record)?;
            kept.into_iter().for_each(|(key, ids)| owners.learn(key, ids));
        }
        Ok(Some(owners))
    }

    fn remember_later(&self, news: Vec<(String, Ids)>) {
        let mut later = self.news.lock().unwrap_or_else(PoisonError::into_inner);
        later.extend(news);
    }

    /// Remembers whose addresses and logins are, after everything that needs the lease. What fails is seen by the next run anew.
    pub(super) async fn remember_owners(&self) {
        let news = std::mem::take(&mut *self.news.lock().unwrap_or_else(PoisonError::into_inner));
        let Some(ledger) = self.process.ledger.as_ref().filter(|_| !news.is_empty()) else {
            return;
        };
        // To the microsecond: what an order says within the second after a run has to come after it.
        let time = self.clock.now().as_microsecond();
        let record = |(n, owners): (usize, &[(String, Ids)])| {
            let key = format!("{time:020}/{}/{n:05}", self.origin.run);
            Record::new(OWNERS, key, written(&Kept(owners.to_vec())))
        };
        let records: Vec<Record> = news.chunks(PART).enumerate().map(record).collect();
        // The answer waits for this, so it may take what time is left and no more.
        let append = self.in_reading_time("ledger", ledger.append(&records));
        if let Err(error) = append.await {
            self.ledger_failed(error.with("forgot", "whose addresses and logins are"));
        }
    }

    fn systems(&self) -> Systems {
        let place = |(kind, place): (String, String)| (kind, hash::short(&Sha256::digest(place), 4));
        Systems {
            passing: REGISTRY.iter().map(|registration| registration.id.name()).collect(),
            places: directories::places(&self.documents).into_iter().map(place).collect(),
        }
    }
}
