//! Notices: one message after a run that nobody waited for in Slack, about what it changed and what somebody has to know or do.

use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;

use super::senders::slack::{self, Notify};
use super::{Door, metrics};
use crate::bundle::{Bundle, Process};
use crate::error::{Error, ErrorKind, Result};
use crate::tools::clock::{Clock, Deadline};

impl<W> Door<W> {
    /// Tells the channel what there is to tell. A notice that cannot be sent changes nothing of the run, and is in the log.
    pub(super) async fn notice(&self, outcome: Result<&Value, &Error>, bundle: &Bundle, deadline: Deadline) {
        let Ok(process) = &self.process else { return };
        let notify = Notify::of(bundle.documents());
        if let Some(webhook) = &notify.webhook
            && let Err(error) = self.tell(outcome, bundle, &notify, webhook, process, deadline).await
        {
            tracing::error!(kind = error.kind().name(), error = %error, "a notice could not be sent");
            self.failed(&error);
        }
    }

    /// Measures what went wrong beside a run's own numbers, so that an alarm rings though nobody asked, or nobody can be told.
    pub(super) fn failed(&self, error: &Error) {
        if concerns_the_operator(error) {
            self.measure_failure(error);
        }
    }

    pub(super) fn measure_failure(&self, error: &Error) {
        let now = self
            .process
            .as_ref()
            .map_or_else(|_| Clock::System.now(), |process| process.now());
        self.log.measured(metrics::of_failure(self.function, error, now));
    }

    async fn tell(
        &self,
        outcome: Result<&Value, &Error>,
        bundle: &Bundle,
        notify: &Notify,
        webhook: &SecretString,
        process: &Process,
        deadline: Deadline,
    ) -> Result<()> {
        let function = self.function.name();
        let (causes, scope) = match outcome {
            Ok(report) if report["mode"] == "apply" => (slack::causes(report), slack::scopes(report)),
            Err(error) if concerns_the_operator(error) => {
                let all = format!("{function}/all/");
                (vec![format!("{all}{}", error.kind().name())], vec![all])
            }
            _ => return Ok(()),
        };
        let told = match (bundle.trouble(), bundle.told(&format!("{function}/")).await) {
            (None, Ok(told)) => told,
            // Nobody could know tomorrow what was told today: what stands is left to the alarms, and only what happened is told.
            _ => causes.clone(),
        };
        let gone = |cause: &&String| scope.iter().any(|scope| cause.starts_with(scope)) && !causes.contains(cause);
        let gone: Vec<&String> = told.iter().filter(gone).collect();
        let new: Vec<&String> = causes.iter().filter(|cause| !told.contains(cause)).collect();
        let message = match outcome {
            Ok(report) => slack::notice(report, &told, notify.names, process.now()),
            Err(_) if new.is_empty() => None,
            Err(error) => Some(slack::notice_of_failure(function, error)),
        };
        if let Some(message) = message {
            slack::post_notice(
                &process.http(deadline.of_last_words()),
                webhook.expose_secret(),
                message,
            )
            .await?;
        }
        match new.is_empty() && gone.is_empty() {
            true => Ok(()),
            false => bundle.remember_told(&new, &gone).await,
        }
    }
}

/// Whether somebody else than who sent the order has to know.
fn concerns_the_operator(error: &Error) -> bool {
    !matches!(
        error.kind(),
        ErrorKind::BadRequest | ErrorKind::TooLarge | ErrorKind::Denied | ErrorKind::Forbidden
    )
}
