//! A provider's shelf in the ledger: what earlier runs left there, read before anything is decided.

use std::collections::{BTreeSet, HashMap, HashSet};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::entries::{Batch, Key, moment, read};
use crate::error::Result;
use crate::planning::account::Observed;
use crate::planning::guard::Digest;
use crate::planning::identity::{Identity, ProviderId};
use crate::planning::memory::{Memory, Remembering, Sighting};
use crate::tools::ledger::Ledger;

/// The keys of a shelf, by what stands before the first slash.
pub(super) const CHANGE: &str = "change";
pub(super) const CONSENT: &str = "consent";
pub(super) const LEAVER: &str = "leaver";
pub(super) const RETURN: &str = "return";
pub(super) const SIGHTING: &str = "sighting";
pub(super) const ROSTER: &str = "roster";

/// Sorts behind every key.
const END: &str = "~";

/// How far back removals count against the limit of a provider.
const WINDOW: SignedDuration = SignedDuration::from_hours(7 * 24);

/// How far back removals count against the budget of explicit orders.
const HOUR: SignedDuration = SignedDuration::from_hours(1);

/// What earlier runs left behind at one provider.
#[derive(Debug, Default)]
pub(super) struct Shelf {
    pub(super) batches: Vec<Batch>,
    pub(super) sightings: Vec<(String, Sightings)>,
    pub(super) roster: Option<usize>,
    pub(super) holds: Vec<Hold>,
    returns: Vec<Hold>,
    consents: BTreeSet<Digest>,
}

/// Absences, seen in one read; a read of many is kept in parts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Sightings {
    /// When the read was.
    pub(super) time: Timestamp,
    /// Under which settings.
    pub(super) fingerprint: String,
    /// How often, and when last, each account was seen to be absent.
    pub(super) accounts: HashMap<Box<str>, Times>,
}

/// How often something was seen, and when last.
pub(super) type Times = (usize, Timestamp);

/// A person whom an order sent away, not to be brought back for a while; or one whom an order brought back.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Hold {
    #[serde(skip)]
    pub(super) key: String,
    pub(super) identities: Vec<Key>,
    pub(super) by: String,
    /// When that order was given.
    pub(super) time: Timestamp,
}

/// The people a roster named.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Named {
    pub(super) people: usize,
}

impl Hold {
    pub(super) fn identities(&self) -> impl Iterator<Item = Identity> {
        self.identities.iter().filter_map(Key::identity)
    }
}

impl Shelf {
    /// Reads all of it.
    pub(super) async fn read(ledger: &dyn Ledger, provider: ProviderId) -> Result<Self> {
        let mut shelf = Self::default();
        for record in ledger.read(provider.name(), "", END).await? {
            match record.key.split('/').next() {
                Some(CHANGE) => shelf.batches.push(Batch::read(&record)?),
                Some(CONSENT) => drop(shelf.consents.insert(Digest::parse(after_slash(&record.key)))),
                Some(LEAVER) => shelf.holds.push(Hold {
                    key: record.key.clone(),
                    ..read(&record)?
                }),
                Some(RETURN) => shelf.returns.push(read(&record)?),
                Some(SIGHTING) => shelf.sightings.push((record.key.clone(), read(&record)?)),
                Some(ROSTER) => shelf.roster = Some(read::<Named>(&record)?.people),
                _ => {} // the lease, and what a later version leaves
            }
        }
        Ok(shelf)
    }

    /// Settles what earlier runs could not see the end of, by what is there now.
    pub(super) fn settle(&mut self, observed: &Observed) {
        let open = self.batches.iter_mut().filter(|batch| batch.is_open());
        open.for_each(|batch| batch.settle(observed));
    }

    /// Removals by explicit orders within the hour.
    pub(super) fn ordered(&self, now: Timestamp) -> usize {
        self.since(now, HOUR).map(|batch| batch.removals().1).sum()
    }

    /// The memory of a run that begins `now`, on an order that was given at another time, if it says so.
    pub(super) fn memory(&self, now: Timestamp, given: Option<Timestamp>, fingerprint: &str) -> Memory {
        let since = |holds: &[Hold]| {
            let later = holds.iter().filter(|hold| given.is_some_and(|given| hold.time > given));
            later.flat_map(Hold::identities).collect()
        };
        let removed = self.since(now, WINDOW).map(|batch| batch.removals().0).sum();
        let kept_out: HashSet<Identity> = self.holds.iter().flat_map(Hold::identities).collect();
        Memory {
            remembering: Remembering::Yes,
            now,
            sightings: self.sighted(fingerprint),
            removed,
            ordered: 0,
            last_roster: self.roster,
            kept_out,
            gone_since: since(&self.holds),
            back_since: since(&self.returns),
            paused: false,
            used: self.consents.clone(),
        }
    }

    /// The sightings of the last read under these settings. Parts of an older one, left by a crash, say nothing.
    fn sighted(&self, fingerprint: &str) -> HashMap<Box<str>, Sighting> {
        let last = self.sightings.iter().map(|(_, part)| part.time).max();
        let parts = self.sightings.iter().map(|(_, part)| part);
        let parts = parts.filter(|part| Some(part.time) == last && part.fingerprint == fingerprint);
        let accounts = parts.flat_map(|part| &part.accounts);
        let sighting = |(times, last): Times| Sighting { times, last };
        accounts.map(|(id, times)| (id.clone(), sighting(*times))).collect()
    }

    fn since(&self, now: Timestamp, span: SignedDuration) -> impl Iterator<Item = &Batch> {
        let begin = now.saturating_sub(span).unwrap_or(Timestamp::MIN);
        self.batches.iter().filter(move |batch| batch.time() >= begin)
    }
}

/// Removals by explicit orders within the hour at a provider that is not asked for.
pub(super) async fn ordered_at(ledger: &dyn Ledger, provider: ProviderId, now: Timestamp) -> Result<usize> {
    let begin = now.saturating_sub(HOUR).unwrap_or(Timestamp::MIN);
    let (from, to) = (format!("{CHANGE}/{}", moment(begin)), format!("{CHANGE}/{END}"));
    let records = ledger.read(provider.name(), &from, &to).await?;
    records.iter().map(|record| Ok(Batch::read(record)?.removals().1)).sum()
}

fn after_slash(key: &str) -> &str {
    key.split_once('/').map_or("", |(_, rest)| rest)
}
