//! AppXite: the clauses as most operators have it, and with everything configured that can be; then what is peculiar to it.

pub(super) mod extended;
mod inviting;
mod listing;

use std::sync::Arc;

use rehearsal::providers::{Appxite, Simulator, State};
use serde_json::{Value, json};
use shared::error::{Error, ErrorKind};
use shared::planning::account::{Capabilities, Offboarding, Onboarding};
use shared::planning::identity::IdentityKind;
use shared::tools::http::Repeat;

use super::face::{Face, Started, Write};
use super::stage::{Stage, kind, names, try_connect};

const INVITE: &str = "/users/invite";

const FACE: Face = Face {
    id: "appxite",
    start: || {
        Box::pin(async {
            let appxite = Appxite::start().await;
            appxite.max_page_size(3);
            Started::new(appxite)
        })
    },
    can: Capabilities {
        onboarding: Onboarding::ByInvitation,
        offboarding: Offboarding::Unsupported,
        identified_by: &[IdentityKind::Email],
    },
    list: "/users?",
    pages: true,
    counts: true,
    tokens: None,
    states: &[State::Active, State::Dormant, State::Invited],
    stranger: "pending",
    onboarding: &[Write {
        method: "POST",
        target: INVITE,
        repeat: Repeat::Unsafe,
        answer_is_read: false,
    }],
    offboarding: &[],
    has_roles: true,
    has_identity_providers: true,
};

with_every_clause!(test_every_clause! FACE;);

async fn appxite() -> Arc<Appxite> {
    Arc::new(Appxite::start().await)
}

/// The simulator's document with these members too.
fn document(appxite: &Appxite, members: Value) -> Value {
    let mut document = appxite.document();
    for (name, value) in members.as_object().unwrap() {
        document[name] = value.clone();
    }
    document
}

#[tokio::test]
async fn each_of_the_two_keys_is_needed() {
    let appxite = appxite().await;
    for oauth in [false, true] {
        for rotate in [Appxite::rotate_subscription_key, Appxite::rotate_token] {
            let document = match oauth {
                false => appxite.document(),
                true => appxite.document_with_oauth(),
            };
            let stage = Stage::with_document(&appxite, document);
            stage.provider.list().await.unwrap();
            rotate(&appxite);
            assert_eq!(kind(stage.provider.list().await), ErrorKind::Credentials);
        }
    }
}

#[tokio::test]
async fn a_document_that_cannot_work_is_refused_at_connect() {
    let appxite = appxite().await;
    let stage = Stage::on(&appxite);
    let mut both = appxite.document_with_oauth();
    both["token"] = json!("canary");
    let mut half = appxite.document_with_oauth();
    half.as_object_mut().unwrap().remove("client_secret");
    let mut neither = appxite.document();
    neither.as_object_mut().unwrap().remove("token");
    for (document, names) in [
        (both, "token"),
        (half, "token"),
        (neither, "token"),
        (
            document(&appxite, json!({ "organization_ids": [] })),
            "organization_ids",
        ),
        (
            document(&appxite, json!({ "organization_ids_level": "both" })),
            "organization_ids_level",
        ),
        (
            document(&appxite, json!({ "paths": { "block": "/users/block" } })),
            "paths.block",
        ),
        (document(&appxite, json!({ "paths": { "rolez": "/roles" } })), "rolez"),
        (
            document(&appxite, json!({ "subscription_kye": "canary" })),
            "subscription_kye",
        ),
    ] {
        let error: Error = try_connect("appxite", &stage.http, &document).err().unwrap();
        assert_eq!(error.kind(), ErrorKind::Misconfigured);
        assert!(error.to_string().contains(names), "{error} does not name {names}");
        assert!(!error.to_string().contains("canary"), "{error}");
    }
    assert_eq!(stage.sent(), 0);
}

#[tokio::test]
async fn a_block_call_that_is_not_there_is_misconfigured() {
    let appxite = appxite().await;
    let document = document(&appxite, json!({ "paths": { "block": "/users/{id}/block" } }));
    let stage = Stage::with_document(&appxite, document);
    let leavers = stage.active(&["ada"]).await;
    stage.inject(
        "POST",
        "/block",
        rehearsal::faults::Fault::Status(404),
        rehearsal::faults::When::Always,
    );
    let outcomes = stage.provider.offboard(&leavers).await;
    assert_eq!(super::stage::failures(&outcomes), [Some(ErrorKind::Misconfigured)]);
    assert_eq!(stage.state("ada"), Some(State::Active));
    assert_eq!(names(&outcomes), ["failed"]);
}
