//! Microsoft Entra ID: the clauses, and what is peculiar to it.

use rehearsal::directories::{Directory as Simulator, Entra};

use super::face::{Counts, Face, Suspends};

const FACE: Face = Face {
    kind: "entra",
    start: || Box::pin(async { Box::new(Entra::start().await) as Box<dyn Simulator> }),
    counts: Counts::Everything,
    suspends: Suspends::Yes,
};

with_every_clause!(test_every_clause! FACE;);
