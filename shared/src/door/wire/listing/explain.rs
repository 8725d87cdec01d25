//! The view `explain`: one person, and in words why things are as they are.

use serde_json::{Map, Value, json};

use super::people::by_kind;
use super::{Listing, account, change};
use crate::bundle::{Explanation, Verdict, What};
use crate::door::wire::kind_and_message;
use crate::error::Result;
use crate::planning::identity::ProviderId;
use crate::planning::roster::{Person, Standing};

impl Listing {
    /// The view `explain`.
    pub fn explain(explanation: Explanation) -> Self {
        let Explanation {
            person,
            sources,
            providers,
        } = explanation;
        let source = |(kind, names): &(&str, Result<bool>)| match names {
            Ok(names) => json!({"source": kind, "names_them": names}),
            Err(error) => json!({"source": kind, "error": kind_and_message(error)}),
        };
        let mut besides = Map::new();
        besides.insert("person".to_owned(), person.as_ref().map_or(Value::Null, known));
        besides.insert("sources".to_owned(), sources.iter().map(source).collect());
        let mut entries = Vec::new();
        let mut endings = Vec::new();
        for (id, verdict) in providers {
            endings.push((
                id.name(),
                verdict.as_ref().map(|v| v.accounts.len()).map_err(Clone::clone),
            ));
            entries.extend(verdict.ok().map(|verdict| explained(id, verdict)));
        }
        Self {
            name: "explain",
            columns: &["provider", "verdict", "rule", "why", "since", "accounts", "last"],
            entries,
            providers: Some(endings),
            besides,
            page: None,
        }
    }
}

fn known(person: &Person) -> Value {
    let (emails, logins, ids) = by_kind(person.identities());
    json!({
        "name": person.name().full(),
        "emails": emails,
        "github_usernames": logins,
        "ids": ids,
        "standing": match person.standing() {
            Standing::Active => "active",
            Standing::Suspended => "suspended",
            Standing::Left => "left",
            Standing::Disputed => "disputed",
            Standing::ChangedHands => "changed_hands",
        },
        "entitled": person.access().iter().map(|id| id.name()).collect::<Vec<_>>(),
    })
}

fn explained(id: ProviderId, verdict: Verdict) -> Value {
    let accounts = verdict.accounts.iter().map(|one| account(id, one));
    json!({
        "provider": id.name(),
        "verdict": match verdict.what {
            What::Keep => "keep",
            What::Add => "add",
            What::Remove => "remove",
            What::Hold => "hold",
            What::Skip => "skip",
            What::Nothing => "nothing",
        },
        "rule": verdict.rule,
        "why": why(verdict.what, verdict.rule),
        "since": verdict.since.map(|since| since.to_string()),
        "accounts": accounts.collect::<Vec<_>>(),
        "last": verdict.last.map(change),
    })
}

/// The rule in a sentence, for somebody who does not know our words.
pub(super) fn why(what: What, rule: &str) -> &'static str {
    match (what, rule) {
        (What::Keep, _) => "the directory entitles them, and they have access",
        (What::Add, _) => "the directory entitles them, and they have no access yet",
        (What::Nothing, _) => "they have no access, and the directory does not entitle them",
        (What::Remove, "known_leaver") => "the directory knows them, and says that they left or may not use this",
        (What::Remove, "absence") => "no source of the directory names them, seen often enough",
        (What::Remove, _) => "an order names them",
        (What::Hold, "too_many_removals") => {
            "they would go, but with too many others at once: somebody has to consent to the list"
        }
        (What::Hold, "roster_small") => "they would go, but the directory names too few people to be believed",
        (What::Hold, "roster_shrank") => "they would go, but the directory names many fewer people than before",
        (What::Hold, "permanent") => {
            "they would go, but what is removed here is gone for ever: somebody has to consent"
        }
        (What::Hold, "no_memory") => {
            "they would go for being absent, but without a ledger nobody knows for how long they were"
        }
        (What::Hold, "protected_unreadable") => {
            "they would go, but the list of those whom nothing removes cannot be read"
        }
        (What::Hold, "paused") => "they would go, but somebody pressed pause",
        (What::Hold, _) => "they would go, but a rule keeps the list back",
        (What::Skip, "protected") => "they are on the list of those whom nothing removes",
        (What::Skip, "unmanaged") => "no source names them, and their address is outside the managed domains",
        (What::Skip, "unlinked") => "no source claims the account, and that proves nothing here",
        (What::Skip, "ambiguous") => "one account fits two people, or one person two accounts: nobody can tell which",
        (What::Skip, "unidentifiable") => {
            "they should have access, but the directory knows nothing by which this provider could know them"
        }
        (What::Skip, "unknown_status") => "the account is in a state that Rollcall has no word for",
        (What::Skip, "suspended") => "the directory says that they are away: kept, and given nothing new",
        (What::Skip, "awaiting_second_sighting") => "no source names them, but that was not seen often enough yet",
        (What::Skip, "held") => {
            "an order took their access not long ago: they are not brought back by the directory alone"
        }
        (What::Skip, "changed_hands") => {
            "their address or login was somebody else's before: an order to onboard says that it is right"
        }
        (What::Skip, _) => "they are left alone",
    }
}
