//! Orders for a later time: one schedule for each person and caller, which puts the order for that person on the queue.
//!
//! Invariant: a person is never without a schedule while one is replaced by another.

use futures_util::{StreamExt, stream};
use jiff::Timestamp;
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};

use super::Bundle;
use crate::error::{Error, ErrorKind, Result};
use crate::planning::hash;
use crate::planning::identity::{Identity, Who};
use crate::planning::roster::Person;
use crate::tools::scheduler::{Removed, Schedule, Scheduler};

/// People whose schedules are made at a time, so that a long order is not throttled.
const AT_A_TIME: usize = 8;

/// Somebody who is to leave, and the order for them alone.
#[derive(Debug)]
pub struct Leaving {
    /// The person, as the order names them.
    pub person: Person,
    /// The message that is to be put on the queue.
    pub order: Map<String, Value>,
}

/// What became of a person's schedules.
#[derive(Debug)]
pub struct Booking {
    /// Whose.
    pub who: Who,
    /// The schedule that waits now, and when it is due.
    pub scheduled: Option<(String, Timestamp)>,
    /// Schedules that were taken back.
    pub cancelled: Vec<String>,
    /// What went wrong; the order may be sent again as it is.
    pub failed: Option<Error>,
}

impl Booking {
    /// Whether it failed before anything was done.
    pub fn has_only_failed(&self) -> bool {
        self.failed.is_some() && self.scheduled.is_none() && self.cancelled.is_empty()
    }
}

impl Bundle {
    /// Schedules everybody's leaving for `time`, in the place of what the same caller scheduled for them before.
    pub async fn schedule(&self, leaving: &[Leaving], time: Timestamp) -> Result<Vec<Booking>> {
        self.book(leaving, Some(time)).await
    }

    /// Takes back what the same caller scheduled for these people.
    pub async fn rescind(&self, leaving: &[Leaving]) -> Result<Vec<Booking>> {
        self.book(leaving, None).await
    }

    async fn book(&self, leaving: &[Leaving], time: Option<Timestamp>) -> Result<Vec<Booking>> {
        let Some(place) = &self.process.settings().schedules else {
            let message = "orders for a later time need SCHEDULE_GROUP, SCHEDULE_ROLE_ARN and OFFBOARD_QUEUE_ARN; nothing was done";
            return Err(Error::new(ErrorKind::Misconfigured, message));
        };
        let scheduler = &Scheduler::new(&self.process.settings().aws, &self.http, place)?;
        let booked = leaving.iter().map(|one| self.book_one(scheduler, one, time));
        let bookings: Vec<Booking> = stream::iter(booked).buffered(AT_A_TIME).collect().await;
        let count = |is: fn(&Booking) -> bool| bookings.iter().filter(|booking| is(booking)).count();
        tracing::info!(
            scheduled = count(|booking| booking.scheduled.is_some()),
            cancelled = count(|booking| !booking.cancelled.is_empty()),
            failed = count(|booking| booking.failed.is_some()),
            "schedules of leavers were changed"
        );
        match bookings.iter().all(Booking::has_only_failed) {
            true => bookings
                .into_iter()
                .find_map(|booking| booking.failed)
                .map_or(Ok(Vec::new()), Err),
            false => Ok(bookings),
        }
    }

    /// A schedule goes by the person's first identity. Those under their other ones are of an order that named them otherwise.
    async fn book_one(&self, scheduler: &Scheduler<'_>, leaving: &Leaving, time: Option<Timestamp>) -> Booking {
        let mut booking = Booking {
            who: leaving.person.who(),
            scheduled: None,
            cancelled: Vec::new(),
            failed: None,
        };
        let by = &self.origin.by;
        let mut names = leaving.person.identities().iter().map(|identity| name(by, identity));
        if let Some(at) = time
            && let Some(name) = names.next()
        {
            let schedule = Schedule {
                name,
                at,
                input: Value::Object(leaving.order.clone()).to_string(),
                run: &self.origin.run,
            };
            match scheduler.put(&schedule).await {
                Ok(()) => booking.scheduled = Some((schedule.name, at)),
                Err(error) => {
                    booking.failed = Some(error);
                    return booking; // what is scheduled already stays
                }
            }
        }
        for name in names {
            match scheduler.remove(&name).await {
                Ok(Removed::Schedule) => booking.cancelled.push(name),
                Ok(Removed::Nothing) => {}
                Err(error) => booking.failed = Some(error),
            }
        }
        booking
    }
}

/// A schedule's name: the same for the same caller and identity, and telling nobody either.
fn name(by: &str, identity: &Identity) -> String {
    let (kind, key) = match identity {
        Identity::Email(email) => ("email", email.key()),
        Identity::Github(login) => ("github", login.key()),
        Identity::Native(source, id) => (&**source, &**id),
    };
    let digest = Sha256::digest(format!("{}\n{kind}\n{key}", principal(by)));
    format!("leaver-{}", hash::short(&digest, 16))
}

/// The caller without the name of a session, which many systems choose anew each time they take on their role.
fn principal(by: &str) -> &str {
    match by.rsplit_once('/') {
        Some((role, _)) if by.contains(":assumed-role/") => role,
        _ => by,
    }
}
