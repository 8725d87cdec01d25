//! **Apply**, and the second look: what was sent is read back, because a 200 is not proof.

use std::collections::HashSet;
use std::time::Duration;

use futures_util::future::join_all;

use super::Bundle;
use super::decide::{Decided, Judged};
use super::entries::may_be_lost;
use super::recall::observe;
use crate::error::{Error, ErrorKind, Result};
use crate::planning::account::{Account, Offboarding, Onboarding};
use crate::planning::guard::Digest;
use crate::planning::identity::ProviderId;
use crate::planning::memory::Memory;
use crate::planning::plan::{Aim, Change, Desired, Joiner, Plan, plan};
use crate::planning::report::{Ending, Mode, Outcome, ProviderReport, Report};
use crate::provider::{Provider, Wanted, failed_all};

/// So many removals are sent before anybody looks whether pause was pressed.
const BATCH: usize = 100;

/// So many joiners are sent before anybody looks whether the time is over: what Bilanc takes at once.
const JOINERS: usize = 400;

impl Bundle {
    /// What a reconcile would change now. A directory that gives no roster leaves every provider undecided, and says why.
    pub async fn foresee(&self, chosen: &[ProviderId]) -> Report {
        let (roster, found) = self.compare(chosen, Mode::Preview).await;
        self.preview(match roster {
            Ok(roster) => self.decide(found, Desired::Exactly(&roster), &[]),
            Err(error) => chosen.iter().map(|id| (*id, Err(error.clone()))).collect(),
        })
    }

    /// What would change: nothing is sent.
    pub fn preview(&self, decided: Vec<Decided>) -> Report {
        let preview = |(id, decided): Decided| match decided {
            Err(error) => unreachable(id, error),
            Ok(judged) => {
                let plan = judged.approved.plan();
                let kept_back = judged.held.iter().flat_map(|held| &held.changes);
                let changes = kept_back.chain(&plan.changes).map(|change| (change.clone(), None));
                ProviderReport {
                    changes: changes.collect(),
                    held: judged.held.clone(),
                    ..ProviderReport::of(plan, Ending::Previewed)
                }
            }
        };
        Report {
            mode: Mode::Preview,
            providers: decided.into_iter().map(preview).collect(),
            ledger: self.trouble(),
            unknown: self.unknown(),
        }
    }

    /// **Apply**: closes, then opens, at every provider at once; then looks again at each that was changed.
    pub async fn apply(&self, decided: Vec<Decided>, desired: Desired<'_>) -> Report {
        let apply = |(id, decided): Decided| async move {
            match decided {
                Err(error) => unreachable(id, error),
                Ok(judged) => self.apply_one(id, judged, desired).await,
            }
        };
        Report {
            mode: Mode::Apply,
            providers: join_all(decided.into_iter().map(apply)).await,
            ledger: self.trouble(),
            unknown: self.unknown(),
        }
    }

    async fn apply_one(&self, id: ProviderId, judged: Judged, desired: Desired<'_>) -> ProviderReport {
        let judged = self.spend_consent(judged).await;
        let (intentions, unwritten) = match self.write_down(&judged, desired).await {
            Ok(intentions) => (intentions, None),
            Err(error) => {
                self.ledger_failed(error.clone());
                (Default::default(), Some(error))
            }
        };
        let plan = judged.approved.plan();
        let provider = self.slot(id).map_or_else(|| Err(gone(id)), |slot| slot.provider());
        let mut came_to: Vec<(Outcome, Option<bool>)> = match &provider {
            Ok(provider) => self.send(&**provider, plan, unwritten).await,
            Err(error) => failed_all(error, plan.changes.len()),
        }
        .into_iter()
        .map(|outcome| (outcome, None))
        .collect();
        if let Ok(provider) = provider
            && came_to.iter().any(|(outcome, _)| may_have_changed(outcome))
        {
            self.second_look(&*provider, plan, desired, &judged.memory, &mut came_to)
                .await;
        }
        if let Err(error) = self.write_up(&judged, intentions, &came_to, desired).await {
            self.ledger_failed(error);
        }
        self.release(id).await;
        ProviderReport {
            consent: self.consent_to_rest(&judged, &came_to),
            ..reported(&judged, came_to)
        }
    }

    /// The consent that a run which goes on with the rest needs: for no other removals, and for no longer than the first one.
    fn consent_to_rest(&self, judged: &Judged, came_to: &[(Outcome, Option<bool>)]) -> Option<Digest> {
        self.origin.at?; // an order that does not say when it was given would consent for ever
        let all = judged.approved.plan().changes.iter().zip(came_to);
        // What was done and could not be looked at is taken for done: if it is not, the rest is another list, and is held.
        let is_left =
            |(outcome, seen): &(Outcome, Option<bool>)| matches!(outcome, Outcome::Failed(_)) || *seen == Some(false);
        let left = all.filter(|(_, came_to)| is_left(came_to)).map(|(change, _)| change);
        judged.approved.consent_to_rest(left, &judged.memory)
    }

