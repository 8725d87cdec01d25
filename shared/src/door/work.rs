//! An admitted order: read, worked, and what is left of it put on the queue.

use serde_json::Value;

use super::answered::{Answered, Wanted};
use super::event::Format;
use super::later::{self, Aside};
use super::{Answer, Context, Door, Function, Order, metrics, senders, wire};
use crate::bundle::{Bundle, Origin, Process};
use crate::error::Result;
use crate::tools::clock::Deadline;

/// An order on its way to being worked.
pub(super) struct Received {
    pub(super) order: Value,
    pub(super) run: String,
    pub(super) aside: Aside,
    pub(super) leftovers: Leftovers,
    /// The form that the `Accept` header of a request asks for; `None` where no request is answered, and JSON is wanted.
    pub(super) accepts: Option<Format>,
}

/// What becomes of what a run leaves unfinished.
pub(super) enum Leftovers {
    /// It goes to the queue.
    ToQueue,
    /// Whoever sent the order sends it again; only what time was lacking for goes on by itself.
    Stay,
}

impl<W> Door<W> {
    pub(super) fn context<'a>(&self, process: &'a Process, accepts: Option<Format>) -> Context<'a> {
        Context {
            function: self.function,
            on: &process.settings().providers,
            now: process.now(),
            accepts,
        }
    }

    /// An admitted order, read and worked.
    pub(super) async fn order<O: Order, A: Answer>(&self, received: Received, deadline: Deadline) -> Result<Answered>
    where
        W: AsyncFn(O, &Bundle) -> Result<A>,
    {
        let Received {
            order: asked,
            run,
            aside,
            leftovers,
            accepts,
        } = received;
        let process = self.process.as_ref().map_err(Clone::clone)?;
        let order: O = wire::read(&asked, &self.context(process, accepts))?;
        let format = order.format();
        let documents = process
            .documents(deadline)
            .await
            .inspect_err(|error| self.failed(error))?;
        let origin = Origin {
            by: aside.by.clone().unwrap_or_else(|| "queue".to_owned()),
            run: run.clone(),
            at: aside.at,
        };
        let bundle = Bundle::open(process, documents, deadline, origin);
        if let Some(delivery) = &aside.delivery
            && bundle
                .has_worked(delivery)
                .await
                .inspect_err(|error| self.failed(error))?
        {
            return Ok(Answered::ignored("delivered before"));
        }
        let mut answer = (self.work)(order, &bundle).await;
        if let Ok(answer) = &mut answer {
            self.hand_over::<O>(&asked, answer, &bundle, &aside, &leftovers, deadline)
                .await;
        }
        let now = bundle.now();
        for (provider, took) in bundle.latencies() {
            let line = metrics::of_latency(self.function, provider.name(), took, now);
            self.log.measured(line);
        }
        let answered = match answer {
            Ok(answer) => {
                let context = self.context(process, None);
                answer
                    .metrics(&context)
                    .into_iter()
                    .for_each(|line| self.log.measured(line));
                let wanted = Wanted {
                    function: self.function,
                    run: &run,
                    asked: &asked,
                    format,
                    now,
                };
                let answered = Answered::new(&answer, &wanted);
                match aside.sender.is_some() {
                    true => self.to_sender(&answer, answered, &aside, deadline).await,
                    false if self.function == Function::List => answered.that_fits(),
                    false => Ok(answered), // what was done is told as far as Lambda takes it
                }
            }
            Err(error) => {
                self.log.measured(metrics::of_failure(self.function, &error, now));
                Err(error)
            }
        };
        if aside.sender.as_deref() != Some("slack") {
            let outcome = answered.as_ref().map(|answered| &answered.json);
            self.notice(outcome, &bundle, deadline).await;
        }
        if let (Some(delivery), Ok(answered)) = (&aside.delivery, &answered)
            && answered.failure().is_none()
        {
            bundle.remember_delivery(delivery).await;
        }
        bundle.close().await;
        if let Some(error) = bundle.trouble() {
            self.failed(&error);
        }
        let answered = answered?;
        tracing::info!(status = answered.status.as_u16(), "answered");
        Ok(answered)
    }

    /// What the run left unfinished goes to the queue, as orders about no more than that.
    async fn hand_over<O: Order>(
        &self,
        asked: &Value,
        answer: &mut impl Answer,
        bundle: &Bundle,
        aside: &Aside,
        leftovers: &Leftovers,
        deadline: Deadline,
    ) {
        let Ok(process) = &self.process else { return };
        if self.function.queue(&process.settings().queues).is_none() {
            return;
        }
        let mut unfinished = answer.unfinished();
        unfinished.retain(|left| left.goes_on || matches!(leftovers, Leftovers::ToQueue));
        if unfinished.is_empty() {
            return;
        }
        let Ok(order) = wire::read::<O>(asked, &self.context(process, None)) else {
            return; // it was read before it was worked
        };
        let named = bundle.named();
        for left in unfinished {
            let Some((narrowed, whom)) = order.narrowed(&left, &named) else {
                continue;
            };
            match self
                .put_on_queue(self.function, aside.again().message(narrowed), deadline)
                .await
            {
                Ok(()) => answer.hand_over(&left, whom),
                Err(error) => {
                    tracing::error!(kind = error.kind().name(), error = %error, "what is unfinished could not be put on the queue");
                }
            }
        }
    }

    /// What the sender of an event is told, who knows our statuses only as "sent" and "send again".
    async fn to_sender(
        &self,
        answer: &impl Answer,
        mut answered: Answered,
        aside: &Aside,
        deadline: Deadline,
    ) -> Result<Answered> {
        if answer.names_strangers() {
            // By that id nobody knows anybody: the directory is looked at instead.
            let process = self.process.as_ref().map_err(Clone::clone)?;
            let look = later::look(process.settings().reconcile_mode);
            self.put_on_queue(Function::Reconcile, aside.again().message(look), deadline)
                .await?;
            answered.forgive();
        }
        Ok(answered.for_sender())
    }

    /// Puts a message on the queue of the function it is for. `false`: there is no queue, or it is down, and the order is ours to
    /// work now.
    pub(super) async fn put_off(&self, whose: Function, message: Value, deadline: Deadline) -> Result<bool> {
        let process = self.process.as_ref().map_err(Clone::clone)?;
        let is_ours = whose == self.function;
        if is_ours && whose.queue(&process.settings().queues).is_none() {
            return Ok(false);
        }
        match self.put_on_queue(whose, message, deadline).await {
            Err(error) if is_ours => {
                tracing::error!(kind = error.kind().name(), error = %error, "the queue is out of reach; working the order now");
                Ok(false)
            }
            queued => queued.map(|()| true),
        }
    }

    /// Puts a message on the queue of this function.
    async fn put_on_queue(&self, whose: Function, message: Value, deadline: Deadline) -> Result<()> {
        let process = self.process.as_ref().map_err(Clone::clone)?;
        let queue = whose.queue(&process.settings().queues);
        let queue = queue.ok_or_else(|| senders::belongs_elsewhere(whose))?;
        let queued = process.enqueue(queue, &message, deadline.of_last_words()).await;
        queued.inspect_err(|error| self.failed(error))
    }
}
