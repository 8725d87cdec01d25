//! Everything that chance decides, from one seed.

use std::sync::Mutex;

/// The dice of one chain.
pub(super) struct Dice(Mutex<fastrand::Rng>);

impl Dice {
    pub(super) fn new(seed: u64) -> Self {
        Self(Mutex::new(fastrand::Rng::with_seed(seed)))
    }

    /// True so many times in a hundred.
    pub(super) fn percent(&self, chance: u32) -> bool {
        self.0.lock().unwrap().u32(0..100) < chance
    }

    /// A number from `from` to `to`.
    pub(super) fn number(&self, from: usize, to: usize) -> usize {
        self.0.lock().unwrap().usize(from..=to)
    }

    /// One of these.
    pub(super) fn one<'a, T>(&self, all: &'a [T]) -> Option<&'a T> {
        (!all.is_empty()).then(|| &all[self.number(0, all.len() - 1)])
    }
}
