//! The functions' JSON as tables for a person. It reads leniently: a rehearsal shows what came, whatever came.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{say, table};

/// The list's view `people`: who has access where, and where that differs from the directory.
pub(crate) fn people(answer: &Value) {
    let providers = providers(answer);
    let mut headings = vec!["name", "who"];
    headings.extend(providers.iter().map(|(id, _)| id.as_str()));
    let mut rows: Vec<_> = list(answer, "people")
        .iter()
        .map(|person| person_row(person, &providers))
        .collect();
    // What differs from the directory is what one looks for; the sort keeps the order otherwise.
    rows.sort_by_key(|row| !row.iter().any(|cell| differs(cell)));
    table::print(&headings, &rows);
    let counted = |word: &str| rows.iter().flatten().filter(|cell| cell.ends_with(word)).count();
    let accounts: usize = list(answer, "people")
        .iter()
        .map(|person| list(person, "accounts").len())
        .sum();
    say!(
        "   {} people, {accounts} accounts; missing (entitled, no access): {}, extra (access, not entitled): {}",
        rows.len(),
        counted("missing"),
        counted("extra")
    );
    for lost in unreached(answer) {
        say!("   {lost}");
    }
}

fn differs(cell: &str) -> bool {
    cell.ends_with("missing") || cell.ends_with("extra")
}

fn person_row(person: &Value, providers: &[(String, bool)]) -> Vec<String> {
    let entitled = person.get("entitled").and_then(Value::as_array);
    let first = |name| list(person, name).first().and_then(Value::as_str).unwrap_or_default();
    let native = person
        .get("ids")
        .and_then(Value::as_object)
        .and_then(|ids| ids.iter().next());
    let native = native
        .map(|(source, id)| format!("{source} {}", plain(id)))
        .unwrap_or_default();
    let who = [first("emails").to_owned(), first("github_usernames").to_owned(), native];
    let mut row = vec![
        text(person, "name"),
        who.into_iter().find(|who| !who.is_empty()).unwrap_or_default(),
    ];
    for (provider, reached) in providers {
        let accounts = list(person, "accounts")
            .iter()
            .filter(|account| text(account, "provider") == *provider);
        let states = accounts
            .map(|account| text(account, "status"))
            .collect::<Vec<_>>()
            .join("+");
        let wanted = entitled.map(|entitled| entitled.iter().any(|id| id == provider.as_str()));
        row.push(match (wanted, states.as_str()) {
            _ if !reached => "?".to_owned(),
            (Some(true), "") => "missing".to_owned(),
            (Some(true), "dormant") => "dormant, missing".to_owned(),
            (Some(false), present) if !present.is_empty() && present != "dormant" => format!("{present}, extra"),
            _ => states,
        });
    }
    row
}

/// A report of `onboard`, `offboard` or `reconcile`: every change, then one line per provider.
pub(crate) fn report(answer: &Value) {
    let mut changes = Vec::new();
    let mut summary = Vec::new();
    for provider in list(answer, "providers") {
        let id = text(provider, "provider");
        let mut counts = BTreeMap::<(String, String), usize>::new();
        for change in list(provider, "changes") {
            let (action, outcome) = (text(change, "action"), text(change, "outcome"));
            *counts.entry((action.clone(), outcome.clone())).or_default() += 1;
            // What was so already is counted below and not told one by one.
            if outcome != "unchanged" {
                changes.push(vec![
                    id.clone(),
                    verb(&action),
                    who(change),
                    outcome.replace('_', " "),
                    remark(change),
                ]);
            }
        }
        let counted = counts
            .iter()
            .map(|((action, outcome), count)| format!("{count} {} {}", noun(action), outcome.replace('_', " ")));
        let counted = counted.collect::<Vec<_>>().join(", ");
        let quiet = if provider.get("changes").is_some() {
            "nothing to do"
        } else {
            ""
        };
        let done = if counted.is_empty() { quiet.to_owned() } else { counted };
        let observed = provider.get("observed").map(plain).unwrap_or_default();
        summary.push(vec![id, text(provider, "ending"), observed, done, skipped(provider)]);
    }
    if !changes.is_empty() {
        table::print(&["provider", "change", "who", "outcome", "remark"], &changes);
        say!();
    }
    table::print(&["provider", "ending", "accounts", "changes", "left alone"], &summary);
    for provider in list(answer, "providers") {
        notes(provider);
    }
}

