//! A record as the table keeps it, in DynamoDB's JSON.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::tools::ledger::Record;

/// A record.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Item {
    shelf: Text,
    key: Text,
    text: Text,
    version: Number,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires: Option<Number>,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Text {
    #[serde(rename = "S")]
    text: String,
}

/// A number, which travels as text.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Number {
    #[serde(rename = "N")]
    number: String,
}

impl Item {
    pub(super) fn of(record: &Record, version: u64) -> Self {
        let text = |text: &str| Text { text: text.to_owned() };
        Self {
            shelf: text(&record.shelf),
            key: text(&record.key),
            text: text(&record.text),
            version: Number::of(version),
            expires: record.expires.map(|expires| Number::of(expires.as_second())),
        }
    }

    /// The record, if it is one.
    pub(super) fn record(self) -> Option<Record> {
        let expires = match self.expires {
            Some(second) => Some(Timestamp::from_second(second.number.parse().ok()?).ok()?),
            None => None,
        };
        Some(Record {
            shelf: self.shelf.text,
            key: self.key.text,
            text: self.text.text,
            expires,
            version: self.version.number.parse().ok()?,
        })
    }
}

impl Number {
    pub(super) fn of(number: impl ToString) -> Self {
        Self {
            number: number.to_string(),
        }
    }
}
