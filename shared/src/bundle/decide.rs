//! **Decide**: what has to change, judged by the guard.

use jiff::SignedDuration;

use super::{Bundle, Found};
use crate::error::Result;
use crate::planning::account::Offboarding;
use crate::planning::guard::{Approved, Digest, Held, approve};
use crate::planning::identity::ProviderId;
use crate::planning::memory::Memory;
use crate::planning::plan::{Change, Desired, Evidence, Plan, plan};

use super::shelf::Shelf;

/// How long the consent of an order that waits on a queue is good, and with it that to what is left of it: as long as a button.
const CONSENTED: SignedDuration = SignedDuration::from_hours(24);

/// What was decided for one provider, or why nothing could be.
pub type Decided = (ProviderId, Result<Judged>);

/// What may be applied at a provider and what the guard keeps back.
#[derive(Debug)]
pub struct Judged {
    pub(super) approved: Approved,
    pub(super) held: Option<Held>,
    /// What it was judged by.
    pub(super) memory: Memory,
    pub(super) shelf: Option<Shelf>,
}

impl Bundle {
    /// **Decide** for every provider before any is changed.
    pub fn decide(
        &self,
        found: Vec<(ProviderId, Result<Found>)>,
        desired: Desired<'_>,
        consent: &[Digest],
    ) -> Vec<Decided> {
        let policy = &self.process.settings().policy;
        let is_over = |given| self.clock.now().duration_since(given) > CONSENTED;
        let consent = match self.origin.at.is_some_and(is_over) {
            true => &[],
            false => consent,
        };
        let mut ordered = 0; // by this order, at the providers before
        let mut judge = |found: Found| {
            let Found {
                observed,
                mut memory,
                shelf,
            } = found;
            memory.ordered += ordered;
            let plan = plan(&observed, desired, policy, &memory);
            let (approved, held) = approve(plan, policy, &memory, consent);
            ordered += named(approved.plan());
            Judged {
                approved,
                held,
                memory,
                shelf,
            }
        };
        let decide = |(id, found): (ProviderId, Result<Found>)| (id, found.map(&mut judge));
        found.into_iter().map(decide).collect()
    }
}

/// Removals by an explicit order. What a person does by hand removes nothing yet, and uses nothing of the hour up.
fn named(plan: &Plan) -> usize {
    let is_named = |change: &&Change| matches!(change, Change::Offboard(leaver) if leaver.evidence == Evidence::Named);
    match plan.capabilities.offboarding {
        Offboarding::Unsupported => 0,
        Offboarding::Reversible | Offboarding::Permanent => plan.changes.iter().filter(is_named).count(),
    }
}