/// What of a provider's part needs a sentence of its own.
fn notes(provider: &Value) {
    let id = text(provider, "provider");
    if let Some(held) = provider.get("held").filter(|held| !held.is_null()) {
        let number = |name| held.get(name).map_or_else(|| "?".to_owned(), plain);
        let (rule, removals) = (text(held, "rule"), number("removals"));
        say!(
            "   {id}: held by {rule}: {removals} removals, limit {}, managed {}",
            number("limit"),
            number("managed")
        );
        say!(
            "   {id}: to consent to exactly these: \"consent\": [\"{}\"]",
            text(held, "digest")
        );
    }
    if provider.get("error").is_some_and(|error| !error.is_null()) {
        say!("   {id}: {}", error(provider));
    }
    for unsettled in list(provider, "unsettled") {
        say!("   {id}: unsettled: {}", who(unsettled));
    }
}

fn remark(change: &Value) -> String {
    let failed = change
        .get("error")
        .filter(|error| !error.is_null())
        .map(|_| error(change));
    let said = [
        failed.unwrap_or_default(),
        text(change, "detail"),
        text(change, "evidence").replace('_', " "),
    ];
    said.into_iter().find(|said| !said.is_empty()).unwrap_or_default()
}

fn skipped(provider: &Value) -> String {
    let mut counts = BTreeMap::<String, usize>::new();
    for skip in list(provider, "skips") {
        *counts.entry(text(skip, "why")).or_default() += 1;
    }
    counts
        .iter()
        .map(|(why, count)| format!("{count} {why}"))
        .collect::<Vec<_>>()
        .join(", ")
}

fn verb(action: &str) -> String {
    match action {
        "onboard" => "joins".to_owned(),
        "offboard" => "leaves".to_owned(),
        other => other.to_owned(),
    }
}

fn noun(action: &str) -> &str {
    match action {
        "onboard" => "joining",
        "offboard" => "leaving",
        other => other,
    }
}

/// The address, else the login, else the id.
fn who(change: &Value) -> String {
    let who = change.get("who").unwrap_or(change);
    let keys = ["email", "github_username", "id"].map(|key| text(who, key));
    keys.into_iter().find(|key| !key.is_empty()).unwrap_or_default()
}

/// `kind: message` of an `error` member.
pub(crate) fn error(value: &Value) -> String {
    let error = value.get("error").unwrap_or(&Value::Null);
    format!("{}: {}", text(error, "kind"), text(error, "message"))
}

/// The providers' ids, and whether each was reached.
fn providers(answer: &Value) -> Vec<(String, bool)> {
    let providers = list(answer, "providers").iter();
    providers
        .map(|provider| (text(provider, "provider"), text(provider, "ending") != "unreachable"))
        .collect()
}

/// Those that were not reached, with the reason.
pub(crate) fn unreached(answer: &Value) -> Vec<String> {
    let providers = list(answer, "providers").iter();
    let lost = providers.filter(|provider| text(provider, "ending") == "unreachable");
    lost.map(|provider| format!("{}: {}", text(provider, "provider"), error(provider)))
        .collect()
}

/// The members of a list; none where there is none.
pub(crate) fn list<'a>(value: &'a Value, name: &str) -> &'a [Value] {
    value.get(name).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// A member as text; empty where it is absent or null.
pub(crate) fn text(value: &Value, name: &str) -> String {
    value.get(name).map(plain).unwrap_or_default()
}

fn plain(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
