//! A Blackbird user on the wire, and the words in which one is refused.

use serde_json::{Value, json};

use crate::checks::forbidden;
use crate::people::{Account, Seed, State};
use crate::server::Refusal;

const STATUSES: [&str; 2] = ["active", "deactivated"];

pub(super) fn bad(status: u16, text: &str) -> Refusal {
    Refusal::plain(status, &json!({ "error": text }))
}

pub(super) fn state(word: &str) -> Result<State, Refusal> {
    match STATUSES.iter().position(|known| *known == word) {
        Some(0) => Ok(State::Active),
        Some(_) => Ok(State::Dormant),
        None => Err(forbidden(format!("status {word} is unknown"))),
    }
}

pub(super) fn rename(seed: &mut Seed, names: [Option<String>; 2]) {
    let (first, last) = seed.names();
    let own = [first.map(str::to_owned), last.map(str::to_owned)];
    let joined: Vec<_> = names
        .into_iter()
        .zip(own)
        .filter_map(|(new, own)| new.or(own))
        .collect();
    seed.name = (!joined.is_empty()).then(|| joined.join(" "));
}

pub(super) fn shown(account: &Account) -> Value {
    let status = if account.state == State::Active {
        STATUSES[0]
    } else {
        STATUSES[1]
    };
    let mut user = json!({
        "id": account.id, "email": account.seed.email.as_deref().unwrap_or_default(),
        "roles": ["leadAnalyst"], "status": account.word.as_deref().unwrap_or(status),
    });
    let (first, last) = account.seed.names();
    for (member, name) in [("firstName", first), ("lastName", last)] {
        if let Some(name) = name {
            user[member] = json!(name);
        }
    }
    user
}
