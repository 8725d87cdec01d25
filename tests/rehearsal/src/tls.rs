//! TLS for every simulator of a process, where figures are to hold what TLS costs.

use std::sync::{Arc, OnceLock};

use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;
use tokio_rustls::TlsAcceptor;

static ACCEPTOR: OnceLock<TlsAcceptor> = OnceLock::new();

/// From now on every server that starts speaks TLS. This is the certificate to trust, as PEM.
pub fn speak() -> String {
    let (config, certificate) = server(&[]);
    assert!(
        ACCEPTOR.set(TlsAcceptor::from(Arc::new(config))).is_ok(),
        "a process has one certificate"
    );
    certificate
}

/// A server that offers these protocols (RFC 7301), and its certificate as PEM.
pub(crate) fn server(protocols: &[&str]) -> (ServerConfig, String) {
    let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).expect("a certificate");
    let key = PrivateKeyDer::Pkcs8(made.signing_key.serialize_der().into());
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("a TLS version")
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)
        .expect("a key that fits");
    config.alpn_protocols = protocols.iter().map(|protocol| protocol.as_bytes().to_vec()).collect();
    (config, made.cert.pem())
}

/// How servers that start now are spoken to.
pub(crate) fn scheme() -> &'static str {
    match acceptor() {
        Some(_) => "https",
        None => "http",
    }
}

pub(crate) fn acceptor() -> Option<&'static TlsAcceptor> {
    ACCEPTOR.get()
}
