//! What a test can turn on a simulated Google: who else is in a group, who is archived, and how a no looks.

use std::collections::BTreeSet;

use super::GooglePlatform;
use super::wire::no;
use crate::directories::Simulated;
use crate::server::{Refusal, lock};

/// A running Google Workspace.
pub type Google = Simulated<GooglePlatform>;

/// An entry of a group that is nobody of the directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entry {
    /// Everybody of the customer: an id and no address.
    Customer,
    /// The group of this name. Derived members are those of a group that is known here, besides the entry itself.
    Group(String),
    /// Somebody outside with this address: no status, and no user. A [`Member`](crate::directories::Member) who is a guest is
    /// shown in the same way.
    Outsider(String),
}

/// How Google shows that the permission to read is gone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Revocation {
    /// The delegation was taken away: no token any more.
    #[default]
    Delegation,
    /// The administrator lost the role: a token still, and 403 for every list.
    Lists,
}

/// How Google says "too often".
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Throttle {
    /// 403, reason `rateLimitExceeded`.
    #[default]
    RateLimitExceeded,
    /// 403, reason `userRateLimitExceeded`.
    UserRateLimitExceeded,
    /// 403, reason `quotaExceeded`.
    QuotaExceeded,
    /// 429.
    TooManyRequests,
}

impl Throttle {
    pub(super) fn refusal(self) -> Refusal {
        let (status, reason) = match self {
            Self::RateLimitExceeded => (403, "rateLimitExceeded"),
            Self::UserRateLimitExceeded => (403, "userRateLimitExceeded"),
            Self::QuotaExceeded => (403, "quotaExceeded"),
            Self::TooManyRequests => (429, "rateLimitExceeded"),
        };
        no(status, reason, "canary: too many requests")
    }
}

impl Google {
    /// Puts an entry into a group, after its members.
    pub fn add_entry(&self, group: &str, entry: Entry) {
        self.set(|settings| settings.entries.push((group.to_owned(), entry)));
    }

    /// Archives the user of this id, which is not the same as suspending; a group shows such a member as active.
    pub fn archive(&self, id: &str) {
        self.set(|settings| {
            settings.archived.insert(id.to_owned());
        });
    }

    /// Leaves the user of this id out of the list of users, as a page that is lost would.
    pub fn hide_from_users(&self, id: &str) {
        self.set(|settings| {
            settings.hidden.insert(id.to_owned());
        });
    }

    /// How `revoke` shows itself (delegation taken away unless set); set it before.
    pub fn revoke_as(&self, revocation: Revocation) {
        self.set(|settings| settings.revocation = revocation);
    }

    /// How `throttle_once` shows itself (`rateLimitExceeded` unless set); set it before the list.
    pub fn throttle_as(&self, throttle: Throttle) {
        self.set(|settings| settings.throttle = throttle);
    }

    fn set(&self, change: impl FnOnce(&mut Settings)) {
        change(&mut lock(&self.platform.settings));
    }
}

#[derive(Default)]
pub(super) struct Settings {
    pub(super) generation: usize,
    pub(super) entries: Vec<(String, Entry)>,
    pub(super) archived: BTreeSet<String>,
    pub(super) hidden: BTreeSet<String>,
    pub(super) revoked: bool,
    pub(super) revocation: Revocation,
    pub(super) throttled: bool,
    pub(super) throttle: Throttle,
}
