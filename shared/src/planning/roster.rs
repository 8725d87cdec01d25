//! The people the directory knows, and the roster: everybody it named, read completely.
//!
//! Invariant: a `Roster` is never empty and never contradicts itself, so nobody is removed because a read went wrong.

use std::cmp::Reverse;
use std::collections::{BTreeSet, HashMap};

use crate::error::{Error, ErrorKind, Result};
use crate::planning::identity::{Email, Identity, IdentityKind, Name, ProviderId, Who};

/// How a person stands with the company.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Works here.
    Active,
    /// Works here, is away: keeps what they have, is given nothing new.
    Suspended,
    /// Known to have left: a leaver everywhere.
    Left,
    /// Shares an identity with somebody else the directory names: nobody can tell who an account belongs to.
    Disputed,
}

/// By what people are sorted, so that the order they were named in decides nothing.
pub(super) type Order<'a> = (&'a [Identity], Reverse<&'a Name>, Option<usize>);

/// Somebody the directory, or an order, names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    identities: Vec<Identity>,
    /// Where the address that was named first stands among the identities: the one to write to.
    primary: Option<usize>,
    name: Name,
    standing: Standing,
    access: Vec<ProviderId>,
}

impl Person {
    /// A person by their identities; repetition does not matter, and order only in that the first address is theirs
    /// above the others.
    pub fn new(identities: impl IntoIterator<Item = Identity>) -> Self {
        let mut identities: Vec<Identity> = identities.into_iter().collect();
        let is_email = |identity: &&Identity| matches!(identity, Identity::Email(_));
        let primary = identities.iter().find(is_email).cloned();
        identities.sort_unstable();
        identities.dedup();
        let primary = primary.and_then(|email| identities.binary_search(&email).ok());
        Self {
            identities,
            primary,
            name: Name::default(),
            standing: Standing::Active,
            access: Vec::new(),
        }
    }

    /// The same person with a name.
    #[must_use]
    pub fn named(mut self, name: Name) -> Self {
        self.name = name;
        self
    }

    /// The same person, entitled to `access`.
    #[must_use]
    pub fn with_access(mut self, access: impl IntoIterator<Item = ProviderId>) -> Self {
        self.access = access.into_iter().collect();
        self.access.sort_unstable();
        self.access.dedup();
        self
    }

    /// The same person, standing so.
    #[must_use]
    pub fn standing_as(mut self, standing: Standing) -> Self {
        self.standing = standing;
        self
    }

    /// What this person is known by, sorted.
    pub fn identities(&self) -> &[Identity] {
        &self.identities
    }

    /// The address to write to.
    pub fn email(&self) -> Option<&Email> {
        match self.identities.get(self.primary?)? {
            Identity::Email(email) => Some(email),
            _ => None,
        }
    }

    /// The person's name.
    pub fn name(&self) -> &Name {
        &self.name
    }

    /// How the person stands.
    pub fn standing(&self) -> Standing {
        self.standing
    }

    /// The providers the person is entitled to; empty for a known leaver.
    pub fn access(&self) -> &[ProviderId] {
        match self.standing {
            Standing::Left => &[],
            _ => &self.access,
        }
    }

    /// Whether the person should have access to `provider`.
    pub fn is_entitled_to(&self, provider: ProviderId) -> bool {
        self.access().binary_search(&provider).is_ok()
    }

    /// Whether the person has an identity by which `provider` could know them.
    pub fn is_identifiable_at(&self, provider: ProviderId, kinds: &[IdentityKind]) -> bool {
        let usable = |identity: &Identity| kinds.iter().any(|kind| identity.is_of(*kind, provider));
        self.identities.iter().any(usable)
    }

    /// The person as reports name them.
    pub fn who(&self) -> Who {
        Who {
            email: self.email().cloned(),
            ..Who::new(&self.identities, None)
        }
    }

