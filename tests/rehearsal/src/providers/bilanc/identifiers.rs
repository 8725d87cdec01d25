//! The body of Bilanc's writes: addresses and logins, and which of them mean nobody.

use serde_json::{Value, json};

use super::LISTS;
use crate::checks::{self, Object, forbidden};
use crate::people::Account;
use crate::server::{Refusal, Reply};

/// The identifiers of a write, and what became of them.
pub(super) struct Identifiers {
    pub(super) emails: Vec<String>,
    pub(super) logins: Vec<String>,
}

impl Identifiers {
    pub(super) fn mean(&self, account: &Account) -> bool {
        self.emails.iter().any(|email| account.has_email(email))
            || self.logins.iter().any(|login| account.has_github(login))
    }

    /// The identifiers that mean nobody of these, as they were sent.
    pub(super) fn not_found(&self, among: &[Account]) -> Value {
        let nobody = |known: &dyn Fn(&Account) -> bool| !among.iter().any(known);
        let emails = self
            .emails
            .iter()
            .filter(|email| nobody(&|account| account.has_email(email)));
        let logins = self
            .logins
            .iter()
            .filter(|login| nobody(&|account| account.has_github(login)));
        json!({ "email_addresses": emails.collect::<Vec<_>>(), "github_usernames": logins.collect::<Vec<_>>() })
    }

    /// 404 is about people, not about routes; its text repeats what was sent.
    pub(super) fn nobody(&self) -> Refusal {
        let mut sent = Vec::new();
        for (what, list) in [("email addresses", &self.emails), ("github usernames", &self.logins)] {
            if !list.is_empty() {
                sent.push(format!("{what}: {}", list.join(", ")));
            }
        }
        let detail = format!("No match for the given attributes ({})", sent.join("; "));
        Refusal::plain(404, &json!({ "detail": detail }))
    }
}

pub(super) fn warnings(not_found: &Value) -> Vec<&'static str> {
    let missing = LISTS
        .iter()
        .any(|list| not_found[*list].as_array().is_some_and(|items| !items.is_empty()));
    if missing {
        vec!["Some users were not found"]
    } else {
        Vec::new()
    }
}

/// A list of the body; absent is empty, but an empty one is forbidden (whether it counts as given is unknown).
pub(super) fn list(body: &Object, name: &str) -> Result<Vec<String>, Refusal> {
    match body.get(name) {
        None => Ok(Vec::new()),
        Some(Value::Array(items)) if items.is_empty() => Err(forbidden(format!("{name} is empty: leave it out"))),
        Some(_) => Ok(checks::texts(body, name)
            .map_err(|_| malformed(name, None))?
            .unwrap_or_default()),
    }
}

pub(super) fn malformed(list: &str, place: Option<usize>) -> Refusal {
    Refusal::Recorded(format!("{list} is malformed"), unprocessable(list, place))
}

/// FastAPI's stock validation body.
pub(super) fn unprocessable(list: &str, place: Option<usize>) -> Reply {
    let mut location = vec![json!("body"), json!(list)];
    location.extend(place.map(|place| json!(place)));
    let problem = json!({ "loc": location, "msg": "value is not valid", "type": "value_error" });
    Reply::json(422, &json!({ "detail": [problem] }))
}
