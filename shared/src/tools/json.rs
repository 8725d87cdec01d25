//! Reading JSON that others wrote. A fault is named by its path and never shows the value: bodies hold addresses and keys.

use serde::de::DeserializeOwned;

use crate::error::Fault;

/// Reads `bytes` as a `T`, or says where they are not one.
pub fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Fault> {
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut reader).map_err(|error| Fault {
        path: error.path().to_string(),
        problem: harmless(error.inner()),
    })?;
    reader.end().map_err(|error| Fault {
        path: ".".to_owned(),
        problem: harmless(&error),
    })?;
    Ok(value)
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
