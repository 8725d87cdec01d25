//! RS256 assertions (RFC 7523, RFC 7515): the private key a client signs with, and who looks at what it signed.

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{KeyPair, RSA_PKCS1_2048_8192_SHA256, RsaKeyPair, UnparsedPublicKey};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::Value;

/// What stands before the key itself in the PKCS#8 form of a 2048-bit RSA key (RFC 5208 §5, lengths in two bytes).
const PKCS8_HEAD: usize = 26;

/// A key pair, made anew for every simulator.
#[derive(Debug)]
pub struct SigningKey(RsaKeyPair);

impl Default for SigningKey {
    fn default() -> Self {
        Self(RsaKeyPair::generate(KeySize::Rsa2048).expect("a key can be made"))
    }
}

impl SigningKey {
    /// The private key as Google hands it out: `BEGIN PRIVATE KEY`.
    pub fn pkcs8_pem(&self) -> String {
        pem("PRIVATE KEY", &self.der())
    }

    /// The private key as GitHub hands it out: `BEGIN RSA PRIVATE KEY`.
    pub fn pkcs1_pem(&self) -> String {
        pem("RSA PRIVATE KEY", &self.der()[PKCS8_HEAD..])
    }

    /// Header and claims of an assertion that this key signed with RS256; `None` for any other text.
    pub fn claims(&self, assertion: &str) -> Option<(Value, Value)> {
        let (signed, signature) = assertion.rsplit_once('.')?;
        let (header, claims) = signed.split_once('.')?;
        let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
        let public = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, self.0.public_key().as_ref());
        public.verify(signed.as_bytes(), &signature).ok()?;
        let part = |text: &str| serde_json::from_slice::<Value>(&URL_SAFE_NO_PAD.decode(text).ok()?).ok();
        let header = part(header).filter(|header| header["alg"] == "RS256")?;
        Some((header, part(claims)?))
    }

    fn der(&self) -> Vec<u8> {
        let der: Pkcs8V1Der<'_> = self.0.as_der().expect("a key that was made can be written");
        der.as_ref().to_vec()
    }
}

fn pem(label: &str, der: &[u8]) -> String {
    let text = STANDARD.encode(der);
    let lines: Vec<&str> = text
        .as_bytes()
        .chunks(64)
        .map(|line| std::str::from_utf8(line).expect("base64 is ASCII"))
        .collect();
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", lines.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_hold_the_same_key_and_only_what_it_signed_is_read() {
        let (key, other) = (SigningKey::default(), SigningKey::default());
        let label = |pem: &str| pem.lines().next().map(str::to_owned);
        assert_eq!(label(&key.pkcs8_pem()).as_deref(), Some("-----BEGIN PRIVATE KEY-----"));
        assert_eq!(
            label(&key.pkcs1_pem()).as_deref(),
            Some("-----BEGIN RSA PRIVATE KEY-----")
        );
        let again = RsaKeyPair::from_der(&key.der()[PKCS8_HEAD..]).expect("PKCS#1");
        assert_eq!(again.public_key().as_ref(), key.0.public_key().as_ref());

        let part = |text: &str| URL_SAFE_NO_PAD.encode(text);
        let signed = format!("{}.{}", part(r#"{"alg":"RS256"}"#), part(r#"{"iss":"us"}"#));
        let mut signature = vec![0; key.0.public_modulus_len()];
        let random = aws_lc_rs::rand::SystemRandom::new();
        key.0
            .sign(
                &aws_lc_rs::signature::RSA_PKCS1_SHA256,
                &random,
                signed.as_bytes(),
                &mut signature,
            )
            .expect("it signs");
        let assertion = format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature));
        assert_eq!(
            key.claims(&assertion).map(|(_, claims)| claims["iss"].clone()),
            Some("us".into())
        );
        assert_eq!(other.claims(&assertion), None);
        assert_eq!(key.claims("a.b.c"), None);
    }
}
