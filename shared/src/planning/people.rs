//! Accounts of all providers and the roster, merged by identity: who has what, and who should.

use std::collections::{BTreeMap, HashMap};

use crate::planning::account::{Account, Observed};
use crate::planning::groups::Groups;
use crate::planning::identity::{Identity, ProviderId};
use crate::planning::roster::{Person, Roster};

/// Somebody with all they have.
#[derive(Debug, Default)]
pub struct Holder<'a> {
    /// The person, where a directory names them.
    pub person: Option<Person>,
    /// Everything they are known by, sorted.
    pub identities: Vec<Identity>,
    /// Their accounts, in the order of providers.
    pub accounts: Vec<(ProviderId, &'a Account)>,
}

/// Everybody the providers or the directory know, merged on shared identities, in the order of their identities.
///
/// Two people the directory tells apart stay two, whatever they share: none disappears behind the other.
pub fn merge<'a>(observed: &'a [Observed], roster: Option<&Roster>) -> Vec<Holder<'a>> {
    let people = roster.map(Roster::people).unwrap_or_default();
    let accounts = observed
        .iter()
        .flat_map(|seen| seen.accounts.iter().map(move |account| (seen.provider, account)));
    let accounts: Vec<(ProviderId, &Account)> = accounts.collect();

    let named = people.len();
    let mut groups = Groups::new(named + accounts.len());
    let mut first: HashMap<Identity, usize> = HashMap::new();
    let mut link = |identity: Identity, entry: usize| {
        let other = *first.entry(identity).or_insert(entry);
        let (a, b) = (groups.root(other), groups.root(entry));
        if a.max(b) >= named {
            groups.join(a, b); // never two people: they are the roots of their groups
        }
    };
    for (entry, person) in people.iter().enumerate() {
        for identity in person.identities() {
            link(identity.clone(), entry);
        }
    }
    for (i, (provider, account)) in accounts.iter().enumerate() {
        for identity in account.identities.iter().cloned().chain([account.own(*provider)]) {
            link(identity, named + i);
        }
    }

    let mut holders: BTreeMap<usize, Holder<'a>> = BTreeMap::new();
    for (entry, person) in people.into_iter().enumerate() {
        let holder = holders.entry(groups.root(entry)).or_default();
        holder.identities.extend_from_slice(person.identities());
        holder.person.get_or_insert(person);
    }
    for (i, (provider, account)) in accounts.into_iter().enumerate() {
        let holder = holders.entry(groups.root(named + i)).or_default();
        holder.identities.extend_from_slice(&account.identities);
        holder.identities.push(account.own(provider));
        holder.accounts.push((provider, account));
    }
    sorted(holders)
}

/// Those whom no provider and no directory knows any more, by what each of their changes knew them by.
pub fn former(known: Vec<Vec<Identity>>) -> Vec<Holder<'static>> {
    let mut groups = Groups::new(known.len());
    let mut first: HashMap<&Identity, usize> = HashMap::new();
    for (entry, identities) in known.iter().enumerate() {
        for identity in identities {
            groups.join(*first.entry(identity).or_insert(entry), entry);
        }
    }
    let mut holders: BTreeMap<usize, Holder<'static>> = BTreeMap::new();
    for (entry, identities) in known.into_iter().enumerate() {
        let holder = holders.entry(groups.root(entry)).or_default();
        holder.identities.extend(identities);
    }
    sorted(holders)
}

fn sorted<'a>(holders: BTreeMap<usize, Holder<'a>>) -> Vec<Holder<'a>> {
    let mut holders: Vec<Holder<'a>> = holders.into_values().collect();
    for holder in &mut holders {
        holder.identities.sort();
        holder.identities.dedup();
    }
    holders.sort_by(|a, b| a.identities.cmp(&b.identities));
    holders
}
