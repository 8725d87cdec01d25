//! The Lambda Runtime API of one function: `next`, `response`, `error` and `init/error`.
//!
//! At most one event lies on the desk, because the host queues the others. A process takes it with `next` and hands its
//! answer in under the event's id; whatever else it sends is refused the way Lambda refuses it.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use serde::Deserialize;
use serde_json::json;
use tokio::sync::{Notify, oneshot};

use super::Invocation;
use super::web::{Answer, Question};

/// Lambda's own limit on a synchronous answer.
const LARGEST_ANSWER: usize = 6 * 1024 * 1024;

#[derive(Default)]
pub(super) struct Desk {
    state: Mutex<State>,
    changed: Notify,
}

#[derive(Default)]
struct State {
    /// Counts the processes, so that a `next` left over from a dead one takes no event with it.
    process: u64,
    waiting: Option<Event>,
    running: Option<(String, oneshot::Sender<Invocation>)>,
    ready: Option<Instant>,
    init_error: Option<Invocation>,
}

struct Event {
    id: String,
    deadline_ms: u128,
    payload: Vec<u8>,
}

impl Desk {
    /// Clears the desk for a new process.
    pub(super) fn clear(&self) {
        let mut state = self.lock();
        *state = State {
            process: state.process + 1,
            ..State::default()
        };
        drop(state);
        self.changed.notify_waiters();
    }

    /// Lays an event down for the process; the answer arrives through the receiver.
    pub(super) fn put(&self, id: String, payload: Vec<u8>, time: Duration) -> oneshot::Receiver<Invocation> {
        let deadline = SystemTime::now() + time;
        let deadline_ms = deadline.duration_since(UNIX_EPOCH).unwrap_or_default().as_millis();
        let (answer, receiver) = oneshot::channel();
        {
            let mut state = self.lock();
            state.waiting = Some(Event {
                id: id.clone(),
                deadline_ms,
                payload,
            });
            state.running = Some((id, answer));
        }
        self.changed.notify_waiters();
        receiver
    }

    /// When the process first asked for an event.
    pub(super) fn ready_at(&self) -> Option<Instant> {
        self.lock().ready
    }

    /// Returns when the process has asked for its first event.
    pub(super) async fn ready(&self) {
        self.until(|state| state.ready).await;
    }

    /// What the process said before it gave up starting.
    pub(super) fn init_error(&self) -> Option<Invocation> {
        self.lock().init_error.clone()
    }

    /// Answers one request of the process.
    pub(super) async fn answer(&self, question: Question) -> Answer {
        let Some(path) = question.path.strip_prefix("/2018-06-01/runtime/") else {
            return refusal(404, "InvalidPath");
        };
        match (question.method.as_str(), path.split('/').collect::<Vec<_>>().as_slice()) {
            ("GET", ["invocation", "next"]) => self.next().await,
            ("POST", ["invocation", id, "response"]) => {
                if question.body.len() > LARGEST_ANSWER {
                    self.settle(id, failed("Function.ResponseSizeTooLarge", "the answer is over 6 MB"));
                    return refusal(413, "RequestEntityTooLarge");
                }
                let answer = serde_json::from_slice(&question.body).map(Invocation::Answered);
                self.settle(
                    id,
                    answer.unwrap_or_else(|_| failed("Runtime.InvalidResponse", "the answer is not JSON")),
                )
            }
            ("POST", ["invocation", id, "error"]) => self.settle(id, error(&question)),
            ("POST", ["init", "error"]) => {
                self.lock().init_error = Some(error(&question));
                accepted()
            }
            _ => refusal(404, "InvalidPath"),
        }
    }

    async fn next(&self) -> Answer {
        let process = {
            let mut state = self.lock();
            state.ready.get_or_insert_with(Instant::now);
            state.process
        };
        self.changed.notify_waiters();
        let taken = self.until(|state| {
            if state.process == process {
                state.waiting.take().map(Some)
            } else {
                Some(None)
            }
        });
        let Some(event) = taken.await else {
            return refusal(403, "Forbidden");
        };
        Answer::new(200, event.payload)
            .header("content-type", "application/json")
            .header("lambda-runtime-aws-request-id", &event.id)
            .header("lambda-runtime-deadline-ms", &event.deadline_ms.to_string())
            .header(
                "lambda-runtime-invoked-function-arn",
                "arn:aws:lambda:eu-central-1:123456789012:function:rehearsal",
            )
            .header(
                "lambda-runtime-trace-id",
                "Root=1-00000000-000000000000000000000000;Sampled=0",
            )
    }

    fn settle(&self, id: &str, outcome: Invocation) -> Answer {
        match self.lock().running.take_if(|(running, _)| running == id) {
            Some((_, answer)) => {
                // Nobody listens any more when the invocation has run out of time.
                let _ = answer.send(outcome);
                accepted()
            }
            None => refusal(400, "InvalidRequestID"),
        }
    }

    async fn until<T>(&self, look: impl Fn(&mut State) -> Option<T>) -> T {
        loop {
            // Listening before looking: a change between the two is not missed.
            let mut changed = std::pin::pin!(self.changed.notified());
            changed.as_mut().enable();
            if let Some(found) = look(&mut self.lock()) {
                return found;
            }
            changed.await;
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn failed(error_type: &str, message: &str) -> Invocation {
    Invocation::Failed {
        error_type: error_type.to_owned(),
        message: message.to_owned(),
    }
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Diagnostic {
    error_type: String,
    error_message: String,
}

fn error(question: &Question) -> Invocation {
    let said: Diagnostic = serde_json::from_slice(&question.body).unwrap_or_default();
    let header = question
        .header("lambda-runtime-function-error-type")
        .unwrap_or_default();
    let error_type = if said.error_type.is_empty() {
        header
    } else {
        &said.error_type
    };
    failed(error_type, &said.error_message)
}

fn accepted() -> Answer {
    Answer::json(202, &json!({"status": "OK"}))
}

fn refusal(status: u16, kind: &str) -> Answer {
    Answer::json(status, &json!({"errorType": kind, "errorMessage": kind}))
}
