//! The access review: beside what everybody has, since when, by whose order and on what evidence; and whose access was taken away.

use std::collections::{BTreeSet, HashMap};

use jiff::Timestamp;
use serde_json::Value;

use super::query::ListingQuery;
use crate::bundle::Entry;
use crate::planning::identity::{Identity, ProviderId};
use crate::planning::people::{Holder, former};

/// What the CSV has besides the members of a person.
pub(super) const COLUMNS: [&str; 3] = ["since", "by", "evidence"];

/// The history, by whom it is about.
pub(super) struct Review {
    /// The last change first.
    past: Vec<Entry>,
    about: HashMap<Identity, Vec<usize>>,
}

impl Review {
    /// Of these changes, the last one first. What failed changed nobody's access.
    pub(super) fn of(mut past: Vec<Entry>) -> Self {
        past.retain(|change| change.outcome != "failed");
        let mut about: HashMap<Identity, Vec<usize>> = HashMap::new();
        for (place, change) in past.iter().enumerate() {
            for identity in known_by(change) {
                about.entry(identity).or_default().push(place);
            }
        }
        Self { past, about }
    }

    /// Those whose access was taken away in the time that is asked about, and of whom only the history knows.
    pub(super) fn former(&self, holders: &[Holder<'_>], query: &ListingQuery) -> Vec<Holder<'static>> {
        let mut unknown = vec![true; self.past.len()];
        for identity in holders.iter().flat_map(|holder| &holder.identities) {
            for place in self.about.get(identity).into_iter().flatten() {
                unknown.get_mut(*place).into_iter().for_each(|unknown| *unknown = false);
            }
        }
        let changes = self.past.iter().zip(unknown);
        let known = changes
            .filter(|(_, unknown)| *unknown)
            .map(|(change, _)| known_by(change));
        let (from, to) = query.span;
        let is_asked_about = |change: &Entry| match change.time.parse::<Timestamp>() {
            Ok(time) => from.is_none_or(|from| time >= from) && to.is_none_or(|to| time <= to),
            Err(_) => true, // a time that nobody can read is nobody's reason to hide a leaver
        };
        let mut former = former(known.collect());
        former.retain(|holder| {
            let mut made = query.providers.iter().filter_map(|id| self.made(holder, *id));
            made.any(is_asked_about)
        });
        former
    }

    /// What [`COLUMNS`] say of somebody: a part for each provider where there is something to say.
    pub(super) fn columns(&self, holder: &Holder<'_>, chosen: &[ProviderId]) -> [Value; 3] {
        let mut columns = [const { Vec::new() }; 3];
        for id in chosen {
            let parts = match self.made(holder, *id) {
                Some(change) => [change.time.clone(), change.by.clone(), evidence(change)],
                None if has_access(holder, *id) => [String::new(), String::new(), "not by Rollcall".to_owned()],
                None => continue,
            };
            for (column, part) in columns.iter_mut().zip(parts) {
                column.push(format!("{id}:{part}"));
            }
        }
        columns.map(Value::from)
    }

    /// The change that made somebody's access at a provider what it is; `None` where somebody else did.
    fn made(&self, holder: &Holder<'_>, id: ProviderId) -> Option<&Entry> {
        let about = holder.identities.iter().filter_map(|identity| self.about.get(identity));
        let places: BTreeSet<usize> = about.flatten().copied().collect();
        let changes = places.into_iter().filter_map(|place| self.past.get(place));
        let mut changes = changes.filter(|change| change.provider == id.name()).peekable();
        let last = &changes.peek()?.time;
        // The ledger keeps seconds: of two changes in one, the last is that which fits what is there.
        let mut latest = changes.take_while(|change| change.time == *last);
        latest.find(|change| has_access(holder, id) == (change.action == "onboard"))
    }
}

/// All that whom a change is about was known by.
fn known_by(change: &Entry) -> Vec<Identity> {
    let mut identities = change.identities();
    let id = change.id.as_deref();
    identities.extend(id.map(|id| Identity::native(&change.provider, id)));
    identities
}

fn has_access(holder: &Holder<'_>, id: ProviderId) -> bool {
    let mut accounts = holder.accounts.iter();
    accounts.any(|(at, account)| *at == id && account.status.is_present())
}

/// Such as `offboard known_leaver done read back`.
fn evidence(change: &Entry) -> String {
    let seen = match change.settled {
        true => "read back",
        false => "not read back",
    };
    let words = [
        Some(&*change.action),
        change.evidence.as_deref(),
        Some(&change.outcome),
        Some(seen),
    ];
    words.into_iter().flatten().collect::<Vec<_>>().join(" ")
}
