//! One change: who is to be given access, or whose account is to be closed and why.

use crate::planning::account::Account;
use crate::planning::identity::{Identity, Who};
use crate::planning::person::{Order, Person};

/// Why an account is to be removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Evidence {
    /// An explicit order names the person.
    Named,
    /// The directory names the person and says: gone, or entitled to nothing here.
    KnownLeaver,
    /// The directory, read completely, does not name the person.
    Absence,
}

/// Somebody to give access to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Joiner {
    /// Who.
    pub person: Person,
    /// The dormant account to revive, where there is one.
    pub account: Option<Account>,
}

/// An account to take access from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leaver {
    /// Which account.
    pub account: Account,
    /// Why.
    pub evidence: Evidence,
}

/// One change, declared in the order of applying: first close, then open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Take access away.
    Offboard(Leaver),
    /// Give access.
    Onboard(Joiner),
}

/// What a change asks for. It can be looked up, since a large run has a hundred thousand of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Wish<'a> {
    /// That nobody uses this account.
    Gone(&'a str),
    /// That whoever is known by these has access.
    There(&'a [Identity]),
}

impl Change {
    /// Whom it concerns.
    pub fn who(&self) -> Who {
        match self {
            Self::Offboard(leaver) => leaver.account.who(),
            Self::Onboard(joiner) => Who {
                id: joiner.account.as_ref().map(|account| account.native_id.clone()),
                ..joiner.person.who()
            },
        }
    }

    /// What whom it is about is known by.
    pub fn identities(&self) -> &[Identity] {
        match self {
            Self::Offboard(leaver) => &leaver.account.identities,
            Self::Onboard(joiner) => joiner.person.identities(),
        }
    }

    /// What it asks for, at whatever state of the account.
    pub fn wish(&self) -> Wish<'_> {
        match self {
            Self::Offboard(leaver) => Wish::Gone(&leaver.account.native_id),
            Self::Onboard(joiner) => Wish::There(joiner.person.identities()),
        }
    }

    /// Whether `other` asks for the same.
    pub fn is_same_as(&self, other: &Self) -> bool {
        self.wish() == other.wish()
    }

    /// Closing sorts before opening; within each, by account and person.
    pub(super) fn order(&self) -> (bool, Option<&str>, Option<Order<'_>>) {
        match self {
            Self::Offboard(leaver) => (false, Some(&leaver.account.native_id), None),
            Self::Onboard(Joiner { person, account }) => {
                let id = account.as_ref().map(|account| &*account.native_id);
                (true, id, Some(person.order()))
            }
        }
    }
}
