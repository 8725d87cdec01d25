//! JSON values as the cells of a spreadsheet.

use serde_json::Value;

/// A value as a cell: lists joined by `;`, and nothing that a spreadsheet would take for a formula.
pub(super) fn cell(value: &Value) -> String {
    let text = plain(value);
    match text.chars().next() {
        Some('=' | '+' | '-' | '@' | '\t' | '\r') => format!("'{text}"),
        _ => text,
    }
}

/// A value as text, lists joined by `;`.
pub(in crate::door) fn plain(value: &Value) -> String {
    let join = |parts: Vec<String>| parts.join(";");
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(items) => join(items.iter().map(plain).collect()),
        Value::Object(object) => match (&value["provider"], &value["status"]) {
            (Value::String(provider), Value::String(status)) => format!("{provider}:{status}"),
            _ => join(
                object
                    .iter()
                    .map(|(name, value)| format!("{name}:{}", plain(value)))
                    .collect(),
            ),
        },
        other => other.to_string(),
    }
}
