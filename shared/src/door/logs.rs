//! Logs: flat JSON lines for CloudWatch, each with the invocation it is of. People are counted, never named.
//!
//! Lambda works one event at a time in a process, so which one it is, is a fact of the process: what the runtime says, or a
//! task of its own, has it too.

use std::fmt::Debug;
use std::io::Write;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;
use lambda_runtime::Context;
use serde_json::{Map, Value};
use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use super::Function;
use crate::error::{Error, ErrorKind};

/// The log of this process.
#[derive(Clone)]
pub(super) struct Log(Arc<Mutex<Now>>);

/// What every line says.
struct Now {
    function: Function,
    /// How many events this process was given.
    events: usize,
    /// Lambda's own names, so that one query finds our lines and the platform's.
    ids: Vec<(&'static str, String)>,
}

impl Log {
    /// Starts logging, from INFO on. Libraries are heard from WARN on: at lower levels HTTP clients print headers and bodies.
    pub(super) fn start(function: Function) -> Self {
        let ours = Targets::new()
            .with_default(LevelFilter::WARN)
            .with_target("shared", LevelFilter::INFO)
            .with_target("lambda_runtime", LevelFilter::INFO);
        let log = Self(Arc::new(Mutex::new(Now {
            function,
            events: 0,
            ids: Vec::new(),
        })));
        let _ = tracing_subscriber::registry().with(ours).with(log.clone()).try_init();
        // The message of a panic may hold anything, and the usual hook would write it, as no JSON.
        std::panic::set_hook(Box::new(|panic| {
            let at = panic.location().map(ToString::to_string).unwrap_or_default();
            tracing::error!(at, "the function panicked");
        }));
        log
    }

    /// From now on lines are of this invocation.
    pub(super) fn begin(&self, context: &Context) {
        let mut now = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        now.events += 1;
        now.ids = vec![("requestId", context.request_id.clone())];
        let trace = context.xray_trace_id.as_deref().and_then(root);
        now.ids.extend(trace.map(|id| ("xrayTraceId", id.to_owned())));
    }

    /// Writes numbers, which are always wanted.
    pub(super) fn measured(&self, line: Map<String, Value>) {
        self.write(Level::INFO, line);
    }

    fn write(&self, level: Level, mut line: Map<String, Value>) {
        let now = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut say = |name: &str, value: Value| drop(line.insert(name.to_owned(), value));
        say("timestamp", format!("{:.3}", Timestamp::now()).into());
        say("level", level.as_str().into());
        say("function", now.function.name().into());
        say("coldStart", (now.events <= 1).into());
        now.ids.iter().for_each(|(name, id)| say(name, id.as_str().into()));
        let line = Value::Object(line);
        let _ = writeln!(std::io::stdout().lock(), "{line}"); // a log that is closed is nobody's failure
    }
}

/// The trace of `Root=1-5759e988-bd862e3fe1be46a994272793;Parent=…;Sampled=1`
/// (<https://docs.aws.amazon.com/xray/latest/devguide/xray-concepts.html#xray-concepts-tracingheader>, read 2026-11).
fn root(header: &str) -> Option<&str> {
    header.split(';').find_map(|part| part.trim().strip_prefix("Root="))
}

impl<S: Subscriber> Layer<S> for Log {
    fn on_event(&self, event: &Event<'_>, _: tracing_subscriber::layer::Context<'_, S>) {
        let mut fields = Fields(Map::new());
        event.record(&mut fields);
        let target = event.metadata().target();
        fields.0.insert("target".to_owned(), target.into());
        self.write(*event.metadata().level(), fields.0);
    }
}

/// What an event says: numbers and truths as such, everything else as text, so that a line stays flat.
struct Fields(Map<String, Value>);

impl Fields {
    fn say(&mut self, field: &Field, value: Value) {
        self.0.insert(field.name().to_owned(), value);
    }
}

impl Visit for Fields {
    fn record_u64(&mut self, field: &Field, value: u64) {
        self.say(field, value.into());
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.say(field, value.into());
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.say(field, value.into());
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.say(field, value.into());
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.say(field, format!("{value:?}").into());
    }
}

/// A request or an order that is refused. What is wrong with an order is told to its sender only: the path of a fault is
/// text of theirs, and may be an address.
pub(super) fn refused(error: &Error) {
    let kind = error.kind().name();
    match error.kind() {
        ErrorKind::BadRequest => tracing::warn!(kind, faults = error.faults().len(), "an order was refused"),
        _ => tracing::warn!(kind, error = %error, "an order was refused"),
    }
}
