//! A message about a run that nobody waited for, about what was not told before: a provider that is down all night is one message.

use jiff::Timestamp;
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

use super::addressee::Addressee;
use super::addressee::post;
use super::blocks::{self, sentence};
use super::names::Names;
use super::telling::Context;
use super::{list, report};
use crate::door::senders::text;
use crate::error::{Error, Result};
use crate::planning::hash;
use crate::tools::http::{Http, Repeat};

/// Outcomes of changes that are told each time, because each time something happened.
const HAPPENED: [&str; 2] = ["done", "pending"];
/// Outcomes that stay as they are until somebody acts.
const STANDING: [&str; 3] = ["manual", "failed", "queued"];

/// Something a reader has to know, and by what it is known that they do.
struct Cause {
    key: String,
    /// A change's outcome, or the member of a provider's report.
    what: &'static str,
}

/// What stands in a report until somebody acts: by what it is known that they were told.
pub(in crate::door) fn causes(report: &Value) -> Vec<String> {
    let providers = list(report, "/providers").iter();
    let causes = providers.flat_map(|provider| causes_at(report, provider));
    causes.map(|cause| cause.key).collect()
}

/// What all causes of a report's function and providers begin with.
pub(in crate::door) fn scopes(report: &Value) -> Vec<String> {
    let providers = list(report, "/providers").iter();
    providers.map(|provider| scope(report, provider)).collect()
}

fn scope(report: &Value, provider: &Value) -> String {
    let word = |value: &Value, at: &str| text(value, at).unwrap_or_default().to_owned();
    format!("{}/{}/", word(report, "/function"), word(provider, "/provider"))
}

/// The message about a report's changes, and about what is not among the causes that were told; `None` where that is nothing.
pub(in crate::door) fn notice(report: &Value, told: &[String], names: Names, now: Timestamp) -> Option<Value> {
    let providers: Vec<Value> = list(report, "/providers")
        .iter()
        .filter_map(|provider| news(report, provider, told))
        .collect();
    if providers.is_empty() {
        return None;
    }
    let besides = report.as_object()?.iter().filter(|(name, _)| *name != "providers");
    let mut report: Map<String, Value> = besides.map(|(name, value)| (name.clone(), value.clone())).collect();
    report.insert("providers".to_owned(), providers.into());
    let to = Addressee::of_channel();
    let mut message = report::telling(&report.into(), Context { to: &to, names, now }).message();
    message.as_object_mut()?.remove("response_type");
    Some(message)
}

/// The message about a run that came to nothing.
pub(in crate::door) fn notice_of_failure(function: &str, error: &Error) -> Value {
    let text = format!("{function} could not do anything: {}", sentence(&error.to_string()));
    json!({"text": text, "blocks": [blocks::section(&text, &[])]})
}

/// Posts a message to the incoming webhook of a channel (<https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks>).
pub(in crate::door) async fn post_notice(http: &Http, webhook: &str, message: Value) -> Result<()> {
    post(http, Some(webhook), message, Repeat::Unsafe).await
}

fn causes_at(report: &Value, provider: &Value) -> Vec<Cause> {
    let scope = scope(report, provider);
    let cause = |what: &'static str, about: &str| Cause {
        key: format!("{scope}{what}/{about}"),
        what,
    };
    let mut causes = Vec::new();
    if let Some(kind) = text(provider, "/error/kind") {
        causes.push(cause("error", kind));
    }
    if let Some(digest) = text(provider, "/held/digest") {
        causes.push(cause("held", digest));
    }
    for what in STANDING {
        let those = list(provider, "/changes").iter();
        let those: Vec<&Value> = those.filter(|change| text(change, "/outcome") == Some(what)).collect();
        if !those.is_empty() {
            causes.push(cause(what, &named(&those)));
        }
    }
    let unsettled: Vec<&Value> = list(provider, "/unsettled").iter().collect();
    if !unsettled.is_empty() {
        causes.push(cause("unsettled", &named(&unsettled)));
    }
    causes
}

/// One name for these changes: another list is another cause.
fn named(changes: &[&Value]) -> String {
    let mut hash = Sha256::new();
    for change in changes {
        hash.update(json!([change["action"], change["who"]]).to_string());
    }
    hash::short(&hash.finalize(), 16)
}

/// What is new at a provider, in the form of its report.
fn news(report: &Value, provider: &Value, told: &[String]) -> Option<Value> {
    let new: Vec<&'static str> = causes_at(report, provider)
        .into_iter()
        .filter(|cause| !told.contains(&cause.key))
        .map(|cause| cause.what)
        .collect();
    let changes: Vec<Value> = list(provider, "/changes")
        .iter()
        .filter(|change| {
            let outcome = text(change, "/outcome").unwrap_or_default();
            HAPPENED.contains(&outcome) || new.contains(&outcome)
        })
        .cloned()
        .collect();
    let mut kept = Map::new();
    for member in ["error", "held", "unsettled"] {
        if let (true, Some(value)) = (new.contains(&member), provider.get(member)) {
            kept.insert(member.to_owned(), value.clone());
        }
    }
    if changes.is_empty() && kept.is_empty() {
        return None;
    }
    for member in ["provider", "ending", "observed"] {
        kept.insert(member.to_owned(), provider[member].clone());
    }
    kept.insert("changes".to_owned(), changes.into());
    Some(Value::Object(kept))
}
