//! When a call is sent again, and after how long.

use std::time::Duration;

use jiff::Timestamp;
use reqwest::header::{HeaderMap, RETRY_AFTER};

/// Whether sending a call twice does harm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Repeat {
    /// Reads, and writes that end in the same state however often they are sent.
    Safe,
    /// Each sending has its own effect (a mail, a new user): a lost answer is `Uncertain`, never resent.
    Unsafe,
}

/// Attempts at one call, the first included.
pub(super) const ATTEMPTS: u32 = 4;

/// Statuses that say "later".
pub(super) fn is_transient(status: u16) -> bool {
    matches!(status, 429 | 500 | 502 | 503 | 504)
}

/// Whether an answer of `status` may be asked for again. A 429 was refused before it was worked on, whatever the call.
pub(super) fn may_repeat(status: u16, repeat: Repeat) -> bool {
    status == 429 || (is_transient(status) && repeat == Repeat::Safe)
}

/// How long to wait before the next attempt: what the server asks for, else back-off doubling from `base`, with jitter.
pub(super) fn wait(attempt: u32, base: Duration, asked: Option<Duration>) -> Duration {
    let backoff = base.saturating_mul(1 << attempt.saturating_sub(1).min(10));
    asked.unwrap_or_else(|| backoff.mul_f64(0.5 + fastrand::f64() / 2.0))
}

/// How long the server asks us to wait: `Retry-After` in seconds or as an HTTP date (RFC 9110 §10.2.3), or else, with nothing
/// remaining, until the second at which GitHub (`x-ratelimit-reset`) or Okta (`x-rate-limit-reset`) counts anew.
///
/// GitHub's second limit may name no time: then it is a minute.
pub(super) fn retry_after(headers: &HeaderMap, body: &[u8], now: Timestamp) -> Option<Duration> {
    if let Some(text) = text(headers, RETRY_AFTER.as_str()) {
        if let Ok(seconds) = text.parse() {
            return Some(Duration::from_secs(seconds));
        }
        let date = jiff::fmt::rfc2822::parse(text).ok()?.timestamp();
        return Some(Duration::try_from(date - now).unwrap_or_default());
    }
    let counted_anew = LIMITS.iter().find_map(|(remaining, reset)| {
        let second = text(headers, reset).filter(|_| text(headers, remaining) == Some("0"))?;
        let reset = Timestamp::from_second(second.parse().ok()?).ok()?;
        Some(Duration::try_from(reset - now).unwrap_or_default())
    });
    counted_anew.or_else(|| says(body, SECOND_LIMIT).then_some(Duration::from_secs(60)))
}

const SECOND_LIMIT: &str = "secondary rate limit";

/// The headers that say what is left of a limit, and when it is counted anew.
const LIMITS: [(&str, &str); 2] = [
    ("x-ratelimit-remaining", "x-ratelimit-reset"),
    ("x-rate-limit-remaining", "x-rate-limit-reset"),
];

/// What AWS calls a request too many, with a status of 400.
/// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html>
const AWS_LIMITS: [&str; 3] = [
    "ThroughputExceededException\"",
    "ThrottlingException\"",
    "RequestLimitExceeded\"",
];

/// Whether a 400 or a 403 means "later": AWS sends the one for a request too many, GitHub and Google the other.
/// <https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api>,
/// <https://developers.google.com/workspace/admin/directory/v1/limits>
pub(super) fn is_throttled(status: u16, headers: &HeaderMap, body: &[u8]) -> bool {
    let limited = |remaining: &str| text(headers, remaining) == Some("0");
    let by_aws = status == 400 && AWS_LIMITS.iter().any(|words| says(body, words));
    let by_others = status == 403
        && (headers.contains_key(RETRY_AFTER)
            || LIMITS.iter().any(|(remaining, _)| limited(remaining))
            || ["ateLimitExceeded\"", "\"quotaExceeded\"", SECOND_LIMIT]
                .iter()
                .any(|words| says(body, words)));
    by_aws || by_others
}

fn says(body: &[u8], words: &str) -> bool {
    body.windows(words.len()).any(|window| window == words.as_bytes())
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok().map(str::trim)
}
