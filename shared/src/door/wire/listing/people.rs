//! The view `people`: accounts and roster, merged.

use serde_json::{Map, Value, json};

use super::query::{Filter, ListingQuery};
use super::review::{COLUMNS, Review};
use super::{Ending, Listing};
use crate::bundle::{Entry, Past, Seen};
use crate::door::event::Format;
use crate::door::page::{self, Column, Company, Directory};
use crate::door::wire::orders::Order as _;
use crate::error::{ErrorKind, Result};
use crate::planning::account::{Account, Observed};
use crate::planning::guard::Policy;
use crate::planning::identity::{Identity, ProviderId};
use crate::planning::people::{Holder, merge};
use crate::planning::roster::Roster;

impl Listing {
    /// The view `people`; `past` are the changes that a page or a spreadsheet shows, the last one first.
    ///
    /// A directory that is down leaves the accounts listed; it stands among the providers that could not be read. So does a
    /// ledger without which a spreadsheet lacks its last columns.
    pub fn people(
        seen: Vec<Seen>,
        roster: Result<Option<Roster>>,
        past: Result<Vec<Entry>>,
        query: &ListingQuery,
        policy: &Policy,
    ) -> Self {
        let filter = &query.filter;
        let mut observed: Vec<Observed> = Vec::new();
        let mut providers: Vec<Ending> = Vec::new();
        let mut columns = Vec::new();
        for (id, seen) in seen {
            let is_down = seen.is_err();
            columns.push(Column { id, is_down });
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
        let mut holders = merge(&observed, roster.as_ref());
        let (review, past) = match (query.format(), past) {
            (Format::Csv, Ok(past)) => (Some(Review::of(past)), Ok(Vec::new())),
            (Format::Csv, Err(error)) => {
                // Who set no ledger knows that there is nothing to read.
                let unread = Some(error).filter(|error| error.kind() != ErrorKind::Misconfigured);
                providers.extend(unread.map(|error| ("ledger", Err(error))));
                (None, Ok(Vec::new()))
            }
            (Format::Json | Format::Html, past) => (None, past),
        };
        let former = review.as_ref().map(|review| review.former(&holders, query));
        holders.extend(former.into_iter().flatten());
        holders.retain(|holder| {
            let accounts: Vec<&Account> = holder.accounts.iter().map(|(_, account)| *account).collect();
            filter.wants(&holder.identities, &accounts)
        });
        let company = |changes| Company {
            holders: &holders,
            columns: &columns,
            endings: &providers,
            directory: match roster {
                Some(_) => Directory::Read,
                None => Directory::Unknown,
            },
            policy,
            changes,
        };
        let page = match (query.format(), query.past()) {
            (Format::Html, Past::Last) => Some(page::people(&company(past))),
            (Format::Html, Past::Everything) => {
                Some(page::person(&company(past.map(|past| theirs(past, &holders, filter)))))
            }
            _ => None,
        };
        let entries = holders.iter().map(|holder| {
            let mut person = person(holder, roster.is_some());
            let columns = review.as_ref().map(|review| review.columns(holder, &query.providers));
            if let Some(person) = person.as_object_mut() {
                let columns = columns.into_iter().flatten();
                person.extend(COLUMNS.map(str::to_owned).into_iter().zip(columns));
            }
            person
        });
        Self {
            name: "people",
            columns: &[
                "name",
                "emails",
                "github_usernames",
                "ids",
                "entitled",
                "accounts",
                "since",
                "by",
                "evidence",
            ],
            entries: match page {
                None => entries.collect(),
                Some(_) => Vec::new(),
            },
            page,
            besides: Map::new(),
            providers: Some(providers),
        }
    }
}

/// The changes of whoever was asked for, also where nobody knows them any more.
fn theirs(past: Vec<Entry>, holders: &[Holder<'_>], filter: &Filter) -> Vec<Entry> {
    let mut past = past;
    past.retain(|change| {
        let identities = change.identities();
        let is_theirs = |holder: &Holder<'_>| identities.iter().any(|one| holder.identities.contains(one));
        filter.wants_change(&identities, change.id.as_deref()) || holders.iter().any(is_theirs)
    });
    past
}

/// Addresses, logins, and ids by the system that gave them.
pub(super) fn by_kind(identities: &[Identity]) -> (Vec<&str>, Vec<&str>, Map<String, Value>) {
    let mut emails = Vec::new();
    let mut logins = Vec::new();
    let mut ids = Map::new();
    for identity in identities {
        match identity {
            Identity::Email(email) => emails.push(email.written()),
            Identity::Github(login) => logins.push(login.written()),
            Identity::Native(source, id) => drop(ids.insert(source.to_string(), (**id).into())),
        }
    }
    (emails, logins, ids)
}

fn person(holder: &Holder<'_>, has_directory: bool) -> Value {
    let named = holder.person.as_ref().and_then(|person| person.name().full());
    let shown = holder.accounts.iter().find_map(|(_, account)| account.name.as_deref());
    let (emails, logins, ids) = by_kind(&holder.identities);
    let entitled = holder.person.as_ref().map(|p| p.access()).unwrap_or_default().iter();
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
