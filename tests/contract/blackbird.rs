//! Blackbird: the clauses, and what is peculiar to it.

mod tokens;

use std::sync::Arc;

use rehearsal::faults::{Fault, When};
use rehearsal::providers::{Blackbird, DuplicateCreate, Simulator, State};
use serde_json::json;
use shared::error::ErrorKind;
use shared::planning::account::{Account, Capabilities, Offboarding, Onboarding, Status};
use shared::planning::identity::IdentityKind;
use shared::planning::plan::Joiner;
use shared::tools::http::Repeat;

use super::face::{Face, Started, Write};
use super::stage::{Stage, failures, kind, names};

const USERS: &str = "/admin/admin/users";
const TOKEN: &str = "/auth/oauth2/token";

const FACE: Face = Face {
    id: "blackbird",
    start: || Box::pin(async { Started::new(Blackbird::start().await) }),
    can: Capabilities {
        onboarding: Onboarding::Immediate,
        offboarding: Offboarding::Reversible,
        identified_by: &[IdentityKind::Email],
    },
    list: USERS,
    pages: false,
    counts: false,
    tokens: Some(TOKEN),
    states: &[State::Active, State::Dormant],
    stranger: "done",
    onboarding: &[Write {
        method: "POST",
        target: USERS,
        repeat: Repeat::Unsafe,
        answer_is_read: true,
    }],
    offboarding: &[Write {
        method: "PUT",
        target: USERS,
        repeat: Repeat::Safe,
        answer_is_read: true,
    }],
    has_roles: true,
    has_identity_providers: false,
};

with_every_clause!(test_every_clause! FACE;);

async fn stage() -> (Arc<Blackbird>, Stage) {
    let blackbird = Arc::new(Blackbird::start().await);
    let stage = Stage::on(&blackbird);
    (blackbird, stage)
}

/// Ada, as she was when she was seen.
async fn revival(stage: &Stage, state: State) -> Joiner {
    stage.seed("ada", state);
    Joiner {
        account: Some(stage.accounts(&["ada"]).await.remove(0)),
        ..stage.joiner("ada")
    }
}

#[tokio::test]
async fn a_sloppy_filter_finds_the_right_person() {
    let (blackbird, stage) = stage().await;
    blackbird.email_filter_is_sloppy(true);
    for name in ["xada", "ada@example.test.uk"] {
        stage.seed(name, State::Dormant);
    }
    assert_eq!(names(&stage.provider.onboard(&[stage.joiner("ada")]).await), ["done"]);
    assert_eq!(stage.state("ada"), Some(State::Active));
    assert_eq!(stage.state("xada"), Some(State::Dormant));
    assert_eq!(stage.state("ada@example.test.uk"), Some(State::Dormant));
    assert_eq!(
        names(&stage.provider.onboard(&[stage.joiner("ada")]).await),
        ["unchanged"]
    );
    assert_eq!(stage.calls("POST", USERS), 1);
}

#[tokio::test]
async fn somebody_created_meanwhile_is_looked_up_again() {
    for answer in [
        DuplicateCreate::Conflict409,
        DuplicateCreate::Bad400,
        DuplicateCreate::ReturnsExisting,
    ] {
        for state in [State::Active, State::Dormant] {
            let (blackbird, stage) = stage().await;
            blackbird.duplicate_create(answer);
            stage.seed("ada", state);
            // The first look does not see her yet.
            stage.inject("GET", "email=", Fault::ShortPage, When::Once);
            let outcomes = stage.provider.onboard(&[stage.joiner("ada")]).await;
            let expected = match (answer, state) {
                (DuplicateCreate::ReturnsExisting, _) | (_, State::Dormant) => "done",
                _ => "unchanged",
            };
            assert_eq!(names(&outcomes), [expected], "{answer:?} {state:?}");
            assert_eq!(stage.state("ada"), Some(State::Active));
            assert_eq!((stage.simulator.people().len(), stage.calls("POST", USERS)), (1, 1));
        }
    }
}

