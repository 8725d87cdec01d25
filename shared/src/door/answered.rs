//! An answer on its way out, whoever asked.

use jiff::Timestamp;
use lambda_http::http::StatusCode;
use serde_json::{Value, json};

use super::event::{Format, MAX_ANSWER, Reply, bytes_in_json};
use super::{Answer, Function};
use crate::error::{Error, ErrorKind, Result};

const TOO_LARGE: &str = "the answer is larger than the 6 MB that a function may give: narrow it down by provider, status, email, github_username or id, a history also by from and to; or ask for CSV, which is smaller";

/// An answer in the form that was wanted.
pub(super) struct Answered {
    pub(super) status: StatusCode,
    pub(super) json: Value,
    /// The same as text, where it was made: in another form that was wanted, for which the JSON is not made, or to be measured.
    text: Option<(Format, String)>,
    failure: Option<Error>,
    /// Whether something is left that may succeed later, and that is on no queue.
    pub(super) is_open: bool,
}

/// What an answer is made for.
pub(super) struct Wanted<'a> {
    pub(super) function: Function,
    pub(super) run: &'a str,
    pub(super) asked: &'a Value,
    pub(super) format: Format,
    pub(super) now: Timestamp,
}

impl Answered {
    pub(super) fn new(answer: &impl Answer, wanted: &Wanted<'_>) -> Self {
        let text = match wanted.format {
            Format::Json => None,
            Format::Csv => answer.csv(),
            Format::Html => answer.html(wanted.asked, wanted.now),
        };
        Self {
            status: answer.status(),
            json: match &text {
                Some(_) => Value::Null,
                None => answer.json(wanted.function, wanted.run),
            },
            text: text.map(|text| (wanted.format, text)),
            failure: answer.failure(),
            is_open: !answer.unfinished().is_empty(),
        }
    }

    /// Authentic, and nothing to do.
    pub(super) fn ignored(what: &str) -> Self {
        Self {
            status: StatusCode::OK,
            json: json!({"ignored": what}),
            text: None,
            failure: None,
            is_open: false,
        }
    }

    /// On the queue of this function.
    pub(super) fn queued(function: Function, request_id: &str) -> Self {
        Self {
            status: StatusCode::ACCEPTED,
            json: json!({"request_id": request_id, "function": function.name(), "status": "queued"}),
            text: None,
            failure: None,
            is_open: false,
        }
    }

    /// What is wrong with it is somebody else's to mend now.
    pub(super) fn forgive(&mut self) {
        self.failure = None;
        self.status = StatusCode::OK;
    }

    /// The same, or an error where Lambda would take it from no function and tell the caller nothing of why.
    pub(super) fn that_fits(mut self) -> Result<Self> {
        let made = self.text.take();
        let (format, text) = made.unwrap_or_else(|| (Format::Json, self.json.to_string()));
        if bytes_in_json(&text) > MAX_ANSWER {
            return Err(Error::new(ErrorKind::TooLarge, TOO_LARGE));
        }
        self.text = Some((format, text));
        Ok(self)
    }

    /// For the sender of an event, who sends it again after a 5xx only.
    pub(super) fn for_sender(mut self) -> Self {
        let passing = self.failure.as_ref().is_some_and(|error| error.kind().is_passing());
        if self.is_open && passing {
            self.status = StatusCode::SERVICE_UNAVAILABLE;
        }
        self
    }

    /// What somebody has to know of who does not read it; what goes on by itself is none of it.
    pub(super) fn failure(&self) -> Option<Error> {
        let goes_on = |error: &&Error| error.kind() == ErrorKind::OutOfTime && !self.is_open;
        self.failure.as_ref().filter(|error| !goes_on(error)).cloned()
    }

    pub(super) fn reply(self) -> Reply {
        match self.text {
            Some((Format::Csv, csv)) => Reply::csv(self.status, csv),
            Some((Format::Html, html)) => Reply::html(self.status, html),
            Some((Format::Json, json)) => Reply::json_text(self.status, json),
            None => Reply::json(self.status, &self.json),
        }
    }
}
