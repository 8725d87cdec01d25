//! What a provider holds, and what its API can do.

use std::fmt;

use crate::planning::identity::{Identity, IdentityKind, ProviderId, Who};
use crate::planning::sieve::Settled;

/// How an account stands at its provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Can be used.
    Active,
    /// Invited and expected: present.
    Invited,
    /// Kept by the provider but unusable: a deactivated user, an expired invitation.
    Dormant,
    /// A word we do not know; nobody touches such an account.
    Unknown,
}

impl Status {
    /// The word in answers and in `list?status=`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Invited => "invited",
            Self::Dormant => "dormant",
            Self::Unknown => "unknown",
        }
    }

    /// Every status, for reading its name.
    pub const ALL: [Self; 4] = [Self::Active, Self::Invited, Self::Dormant, Self::Unknown];

    /// Whether the account counts as access.
    pub fn is_present(self) -> bool {
        matches!(self, Self::Active | Self::Invited)
    }
}

/// An account at a provider.
#[derive(Clone, PartialEq, Eq)]
pub struct Account {
    /// The provider's own id.
    pub native_id: Box<str>,
    /// What a person may be matched by, sorted.
    pub identities: Box<[Identity]>,
    /// How it stands.
    pub status: Status,
    /// The provider's own word for its status, where [`Status`] does not tell all.
    pub native_status: Option<Box<str>>,
    /// The display name.
    pub name: Option<Box<str>>,
    /// The provider's role names.
    pub roles: Vec<Box<str>>,
}

impl Account {
    /// An active account without a name or roles.
    pub fn new(native_id: &str, identities: impl IntoIterator<Item = Identity>) -> Self {
        let mut identities: Vec<Identity> = identities.into_iter().collect();
        identities.sort();
        identities.dedup();
        Self {
            native_id: native_id.into(),
            identities: identities.into(),
            status: Status::Active,
            native_status: None,
            name: None,
            roles: Vec::new(),
        }
    }

    /// Its own id, by which it is known at this provider beside its identities.
    pub fn own(&self, provider: ProviderId) -> Identity {
        Identity::native(provider.name(), &self.native_id)
    }

    /// The account as reports name it.
    pub fn who(&self) -> Who {
        Who::new(&self.identities, Some(&self.native_id))
    }
}

/// Without the display name, which is somebody's.
impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Account")
            .field("native_id", &self.native_id)
            .field("identities", &self.identities)
            .field("status", &self.status)
            .field("native_status", &self.native_status)
            .field("roles", &self.roles)
            .finish_non_exhaustive()
    }
}

/// How a provider lets people in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Onboarding {
    /// Its API cannot.
    Unsupported,
    /// At once.
    Immediate,
    /// By an invitation that the person accepts.
    ByInvitation,
}

/// How a provider takes access away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Offboarding {
    /// Its API cannot: a person has to.
    Unsupported,
    /// The account can be brought back.
    Reversible,
    /// What is removed is gone for ever.
    Permanent,
}

/// What a provider's API can do, asked before a call is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Capabilities {
    /// Letting people in.
    pub onboarding: Onboarding,
    /// Taking access away.
    pub offboarding: Offboarding,
    /// The kinds of identity it knows accounts by.
    pub identified_by: &'static [IdentityKind],
}

/// A provider as it was seen: every account, those that are as desired perhaps only counted.
#[derive(Clone, Debug)]
pub struct Observed {
    /// Which provider.
    pub provider: ProviderId,
    /// What it can do.
    pub capabilities: Capabilities,
    /// Every account it holds, but for those of `settled`.
    pub accounts: Vec<Account>,
    /// The people of the roster who have the one account here that they should have.
    pub settled: Settled,
}
