//! What a run writes into the ledger: its intentions before they are sent, and what came of them afterwards.

use std::collections::HashMap;

use jiff::SignedDuration;

use super::Bundle;
use super::decide::Judged;
use super::entries::{Batch, Entry, moment, written};
use super::holds::lift;
use super::shelf::{CHANGE, CONSENT, Named, ROSTER, SIGHTING, Shelf, Sightings, Times};
use crate::error::Result;
use crate::planning::account::{Capabilities, Offboarding, Onboarding};
use crate::planning::identity::ProviderId;
use crate::planning::plan::{Change, Desired, Plan};
use crate::planning::report::Outcome;
use crate::planning::roster::Person;
use crate::tools::ledger::{Record, When};

/// The shelf of everything that was ever changed.
pub(super) const HISTORY: &str = "history";

/// Entries in one record, well below what a table takes.
const ENTRIES: usize = 100;

/// Absences in one record.
const ABSENCES: usize = 3000;

/// How long the number of removals is kept: a day more than the window.
const COUNTED: SignedDuration = SignedDuration::from_hours(8 * 24);

/// The changes of a plan that are about to be sent, written down.
#[derive(Debug, Default)]
pub(super) struct Intentions {
    batches: Vec<Batch>,
    /// Where the change of each entry stands in the plan.
    places: Vec<usize>,
}

impl Bundle {
    /// Uses up the consent that lifted a hold. Where somebody else was first, the hold stands.
    pub(super) async fn spend_consent(&self, mut judged: Judged) -> Judged {
        let (Some(ledger), Some(consent)) = (&self.process.ledger, judged.approved.consent()) else {
            return judged;
        };
        let consent = consent.clone();
        let shelf = judged.approved.plan().provider.name();
        let given = serde_json::json!({"by": self.origin.by, "time": moment(self.clock.now())});
        let record = Record::new(shelf, format!("{CONSENT}/{consent}"), written(&given));
        match ledger.write(&record, When::Free).await {
            Ok(Some(_)) => return judged,
            Ok(None) => drop(judged.memory.used.insert(consent)),
            Err(error) => self.ledger_failed(error),
        }
        let policy = &self.process.settings().policy;
        (judged.approved, judged.held) = judged.approved.without_consent(policy, &judged.memory);
        judged
    }

    /// Writes down what is about to be sent, and whom an order sends away or brings back.
    pub(super) async fn write_down(&self, judged: &Judged, desired: Desired<'_>) -> Result<Intentions> {
        let (Some(ledger), Some(shelf)) = (&self.process.ledger, &judged.shelf) else {
            return Ok(Intentions::default());
        };
        let plan = judged.approved.plan();
        let intentions = self.intentions(plan);
        // What earlier runs intended is settled by what was seen before anything of this run is sent: looked at
        // afterwards, both would seem to have done what only one did.
        let earlier = shelf.batches.iter().filter(|batch| !batch.entries.is_empty());
        let earlier = earlier.filter(|_| !intentions.batches.is_empty());
        let batches = earlier.chain(&intentions.batches);
        let mut records: Vec<Record> = batches.map(|batch| record(plan, batch)).collect();
        match desired {
            Desired::Excluding(people) => records.extend(self.holds(judged, people)),
            Desired::Including(people) => {
                let since = &judged.memory.gone_since;
                let people: Vec<&Person> = people.iter().filter(|person| !person.is_among(since)).collect();
                lift(&**ledger, plan.provider, shelf, &people).await?;
                records.extend(self.returns(plan, &people));
            }
            Desired::Exactly(_) => {}
        }
        ledger.append(&records).await?;
        Ok(intentions)
    }

    fn intentions(&self, plan: &Plan) -> Intentions {
        let time = moment(self.clock.now());
        let sent = plan.changes.iter().enumerate();
        let sent: Vec<(usize, &Change)> = sent.filter(|(_, change)| is_sent(change, plan.capabilities)).collect();
        let entry =
            |(_, change): &(usize, &Change)| Entry::intended(change, plan.provider.name(), &time, &self.origin.by);
        let batch = |(n, changes): (usize, &[(usize, &Change)])| {
            let key = format!("{CHANGE}/{time}/{}/{n:05}", self.origin.run);
            Batch::new(key, changes.iter().map(entry).collect())
        };
        Intentions {
            batches: sent.chunks(ENTRIES).enumerate().map(batch).collect(),
            places: sent.iter().map(|(place, _)| *place).collect(),
        }
    }

