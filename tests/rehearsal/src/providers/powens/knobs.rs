//! What a test can turn on a simulated Powens: mostly what its contract leaves open.

use super::{MAX_LIMIT, PowensPlatform};
use crate::providers::Simulated;
use crate::server::lock;

/// A running Powens.
pub type Powens = Simulated<PowensPlatform>;

impl Powens {
    /// What `allow_delete` says in the document (true unless set).
    pub fn allow_delete(&self, allow: bool) {
        self.set(|settings| settings.allow_delete = allow);
    }

    /// Sends at most this many per page, whatever was asked for.
    pub fn max_page_size(&self, most: u64) {
        self.set(|settings| settings.max_page_size = most);
    }

    /// Sends everybody on every page.
    pub fn ignore_paging(&self, ignore: bool) {
        self.set(|settings| settings.ignore_paging = ignore);
    }

    /// Adds `_links` to the list.
    pub fn with_links(&self, links: bool) {
        self.set(|settings| settings.with_links = links);
    }

    /// Lets `_links` point to this base URL instead of its own, to catch a client that follows them anywhere.
    pub fn links_to(&self, base: &str) {
        self.set(|settings| settings.links_to = Some(base.to_owned()));
    }

    /// Leaves `total` out of the list.
    pub fn without_total(&self, without: bool) {
        self.set(|settings| settings.without_total = without);
    }

    /// Sends an empty list as `null`.
    pub fn empty_as_null(&self, null: bool) {
        self.set(|settings| settings.empty_as_null = null);
    }

    /// Answers a deletion with 200 and the user, as in 2021, instead of 204.
    pub fn emit_200_on_delete(&self, older: bool) {
        self.set(|settings| settings.emit_200_on_delete = older);
    }

    /// Lets a renewal make a new user and hand out that one's token.
    pub fn renew_gives_stray_user(&self, stray: bool) {
        self.set(|settings| settings.renew_gives_stray_user = stray);
    }

    fn set(&self, change: impl FnOnce(&mut Settings)) {
        change(&mut lock(&self.platform.settings));
    }
}

#[derive(Clone)]
pub(super) struct Settings {
    pub(super) generation: usize,
    pub(super) allow_delete: bool,
    pub(super) max_page_size: u64,
    pub(super) ignore_paging: bool,
    pub(super) with_links: bool,
    pub(super) links_to: Option<String>,
    pub(super) without_total: bool,
    pub(super) empty_as_null: bool,
    pub(super) emit_200_on_delete: bool,
    pub(super) renew_gives_stray_user: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            generation: 1,
            allow_delete: true,
            max_page_size: MAX_LIMIT,
            ignore_paging: false,
            with_links: false,
            links_to: None,
            without_total: false,
            empty_as_null: false,
            emit_200_on_delete: false,
            renew_gives_stray_user: false,
        }
    }
}

impl Settings {
    pub(super) fn users_token(&self) -> String {
        format!("canary-powens-users-token-{}", self.generation)
    }

    pub(super) fn client_secret(&self) -> String {
        format!("canary-powens-secret-{}", self.generation)
    }
}
