//! GitHub: the clauses, by a member's token and as an App, and what is peculiar to it.

use rehearsal::directories::{Directory as Simulator, Github};

use super::face::{Counts, Face, Suspends};

const FACE: Face = Face {
    kind: "github",
    start: || Box::pin(async { Box::new(Github::start().await) as Box<dyn Simulator> }),
    counts: Counts::Everything,
    suspends: Suspends::No,
};

with_every_clause!(test_every_clause! FACE;);

/// The same by an App and its private key.
pub(in crate::directories) mod app {
    use super::{Counts, Face, Github, Simulator, Suspends};

    const FACE: Face = Face {
        kind: "github",
        start: || {
            Box::pin(async {
                let github = Github::start().await;
                github.use_app();
                Box::new(github) as Box<dyn Simulator>
            })
        },
        counts: Counts::Everything,
        suspends: Suspends::No,
    };

    with_every_clause!(test_every_clause! FACE;);
}
