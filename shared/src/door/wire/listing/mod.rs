//! What `list` answers.

mod cells;
mod explain;
mod held;
mod people;
pub(in crate::door) mod query;
mod review;

use jiff::Timestamp;
use lambda_http::http::StatusCode;
use maud::Markup;
use serde_json::{Map, Value, json};

use super::{Answer, kind_and_message};
use crate::bundle::{Check, Entry, Seen};
use crate::door::{Function, page};
use crate::error::{Error, ErrorKind, Result};
use crate::planning::account::Account;
use crate::planning::identity::{Email, Login, ProviderId, first_email, first_login};
use crate::provider::{IdentityProvider, Role};

pub(in crate::door) use cells::plain;
use query::Filter;

/// A provider by name, and how many entries it gave or why none.
type Ending = (&'static str, Result<usize>);

/// An answer of `list`: entries under a name, and how each provider came out.
#[derive(Debug)]
pub struct Listing {
    name: &'static str,
    columns: &'static [&'static str],
    entries: Vec<Value>,
    /// How many entries each provider gave, or why none; `None` where the view is not about providers.
    providers: Option<Vec<Ending>>,
    /// What stands beside the entries, in JSON.
    besides: Map<String, Value>,
    /// What a browser is shown instead of the entries.
    page: Option<Markup>,
}

impl Listing {
    /// The view `accounts`.
    pub fn accounts(seen: Vec<Seen>, filter: &Filter) -> Self {
        let mut entries = Vec::new();
        let mut providers = Vec::new();
        for (id, observed) in seen {
            let count = observed.map(|observed| {
                let wanted = |account: &&Account| filter.wants(&account.identities, &[account]);
                let before = entries.len();
                entries.extend(observed.accounts.iter().filter(wanted).map(|a| account(id, a)));
                entries.len() - before
            });
            providers.push((id.name(), count));
        }
        Self {
            name: "accounts",
            columns: &["provider", "id", "email", "github_username", "name", "status", "roles"],
            entries,
            providers: Some(providers),
            page: None,
            besides: Map::new(),
        }
    }

    /// The view `roles`.
    pub fn roles(found: Vec<(ProviderId, Result<Vec<Role>>)>) -> Result<Self> {
        let (entries, providers) = collect(
            found,
            |id, role: &Role| json!({"provider": id.name(), "name": role.name, "display_name": role.display_name, "id": role.id}),
        )?;
        Ok(Self {
            name: "roles",
            columns: &["provider", "name", "display_name", "id"],
            entries,
            providers: Some(providers),
            page: None,
            besides: Map::new(),
        })
    }

    /// The view `identity_providers`.
    pub fn identity_providers(found: Vec<(ProviderId, Result<Vec<IdentityProvider>>)>) -> Result<Self> {
        let (entries, providers) = collect(
            found,
            |id, one: &IdentityProvider| json!({"provider": id.name(), "id": one.id, "name": one.name, "prefix": one.prefix, "enabled": one.enabled}),
        )?;
        Ok(Self {
            name: "identity_providers",
            columns: &["provider", "id", "name", "prefix", "enabled"],
            entries,
            providers: Some(providers),
            page: None,
            besides: Map::new(),
        })
    }

    /// The view `history`.
    pub fn history(changes: Vec<Entry>, providers: &[ProviderId], filter: &Filter) -> Self {
        let wanted = |change: &Entry| {
            let there = providers.iter().any(|id| id.name() == change.provider);
            there && filter.wants_change(&change.identities(), change.id.as_deref())
        };
        Self {
            name: "history",
            columns: &[
                "time", "provider", "action", "who", "by", "evidence", "outcome", "settled",
            ],
            entries: changes.into_iter().filter(wanted).map(change).collect(),
            providers: None,
            page: None,
            besides: Map::new(),
        }
    }

    /// The view `doctor`.
    pub fn doctor(checks: &[Check]) -> Self {
        let entry = |check: &Check| json!({"name": check.name, "ok": check.ok, "detail": check.detail});
        Self {
            name: "checks",
            columns: &["name", "ok", "detail"],
            entries: checks.iter().map(entry).collect(),
            providers: None,
            page: None,
            besides: Map::new(),
        }
    }
}

