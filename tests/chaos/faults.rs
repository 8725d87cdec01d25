//! What goes wrong on the way to a provider, the directory or the ledger, and how often.

use rehearsal::faults::Fault;
use rehearsal::server::Reply;
use serde_json::Value;

use super::dice::Dice;

/// How a call to the ledger goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trouble {
    None,
    /// It fails, and nothing happened.
    Before,
    /// It fails, though it took effect.
    After,
}

/// How wild the world is for one run: chances in a hundred.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Weather {
    /// That a request goes wrong.
    pub(super) requests: u32,
    /// That a call to the ledger does.
    pub(super) ledger: u32,
    /// That a call takes long enough for a lease to lapse.
    pub(super) slow: u32,
}

impl Weather {
    pub(super) fn chosen(dice: &Dice) -> Self {
        Self {
            requests: [0, 0, 0, 4, 12, 35][dice.number(0, 5)],
            ledger: [0, 0, 0, 0, 5, 20][dice.number(0, 5)],
            slow: [0, 0, 0, 5][dice.number(0, 3)],
        }
    }

    pub(super) fn trouble(self, dice: &Dice) -> Trouble {
        match dice.percent(self.ledger) {
            false => Trouble::None,
            true if dice.percent(50) => Trouble::Before,
            true => Trouble::After,
        }
    }
}

/// A fault of the shared list.
pub(super) fn fault(dice: &Dice) -> Fault {
    match dice.number(0, 13) {
        0 => Fault::Status([500, 502, 503, 504][dice.number(0, 3)]),
        1 => Fault::Status([400, 401, 403, 404, 409][dice.number(0, 4)]),
        2 => Fault::StatusWithRetryAfter(429, "2".to_owned()),
        3 => Fault::Hang,
        4 => Fault::CutBefore,
        5 | 6 => Fault::CutAfter,
        7 => Fault::Garbage,
        8 => Fault::MissingField,
        9 => Fault::ExtraField,
        10 => Fault::ShortPage,
        11 => Fault::WrongTotal,
        12 => Fault::LoopedCursor,
        _ => Fault::Redirect("http://127.0.0.1:1/elsewhere".to_owned()),
    }
}

/// A list in another order: no fault, and nothing may depend on it.
pub(super) fn reorder(reply: &mut Reply, dice: &Dice) {
    bend(reply, |items| {
        let by = dice.number(0, items.len());
        items.rotate_left(by);
    });
}

/// A list with an entry twice.
pub(super) fn duplicate(reply: &mut Reply, dice: &Dice) {
    bend(reply, |items| {
        if let Some(item) = dice.one(items).cloned() {
            items.push(item);
        }
    });
}

fn bend(reply: &mut Reply, change: impl FnOnce(&mut Vec<Value>)) {
    let Ok(mut body) = serde_json::from_slice::<Value>(&reply.body) else {
        return;
    };
    let list = match &mut body {
        Value::Array(items) => Some(items),
        Value::Object(members) => members.values_mut().find_map(Value::as_array_mut),
        _ => None,
    };
    if let Some(items) = list {
        change(items);
        reply.body = body.to_string().into_bytes();
    }
}

/// A roster that is cut, loses a row or repeats one: its trailer tells.
pub(super) fn spoil(text: &str, dice: &Dice) -> String {
    let mut lines: Vec<&str> = text.lines().collect();
    let at = dice.number(1, lines.len() - 1);
    match dice.number(0, 3) {
        0 => return text[..dice.number(0, text.len() - 4)].to_owned(), // into the trailer's number at least
        1 => drop(lines.remove(at)),
        2 => lines.insert(at, lines[at]),
        _ => lines.truncate(1),
    }
    lines.join("\n") + "\n"
}
