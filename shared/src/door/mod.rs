//! Floor 5, the edge: the only place that knows Lambda events and our public JSON.
//!
//! Invariant: an order is read only after its sender was admitted, and every request is answered, also when nothing works.

mod answered;
mod callers;
mod event;
mod later;
mod logs;
mod metrics;
mod notices;
mod page;
mod requests;
mod senders;
mod slack;
mod wire;
mod work;

use std::sync::Arc;

use jiff::Timestamp;
use lambda_runtime::{LambdaEvent, service_fn};
use serde_json::{Value, json};

use crate::bundle::{Bundle, Process};
use crate::error::{Error, ErrorKind, Result};
use crate::settings::Settings;
use crate::tools::clock::{Clock, Deadline};
use crate::tools::secrets::Documents;

use answered::Answered;
use event::{Envelope, Message, Reply};
use later::Aside;
use logs::Log;
pub use wire::due::Due;
pub use wire::listing::Listing;
pub use wire::listing::query::{Filter, ListingQuery, View};
pub use wire::offboarded::Offboarded;
pub use wire::orders::{Order, PeopleOrder, ReconcileOrder};
pub use wire::{Answer, Context};
use work::{Leftovers, Received};

/// The four functions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Function {
    /// Who has access where.
    List,
    /// Give these people access.
    Onboard,
    /// Take these people's access away.
    Offboard,
    /// Make every provider match the directory.
    Reconcile,
}

impl Function {
    /// Its name: the binary's, and the word in a caller's `may`.
    pub fn name(self) -> &'static str {
        match self {
            Self::List => "list",
            Self::Onboard => "onboard",
            Self::Offboard => "offboard",
            Self::Reconcile => "reconcile",
        }
    }

    /// The method its URL takes.
    fn method(self) -> &'static str {
        match self {
            Self::List => "GET",
            Self::Onboard | Self::Offboard | Self::Reconcile => "POST",
        }
    }
}

/// Serves a function until Lambda ends the process: which envelope is this, admit, work, answer.
pub async fn serve<O: Order, A: Answer>(
    function: Function,
    work: impl AsyncFn(O, &Bundle) -> Result<A>,
) -> Result<(), lambda_runtime::Error> {
    serve_by(Clock::System, function, work).await
}

/// The same by another clock: for tests of what was signed long ago.
pub async fn serve_by<O: Order, A: Answer>(
    clock: Clock,
    function: Function,
    work: impl AsyncFn(O, &Bundle) -> Result<A>,
) -> Result<(), lambda_runtime::Error> {
    let log = Log::start(function);
    #[expect(clippy::disallowed_methods, reason = "the one place where the environment enters")]
    let settings = Settings::read(|name| std::env::var(name).ok());
    // A wrong setting does not end the process in INIT, over and over: it is told to whoever asks.
    let process = settings.and_then(|settings| Process::new(settings, clock));
    let process = process.map(|process| match function {
        Function::List => process.without_notify(),
        _ => process,
    });
    let process = process.map(Arc::new);
    match &process {
        Ok(process) => process.warm_up().await,
        Err(error) => tracing::error!(error = %error, "the function cannot work"),
    }
    let door = Door {
        function,
        log,
        process,
        work,
    };
    lambda_runtime::run(service_fn(|event| door.open(event))).await
}

/// Whether `function` lets the sender of this event in: the first thing that is asked of each request, and so what the benches
/// measure.
pub fn admits(event: Value, function: Function, documents: &Documents, now: Timestamp) -> bool {
    match Envelope::read(event) {
        Envelope::Url(request) => callers::admit(&request, function, documents, now).is_ok(),
        _ => false,
    }
}

struct Door<W> {
    function: Function,
    log: Log,
    process: Result<Arc<Process>>,
    work: W,
}

