//! What a test can turn on a simulated Entra.

use std::collections::HashMap;

use super::EntraPlatform;
use crate::directories::Simulated;
use crate::directories::links::NextLink;
use crate::server::lock;

/// A running Entra.
pub type Entra = Simulated<EntraPlatform>;

/// How a missing permission shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Revocation {
    /// Every list is answered 403.
    #[default]
    Refused,
    /// A group's members come with their id, and with null for everything else that was asked for; the list of all users is
    /// answered 403 still.
    Silent,
}

impl Entra {
    /// How it shows that the permission was taken away by `revoke`: with a refusal unless set.
    pub fn set_revocation(&self, revocation: Revocation) {
        self.set(|settings| settings.revocation = revocation);
    }

    /// Puts an empty page there, from 0, into every list; behind the last page where the list is shorter.
    pub fn set_empty_page(&self, place: Option<usize>) {
        self.set(|settings| settings.empty_page = place);
    }

    /// Where `@odata.nextLink` leads.
    pub fn set_next_link(&self, next: NextLink) {
        self.set(|settings| settings.next_link = next);
    }

    /// The addresses somebody has entered for themselves: `otherMails`, none unless set.
    pub fn set_other_mails(&self, id: &str, addresses: &[&str]) {
        let addresses = addresses.iter().map(|address| (*address).to_owned()).collect();
        self.set(|settings| {
            settings.other_mails.insert(id.to_owned(), addresses);
        });
    }

    fn set(&self, change: impl FnOnce(&mut Settings)) {
        change(&mut lock(&self.platform.settings));
    }
}

#[derive(Clone, Default)]
pub(super) struct Settings {
    pub(super) generation: usize,
    pub(super) revoked: bool,
    pub(super) revocation: Revocation,
    pub(super) throttled: bool,
    pub(super) empty_page: Option<usize>,
    pub(super) next_link: NextLink,
    pub(super) other_mails: HashMap<String, Vec<String>>,
}

impl Settings {
    /// Holds what a form must encode.
    pub(super) fn client_secret(&self) -> String {
        format!("canary+entra/secret&=%{}~", self.generation)
    }
}
