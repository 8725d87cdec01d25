//! What became of a plan: one outcome per change, one report per provider, one status for all.

use std::collections::HashSet;

use crate::error::{Error, ErrorKind};
use crate::planning::guard::{Digest, Held};
use crate::planning::identity::{ProviderId, Who};
use crate::planning::plan::{Aim, Change, Plan, Skip};

pub use crate::planning::mode::Mode;

/// What became of one change.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// It took effect.
    Done,
    /// It was so already.
    Unchanged,
    /// An invitation is out; the person has to accept.
    Pending,
    /// The provider does not know the person yet.
    NotFound,
    /// The API cannot do it: a person has to take this step.
    Manual(String),
    /// The world said no.
    Failed(Error),
    /// The world said "not now": an order for it is on the queue.
    Queued(Error),
}

impl Outcome {
    /// The word in answers.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Unchanged => "unchanged",
            Self::Pending => "pending",
            Self::NotFound => "not_found",
            Self::Manual(_) => "manual",
            Self::Failed(_) => "failed",
            Self::Queued(_) => "queued",
        }
    }
}

/// How a provider came out of a run.
#[derive(Clone, Debug)]
pub enum Ending {
    /// Its changes were sent.
    Applied,
    /// Nothing was sent: a preview.
    Previewed,
    /// Removals were kept back; joiners were served.
    Held,
    /// It could not be read, so nothing was decided.
    Unreachable(Error),
}

impl Ending {
    /// The word in answers.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Applied => "applied",
            Self::Previewed => "previewed",
            Self::Held => "held",
            Self::Unreachable(_) => "unreachable",
        }
    }
}

/// One provider in a run.
#[derive(Clone, Debug)]
pub struct ProviderReport {
    /// Which provider.
    pub provider: ProviderId,
    /// How it came out.
    pub ending: Ending,
    /// How many accounts were seen.
    pub observed: usize,
    /// How many people the roster names; `None` for an explicit order.
    pub people: Option<usize>,
    /// Removals kept back, also those a preview would keep back.
    pub held: Option<Held>,
    /// The changes with their outcomes; `None` in a preview.
    pub changes: Vec<(Change, Option<Outcome>)>,
    /// Who was left alone.
    pub skips: Vec<Skip>,
    /// Changes whose effect the second look did not see.
    pub unsettled: Vec<Change>,
    /// Whose changes an order on the queue is to finish; `None` where there is no such order.
    pub queued: Option<Vec<Who>>,
    /// What a consent that was used still allows: the removals it named that are left.
    pub consent: Option<Digest>,
}

/// What a run left to be done later at one provider.
#[derive(Clone, Debug)]
pub struct Unfinished {
    /// Where.
    pub provider: ProviderId,
    /// What; `None` for everything that was ordered, since nothing could be seen there.
    pub changes: Option<Vec<Change>>,
    /// Whether only time was lacking: part of it was done, and the next run goes on from there.
    pub goes_on: bool,
    /// The consent to those removals among it that somebody consented to.
    pub consent: Option<Digest>,
}

impl ProviderReport {
    /// A provider that came out so, before its changes are told.
    pub fn of(plan: &Plan, ending: Ending) -> Self {
        Self {
            observed: plan.observed,
            people: plan.people,
            skips: plan.skips.clone(),
            ..Self::ended(plan.provider, ending)
        }
    }

    /// A provider that could not be read.
    pub fn unreachable(provider: ProviderId, error: Error) -> Self {
        Self::ended(provider, Ending::Unreachable(error))
    }

    fn ended(provider: ProviderId, ending: Ending) -> Self {
        Self {
            provider,
            ending,
            observed: 0,
            people: None,
            held: None,
            changes: Vec::new(),
            skips: Vec::new(),
            unsettled: Vec::new(),
            queued: None,
            consent: None,
        }
    }

    fn is_complete(&self) -> bool {
        let open =
            |(_, outcome): &(Change, Option<Outcome>)| matches!(outcome, Some(Outcome::Failed(_) | Outcome::Queued(_)));
        matches!(self.ending, Ending::Applied | Ending::Previewed)
            && self.unsettled.is_empty()
            && !self.changes.iter().any(open)
    }

    /// Whether all of it is on the queue.
    fn is_queued(&self) -> bool {
        let queued = |(_, outcome): &(Change, Option<Outcome>)| matches!(outcome, Some(Outcome::Queued(_)));
        self.queued.is_some()
            && match self.ending {
                Ending::Unreachable(_) => true,
                Ending::Applied => self.changes.iter().all(queued),
                Ending::Held | Ending::Previewed => false,
            }
    }

