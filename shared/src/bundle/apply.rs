//! **Apply**, and the second look: what was sent is read back, because a 200 is not proof.

use futures_util::future::join_all;

use super::{Bundle, Decided, observe};
use crate::error::{Error, ErrorKind};
use crate::planning::account::{Account, Onboarding};
use crate::planning::guard::{Approved, Held};
use crate::planning::identity::ProviderId;
use crate::planning::plan::{Change, Desired, Joiner, plan};
use crate::planning::report::{Ending, Mode, Outcome, ProviderReport, Report};
use crate::provider::{Provider, failed_all};

impl Bundle {
    /// What would change: nothing is sent.
    pub fn preview(&self, decided: Vec<Decided>) -> Report {
        let preview = |(id, decided): Decided| match decided {
            Err(error) => unreachable(id, error),
            Ok((approved, held)) => {
                let plan = approved.plan();
                let kept_back = held.iter().flat_map(|held| &held.changes);
                let changes = kept_back.chain(&plan.changes).map(|c| (c.clone(), None));
                ProviderReport {
                    provider: id,
                    ending: Ending::Previewed,
                    observed: plan.observed,
                    changes: changes.collect(),
                    skips: plan.skips.clone(),
                    held,
                    unsettled: Vec::new(),
                }
            }
        };
        Report {
            mode: Mode::Preview,
            providers: decided.into_iter().map(preview).collect(),
        }
    }

    /// **Apply**: closes, then opens, at every provider at once; then looks again at each that was changed.
    pub async fn apply(&self, decided: Vec<Decided>, desired: Desired<'_>) -> Report {
        let apply = |(id, decided): Decided| async move {
            match decided {
                Err(error) => unreachable(id, error),
                Ok((approved, held)) => self.apply_one(id, approved, held, desired).await,
            }
        };
        Report {
            mode: Mode::Apply,
            providers: join_all(decided.into_iter().map(apply)).await,
        }
    }

    async fn apply_one(
        &self,
        id: ProviderId,
        approved: Approved,
        held: Option<Held>,
        desired: Desired<'_>,
    ) -> ProviderReport {
        let plan = approved.plan();
        let provider = self.slot(id).map_or_else(|| Err(gone(id)), |slot| slot.provider());
        let mut outcomes = match &provider {
            Ok(provider) => send(&**provider, &approved).await,
            Err(error) => failed_all(error, plan.changes.len()),
        };
        let unsettled = match provider {
            Ok(provider) if outcomes.iter().any(may_have_changed) => {
                self.second_look(&*provider, &approved, &mut outcomes, desired).await
            }
            _ => Vec::new(),
        };
        for outcome in &outcomes {
            if let Outcome::Failed(error) = outcome {
                tracing::warn!(provider = %id, kind = error.kind().name(), error = %error, "a change failed");
            }
        }
        ProviderReport {
            provider: id,
            ending: match held {
                Some(_) => Ending::Held,
                None => Ending::Applied,
            },
            observed: plan.observed,
            held,
            changes: plan
                .changes
                .iter()
                .cloned()
                .zip(outcomes.into_iter().map(Some))
                .collect(),
            skips: plan.skips.clone(),
            unsettled,
        }
    }

    /// Plans once more from what is there now: what still differs is unsettled, and what was uncertain is settled.
    async fn second_look(
        &self,
        provider: &dyn Provider,
        approved: &Approved,
        outcomes: &mut [Outcome],
        desired: Desired<'_>,
    ) -> Vec<Change> {
        let policy = &self.process.settings().policy;
        let left = match observe(provider).await {
            Ok(observed) => Ok(plan(&observed, desired, policy).changes),
            Err(error) => {
                tracing::warn!(provider = %provider.id(), error = %error, "the second look failed");
                Err(error)
            }
        };
        let mut unsettled = Vec::new();
        for (change, outcome) in approved.plan().changes.iter().zip(outcomes) {
            let still_differs = match &left {
                Ok(left) => left.iter().any(|other| other.is_same_as(change)),
                Err(_) => true,
            };
            match outcome {
                Outcome::Done | Outcome::Unchanged if still_differs => unsettled.push(change.clone()),
                Outcome::Failed(error) if error.kind() == ErrorKind::Uncertain && !still_differs => {
                    *outcome = settled(provider, change);
                }
                _ => {}
            }
        }
        unsettled
    }
}

/// Sends an approved plan's changes: leavers first. One outcome per change, in the plan's order.
async fn send(provider: &dyn Provider, approved: &Approved) -> Vec<Outcome> {
    let mut leavers: Vec<Account> = Vec::new();
    let mut joiners: Vec<Joiner> = Vec::new();
    for change in &approved.plan().changes {
        match change {
            Change::Offboard(leaver) => leavers.push(leaver.account.clone()),
            Change::Onboard(joiner) => joiners.push(joiner.clone()),
        }
    }
    let mut outcomes = Vec::new();
    if !leavers.is_empty() {
        outcomes.extend(provider.offboard(&leavers).await);
    }
    if !joiners.is_empty() {
        outcomes.extend(provider.onboard(&joiners).await);
    }
    outcomes
}

/// What a change came to whose effect is seen, though its answer was lost.
fn settled(provider: &dyn Provider, change: &Change) -> Outcome {
    match (change, provider.capabilities().onboarding) {
        (Change::Onboard(_), Onboarding::ByInvitation) => Outcome::Pending, // the invitation is out, not accepted
        _ => Outcome::Done,
    }
}

/// Whether a change may have taken effect, so that a second look can tell.
fn may_have_changed(outcome: &Outcome) -> bool {
    match outcome {
        Outcome::Done | Outcome::Unchanged => true,
        Outcome::Failed(error) => error.kind() == ErrorKind::Uncertain,
        Outcome::Pending | Outcome::NotFound | Outcome::Manual(_) => false,
    }
}

fn unreachable(id: ProviderId, error: Error) -> ProviderReport {
    tracing::warn!(provider = %id, kind = error.kind().name(), error = %error, "a provider could not be read");
    ProviderReport::unreachable(id, error)
}

fn gone(id: ProviderId) -> Error {
    Error::new(ErrorKind::Misconfigured, "the provider is not on").with("at", id)
}
