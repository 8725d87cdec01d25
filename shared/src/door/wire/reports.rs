//! Reports of runs as JSON.

use lambda_http::http::StatusCode;
use serde_json::{Map, Value, json};

use super::{Answer, Context, kind_and_message};
use crate::door::Function;
use crate::door::metrics::{self, Line};
use crate::error::{Error, ErrorKind};
use crate::planning::guard::Held;
use crate::planning::identity::{ProviderId, Who};
use crate::planning::plan::{Change, Skip};
use crate::planning::report::{Ending, Outcome, ProviderReport, Report, RunStatus, Unfinished};

impl Answer for Report {
    fn status(&self) -> StatusCode {
        match Report::status(self) {
            RunStatus::Done => StatusCode::OK,
            RunStatus::Partial => StatusCode::MULTI_STATUS,
            RunStatus::Held => StatusCode::CONFLICT,
            RunStatus::Queued => StatusCode::ACCEPTED,
            RunStatus::Failed => StatusCode::BAD_GATEWAY,
        }
    }

    fn json(&self, function: Function, request_id: &str) -> Value {
        let mut json = json!({
            "request_id": request_id,
            "function": function.name(),
            "mode": self.mode.name(),
            "status": Report::status(self).name(),
            "providers": self.providers.iter().map(provider).collect::<Vec<_>>(),
        });
        if let (Some(error), Some(object)) = (&self.ledger, json.as_object_mut()) {
            object.insert("ledger".to_owned(), json!({"error": kind_and_message(error)}));
        }
        if let (false, Some(object)) = (self.unknown.is_empty(), json.as_object_mut()) {
            let unknown = self.unknown.iter();
            let unknown = unknown.map(|(whom, error)| json!({"who": who(whom), "error": kind_and_message(error)}));
            object.insert("unknown".to_owned(), unknown.collect());
        }
        json
    }

    fn metrics(&self, context: &Context<'_>) -> Vec<Line> {
        let (function, now) = (context.function, context.now);
        let counted = self.providers.iter().map(|report| metrics::of(function, report, now));
        // One about a single provider says nothing of the others, and must not hide that the nightly run has stopped.
        let is_whole = context
            .on
            .iter()
            .all(|id| self.providers.iter().any(|one| one.provider == *id));
        let went_well = function == Function::Reconcile && Report::status(self) == RunStatus::Done && is_whole;
        let success = went_well.then(|| metrics::of_success(function, now));
        counted.chain(success).collect()
    }

    fn failure(&self) -> Option<Error> {
        if Report::status(self) == RunStatus::Done {
            return None;
        }
        let providers = self.providers.iter().filter_map(failure);
        let unknown = self.unknown.iter().map(|(_, error)| error.clone());
        let failures: Vec<Error> = providers.chain(self.ledger.clone()).chain(unknown).collect();
        let first = failures.first()?;
        let all: Vec<String> = failures.iter().map(Error::to_string).collect();
        Some(Error::new(first.kind(), all.join("; ")))
    }

    fn names_strangers(&self) -> bool {
        let nobodys = |(_, error): &(Who, Error)| !error.kind().is_passing();
        self.is_finished() && !self.unknown.is_empty() && self.unknown.iter().all(nobodys)
    }

    fn unfinished(&self) -> Vec<Unfinished> {
        Report::unfinished(self)
    }

    fn hand_over(&mut self, left: &Unfinished, whom: Vec<Who>) {
        Report::hand_over(self, left, whom);
    }
}

/// What a reader of an alarm has to know of one provider.
fn failure(report: &ProviderReport) -> Option<Error> {
    let failed = report.changes.iter().find_map(|(_, outcome)| match outcome {
        Some(Outcome::Failed(error) | Outcome::Queued(error)) => Some(error.clone()),
        _ => None,
    });
    match (&report.ending, &report.held) {
        (Ending::Unreachable(error), _) => Some(error.clone()),
        (Ending::Held, Some(held)) => {
            let message = format!("{} removals are held by {}", held.changes.len(), held.rule.name());
            Some(Error::new(ErrorKind::Held, message).with("at", report.provider))
        }
        _ if !report.unsettled.is_empty() => {
            let message = format!("{} changes did not take effect", report.unsettled.len());
            Some(Error::new(ErrorKind::Uncertain, message).with("at", report.provider))
        }
        _ => failed,
    }
}

fn provider(report: &ProviderReport) -> Value {
    let mut json = Map::new();
    json.insert("provider".to_owned(), report.provider.name().into());
    json.insert("ending".to_owned(), report.ending.name().into());
    match &report.ending {
        Ending::Unreachable(error) => {
            json.insert("error".to_owned(), kind_and_message(error));
        }
        Ending::Applied | Ending::Previewed | Ending::Held => {
            let changes = report.changes.iter();
            let changes = changes.map(|(change, outcome)| changed(report.provider, change, outcome.as_ref()));
            json.insert("observed".to_owned(), report.observed.into());
            if let Some(held) = &report.held {
                json.insert("held".to_owned(), held_json(held));
            }
            json.insert("changes".to_owned(), changes.collect());
            json.insert("skips".to_owned(), report.skips.iter().map(skip).collect());
            json.insert("unsettled".to_owned(), report.unsettled.iter().map(plain).collect());
        }
    }
    let queued = report.queued.iter().flatten().map(who);
    json.insert("queued".to_owned(), queued.collect());
    Value::Object(json)
}

pub(super) fn held_json(held: &Held) -> Value {
    json!({
        "rule": held.rule.name(),
        "removals": held.changes.len(),
        "limit": held.limit,
        "managed": held.managed,
        "digest": held.digest.to_string(),
    })
}

/// A change: action, who, and for a removal the evidence.
fn plain(change: &Change) -> Value {
    match change {
        Change::Offboard(leaver) => json!({
            "action": "offboard",
            "who": who(&change.who()),
            "evidence": leaver.evidence.name(),
        }),
        Change::Onboard(_) => json!({"action": "onboard", "who": who(&change.who())}),
    }
}

fn changed(provider: ProviderId, change: &Change, outcome: Option<&Outcome>) -> Value {
    let mut json = plain(change);
    let Some(object) = json.as_object_mut() else {
        return json;
    };
    let name = outcome.map_or("planned", Outcome::name);
    object.insert("outcome".to_owned(), name.into());
    match outcome {
        Some(Outcome::NotFound) => {
            object.insert("detail".to_owned(), format!("not known to {provider} yet").into());
        }
        Some(Outcome::Manual(step)) => {
            object.insert("detail".to_owned(), step.as_str().into());
        }
        Some(Outcome::Failed(error) | Outcome::Queued(error)) => {
            object.insert("error".to_owned(), kind_and_message(error));
        }
        _ => {}
    }
    json
}

fn skip(skip: &Skip) -> Value {
    let mut json = json!({"who": who(&skip.who), "why": skip.why.name()});
    if let (false, Some(object)) = (skip.between.is_empty(), json.as_object_mut()) {
        object.insert("between".to_owned(), skip.between.iter().map(who).collect());
    }
    json
}

pub(super) fn who(who: &Who) -> Value {
    let pairs = [
        ("email", who.email.as_ref().map(|email| email.written())),
        (
            "github_username",
            who.github_username.as_ref().map(|login| login.written()),
        ),
        ("id", who.id.as_deref()),
    ];
    let known = pairs
        .into_iter()
        .filter_map(|(name, text)| Some((name.to_owned(), text?.into())));
    Value::Object(known.collect())
}
