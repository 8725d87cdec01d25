//! Runs of `reconcile` at one provider, one after another, each with what the earlier ones left behind.

use jiff::SignedDuration;
use shared::error::ErrorKind;
use shared::planning::account::Observed;
use shared::planning::guard::{Policy, approve};
use shared::planning::memory::Memory;
use shared::planning::plan::{Desired, plan};
use shared::planning::roster::{Person, Roster};

use super::{Run, run};
use crate::planning::notation::{ledger, policy};

/// A provider's runs under one policy, and what is remembered of them.
pub(super) struct Runs {
    pub(super) policy: Policy,
    pub(super) memory: Memory,
}

impl Runs {
    /// None yet.
    pub(super) fn new() -> Self {
        Self {
            policy: policy(),
            memory: ledger(),
        }
    }

    /// One more, so many minutes after the last.
    pub(super) fn read(&mut self, minutes: i64, seen: &Observed, people: Vec<Person>) -> Result<Run, ErrorKind> {
        let Self { policy, memory } = self;
        memory.now += SignedDuration::from_mins(minutes);
        let roster = Roster::new(people).map_err(|error| error.kind())?;
        let named = roster.people().len();
        let plan = plan(seen, Desired::Exactly(&roster), policy, memory);
        let sighted = |id: &str| (Box::from(id), memory.sighted(id, policy));
        let sightings = plan.absent.iter().map(|id| sighted(id)).collect();
        let (approved, held) = approve(plan, policy, memory, &[]);
        let run = run(&approved, held.as_ref());
        // A roster that shrank is no measure for the next, also where nobody was to be removed yet: it is the second
        // sighting that removes.
        if held.is_none() && !memory.has_shrunk_to(named, policy) {
            memory.last_roster = Some(named);
        }
        memory.sightings = sightings;
        memory.removed += run.removed;
        Ok(run)
    }

    /// Somebody edits the settings: what was seen under the old ones counts no more.
    pub(super) fn edited(&mut self) {
        self.memory.sightings.clear();
    }
}