#[tokio::test]
async fn many_leavers_are_looked_up_by_one_list_and_who_is_missing_from_it_by_id() {
    let (_blackbird, stage) = stage().await;
    let everybody = stage.active(&["ada", "bob", "cem", "dan", "eve", "fay"]).await;
    stage.simulator.clear_calls();
    // The list does not show the last of them.
    stage.inject("GET", USERS, Fault::ShortPage, When::Once);
    assert_eq!(names(&stage.provider.offboard(&everybody).await), ["done"; 6]);
    assert_eq!((stage.calls("GET", USERS), stage.calls("PUT", USERS)), (2, 6));
    stage.simulator.clear_calls();
    assert_eq!(names(&stage.provider.offboard(&everybody).await), ["unchanged"; 6]);
    assert_eq!((stage.calls("GET", USERS), stage.calls("PUT", USERS)), (1, 0));
    // Without a list, each is looked at.
    let back: Vec<Joiner> = ["ada", "bob", "cem", "dan", "eve"]
        .map(|name| stage.joiner(name))
        .into();
    assert_eq!(names(&stage.provider.onboard(&back).await), ["done"; 5]);
    stage.simulator.clear_calls();
    stage.inject("GET", USERS, Fault::Garbage, When::Once);
    assert_eq!(names(&stage.provider.offboard(&everybody[..5]).await), ["done"; 5]);
    assert_eq!((stage.calls("GET", USERS), stage.calls("PUT", USERS)), (6, 5));
}

#[tokio::test]
async fn the_welcome_mail_is_what_the_operator_set() {
    let blackbird = Arc::new(Blackbird::start().await);
    let urls = json!({ "app_root_url": "http://127.0.0.1:1/", "page_url": "welcome" });
    for (i, (suppress, with_urls, mails)) in [
        (None, false, 1),
        (None, true, 1),
        (Some(false), true, 1),
        (Some(true), false, 0),
        (Some(true), true, 0),
    ]
    .into_iter()
    .enumerate()
    {
        let mut document = blackbird.document();
        if let Some(suppress) = suppress {
            document["suppress_welcome_email"] = json!(suppress);
        }
        if with_urls {
            let members = document.as_object_mut().unwrap();
            members.extend(urls.as_object().unwrap().clone());
        }
        let stage = Stage::with_document(&blackbird, document);
        let name = format!("ada-{i}");
        assert_eq!(names(&stage.provider.onboard(&[stage.joiner(&name)]).await), ["done"]);
        assert_eq!(blackbird.mails_sent(&format!("{name}@example.test")), mails);
        let body = stage.bodies("POST", USERS).pop().unwrap();
        assert_eq!(body.get("suppressWelcomeEmail"), suppress.map(|s| json!(s)).as_ref());
        let sent = with_urls && suppress != Some(true);
        assert_eq!(body.get("appRootUrl").is_some(), sent, "{body}");
        assert_eq!(body.get("pageUrl").is_some(), sent, "{body}");
        assert_eq!(
            (&body["firstName"], &body["lastName"]),
            (&json!(name), &json!("Example"))
        );
    }
}

#[tokio::test]
async fn a_user_is_read_by_id_in_one_call() {
    let (_blackbird, stage) = stage().await;
    let ada = stage.active(&["ada", "bo"]).await.remove(0);
    stage.simulator.clear_calls();
    assert_eq!(stage.provider.get(&ada.native_id).await.unwrap(), Some(ada.clone()));
    assert_eq!(stage.calls("GET", &format!("{USERS}/{}", ada.native_id)), 1);
    assert_eq!(stage.provider.get("usr-none").await.unwrap(), None);
    assert_eq!(stage.sent(), 2);
    assert_eq!(ada.name.as_deref(), Some("ada Example"));
    assert_eq!(ada.roles.len(), 1);
    assert_eq!(&*ada.roles[0], "leadAnalyst");
}

#[tokio::test]
async fn a_bare_array_is_a_list_too() {
    let (blackbird, stage) = stage().await;
    stage.seed("ada", State::Active);
    let wrapped = (
        stage.provider.list().await.unwrap(),
        stage.provider.roles().await.unwrap(),
    );
    blackbird.bare_arrays(true);
    let bare = (
        stage.provider.list().await.unwrap(),
        stage.provider.roles().await.unwrap(),
    );
    assert_eq!(wrapped, bare);
    assert_eq!(wrapped.1[0].display_name, "Lead Analyst");
}

