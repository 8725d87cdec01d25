//! Slack: slash commands, clicks on our buttons, and custom steps of workflows (<https://docs.slack.dev>, read 2026-11).
//!
//! Invariant: nothing is done for a user who is not on the caller's list, and whoever asked is told, in words, what became of it.
//! What lets somebody write back (`response_url`, a step's token) is in no log, no `Debug` and no error.

mod addressee;
mod approval;
mod blocks;
mod click;
mod command;
mod form;
mod listing;
mod names;
mod notice;
mod report;
mod step;
mod telling;
mod words;

use jiff::Timestamp;
use serde_json::Value;

use super::text;
use crate::bundle::Delivery;
use crate::door::Function;
use crate::door::callers::Workspace;
use crate::door::event::Request;
use crate::error::{Error, ErrorKind, Result};
use crate::planning::identity::ProviderId;
use crate::tools::http::Http;
use crate::tools::secrets::Documents;

pub(in crate::door) use addressee::Addressee;
use form::Form;
pub(in crate::door) use form::is_ssl_check;
pub(in crate::door) use names::{Names, Notify};
pub(in crate::door) use notice::{causes, notice, notice_of_failure, post_notice, scopes};
use telling::Context;
pub(in crate::door) use telling::Telling;

/// Where and when something is said: the function that was asked, and the workspace it was asked from.
pub(in crate::door) struct Room<'a> {
    pub(in crate::door) caller: &'a str,
    pub(in crate::door) workspace: &'a Workspace,
    pub(in crate::door) function: Function,
    /// The providers that are on.
    pub(in crate::door) on: &'a [ProviderId],
    pub(in crate::door) now: Timestamp,
}

/// What a request says.
pub(in crate::door) enum Said {
    /// Something is to be done, perhaps by another function.
    Order(Box<Ordered>),
    /// Nothing is to be done, and this is why.
    Answer(Addressee, Telling),
    /// The sender wants to hear this, and nothing else.
    Echo(Value),
    /// Authentic, and none of our business; its type.
    Ignored(String),
    /// Nothing; Slack only wants to know that it arrived.
    Nothing,
}

/// An order, on whose word, and where its answer goes.
pub(in crate::door) struct Ordered {
    /// The function whose order it is. An app has one URL for all buttons and one for all events, so that it may be another than
    /// the one that was asked.
    pub(in crate::door) function: Function,
    pub(in crate::door) order: Value,
    /// Who asked: the caller's name, and the user's id or the workflow's run.
    pub(in crate::door) by: String,
    pub(in crate::door) delivery: Delivery,
    /// Where the answer goes, as [`tell`] takes it: it may be kept until the order was worked.
    pub(in crate::door) reply: Value,
}

impl Room<'_> {
    /// Whether this user of this workspace may ask at all.
    fn admit(&self, team: Option<&str>, user: &str) -> Result<(), Telling> {
        match self.workspace.is(team) && self.workspace.lists(user) {
            true => Ok(()),
            false => {
                tracing::warn!(caller = %self.caller, "a Slack user who is not listed was refused");
                let message = "You may not use Rollcall here, and nothing was done. Who runs it can add your member ID to its list.";
                Err(Telling::no(message))
            }
        }
    }

    /// Whether the workspace may ask for this function.
    fn may(&self, function: Function) -> Result<(), Telling> {
        match self.workspace.may(function) {
            true => Ok(()),
            false => {
                tracing::warn!(caller = %self.caller, "a Slack user was refused: the caller may not do this");
                let message = format!(
                    "This workspace may not ask Rollcall for `{}`, and nothing was done.",
                    function.name()
                );
                Err(Telling::no(&message))
            }
        }
    }

    /// On whose word something is done.
    fn by(&self, who: &str) -> String {
        let plain = |c: &char| c.is_ascii_alphanumeric() || matches!(c, ' ' | '-' | '_');
        let who: String = who.chars().filter(plain).take(60).collect();
        format!("{}:{who}", self.caller)
    }
}

/// Reads a request that Slack signed.
pub(in crate::door) fn hear(request: &Request, room: &Room<'_>) -> Result<Said> {
    let body = request.body.trim_ascii_start();
    if body.starts_with(b"{") {
        return step::read(&crate::door::event::body(body)?, room);
    }
    let form = Form::read(body).ok_or_else(|| Error::new(ErrorKind::BadRequest, "the body is no form"))?;
    match form.field("payload") {
        Some(payload) => Ok(click::read(&crate::door::event::body(payload.as_bytes())?, room)),
        None if form.field("command").is_some() => Ok(command::read(&form, room)),
        None => Err(Error::new(
            ErrorKind::BadRequest,
            "the event is not what its sender documents",
        )),
    }
}

/// Tells whoever waits at `reply` what became of their order: our public JSON, or an error.
pub(in crate::door) async fn tell(
    http: &Http,
    reply: &Value,
    outcome: Result<&Value, &Error>,
    documents: &Documents,
) -> Result<()> {
    let to = addressee(reply)?;
    let context = Context {
        to: &to,
        names: Notify::of(documents).names,
        now: http.clock().now(),
    };
    match Telling::of(outcome, context) {
        Some(telling) => to.tell(http, &telling, documents).await,
        None => Ok(()),
    }
}

/// Tells whoever waits at `reply` something else.
pub(in crate::door) async fn answer(
    http: &Http,
    reply: &Value,
    telling: &Telling,
    documents: &Documents,
) -> Result<()> {
    addressee(reply)?.tell(http, telling, documents).await
}

fn addressee(reply: &Value) -> Result<Addressee> {
    Addressee::from_json(reply).ok_or_else(|| {
        let message = "an order came back without a place for its answer";
        Error::new(ErrorKind::Protocol, message).with("at", "slack")
    })
}

/// The message that the answer of the request may be itself, where a command was typed: only its writer reads it.
pub(in crate::door) fn message(
    reply: &Value,
    outcome: Result<&Value, &Error>,
    names: Names,
    now: Timestamp,
) -> Option<Value> {
    let to = Addressee::from_json(reply)?;
    let telling = Telling::of(outcome, Context { to: &to, names, now })?;
    to.message_in_answer(&telling)
}

/// The message that says that an order is on its way, where a command was typed; elsewhere Slack shows that by itself.
pub(in crate::door) fn acknowledgement(reply: &Value) -> Option<Value> {
    Addressee::from_json(reply)?.message_in_answer(&Telling::on_its_way())
}

/// What tells one event from every other: the id Slack gave it, or else all it says.
fn event(payload: &Value, id: &str) -> String {
    text(payload, id).map_or_else(|| payload.to_string(), str::to_owned)
}

fn list<'a>(value: &'a Value, pointer: &str) -> &'a [Value] {
    let list = value.pointer(pointer).and_then(Value::as_array);
    list.map(Vec::as_slice).unwrap_or_default()
}
