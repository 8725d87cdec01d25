//! Metrics: lines in CloudWatch's embedded metric format
//! (<https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html>, read 2026-11).
//!
//! The line is all there is to it: CloudWatch reads it out of the log, no call is made.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::Function;
use crate::error::{Error, ErrorKind};
use crate::planning::plan::Change;
use crate::planning::report::{Ending, Outcome, ProviderReport};

/// What is measured. Alarms and the dashboard go by these names; `.ci/check_template.py` reads them here.
#[derive(Clone, Copy)]
enum Metric {
    Joined,
    Left,
    Held,
    Failed,
    Unsettled,
    NotFound,
    Manual,
    Drift,
    RosterSize,
    ProviderLatency,
    QueueAttempts,
    Succeeded,
}

impl Metric {
    fn name(self) -> &'static str {
        match self {
            Self::Joined => "Joined",
            Self::Left => "Left",
            Self::Held => "Held",
            Self::Failed => "Failed",
            Self::Unsettled => "Unsettled",
            Self::NotFound => "NotFound",
            Self::Manual => "Manual",
            Self::Drift => "Drift",
            Self::RosterSize => "RosterSize",
            Self::ProviderLatency => "ProviderLatency",
            Self::QueueAttempts => "QueueAttempts",
            Self::Succeeded => "Succeeded",
        }
    }

    fn unit(self) -> &'static str {
        match self {
            Self::ProviderLatency => "Milliseconds",
            _ => "Count",
        }
    }
}

/// A line of the log.
pub(super) type Line = Map<String, Value>;

/// What is counted of a run that ended before any provider was decided.
pub(super) fn of_failure(function: Function, error: &Error, now: Timestamp) -> Line {
    let held = usize::from(error.kind() == ErrorKind::Held);
    line(function, Some("all"), &[(Metric::Held, held), (Metric::Failed, 1)], now)
}

/// That a run did all it was for: whoever hears nothing of it for too long is alarmed.
pub(super) fn of_success(function: Function, now: Timestamp) -> Line {
    line(function, None, &[(Metric::Succeeded, 1)], now)
}

/// How often the queue has handed an order over by now.
pub(super) fn of_attempts(function: Function, attempts: usize, now: Timestamp) -> Line {
    line(function, None, &[(Metric::QueueAttempts, attempts)], now)
}

/// How long a provider took to be read, or to fail.
pub(super) fn of_latency(function: Function, provider: &str, took: Duration, now: Timestamp) -> Line {
    let milliseconds = usize::try_from(took.as_millis()).unwrap_or(usize::MAX);
    let measured = [(Metric::ProviderLatency, milliseconds)];
    line(function, Some(provider), &measured, now)
}

/// What is counted of one provider.
pub(super) fn of(function: Function, report: &ProviderReport, now: Timestamp) -> Line {
    let count = |is: fn(&Change, &Outcome) -> bool| {
        let changes = report.changes.iter();
        let counted = changes.filter(|(change, outcome)| outcome.as_ref().is_some_and(|outcome| is(change, outcome)));
        counted.count()
    };
    let held = report.held.as_ref().map_or(0, |held| held.changes.len());
    let kept_back = match report.ending {
        Ending::Previewed => 0, // a preview shows them among the changes
        _ => held,
    };
    let mut counted = vec![
        (
            Metric::Joined,
            count(|change, outcome| matches!((change, outcome), (Change::Onboard(_), Outcome::Done))),
        ),
        (
            Metric::Left,
            count(|change, outcome| matches!((change, outcome), (Change::Offboard(_), Outcome::Done))),
        ),
        (Metric::Held, held),
        (
            Metric::Failed,
            count(|_, outcome| matches!(outcome, Outcome::Failed(_)))
                + usize::from(matches!(report.ending, Ending::Unreachable(_))),
        ),
        (Metric::Unsettled, report.unsettled.len()),
        (
            Metric::NotFound,
            count(|_, outcome| matches!(outcome, Outcome::NotFound)),
        ),
        (
            Metric::Manual,
            count(|_, outcome| matches!(outcome, Outcome::Manual(_))),
        ),
    ];
    if let Some(people) = report.people {
        counted.push((Metric::Drift, report.changes.len() + kept_back));
        counted.push((Metric::RosterSize, people));
    }
    line(function, Some(report.provider.name()), &counted, now)
}

/// A line, by function and provider, and by function alone: an alarm takes one metric and cannot search for providers.
fn line(function: Function, provider: Option<&str>, measured: &[(Metric, usize)], now: Timestamp) -> Line {
    let metric = |(metric, _): &(Metric, usize)| json!({"Name": metric.name(), "Unit": metric.unit()});
    let dimensions = match provider {
        Some(_) => json!([["Function", "Provider"], ["Function"]]),
        None => json!([["Function"]]),
    };
    let told = json!({
        "Timestamp": now.as_millisecond(),
        "CloudWatchMetrics": [{
            "Namespace": "Rollcall",
            "Dimensions": dimensions,
            "Metrics": measured.iter().map(metric).collect::<Vec<_>>(),
        }],
    });
    let mut line = Line::from_iter([
        ("_aws".to_owned(), told),
        ("Function".to_owned(), function.name().into()),
    ]);
    line.extend(provider.map(|provider| ("Provider".to_owned(), provider.into())));
    let values = measured.iter();
    line.extend(values.map(|(metric, value)| (metric.name().to_owned(), (*value).into())));
    line
}
