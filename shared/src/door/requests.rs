//! Requests to a function URL: who sent it, what it says, and whether it is worked now or put on the queue.

use lambda_http::http::StatusCode;
use serde_json::Value;

use super::answered::Answered;
use super::callers::{self, NotAdmitted, Spoken};
use super::event::{self, Format, Reply, Request};
use super::later::Aside;
use super::senders::{self, Heard};
use super::slack;
use super::work::{Leftovers, Received};
use super::{Answer, Door, Function, Order, logs, wire};
use crate::bundle::{Bundle, Delivery, Process};
use crate::error::{Error, ErrorKind, Result};
use crate::tools::clock::Deadline;

impl<W> Door<W> {
    /// A request to the function URL, in this order: size, proof, permission, method; then the order.
    pub(super) async fn request<O: Order, A: Answer>(
        &self,
        request: &Request,
        request_id: &str,
        deadline: Deadline,
    ) -> Result<Answered, Reply>
    where
        W: AsyncFn(O, &Bundle) -> Result<A>,
    {
        let accepts = Format::accepted_by(request);
        let refused = |error: Error| {
            logs::refused(&error);
            match (self.function, accepts) {
                (Function::List, Format::Html) => Reply::error_page(&error),
                _ => Reply::error(&error),
            }
        };
        if request.body.len() > event::MAX_BODY {
            let error = Error::new(ErrorKind::TooLarge, "the body is over 1,048,576 bytes");
            return Err(Reply::error(&error));
        }
        if senders::slack::is_ssl_check(request) {
            return Err(Reply::empty());
        }
        let broken = |error: Error| {
            self.failed(&error);
            refused(error)
        };
        let process = self.process.as_ref().map_err(|error| broken(error.clone()))?;
        let documents = process.documents(deadline).await.map_err(broken)?;
        let admitted = match callers::admit(request, self.function, &documents, process.now()) {
            Ok(admitted) => admitted,
            Err(denied) => return Err(self.turn_away(denied, process).await),
        };
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
        let body = match (self.function, admitted.speaks) {
            (Function::List, _) | (_, Spoken::Foreign(_)) => Value::Null, // a query; what its reader makes of it
            (_, Spoken::Native) => event::body(&request.body).map_err(refused)?,
        };
        let sender = match admitted.speaks {
            Spoken::Foreign(sender) => Some(sender),
            Spoken::Native => senders::recognised(&body),
        };
        let delivery = admitted.delivery.or_else(|| {
            let event = || Delivery::new(self.function.name(), &admitted.caller, "", &request.body);
            sender.map(|_| event())
        });
        let mut received = Received {
            order: Value::Null,
            run: request_id.to_owned(),
            aside: Aside {
                delivery: delivery.filter(|_| self.function != Function::List),
                ..Aside::new(admitted.caller.clone(), process.now())
            },
            leftovers: Leftovers::ToQueue,
            accepts: Some(accepts),
        };
        let order = match (self.function, sender) {
            (Function::List, _) => event::query(&request.query),
            (_, None) => Ok(event::unwrapped(body)),
            (function, Some(sender)) => {
                let mode = process.settings().reconcile_mode;
                match senders::hear(sender, &admitted.caller, request, function, mode).map_err(refused)? {
                    Heard::Ignored(kind) => return Ok(Answered::ignored(&kind)),
                    Heard::Echo(answer) => return Err(Reply::json(StatusCode::OK, &answer)),
                    Heard::Order { whose, order } => {
                        received.aside.sender = Some(sender.to_owned());
                        received.order = order;
                        if self
                            .is_put_off::<O>(whose, &received, deadline)
                            .await
                            .map_err(refused)?
                        {
                            return Ok(Answered::queued(self.function, request_id));
                        }
                        Ok(received.order)
                    }
                }
            }
        };
        received.order = order.map_err(refused)?;
        self.order(received, deadline).await.map_err(refused)
    }

    /// What somebody hears who proved nothing.
    async fn turn_away(&self, denied: NotAdmitted, process: &Process) -> Reply {
        let Some(said) = &denied.introduced else {
            tracing::warn!(caller = %denied.caller, "a request was not admitted: {}", denied.reason);
            if denied.may_be_a_caller {
                self.measure_failure(&denied.error());
            }
            return denied.reply(self.function);
        };
        tracing::info!(caller = %denied.caller, "somebody introduced themselves as this caller");
        let kept = match said.is_awaited {
            true => process.introduce(&denied.caller, &said.subscription, &said.token).await,
            false => Ok(()),
        };
        match kept {
            Ok(()) => Reply::empty(),
            Err(error) => {
                logs::refused(&error);
                Reply::error(&error)
            }
        }
    }

    /// Whether the order that a sender's event was turned into is put off, so that the sender, who waits for seconds only, is
    /// answered at once.
    async fn is_put_off<O: Order>(&self, whose: Function, received: &Received, deadline: Deadline) -> Result<bool> {
        let process = self.process.as_ref().map_err(Clone::clone)?;
        if whose == self.function {
            wire::read::<O>(&received.order, &self.context(process, None))?; // what is malformed is the sender's to mend
        }
        let message = received.aside.message(received.order.clone());
        self.put_off(whose, message, deadline).await
    }
}
