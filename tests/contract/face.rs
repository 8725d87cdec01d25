//! What the clauses have to know about a provider besides what it says itself.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use rehearsal::providers::{Simulator, State};
use serde_json::Value;
use shared::planning::account::{Capabilities, Offboarding, Onboarding};
use shared::tools::http::Repeat;

use super::stage::{PATIENT, Stage};

/// One provider in one configuration.
pub(super) struct Face {
    pub(super) id: &'static str,
    /// Starts its simulator, with pages of three where it has pages.
    pub(super) start: fn() -> Starting,
    pub(super) can: Capabilities,
    /// What the target of a list call holds.
    pub(super) list: &'static str,
    /// Whether its list comes in pages.
    pub(super) pages: bool,
    /// Whether its list says how many there are, so that a missing account shows.
    pub(super) counts: bool,
    /// Where its tokens come from, if they expire.
    pub(super) tokens: Option<&'static str>,
    /// The states its list shows.
    pub(super) states: &'static [State],
    /// The outcome of onboarding somebody it never heard of.
    pub(super) stranger: &'static str,
    /// The writes by which somebody new is let in.
    pub(super) onboarding: &'static [Write],
    /// The writes by which somebody active is cut off.
    pub(super) offboarding: &'static [Write],
    pub(super) has_roles: bool,
    pub(super) has_identity_providers: bool,
}

/// One kind of write.
#[derive(Clone, Copy)]
pub(super) struct Write {
    pub(super) method: &'static str,
    pub(super) target: &'static str,
    pub(super) repeat: Repeat,
    /// Whether its answer is read: where the body is not documented, it is not.
    pub(super) answer_is_read: bool,
}

pub(super) type Starting = Pin<Box<dyn Future<Output = Started>>>;

/// A simulator, and the document that satisfies it now.
pub(super) struct Started {
    pub(super) simulator: Arc<dyn Simulator>,
    pub(super) document: Box<dyn Fn() -> Value>,
}

impl Started {
    /// The simulator with its own document.
    pub(super) fn new<S: Simulator + 'static>(simulator: S) -> Self {
        let simulator = Arc::new(simulator);
        Self {
            simulator: Arc::clone(&simulator) as Arc<dyn Simulator>,
            document: Box::new(move || simulator.document()),
        }
    }
}

impl Face {
    pub(super) async fn stage(&self) -> Stage {
        Stage::new((self.start)().await, PATIENT)
    }

    /// A stage for a clause about joiners. Where nobody can be onboarded, the clause is that nothing is sent.
    pub(super) async fn onboarding_stage(&self) -> Option<Stage> {
        let stage = self.stage().await;
        if self.can.onboarding != Onboarding::Unsupported {
            return Some(stage);
        }
        stage.seed("ada", State::Active);
        let outcomes = stage.provider.onboard(&stage.joiners(&["ada", "bo"])).await;
        stage.said_and_sent_nothing(&outcomes, 2);
        None
    }

    /// A stage for a clause about leavers. Where nobody can be offboarded, the clause is that nothing is sent.
    pub(super) async fn offboarding_stage(&self) -> Option<Stage> {
        let stage = self.stage().await;
        if self.can.offboarding != Offboarding::Unsupported {
            return Some(stage);
        }
        let leavers = stage.active(&["ada", "bo"]).await;
        stage.simulator.clear_calls();
        let outcomes = stage.provider.offboard(&leavers).await;
        stage.said_and_sent_nothing(&outcomes, 2);
        assert_eq!(stage.state("ada"), Some(State::Active));
        None
    }

    /// The outcome of letting somebody new in.
    pub(super) fn welcome(&self) -> &'static str {
        match self.can.onboarding {
            Onboarding::ByInvitation => "pending",
            _ => "done",
        }
    }
}
