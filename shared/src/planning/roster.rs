//! The roster: everybody the directory named, read completely.
//!
//! Invariant: a `Roster` is never empty and never contradicts itself, so nobody is removed because a read went wrong.

use std::collections::{BTreeSet, HashMap};

use crate::error::{Error, ErrorKind, Result};
use crate::planning::crowd::Crowd;
use crate::planning::identity::Identity;
use crate::planning::index::Index;
use crate::planning::sieve::Settled;

pub use crate::planning::person::{Access, Person, Standing};

/// Everybody the directory names, known leavers too.
#[derive(Clone, Debug)]
pub struct Roster {
    crowd: Crowd,
    index: Index,
}

impl Roster {
    /// Accepts a complete read.
    ///
    /// Equal entries are merged. Entries that share an identity and agree about the rest stay apart, `Disputed`; so do two
    /// people whom one system knows by different ids. An empty read is `Held`: it never means that everybody left. Other
    /// entries that share an identity but differ in standing or access contradict each other: `Protocol`.
    pub fn new(read: impl Into<Crowd>) -> Result<Self> {
        let crowd: Crowd = read.into();
        if crowd.is_empty() {
            let message = "the directory names nobody, which never means that everybody left";
            return Err(Error::new(ErrorKind::Held, message));
        }
        if crowd.iter().any(|person| person.identities().is_empty()) {
            let message = "the roster has an entry without any identity";
            return Err(Error::new(ErrorKind::Protocol, message));
        }
        let (mut roster, tied) = Self::indexed(crowd)?;
        if tied.is_empty() {
            return Ok(roster);
        }
        let entries = tied.iter().filter_map(|place| roster.crowd.get(*place)).collect();
        let people = told_apart(entries)?;
        let surplus: BTreeSet<usize> = tied.iter().skip(people.len()).copied().collect();
        for (place, person) in tied.iter().zip(&people) {
            roster.crowd.replace(*place, person);
        }
        roster.crowd.retain(|place| !surplus.contains(&place));
        Ok(Self::indexed(roster.crowd)?.0)
    }

    /// Accepts what was merged from rosters.
    pub(super) fn merged(people: Vec<Person>) -> Result<Self> {
        Ok(Self::indexed(people.into())?.0)
    }

    /// Indexes a crowd; says in which places stand entries that share an identity.
    fn indexed(crowd: Crowd) -> Result<(Self, BTreeSet<usize>)> {
        let mut index = Index::default();
        let mut tied = BTreeSet::new();
        for (place, person) in (0..).zip(crowd.iter()) {
            for identity in person.identities() {
                if let Some(first) = index.add(&crowd, identity, place) {
                    tied.extend([first as usize, place as usize]);
                }
            }
        }
        match crowd.is_torn() {
            true => Err(Error::new(ErrorKind::Protocol, "the roster is too large to be held")),
            false => Ok((Self { crowd, index }, tied)),
        }
    }

    /// How many people it names.
    pub fn count(&self) -> usize {
        self.crowd.len()
    }

    /// Everybody, one after the other.
    pub fn each(&self) -> impl Iterator<Item = Person> {
        self.crowd.iter()
    }

    /// Everybody at full length, in the order of their identities.
    pub fn people(&self) -> Vec<Person> {
        let mut people: Vec<Person> = self.each().collect();
        sort(&mut people);
        people
    }

    /// Who is known by this; of several, who are all in doubt, the first by their identities.
    pub fn named(&self, identity: &Identity) -> Option<Person> {
        let one = self.place_of(identity).and_then(|place| self.person(place))?;
        if !one.standing().is_doubtful() {
            return Some(one);
        }
        let all = self.each().filter(|person| person.identities().contains(identity));
        all.min_by(|a, b| a.order().cmp(&b.order()))
    }

    /// Who stands in this place.
    pub(super) fn person(&self, place: usize) -> Option<Person> {
        self.crowd.get(place)
    }

    /// Where somebody stands who is known by this; of several, who are all in doubt, the first.
    pub(super) fn place_of(&self, identity: &Identity) -> Option<usize> {
        self.index.find(&self.crowd, identity).map(|place| place as usize)
    }

    /// Everybody whose account at a provider was not found to be as desired.
    pub(super) fn without(&self, settled: &Settled) -> Vec<Person> {
        let places = (0..self.count()).filter(|place| !settled.has(*place));
        places.filter_map(|place| self.person(place)).collect()
    }

    /// Everybody, but those whom `judged` judges anew.
    pub(super) fn judged_anew(&mut self, judged: impl Fn(&Person) -> Option<Person>) {
        for place in 0..self.count() {
            if let Some(anew) = self.person(place).as_ref().and_then(&judged) {
                self.crowd.replace(place, &anew);
            }
        }
    }

    /// Completes the people an order names: what the directory knows of them (an address ↔ a login ↔ native ids) is added.
    ///
    /// Somebody who fits two people of the roster is `Disputed`: the order may mean either.
    pub fn complete(&self, named: &[Person]) -> Vec<Person> {
        let complete = |person: &Person| {
            let places = person.identities().iter().filter_map(|i| self.place_of(i));
            let places: BTreeSet<usize> = places.collect();
            let known: Vec<Person> = places.into_iter().filter_map(|place| self.person(place)).collect();
            match known.as_slice() {
                [] => person.clone(),
                [one] if !one.standing().is_doubtful() => person.joined_with(one),
                _ => person.clone().standing_as(Standing::Disputed),
            }
        };
        merged(&named.iter().map(complete).collect::<Vec<_>>())
    }
}

fn sort(people: &mut [Person]) {
    people.sort_by(|a, b| a.order().cmp(&b.order()));
}

/// Entries that share identities, so that none of them is taken for another: equal ones merged, the others `Disputed`.
fn told_apart(mut entries: Vec<Person>) -> Result<Vec<Person>> {
    // Sorted, the fuller name first, so that the order of the read decides nothing.
    sort(&mut entries);
    entries.dedup_by(|next, kept| next.identities() == kept.identities() && next.agrees_with(kept));
    let mut holders: HashMap<&Identity, (usize, &Person)> = HashMap::new();
    let mut disputed: BTreeSet<usize> = BTreeSet::new();
    for (i, person) in entries.iter().enumerate() {
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
        if let Some(person) = entries.get_mut(i) {
            person.dispute();
        }
    }
    Ok(entries)
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
