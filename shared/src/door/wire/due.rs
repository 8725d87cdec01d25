//! When an order is to be worked: at once, at a later time, or never any more.

use jiff::civil::DateTime;
use jiff::tz::{TimeZone, TimeZoneDatabase};
use jiff::{RoundMode, SignedDuration, Timestamp, TimestampRound, Unit};

use super::fields::Fields;
use crate::planning::report::Mode;

/// What has passed when the scheduler is asked it may refuse, and the way there takes a while.
const SOONEST: SignedDuration = SignedDuration::from_secs(5);

/// When an order is to be worked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Due {
    /// At once.
    Now,
    /// At this time, a whole second.
    At(Timestamp),
    /// Never any more: what was scheduled is taken back.
    Never,
}

/// A time as it is written.
enum Written {
    /// The same everywhere.
    Absolute(Timestamp),
    /// What clocks show somewhere.
    Local(DateTime),
}

/// Reads `effective_at`, `time_zone` and `cancel`. A time that has come is now.
pub(super) fn due(fields: &mut Fields<'_>, mode: Mode, now: Timestamp) -> Due {
    let cancelled = fields.flag("cancel") == Some(true);
    let text = fields.text("effective_at");
    let name = fields.text("time_zone");
    let written = text.and_then(written);
    let zone = name.and_then(zone);
    let mut fault = |field: &str, problem: &str| fields.fault(fields.path_of(field), problem);
    if cancelled && text.is_some() {
        fault("effective_at", "cannot stand beside cancel");
    }
    if cancelled && mode == Mode::Preview {
        fault("cancel", "cannot be previewed: it touches no account");
    }
    if text.is_some() && written.is_none() {
        fault("effective_at", "is not a time such as 2026-12-31T18:00:00Z");
    }
    if name.is_some() && zone.is_none() {
        fault("time_zone", "is not a time zone such as Europe/London");
    }
    let time = match (written, zone) {
        (Some(Written::Absolute(time)), None) => Some(time),
        (Some(Written::Absolute(_)), Some(_)) => {
            fault("time_zone", "cannot stand beside a time with an offset");
            None
        }
        // A time that a clock skips is the one after the gap, and of one that it shows twice it is the earlier.
        (Some(Written::Local(local)), Some(zone)) => {
            let time = zone.to_ambiguous_timestamp(local).compatible().ok();
            if time.is_none() {
                fault("effective_at", "is no time of this time zone");
            }
            time
        }
        (Some(Written::Local(_)), None) => {
            if !fields.has("time_zone") {
                fields.fault(
                    fields.path_of("effective_at"),
                    "is a local time: give time_zone, or the time with its offset",
                );
            }
            None
        }
        (None, _) => {
            if name.is_some() && !fields.has("effective_at") {
                fields.fault(fields.path_of("time_zone"), "says nothing without effective_at");
            }
            None
        }
    };
    match time {
        _ if cancelled => Due::Never,
        Some(time) if time > now => Due::At(whole_second(time.max(now.saturating_add(SOONEST).unwrap_or(now)))),
        _ => Due::Now,
    }
}

/// Never early: the scheduler knows whole seconds.
fn whole_second(time: Timestamp) -> Timestamp {
    let up = TimestampRound::new().smallest(Unit::Second).mode(RoundMode::Ceil);
    time.round(up).unwrap_or(time)
}

/// A date and a time of day, with an offset or without one (RFC 3339, where the seconds may be left out).
fn written(text: &str) -> Option<Written> {
    let time_of_day = text.get(11..)?;
    let is_date_and_time = text.get(10..11).is_some_and(|t| t.eq_ignore_ascii_case("t"));
    if !is_date_and_time || time_of_day.get(2..3) != Some(":") || text.contains('[') {
        return None;
    }
    match time_of_day.contains(['Z', 'z', '+', '-']) {
        true => text.parse().ok().map(Written::Absolute),
        false => text.parse().ok().map(Written::Local),
    }
}

/// A zone of the database that is compiled in. `Etc/Unknown` is in it and means what nobody knows.
fn zone(name: &str) -> Option<TimeZone> {
    let zone = TimeZoneDatabase::bundled().get(name).ok()?;
    (!zone.is_unknown()).then_some(zone)
}
