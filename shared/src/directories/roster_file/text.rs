//! A roster as text: what it is written in, where its rows are, and whether its end is there.

use std::collections::HashMap;

use serde_json::Value;
use serde_json::value::RawValue;

use crate::error::Fault;

pub(super) fn whole(problem: &str) -> Vec<Fault> {
    vec![Fault {
        path: "the file".to_owned(),
        problem: problem.to_owned(),
    }]
}

/// HR exports from spreadsheets come in other encodings; guessing one could turn a name into another.
pub(super) fn utf8(bytes: &[u8]) -> Result<&str, Vec<Fault>> {
    if bytes.starts_with(&[0xFF, 0xFE]) || bytes.starts_with(&[0xFE, 0xFF]) {
        return Err(whole("is UTF-16; export it as UTF-8"));
    }
    let bytes = bytes.strip_prefix(&[0xEF, 0xBB, 0xBF]).unwrap_or(bytes);
    std::str::from_utf8(bytes).map_err(|_| whole("is not UTF-8 (Windows-1252?); export it as UTF-8"))
}

/// The text before the trailer, and the number of rows it promises.
pub(super) fn cut_trailer(text: &str) -> Result<(&str, Option<usize>), Vec<Fault>> {
    let missing = || whole("the last line is not the trailer `#end,<rows>`: the file is cut off");
    let end = text.trim_end();
    let start = end.rfind('\n').map_or(0, |i| i + 1);
    let (rows, trailer) = (text.get(..start), end.get(start..));
    let promised = trailer.and_then(|line| line.trim().strip_prefix("#end,"));
    let promised = promised
        .and_then(|count| count.trim().parse().ok())
        .ok_or_else(missing)?;
    Ok((rows.unwrap_or_default(), Some(promised)))
}

/// A value as the text that would stand in a CSV cell.
pub(super) fn plain(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.trim().to_owned()),
        Value::Number(number) => Some(number.to_string()),
        Value::Array(items) => {
            let texts: Option<Vec<&str>> = items.iter().map(Value::as_str).collect();
            Some(texts?.join(";"))
        }
        _ => None,
    }
}

/// What an RFC 6901 pointer leads to, unread.
pub(super) fn pointed<'a>(document: &'a RawValue, pointer: &str) -> Option<&'a RawValue> {
    let Some(path) = pointer.strip_prefix('/') else {
        return pointer.is_empty().then_some(document);
    };
    path.split('/').try_fold(document, |value, token| {
        let token = token.replace("~1", "/").replace("~0", "~");
        if let Ok(mut members) = serde_json::from_str::<HashMap<String, &RawValue>>(value.get()) {
            return members.remove(&token);
        }
        let items: Vec<&RawValue> = serde_json::from_str(value.get()).ok()?;
        items.get(token.parse::<usize>().ok()?).copied()
    })
}
