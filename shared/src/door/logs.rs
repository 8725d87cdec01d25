//! Logs: flat JSON lines for CloudWatch. People are counted, never named.

use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use crate::error::{Error, ErrorKind};

/// Starts logging at the level of `AWS_LAMBDA_LOG_LEVEL` (INFO unless set), which is what Lambda filters by.
///
/// Libraries are heard from WARN on: at lower levels HTTP clients print headers and bodies.
pub(super) fn start() {
    #[expect(
        clippy::disallowed_methods,
        reason = "Lambda's own variable, needed before settings are read"
    )]
    let level = std::env::var("AWS_LAMBDA_LOG_LEVEL").ok();
    let level = level.and_then(|level| level.parse().ok()).unwrap_or(LevelFilter::INFO);
    let ours = Targets::new()
        .with_default(level.min(LevelFilter::WARN))
        .with_target("shared", level)
        .with_target("lambda_runtime", level.min(LevelFilter::INFO));
    let lines = tracing_subscriber::fmt::layer()
        .json()
        .flatten_event(true)
        .with_span_list(false)
        .with_writer(std::io::stdout);
    let _ = tracing_subscriber::registry().with(ours).with(lines).try_init();
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