impl<W> Door<W> {
    async fn open<O: Order, A: Answer>(&self, event: LambdaEvent<Value>) -> Result<Value>
    where
        W: AsyncFn(O, &Bundle) -> Result<A>,
    {
        self.log.begin(&event.context);
        let deadline = Deadline::of_invocation(event.context.deadline());
        let request_id = event.context.request_id;
        match Envelope::read(event.payload) {
            Envelope::Url(request) => {
                let answered = self.request(&request, &request_id, deadline).await;
                let reply = answered.map_or_else(|refused| refused, Answered::reply);
                Ok(reply.into_payload())
            }
            Envelope::Direct(order) => {
                let scheduled = order.get("schedule").is_some();
                let schedule = order.get("schedule").and_then(Value::as_str);
                let by = schedule.map_or_else(|| "direct invocation".to_owned(), |name| format!("schedule:{name}"));
                let received = Received {
                    order,
                    run: request_id,
                    aside: Aside {
                        by: Some(by),
                        at: self.process.as_ref().ok().map(|process| process.now()),
                        ..Aside::default()
                    },
                    leftovers: match scheduled {
                        true => Leftovers::Stay, // the next run is the retry
                        false => Leftovers::ToQueue,
                    },
                    accepts: None,
                };
                match self.order(received, deadline).await {
                    Ok(answer) => match answer.failure() {
                        Some(error) if scheduled => Err(loud(error)),
                        _ => Ok(answer.json),
                    },
                    Err(error) if scheduled => Err(loud(error)),
                    Err(error) => {
                        logs::refused(&error);
                        Ok(wire::error_json(&error))
                    }
                }
            }
            Envelope::Queue(messages) => {
                let mut failures = Vec::new();
                for (n, message) in messages.iter().enumerate() {
                    let run = format!("{request_id}-{n}");
                    if let Err(error) = self.message(message, run, deadline).await {
                        tracing::error!(kind = error.kind().name(), error = %error, "an order of the queue is not finished");
                        failures.push(json!({"itemIdentifier": message.id}));
                    }
                }
                Ok(json!({"batchItemFailures": failures}))
            }
            Envelope::UnreadableUrl => {
                let error = Error::new(ErrorKind::BadRequest, "the request is not readable");
                logs::refused(&error);
                Ok(Reply::error(&error).into_payload())
            }
            Envelope::Unreadable => {
                let message = "the event is neither a function URL request nor an order";
                Ok(wire::error_json(&Error::new(ErrorKind::BadRequest, message)))
            }
        }
    }

    /// An order of the queue: finished, or an error, after which the queue keeps it.
    async fn message<O: Order, A: Answer>(&self, message: &Message, run: String, deadline: Deadline) -> Result<()>
    where
        W: AsyncFn(O, &Bundle) -> Result<A>,
    {
        if deadline.left().is_zero() {
            return Err(Error::new(ErrorKind::OutOfTime, "not begun: the invocation is ending"));
        }
        if let Ok(process) = &self.process {
            let attempts = metrics::of_attempts(self.function, message.attempts, process.now());
            self.log.measured(attempts);
        }
        let mut order = event::body(message.body.as_bytes())?;
        let mut aside = Aside::take(&mut order);
        let reply = aside.reply.take();
        let received = Received {
            order,
            run,
            aside,
            leftovers: match reply {
                Some(_) => Leftovers::ToQueue, // whoever waits is told once what came of it
                None => Leftovers::Stay,       // the queue keeps the message
            },
            accepts: None,
        };
        if let Some(reply) = reply {
            return self
                .answer_from_queue(received, &reply, message.attempts, deadline)
                .await;
        }
        let answered = self.order(received, deadline).await?;
        answered.failure().map_or(Ok(()), Err)
    }
}

/// A scheduled run has no reader: its failure is an invocation error, which the alarm sees.
fn loud(error: Error) -> Error {
    tracing::error!(kind = error.kind().name(), error = %error, "a scheduled run did not end well");
    error
}
