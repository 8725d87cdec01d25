//! The time, injected: what a run decides by, it is told.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime};

use jiff::Timestamp;
use tokio::time::Instant;

/// Where the wall-clock time comes from.
#[derive(Clone, Copy, Debug)]
pub enum Clock {
    /// The machine's.
    System,
    /// Always this moment: for tests.
    At(Timestamp),
    /// The second that somebody tells: for tests that let time pass.
    Told(&'static AtomicI64),
}

impl Clock {
    /// The time.
    pub fn now(self) -> Timestamp {
        match self {
            Self::System => Timestamp::now(),
            Self::At(time) => time,
            Self::Told(second) => Timestamp::from_second(second.load(Ordering::Relaxed)).unwrap_or_default(),
        }
    }
}

/// The moment by which an invocation must have answered.
#[derive(Clone, Copy, Debug)]
pub struct Deadline(Instant);

/// Kept back for putting an order that is not finished on the queue, and for writing the answer.
const RESERVE: Duration = Duration::from_secs(1);

/// Assumed where the host tells no usable deadline: `cargo lambda watch` sends ten minutes past 1970.
const UNKNOWN: Duration = Duration::from_secs(60);

impl Deadline {
    /// The invocation's deadline, less what answering takes.
    pub fn of_invocation(deadline: SystemTime) -> Self {
        match deadline.duration_since(SystemTime::now()) {
            Ok(left) => Self::after(left.saturating_sub(RESERVE)),
            Err(_) => Self::after(UNKNOWN),
        }
    }

    /// So much time from now.
    pub fn after(time: Duration) -> Self {
        Self(Instant::now() + time)
    }

    /// The deadline of what is said last: most of what is kept back, so that an order that was not finished is not lost.
    #[must_use]
    pub fn of_last_words(self) -> Self {
        Self(self.0 + RESERVE * 4 / 5)
    }

    /// The time left; zero when it is over.
    pub fn left(self) -> Duration {
        self.0.saturating_duration_since(Instant::now())
    }
}
