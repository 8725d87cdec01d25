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

/// `Retry-After`: seconds or an HTTP date (RFC 9110 §10.2.3).
pub(super) fn retry_after(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let date = jiff::fmt::rfc2822::parse(text).ok()?.timestamp();
    Some(Duration::try_from(date - now).unwrap_or_default())
}
