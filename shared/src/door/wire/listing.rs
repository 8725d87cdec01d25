//! What `list` is asked and what it answers.

use lambda_http::http::StatusCode;
use serde_json::{Map, Value, json};

use super::fields::Fields;
use super::orders::{Order, known};
use super::{Answer, Context, kind_and_message};
use crate::bundle::{Check, Seen};
use crate::door::Function;
use crate::door::event::Format;
use crate::error::{Error, ErrorKind, Fault, Result};
use crate::planning::account::{Account, Observed, Status};
use crate::planning::identity::{Email, Identity, Login, ProviderId, first_email, first_login};
use crate::planning::people::{Holder, merge};
use crate::planning::roster::Roster;
use crate::provider::{IdentityProvider, Role};

/// What is to be listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum View {
    /// Every account.
    Accounts,
    /// Accounts and roster, merged into people.
    People,
    /// The roles the providers know.
    Roles,
    /// The ways of signing in the providers know.
    IdentityProviders,
    /// Whether everything needed is there and works.
    Doctor,
}

/// An order of `list`.
#[derive(Debug)]
pub struct ListingQuery {
    /// What to list.
    pub view: View,
    /// Where.
    pub providers: Vec<ProviderId>,
    /// Which entries.
    pub filter: Filter,
    format: Option<Format>,
}

/// Which entries are wanted; all of them unless something is set.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Who has this address.
    pub email: Option<Email>,
    /// Who has this login.
    pub github_username: Option<Login>,
    /// The account with this id.
    pub id: Option<String>,
    /// Accounts that stand so.
    pub status: Option<Status>,
}

impl Order for ListingQuery {
    fn read(fields: &mut Fields<'_>, context: &Context<'_>) -> Result<Self> {
        let view = fields.text("view").unwrap_or("accounts");
        let format = fields.text("format");
        let query = Self {
            view: match view {
                "people" => View::People,
                "roles" => View::Roles,
                "identity_providers" => View::IdentityProviders,
                "doctor" => View::Doctor,
                _ => View::Accounts,
            },
            providers: providers(fields, context),
            filter: filter(fields),
            format: match format {
                Some("csv") => Some(Format::Csv),
                Some("json") => Some(Format::Json),
                _ => None,
            },
        };
        match (view, format) {
            ("history", _) => Err(Error::new(
                ErrorKind::Unsupported,
                "the history needs the ledger, which is not built yet",
            )),
            (_, Some("html")) => Err(Error::new(ErrorKind::Unsupported, "the access page is not built yet")),
            ("accounts" | "people" | "roles" | "identity_providers" | "doctor", None | Some("json" | "csv")) => {
                Ok(query)
            }
            (_, None | Some("json" | "csv")) => {
                let all = "must be one of accounts, people, roles, identity_providers, history, doctor";
                fields.fault(fields.path_of("view"), all);
                Ok(query)
            }
            _ => {
                fields.fault(fields.path_of("format"), "must be json, csv or html");
                Ok(query)
            }
        }
    }

    fn format(&self) -> Option<Format> {
        self.format
    }
}

fn providers(fields: &mut Fields<'_>, context: &Context<'_>) -> Vec<ProviderId> {
    let Some(names) = fields.text("provider") else {
        return context.on.to_vec();
    };
    let mut chosen = Vec::new();
    for name in names.split(',').map(str::trim) {
        match known(name, context) {
            Ok(id) => chosen.push(id),
            Err(problem) => fields.fault(fields.path_of("provider"), problem),
        }
    }
    context.on.iter().copied().filter(|id| chosen.contains(id)).collect()
}

fn filter(fields: &mut Fields<'_>) -> Filter {
    let mut filter = Filter::default();
    if let Some(text) = fields.text("email") {
        filter.email = Email::parse(text);
        if filter.email.is_none() {
            fields.fault(fields.path_of("email"), "is not an e-mail address");
        }
    }
    if let Some(text) = fields.text("github_username") {
        filter.github_username = Login::parse(text);
        if filter.github_username.is_none() {
            fields.fault(fields.path_of("github_username"), "is not a GitHub login");
        }
    }
    filter.id = fields.text("id").map(str::to_owned);
    if let Some(text) = fields.text("status") {
        filter.status = Status::ALL.into_iter().find(|status| status.name() == text);
        if filter.status.is_none() {
            fields.fault(fields.path_of("status"), "must be active, invited, dormant or unknown");
        }
    }
    filter
}

impl Filter {
    /// Whether somebody known by `identities` with `accounts` is wanted.
    fn wants(&self, identities: &[Identity], accounts: &[&Account]) -> bool {
        let has = |identity: Identity| identities.contains(&identity);
        self.email.clone().is_none_or(|email| has(Identity::Email(email)))
            && self
                .github_username
                .clone()
                .is_none_or(|login| has(Identity::Github(login)))
            && self
                .id
                .as_deref()
                .is_none_or(|id| accounts.iter().any(|a| *a.native_id == *id))
            && self
                .status
                .is_none_or(|status| accounts.iter().any(|a| a.status == status))
    }
}

