//! What a test can turn on a simulated AppXite: mostly what its contract leaves open.

use std::collections::HashMap;

use serde_json::{Value, json};

use super::AppxitePlatform;
use crate::providers::{Simulated, Simulator};
use crate::server::lock;

/// A running AppXite.
pub type Appxite = Simulated<AppxitePlatform>;

/// A role of the platform.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Role {
    /// Its id, which an invitation carries.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its weight in the hierarchy.
    pub weight: i64,
}

/// A way to sign in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdentityProvider {
    /// Its id, which an invitation carries.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its prefix.
    pub prefix: String,
    /// Whether anybody can be invited with it.
    pub enabled: bool,
}

impl Appxite {
    /// Sends lists as bare arrays instead of `{"Items", "TotalCount"}`.
    pub fn bare_arrays(&self, bare: bool) {
        lock(&self.platform.settings).bare_arrays = bare;
    }

    /// Sends everybody on every page.
    pub fn ignore_paging(&self, ignore: bool) {
        lock(&self.platform.settings).ignore_paging = ignore;
    }

    /// Sends at most this many per page, whatever was asked for.
    pub fn max_page_size(&self, most: u64) {
        lock(&self.platform.settings).max_page_size = most;
    }

    /// Serves the portal's block call and names its path in the document.
    pub fn allow_block(&self, allow: bool) {
        lock(&self.platform.settings).allow_block = allow;
    }

    /// The roles there are.
    pub fn set_roles(&self, roles: &[Role]) {
        lock(&self.platform.settings).roles = roles.to_vec();
    }

    /// The identity providers there are.
    pub fn set_identity_providers(&self, providers: &[IdentityProvider]) {
        lock(&self.platform.settings).identity_providers = providers.to_vec();
    }

    /// The status of a successful invitation: 200 unless set, 201, 202 and 204 are possible too.
    pub fn invite_status(&self, status: u16) {
        lock(&self.platform.settings).invite_status = status;
    }

    /// Lets somebody have been invited this many days ago.
    pub fn age_invitation(&self, email: &str, days: i64) {
        self.change(email, |account| account.age(days));
    }

    /// Shows this text as somebody's creation date instead of the date.
    pub fn set_created_date(&self, email: &str, text: Option<&str>) {
        let dates = &mut lock(&self.platform.settings).created_dates;
        match text {
            Some(text) => drop(dates.insert(email.to_lowercase(), text.to_owned())),
            None => drop(dates.remove(&email.to_lowercase())),
        }
    }

    /// Shows this word as somebody's account state.
    pub fn set_state_word(&self, email: &str, word: &str) {
        self.set_status_word(email, word);
    }

    /// How many invitations went to this address.
    pub fn mails_sent(&self, email: &str) -> usize {
        lock(&self.platform.mails)
            .get(&email.to_lowercase())
            .copied()
            .unwrap_or_default()
    }

    /// The document of a client that fetches its bearer token with client credentials.
    pub fn document_with_oauth(&self) -> Value {
        let mut document = self.document();
        let desk = lock(&self.platform.desk);
        if let Some(members) = document.as_object_mut() {
            members.remove("token");
            members.insert("token_url".to_owned(), json!(format!("{}/oauth/token", self.url())));
            members.insert("client_id".to_owned(), json!(desk.client_id()));
            members.insert("client_secret".to_owned(), json!(desk.client_secret()));
        }
        document
    }

    /// Replaces the subscription key only.
    pub fn rotate_subscription_key(&self) {
        lock(&self.platform.settings).key_generation += 1;
    }

    /// Replaces the bearer token and its client secret only.
    pub fn rotate_token(&self) {
        self.platform.rotate_token();
    }
}

#[derive(Clone)]
pub(super) struct Settings {
    pub(super) key_generation: usize,
    pub(super) token_generation: usize,
    pub(super) bare_arrays: bool,
    pub(super) ignore_paging: bool,
    pub(super) max_page_size: u64,
    pub(super) allow_block: bool,
    pub(super) invite_status: u16,
    pub(super) created_dates: HashMap<String, String>,
    pub(super) roles: Vec<Role>,
    pub(super) identity_providers: Vec<IdentityProvider>,
}

impl Default for Settings {
    fn default() -> Self {
        let role = |id: &str, name: &str, weight| Role {
            id: id.into(),
            name: name.into(),
            weight,
        };
        let way = |id: &str, name: &str, prefix: &str, enabled| IdentityProvider {
            id: id.into(),
            name: name.into(),
            prefix: prefix.into(),
            enabled,
        };
        Self {
            key_generation: 1,
            token_generation: 1,
            bare_arrays: false,
            ignore_paging: false,
            max_page_size: u64::MAX,
            allow_block: false,
            invite_status: 200,
            created_dates: HashMap::new(),
            roles: vec![
                role("role-0001", "Seller Admin", 100),
                role("role-0002", "Seller Agent", 50),
            ],
            identity_providers: vec![
                way("idp-0001", "Example IdP", "ex", true),
                way("idp-0002", "Retired IdP", "old", false),
            ],
        }
    }
}

impl Settings {
    pub(super) fn key(&self) -> String {
        format!("canary-appxite-key-{}", self.key_generation)
    }

    pub(super) fn token(&self) -> String {
        format!("canary-appxite-token-{}", self.token_generation)
    }
}
