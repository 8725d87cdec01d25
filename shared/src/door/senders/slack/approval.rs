//! What a button stands for: one exact list of removals, who asked, and when. A click brings it back under Slack's signature, and
//! Slack takes buttons of our app from nobody else.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::blocks;
use super::words::People;
use crate::door::Function;

/// The `action_id` of the button that approves.
pub(super) const APPROVE: &str = "rollcall_approve";
/// The `action_id` of the button that rejects.
pub(super) const REJECT: &str = "rollcall_reject";

/// A button that is older stands for a world that has gone on.
const GOOD_FOR: SignedDuration = SignedDuration::from_hours(24);
/// How far ahead of ours the clock may be by which it was made.
const AHEAD: SignedDuration = SignedDuration::from_mins(5);

/// What a button stands for.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Approval {
    #[serde(rename = "f")]
    function: String,
    #[serde(rename = "p")]
    pub(super) provider: String,
    #[serde(rename = "d")]
    digest: String,
    #[serde(rename = "t")]
    issued: i64,
    /// Who asked.
    #[serde(rename = "u", skip_serializing_if = "Option::is_none")]
    pub(super) asker: Option<String>,
    /// Whom an offboard order names: the order is given anew.
    #[serde(rename = "w", default)]
    pub(super) people: People,
}

impl Approval {
    /// For the removals with this digest, asked for by a run of this function.
    pub(super) fn new(
        function: &str,
        provider: &str,
        digest: &str,
        asker: Option<&str>,
        people: &People,
        now: Timestamp,
    ) -> Self {
        Self {
            function: function.to_owned(),
            provider: provider.to_owned(),
            digest: digest.to_owned(),
            issued: now.as_second(),
            asker: asker.map(str::to_owned),
            people: people.clone(),
        }
    }

    /// Reads a button's value.
    pub(super) fn read(value: &str) -> Option<Self> {
        serde_json::from_str(value).ok()
    }

    /// As a button's value; `None` where it is longer than Slack takes.
    pub(super) fn value(&self) -> Option<String> {
        let value = serde_json::to_string(self).ok()?;
        (value.len() <= blocks::VALUE).then_some(value)
    }

    /// The function whose order it is.
    pub(super) fn function(&self) -> Option<Function> {
        match self.function.as_str() {
            "reconcile" => Some(Function::Reconcile),
            "offboard" => Some(Function::Offboard),
            _ => None,
        }
    }

    /// Whether it may still be used.
    pub(super) fn is_good(&self, now: Timestamp) -> bool {
        let Ok(issued) = Timestamp::from_second(self.issued) else {
            return false;
        };
        let age = now.duration_since(issued);
        age <= GOOD_FOR && age >= -AHEAD
    }

    /// The order to do it. Everything is planned anew, and the digest has to fit again.
    pub(super) fn order(&self) -> Value {
        let mut order = match self.function() {
            Some(Function::Offboard) => self.people.order(),
            _ => json!({}),
        };
        if let Some(order) = order.as_object_mut() {
            order.insert("mode".to_owned(), "apply".into());
            order.insert("providers".to_owned(), json!([self.provider]));
            order.insert("consent".to_owned(), json!([self.digest]));
        }
        order
    }
}
