//! Orders that are finished later: as messages of a function's queue.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::Function;
use crate::bundle::Delivery;
use crate::planning::report::Mode;
use crate::settings::Queues;

/// What a message says besides the order, under `_`. It has no `Debug`: whoever has the place of an answer can write there.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Aside {
    /// On whose order.
    pub(super) by: Option<String>,
    /// When it was given, if it is to yield to later ones.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) at: Option<Timestamp>,
    /// In whose words it was said first, where that was not ours.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) sender: Option<String>,
    /// Where the answer goes, if somebody waits for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) reply: Option<Value>,
    /// The event it was made of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) delivery: Option<Delivery>,
}

impl Aside {
    /// Nothing but on whose order, and when it was given.
    pub(super) fn new(by: String, at: Timestamp) -> Self {
        Self {
            by: Some(by),
            at: Some(at),
            ..Self::default()
        }
    }

    /// The same of a further order that comes of it: the event itself, and its answer, are not that one's.
    pub(super) fn again(&self) -> Self {
        Self {
            delivery: None,
            reply: None,
            ..self.clone()
        }
    }

    /// Takes it off a message, of which the order is left; what cannot be read is left to be refused.
    pub(super) fn take(message: &mut Value) -> Self {
        let Some(order) = message.as_object_mut() else {
            return Self::default();
        };
        match order.get("_").map(Self::deserialize) {
            Some(Ok(aside)) => {
                order.remove("_");
                aside
            }
            _ => Self::default(),
        }
    }

    /// The message of this order.
    pub(super) fn message(&self, mut order: Value) -> Value {
        if let Some(order) = order.as_object_mut() {
            order.insert("_".to_owned(), json!(self));
        }
        order
    }
}

/// The order to look at the directory now.
pub(super) fn look(mode: Mode) -> Value {
    json!({"mode": mode.name()})
}

impl Function {
    /// Its queue, where it has one.
    pub(super) fn queue(self, queues: &Queues) -> Option<&str> {
        match self {
            Self::List => None,
            Self::Onboard => queues.onboard.as_deref(),
            Self::Offboard => queues.offboard.as_deref(),
            Self::Reconcile => queues.reconcile.as_deref(),
        }
    }
}
