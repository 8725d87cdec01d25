//! What a comparison with the roster need not keep: accounts that are as desired are counted and let go.
//!
//! Invariant: a plan from what is left is the plan from everything. Where two accounts turn out to be one person's, or to have
//! one id, and one of them was let go, the reading is torn: the list is read once more, and all of it kept.

use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};

use crate::planning::account::Account;
use crate::planning::guard::Policy;
use crate::planning::identity::{Identity, IdentityKind, ProviderId};
use crate::planning::roster::{Roster, Standing};

/// The roster, by which one provider's accounts are sifted.
#[derive(Clone, Copy)]
pub struct Sieve<'a> {
    /// Who should have access.
    pub roster: &'a Roster,
    /// Whom nothing removes: they are kept, because the plan counts them apart.
    pub policy: &'a Policy,
    /// Whose accounts these are.
    pub provider: ProviderId,
    /// By what it knows them.
    pub identified_by: &'static [IdentityKind],
}

/// The people of a roster, by their places, who have the account they should have.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settled {
    places: Vec<u64>,
    count: usize,
}

/// Ids, each by a hash of 64 bits, so that a million of them take little. Two of a million share one in one of 37 million
/// lists, which then seems to name somebody twice.
#[derive(Default)]
struct Ids {
    seen: HashSet<u64>,
    hasher: RandomState,
}

/// A list, as far as it has been read.
#[derive(Default)]
pub struct Sifted<'a> {
    sieve: Option<Sieve<'a>>,
    ids: Ids,
    accounts: Vec<Account>,
    settled: Settled,
    /// Who has an account that is kept.
    claimed: HashSet<usize>,
    torn: bool,
}

/// A list, read to its end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Accounts {
    /// The accounts somebody has to look at.
    pub accounts: Vec<Account>,
    /// Those who have the others.
    pub settled: Settled,
    /// Whether somebody among them has an account that was kept, too.
    pub torn: bool,
}

impl Settled {
    /// How many.
    pub fn count(&self) -> usize {
        self.count
    }

    /// Whether who stands in this place is among them.
    pub(super) fn has(&self, place: usize) -> bool {
        let word = self.places.get(place / 64);
        word.is_some_and(|word| word >> (place % 64) & 1 == 1)
    }

    fn add(&mut self, place: usize) {
        if self.places.len() <= place / 64 {
            self.places.resize(place / 64 + 1, 0);
        }
        if let Some(word) = self.places.get_mut(place / 64) {
            *word |= 1 << (place % 64);
            self.count += 1;
        }
    }
}

impl Sieve<'_> {
    /// In whose place this account can be let go: present, of one person, who is entitled to it and can have no other here
    /// but by a mistake of the provider's.
    fn settles(&self, account: &Account, own: &Identity) -> Option<usize> {
        if !account.status.is_present() {
            return None;
        }
        let keys = || account.identities.iter().chain([own]);
        let mut places = keys().filter_map(|identity| self.roster.place_of(identity));
        let place = places.next()?;
        let is_theirs = places.all(|other| other == place);
        let person = self.roster.person(place)?;
        let is_desired = person.standing() == Standing::Active && person.is_entitled_to(self.provider);
        let known_by = |identity: &&Identity| {
            let mut kinds = self.identified_by.iter();
            kinds.any(|kind| identity.is_of(*kind, self.provider))
        };
        let mut theirs = person.identities().iter().filter(known_by);
        let is_the_one = theirs.all(|identity| keys().any(|key| key == identity));
        let mut all = keys().chain(person.identities());
        let is_protected = all.any(|identity| self.policy.protects(identity));
        (is_theirs && is_desired && is_the_one && !is_protected).then_some(place)
    }
}

impl<'a> Sifted<'a> {
    /// Nothing was read yet. Without a sieve, everything is kept.
    pub fn through(sieve: Option<Sieve<'a>>) -> Self {
        Self {
            sieve,
            ..Self::default()
        }
    }

    /// How many different accounts were listed.
    pub fn ids(&self) -> usize {
        self.ids.seen.len()
    }

    /// Whether an account of this id was listed.
    pub fn has(&self, native_id: &str) -> bool {
        self.ids.seen.contains(&self.ids.hasher.hash_one(native_id))
    }

    /// Takes the next account.
    pub fn take(&mut self, account: Account) {
        let is_new = self.ids.seen.insert(self.ids.hasher.hash_one(&*account.native_id));
        self.torn |= !is_new && self.sieve.is_some(); // the other one may have been let go
        let Some(sieve) = &self.sieve else {
            return self.accounts.push(account);
        };
        let own = account.own(sieve.provider);
        match sieve.settles(&account, &own) {
            Some(place) if self.settled.has(place) => self.torn = true,
            Some(place) if !self.claimed.contains(&place) => self.settled.add(place),
            _ => {
                let keys = account.identities.iter().chain([&own]);
                for place in keys.filter_map(|identity| sieve.roster.place_of(identity)) {
                    self.torn |= self.settled.has(place);
                    self.claimed.insert(place);
                }
                self.accounts.push(account);
            }
        }
    }

    /// The list has ended.
    pub fn end(self) -> Accounts {
        Accounts {
            accounts: self.accounts,
            settled: self.settled,
            torn: self.torn,
        }
    }
}
