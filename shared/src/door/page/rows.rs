//! Rows, as many as one answer holds; the others are counted, never silently left out.

use maud::{Markup, PreEscaped};

use crate::door::event::bytes_in_json;

/// How many bytes of rows one page may have. Lambda takes answers of six megabytes
/// (<https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>), and a browser has to show them.
pub(super) const MOST_BYTES: usize = 4_000_000;

/// Rows of a table.
pub(super) struct Rows {
    html: String,
    room: usize,
    /// How many are in it.
    pub(super) shown: usize,
    /// How many found no room.
    pub(super) left_out: usize,
}

impl Rows {
    /// With room for so many bytes.
    pub(super) fn within(room: usize) -> Self {
        Self {
            html: String::new(),
            room,
            shown: 0,
            left_out: 0,
        }
    }

    /// Adds a row, or counts it. After one that found no room none does, so that what is shown is the beginning.
    pub(super) fn add(&mut self, row: impl FnOnce() -> Markup) {
        if self.room == 0 {
            self.left_out += 1;
            return;
        }
        let row = row().into_string();
        match self.room.checked_sub(bytes_in_json(&row)) {
            Some(room) => {
                self.room = room;
                self.shown += 1;
                self.html.push_str(&row);
            }
            None => {
                self.room = 0;
                self.left_out += 1;
            }
        }
    }

    pub(super) fn markup(self) -> Markup {
        PreEscaped(self.html)
    }
}
