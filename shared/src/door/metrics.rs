//! Metrics: one line for each provider of a run, in CloudWatch's embedded metric format.
//!
//! The line is all there is to it: CloudWatch reads it out of the log, no call is made.

use std::io::Write;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::Function;
use crate::error::{Error, ErrorKind};
use crate::planning::plan::Change;
use crate::planning::report::{Ending, Outcome, ProviderReport};

/// Writes a line to the log.
pub(super) fn write(line: &Value) {
    let _ = writeln!(std::io::stdout().lock(), "{line}"); // a log that is closed is nobody's failure
}

/// What is counted of a run that ended before any provider was decided.
pub(super) fn of_failure(function: Function, error: &Error, now: Timestamp) -> Value {
    let held = usize::from(error.kind() == ErrorKind::Held);
    line(function, "all", &[("Held", held), ("Failed", 1)], now)
}

/// What is counted of one provider.
pub(super) fn of(function: Function, report: &ProviderReport, now: Timestamp) -> Value {
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
            "Joined",
            count(|change, outcome| matches!((change, outcome), (Change::Onboard(_), Outcome::Done))),
        ),
        (
            "Left",
            count(|change, outcome| matches!((change, outcome), (Change::Offboard(_), Outcome::Done))),
        ),
        ("Held", held),
        (
            "Failed",
            count(|_, outcome| matches!(outcome, Outcome::Failed(_)))
                + usize::from(matches!(report.ending, Ending::Unreachable(_))),
        ),
        ("Unsettled", report.unsettled.len()),
        ("NotFound", count(|_, outcome| matches!(outcome, Outcome::NotFound))),
        ("Manual", count(|_, outcome| matches!(outcome, Outcome::Manual(_)))),
    ];
    if let Some(people) = report.people {
        counted.push(("Drift", report.changes.len() + kept_back));
        counted.push(("RosterSize", people));
    }
    line(function, report.provider.name(), &counted, now)
}

fn line(function: Function, provider: &str, counted: &[(&str, usize)], now: Timestamp) -> Value {
    let metrics: Vec<Value> = counted
        .iter()
        .map(|(name, _)| json!({"Name": name, "Unit": "Count"}))
        .collect();
    let mut line = json!({
        "_aws": {
            "Timestamp": now.as_millisecond(),
            "CloudWatchMetrics": [{
                "Namespace": "Rollcall",
                "Dimensions": [["Function", "Provider"]],
                "Metrics": metrics,
            }],
        },
        "Function": function.name(),
        "Provider": provider,
    });
    if let Some(line) = line.as_object_mut() {
        line.extend(
            counted
                .iter()
                .map(|(name, count)| ((*name).to_owned(), (*count).into())),
        );
    }
    line
}
