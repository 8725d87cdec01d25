//! Powens: the clauses, and what is peculiar to it.

mod listing;

use std::sync::Arc;

use rehearsal::faults::{Fault, When};
use rehearsal::providers::{Powens, Simulator, State};
use serde_json::json;
use shared::error::{Error, ErrorKind};
use shared::planning::account::{Account, Capabilities, Offboarding, Onboarding};
use shared::planning::identity::IdentityKind;
use shared::planning::report::Outcome;
use shared::tools::http::Repeat;

use super::face::{Face, Started, Write};
use super::stage::{Stage, failures, names, try_connect};

const RENEW: &str = "/2.0/auth/renew";
const USERS: &str = "/2.0/users";

const FACE: Face = Face {
    id: "powens",
    start: || {
        Box::pin(async {
            let powens = Powens::start().await;
            powens.max_page_size(3);
            Started::new(powens)
        })
    },
    can: Capabilities {
        onboarding: Onboarding::Unsupported,
        offboarding: Offboarding::Permanent,
        identified_by: &[IdentityKind::Native],
    },
    list: "/2.0/users?",
    pages: true,
    counts: true,
    tokens: None,
    states: &[State::Active],
    stranger: "manual",
    onboarding: &[],
    offboarding: &[
        Write {
            method: "POST",
            target: RENEW,
            repeat: Repeat::Safe,
            answer_is_read: true,
        },
        Write {
            method: "DELETE",
            target: USERS,
            repeat: Repeat::Safe,
            answer_is_read: false,
        },
    ],
    has_roles: false,
    has_identity_providers: false,
};

with_every_clause!(test_every_clause! FACE;);

async fn stage() -> (Arc<Powens>, Stage) {
    let powens = Arc::new(Powens::start().await);
    let stage = Stage::on(&powens);
    (powens, stage)
}

/// Method and path of every call, in order.
fn steps(stage: &Stage) -> Vec<String> {
    let calls = stage.simulator.calls();
    calls
        .iter()
        .map(|call| format!("{} {}", call.method, call.path))
        .collect()
}

#[tokio::test]
async fn each_user_is_renewed_verified_and_deleted_between_two_looks() {
    let (_powens, stage) = stage().await;
    let leavers = stage.active(&["ada", "bo", "cy"]).await;
    stage.simulator.clear_calls();
    assert_eq!(names(&stage.provider.offboard(&leavers[..2]).await), ["done", "done"]);
    let list = format!("GET {USERS}");
    let mut expected = vec![list.clone()];
    for leaver in &leavers[..2] {
        let user = format!("{USERS}/{}", leaver.native_id);
        expected.extend([format!("POST {RENEW}"), format!("GET {user}"), format!("DELETE {user}")]);
    }
    expected.push(list);
    assert_eq!(steps(&stage), expected);
    for (body, leaver) in stage.bodies("POST", RENEW).iter().zip(&leavers) {
        assert_eq!(body["id_user"].to_string(), *leaver.native_id);
        assert_eq!(
            body["revoke_previous"], false,
            "a deletion that fails leaves the tokens as they were"
        );
    }
    assert_eq!(stage.state("cy"), Some(State::Active));
}

#[tokio::test]
async fn a_stray_token_stops_everything_and_deletes_nobody() {
    let (powens, stage) = stage().await;
    let leavers = stage.active(&["ada", "bo", "cy"]).await;
    stage.seed("cy", State::Gone);
    powens.renew_gives_stray_user(true);
    let outcomes = stage.provider.offboard(&leavers).await;
    assert_eq!(names(&outcomes), ["failed", "failed", "unchanged"]);
    assert_eq!(failures(&outcomes)[..2], [Some(ErrorKind::Protocol); 2]);
    assert!(
        matches!(&outcomes[0], Outcome::Failed(error) if error.to_string().contains("another user")),
        "{outcomes:?}"
    );
    assert_eq!((stage.calls("POST", RENEW), stage.calls("DELETE", "")), (1, 0));
    assert_eq!([stage.state("ada"), stage.state("bo")], [Some(State::Active); 2]);
}

#[tokio::test]
async fn a_token_that_cannot_be_verified_deletes_nobody() {
    for (fault, kind) in [
        (Fault::Status(404), ErrorKind::Protocol),
        (Fault::Status(503), ErrorKind::Unavailable),
        (Fault::Garbage, ErrorKind::Protocol),
        (Fault::MissingField, ErrorKind::Protocol),
    ] {
        let (_powens, stage) = stage().await;
        let leavers = stage.active(&["ada"]).await;
        stage.inject("GET", &format!("{USERS}/"), fault.clone(), When::Always);
        let outcomes = stage.provider.offboard(&leavers).await;
        assert_eq!(failures(&outcomes), [Some(kind)], "{fault:?}");
        assert_eq!(stage.calls("DELETE", ""), 0);
    }
}

