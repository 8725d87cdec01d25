//! The answer to `/whohas`: what one person has. The reader typed who that is and may list everybody, so nothing of it is masked.

use serde_json::Value;

use super::blocks::{self, escape, sentence};
use super::list;
use super::telling::{Context, Ending, Place, Telling};
use crate::door::senders::text;

/// The most that is shown of anything: who goes by one address is one person, or a doubt between few.
const MOST: usize = 10;

pub(super) fn telling(listing: &Value, context: Context<'_>) -> Telling {
    let typed = &context.to.typed;
    let whom: Vec<String> = typed
        .emails
        .iter()
        .chain(&typed.logins)
        .map(|text| escape(text))
        .collect();
    let people = list(listing, "/people");
    let mut blocks = Vec::new();
    if people.is_empty() {
        blocks.push(blocks::section(
            &format!("Nobody is known as {}.", whom.join(", ")),
            &[],
        ));
    }
    for person in people.iter().take(MOST) {
        blocks.push(section(person));
    }
    if people.len() > MOST {
        blocks.push(blocks::context(&format!("…and {} more", people.len() - MOST)));
    }
    let down = list(listing, "/providers").iter().filter_map(|provider| {
        let message = text(provider, "/error/message")?;
        Some(format!(
            "• {}: {}",
            escape(text(provider, "/provider")?),
            sentence(message)
        ))
    });
    let down: Vec<String> = down.collect();
    if !down.is_empty() {
        blocks.push(blocks::section("*Could not be asked:*", &down));
    }
    Telling {
        text: match people.len() {
            0 => "Nobody is known by that.".to_owned(),
            _ => "Who has what".to_owned(),
        },
        blocks,
        ending: Ending::Well("done".to_owned()),
        place: Place::Beside,
    }
}

fn section(person: &Value) -> Value {
    let texts = |at: &str| list(person, at).iter().filter_map(Value::as_str).map(escape);
    let logins = texts("/github_usernames").map(|login| format!("github:{login}"));
    let keys: Vec<String> = texts("/emails").chain(logins).take(MOST).collect();
    let name = text(person, "/name").map_or_else(|| "somebody".to_owned(), escape);
    let accounts = list(person, "/accounts").iter().map(|account| {
        let roles = list(account, "/roles").iter().filter_map(Value::as_str).map(escape);
        let roles: Vec<String> = roles.take(MOST).collect();
        let as_what = match roles.is_empty() {
            true => String::new(),
            false => format!(" ({})", roles.join(", ")),
        };
        let (provider, status) = (text(account, "/provider"), text(account, "/status"));
        format!(
            "• {}: {}{as_what}",
            provider.unwrap_or_default(),
            status.unwrap_or_default()
        )
    });
    let mut lines: Vec<String> = accounts.collect();
    if lines.is_empty() {
        lines.push("• no account anywhere".to_owned());
    }
    let entitled: Vec<String> = texts("/entitled").collect();
    if person.get("entitled").is_some_and(Value::is_array) {
        lines.push(match entitled.is_empty() {
            true => "The directory entitles them to nothing.".to_owned(),
            false => format!("The directory entitles them to {}.", entitled.join(", ")),
        });
    }
    blocks::section(&format!("*{name}* {}", keys.join(", ")), &lines)
}
