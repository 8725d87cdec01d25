//! Hosts the real function binaries over the Lambda Runtime API, each as a process of its own, without AWS.
//!
//! One process works one event at a time; further ones queue. Nothing here waits for ever: a process that ends is noticed,
//! and one that overruns its deadline is killed as Lambda would kill it.

mod desk;
mod process;
mod serve;
mod url;
mod url_answer;
mod web;

use std::collections::BTreeMap;
use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde_json::Value;
use tokio::net::TcpListener;
use tokio::time::{sleep, timeout};

use crate::usage;
use desk::Desk;
use process::{Journal, Process};
use web::{Listening, listen};

pub use serve::{Served, serve};
pub use url::UrlRequest;
pub use url_answer::UrlAnswer;

/// The time an event gets unless the test says otherwise.
const USUAL_TIME: Duration = Duration::from_secs(60);
/// A function may overrun its deadline by this much before it is killed: a busy machine is not the function's fault.
const GRACE: Duration = Duration::from_secs(5);
/// Lambda's own limit for starting; after it `start` returns and the process goes on starting.
const INIT_TIME: Duration = Duration::from_secs(10);

/// One function: a binary, its environment and its running process. The process is killed when this is dropped.
pub struct Function {
    binary: PathBuf,
    started: Started,
    desk: Arc<Desk>,
    journal: Journal,
    process: Mutex<Arc<Process>>,
    turn: tokio::sync::Mutex<()>,
    _listening: Listening,
}

/// What the process was started with.
#[derive(Debug, Clone)]
pub struct Started {
    /// Its whole environment, sorted by name.
    pub env: Vec<(String, String)>,
}

/// How an invocation ended.
#[derive(Debug, Clone, PartialEq)]
pub enum Invocation {
    /// The function returned this.
    Answered(Value),
    /// The function, or Lambda in its place, reported an error.
    Failed {
        /// `errorType`; `Sandbox.Timedout` after the deadline.
        error_type: String,
        /// `errorMessage`.
        message: String,
    },
    /// The process ended without an answer.
    Died,
}

