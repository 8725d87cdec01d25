//! Who claims which account: a hash join of people and accounts on their identities.

use std::collections::{BTreeSet, HashMap};

use crate::planning::account::{Account, Observed};
use crate::planning::identity::Identity;
use crate::planning::roster::Person;

/// The people and the accounts of one provider, matched.
pub(super) struct Matching<'a> {
    /// Every account with whoever claims it.
    pub(super) accounts: Vec<Claimed<'a>>,
    /// The people who claim no account.
    pub(super) without_account: Vec<&'a Person>,
}

/// An account and the people who share an identity with it.
pub(super) struct Claimed<'a> {
    pub(super) account: &'a Account,
    /// What the account is known by, its own id among it.
    pub(super) identities: Vec<Identity>,
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

/// Matches people with what was observed. An account matches a person if they share any identity.
pub(super) fn matching<'a>(observed: &'a Observed, people: &'a [Person]) -> Matching<'a> {
    let mut by_identity: HashMap<&Identity, Vec<usize>> = HashMap::new();
    for (i, person) in people.iter().enumerate() {
        for identity in person.identities() {
            by_identity.entry(identity).or_default().push(i);
        }
    }
    let mut held = vec![0_usize; people.len()]; // accounts per person
    let mut listed: HashMap<&str, usize> = HashMap::new(); // how often each id is
    let mut matched = Vec::with_capacity(observed.accounts.len());
    for account in &observed.accounts {
        *listed.entry(&account.native_id).or_default() += 1;
        let mut identities = account.identities.clone();
        identities.push(Identity::native(observed.provider.name(), &account.native_id));
        let found = identities.iter().filter_map(|identity| by_identity.get(identity));
        let claimants: BTreeSet<usize> = found.flatten().copied().collect();
        for i in &claimants {
            if let Some(held) = held.get_mut(*i) {
                *held += 1;
            }
        }
        matched.push((account, identities, claimants));
    }
    let is_doubtful = |i: &usize| {
        let disputed = |person: &Person| person.standing().is_doubtful();
        held.get(*i).is_some_and(|held| *held > 1) || people.get(*i).is_some_and(disputed)
    };
    let claimed = |(account, identities, claimants): (&'a Account, _, BTreeSet<usize>)| {
        let claim = match claimants.len() {
            _ if claimants.iter().any(is_doubtful) => Claim::Doubtful,
            _ if listed.get(&*account.native_id).is_some_and(|times| *times > 1) => Claim::Doubtful,
            0 => Claim::Nobody,
            1 => Claim::One,
            _ => Claim::Several,
        };
        let mut claimants: Vec<&Person> = claimants.iter().filter_map(|i| people.get(*i)).collect();
        claimants.sort_by_key(|person| person.order());
        Claimed {
            account,
            identities,
            claimants,
            claim,
        }
    };
    let without_account = people.iter().zip(&held).filter(|(_, held)| **held == 0);
    Matching {
        accounts: matched.into_iter().map(claimed).collect(),
        without_account: without_account.map(|(person, _)| person).collect(),
    }
}
