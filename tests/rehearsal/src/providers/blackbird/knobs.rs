//! What a test can turn on a simulated Blackbird: mostly what its contract leaves open.

use serde_json::{Value, json};

use super::BlackbirdPlatform;
use crate::providers::Simulated;
use crate::server::{Reply, lock};

/// A running Blackbird.
pub type Blackbird = Simulated<BlackbirdPlatform>;

/// What creating somebody who exists comes to; not documented.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DuplicateCreate {
    /// 409.
    Conflict409,
    /// 400 with an error text.
    Bad400,
    /// 200 with the account as it is, also when it is deactivated.
    ReturnsExisting,
}

impl Blackbird {
    /// What creating somebody who exists comes to (409 unless set).
    pub fn duplicate_create(&self, answer: DuplicateCreate) {
        lock(&self.platform.settings).duplicate = answer;
    }

    /// Lets `?email=` find every address that contains the text (the match rule is not documented).
    pub fn email_filter_is_sloppy(&self, sloppy: bool) {
        lock(&self.platform.settings).sloppy_filter = sloppy;
    }

    /// Sends lists as bare arrays instead of `{"body"}`, which the documents can be read as too.
    pub fn bare_arrays(&self, bare: bool) {
        lock(&self.platform.settings).bare_arrays = bare;
    }

    /// Puts a member of this name beside `body`, as if there were further pages.
    pub fn announces_more(&self, member: &str) {
        lock(&self.platform.settings).announces_more = Some(member.to_owned());
    }

    /// Lets new tokens live this many seconds (3600 unless set).
    pub fn expires_in(&self, seconds: i64) {
        lock(&self.platform.desk).expires_in = seconds;
    }

    /// The spelling of `token_type`, which is compared without regard to case.
    pub fn token_type(&self, word: &str) {
        word.clone_into(&mut lock(&self.platform.desk).token_type);
    }

    /// The status for wrong client credentials: Cognito's 400 unless set.
    pub fn rejects_credentials_with(&self, status: u16) {
        lock(&self.platform.desk).rejection = status;
    }

    /// The roles there are, as names and display names.
    pub fn set_roles(&self, roles: &[(&str, &str)]) {
        let owned = |(name, shown): &(&str, &str)| ((*name).to_owned(), (*shown).to_owned());
        lock(&self.platform.settings).roles = roles.iter().map(owned).collect();
    }

    /// How many welcome mails went to this address.
    pub fn mails_sent(&self, email: &str) -> usize {
        lock(&self.platform.mails)
            .get(&email.to_lowercase())
            .copied()
            .unwrap_or_default()
    }
}

pub(super) struct Settings {
    pub(super) duplicate: DuplicateCreate,
    pub(super) sloppy_filter: bool,
    pub(super) roles: Vec<(String, String)>,
    pub(super) bare_arrays: bool,
    pub(super) announces_more: Option<String>,
}

impl Settings {
    /// A list as this Blackbird wraps it.
    pub(super) fn listed(&self, items: Vec<Value>) -> Reply {
        let mut body = json!({ "body": items });
        if let Some(member) = &self.announces_more {
            body[member] = json!("more");
        }
        Reply::json(200, if self.bare_arrays { &body["body"] } else { &body })
    }
}
