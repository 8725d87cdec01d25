//! What a schedule has to look like; what is allowed by AWS and of no use for a schedule that runs once is refused too.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde_json::Value;

use crate::checks::{self, Object, forbidden, members, object, required_text, text};
use crate::server::{Refusal, Request};

/// The members of a request that makes or replaces a schedule.
const MEMBERS: &[&str] = &[
    "ActionAfterCompletion",
    "ClientToken",
    "Description",
    "EndDate",
    "FlexibleTimeWindow",
    "GroupName",
    "KmsKeyArn",
    "ScheduleExpression",
    "ScheduleExpressionTimezone",
    "StartDate",
    "State",
    "Target",
];

/// A request that is well-formed.
pub(super) struct Asked {
    pub(super) group: String,
    pub(super) at: Timestamp,
    pub(super) token: Option<String>,
    pub(super) body: Value,
}

impl Asked {
    /// All of it, as text to compare.
    pub(super) fn all(&self, name: &str) -> String {
        format!("{name} {}", self.body)
    }
}

/// A name, of a schedule or a group: 1 to 64 of `[0-9a-zA-Z-_.]`.
pub(super) fn name(text: &str) -> Result<(), Refusal> {
    of_characters("a name", text, |c| c.is_ascii_alphanumeric() || "-_.".contains(c))
}

/// The body of a request, with nothing in it that the documents forbid.
pub(super) fn read(request: &Request) -> Result<Asked, Refusal> {
    checks::only_query(request, &[])?;
    let body = object(request, MEMBERS)?;
    let group = text(&body, "GroupName")?.unwrap_or_else(|| "default".to_owned());
    name(&group)?;
    let token = text(&body, "ClientToken")?;
    if let Some(token) = &token {
        of_characters("a client token", token, |c| {
            c.is_ascii_alphanumeric() || "-_".contains(c)
        })?;
    }
    one_of(&body, "ActionAfterCompletion", &["NONE", "DELETE"])?;
    one_of(&body, "State", &["ENABLED", "DISABLED"])?;
    window(&body)?;
    target(&body)?;
    let zone = text(&body, "ScheduleExpressionTimezone")?;
    if zone.is_some_and(|zone| zone != "UTC") {
        return Err(forbidden("times of other zones than UTC are not simulated"));
    }
    Ok(Asked {
        group,
        at: once(&required_text(&body, "ScheduleExpression")?)?,
        token,
        body: Value::Object(body),
    })
}

/// `at(yyyy-mm-ddThh:mm:ss)`, and nothing that only looks like it.
fn once(expression: &str) -> Result<Timestamp, Refusal> {
    let inner = expression.strip_prefix("at(").and_then(|rest| rest.strip_suffix(')'));
    let time: Option<DateTime> = inner.and_then(|time| time.parse().ok());
    let time = time.filter(|time| inner == Some(&time.to_string()) && time.subsec_nanosecond() == 0);
    let time = time.and_then(|time| TimeZone::UTC.to_timestamp(time).ok());
    time.ok_or_else(|| forbidden(format!("{expression} is not at(yyyy-mm-ddThh:mm:ss)")))
}

fn window(body: &Object) -> Result<(), Refusal> {
    let window = part(body, "FlexibleTimeWindow", &["Mode", "MaximumWindowInMinutes"])?;
    match required_text(&window, "Mode")?.as_str() {
        "OFF" if window.len() == 1 => Ok(()),
        _ => Err(forbidden("a schedule that runs at its time has a window that is OFF")),
    }
}

fn target(body: &Object) -> Result<(), Refusal> {
    let target = part(
        body,
        "Target",
        &["Arn", "RoleArn", "Input", "RetryPolicy", "DeadLetterConfig"],
    )?;
    let arn = required_text(&target, "Arn")?;
    if !arn.starts_with("arn:aws:sqs:") || arn.split(':').count() != 6 {
        return Err(forbidden("the target is not the ARN of a queue"));
    }
    if !required_text(&target, "RoleArn")?.starts_with("arn:aws:iam::123456789012:role/") {
        return Err(forbidden("RoleArn is not the ARN of a role"));
    }
    required_text(&target, "Input")?;
    if target.contains_key("RetryPolicy") {
        let policy = part(
            &target,
            "RetryPolicy",
            &["MaximumRetryAttempts", "MaximumEventAgeInSeconds"],
        )?;
        let within = |name: &str, from: u64, to: u64| {
            let number = policy.get(name).map(Value::as_u64);
            number.is_none_or(|number| number.is_some_and(|number| (from..=to).contains(&number)))
        };
        if !within("MaximumRetryAttempts", 0, 185) || !within("MaximumEventAgeInSeconds", 60, 86_400) {
            return Err(forbidden("the retry policy is out of its limits"));
        }
    }
    Ok(())
}

fn part(object: &Object, name: &str, allowed: &[&str]) -> Result<Object, Refusal> {
    let part = object.get(name);
    members(
        part.ok_or_else(|| forbidden(format!("member {name} is missing")))?,
        allowed,
    )
}

fn one_of(object: &Object, name: &str, words: &[&str]) -> Result<(), Refusal> {
    match text(object, name)? {
        Some(word) if !words.contains(&word.as_str()) => Err(forbidden(format!("{name} is none of {words:?}"))),
        _ => Ok(()),
    }
}

fn of_characters(what: &str, text: &str, allowed: impl Fn(char) -> bool) -> Result<(), Refusal> {
    match (1..=64).contains(&text.len()) && text.chars().all(allowed) {
        true => Ok(()),
        false => Err(forbidden(format!("{what} is 1 to 64 characters of a few kinds"))),
    }
}
