//! The simulated directories: what they have in common, and how a test holds one.
//!
//! A directory's file says how it talks; [`Simulated`] adds the server, the members and their groups around it.

mod assertions;
mod entra;
mod github;
pub mod google;
mod links;
mod members;
mod okta;
pub mod scim;

use std::sync::{Arc, MutexGuard};

use serde_json::Value;

use crate::faults::Faults;
use crate::server::{Call, Request, Server, Site};

pub use assertions::SigningKey;
pub use entra::{Entra, Revocation};
pub use github::{Emails, Github, GithubPlatform, KeyForm, NameIds, OwnerRole, Throttle};
pub use google::{Google, GooglePlatform};
pub use links::NextLink;
pub use members::{Member, Members, Standing};
pub use okta::{LinkForm, Okta};
pub use scim::{Scim, ScimPlatform};

/// A running directory, whichever it is.
pub trait Directory: Send + Sync {
    /// The kind of source, as a directory document names it.
    fn kind(&self) -> &'static str;

    /// The source with which a client reaches and satisfies it, `kind` and `base_url` in it, without `role` and `grants`.
    fn document(&self) -> Value;

    /// What goes wrong on the way to it.
    fn faults(&self) -> &Faults;

    /// Every call since the start or the last clearing, in order.
    fn calls(&self) -> Vec<Call>;

    /// Forgets the calls, not the violations.
    fn clear_calls(&self);

    /// Every request the contract forbids, with the reason.
    fn violations(&self) -> Vec<String>;

    /// The members and their groups, to look at and to change.
    fn members(&self) -> MutexGuard<'_, Members>;

    /// Replaces the credential: the old one is answered 401, `document()` holds the new one.
    fn rotate_key(&self);

    /// Ends the tokens already issued; the credential stays good.
    fn expire_tokens(&self);

    /// Takes the permission to read people away, in the way this platform shows that.
    fn revoke(&self);

    /// Answers the next list as this platform does when it is asked too often; the wait it asks for is over at once.
    fn throttle_once(&self);
}

/// What a directory's file provides.
pub trait Platform: Site + Default {
    /// The kind of source.
    const KIND: &'static str;

    /// The members and their groups.
    fn members(&self) -> MutexGuard<'_, Members>;

    /// The source for a client, the server being at this URL.
    fn document(&self, url: &str) -> Value;

    /// Replaces every credential.
    fn rotate_key(&self);

    /// Ends issued tokens, where there are any.
    fn expire_tokens(&self) {}

    /// Takes the permission to read people away.
    fn revoke(&self);

    /// Answers the next list as a request too many.
    fn throttle_once(&self);
}

/// A directory and the server it runs on.
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

    /// The platform itself, for what only it has.
    pub fn platform(&self) -> &P {
        &self.platform
    }

    /// Asks it without a socket; `None` where the connection is cut or left hanging.
    pub fn answer(&self, request: &Request) -> Option<crate::server::Reply> {
        self.server.answer(request)
    }
}

impl<P: Platform> Directory for Simulated<P> {
    fn kind(&self) -> &'static str {
        P::KIND
    }

    fn document(&self) -> Value {
        self.platform.document(self.server.url())
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

    fn members(&self) -> MutexGuard<'_, Members> {
        self.platform.members()
    }

    fn rotate_key(&self) {
        self.platform.rotate_key();
    }

    fn expire_tokens(&self) {
        self.platform.expire_tokens();
    }

    fn revoke(&self) {
        self.platform.revoke();
    }

    fn throttle_once(&self) {
        self.platform.throttle_once();
    }
}
