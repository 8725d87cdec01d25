//! Somebody the directory, or an order, names.
//!
//! Invariant: identities are sorted and stand once; who has left is entitled to nothing.

pub(super) mod row;

use std::cmp::Reverse;
use std::collections::HashSet;

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
    /// Has an address or a login that was somebody else's: an account that it fits may be theirs.
    ChangedHands,
}

impl Standing {
    const ALL: [Self; 5] = [
        Self::Active,
        Self::Suspended,
        Self::Left,
        Self::Disputed,
        Self::ChangedHands,
    ];

    /// Whether nobody can tell which accounts are this person's.
    pub fn is_doubtful(self) -> bool {
        matches!(self, Self::Disputed | Self::ChangedHands)
    }
}

/// How sure it is that a person may use no more than what their access names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// It was said of them, or read from lists that were counted.
    Stated,
    /// It was gathered from lists that nobody counted: to be missing from one is a gap, not a statement.
    Gathered,
}

/// By what people are sorted, so that the order they were named in decides nothing.
pub(super) type Order<'a> = (&'a [Identity], Reverse<&'a Name>, Option<usize>);

/// Somebody the directory, or an order, names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    identities: Box<[Identity]>,
    /// Where the address that was named first stands among the identities: the one to write to.
    primary: Option<usize>,
    name: Name,
    standing: Standing,
    access: Box<[ProviderId]>,
    known_access: Access,
}

impl Person {
    /// A person by their identities; repetition does not matter, and order only in that the first address is theirs
    /// above the others.
    pub fn new(identities: impl IntoIterator<Item = Identity>) -> Self {
        let mut identities: Vec<Identity> = identities.into_iter().collect();
        let is_email = |identity: &&Identity| matches!(identity, Identity::Email(_));
        let primary = match identities.iter().filter(is_email).count() {
            0 | 1 => None,
            _ => identities.iter().find(is_email).cloned(),
        };
        identities.sort();
        identities.dedup();
        let primary = match primary {
            Some(email) => identities.binary_search(&email).ok(),
            None => identities.iter().position(|identity| is_email(&identity)),
        };
        Self {
            identities: identities.into(),
            primary,
            name: Name::default(),
            standing: Standing::Active,
            access: Box::default(),
            known_access: Access::Stated,
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
        let mut access: Vec<ProviderId> = access.into_iter().collect();
        access.sort_unstable();
        access.dedup();
        self.access = access.into();
        self
    }

    /// The same person, whose access is known so well.
    #[must_use]
    pub fn with_access_known(mut self, known: Access) -> Self {
        self.known_access = known;
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

    /// Whether one of these is theirs.
    pub fn is_among(&self, known: &HashSet<Identity>) -> bool {
        self.identities.iter().any(|identity| known.contains(identity))
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

    /// Whether the directory says of this person that they have left, or may use nothing but what it names.
    pub fn is_stated(&self) -> bool {
        self.standing == Standing::Left || self.known_access == Access::Stated
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
    pub(super) fn agrees_with(&self, other: &Self) -> bool {
        self.standing == other.standing && self.access() == other.access()
    }

    /// Whether one system knows both by ids of its own that differ: two people, whatever else they share.
    pub(super) fn is_told_apart_from(&self, other: &Self) -> bool {
        let ids = |person: &Self| {
            let of = |identity: &Identity| match identity {
                Identity::Native(source, id) => Some((source.clone(), id.clone())),
                _ => None,
            };
            person.identities.iter().filter_map(of).collect::<Vec<_>>()
        };
        let others = ids(other);
        ids(self)
            .iter()
            .any(|(source, id)| others.iter().any(|(other, theirs)| source == other && id != theirs))
    }

    /// Whether both are equal to the letter: in how addresses and logins are written, too.
    pub(super) fn is_as(&self, other: &Self) -> bool {
        let mut pairs = self.identities.iter().zip(&other.identities);
        self == other && pairs.all(|(one, other)| written(one) == written(other))
    }

    /// What both are entitled to; who has left one place and works at another is disputed.
    pub(super) fn together_with(&self, other: &Self) -> Self {
        let standing = match (self.standing, other.standing) {
            (one, two) if one == two => one,
            (Standing::Active, Standing::Suspended) | (Standing::Suspended, Standing::Active) => Standing::Suspended,
            _ => Standing::Disputed,
        };
        let known = match [self.known_access, other.known_access].contains(&Access::Gathered) {
            true => Access::Gathered,
            false => Access::Stated,
        };
        self.joined_with(other)
            .with_access(self.access().iter().chain(other.access()).copied())
            .with_access_known(known)
            .standing_as(standing)
    }

    /// Leaves the person alone from now on.
    pub(super) fn dispute(&mut self) {
        self.standing = Standing::Disputed;
    }

    /// Takes what the person is entitled to away if they have left.
    pub(super) fn settle_access(&mut self) {
        if self.standing == Standing::Left {
            self.access = Box::default();
        }
    }

    /// This person, known by `other`'s identities too.
    pub(super) fn joined_with(&self, other: &Self) -> Self {
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
            known_access: self.known_access,
        }
    }
}

/// How an address or a login was written; an id has one form only.
fn written(identity: &Identity) -> &str {
    match identity {
        Identity::Email(email) => email.written(),
        Identity::Github(login) => login.written(),
        Identity::Native(_, id) => id,
    }
}
