//! Our public JSON: orders in, answers out.

pub(super) mod due;
mod fields;
pub(super) mod listing;
pub(super) mod offboarded;
pub(super) mod orders;
mod reports;

use jiff::Timestamp;
use lambda_http::http::StatusCode;
use serde_json::{Value, json};

use super::Function;
use super::event::Format;
use super::metrics::Line;
use crate::error::{Error, ErrorKind, Result};
use crate::planning::identity::{ProviderId, Who};
use crate::planning::report::Unfinished;

use fields::Fields;
use orders::Order;

/// What an order is read against, and counted by.
pub struct Context<'a> {
    /// The function that was asked.
    pub function: Function,
    /// The providers that are on.
    pub on: &'a [ProviderId],
    /// The time by which an order is for now or for later, and by which it is counted.
    pub now: Timestamp,
    /// The form that the `Accept` header of a request asks for; `None` where no request is answered, and JSON is wanted.
    pub accepts: Option<Format>,
}

/// What a function gives back.
pub trait Answer {
    /// The HTTP status.
    fn status(&self) -> StatusCode;

    /// The JSON.
    fn json(&self, function: Function, request_id: &str) -> Value;

    /// The same for a spreadsheet, where that makes sense.
    fn csv(&self) -> Option<String> {
        None
    }

    /// The same for a browser, where that makes sense: the answer to what was `asked`, made at this time.
    fn html(&self, _asked: &Value, _made: Timestamp) -> Option<String> {
        None
    }

    /// What is counted of it.
    fn metrics(&self, _: &Context<'_>) -> Vec<Line> {
        Vec::new()
    }

    /// What went wrong in it, for a run that nobody reads.
    fn failure(&self) -> Option<Error> {
        None
    }

    /// Whether all that is wrong is that nobody knows whom it was about.
    fn names_strangers(&self) -> bool {
        false
    }

    /// What an order on the queue could finish.
    fn unfinished(&self) -> Vec<Unfinished> {
        Vec::new()
    }

    /// An order on the queue is to finish what was left, about these people.
    fn hand_over(&mut self, _: &Unfinished, _: Vec<Who>) {}
}

/// Reads an order; every fault is named by its JSON path, and one is enough to do nothing.
pub(super) fn read<O: Order>(order: &Value, context: &Context<'_>) -> Result<O> {
    let invalid = || Error::new(ErrorKind::BadRequest, "the order is not valid");
    let Some(object) = order.as_object() else {
        return Err(Error::new(ErrorKind::BadRequest, "the order is not a JSON object"));
    };
    let mut faults = Vec::new();
    let mut fields = Fields::new(object, String::new(), &mut faults);
    let order = O::read(&mut fields, context);
    fields.refuse_others();
    match faults.is_empty() {
        true => order,
        false => Err(invalid().with_faults(faults)),
    }
}

/// An error outside a report.
pub(super) fn error_json(error: &Error) -> Value {
    let mut json = kind_and_message(error);
    let details: Vec<Value> = error
        .faults()
        .iter()
        .map(|fault| json!({"path": fault.path, "problem": fault.problem}))
        .collect();
    if !details.is_empty()
        && let Some(object) = json.as_object_mut()
    {
        object.insert("details".to_owned(), details.into());
    }
    json!({ "error": json })
}

/// An error inside a report.
fn kind_and_message(error: &Error) -> Value {
    json!({"kind": error.kind().name(), "message": error.to_string()})
}
