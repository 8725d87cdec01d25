//! The four simulated platforms: what they have in common, and how a test holds one.
//!
//! A platform's file says how it talks; [`Simulated`] adds the server, the people and the credentials' life around it.

mod appxite;
mod bilanc;
mod blackbird;
mod oauth;
mod powens;

use std::sync::{Arc, MutexGuard};

use serde_json::Value;

use crate::faults::Faults;
use crate::people::{Account, People};
use crate::server::{Call, Reply, Request, Server, Site};

pub use crate::people::{Seed, State};
pub use appxite::{Appxite, IdentityProvider, Role};
pub use bilanc::{AuthScheme, Bilanc};
pub use blackbird::{Blackbird, DuplicateCreate};
pub use powens::Powens;

/// Every simulated platform.
pub const IDS: [&str; 4] = ["bilanc", "blackbird", "appxite", "powens"];

/// A running platform, whichever it is.
pub trait Simulator: Send + Sync {
    /// The provider's id.
    fn id(&self) -> &'static str;

    /// Where it listens, without a trailing slash.
    fn url(&self) -> String;

    /// The secret document with which a client reaches and satisfies it.
    fn document(&self) -> Value;

    /// Asks it without a socket; `None` where the connection is cut or left hanging.
    fn answer(&self, request: &Request) -> Option<Reply>;

    /// What goes wrong on the way to it.
    fn faults(&self) -> &Faults;

    /// Every call since the start or the last clearing, in order.
    fn calls(&self) -> Vec<Call>;

    /// Forgets the calls, not the violations.
    fn clear_calls(&self);

    /// Every request the contract forbids, with the reason.
    fn violations(&self) -> Vec<String>;

    /// Puts somebody there, in the place of whoever had that id, address or login; returns the native id.
    fn seed(&self, person: &Seed, state: State) -> String;

    /// What access an address, login or id (in any case) has; `None` for somebody the platform never heard of.
    fn state_of(&self, email_login_or_id: &str) -> Option<State>;

    /// Everybody the platform knows, also those gone: native id, who, and their access.
    fn people(&self) -> Vec<(String, Seed, State)>;

    /// Replaces the credential: the old one is answered 401, `document()` holds the new one.
    fn rotate_key(&self);

    /// Ends the tokens already issued; the credential stays good.
    fn expire_tokens(&self);

    /// Shows this word as somebody's status until the status changes; false where the platform shows no status.
    fn set_status_word(&self, email_login_or_id: &str, word: &str) -> bool;

    /// From now on every write about this address, login or id is rejected as the platform rejects bad input, known or not.
    fn refuse(&self, email_login_or_id: &str);
}

/// Starts the platform of this id.
///
/// # Panics
/// When there is no such platform.
pub async fn start(id: &str) -> Box<dyn Simulator> {
    match id {
        "bilanc" => Box::new(Bilanc::start().await),
        "blackbird" => Box::new(Blackbird::start().await),
        "appxite" => Box::new(Appxite::start().await),
        "powens" => Box::new(Powens::start().await),
        _ => panic!("no simulator for {id}"),
    }
}

/// What a platform's file provides.
pub trait Platform: Site + Default {
    /// The provider's id.
    const ID: &'static str;

    /// Whether its accounts carry a status word.
    const HAS_STATUS: bool;

    /// The people it knows.
    fn people(&self) -> MutexGuard<'_, People>;

    /// What it rejects writes about.
    fn refused(&self) -> MutexGuard<'_, Vec<String>>;

    /// Whether writes about this address, login or id are to be rejected.
    fn refuses(&self, key: &str) -> bool {
        self.refused().iter().any(|other| other.eq_ignore_ascii_case(key))
    }

    /// Whether writes about this account are to be rejected, by any of its keys.
    fn refuses_account(&self, account: &Account) -> bool {
        let keys = [
            account.seed.email.as_ref(),
            account.seed.github.as_ref(),
            Some(&account.id),
        ];
        keys.into_iter().flatten().any(|key| self.refuses(key))
    }

    /// The secret document for a client, the server being at this URL.
    fn document(&self, url: &str) -> Value;

    /// A new native id.
    fn native_id(ordinal: usize) -> String;

    /// The state as this platform can hold it; panics on one that cannot exist there.
    fn held(state: State) -> State;

    /// Replaces every credential.
    fn rotate_key(&self);

    /// Ends issued tokens, where there are any.
    fn expire_tokens(&self) {}
}

/// A platform and the server it runs on.
pub struct Simulated<P> {
    server: Server,
    platform: Arc<P>,
}

impl<P: Platform> Simulated<P> {
    /// Starts it, empty, on the current tokio runtime.
    pub async fn start() -> Self {
        let platform = Arc::new(P::default());
        let site: Arc<dyn Site> = Arc::clone(&platform) as Arc<dyn Site>;
        Self {
            server: Server::start(site).await,
            platform,
        }
    }

    /// Puts it, empty, behind a URL that leads nowhere: it is asked by [`Simulator::answer`].
    pub fn offline(url: &str) -> Self {
        let platform = Arc::new(P::default());
        let site: Arc<dyn Site> = Arc::clone(&platform) as Arc<dyn Site>;
        Self {
            server: Server::offline(url, site),
            platform,
        }
    }

    /// Changes somebody who must be known.
    fn change(&self, key: &str, change: impl FnOnce(&mut Account)) {
        change(
            self.platform
                .people()
                .find_mut(key)
                .unwrap_or_else(|| panic!("{}: nobody is {key}", P::ID)),
        );
    }
}

impl<P: Platform> Simulator for Simulated<P> {
    fn id(&self) -> &'static str {
        P::ID
    }

    fn url(&self) -> String {
        self.server.url().to_owned()
    }

    fn document(&self) -> Value {
        self.platform.document(self.server.url())
    }

    fn answer(&self, request: &Request) -> Option<Reply> {
        self.server.answer(request)
    }

    fn faults(&self) -> &Faults {
        self.server.faults()
    }

    fn calls(&self) -> Vec<Call> {
        self.server.calls()
    }

    fn clear_calls(&self) {
        self.server.clear_calls();
    }

    fn violations(&self) -> Vec<String> {
        self.server.violations()
    }

    fn seed(&self, person: &Seed, state: State) -> String {
        self.platform.people().seed(person, P::held(state), P::native_id)
    }

    fn state_of(&self, email_login_or_id: &str) -> Option<State> {
        self.platform
            .people()
            .find(email_login_or_id)
            .map(|account| account.state)
    }

    fn people(&self) -> Vec<(String, Seed, State)> {
        let people = self.platform.people();
        people
            .all()
            .iter()
            .map(|a| (a.id.clone(), a.seed.clone(), a.state))
            .collect()
    }

    fn rotate_key(&self) {
        self.platform.rotate_key();
    }

    fn expire_tokens(&self) {
        self.platform.expire_tokens();
    }

    fn set_status_word(&self, email_login_or_id: &str, word: &str) -> bool {
        if P::HAS_STATUS {
            self.change(email_login_or_id, |account| account.word = Some(word.to_owned()));
        }
        P::HAS_STATUS
    }

    fn refuse(&self, email_login_or_id: &str) {
        self.platform.refused().push(email_login_or_id.to_owned());
    }
}
