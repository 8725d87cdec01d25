//! Block Kit as its pages have it: the form of every block and element, and how much of each a message may hold.
//! Over a limit, Slack refuses the whole message.

use std::collections::BTreeSet;

use serde_json::Value;

/// What is wrong with a message, if anything is.
pub fn fault_of(message: &Value) -> Option<String> {
    message_is_good(message).err()
}

type Good = Result<(), String>;

fn message_is_good(message: &Value) -> Good {
    let members = [
        "text",
        "blocks",
        "response_type",
        "replace_original",
        "delete_original",
        "thread_ts",
    ];
    only(message, &members)?;
    text(&message["text"], 1, 40_000, "text")?;
    let ephemeral = matches!(
        message["response_type"].as_str(),
        None | Some("ephemeral" | "in_channel")
    );
    good(ephemeral, "response_type")?;
    let blocks = message["blocks"].as_array().ok_or("blocks is no list")?;
    good((1..=50).contains(&blocks.len()), "1 to 50 blocks")?;
    let mut ids = BTreeSet::new();
    for (n, block) in blocks.iter().enumerate() {
        let fault = |fault| format!("blocks[{n}]: {fault}");
        block_is_good(block).map_err(fault)?;
        if let Some(id) = block.get("block_id") {
            text(id, 1, 255, "block_id")?;
            good(ids.insert(id.to_string()), "a block_id twice")?;
        }
    }
    Ok(())
}

fn block_is_good(block: &Value) -> Good {
    match block["type"].as_str() {
        Some("divider") => only(block, &["type", "block_id"]),
        Some("header") => {
            only(block, &["type", "block_id", "text"])?;
            composed(&block["text"], &["plain_text"], 150)
        }
        Some("section") => {
            only(block, &["type", "block_id", "text", "fields", "expand"])?;
            if let Some(fields) = block["fields"].as_array() {
                good((1..=10).contains(&fields.len()), "1 to 10 fields")?;
                fields
                    .iter()
                    .try_for_each(|field| composed(field, &["plain_text", "mrkdwn"], 2000))?;
            }
            match (block.get("text"), block.get("fields")) {
                (None, Some(_)) => Ok(()),
                (section, _) => composed(section.unwrap_or(&Value::Null), &["plain_text", "mrkdwn"], 3000),
            }
        }
        Some("context") => {
            only(block, &["type", "block_id", "elements"])?;
            let elements = elements(block, 10)?;
            elements
                .iter()
                .try_for_each(|element| composed(element, &["plain_text", "mrkdwn"], 3000))
        }
        Some("actions") => {
            only(block, &["type", "block_id", "elements"])?;
            let elements = elements(block, 25)?;
            let ids: BTreeSet<String> = elements
                .iter()
                .map(|element| element["action_id"].to_string())
                .collect();
            good(ids.len() == elements.len(), "an action_id twice")?;
            elements.iter().try_for_each(button)
        }
        other => Err(format!("no such block here: {other:?}")),
    }
}

fn elements(block: &Value, most: usize) -> Result<&Vec<Value>, String> {
    let elements = block["elements"].as_array().ok_or("elements is no list")?;
    good((1..=most).contains(&elements.len()), "too many elements, or none")?;
    Ok(elements)
}

fn button(button: &Value) -> Good {
    only(
        button,
        &[
            "type",
            "action_id",
            "text",
            "value",
            "url",
            "style",
            "confirm",
            "accessibility_label",
        ],
    )?;
    good(button["type"] == "button", "no button")?;
    composed(&button["text"], &["plain_text"], 75)?;
    text(&button["action_id"], 1, 255, "action_id")?;
    if let Some(value) = button.get("value") {
        text(value, 1, 2000, "value")?;
    }
    style(button)?;
    let Some(confirm) = button.get("confirm") else {
        return Ok(());
    };
    only(confirm, &["title", "text", "confirm", "deny", "style"])?;
    style(confirm)?;
    for (member, most) in [("title", 100), ("text", 300), ("confirm", 30), ("deny", 30)] {
        composed(&confirm[member], &["plain_text"], most)?;
    }
    Ok(())
}

fn style(element: &Value) -> Good {
    good(
        matches!(
            element.get("style").map(Value::as_str),
            None | Some(Some("primary" | "danger"))
        ),
        "style",
    )
}

/// A text object: `plain_text` or `mrkdwn`.
fn composed(object: &Value, kinds: &[&str], most: usize) -> Good {
    let kind = object["type"]
        .as_str()
        .filter(|kind| kinds.contains(kind))
        .ok_or("no such text object here")?;
    only(
        object,
        if kind == "mrkdwn" {
            &["type", "text", "verbatim"]
        } else {
            &["type", "text", "emoji"]
        },
    )?;
    text(&object["text"], 1, most, "text")
}

fn text(value: &Value, least: usize, most: usize, name: &str) -> Good {
    let text = value.as_str().ok_or_else(|| format!("{name} is no text"))?;
    let length = text.encode_utf16().count();
    good(
        (least..=most).contains(&length),
        &format!("{name} has {length} characters, and may have {most}"),
    )
}

fn only(object: &Value, members: &[&str]) -> Good {
    let object = object.as_object().ok_or("not an object")?;
    let unknown = object.keys().find(|name| !members.contains(&name.as_str()));
    unknown.map_or(Ok(()), |name| Err(format!("unknown member {name}")))
}

fn good(is: bool, what: &str) -> Good {
    if is { Ok(()) } else { Err(what.to_owned()) }
}
