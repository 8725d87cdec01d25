//! Digests: what somebody consents to.

use std::collections::BTreeSet;
use std::fmt;

use sha2::{Digest as _, Sha256};

use crate::planning::hash;
use crate::planning::identity::ProviderId;

/// The name of one exact list of removals: SHA-256 over the provider and the sorted account ids, its first 128 bits.
///
/// A consent is used once. The same list, held again later, goes by the next name: the one with the number of earlier uses.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Digest(String);

impl Digest {
    pub(super) fn new<'a>(provider: ProviderId, ids: impl IntoIterator<Item = &'a str>, used: &BTreeSet<Self>) -> Self {
        let ids: BTreeSet<&str> = ids.into_iter().collect();
        let mut hash = Sha256::new();
        for part in [provider.name()].into_iter().chain(ids) {
            hash.update((part.len() as u64).to_be_bytes()); // so that ["ab","c"] and ["a","bc"] differ
            hash.update(part);
        }
        let name = |hash: Sha256| Self(hash::short(&hash.finalize(), 16));
        let mut digest = name(hash.clone());
        let mut uses = 0_u64;
        while used.contains(&digest) {
            uses += 1;
            digest = name(hash.clone().chain_update(uses.to_be_bytes()));
        }
        digest
    }

    /// Reads a digest that somebody gives back to consent; any other text matches no plan.
    pub fn parse(text: &str) -> Self {
        Self(text.trim().to_ascii_lowercase())
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