    /// Sends a plan's changes: leavers first. One outcome per change, in the plan's order.
    async fn send(&self, provider: &dyn Provider, plan: &Plan, unwritten: Option<Error>) -> Vec<Outcome> {
        let mut leavers: Vec<Account> = Vec::new();
        let mut joiners: Vec<Joiner> = Vec::new();
        for change in &plan.changes {
            match change {
                Change::Offboard(leaver) => leavers.push(leaver.account.clone()),
                Change::Onboard(joiner) => joiners.push(joiner.clone()),
            }
        }
        let by_hand = plan.capabilities.offboarding == Offboarding::Unsupported;
        let mut outcomes = Vec::new();
        for batch in leavers.chunks(BATCH) {
            let may_go = match &unwritten {
                _ if by_hand => Ok(()),
                Some(error) => Err(error.clone()),
                None => self.may_still_remove(plan).await,
            };
            outcomes.extend(match may_go {
                Ok(()) => provider.offboard(batch).await,
                Err(error) => failed_all(&error, batch.len()),
            });
        }
        let mut took = Duration::ZERO;
        for batch in joiners.chunks(JOINERS) {
            // The next batch takes as long as the last one did.
            let may_come = match self.is_ending_in(took) {
                true => Err(ending(plan.provider)),
                false if self.is_taken_over(plan.provider).await => Err(taken_over(plan.provider)),
                false => Ok(()),
            };
            outcomes.extend(match may_come {
                Ok(()) => {
                    let before = self.deadline.left();
                    let came = provider.onboard(batch).await;
                    took = before.saturating_sub(self.deadline.left());
                    came
                }
                Err(error) => failed_all(&error, batch.len()),
            });
        }
        outcomes
    }

    /// Asked before each batch of removals: is the provider still ours, and did somebody press pause?
    async fn may_still_remove(&self, plan: &Plan) -> Result<()> {
        if self.is_ending_in(Duration::ZERO) {
            return Err(ending(plan.provider));
        }
        if !self.is_ours(plan.provider).await {
            return Err(taken_over(plan.provider));
        }
        let reconciles = plan.people.is_some();
        if reconciles
            && self
                .is_paused()
                .await
                .inspect_err(|error| self.ledger_failed(error.clone()))?
        {
            let message = "somebody pressed pause; this removal was not sent";
            return Err(Error::new(ErrorKind::Held, message).with("at", plan.provider));
        }
        Ok(())
    }

    /// Plans once more from what is there now: what was uncertain is settled, and what still differs is known.
    async fn second_look(
        &self,
        provider: &dyn Provider,
        approved: &Plan,
        desired: Desired<'_>,
        memory: &Memory,
        came_to: &mut [(Outcome, Option<bool>)],
    ) {
        let policy = &self.process.settings().policy;
        let wanted = match desired {
            Desired::Exactly(roster) => Wanted::Drift { roster, policy },
            Desired::Including(_) | Desired::Excluding(_) => Wanted::All,
        };
        let left = match observe(provider, &wanted).await {
            Ok(observed) => plan(&observed, desired, policy, memory).changes,
            Err(error) => {
                tracing::warn!(provider = %provider.id(), error = %error, "the second look failed");
                return;
            }
        };
        let left: HashSet<Aim<'_>> = left.iter().map(Change::aim).collect();
        for (change, (outcome, seen)) in approved.changes.iter().zip(came_to) {
            let still_differs = left.contains(&change.aim());
            *seen = Some(!still_differs);
            if may_be_lost(outcome) && !still_differs {
                *outcome = settled(provider, change);
            }
        }
    }
}

fn reported(judged: &Judged, came_to: Vec<(Outcome, Option<bool>)>) -> ProviderReport {
    let plan = judged.approved.plan();
    for (outcome, _) in &came_to {
        if let Outcome::Failed(error) = outcome {
            tracing::warn!(provider = %plan.provider, kind = error.kind().name(), error = %error, "a change failed");
        }
    }
    let is_unsettled = |(outcome, seen): &(Outcome, Option<bool>)| {
        matches!(outcome, Outcome::Done | Outcome::Unchanged) && *seen != Some(true)
    };
    let changes = plan.changes.iter().cloned();
    let unsettled = changes
        .clone()
        .zip(&came_to)
        .filter(|(_, came_to)| is_unsettled(came_to));
    ProviderReport {
        held: judged.held.clone(),
        unsettled: unsettled.map(|(change, _)| change).collect(),
        changes: changes
            .zip(came_to.iter().map(|(outcome, _)| Some(outcome.clone())))
            .collect(),
        ..ProviderReport::of(
            plan,
            match judged.held {
                Some(_) => Ending::Held,
                None => Ending::Applied,
            },
        )
    }
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
    matches!(outcome, Outcome::Done | Outcome::Unchanged) || may_be_lost(outcome)
}

fn unreachable(id: ProviderId, error: Error) -> ProviderReport {
    tracing::warn!(provider = %id, kind = error.kind().name(), error = %error, "a provider could not be read");
    ProviderReport::unreachable(id, error)
}

fn gone(id: ProviderId) -> Error {
    Error::new(ErrorKind::Misconfigured, "the provider is not on").with("at", id)
}

fn ending(id: ProviderId) -> Error {
    Error::new(ErrorKind::OutOfTime, "not sent: the run is ending").with("at", id)
}

fn taken_over(id: ProviderId) -> Error {
    let message = "another run has taken this provider over; this change was not sent";
    Error::new(ErrorKind::Unavailable, message).with("at", id)
}