impl Answer for Listing {
    fn status(&self) -> StatusCode {
        let providers = self.providers.as_deref().unwrap_or_default();
        let down = providers.iter().filter(|(_, count)| count.is_err()).count();
        match down {
            0 => StatusCode::OK,
            down if down == providers.len() => StatusCode::BAD_GATEWAY,
            _ => StatusCode::MULTI_STATUS,
        }
    }

    fn json(&self, _: Function, _: &str) -> Value {
        let mut json = Map::new();
        json.insert(self.name.to_owned(), self.entries.clone().into());
        if let Some(providers) = &self.providers {
            let ending = |(name, count): &Ending| match count {
                Ok(count) => json!({"provider": name, "ending": "listed", "count": count}),
                Err(error) => json!({"provider": name, "ending": "unreachable", "error": kind_and_message(error)}),
            };
            json.insert("providers".to_owned(), providers.iter().map(ending).collect());
        }
        json.extend(self.besides.clone());
        Value::Object(json)
    }

    fn html(&self, asked: &Value, made: Timestamp) -> Option<String> {
        let providers = self.providers.as_deref().unwrap_or_default();
        let table = match (&self.page, self.name) {
            (Some(page), _) => return Some(page::page(asked, made, page)),
            (None, held::PLAN) => page::held(&self.entries, &self.besides, providers),
            (None, "history") => page::table(self.columns, self.entries.iter().rev(), providers), // the last change first
            (None, _) => page::table(self.columns, self.entries.iter(), providers),
        };
        Some(page::page(asked, made, &table))
    }

    fn csv(&self) -> Option<String> {
        let mut table = csv::Writer::from_writer(Vec::new());
        table.write_record(self.columns).ok()?;
        for entry in &self.entries {
            let cells = self.columns.iter().map(|column| cells::cell(&entry[*column]));
            table.write_record(cells).ok()?;
        }
        String::from_utf8(table.into_inner().ok()?).ok()
    }
}

/// Entries of all providers. One that has no such list gives none; when none of them has, that is the answer.
fn collect<T>(
    found: Vec<(ProviderId, Result<Vec<T>>)>,
    entry: impl Fn(ProviderId, &T) -> Value,
) -> Result<(Vec<Value>, Vec<Ending>)> {
    let lacks = |found: &Result<Vec<T>>| match found {
        Err(error) if error.kind() == ErrorKind::Unsupported => Some(error.clone()),
        _ => None,
    };
    let lacking: Vec<Error> = found.iter().filter_map(|(_, found)| lacks(found)).collect();
    if let (Some(error), true) = (lacking.first(), lacking.len() == found.len()) {
        return Err(error.clone());
    }
    let mut entries = Vec::new();
    let mut providers = Vec::new();
    for (id, found) in found {
        let count = match lacks(&found) {
            Some(_) => Ok(0),
            None => found.map(|found| {
                entries.extend(found.iter().map(|one| entry(id, one)));
                found.len()
            }),
        };
        providers.push((id.name(), count));
    }
    Ok((entries, providers))
}

fn account(provider: ProviderId, account: &Account) -> Value {
    json!({
        "provider": provider.name(),
        "id": account.native_id,
        "email": first_email(&account.identities).map(Email::written),
        "github_username": first_login(&account.identities).map(Login::written),
        "name": account.name,
        "status": account.status.name(),
        "roles": account.roles,
    })
}

fn change(entry: Entry) -> Value {
    let who = [
        ("email", entry.email),
        ("github_username", entry.github_username),
        ("id", entry.id),
    ];
    let known = who
        .into_iter()
        .filter_map(|(name, text)| Some((name.to_owned(), text?.into())));
    json!({
        "time": entry.time,
        "provider": entry.provider,
        "action": entry.action,
        "who": Value::Object(known.collect()),
        "by": entry.by,
        "evidence": entry.evidence,
        "outcome": entry.outcome,
        "settled": entry.settled,
    })
}