#[tokio::test]
async fn a_list_that_announces_more_is_an_error() {
    let (blackbird, stage) = stage().await;
    stage.seed("ada", State::Active);
    for member in ["next", "nextCursor", "nextToken", "cursor", "nextPage", "_links"] {
        blackbird.announces_more(member);
        assert_eq!(kind(stage.provider.list().await), ErrorKind::Protocol, "{member}");
    }
}

#[tokio::test]
async fn an_unknown_status_word_is_nobodys_to_touch() {
    let (_blackbird, stage) = stage().await;
    let ada = stage.active(&["ada"]).await.remove(0);
    stage
        .simulator
        .set_status_word("ada@example.test", "Suspended by legal");
    let listed = stage.provider.list().await.unwrap().remove(0);
    assert_eq!(listed.status, Status::Unknown);
    assert_eq!(listed.native_status.as_deref(), Some("Suspended by legal"));

    let joiner = Joiner {
        account: Some(listed.clone()),
        ..stage.joiner("ada")
    };
    let outcomes = stage.provider.onboard(&[stage.joiner("ada"), joiner]).await;
    assert_eq!(failures(&outcomes), [Some(ErrorKind::Protocol); 2]);
    // Also when it became unknown after it was seen.
    for leaver in [ada, listed] {
        let outcomes = stage.provider.offboard(&[leaver]).await;
        assert_eq!(failures(&outcomes), [Some(ErrorKind::Protocol)]);
    }
    assert_eq!((stage.calls("PUT", USERS), stage.calls("POST", USERS)), (0, 0));
}

#[tokio::test]
async fn a_revival_puts_id_and_status_and_nothing_else() {
    let (_blackbird, stage) = stage().await;
    let joiner = revival(&stage, State::Dormant).await;
    let id = joiner.account.clone().unwrap().native_id;
    for fault in [Fault::CutAfter, Fault::CutBefore, Fault::Status(503)] {
        stage.seed("ada", State::Dormant);
        stage.simulator.clear_calls();
        stage.inject("PUT", USERS, fault, When::Once);
        assert_eq!(
            names(&stage.provider.onboard(std::slice::from_ref(&joiner)).await),
            ["done"]
        );
        assert_eq!(stage.state("ada"), Some(State::Active));
        let body = json!({ "id": id, "status": "active" });
        assert_eq!(stage.bodies("PUT", &format!("{USERS}/{id}")), [body.clone(), body]);
    }
    stage.simulator.clear_calls();
    assert_eq!(names(&stage.provider.onboard(&[joiner]).await), ["unchanged"]);
    assert_eq!(stage.calls("PUT", USERS), 0, "it was active already");
}

/// Her account is gone, and another one made: by its address it is found, not made once more.
#[tokio::test]
async fn a_revival_of_an_account_that_is_gone_looks_by_address() {
    let (_blackbird, stage) = stage().await;
    let mut joiner = revival(&stage, State::Dormant).await;
    joiner.account = joiner
        .account
        .map(|account| Account::new("usr-gone", account.identities));
    assert_eq!(names(&stage.provider.onboard(&[joiner.clone()]).await), ["done"]);
    assert_eq!(stage.state("ada"), Some(State::Active));
    stage.seed("ada", State::Gone);
    assert_eq!(names(&stage.provider.onboard(&[joiner]).await), ["done"]);
    assert_eq!((stage.simulator.people().len(), stage.calls("POST", USERS)), (1, 1));
}

#[tokio::test]
async fn an_unreadable_answer_is_settled_by_the_next_look() {
    let (_blackbird, stage) = stage().await;
    let ada = stage.active(&["ada"]).await;
    stage.inject("PUT", USERS, Fault::Garbage, When::Once);
    assert_eq!(
        failures(&stage.provider.offboard(&ada).await),
        [Some(ErrorKind::Protocol)]
    );
    assert_eq!(names(&stage.provider.offboard(&ada).await), ["unchanged"]);
}
