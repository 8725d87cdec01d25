//! Who is known by what: people of a crowd by their identities.

use std::fmt;
use std::hash::{BuildHasher, RandomState};

use hashbrown::HashTable;

use crate::planning::crowd::Crowd;
use crate::planning::identity::Identity;

/// The first place among a crowd that is known by each identity.
///
/// A hash and a place take eight bytes, where a map by identities would take forty and their texts once more.
#[derive(Clone, Default)]
pub(super) struct Index {
    table: HashTable<(u32, u32)>,
    hasher: RandomState,
}

impl Index {
    /// Notes that `place` is known by `identity`, unless somebody is already: then it says who.
    pub(super) fn add(&mut self, crowd: &Crowd, identity: &Identity, place: u32) -> Option<u32> {
        let found = self.find(crowd, identity);
        if found.is_none() {
            let hash = self.hash(identity);
            let entry = (hash, place);
            self.table.insert_unique(spread(hash), entry, |(hash, _)| spread(*hash));
        }
        found
    }

    /// Who is known by it.
    pub(super) fn find(&self, crowd: &Crowd, identity: &Identity) -> Option<u32> {
        let hash = self.hash(identity);
        let is_theirs = |(other, place): &(u32, u32)| *other == hash && crowd.holds(*place as usize, identity);
        self.table.find(spread(hash), is_theirs).map(|(_, place)| *place)
    }

    fn hash(&self, identity: &Identity) -> u32 {
        self.hasher.hash_one(identity) as u32
    }
}

/// A table looks at the highest and at the lowest bits.
fn spread(hash: u32) -> u64 {
    u64::from(hash) << 32 | u64::from(hash)
}

impl fmt::Debug for Index {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} identities", self.table.len())
    }
}
