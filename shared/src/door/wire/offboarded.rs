//! What `offboard` answers: a report of what it did now, or what it keeps for later.

use lambda_http::http::StatusCode;
use serde_json::{Value, json};

use super::reports::who;
use super::{Answer, Context, kind_and_message};
use crate::bundle::Booking;
use crate::door::Function;
use crate::door::metrics::{self, Line};
use crate::error::Error;
use crate::planning::identity::Who;
use crate::planning::report::{Mode, Report, Unfinished};

/// What `offboard` answers.
pub enum Offboarded {
    /// What was done.
    Now(Report),
    /// What became of the schedule of each person.
    Later(Vec<Booking>),
}

impl Answer for Offboarded {
    fn status(&self) -> StatusCode {
        match self {
            Self::Now(report) => Answer::status(report),
            Self::Later(bookings) => outcome(bookings).0,
        }
    }

    fn json(&self, function: Function, request_id: &str) -> Value {
        let bookings = match self {
            Self::Now(report) => return report.json(function, request_id),
            Self::Later(bookings) => bookings,
        };
        let scheduled = bookings.iter().filter_map(|booking| {
            let (name, at) = booking.scheduled.as_ref()?;
            Some(json!({"name": name, "at": at.to_string(), "who": who(&booking.who)}))
        });
        let failed = bookings.iter().filter_map(|booking| {
            let error = booking.failed.as_ref()?;
            Some(json!({"who": who(&booking.who), "error": kind_and_message(error)}))
        });
        let cancelled = bookings.iter().flat_map(|booking| &booking.cancelled);
        json!({
            "request_id": request_id,
            "function": function.name(),
            "mode": Mode::Apply.name(),
            "status": outcome(bookings).1,
            "schedules": scheduled.collect::<Vec<_>>(),
            "cancelled": cancelled.collect::<Vec<_>>(),
            "failed": failed.collect::<Vec<_>>(),
            "providers": [],
        })
    }

    fn metrics(&self, context: &Context<'_>) -> Vec<Line> {
        match self {
            Self::Now(report) => report.metrics(context),
            Self::Later(bookings) => {
                let failed = bookings.iter().filter_map(|booking| booking.failed.as_ref());
                let line = |error| metrics::of_failure(context.function, error, context.now);
                failed.map(line).collect()
            }
        }
    }

    fn failure(&self) -> Option<Error> {
        match self {
            Self::Now(report) => report.failure(),
            Self::Later(bookings) => bookings.iter().find_map(|booking| booking.failed.clone()),
        }
    }

    fn names_strangers(&self) -> bool {
        match self {
            Self::Now(report) => report.names_strangers(),
            Self::Later(_) => false,
        }
    }

    fn unfinished(&self) -> Vec<Unfinished> {
        match self {
            Self::Now(report) => Answer::unfinished(report),
            Self::Later(_) => Vec::new(),
        }
    }

    fn hand_over(&mut self, left: &Unfinished, whom: Vec<Who>) {
        match self {
            Self::Now(report) => Answer::hand_over(report, left, whom),
            Self::Later(_) => {}
        }
    }
}

/// HTTP status and `status`.
fn outcome(bookings: &[Booking]) -> (StatusCode, &'static str) {
    if bookings.iter().any(|booking| booking.failed.is_some()) {
        (StatusCode::MULTI_STATUS, "partial")
    } else if bookings.iter().any(|booking| booking.scheduled.is_some()) {
        (StatusCode::ACCEPTED, "scheduled")
    } else {
        (StatusCode::OK, "done")
    }
}
