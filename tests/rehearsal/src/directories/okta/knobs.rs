//! What a test can turn on a simulated Okta.

use std::collections::HashMap;

use super::OktaPlatform;
use crate::directories::Simulated;
use crate::directories::links::NextLink;
use crate::server::lock;

/// A running Okta.
pub type Okta = Simulated<OktaPlatform>;

/// How several links are written (RFC 8288 §3 allows both).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LinkForm {
    /// Each in a header line of its own, as Okta does.
    #[default]
    Lines,
    /// All in one line, with commas between them, as whatever stands before Okta may rewrite it.
    OneLine,
}

impl Okta {
    /// Shows this word as somebody's status, whether Okta has such a word or not. With `DEPROVISIONED` they are missing from
    /// the list of all.
    pub fn set_status(&self, id: &str, word: &str) {
        self.set(|settings| {
            settings.statuses.insert(id.to_owned(), word.to_owned());
        });
    }

    /// The second address somebody has: `profile.secondEmail`, null unless set.
    pub fn set_second_email(&self, id: &str, address: &str) {
        self.set(|settings| {
            settings.second_emails.insert(id.to_owned(), address.to_owned());
        });
    }

    /// How the links are written.
    pub fn set_link_form(&self, form: LinkForm) {
        self.set(|settings| settings.link_form = form);
    }

    /// Where the link to the next page leads.
    pub fn set_next_link(&self, next: NextLink) {
        self.set(|settings| settings.next_link = next);
    }

    fn set(&self, change: impl FnOnce(&mut Settings)) {
        change(&mut lock(&self.platform.settings));
    }
}

#[derive(Clone, Default)]
pub(super) struct Settings {
    pub(super) generation: usize,
    pub(super) revoked: bool,
    pub(super) throttled: bool,
    pub(super) link_form: LinkForm,
    pub(super) next_link: NextLink,
    pub(super) statuses: HashMap<String, String>,
    pub(super) second_emails: HashMap<String, String>,
}

impl Settings {
    pub(super) fn token(&self) -> String {
        format!("00canary-okta-token-{}", self.generation)
    }
}
