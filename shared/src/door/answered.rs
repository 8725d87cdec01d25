//! An answer on its way out, whoever asked.

use lambda_http::http::StatusCode;
use serde_json::{Value, json};

use super::event::{Format, Reply};
use super::{Answer, Function};
use crate::error::Error;

/// An answer in every form it may be given in.
pub(super) struct Answered {
    pub(super) status: StatusCode,
    pub(super) json: Value,
    csv: Option<String>,
    failure: Option<Error>,
}

impl Answered {
    pub(super) fn new(answer: &impl Answer, function: Function, request_id: &str) -> Self {
        Self {
            status: answer.status(),
            json: answer.json(function, request_id),
            csv: answer.csv(),
            failure: answer.failure(),
        }
    }

    /// Authentic, and nothing to do.
    pub(super) fn ignored(what: &str) -> Self {
        Self {
            status: StatusCode::OK,
            json: json!({"ignored": what}),
            csv: None,
            failure: None,
        }
    }

    pub(super) fn failure(&self) -> Option<Error> {
        self.failure.clone()
    }

    pub(super) fn reply(self, format: Format) -> Reply {
        match (format, self.csv) {
            (Format::Csv, Some(csv)) => Reply::csv(self.status, csv),
            _ => Reply::json(self.status, &self.json),
        }
    }
}
