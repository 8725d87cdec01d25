//! A request of Slack, from what it says to its answer. Whatever comes of it, Slack gets a 200: anything else it shows as "failed"
//! to somebody who then does not know what was done.

use std::sync::Arc;
use std::time::Duration;

use lambda_http::http::StatusCode;
use serde_json::{Value, json};

use super::callers::Workspace;
use super::event::{Reply, Request};
use super::later::Aside;
use super::senders::slack::{self, Notify, Ordered, Room, Said, Telling};
use super::work::{Leftovers, Received};
use super::{Answer, Door, Function, Order, logs};
use crate::bundle::{Bundle, Process};
use crate::error::{Error, Result};
use crate::tools::clock::Deadline;
use crate::tools::secrets::Documents;

/// Kept back from the work for telling what came of it.
const TELLING: Duration = Duration::from_secs(2);
/// Slack waits three seconds (<https://docs.slack.dev/interactivity/implementing-slash-commands>), by its own clock from when it
/// signed, which it tells in whole seconds. Whatever is answered later nobody sees.
const PATIENCE: i64 = 3;

/// A request that Slack signed.
pub(super) struct Asked<'a> {
    pub(super) request: &'a Request,
    pub(super) workspace: &'a Workspace,
    pub(super) caller: &'a str,
    pub(super) documents: &'a Documents,
}

impl<W> Door<W> {
    pub(super) async fn slack<O: Order, A: Answer>(
        &self,
        asked: Asked<'_>,
        process: &Arc<Process>,
        request_id: &str,
        deadline: Deadline,
    ) -> Reply
    where
        W: AsyncFn(O, &Bundle) -> Result<A>,
    {
        if asked.request.method != "POST" {
            return Reply::method_not_allowed("POST");
        }
        let room = Room {
            caller: asked.caller,
            workspace: asked.workspace,
            function: self.function,
            on: &process.settings().providers,
            now: process.now(),
        };
        let http = process.http(deadline);
        match slack::hear(asked.request, &room) {
            Err(error) => {
                logs::refused(&error);
                Reply::error(&error)
            }
            Ok(Said::Echo(answer)) => Reply::json(StatusCode::OK, &answer),
            Ok(Said::Ignored(kind)) => Reply::json(StatusCode::OK, &json!({ "ignored": kind })),
            Ok(Said::Nothing) => Reply::empty(),
            Ok(Said::Answer(to, telling)) => {
                let message = to.message_in_answer(&telling).filter(|_| asked.waits(process));
                match message {
                    Some(message) => Reply::json(StatusCode::OK, &message),
                    None => self.told(to.tell(&http, &telling, asked.documents).await),
                }
            }
            Ok(Said::Order(ordered)) => {
                tracing::info!(caller = %asked.caller, "admitted");
                self.ordered(*ordered, asked, process, request_id, deadline).await
            }
        }
    }

    /// Works an order and tells what came of it.
    async fn ordered<O: Order, A: Answer>(
        &self,
        ordered: Ordered,
        asked: Asked<'_>,
        process: &Arc<Process>,
        request_id: &str,
        deadline: Deadline,
    ) -> Reply
    where
        W: AsyncFn(O, &Bundle) -> Result<A>,
    {
        let http = process.http(deadline);
        let received = Received {
            order: ordered.order,
            run: request_id.to_owned(),
            aside: Aside {
                // A list changes nothing, and its function may not write to the ledger.
                delivery: Some(ordered.delivery).filter(|_| ordered.function != Function::List),
                sender: Some("slack".to_owned()), // which is told by itself
                ..Aside::new(ordered.by, process.now())
            },
            leftovers: Leftovers::ToQueue,
            accepts: None,
        };
        let aside = Aside {
            reply: Some(ordered.reply.clone()),
            ..received.aside.clone()
        };
        let message = aside.message(received.order.clone());
        match self.put_off(ordered.function, message, deadline).await {
            Ok(true) => {
                let message = slack::acknowledgement(&ordered.reply);
                return message.map_or_else(Reply::empty, |message| Reply::json(StatusCode::OK, &message));
            }
            Ok(false) => {}
            Err(error) => {
                logs::refused(&error);
                let message = format!(
                    "This belongs to `{}`, and this is the URL of `{}`. Its queue is missing or out of reach: nothing was done.",
                    ordered.function.name(),
                    self.function.name()
                );
                return self.told(slack::answer(&http, &ordered.reply, &Telling::no(&message), asked.documents).await);
            }
        }
        let working = Deadline::after(deadline.left().saturating_sub(TELLING));
        let worked = self.order(received, working).await;
        let worked = worked.inspect_err(logs::refused);
        let outcome = worked.as_ref().map(|answered| &answered.json);
        let names = Notify::of(asked.documents).names;
        let waits = asked.waits(process);
        let message = slack::message(&ordered.reply, outcome, names, process.now()).filter(|_| waits);
        match message {
            Some(message) => Reply::json(StatusCode::OK, &message),
            None => self.told(slack::tell(&http, &ordered.reply, outcome, asked.documents).await),
        }
    }
}

impl<W> Door<W> {
    /// Works an order of the queue whose answer goes to Slack. It is done when whoever waits was told, and nothing is left that may
    /// succeed later.
    pub(super) async fn answer_from_queue<O: Order, A: Answer>(
        &self,
        received: Received,
        reply: &Value,
        attempts: usize,
        deadline: Deadline,
    ) -> Result<()>
    where
        W: AsyncFn(O, &Bundle) -> Result<A>,
    {
        let process = self.process.as_ref().map_err(Clone::clone)?;
        let working = Deadline::after(deadline.left().saturating_sub(TELLING));
        let worked = self.order(received, working).await;
        let failed = worked.as_ref().err().filter(|error| error.kind().is_passing()).cloned();
        if let (Some(error), true) = (&failed, attempts > 1) {
            return Err(error.clone()); // they know that it is tried again
        }
        let documents = process.documents(deadline).await?;
        let outcome = worked.as_ref().map(|answered| &answered.json);
        let told = slack::tell(&process.http(deadline), reply, outcome, &documents).await;
        if let Err(error) = &told {
            self.not_told(error);
        }
        match (failed, worked) {
            (Some(error), _) => Err(error),
            (None, Ok(answered)) if answered.is_open => answered.failure().map_or(Ok(()), Err),
            (None, Ok(_)) => Ok(()),
            (None, Err(error)) => told.map_err(|_| error), // it is theirs to mend, if they know of it
        }
    }

    /// The answer of the request where the real one went elsewhere. What was done stays done, whether or not anybody could be told.
    fn told(&self, told: Result<(), Error>) -> Reply {
        if let Err(error) = told {
            self.not_told(&error);
        }
        Reply::empty()
    }

    fn not_told(&self, error: &Error) {
        tracing::error!(kind = error.kind().name(), error = %error, "Slack could not be told how it ended");
        self.failed(error);
    }
}

impl Asked<'_> {
    /// Whether Slack still waits for the answer of the request.
    fn waits(&self, process: &Process) -> bool {
        let signed = self.request.header("x-slack-request-timestamp");
        let signed = signed.and_then(|second| second.parse::<i64>().ok());
        signed.is_some_and(|signed| process.now().as_second().saturating_sub(signed) < PATIENCE)
    }
}
