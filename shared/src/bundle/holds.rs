//! Holds: whom an order sent away, so that `reconcile` does not bring them back, and whom one brought back, so that an older order
//! from the queue does not send them away again.

use jiff::SignedDuration;
use sha2::{Digest as _, Sha256};

use super::Bundle;
use super::decide::Judged;
use super::entries::{Key, written};
use super::shelf::{Hold, LEAVER, RETURN, Shelf};
use crate::error::Result;
use crate::planning::account::Account;
use crate::planning::hash;
use crate::planning::identity::{Identity, ProviderId};
use crate::planning::plan::{Change, Plan};
use crate::planning::roster::Person;
use crate::tools::ledger::{Ledger, Record, When};

/// Longer than a message stays on a queue: 14 days.
const QUEUED: SignedDuration = SignedDuration::from_hours(15 * 24);

impl Bundle {
    /// A hold on everybody an order sends away, so that `reconcile` does not bring them back tomorrow.
    pub(super) fn holds(&self, judged: &Judged, people: &[Person]) -> Vec<Record> {
        let policy = &self.process.settings().policy;
        let plan = judged.approved.plan();
        let lasts = SignedDuration::try_from(policy.leaver_hold).unwrap_or_default();
        let Some(until) = judged.memory.now.checked_add(lasts).ok().filter(|_| !lasts.is_zero()) else {
            return Vec::new();
        };
        let leaving = accounts(&plan.changes, plan.provider);
        let staying = accounts(judged.held.iter().flat_map(|held| &held.changes), plan.provider);
        let leaves = |person: &&Person| {
            let stays = |(_, known): &(&Account, Vec<Identity>)| shares(person, known);
            let protected = person.identities().iter().any(|identity| policy.protects(identity));
            let back = person.is_among(&judged.memory.back_since);
            !protected && !back && !person.standing().is_doubtful() && !staying.iter().any(stays)
        };
        let hold = |person: &Person| {
            let theirs = leaving.iter().filter(|(_, known)| shares(person, known));
            let mut identities = person.identities().to_vec();
            identities.extend(theirs.flat_map(|(_, known)| known.iter().cloned()));
            identities.sort();
            identities.dedup();
            self.hold(plan, LEAVER, &identities).until(until)
        };
        people.iter().filter(leaves).map(hold).collect()
    }

    /// That an order brought these people back, for as long as an earlier one to send them away may come from the queue.
    pub(super) fn returns(&self, plan: &Plan, people: &[&Person]) -> Vec<Record> {
        if self.process.settings().queues.offboard.is_none() {
            return Vec::new();
        }
        let now = self.clock.now();
        let back = |person: &&Person| self.hold(plan, RETURN, person.identities()).kept_for(QUEUED, now);
        people.iter().map(back).collect()
    }

    fn hold(&self, plan: &Plan, kind: &str, identities: &[Identity]) -> Record {
        let identities: Vec<Key> = identities.iter().map(Key::from).collect();
        let name = hash::short(&Sha256::digest(written(&identities)), 16);
        let hold = Hold {
            key: format!("{kind}/{name}"),
            identities,
            by: self.origin.by.clone(),
            time: self.origin.at.unwrap_or_else(|| self.clock.now()),
        };
        Record::new(plan.provider.name(), &*hold.key, written(&hold))
    }
}

/// Ends the holds on people whom an order brings back.
pub(super) async fn lift(ledger: &dyn Ledger, provider: ProviderId, shelf: &Shelf, people: &[&Person]) -> Result<()> {
    for hold in &shelf.holds {
        let known: Vec<Identity> = hold.identities().collect();
        if people.iter().any(|person| shares(person, &known)) {
            ledger.remove(provider.name(), &hold.key, When::Always).await?;
        }
    }
    Ok(())
}

/// The accounts that are removed, each with all it is known by.
fn accounts<'a>(
    changes: impl IntoIterator<Item = &'a Change>,
    provider: ProviderId,
) -> Vec<(&'a Account, Vec<Identity>)> {
    let account = |change: &'a Change| match change {
        Change::Offboard(leaver) => {
            let account = &leaver.account;
            Some((
                account,
                account
                    .identities
                    .iter()
                    .cloned()
                    .chain([account.own(provider)])
                    .collect(),
            ))
        }
        Change::Onboard(_) => None,
    };
    changes.into_iter().filter_map(account).collect()
}

fn shares(person: &Person, known: &[Identity]) -> bool {
    person.identities().iter().any(|identity| known.contains(identity))
}
