//! Block Kit (<https://docs.slack.dev/reference/block-kit/blocks>): the few blocks we use, cut to their limits. One text that is a
//! character too long, and Slack refuses the whole message.
//!
//! Lengths are counted in bytes, which are never fewer than what Slack counts.

use serde_json::{Value, json};

/// Blocks in a message.
pub(super) const BLOCKS: usize = 50;
/// The value of a button.
pub(super) const VALUE: usize = 2000;
const HEADER: usize = 150;
const SECTION: usize = 3000;
/// The longest a single thing is shown that somebody else wrote: a name, and a sentence.
const WORD: usize = 120;
const SENTENCE: usize = 500;
/// Room for "…and 100000 more".
const MORE: usize = 40;

/// Text of somebody else, so that it means nothing to Slack: no mention, no link, no line of its own.
/// <https://docs.slack.dev/messaging/formatting-message-text#escaping>
pub(super) fn escape(text: &str) -> String {
    escaped(text, WORD)
}

/// The same for what may be longer.
pub(super) fn sentence(text: &str) -> String {
    escaped(text, SENTENCE)
}

fn escaped(text: &str, most: usize) -> String {
    let one_line: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let short = cut(&one_line, most);
    short.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// At most so many bytes of a text.
fn cut(text: &str, most: usize) -> String {
    if text.len() <= most {
        return text.to_owned();
    }
    let room = most.saturating_sub('…'.len_utf8());
    let mut short = String::new();
    for c in text.chars() {
        if short.len() + c.len_utf8() > room {
            break;
        }
        short.push(c);
    }
    short.push('…');
    short
}

pub(super) fn header(text: &str) -> Value {
    json!({"type": "header", "text": {"type": "plain_text", "text": cut(text, HEADER), "emoji": false}})
}

/// A title and lines, as many as fit; all of it is escaped already.
pub(super) fn section(title: &str, lines: &[String]) -> Value {
    let mut text = title.to_owned();
    for (n, line) in lines.iter().enumerate() {
        let left = lines.len() - n;
        let room = if left == 1 { SECTION } else { SECTION - MORE };
        if text.len() + 1 + line.len() > room {
            text.push_str(&format!("\n…and {left} more"));
            break;
        }
        text.push('\n');
        text.push_str(line);
    }
    json!({"type": "section", "text": mrkdwn(&text)})
}

pub(super) fn context(text: &str) -> Value {
    json!({"type": "context", "elements": [mrkdwn(text)]})
}

/// A pair of buttons; both carry `value`.
pub(super) fn buttons(id: &str, buttons: Vec<Value>) -> Value {
    json!({"type": "actions", "block_id": id, "elements": buttons})
}

/// A button; one that is dangerous asks once more.
pub(super) fn button(action: &str, label: &str, value: &str) -> Value {
    json!({"type": "button", "action_id": action, "text": plain(label), "value": value})
}

/// The same button, red, and with a question before it does anything.
pub(super) fn dangerous(mut button: Value, question: &str, yes: &str) -> Value {
    if let Some(button) = button.as_object_mut() {
        button.insert("style".to_owned(), "danger".into());
        let confirm = json!({"title": plain("Are you sure?"), "text": plain(question), "confirm": plain(yes),
                             "deny": plain("Not now"), "style": "danger"});
        button.insert("confirm".to_owned(), confirm);
    }
    button
}

/// As Slack formats it; `verbatim` keeps it from making links of what looks like one.
fn mrkdwn(text: &str) -> Value {
    json!({"type": "mrkdwn", "text": text, "verbatim": true})
}

fn plain(text: &str) -> Value {
    json!({"type": "plain_text", "text": text, "emoji": false})
}