#[tokio::test]
async fn both_kinds_of_yes_are_a_deletion() {
    for older in [true, false] {
        let (powens, stage) = stage().await;
        powens.emit_200_on_delete(older);
        let leavers = stage.active(&["ada"]).await;
        assert_eq!(names(&stage.provider.offboard(&leavers).await), ["done"]);
        let deleted = stage.simulator.calls().into_iter().find(|call| call.method == "DELETE");
        assert_eq!(deleted.unwrap().status, if older { 200 } else { 204 });
    }
}

#[tokio::test]
async fn a_yes_without_an_effect_is_uncertain() {
    let (_powens, stage) = stage().await;
    let leavers = stage.active(&["ada", "bo"]).await;
    stage.inject("DELETE", USERS, Fault::Status(204), When::Once);
    let outcomes = stage.provider.offboard(&leavers).await;
    assert_eq!(failures(&outcomes), [Some(ErrorKind::Uncertain), None]);

    // Nor is one believed that cannot be looked after.
    let leavers = stage.active(&["ada"]).await;
    stage.inject("GET", "/2.0/users?", Fault::ExtraField, When::Once);
    stage.inject("GET", "/2.0/users?", Fault::Status(503), When::Always);
    let outcomes = stage.provider.offboard(&leavers).await;
    assert_eq!(failures(&outcomes), [Some(ErrorKind::Uncertain)]);
    assert_eq!(stage.state("ada"), Some(State::Gone));
}

#[tokio::test]
async fn without_allow_delete_it_is_a_step_for_a_person() {
    let (powens, stage) = stage().await;
    let leavers = stage.active(&["ada", "bo"]).await;
    powens.allow_delete(false);
    let mut silent = powens.document();
    silent.as_object_mut().unwrap().remove("allow_delete");
    for document in [powens.document(), silent] {
        powens.clear_calls();
        let stage = Stage::with_document(&powens, document);
        assert_eq!(stage.provider.capabilities().offboarding, Offboarding::Unsupported);
        let outcomes = stage.provider.offboard(&leavers).await;
        stage.said_and_sent_nothing(&outcomes, 2);
    }
}

#[tokio::test]
async fn an_id_that_is_no_positive_integer_is_refused_without_a_call() {
    let (_powens, stage) = stage().await;
    let ada = stage.active(&["ada"]).await.remove(0);
    stage.simulator.clear_calls();
    let odd = [
        "me",
        "all",
        "0",
        "-1",
        "1.5",
        "",
        "101 ",
        "101/../102",
        "99999999999999999999999",
    ];
    let mut leavers: Vec<Account> = odd.iter().map(|id| Account::new(id, [])).collect();
    let outcomes = stage.provider.offboard(&leavers).await;
    assert_eq!(failures(&outcomes), [Some(ErrorKind::Protocol); 9]);
    assert_eq!(stage.sent(), 0);

    leavers.insert(4, ada);
    let outcomes = stage.provider.offboard(&leavers).await;
    assert_eq!(outcomes[4].name(), "done");
    assert_eq!(failures(&outcomes).iter().flatten().count(), 9);
    assert_eq!((stage.calls("POST", RENEW), stage.calls("DELETE", USERS)), (1, 1));
}

#[tokio::test]
async fn rejected_client_credentials_are_tried_once() {
    let (_powens, stage) = stage().await;
    let leavers = stage.active(&["ada", "bo", "cy"]).await;
    stage.inject("POST", RENEW, Fault::Status(401), When::Always);
    let outcomes = stage.provider.offboard(&leavers).await;
    assert_eq!(failures(&outcomes), [Some(ErrorKind::Credentials); 3]);
    assert_eq!((stage.calls("POST", RENEW), stage.calls("DELETE", "")), (1, 0));
}

#[tokio::test]
async fn a_locked_user_is_for_the_next_run() {
    let (_powens, stage) = stage().await;
    let leavers = stage.active(&["ada", "bo"]).await;
    stage.simulator.refuse(&leavers[0].native_id);
    let outcomes = stage.provider.offboard(&leavers).await;
    assert_eq!(failures(&outcomes), [Some(ErrorKind::Unavailable), None]);
}

#[tokio::test]
async fn a_document_that_cannot_work_is_refused_at_connect() {
    let (powens, stage) = stage().await;
    for (domain, url) in [
        (None, false),
        (Some("example"), true),
        (Some("evil.test/"), false),
        (Some("a.b"), false),
        (Some(""), false),
    ] {
        let mut document = powens.document();
        document["domain"] = json!(domain);
        if !url {
            document.as_object_mut().unwrap().remove("base_url");
        }
        let error: Error = try_connect("powens", &stage.http, &document).err().unwrap();
        assert_eq!(error.kind(), ErrorKind::Misconfigured);
        assert!(error.to_string().contains("domain"), "{error}");
    }
    assert_eq!(stage.sent(), 0);
}
