//! Floor 5, the edge: the only place that knows Lambda events and our public JSON.
//!
//! Invariant: an order is read only after its sender was admitted, and every request is answered, also when nothing works.

mod answered;
mod callers;
mod event;
mod logs;
mod metrics;
mod senders;
mod slack;
mod wire;

use std::sync::Arc;

use lambda_http::http::StatusCode;
use lambda_runtime::{LambdaEvent, service_fn};
use serde_json::{Value, json};

use crate::bundle::{Bundle, Delivery, Origin, Process};
use crate::error::{Error, ErrorKind, Result};
use crate::settings::Settings;
use crate::tools::clock::{Clock, Deadline};

use answered::Answered;
use callers::Spoken;
use event::{Envelope, Format, Message, Reply, Request};
use senders::Heard;
pub use wire::listing::Listing;
pub use wire::listing::query::{Filter, ListingQuery, View};
pub use wire::orders::{Order, PeopleOrder, ReconcileOrder};
pub use wire::{Answer, Context};

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
    logs::start();
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
        process,
        work,
    };
    lambda_runtime::run(service_fn(|event| door.open(event))).await
}

struct Door<W> {
    function: Function,
    process: Result<Arc<Process>>,
    work: W,
}

impl<W> Door<W> {
    async fn open<O: Order, A: Answer>(&self, event: LambdaEvent<Value>) -> Result<Value>
    where
        W: AsyncFn(O, &Bundle) -> Result<A>,
    {
        let deadline = Deadline::of_invocation(event.context.deadline());
        let request_id = event.context.request_id;
        match Envelope::read(event.payload) {
            Envelope::Url(request) => {
                let mut format = Format::Json;
                let answered = self.request(&request, &request_id, deadline, &mut format).await;
                let reply = match answered {
                    Ok(answer) => answer.reply(format),
                    Err(refused) => refused,
                };
                Ok(reply.into_payload())
            }
            Envelope::Direct(order) => {
                let schedule = order.get("schedule").and_then(Value::as_str);
                let scheduled = order.get("schedule").is_some();
                let origin = Origin {
                    by: schedule.map_or_else(|| "direct invocation".to_owned(), |name| format!("schedule:{name}")),
                    run: request_id,
                };
                match self.order(&order, origin, None, deadline).await {
                    Ok((answer, _)) => match answer.failure() {
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
        let mut order = event::body(message.body.as_bytes())?;
        let ours = order.as_object_mut().and_then(|order| order.remove("_"));
        let by = ours.as_ref().and_then(|ours| ours.get("by")).and_then(Value::as_str);
        let origin = Origin {
            by: by.unwrap_or("queue").to_owned(),
            run,
        };
        let (answered, _) = self.order(&order, origin, None, deadline).await?;
        answered.failure().map_or(Ok(()), Err)
    }

    /// A request to the function URL, in this order: size, proof, permission, method; then the order.
    async fn request<O: Order, A: Answer>(
        &self,
        request: &Request,
        request_id: &str,
        deadline: Deadline,
        format: &mut Format,
    ) -> Result<Answered, Reply>
    where
        W: AsyncFn(O, &Bundle) -> Result<A>,
    {
        let refused = |error: Error| {
            logs::refused(&error);
            Reply::error(&error)
        };
        if request.body.len() > event::MAX_BODY {
            let error = Error::new(ErrorKind::BadRequest, "the body is over 1,048,576 bytes");
            return Err(Reply::json(StatusCode::PAYLOAD_TOO_LARGE, &wire::error_json(&error)));
        }
        if senders::slack::is_ssl_check(request) {
            return Err(Reply::empty());
        }
        let process = self.process.as_ref().map_err(|error| refused(error.clone()))?;
        let documents = process.documents(deadline).await.map_err(refused)?;
        let admitted = callers::admit(request, self.function, &documents, process.now()).map_err(|denied| {
            tracing::warn!(caller = %denied.caller, "a request was not admitted: {}", denied.reason);
            denied.reply(self.function)
        })?;
        if let Some(workspace) = &admitted.workspace {
            let asked = slack::Asked {
                request,
                workspace,
                caller: &admitted.caller,
                documents: &documents,
            };
            return Err(self.slack(asked, process, request_id, deadline).await);
        }
        let asks = matches!(admitted.speaks, Spoken::Foreign(sender) if senders::is_question(sender, request));
        if request.method != self.function.method() && !asks {
            return Err(Reply::method_not_allowed(self.function.method()));
        }
        tracing::info!(caller = %admitted.caller, "admitted");
        let order = match (self.function, admitted.speaks) {
            (Function::List, _) => event::query(&request.query),
            (_, Spoken::Native) => event::body(&request.body).map(event::unwrapped),
            (function, Spoken::Foreign(sender)) => {
                let mode = process.settings().reconcile_mode;
                match senders::hear(sender, request, function, mode).map_err(refused)? {
                    Heard::Order(order) => Ok(order),
                    Heard::Ignored(kind) => return Ok(Answered::ignored(&kind)),
                    Heard::Echo(answer) => return Err(Reply::json(StatusCode::OK, &answer)),
                }
            }
        };
        let delivery = match admitted.speaks {
            Spoken::Native => None,
            Spoken::Foreign(_) => Some(Delivery::new(&admitted.caller, &request.body)),
        };
        let origin = Origin {
            by: admitted.caller,
            run: request_id.to_owned(),
        };
        let (answer, wanted) = match order {
            Ok(order) => self.order(&order, origin, delivery, deadline).await.map_err(refused)?,
            Err(error) => return Err(refused(error)),
        };
        *format = wanted.unwrap_or_else(|| Format::accepted_by(request));
        Ok(answer)
    }

    /// An admitted order, read and worked.
    async fn order<O: Order, A: Answer>(
        &self,
        order: &Value,
        origin: Origin,
        delivery: Option<Delivery>,
        deadline: Deadline,
    ) -> Result<(Answered, Option<Format>)>
    where
        W: AsyncFn(O, &Bundle) -> Result<A>,
    {
        let process = self.process.as_ref().map_err(Clone::clone)?;
        let context = Context {
            function: self.function,
            on: &process.settings().providers,
        };
        let order: O = wire::read(order, &context)?;
        let format = order.format();
        let documents = process.documents(deadline).await?;
        let request_id = origin.run.clone();
        let bundle = Bundle::open(process, documents, deadline, origin);
        if let Some(delivery) = &delivery
            && bundle.has_worked(delivery).await?
        {
            return Ok((Answered::ignored("delivered before"), format));
        }
        let answer = (self.work)(order, &bundle).await;
        if let (Some(delivery), Ok(answer)) = (&delivery, &answer)
            && answer.failure().is_none()
        {
            bundle.remember_delivery(delivery).await;
        }
        bundle.close().await;
        let now = bundle.now();
        let answer = answer.inspect_err(|error| metrics::write(&metrics::of_failure(self.function, error, now)))?;
        answer.metrics(self.function, now).iter().for_each(metrics::write);
        let answered = Answered::new(&answer, self.function, &request_id);
        tracing::info!(status = answered.status.as_u16(), "answered");
        Ok((answered, format))
    }
}

/// A scheduled run has no reader: its failure is an invocation error, which the alarm sees.
fn loud(error: Error) -> Error {
    tracing::error!(kind = error.kind().name(), error = %error, "a scheduled run did not end well");
    error
}
