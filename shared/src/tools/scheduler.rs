//! Something to be put on a queue once, at a later time: EventBridge Scheduler
//! (<https://docs.aws.amazon.com/scheduler/latest/APIReference/API_CreateSchedule.html>, read 2026-11).
//!
//! It runs within a minute of its time and deletes itself. Not documented are: a time that has passed, which others saw refused;
//! how large an input may be; and how long a client token is remembered, so that each run has its own, because one of an earlier
//! run may stand for a schedule that is gone.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::aws::{Aws, Endpoint};
use super::http::{Api, Auth, BaseUrl, Http, Repeat, Reply, escape};
use crate::error::{Error, ErrorKind, Result};

/// More than an order for one person needs, and no more than an event of EventBridge may hold.
const MAX_INPUT: usize = 262_144;

const BUSY: &str = "the schedule is being changed by somebody else";
const CONTENT_TYPE: &str = "application/json";

/// Where schedules are, and where what they hold goes.
#[derive(Clone, Debug)]
pub struct Place {
    /// The group they are in.
    pub group: String,
    /// The ARN of the role by which the scheduler sends.
    pub role: String,
    /// The ARN of the queue it sends to.
    pub queue: String,
}

/// A schedule that runs once.
#[derive(Debug)]
pub struct Schedule<'a> {
    /// Its name in the group.
    pub name: String,
    /// When it runs: a whole second.
    pub at: Timestamp,
    /// What it puts on the queue.
    pub input: String,
    /// The run that makes it.
    pub run: &'a str,
}

/// What was removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Removed {
    /// The schedule of that name.
    Schedule,
    /// Nothing: there was none.
    Nothing,
}

/// The scheduler, for one invocation.
pub struct Scheduler<'a> {
    aws: &'a Aws,
    api: Api,
    base: BaseUrl,
    place: &'a Place,
}

impl<'a> Scheduler<'a> {
    /// Makes no call.
    pub fn new(aws: &'a Aws, http: &Http, place: &'a Place) -> Result<Self> {
        let base = aws.base(Endpoint::Scheduler)?;
        let api = Api::new(http, "scheduler", base.clone(), Auth::None);
        Ok(Self { aws, api, base, place })
    }

    /// Makes a schedule, in the place of the one of its name. One that runs in between is made anew.
    pub async fn put(&self, schedule: &Schedule<'_>) -> Result<()> {
        if schedule.input.len() > MAX_INPUT {
            return Err(Error::new(
                ErrorKind::BadRequest,
                "the order is too large for a schedule",
            ));
        }
        for attempt in ["first", "second"] {
            let created = self.send("POST", schedule, attempt).await?;
            if !is_conflict(&created) {
                return done(created).map(drop);
            }
            let updated = self.send("PUT", schedule, attempt).await?;
            if updated.status() != 404 {
                return done(updated).map(drop);
            }
        }
        Err(Error::new(ErrorKind::Unavailable, BUSY))
    }

    /// Removes the schedule of this name, if there is one.
    pub async fn remove(&self, name: &str) -> Result<Removed> {
        let path = format!("/schedules/{}?groupName={}", escape(name), escape(&self.place.group));
        let url = self.base.join(&path);
        let headers = self.aws.authorise(Endpoint::Scheduler, "DELETE", &url, &[])?;
        let reply = self.api.delete(&path, Repeat::Safe).headers(headers).send().await?;
        match reply.status() {
            404 => Ok(Removed::Nothing),
            _ => done(reply).map(|_| Removed::Schedule),
        }
    }

    async fn send(&self, method: &str, schedule: &Schedule<'_>, attempt: &str) -> Result<Reply> {
        let path = format!("/schedules/{}", escape(&schedule.name));
        let asked = format!("{} {method} {attempt} {} {}", schedule.run, schedule.name, schedule.at);
        let token = Sha256::digest(asked + &schedule.input);
        let token: String = token.iter().map(|byte| format!("{byte:02x}")).collect();
        let body = self.body(schedule, &token).to_string().into_bytes();
        let url = self.base.join(&path);
        let headers = self.aws.authorise(Endpoint::Scheduler, method, &url, &body)?;
        let call = match method {
            "POST" => self.api.post(&path, Repeat::Safe),
            _ => self.api.put(&path, Repeat::Safe),
        };
        call.body(CONTENT_TYPE, body).headers(headers).send().await
    }

    fn body(&self, schedule: &Schedule<'_>, token: &str) -> Value {
        json!({
            "ClientToken": token,
            "GroupName": self.place.group,
            "ScheduleExpression": format!("at({})", TimeZone::UTC.to_datetime(schedule.at)),
            "ScheduleExpressionTimezone": "UTC",
            "FlexibleTimeWindow": {"Mode": "OFF"},
            "ActionAfterCompletion": "DELETE",
            "State": "ENABLED",
            "Target": {
                "Arn": self.place.queue,
                "RoleArn": self.place.role,
                "Input": schedule.input,
                "RetryPolicy": {"MaximumRetryAttempts": 185, "MaximumEventAgeInSeconds": 86_400},
            },
        })
    }
}

/// Whether something of that name is there, or is being changed: a 409 by the documents, and by its name as every AWS client
/// knows an error (<https://smithy.io/2.0/aws/protocols/aws-restjson1-protocol.html>), which moto sends with another status.
fn is_conflict(reply: &Reply) -> bool {
    let header = reply
        .headers()
        .get("x-amzn-errortype")
        .and_then(|kind| kind.to_str().ok());
    let body = || reply.try_json::<Refused>().map(|refused| refused.kind);
    let kind = header.map(str::to_owned).or_else(body).unwrap_or_default();
    reply.status() == 409 || (reply.status() == 400 && kind.contains("ConflictException"))
}

#[derive(Deserialize)]
struct Refused {
    #[serde(rename = "__type")]
    kind: String,
}

/// Whoever is refused is not the caller's fault: their order was read, and is well.
fn done(reply: Reply) -> Result<Reply> {
    let message = match reply.status() {
        _ if is_conflict(&reply) => return Err(reply.error(ErrorKind::Unavailable, BUSY)),
        402 => "the account's quota of schedules is used up",
        404 => "the group of schedules does not exist",
        400..=403 => {
            "the scheduler refused an order: may the function schedule and pass the role, and the scheduler take it on?"
        }
        _ => return reply.ok(),
    };
    Err(reply.error(ErrorKind::Misconfigured, message))
}
