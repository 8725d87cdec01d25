//! The file, read once.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::OnceLock;

use serde_json::Value;

/// The whole of it.
pub(super) fn document() -> &'static Value {
    static DOCUMENT: OnceLock<Value> = OnceLock::new();
    DOCUMENT.get_or_init(|| {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("functions/openapi.yaml");
        let text = std::fs::read_to_string(path).unwrap();
        serde_yaml_ng::from_str(&text).unwrap()
    })
}

/// What a JSON pointer points at.
pub(super) fn at(pointer: &str) -> &'static Value {
    let found = document().pointer(pointer);
    found.unwrap_or_else(|| panic!("functions/openapi.yaml has nothing at {pointer}"))
}

/// A value, or what it refers to.
pub(super) fn resolved(value: &'static Value) -> &'static Value {
    match value["$ref"].as_str() {
        Some(reference) => at(reference.trim_start_matches('#')),
        None => value,
    }
}

/// The one operation of a function's URL.
pub(super) fn operation(function: &str) -> &'static Value {
    let path = at(&format!("/paths/~1{function}~1")).as_object().unwrap();
    assert_eq!(path.len(), 1, "{function} takes one method");
    path.values().next().unwrap()
}

/// A schema by its name.
pub(super) fn schema(name: &str) -> &'static Value {
    at(&format!("/components/schemas/{name}"))
}

/// The words of an enum.
pub(super) fn words(schema: &Value) -> BTreeSet<&str> {
    let words = schema["enum"].as_array().map(Vec::as_slice).unwrap_or_default();
    let words = words.iter().chain(schema.get("const"));
    words.map(|word| word.as_str().unwrap()).collect()
}

/// The names of an object's members.
pub(super) fn keys(object: &Value) -> BTreeSet<&str> {
    object.as_object().unwrap().keys().map(String::as_str).collect()
}
