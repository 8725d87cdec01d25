//! Who claims which account: a hash join of people and accounts on their identities.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};

use crate::planning::account::{Account, Observed};
use crate::planning::identity::{Identity, ProviderId};
use crate::planning::roster::Person;

/// The people and the accounts of one provider, matched.
pub(super) struct Matching<'a> {
    observed: &'a Observed,
    people: &'a [Person],
    /// Account and claimant by their places, sorted.
    claims: Vec<(usize, usize)>,
    /// How many accounts each person claims.
    held: Vec<usize>,
    /// The ids that are listed more than once.
    twice: HashSet<&'a str>,
}

/// An account and the people who share an identity with it.
pub(super) struct Claimed<'a> {
    pub(super) account: &'a Account,
    /// The account's own id, by which it is known too.
    pub(super) own: Identity,
    /// In the order of their identities.
    pub(super) claimants: Vec<&'a Person>,
    pub(super) claim: Claim,
}

/// How sure it is whose account it is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Claim {
    Nobody,
    One,
    /// Several entries claim it, and each of them no other account.
    Several,
    /// A claimant holds another account too, or is disputed, or the account is listed twice: nobody can tell.
    Doubtful,
}

/// An identity as this provider's accounts have it: an id of the provider's own stands on each account besides.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Key<'a> {
    Id(&'a str),
    Other(&'a Identity),
}

impl<'a> Key<'a> {
    fn at(provider: ProviderId, identity: &'a Identity) -> Self {
        match identity {
            Identity::Native(source, id) if **source == *provider.name() => Self::Id(id),
            other => Self::Other(other),
        }
    }
}

/// Accounts by what they are known by. Few share anything, so that only those take a list.
struct Index<'a> {
    first: HashMap<Key<'a>, usize>,
    further: HashMap<Key<'a>, Vec<usize>>,
}

impl<'a> Index<'a> {
    /// The accounts by their identities, their own ids among them; and the ids that are listed more than once.
    fn of(observed: &'a Observed) -> (Self, HashSet<&'a str>) {
        let accounts = &observed.accounts;
        let keys = accounts.iter().map(|account| account.identities.len() + 1).sum();
        let mut index = Self {
            first: HashMap::with_capacity(keys),
            further: HashMap::new(),
        };
        let mut twice = HashSet::new();
        for (i, account) in accounts.iter().enumerate() {
            if index.first.contains_key(&Key::Id(&account.native_id)) {
                twice.insert(&*account.native_id);
            }
            index.add(Key::Id(&account.native_id), i);
        }
        for (i, account) in accounts.iter().enumerate() {
            for identity in &account.identities {
                index.add(Key::at(observed.provider, identity), i);
            }
        }
        (index, twice)
    }

    fn add(&mut self, key: Key<'a>, account: usize) {
        match self.first.entry(key) {
            Entry::Vacant(free) => drop(free.insert(account)),
            Entry::Occupied(taken) => self.further.entry(*taken.key()).or_default().push(account),
        }
    }

    fn known_by<'b>(&'b self, key: Key<'b>) -> impl Iterator<Item = usize> + use<'a, 'b> {
        let further = self.further.get(&key).into_iter().flatten();
        self.first.get(&key).into_iter().chain(further).copied()
    }
}

/// Matches people with what was observed. An account matches a person if they share any identity.
pub(super) fn matching<'a>(observed: &'a Observed, people: &'a [Person]) -> Matching<'a> {
    let (index, twice) = Index::of(observed);
    let mut claims = Vec::with_capacity(observed.accounts.len());
    for (i, person) in people.iter().enumerate() {
        for identity in person.identities() {
            let accounts = index.known_by(Key::at(observed.provider, identity));
            claims.extend(accounts.map(|account| (account, i)));
        }
    }
    claims.sort_unstable();
    claims.dedup(); // who shares two identities with an account claims it once
    let mut held = vec![0; people.len()];
    for (_, i) in &claims {
        if let Some(held) = held.get_mut(*i) {
            *held += 1;
        }
    }
    Matching {
        observed,
        people,
        claims,
        held,
        twice,
    }
}

impl<'a> Matching<'a> {
    /// Every account with whoever claims it.
    pub(super) fn accounts(&self) -> impl Iterator<Item = Claimed<'a>> {
        let mut rest = self.claims.as_slice();
        let accounts = self.observed.accounts.iter().enumerate();
        accounts.map(move |(i, account)| {
            let count = rest.iter().take_while(|(claimed, _)| *claimed == i).count();
            let (claims, others) = rest.split_at(count);
            rest = others;
            self.claimed(account, claims)
        })
    }

    fn claimed(&self, account: &'a Account, claims: &[(usize, usize)]) -> Claimed<'a> {
        let holds_more = |(_, i): &(usize, usize)| self.held.get(*i).is_some_and(|held| *held > 1);
        let mut claimants: Vec<&Person> = claims.iter().filter_map(|(_, i)| self.people.get(*i)).collect();
        let is_doubtful = |person: &&Person| person.standing().is_doubtful();
        let claim = match claimants.len() {
            _ if claimants.iter().any(is_doubtful) || claims.iter().any(holds_more) => Claim::Doubtful,
            _ if self.twice.contains(&*account.native_id) => Claim::Doubtful,
            0 => Claim::Nobody,
            1 => Claim::One,
            _ => Claim::Several,
        };
        claimants.sort_by_key(|person| person.order());
        Claimed {
            account,
            own: account.own(self.observed.provider),
            claimants,
            claim,
        }
    }

    /// The people who claim no account.
    pub(super) fn without_account(&self) -> impl Iterator<Item = &'a Person> {
        let people = self.people.iter().zip(&self.held);
        people.filter(|(_, held)| **held == 0).map(|(person, _)| person)
    }
}
