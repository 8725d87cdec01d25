//! The roster: everybody the directory named, read completely.
//!
//! Invariant: a `Roster` is never empty and never contradicts itself, so nobody is removed because a read went wrong.

use std::collections::{BTreeSet, HashMap};

use crate::error::{Error, ErrorKind, Result};
use crate::planning::identity::Identity;

pub use crate::planning::person::{Access, Person, Standing};

/// Everybody the directory names, known leavers too, in the order of their identities.
#[derive(Clone, Debug)]
pub struct Roster(Vec<Person>);

impl Roster {
    /// Accepts a complete read.
    ///
    /// Equal entries are merged. Entries that share an identity and agree about the rest stay apart, `Disputed`; so do two
    /// people whom one system knows by different ids. An empty read is `Held`: it never means that everybody left. Other
    /// entries that share an identity but differ in standing or access contradict each other: `Protocol`.
    pub fn new(mut read: Vec<Person>) -> Result<Self> {
        if read.is_empty() {
            let message = "the directory names nobody, which never means that everybody left";
            return Err(Error::new(ErrorKind::Held, message));
        }
        if read.iter().any(|person| person.identities().is_empty()) {
            let message = "the roster has an entry without any identity";
            return Err(Error::new(ErrorKind::Protocol, message));
        }
        // Who left is entitled to nothing, also when they turn out to be disputed.
        read.iter_mut().for_each(Person::settle_access);
        // Sorted, the fuller name first, so that the order of the read decides nothing.
        read.sort_by(|a, b| a.order().cmp(&b.order()));
        read.dedup_by(|next, kept| next.identities() == kept.identities() && next.agrees_with(kept));
        let identities = read.iter().map(|person| person.identities().len()).sum();
        let mut holders: HashMap<&Identity, (usize, &Person)> = HashMap::with_capacity(identities);
        let mut disputed: BTreeSet<usize> = BTreeSet::new();
        for (i, person) in read.iter().enumerate() {
            for identity in person.identities() {
                let (first, holder) = *holders.entry(identity).or_insert((i, person));
                if first == i {
                    continue;
                }
                if !holder.agrees_with(person) && !holder.is_told_apart_from(person) {
                    let message = "two entries of the roster share an identity but differ in status or access";
                    return Err(Error::new(ErrorKind::Protocol, message));
                }
                disputed.extend([first, i]);
            }
        }
        for i in disputed {
            if let Some(person) = read.get_mut(i) {
                person.dispute();
            }
        }
        Ok(Self(read))
    }

    /// Accepts what was merged from rosters.
    pub(super) fn merged(mut people: Vec<Person>) -> Self {
        people.sort_by(|a, b| a.order().cmp(&b.order()));
        Self(people)
    }

    /// Everybody.
    pub fn people(&self) -> &[Person] {
        &self.0
    }

    /// Everybody, to be judged anew.
    pub(super) fn people_mut(&mut self) -> impl Iterator<Item = &mut Person> {
        self.0.iter_mut()
    }

    /// Everybody, taken out.
    pub(super) fn into_people(self) -> Vec<Person> {
        self.0
    }

    /// Completes the people an order names: what the directory knows of them (an address ↔ a login ↔ native ids) is added.
    ///
    /// Somebody who fits two people of the roster is `Disputed`: the order may mean either.
    pub fn complete(&self, named: &[Person]) -> Vec<Person> {
        let mut known: HashMap<&Identity, &Person> = HashMap::new();
        for person in &self.0 {
            known.extend(person.identities().iter().map(|identity| (identity, person)));
        }
        let complete = |person: &Person| {
            let mut matches: Vec<&Person> = Vec::new();
            for found in person.identities().iter().filter_map(|i| known.get(i)) {
                if !matches.contains(found) {
                    matches.push(found);
                }
            }
            match matches.as_slice() {
                [] => person.clone(),
                [one] if !one.standing().is_doubtful() => person.joined_with(one),
                _ => person.clone().standing_as(Standing::Disputed),
            }
        };
        merged(&named.iter().map(complete).collect::<Vec<_>>())
    }
}

/// The people of one order, with entries that share an identity made one person: the order names them twice.
pub fn merged(named: &[Person]) -> Vec<Person> {
    let mut named: Vec<&Person> = named.iter().collect();
    named.sort_by_key(|person| person.order());
    let mut people: Vec<Person> = Vec::new();
    for person in named {
        let shares = |other: &Person| {
            let mut own = person.identities().iter();
            own.any(|identity| other.identities().binary_search(identity).is_ok())
        };
        let mut one = person.clone();
        people.retain(|other| {
            let same = shares(other);
            if same {
                let disputed = [one.standing(), other.standing()].contains(&Standing::Disputed);
                one = other.joined_with(&one);
                if disputed {
                    one.dispute();
                }
            }
            !same
        });
        people.push(one);
    }
    people
}