    /// What may succeed later without anybody's doing; `None` where there is nothing of the kind.
    fn unfinished(&self) -> Option<Unfinished> {
        if self.queued.is_some() {
            return None;
        }
        let provider = self.provider;
        if let Ending::Unreachable(error) = &self.ending {
            return error.kind().is_passing().then_some(Unfinished {
                provider,
                changes: None,
                goes_on: false,
                consent: None,
            });
        }
        let ran_out = |outcome: &Option<Outcome>| match outcome {
            Some(Outcome::Failed(error)) => error.kind() == ErrorKind::OutOfTime,
            _ => false,
        };
        let came = |outcome: &Option<Outcome>| matches!(outcome, Some(Outcome::Done | Outcome::Pending));
        let any = |is: &dyn Fn(&Option<Outcome>) -> bool| self.changes.iter().any(|(_, outcome)| is(outcome));
        let goes_on = any(&ran_out) && any(&came);
        let passing = |outcome: &Option<Outcome>| match outcome {
            Some(Outcome::Failed(error)) => error.kind().is_passing(),
            _ => false,
        };
        let failed = self.changes.iter().filter(|(_, outcome)| passing(outcome));
        let changes: Vec<Change> = failed
            .map(|(change, _)| change)
            .chain(&self.unsettled)
            .cloned()
            .collect();
        (!changes.is_empty()).then_some(Unfinished {
            provider,
            changes: Some(changes),
            goes_on,
            consent: self.consent.clone(),
        })
    }

    /// An order on the queue is to finish it: what was left there, and whom that is about.
    fn hand_over(&mut self, left: &Unfinished, whom: Vec<Who>) {
        let aims: HashSet<Aim<'_>> = left.changes.iter().flatten().map(Change::aim).collect();
        for (change, outcome) in &mut self.changes {
            let handed_over = aims.contains(&change.aim());
            if let (true, Some(Outcome::Failed(error))) = (handed_over, &outcome) {
                *outcome = Some(Outcome::Queued(error.clone()));
            }
        }
        self.queued = Some(whom);
    }
}

/// How a whole run came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RunStatus {
    /// All of it.
    Done,
    /// Part of it.
    Partial,
    /// None of it, and all of it is on the queue.
    Queued,
    /// Every provider's removals were kept back.
    Held,
    /// No provider could be read.
    Failed,
}

impl RunStatus {
    /// The word in answers.
    pub fn name(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Partial => "partial",
            Self::Queued => "queued",
            Self::Held => "held",
            Self::Failed => "failed",
        }
    }
}

/// A whole run: one report per provider, in the order of the registry.
#[derive(Clone, Debug)]
pub struct Report {
    /// Whether changes were to be sent.
    pub mode: Mode,
    /// One for each provider.
    pub providers: Vec<ProviderReport>,
    /// What went wrong with the ledger, on which the run went on without it.
    pub ledger: Option<Error>,
    /// Whom the order names by nothing that a provider or the directory knows, and why not.
    pub unknown: Vec<(Who, Error)>,
}

impl Report {
    /// How the run came out.
    pub fn status(&self) -> RunStatus {
        let all = |is: fn(&Ending) -> bool| !self.providers.is_empty() && self.providers.iter().all(|p| is(&p.ending));
        let is_queued = self.providers.iter().all(ProviderReport::is_queued);
        if is_queued && !self.providers.is_empty() {
            RunStatus::Queued
        } else if all(|ending| matches!(ending, Ending::Unreachable(_))) {
            RunStatus::Failed
        } else if all(|ending| matches!(ending, Ending::Held)) {
            RunStatus::Held
        } else if self.is_finished() && self.unknown.is_empty() {
            RunStatus::Done
        } else {
            RunStatus::Partial
        }
    }

    /// Whether everything came out that could be done for those who are known.
    pub fn is_finished(&self) -> bool {
        self.providers.iter().all(ProviderReport::is_complete) && self.ledger.is_none()
    }

    /// What an order on the queue could finish.
    pub fn unfinished(&self) -> Vec<Unfinished> {
        let providers = self.providers.iter().filter(|_| self.mode == Mode::Apply);
        providers.filter_map(ProviderReport::unfinished).collect()
    }

    /// An order on the queue is to finish what was left, about these people.
    pub fn hand_over(&mut self, left: &Unfinished, whom: Vec<Who>) {
        if let Some(report) = self
            .providers
            .iter_mut()
            .find(|report| report.provider == left.provider)
        {
            report.hand_over(left, whom);
        }
    }
}