/// An answer of `list`: entries under a name, and how each provider came out.
#[derive(Debug)]
pub struct Listing {
    name: &'static str,
    columns: &'static [&'static str],
    entries: Vec<Value>,
    /// How many entries each provider gave, or why none; `None` where the view is not about providers.
    providers: Option<Vec<(&'static str, Result<usize>)>>,
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
        }
    }

    /// The view `people`.
    ///
    /// A directory that is down leaves the accounts listed; it stands among the providers that could not be read.
    pub fn people(seen: Vec<Seen>, roster: Result<Option<Roster>>, filter: &Filter) -> Self {
        let mut observed: Vec<Observed> = Vec::new();
        let mut providers = Vec::new();
        for (id, seen) in seen {
            let count = seen.map(|one| {
                let count = one.accounts.len();
                observed.push(one);
                count
            });
            providers.push((id.name(), count));
        }
        let roster = roster.unwrap_or_else(|error| {
            providers.push(("directory", Err(error)));
            None
        });
        let holders = merge(&observed, roster.as_ref());
        let wanted = |holder: &&Holder<'_>| {
            let accounts: Vec<&Account> = holder.accounts.iter().map(|(_, account)| *account).collect();
            filter.wants(&holder.identities, &accounts)
        };
        let entries = holders
            .iter()
            .filter(wanted)
            .map(|holder| person(holder, roster.is_some()));
        Self {
            name: "people",
            columns: &["name", "emails", "github_usernames", "ids", "entitled", "accounts"],
            entries: entries.collect(),
            providers: Some(providers),
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
        })
    }

    /// The view `doctor`.
    pub fn doctor(checks: &[Check]) -> Self {
        let entry = |check: &Check| json!({"name": check.name, "ok": check.ok, "detail": check.detail});
        Self {
            name: "checks",
            columns: &["name", "ok", "detail"],
            entries: checks.iter().map(entry).collect(),
            providers: None,
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
            let ending = |(name, count): &(&str, Result<usize>)| match count {
                Ok(count) => json!({"provider": name, "ending": "listed", "count": count}),
                Err(error) => json!({"provider": name, "ending": "unreachable", "error": kind_and_message(error)}),
            };
            json.insert("providers".to_owned(), providers.iter().map(ending).collect());
        }
        Value::Object(json)
    }

    fn csv(&self) -> Option<String> {
        let mut table = csv::Writer::from_writer(Vec::new());
        table.write_record(self.columns).ok()?;
        for entry in &self.entries {
            let cells = self.columns.iter().map(|column| cell(&entry[*column]));
            table.write_record(cells).ok()?;
        }
        String::from_utf8(table.into_inner().ok()?).ok()
    }
}

/// Entries of all providers. One that has no such list gives none; when none of them has, that is the answer.
fn collect<T>(
    found: Vec<(ProviderId, Result<Vec<T>>)>,
    entry: impl Fn(ProviderId, &T) -> Value,
) -> Result<(Vec<Value>, Vec<(&'static str, Result<usize>)>)> {
    let lacks = |found: &Result<Vec<T>>| match found {
        Err(error) if error.kind() == ErrorKind::Unsupported => Some(error.clone()),
        _ => None,
    };
    let lacking: Vec<Error> = found.iter().filter_map(|(_, found)| lacks(found)).collect();
    if let (Some(error), true) = (lacking.first(), lacking.len() == found.len()) {
        return Err(error.clone().with_faults(Vec::<Fault>::new()));
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

fn person(holder: &Holder<'_>, has_directory: bool) -> Value {
    let named = holder.person.and_then(|person| person.name().full());
    let shown = holder.accounts.iter().find_map(|(_, account)| account.name.as_deref());
    let mut emails = Vec::new();
    let mut logins = Vec::new();
    let mut ids = Map::new();
    for identity in &holder.identities {
        match identity {
            Identity::Email(email) => emails.push(email.written()),
            Identity::Github(login) => logins.push(login.written()),
            Identity::Native(source, id) => drop(ids.insert(source.to_string(), (**id).into())),
        }
    }
    let entitled = holder.person.map(|p| p.access()).unwrap_or_default().iter();
    let entitled: Vec<&str> = entitled.map(|id| id.name()).collect();
    let account = |(id, account): &(ProviderId, &Account)| {
        json!({
            "provider": id.name(),
            "id": account.native_id,
            "status": account.status.name(),
            "roles": account.roles,
        })
    };
    json!({
        "name": named.as_deref().or(shown),
        "emails": emails,
        "github_usernames": logins,
        "ids": ids,
        "entitled": has_directory.then_some(entitled),
        "accounts": holder.accounts.iter().map(account).collect::<Vec<_>>(),
    })
}

/// A value as a cell: lists joined by `;`, and nothing that a spreadsheet would take for a formula.
fn cell(value: &Value) -> String {
    let text = plain(value);
    match text.chars().next() {
        Some('=' | '+' | '-' | '@' | '\t' | '\r') => format!("'{text}"),
        _ => text,
    }
}

fn plain(value: &Value) -> String {
    let join = |parts: Vec<String>| parts.join(";");
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(items) => join(items.iter().map(plain).collect()),
        Value::Object(object) => match (&value["provider"], &value["status"]) {
            (Value::String(provider), Value::String(status)) => format!("{provider}:{status}"),
            _ => join(
                object
                    .iter()
                    .map(|(name, value)| format!("{name}:{}", plain(value)))
                    .collect(),
            ),
        },
        other => other.to_string(),
    }
}
