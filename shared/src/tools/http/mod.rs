//! One HTTP client for every provider and directory: time limits, retries, tokens and one table of errors.
//!
//! Invariants: no redirect is followed, no call leaves the configured host, every body is bounded, and a write that may
//! have taken effect is never sent twice by itself.

mod api;
mod attempt;
mod auth;
mod carrier;
mod cutting;
mod link;
mod opening;
mod reply;
mod retry;
mod sdk;
mod url;
mod window;

use std::sync::Arc;
use std::time::Duration;

use aws_smithy_runtime_api::client::http::HttpClient;

use crate::error::{Error, ErrorKind, Result};
use crate::tools::clock::{Clock, Deadline};

pub use api::{Api, Call, escape};
pub use attempt::Entries;
pub use auth::{Auth, ClientCredentials};
pub use carrier::{Answer, Body, Carrier, Cause, Request, Undelivered};
pub use cutting::{Cut, Cutter};
pub use reply::Reply;
pub use retry::Repeat;
pub use url::BaseUrl;
pub use window::Window;

/// Time limits of calls; tests turn them down.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// One call, from connecting to the last byte.
    pub call_timeout: Duration,
    /// The first step of the back-off between attempts.
    pub retry_base: Duration,
}

/// The client, shared by all calls of a process, and the deadline of this invocation.
#[derive(Clone)]
pub struct Http {
    shared: Arc<Shared>,
    deadline: Deadline,
}

struct Shared {
    carrier: Arc<dyn Carrier>,
    /// Opens connections for the carrier.
    opener: Option<Arc<dyn Carrier>>,
    limits: Limits,
    clock: Clock,
    tokens: auth::Tokens,
}

impl Http {
    /// Builds the client once per process. `extra_roots` are PEM certificates trusted besides the public ones.
    pub fn new(limits: Limits, clock: Clock, extra_roots: Option<&[u8]>) -> Result<Self> {
        let failed = |message: &str| Error::new(ErrorKind::Misconfigured, message.to_owned());
        let mut roots = rustls::RootCertStore {
            roots: webpki_roots::TLS_SERVER_ROOTS.to_vec(),
        };
        for certificate in extra_roots.into_iter().flat_map(pem_certificates) {
            let certificate = certificate.map_err(|_| failed("EXTRA_CA_FILE holds no readable certificate"))?;
            let added = roots.add(certificate);
            added.map_err(|_| failed("EXTRA_CA_FILE holds a certificate that cannot be a root"))?;
        }
        // Named, not taken from the process: dependencies of tests may install another default.
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let mut tls = rustls::ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|e| failed("no TLS version is usable").because(e))?
            .with_root_certificates(roots)
            .with_no_client_auth();
        tls.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        let client = reqwest::Client::builder()
            .tls_backend_preconfigured(tls)
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never()) // what is sent again is decided in one place
            .connect_timeout(limits.call_timeout.min(Duration::from_secs(3)))
            .pool_idle_timeout(opening::IDLE)
            .connector_layer(opening::layer())
            .user_agent(concat!("rollcall/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|e| failed("the HTTP client cannot be built").because(e.without_url()))?;
        let opener = Arc::new(opening::Opener(client.clone()));
        let network = Arc::new(carrier::Network(client));
        Ok(Self::by(network, Some(opener), limits, clock))
    }

    /// A client whose calls go another way than over the network: for tests without sockets and without waiting.
    pub fn over(carrier: Arc<dyn Carrier>, limits: Limits, clock: Clock) -> Self {
        Self::by(carrier, None, limits, clock)
    }

    fn by(carrier: Arc<dyn Carrier>, opener: Option<Arc<dyn Carrier>>, limits: Limits, clock: Clock) -> Self {
        Self {
            shared: Arc::new(Shared {
                carrier,
                opener,
                limits,
                clock,
                tokens: auth::Tokens::default(),
            }),
            deadline: Deadline::after(Duration::from_secs(60)),
        }
    }

    /// The same client for an invocation that ends at `deadline`.
    #[must_use]
    pub fn until(&self, deadline: Deadline) -> Self {
        Self {
            shared: Arc::clone(&self.shared),
            deadline,
        }
    }

    /// A client that sends nothing: it opens connections to where it is asked to, which this one then finds open. `None` if
    /// this one does not go over the network.
    pub fn opening(&self) -> Option<Self> {
        let opener = Arc::clone(self.shared.opener.as_ref()?);
        Some(Self::over(opener, self.shared.limits, self.shared.clock))
    }

    /// What carries the AWS SDK's requests.
    pub fn for_the_sdk(&self) -> impl HttpClient + Clone + 'static {
        sdk::Sdk(Arc::clone(&self.shared.carrier))
    }

    fn carrier(&self) -> &dyn Carrier {
        &*self.shared.carrier
    }

    /// The time limits.
    pub fn limits(&self) -> Limits {
        self.shared.limits
    }

    /// The wall clock that runs decide by.
    pub fn clock(&self) -> Clock {
        self.shared.clock
    }
}

fn pem_certificates(
    pem: &[u8],
) -> impl Iterator<Item = Result<rustls::pki_types::CertificateDer<'static>, rustls::pki_types::pem::Error>> {
    use rustls::pki_types::pem::PemObject;
    rustls::pki_types::CertificateDer::pem_slice_iter(pem)
}
