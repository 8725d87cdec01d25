//! What became of a plan: one outcome per change, one report per provider, one status for all.

use crate::error::Error;
use crate::planning::guard::Held;
use crate::planning::identity::ProviderId;
use crate::planning::plan::{Change, Plan, Skip};

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
}

impl ProviderReport {
    /// A provider that came out so, before its changes are told.
    pub fn of(plan: &Plan, ending: Ending) -> Self {
        Self {
            provider: plan.provider,
            ending,
            observed: plan.observed,
            people: plan.people,
            held: None,
            changes: Vec::new(),
            skips: plan.skips.clone(),
            unsettled: Vec::new(),
        }
    }

    /// A provider that could not be read.
    pub fn unreachable(provider: ProviderId, error: Error) -> Self {
        Self {
            provider,
            ending: Ending::Unreachable(error),
            observed: 0,
            people: None,
            held: None,
            changes: Vec::new(),
            skips: Vec::new(),
            unsettled: Vec::new(),
        }
    }

    fn is_complete(&self) -> bool {
        let failed = |(_, outcome): &(Change, Option<Outcome>)| matches!(outcome, Some(Outcome::Failed(_)));
        matches!(self.ending, Ending::Applied | Ending::Previewed)
            && self.unsettled.is_empty()
            && !self.changes.iter().any(failed)
    }
}

/// How a whole run came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RunStatus {
    /// All of it.
    Done,
    /// Part of it.
    Partial,
    /// Every provider's removals were kept back.
    Held,
    /// No provider could be read.
    Failed,
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
}

/// Whether a run changes anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Show what would change: `apply` is not called.
    Preview,
    /// Change it.
    Apply,
}

impl Mode {
    /// The mode's name in orders and answers.
    pub fn name(self) -> &'static str {
        match self {
            Self::Preview => "preview",
            Self::Apply => "apply",
        }
    }
}

impl Report {
    /// How the run came out.
    pub fn status(&self) -> RunStatus {
        let all = |is: fn(&Ending) -> bool| !self.providers.is_empty() && self.providers.iter().all(|p| is(&p.ending));
        if all(|ending| matches!(ending, Ending::Unreachable(_))) {
            RunStatus::Failed
        } else if all(|ending| matches!(ending, Ending::Held)) {
            RunStatus::Held
        } else if self.providers.iter().all(ProviderReport::is_complete) && self.ledger.is_none() {
            RunStatus::Done
        } else {
            RunStatus::Partial
        }
    }
}
