//! A report as a message: one section for each provider, what needs somebody first, and buttons for what is held.

use serde_json::Value;

use super::approval::{APPROVE, Approval, REJECT};
use super::blocks::{self, escape, sentence};
use super::list;
use super::telling::{Context, Ending, Place, Telling};
use crate::door::senders::text;

/// Changes whose lines come last: nobody has to do anything about them.
const QUIET: [&str; 4] = ["done", "planned", "unchanged", "pending"];

pub(super) fn telling(report: &Value, context: Context<'_>) -> Telling {
    let (function, status) = (word(report, "/function"), word(report, "/status"));
    let title = match word(report, "/mode") {
        "preview" => format!("{function}, a preview: nothing was changed"),
        _ => format!("{function}: {}", ended(status)),
    };
    let mut blocks = vec![blocks::header(&title)];
    let mut summary = Vec::new();
    for provider in list(report, "/providers") {
        summary.push(counts(provider));
        blocks.push(section(provider, context));
        blocks.extend(held(report, provider, context).into_iter().flatten());
    }
    let unknown = list(report, "/unknown").iter();
    let unknown: Vec<String> = unknown.map(|one| format!("• {}", failed_about(one, context))).collect();
    if !unknown.is_empty() {
        blocks.push(blocks::section("*Nobody knows whom this is about:*", &unknown));
    }
    if let Some(message) = text(report, "/ledger/error/message") {
        blocks.push(blocks::section(&format!("*The ledger:* {}", sentence(message)), &[]));
    }
    blocks.push(blocks::context(&format!("run {}", escape(word(report, "/request_id")))));
    Telling {
        text: format!("{title}. {}", summary.join("; ")),
        blocks,
        ending: match status {
            "done" => Ending::Well(status.to_owned()),
            _ => Ending::Badly,
        },
        place: Place::Original,
    }
}

fn ended(status: &str) -> &str {
    match status {
        "done" => "done",
        "partial" => "only partly done",
        "held" => "held, nobody was removed",
        "failed" => "failed",
        "queued" => "still under way",
        other => other,
    }
}

/// A provider and its numbers, which name nobody.
fn counts(provider: &Value) -> String {
    let name = word(provider, "/provider");
    if let Some(message) = text(provider, "/error/message") {
        let later = match list(provider, "/queued").len() {
            0 => String::new(),
            count => format!(", {count} to be finished later"),
        };
        return format!("{name}: {}{later}", sentence(message));
    }
    let mut parts = Vec::new();
    let mut outcomes: Vec<(String, usize)> = Vec::new();
    for change in list(provider, "/changes") {
        let said = format!("{} {}", word(change, "/action"), outcome(change));
        match outcomes.iter_mut().find(|(known, _)| *known == said) {
            Some((_, count)) => *count += 1,
            None => outcomes.push((said, 1)),
        }
    }
    parts.extend(outcomes.into_iter().map(|(said, count)| format!("{count} {said}")));
    let counted = [
        ("/skips", "left alone"),
        ("/unsettled", "without a visible effect"),
        ("/queued", "to be finished later"),
    ];
    for (at, said) in counted {
        match list(provider, at).len() {
            0 => {}
            count => parts.push(format!("{count} {said}")),
        }
    }
    if let Some(held) = provider.get("held") {
        parts.push(format!("{} held", removals(held)));
    }
    match parts.is_empty() {
        true => format!("{name}: nothing to do"),
        false => format!("{name}: {}", parts.join(", ")),
    }
}

