//! Scim: the clauses, and what is peculiar to it.

use rehearsal::directories::{Directory as Simulator, Scim};

use super::face::{Counts, Face, Suspends};

const FACE: Face = Face {
    kind: "scim",
    start: || Box::pin(async { Box::new(Scim::start().await) as Box<dyn Simulator> }),
    counts: Counts::Everybody,
    suspends: Suspends::Yes,
};

with_every_clause!(test_every_clause! FACE;);
