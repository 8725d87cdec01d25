//! What a test can turn on a simulated SCIM server: how it cuts pages, what it leaves out and where it is sloppy.

use std::collections::{BTreeMap, BTreeSet};

use super::ScimPlatform;
use crate::directories::Simulated;
use crate::server::lock;

/// A running SCIM server.
pub type Scim = Simulated<ScimPlatform>;

/// A way in which servers are known to differ from what one would write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sloppy {
    /// `active` is the text "True" or "False".
    ActiveAsText,
    /// Every attribute begins with the other case: `UserName`, `Emails`, `resources` (RFC 7643 §2.1 allows that).
    OtherCase,
    /// Who has no address has `emails: null` instead of no `emails` (RFC 7643 §2.5 allows that).
    NullEmails,
    /// `totalResults` is a text.
    TotalAsText,
    /// An empty list has no `Resources` (RFC 7644 §3.4.2 allows that).
    EmptyWithoutResources,
    /// There is no `totalResults`, which RFC 7644 §3.4.2 requires.
    NoTotal,
    /// The answer is another group than the one that was asked for, as a proxy or a cache may do it.
    OtherGroup,
    /// The members of a group are a `value` and nothing else, so that a group among them looks like a user (scim2-server).
    MembersByValue,
}

impl Scim {
    /// Is sloppy in one more way.
    pub fn be_sloppy(&self, sloppy: Sloppy) {
        self.set(|settings| settings.sloppy.push(sloppy));
    }

    /// Leaves `active` out for the user of this id; then no filter for it finds them.
    pub fn without_active(&self, id: &str) {
        self.set(|settings| {
            settings.without_active.insert(id.to_owned());
        });
    }

    /// Cuts lists by cursor only (RFC 9865): `nextCursor` leads on, `startIndex` is not understood and so not heeded.
    pub fn cursors_only(&self) {
        self.set(|settings| settings.paging = Paging::Cursor);
    }

    /// Makes one group, by id, a member of another.
    pub fn nest(&self, group: &str, inner: &str) {
        self.set(|settings| settings.nested.push((group.to_owned(), inner.to_owned())));
    }

    /// Shows the group of this id under a name that is not the id.
    pub fn display_group(&self, id: &str, name: &str) {
        self.set(|settings| {
            settings.names.insert(id.to_owned(), name.to_owned());
        });
    }

    fn set(&self, change: impl FnOnce(&mut Settings)) {
        change(&mut lock(&self.platform.settings));
    }
}

/// How lists are cut.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Paging {
    #[default]
    Index,
    Cursor,
}

#[derive(Default)]
pub(super) struct Settings {
    pub(super) generation: usize,
    pub(super) revoked: bool,
    pub(super) throttled: bool,
    pub(super) paging: Paging,
    pub(super) sloppy: Vec<Sloppy>,
    pub(super) without_active: BTreeSet<String>,
    pub(super) nested: Vec<(String, String)>,
    pub(super) names: BTreeMap<String, String>,
}

impl Settings {
    pub(super) fn token(&self) -> String {
        format!("canary-scim-token-{}", self.generation)
    }

    pub(super) fn is(&self, sloppy: Sloppy) -> bool {
        self.sloppy.contains(&sloppy)
    }
}
