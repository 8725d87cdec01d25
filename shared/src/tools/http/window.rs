//! How many calls go out side by side where nobody says how many are welcome.

/// Twice as many after each round in which nothing was throttled, half as many after one in which something was.
#[derive(Clone, Copy, Debug)]
pub struct Window {
    size: usize,
    most: usize,
}

impl Window {
    /// So many at first, and so many at most.
    pub fn new(first: usize, most: usize) -> Self {
        Self {
            size: first.min(most).max(1),
            most: most.max(1),
        }
    }

    /// The calls of the next round.
    pub fn size(&self) -> usize {
        self.size
    }

    /// Adapts to how a round went.
    pub fn adapt(&mut self, throttled: bool) {
        let size = if throttled { self.size / 2 } else { self.size * 2 };
        self.size = size.clamp(1, self.most);
    }
}
