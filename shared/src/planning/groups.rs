//! Disjoint sets of entries: who is linked to whom by anything shared, however many steps away.

/// Each entry points towards its set's root, the first of its entries.
pub(super) struct Groups(Vec<usize>);

impl Groups {
    /// So many entries, each by itself.
    pub(super) fn new(entries: usize) -> Self {
        Self((0..entries).collect())
    }

    /// The first entry of the set.
    pub(super) fn root(&mut self, mut entry: usize) -> usize {
        while let Some(parent) = self.0.get(entry).copied().filter(|parent| *parent != entry) {
            let grandparent = self.0.get(parent).copied().unwrap_or(parent);
            if let Some(slot) = self.0.get_mut(entry) {
                *slot = grandparent; // halves the way for the next asker
            }
            entry = grandparent;
        }
        entry
    }

    /// Makes one set of two.
    pub(super) fn join(&mut self, a: usize, b: usize) {
        let (a, b) = (self.root(a), self.root(b));
        if let Some(slot) = self.0.get_mut(a.max(b)) {
            *slot = a.min(b);
        }
    }
}
