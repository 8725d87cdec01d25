//! Where in a JSON text its reader stopped, as a path such as `users[3].email`.
//!
//! This is read from the text, after the fact: a reader that knows the way to each value is a second reader for each type, and
//! those were 200 KB of each function.

/// A list or an object that is open, and which of its values is meant.
enum Open<'a> {
    List { index: usize },
    Object { key: Option<&'a [u8]> },
}

/// The path of what was read of `text` when the error was met.
pub(super) fn of(error: &serde_json::Error, text: &[u8]) -> String {
    of_end(read(error, text))
}

/// As much of `text` as was read before the error; nothing, if the error is about the whole.
fn read<'a>(error: &serde_json::Error, text: &'a [u8]) -> &'a [u8] {
    let lines = text.split_inclusive(|byte| *byte == b'\n');
    let above: usize = lines.take(error.line().saturating_sub(1)).map(<[u8]>::len).sum();
    let stumbled = usize::from(error.is_syntax()); // over a byte that is counted, too
    let end = (above + error.column()).saturating_sub(stumbled);
    text.get(..end).unwrap_or(text)
}

/// The path of what `text`, the beginning of a JSON text, ends with: a value or a key, whole or begun.
fn of_end(text: &[u8]) -> String {
    let mut open: Vec<Open<'_>> = Vec::new();
    let mut rest = text;
    while let Some((byte, after)) = rest.split_first() {
        let mut next = after;
        match byte {
            b'[' => open.push(Open::List { index: 0 }),
            b'{' => open.push(Open::Object { key: None }),
            b']' | b'}' => {
                open.pop(); // what holds it means it still
            }
            b',' => match open.last_mut() {
                Some(Open::List { index }) => *index += 1,
                Some(Open::Object { key }) => *key = None,
                None => {}
            },
            b'"' => {
                let Some(length) = string(rest) else { break };
                let (string, after) = rest.split_at(length);
                if let Some(Open::Object { key: key @ None }) = open.last_mut() {
                    *key = Some(string);
                }
                next = after;
            }
            _ => {}
        }
        rest = next;
    }
    written(&open)
}

/// How long the string is that `text` begins with, its quotes included, if it ends at all.
fn string(text: &[u8]) -> Option<usize> {
    let mut bytes = text.iter().enumerate().skip(1);
    while let Some((at, byte)) = bytes.next() {
        match byte {
            b'"' => return Some(at + 1),
            b'\\' => bytes.next().map(drop)?,
            _ => {}
        }
    }
    None
}

fn written(open: &[Open<'_>]) -> String {
    let mut path = String::new();
    for part in open {
        match part {
            Open::List { index } => path.push_str(&format!("[{index}]")),
            Open::Object { key: None } => {}
            Open::Object { key: Some(key) } => {
                if !path.is_empty() {
                    path.push('.');
                }
                let text = serde_json::from_slice::<String>(key);
                path.push_str(&text.unwrap_or_else(|_| String::from_utf8_lossy(key).into_owned()));
            }
        }
    }
    if path.is_empty() {
        path.push('.');
    }
    path
}