    /// The person's place among others: by identities, the fuller name first.
    pub(super) fn order(&self) -> Order<'_> {
        (&self.identities, Reverse(&self.name), self.primary)
    }

    /// Whether both stand alike and are entitled to the same.
    fn agrees_with(&self, other: &Self) -> bool {
        self.standing == other.standing && self.access() == other.access()
    }

    /// This person, known by `other`'s identities too.
    fn joined_with(&self, other: &Self) -> Self {
        let primary = self.email().or(other.email()).cloned().map(Identity::Email);
        let both = self.identities.iter().chain(&other.identities).cloned();
        let Self {
            identities, primary, ..
        } = Self::new(primary.into_iter().chain(both));
        Self {
            identities,
            primary,
            name: if self.name == Name::default() {
                other.name.clone()
            } else {
                self.name.clone()
            },
            standing: self.standing,
            access: self.access.clone(),
        }
    }
}

/// Everybody the directory names, known leavers too, in the order of their identities.
#[derive(Clone, Debug)]
pub struct Roster(Vec<Person>);

impl Roster {
    /// Accepts a complete read.
    ///
    /// Equal entries are merged. Entries that share an identity and agree about the rest stay apart, `Disputed`. An empty
    /// read is `Held`: it never means that everybody left. Two entries that share an identity but differ in standing or
    /// access contradict each other: `Protocol`.
    pub fn new(mut read: Vec<Person>) -> Result<Self> {
        if read.is_empty() {
            let message = "the directory names nobody, which never means that everybody left";
            return Err(Error::new(ErrorKind::Held, message));
        }
        if read.iter().any(|person| person.identities.is_empty()) {
            let message = "the roster has an entry without any identity";
            return Err(Error::new(ErrorKind::Protocol, message));
        }
        // Who left is entitled to nothing, also when they turn out to be disputed.
        let leavers = read.iter_mut().filter(|person| person.standing == Standing::Left);
        leavers.for_each(|person| person.access.clear());
        // Sorted, the fuller name first, so that the order of the read decides nothing.
        read.sort_by(|a, b| a.order().cmp(&b.order()));
        read.dedup_by(|next, kept| next.identities == kept.identities && next.agrees_with(kept));
        let mut holders: HashMap<&Identity, (usize, &Person)> = HashMap::with_capacity(read.len() * 2);
        let mut disputed: BTreeSet<usize> = BTreeSet::new();
        for (i, person) in read.iter().enumerate() {
            for identity in &person.identities {
                let (first, holder) = *holders.entry(identity).or_insert((i, person));
                if !holder.agrees_with(person) {
                    let message = "two entries of the roster share an identity but differ in status or access";
                    return Err(Error::new(ErrorKind::Protocol, message));
                }
                if first != i {
                    disputed.extend([first, i]);
                }
            }
        }
        for i in disputed {
            if let Some(person) = read.get_mut(i) {
                person.standing = Standing::Disputed;
            }
        }
        Ok(Self(read))
    }

    /// Everybody.
    pub fn people(&self) -> &[Person] {
        &self.0
    }

    /// Completes the people an order names: what the directory knows of them (an address ↔ a login ↔ native ids) is added.
    ///
    /// Somebody who fits two people of the roster is `Disputed`: the order may mean either.
    pub fn complete(&self, named: &[Person]) -> Vec<Person> {
        let mut known: HashMap<&Identity, &Person> = HashMap::new();
        for person in &self.0 {
            known.extend(person.identities.iter().map(|identity| (identity, person)));
        }
        let complete = |person: &Person| {
            let mut matches: Vec<&Person> = Vec::new();
            for found in person.identities.iter().filter_map(|i| known.get(i)) {
                if !matches.contains(found) {
                    matches.push(found);
                }
            }
            match matches.as_slice() {
                [] => person.clone(),
                [one] if one.standing != Standing::Disputed => person.joined_with(one),
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
            let mut own = person.identities.iter();
            own.any(|identity| other.identities.binary_search(identity).is_ok())
        };
        let mut one = person.clone();
        people.retain(|other| {
            let same = shares(other);
            if same {
                let disputed = [one.standing, other.standing].contains(&Standing::Disputed);
                one = other.joined_with(&one);
                if disputed {
                    one.standing = Standing::Disputed;
                }
            }
            !same
        });
        people.push(one);
    }
    people
}
