//! Bilanc's writes: many people at once, in batches that grow while they are accepted and shrink when they are not.

use std::collections::HashSet;
use std::sync::PoisonError;

use super::Bilanc;
use super::wire::{Changed, UserIdentifiers, nobody_matched};
use crate::error::{Error, ErrorKind};
use crate::planning::identity::Identity;
use crate::tools::http::Repeat;

/// Identifiers in the first batch.
pub(super) const FIRST_BATCH: usize = 50;

/// What became of everybody that was sent.
pub(super) struct Sent {
    /// One for each person, in order.
    pub(super) results: Vec<Found>,
    /// The ids of the people that were changed.
    pub(super) changed: HashSet<String>,
}

/// Whether Bilanc knows a person by the identifiers that were sent.
#[derive(Clone)]
pub(super) enum Found {
    Yes,
    No,
    Failed(Error),
}

/// How one batch was received.
enum Received {
    Answered(Changed),
    /// Nobody in it is known.
    Nobody,
    /// Nobody in it has anything to be looked up by, so it was not sent.
    Unsent,
    /// Too large, or one person in it is not acceptable.
    Refused(Error),
    /// No answer in time: worth one smaller try.
    TimedOut(Error),
    Failed(Error),
}

impl Bilanc {
    /// Sends everybody, one batch at a time, in sizes that adapt.
    pub(super) async fn send(&self, path: &str, people: &[Vec<Identity>]) -> Sent {
        let mut results: Vec<Found> = Vec::with_capacity(people.len());
        let mut changed = HashSet::new();
        let kept = || self.batch.lock().unwrap_or_else(PoisonError::into_inner);
        let mut size = *kept(); // what was learned by the people before these
        let mut timed_out = false;
        while let Some(rest) = people.get(results.len()..).filter(|rest| !rest.is_empty()) {
            let batch = fitting(rest, size);
            let half = batch.iter().map(|person| weight(person)).sum::<usize>() / 2;
            let (received, throttled) = self.send_batch(path, batch).await;
            if matches!(received, Received::Answered(_) | Received::Nobody) {
                timed_out = false;
                size = match throttled {
                    true => half,
                    false if batch.len() == rest.len() => size, // it need not have been full
                    false => size * 2,
                };
            }
            match received {
                Received::Answered(Changed {
                    user_ids, not_found, ..
                }) => {
                    changed.extend(user_ids);
                    results.extend(batch.iter().map(|person| match not_found.holds_all(person) {
                        true => Found::No,
                        false => Found::Yes,
                    }));
                }
                Received::Nobody | Received::Unsent => results.extend(batch.iter().map(|_| Found::No)),
                Received::Refused(error) if batch.len() == 1 => results.push(Found::Failed(error)),
                Received::Refused(_) => size = half,
                Received::TimedOut(_) if !timed_out && batch.len() > 1 => {
                    timed_out = true;
                    size = half;
                }
                Received::TimedOut(error) | Received::Failed(error) => {
                    results.resize(people.len(), Found::Failed(error));
                }
            }
            size = size.clamp(1, self.max_batch);
        }
        *kept() = size;
        Sent { results, changed }
    }

    /// Sends one batch; also whether an attempt at it was throttled.
    async fn send_batch(&self, path: &str, batch: &[Vec<Identity>]) -> (Received, bool) {
        let Some(body) = UserIdentifiers::of(batch) else {
            return (Received::Unsent, false);
        };
        // Safe: who is on the list already stays on it, who is off it stays off.
        let reply = match self.api.post(path, Repeat::Safe).json(&body).send().await {
            Ok(reply) => reply,
            // An answer that asks for more time than there is comes with its status; a smaller batch would ignore it.
            Err(error) if error.kind() == ErrorKind::Unavailable && error.context("status").is_none() => {
                return (Received::TimedOut(error), false);
            }
            Err(error) => return (Received::Failed(error), false),
        };
        let throttled = reply.was_throttled();
        let received = match reply.status() {
            404 if nobody_matched(&reply) => Received::Nobody,
            413 | 422 => {
                let message = "bilanc does not accept this person";
                Received::Refused(reply.error(ErrorKind::Protocol, message))
            }
            _ => match Changed::read(reply) {
                Ok(changed) => Received::Answered(changed),
                Err(error) => Received::Failed(error),
            },
        };
        (received, throttled)
    }
}

/// What a person adds to a batch. Somebody without identifiers counts too: half of a batch is always smaller.
fn weight(person: &[Identity]) -> usize {
    let is_sent = |identity: &&Identity| !matches!(identity, Identity::Native(..));
    person.iter().filter(is_sent).count().max(1)
}

/// The first people whose identifiers fit into `size`, at least one person.
fn fitting(people: &[Vec<Identity>], size: usize) -> &[Vec<Identity>] {
    let mut total = 0;
    let fits = people.iter().take_while(|person| {
        total += weight(person);
        total <= size
    });
    let count = fits.count().max(1);
    people.get(..count).unwrap_or(people)
}