impl Function {
    /// Starts a process with exactly this environment and what Lambda itself sets; a caller's value wins. It returns when
    /// the process asks for its first event, has ended, or has used up Lambda's 10 seconds.
    ///
    /// A binary that cannot be started makes a function that is dead, with the reason in its `output`.
    #[expect(
        clippy::expect_used,
        reason = "without a loopback port and a temporary file there is nothing to host"
    )]
    pub async fn start(binary: &Path, env: &[(&str, &str)]) -> Function {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a loopback port");
        let address = listener.local_addr().expect("the port's number");
        let desk = Arc::new(Desk::default());
        let at_desk = Arc::clone(&desk);
        let listening = listen(listener, move |question| {
            let desk = Arc::clone(&at_desk);
            async move { desk.answer(question).await }
        });
        let function = Function {
            binary: binary.to_owned(),
            started: Started {
                env: environment(binary, &address.to_string(), env),
            },
            desk,
            journal: Journal::open().expect("a temporary file"),
            process: Mutex::new(Arc::new(Process::stillborn())),
            turn: tokio::sync::Mutex::default(),
            _listening: listening,
        };
        function.revive().await;
        function
    }

    /// Starts the process again if it has ended, as Lambda does for the next event.
    pub async fn revive(&self) {
        let _turn = self.turn.lock().await;
        if self.is_alive() {
            return;
        }
        self.desk.clear();
        let process = Process::spawn(&self.binary, &self.started.env, &self.journal).unwrap_or_else(|error| {
            self.journal
                .note(&format!("cannot start {}: {error}", self.binary.display()));
            Process::stillborn()
        });
        let process = Arc::new(process);
        *self.process.lock().unwrap_or_else(PoisonError::into_inner) = Arc::clone(&process);
        let first = async {
            tokio::select! {
                () = self.desk.ready() => {}
                () = process.ended() => {}
            }
        };
        // One that needs longer goes on starting; its first event waits for it.
        let _ = timeout(INIT_TIME, first).await;
    }

    /// Invokes the function directly and waits for its answer.
    pub async fn invoke(&self, event: &Value) -> Invocation {
        self.invoke_within(event, USUAL_TIME).await
    }

    /// As [`Function::invoke`], with this much time until the deadline.
    pub async fn invoke_within(&self, event: &Value, time: Duration) -> Invocation {
        self.run(request_id(), event.to_string().into_bytes(), time).await
    }

    /// As [`Function::invoke`], with a payload that need not be JSON.
    pub async fn invoke_raw(&self, payload: &[u8]) -> Invocation {
        self.run(request_id(), payload.to_vec(), USUAL_TIME).await
    }

    /// Calls the function's URL.
    pub async fn request(&self, request: UrlRequest) -> UrlAnswer {
        let id = request_id();
        let event = request.event(&id).to_string().into_bytes();
        self.run(id, event, USUAL_TIME).await.into()
    }

    async fn run(&self, id: String, payload: Vec<u8>, time: Duration) -> Invocation {
        let _turn = self.turn.lock().await;
        let process = self.process();
        let late = format!(
            "RequestId: {id} Error: Task timed out after {:.2} seconds",
            time.as_secs_f64()
        );
        let answer = self.desk.put(id, payload, time);
        tokio::select! {
            biased;
            answered = answer => answered.unwrap_or(Invocation::Died),
            () = process.ended() => self.desk.init_error().unwrap_or(Invocation::Died),
            () = sleep(time + GRACE) => {
                process.kill().await;
                Invocation::Failed { error_type: "Sandbox.Timedout".to_owned(), message: late }
            }
        }
    }

    /// What the process was started with.
    pub fn started(&self) -> &Started {
        &self.started
    }

    /// Everything the function wrote to stdout and stderr so far, over all its processes.
    pub fn output(&self) -> String {
        self.journal.read()
    }

    /// Whether the process is still running.
    pub fn is_alive(&self) -> bool {
        self.process().is_alive()
    }

    /// The process id.
    pub fn pid(&self) -> u32 {
        self.process().pid
    }

    /// Ends the process with SIGKILL and waits for its end.
    pub async fn kill(&self) {
        self.process().kill().await;
    }

    /// The most memory the process has held so far; 0 once it has ended, and where there is no `/proc`.
    pub fn peak_memory_kib(&self) -> u64 {
        usage::peak_memory_kib(self.pid())
    }

    /// From the start of the process to its first request for an event, or until now while that is outstanding.
    pub fn init_time(&self) -> Duration {
        let spawned = self.process().spawned;
        self.desk
            .ready_at()
            .map_or_else(|| spawned.elapsed(), |ready| ready.saturating_duration_since(spawned))
    }

    fn process(&self) -> Arc<Process> {
        Arc::clone(&self.process.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

fn environment(binary: &Path, runtime_api: &str, own: &[(&str, &str)]) -> Vec<(String, String)> {
    let name = binary
        .file_stem()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default();
    let folder = binary
        .parent()
        .map(|folder| folder.to_string_lossy().into_owned())
        .unwrap_or_default();
    let mut env = BTreeMap::from([
        ("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE".to_owned()),
        ("AWS_DEFAULT_REGION", "eu-central-1".to_owned()),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256".to_owned()),
        ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST".to_owned()),
        ("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand".to_owned()),
        ("AWS_LAMBDA_LOG_GROUP_NAME", format!("/aws/lambda/{name}")),
        ("AWS_LAMBDA_LOG_STREAM_NAME", "rehearsal".to_owned()),
        ("AWS_LAMBDA_RUNTIME_API", runtime_api.to_owned()),
        ("AWS_REGION", "eu-central-1".to_owned()),
        ("AWS_SECRET_ACCESS_KEY", "rehearsal".to_owned()),
        ("LAMBDA_TASK_ROOT", folder),
        ("LANG", "en_US.UTF-8".to_owned()),
        ("PATH", "/usr/local/bin:/usr/bin:/bin".to_owned()),
        ("TZ", ":UTC".to_owned()),
        ("_HANDLER", "bootstrap".to_owned()),
    ]);
    env.insert("AWS_LAMBDA_FUNCTION_NAME", name);
    env.extend(own.iter().map(|(name, value)| (*name, (*value).to_owned())));
    env.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// A UUID, as Lambda's request ids are; random enough, and no dependency.
fn request_id() -> String {
    static NUMBER: AtomicU64 = AtomicU64::new(0);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let (high, low) = (
        RandomState::new().hash_one(number),
        RandomState::new().hash_one(!number),
    );
    format!(
        "{:08x}-{:04x}-4{:03x}-8{:03x}-{:012x}",
        high >> 32,
        (high >> 16) & 0xffff,
        high & 0xfff,
        low >> 52,
        low & 0xffff_ffff_ffff
    )
}
