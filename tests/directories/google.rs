//! Google: the clauses, and what is peculiar to it.

use rehearsal::directories::{Directory as Simulator, Google};

use super::face::{Counts, Face, Suspends};

const FACE: Face = Face {
    kind: "google",
    start: || Box::pin(async { Box::new(Google::start().await) as Box<dyn Simulator> }),
    counts: Counts::Nothing,
    suspends: Suspends::Yes,
};

with_every_clause!(test_every_clause! FACE;);