    /// Writes down what came of it, and what the next run has to know.
    pub(super) async fn write_up(
        &self,
        judged: &Judged,
        mut intentions: Intentions,
        came_to: &[(Outcome, Option<bool>)],
        desired: Desired<'_>,
    ) -> Result<()> {
        let (Some(ledger), Some(shelf)) = (&self.process.ledger, &judged.shelf) else {
            return Ok(());
        };
        let plan = judged.approved.plan();
        intentions.come_to(came_to);
        let earlier = shelf.batches.iter().filter(|batch| !batch.entries.is_empty());
        let batches: Vec<&Batch> = earlier.chain(&intentions.batches).collect();
        let history: Vec<Record> = batches.iter().filter_map(|batch| told(plan.provider, batch)).collect();
        ledger.append(&history).await?; // first, so that nothing is closed that was not told
        let now = self.clock.now();
        let close = |batch: &&Batch| match batch.is_open() {
            true => record(plan, batch),
            false => record(plan, &batch.closed()).kept_for(COUNTED, now),
        };
        let mut records: Vec<Record> = batches.iter().map(close).collect();
        if let Desired::Exactly(_) = desired {
            records.extend(self.roster_seen(judged, shelf));
            let sightings = self.sightings(judged, shelf);
            for (key, _) in shelf
                .sightings
                .iter()
                .skip(sightings.as_ref().map_or(usize::MAX, Vec::len))
            {
                ledger.remove(plan.provider.name(), key, When::Always).await?;
            }
            records.extend(sightings.into_iter().flatten());
        }
        ledger.append(&records).await
    }

    /// The size of this roster, if it may be the measure of the next: nothing was held, and no shrinking was passed over.
    fn roster_seen(&self, judged: &Judged, shelf: &Shelf) -> Option<Record> {
        let plan = judged.approved.plan();
        let people = plan.people?;
        let policy = &self.process.settings().policy;
        let trusted = judged.approved.consent().is_some() || !judged.memory.has_shrunk_to(people, policy);
        if judged.held.is_some() || !trusted || shelf.roster == Some(people) {
            return None;
        }
        Some(Record::new(plan.provider.name(), ROSTER, written(&Named { people })))
    }

    /// The absences of this read in place of the earlier ones; `None` when nothing is new.
    fn sightings(&self, judged: &Judged, shelf: &Shelf) -> Option<Vec<Record>> {
        let plan = judged.approved.plan();
        let policy = &self.process.settings().policy;
        let memory = &judged.memory;
        let times = |id: &str| {
            let earlier = memory.sightings.get(id).copied();
            let enough = earlier.filter(|earlier| earlier.times >= policy.confirm_absences);
            let sighting = enough.unwrap_or_else(|| memory.sighted(id, policy));
            (sighting.times, sighting.last)
        };
        let absent: Vec<(Box<str>, Times)> = plan.absent.iter().map(|id| (id.clone(), times(id))).collect();
        let known: HashMap<_, _> = memory
            .sightings
            .iter()
            .map(|(id, s)| (id.clone(), (s.times, s.last)))
            .collect();
        let is_known = absent.len() == known.len() && absent.iter().all(|(id, s)| known.get(id) == Some(s));
        if is_known && (known.is_empty() == shelf.sightings.is_empty()) {
            return None;
        }
        let fingerprint = self.fingerprint();
        let part = |(n, accounts): (usize, &[(Box<str>, Times)])| {
            let part = Sightings {
                time: memory.now,
                fingerprint: fingerprint.clone(),
                accounts: accounts.iter().cloned().collect(),
            };
            Record::new(plan.provider.name(), format!("{SIGHTING}/{n:04}"), written(&part))
        };
        Some(absent.chunks(ABSENCES).enumerate().map(part).collect())
    }
}

impl Intentions {
    /// Notes what came of each change, and whether that was seen.
    fn come_to(&mut self, came_to: &[(Outcome, Option<bool>)]) {
        let entries = self.batches.iter_mut().flat_map(|batch| &mut batch.entries);
        for (entry, place) in entries.zip(&self.places) {
            if let Some((outcome, seen)) = came_to.get(*place) {
                entry.came_to(outcome, *seen);
            }
        }
    }
}

/// Whether a change is sent at all, and not done by hand.
fn is_sent(change: &Change, capabilities: Capabilities) -> bool {
    match change {
        Change::Offboard(_) => capabilities.offboarding != Offboarding::Unsupported,
        Change::Onboard(_) => capabilities.onboarding != Onboarding::Unsupported,
    }
}

fn record(plan: &Plan, batch: &Batch) -> Record {
    Record::new(plan.provider.name(), &*batch.key, written(batch))
}

/// The entries of a batch for the history, under the same key each time.
fn told(provider: ProviderId, batch: &Batch) -> Option<Record> {
    let entries = batch.history();
    let (_, key) = batch.key.split_once('/')?;
    (!entries.is_empty()).then(|| Record::new(HISTORY, format!("{key}/{provider}"), written(&entries)))
}
