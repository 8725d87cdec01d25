//! What earlier runs left behind at one provider, read from the ledger before anything is decided.
//!
//! Invariant: plain facts and arithmetic. The time is among the facts, so that equal memories decide equally.

use std::collections::{BTreeSet, HashMap, HashSet};

use jiff::{SignedDuration, Timestamp};

use crate::planning::guard::{Digest, Policy};
use crate::planning::identity::Identity;
use crate::planning::roster::Person;

/// Whether there is anything to remember by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Remembering {
    /// No ledger is configured.
    Never,
    /// There is one, and it cannot be read: nobody knows what was removed, seen or paused.
    Unreadable,
    /// It was read.
    Yes,
}

/// How often, and when last, an account was seen that nobody in the directory claims.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sighting {
    /// In how many complete reads, far enough apart.
    pub times: usize,
    /// The last of them.
    pub last: Timestamp,
}

/// What a run knows of earlier ones at one provider.
#[derive(Clone, Debug)]
pub struct Memory {
    /// Whether there is a ledger to know it from.
    pub remembering: Remembering,
    /// The time of this run.
    pub now: Timestamp,
    /// Earlier sightings of absence under the present settings, by account id.
    pub sightings: HashMap<Box<str>, Sighting>,
    /// Removals by `reconcile` at this provider within the window.
    pub removed: usize,
    /// Accounts removed by explicit orders within the hour, at every provider.
    pub ordered: usize,
    /// How many people the roster named at the last run that was not held here.
    pub last_roster: Option<usize>,
    /// Who was offboarded by an order not long ago: not to be brought back by `reconcile`.
    pub kept_out: HashSet<Identity>,
    /// Whom another order sent away after this one was given.
    pub gone_since: HashSet<Identity>,
    /// Whom another order brought back after this one was given.
    pub back_since: HashSet<Identity>,
    /// Whether somebody pressed pause.
    pub paused: bool,
    /// Consents that were used: each lifts one hold, once.
    pub used: BTreeSet<Digest>,
}

/// Without a ledger.
impl Default for Memory {
    fn default() -> Self {
        Self {
            remembering: Remembering::Never,
            now: Timestamp::UNIX_EPOCH,
            sightings: HashMap::new(),
            removed: 0,
            ordered: 0,
            last_roster: None,
            kept_out: HashSet::new(),
            gone_since: HashSet::new(),
            back_since: HashSet::new(),
            paused: false,
            used: BTreeSet::new(),
        }
    }
}

impl Memory {
    /// The sightings of an account that is absent in this read too. One too soon after the last does not count.
    pub fn sighted(&self, native_id: &str, policy: &Policy) -> Sighting {
        let gap = SignedDuration::try_from(policy.sighting_gap).unwrap_or(SignedDuration::MAX);
        match self.sightings.get(native_id) {
            Some(earlier) if self.now.duration_since(earlier.last) < gap => *earlier,
            earlier => Sighting {
                times: earlier.map_or(0, |earlier| earlier.times).saturating_add(1),
                last: self.now,
            },
        }
    }

    /// Whether the absence was seen often enough. Where nothing is remembered, the guard holds the removal instead.
    pub fn confirms(&self, native_id: &str, policy: &Policy) -> bool {
        self.remembering != Remembering::Yes || self.sighted(native_id, policy).times >= policy.confirm_absences
    }

    /// Whether an order took this person's access away not long ago.
    pub fn keeps_out(&self, person: &Person) -> bool {
        person.is_among(&self.kept_out)
    }

    /// Whether a roster of `people` is too much smaller than the last one. A single person fewer never is.
    pub fn has_shrunk_to(&self, people: usize, policy: &Policy) -> bool {
        self.last_roster.is_some_and(|last| {
            let lost = last.saturating_sub(people);
            lost > 1 && lost.saturating_mul(100) >= last.saturating_mul(policy.max_shrink_percent)
        })
    }
}
