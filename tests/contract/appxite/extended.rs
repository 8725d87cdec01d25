//! The clauses again, for an AppXite with a token by client credentials and the portal's block call.

use std::sync::Arc;

use rehearsal::providers::{Appxite, Simulator};
use shared::planning::account::{Capabilities, Offboarding};
use shared::tools::http::Repeat;

use crate::contract::face::{Face, Started, Write};

const FACE: Face = Face {
    start: || {
        Box::pin(async {
            let appxite = Arc::new(Appxite::start().await);
            appxite.max_page_size(3);
            appxite.allow_block(true);
            Started {
                simulator: Arc::clone(&appxite) as Arc<dyn Simulator>,
                document: Box::new(move || appxite.document_with_oauth()),
            }
        })
    },
    can: Capabilities {
        offboarding: Offboarding::Reversible,
        ..super::FACE.can
    },
    tokens: Some("/oauth/token"),
    offboarding: &[Write {
        method: "POST",
        target: "/block",
        repeat: Repeat::Safe,
        answer_is_read: false,
    }],
    ..super::FACE
};

with_every_clause!(test_every_clause! FACE;);
