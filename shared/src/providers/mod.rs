//! Floor 3: the platforms. None sees another; a fifth is one folder (or file) here and one line in [`REGISTRY`].

mod appxite;
mod bilanc;
mod blackbird;
mod powens;

use crate::error::Result;
use crate::planning::identity::ProviderId;
use crate::provider::Provider;
use crate::tools::http::Http;
use crate::tools::secrets::Documents;

/// A provider that can be switched on in `PROVIDERS`.
pub struct Registration {
    /// Its id: its file's, secret's and simulator's name.
    pub id: ProviderId,
    /// Makes it from its secret document; no call is made.
    pub connect: fn(&Http, &Documents) -> Result<Box<dyn Provider>>,
}

/// Every provider.
pub const REGISTRY: &[Registration] = &[
    Registration {
        id: bilanc::ID,
        connect: bilanc::connect,
    },
    Registration {
        id: blackbird::ID,
        connect: blackbird::connect,
    },
    Registration {
        id: appxite::ID,
        connect: appxite::connect,
    },
    Registration {
        id: powens::ID,
        connect: powens::connect,
    },
];

/// The provider called `name`.
pub fn by_name(name: &str) -> Option<ProviderId> {
    let mut ids = REGISTRY.iter().map(|registration| registration.id);
    ids.find(|id| id.name() == name)
}
