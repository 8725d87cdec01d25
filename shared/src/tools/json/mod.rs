//! Reading JSON that others wrote. A fault is named by its path and never shows the value: bodies hold addresses and keys.

use std::borrow::Cow;
use std::ops::Deref;

use serde::de::Deserialize;

use crate::error::Fault;

mod path;

/// Reads `bytes` as a `T`, or says where they are not one.
pub fn decode<'a, T: Deserialize<'a>>(bytes: &'a [u8]) -> Result<T, Fault> {
    serde_json::from_slice(bytes).map_err(|error| Fault {
        path: path::of(&error, bytes),
        problem: harmless(&error),
    })
}

/// Text that is borrowed from what it stands in, unless something in it is escaped.
#[derive(serde::Deserialize, PartialEq, Eq, PartialOrd, Ord)]
#[serde(transparent)]
pub struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

impl Deref for Text<'_> {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

/// Reads `text` as a `T` that borrows from it, so that no copy is made of what may be secret.
pub fn borrow<'a, T: serde::Deserialize<'a>>(text: &'a str) -> Result<T, Fault> {
    serde_json::from_str(text).map_err(|error| Fault {
        path: ".".to_owned(),
        problem: harmless(&error),
    })
}

/// What an error says, without the value it may quote.
fn harmless(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let text = text.rsplit_once(" at line ").map_or(text.as_str(), |(text, _)| text);
    let names_fields_only = ["missing field", "unknown field", "duplicate field"];
    if names_fields_only.iter().any(|start| text.starts_with(start)) {
        return text.to_owned();
    }
    match error.classify() {
        serde_json::error::Category::Data => "is not of the right type".to_owned(),
        serde_json::error::Category::Eof => "ends too early".to_owned(),
        _ => "is not JSON".to_owned(),
    }
}
