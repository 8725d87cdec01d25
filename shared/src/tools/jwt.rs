//! Signed claims about ourselves: RS256 assertions (RFC 7515, RFC 7518 §3.3), for the platforms that want a key and no password.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rustls::pki_types::PrivateKeyDer;
use rustls::pki_types::pem::PemObject;
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;

/// `{"alg":"RS256","typ":"JWT"}`.
const HEADER: &str = r#"{"alg":"RS256","typ":"JWT"}"#;

/// A private RSA key.
pub struct SigningKey(RsaKeyPair);

impl SigningKey {
    /// Reads a PEM in either form: `BEGIN PRIVATE KEY` (PKCS#8) or `BEGIN RSA PRIVATE KEY` (PKCS#1).
    pub fn parse(pem: &SecretString) -> Option<Self> {
        let pair = match PrivateKeyDer::from_pem_slice(pem.expose_secret().as_bytes()).ok()? {
            PrivateKeyDer::Pkcs8(der) => RsaKeyPair::from_pkcs8(der.secret_pkcs8_der()),
            PrivateKeyDer::Pkcs1(der) => RsaKeyPair::from_der(der.secret_pkcs1_der()),
            _ => return None,
        };
        pair.ok().map(Self)
    }

    /// The claims, signed; `None` where the key is too small or the system has no randomness.
    pub fn sign(&self, claims: &impl Serialize) -> Option<SecretString> {
        let claims = serde_json::to_vec(claims).ok()?;
        let signed = format!("{}.{}", URL_SAFE_NO_PAD.encode(HEADER), URL_SAFE_NO_PAD.encode(claims));
        let mut signature = vec![0; self.0.public_modulus_len()];
        let random = SystemRandom::new();
        self.0
            .sign(&RSA_PKCS1_SHA256, &random, signed.as_bytes(), &mut signature)
            .ok()?;
        Some(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature)).into())
    }
}

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SigningKey(***)")
    }
}
