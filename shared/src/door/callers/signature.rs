//! One verifier for every signature: the bytes that were sent, a key, a hash.
//!
//! Invariant: nothing is parsed but headers, every secret is tried, and hashes are compared in constant time.

use aws_lc_rs::hmac::{self, HMAC_SHA256, HMAC_SHA512};
use base64::Engine;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use crate::door::event::Request;

/// Senders pad, or do not.
const LENIENT: GeneralPurposeConfig =
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
const STANDARD: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, LENIENT);
const URL_SAFE: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, LENIENT);

/// How a sender signs.
#[derive(Clone, Copy, Debug)]
pub(super) struct Signature<'a> {
    /// The header with the signature, or with several, separated by blanks or commas.
    pub(super) header: &'a str,
    pub(super) hash: Hash,
    pub(super) encoding: Encoding,
    /// What stands before the signature.
    pub(super) prefix: &'a str,
    /// What is signed: text with `{body}`, `{path}`, and `{name}` for a header, or for what stands beside the signature.
    pub(super) message: &'a str,
    pub(super) key: KeyForm,
    /// How old it may be, where the time is signed.
    pub(super) fresh: Option<Freshness<'a>>,
}

#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub(super) enum Hash {
    Sha256,
    Sha512,
}

/// How the signature is written; either alphabet of base64.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub(super) enum Encoding {
    Hex,
    #[serde(alias = "base64url")]
    Base64,
}

/// How the key is made of the secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum KeyForm {
    /// Its text.
    Text,
    /// The bytes that the base64 after this prefix stands for.
    Base64After(&'static str),
}

/// How far the signed time may be from ours, either way.
#[derive(Clone, Copy, Debug)]
pub(super) struct Freshness<'a> {
    pub(super) header: &'a str,
    pub(super) seconds: i64,
    pub(super) unit: Unit,
}

/// How the time is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unit {
    /// Seconds since 1970, or RFC 3339.
    SecondsOrDate,
    Milliseconds,
}

impl Signature<'_> {
    /// Whether the request was signed, lately, by one of these secrets.
    pub(super) fn proves(&self, request: &Request, secrets: &[SecretString], now: Timestamp) -> bool {
        let Some(header) = request.header(self.header) else {
            return false;
        };
        let beside = |name: &str| {
            header
                .split(',')
                .find_map(|part| part.trim().strip_prefix(name)?.strip_prefix('='))
        };
        let field = |name: &str| request.header(name).or_else(|| beside(name));
        let is_fresh = |fresh: &Freshness<'_>| field(fresh.header).is_some_and(|time| fresh.holds(time, now));
        if !self.fresh.as_ref().is_none_or(is_fresh) {
            return false;
        }
        let Some(message) = self.message(request, field) else {
            return false;
        };
        let words = header
            .split([' ', '\t'])
            .flat_map(|word| match self.prefix.ends_with(',') {
                true => vec![word.trim_end_matches(',')],
                false => word.split(',').collect(),
            });
        let given: Vec<Vec<u8>> = words
            .filter_map(|word| self.encoding.decode(word.trim().strip_prefix(self.prefix)?))
            .filter(|signature| !signature.is_empty())
            .collect();
        let keys = secrets.iter().filter_map(|secret| self.key(secret));
        // Every key is tried on every signature, so that the time does not tell which one was close.
        keys.fold(false, |found, key| {
            given.iter().fold(found, |found, signature| {
                found | hmac::verify(&key, &message, signature).is_ok()
            })
        })
    }

    /// The bytes that were signed; `None` where a header that belongs to them is not there.
    fn message<'a>(&self, request: &'a Request, field: impl Fn(&str) -> Option<&'a str>) -> Option<Vec<u8>> {
        let mut message = Vec::new();
        let mut rest = self.message;
        while let Some((text, after)) = rest.split_once('{') {
            let (name, after) = after.split_once('}')?;
            message.extend_from_slice(text.as_bytes());
            match name {
                "body" => message.extend_from_slice(&request.body),
                "path" => message.extend_from_slice(request.path.as_bytes()),
                _ => message.extend_from_slice(field(name)?.as_bytes()),
            }
            rest = after;
        }
        message.extend_from_slice(rest.as_bytes());
        Some(message)
    }

    fn key(&self, secret: &SecretString) -> Option<hmac::Key> {
        let secret = secret.expose_secret();
        let bytes = match self.key {
            KeyForm::Text => secret.as_bytes().to_vec(),
            KeyForm::Base64After(prefix) => STANDARD.decode(secret.strip_prefix(prefix)?).ok()?,
        };
        let algorithm = match self.hash {
            Hash::Sha256 => HMAC_SHA256,
            Hash::Sha512 => HMAC_SHA512,
        };
        // An empty key would make a signature that anybody can make.
        (!bytes.is_empty()).then(|| hmac::Key::new(algorithm, &bytes))
    }
}

impl Freshness<'_> {
    fn holds(&self, time: &str, now: Timestamp) -> bool {
        let digits = time.chars().all(|c| c.is_ascii_digit());
        let time = match (self.unit, time.parse::<i64>().ok().filter(|_| digits)) {
            (Unit::SecondsOrDate, Some(seconds)) => Timestamp::from_second(seconds).ok(),
            (Unit::SecondsOrDate, None) => time.parse().ok(),
            (Unit::Milliseconds, number) => number.and_then(|number| Timestamp::from_millisecond(number).ok()),
        };
        time.is_some_and(|time| now.duration_since(time).abs() <= jiff::SignedDuration::from_secs(self.seconds))
    }
}

impl Encoding {
    fn decode(self, text: &str) -> Option<Vec<u8>> {
        match self {
            Self::Hex => hex(text),
            Self::Base64 if text.contains(['-', '_']) => URL_SAFE.decode(text).ok(),
            Self::Base64 => STANDARD.decode(text).ok(),
        }
    }
}

/// The bytes of hexadecimal text, in either case.
fn hex(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u8>> = text.chars().map(|c| u8::try_from(c.to_digit(16)?).ok()).collect();
    let pairs = digits?;
    let byte = |pair: &[u8]| match pair {
        [high, low] => Some(high << 4 | low),
        _ => None,
    };
    pairs.chunks(2).map(byte).collect()
}