fn section(provider: &Value, context: Context<'_>) -> Value {
    let about = |one: &Value| context.names.who(&one["who"], &context.to.typed);
    let (mut loud, mut quiet) = (Vec::new(), Vec::new());
    for change in list(provider, "/changes") {
        let mut line = format!("• {} {} – {}", word(change, "/action"), about(change), outcome(change));
        match text(change, "/evidence") {
            Some("known_leaver") => line.push_str(", has left by the directory"),
            Some("absence") => line.push_str(", not in the directory"),
            _ => {}
        }
        for more in ["/detail", "/error/message"] {
            if let Some(more) = text(change, more) {
                line.push_str(&format!(": {}", sentence(more)));
            }
        }
        match QUIET.contains(&word(change, "/outcome")) {
            true => quiet.push(line),
            false => loud.push(line),
        }
    }
    let unsettled = list(provider, "/unsettled").iter();
    loud.extend(unsettled.map(|one| format!("• {} {} – shows no effect", word(one, "/action"), about(one))));
    let skips = list(provider, "/skips").iter();
    quiet.extend(skips.map(|one| format!("• left alone: {} – {}", about(one), word(one, "/why").replace('_', " "))));
    loud.append(&mut quiet);
    let counts = counts(provider);
    let (name, said) = counts.split_once(": ").unwrap_or((&counts, ""));
    blocks::section(&format!("*{name}* – {said}"), &loud)
}

fn outcome(change: &Value) -> &str {
    match word(change, "/outcome") {
        "unchanged" => "was so already",
        "pending" => "invited",
        "not_found" => "not known there yet",
        "manual" => "to be done by hand",
        "queued" => "to be finished later",
        other => other,
    }
}

fn failed_about(one: &Value, context: Context<'_>) -> String {
    let who = context.names.who(&one["who"], &context.to.typed);
    match text(one, "/error/message") {
        Some(message) => format!("{who} – {}", sentence(message)),
        None => who,
    }
}

/// What is held, why, and the buttons where a consent helps.
fn held(report: &Value, provider: &Value, context: Context<'_>) -> Option<Vec<Value>> {
    let held = provider.get("held")?;
    let (name, rule, digest) = (word(provider, "/provider"), word(held, "/rule"), word(held, "/digest"));
    let (removals, limit, managed) = (removals(held), &held["limit"], &held["managed"]);
    let why = match rule {
        "too_many_removals" => format!("more than the limit of {limit} for {managed} accounts"),
        "too_many_orders" => format!("more than the {limit} that orders may remove in an hour"),
        "roster_small" => format!("the directory names fewer than {limit} people"),
        "roster_shrank" => format!("the directory names many fewer people than the {limit} before"),
        "permanent" => "what is removed here is gone for ever".to_owned(),
        "no_memory" => "there is no ledger that could say who was absent before".to_owned(),
        "paused" => "somebody pressed pause; approving does not lift that".to_owned(),
        "protected_unreadable" => "PROTECTED cannot be read; approving does not lift that".to_owned(),
        other => escape(other),
    };
    let title = format!(
        "*Held at {name}:* {removals} – {why} (`{}`, digest `{}`)",
        escape(rule),
        escape(digest)
    );
    // What nobody can see nobody can consent to.
    let final_no = matches!(rule, "paused" | "protected_unreadable") || report.get("ledger").is_some();
    if final_no {
        return Some(vec![blocks::section(&title, &[])]);
    }
    let function = word(report, "/function");
    let asker = context.to.asker.as_deref();
    let approval = Approval::new(function, name, digest, asker, &context.to.typed, context.now);
    let Some(value) = approval.function().and_then(|_| approval.value()) else {
        let hint = "The order names more people than a button holds: give it again with this digest as its `consent`.";
        return Some(vec![blocks::section(&title, &[hint.to_owned()])]);
    };
    let hint = match function {
        "reconcile" => format!("`/reconcile {name}` shows who they are. Approving makes {name} match the directory."),
        _ => "Approving gives the same order again, with your consent.".to_owned(),
    };
    let question =
        format!("Exactly what is held at {name}, {removals}, is done. If the list has changed, they are held again.");
    let approve = blocks::button(APPROVE, "Approve", &value);
    let buttons = vec![
        blocks::dangerous(approve, &question, "Remove them"),
        blocks::button(REJECT, "Reject", &value),
    ];
    Some(vec![
        blocks::section(&title, &[hint]),
        blocks::buttons(&format!("held_{name}"), buttons),
    ])
}

fn removals(held: &Value) -> String {
    match &held["removals"] {
        one if *one == 1 => "1 removal".to_owned(),
        count => format!("{count} removals"),
    }
}

fn word<'a>(value: &'a Value, pointer: &str) -> &'a str {
    text(value, pointer).unwrap_or_default()
}
