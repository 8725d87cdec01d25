//! Bilanc: the clauses, and what is peculiar to it.

mod batches;

use std::sync::Arc;

use rehearsal::faults::{Fault, When};
use rehearsal::providers::{AuthScheme, Bilanc, Seed, Simulator, State};
use rehearsal::server::{Answer, Reply, Request, Server, Site};
use serde_json::{Value, json};
use shared::error::ErrorKind;
use shared::planning::account::{Account, Capabilities, Offboarding, Onboarding};
use shared::planning::identity::{Identity, IdentityKind, Login};
use shared::planning::plan::Joiner;
use shared::planning::report::Outcome;
use shared::planning::roster::Person;
use shared::tools::http::Repeat;

use super::face::{Face, Started, Write};
use super::stage::{Stage, address, failures, kind, names};

const ONBOARDED: &str = "/users/onboarded-users-by-attributes";
const OFFBOARDED: &str = "/users/offboarded-users-by-attributes";

const FACE: Face = Face {
    id: "bilanc",
    start: || Box::pin(async { Started::new(Bilanc::start().await) }),
    can: Capabilities {
        onboarding: Onboarding::Immediate,
        offboarding: Offboarding::Reversible,
        identified_by: &[IdentityKind::Email, IdentityKind::Github],
    },
    list: ONBOARDED,
    pages: false,
    counts: true,
    tokens: None,
    states: &[State::Active],
    stranger: "not_found",
    onboarding: &[Write {
        method: "POST",
        target: ONBOARDED,
        repeat: Repeat::Safe,
        answer_is_read: true,
    }],
    offboarding: &[Write {
        method: "POST",
        target: OFFBOARDED,
        repeat: Repeat::Safe,
        answer_is_read: true,
    }],
    has_roles: false,
    has_identity_providers: false,
};

with_every_clause!(test_every_clause! FACE;);

async fn stage() -> (Arc<Bilanc>, Stage) {
    let bilanc = Arc::new(Bilanc::start().await);
    let stage = Stage::on(&bilanc);
    (bilanc, stage)
}

/// Somebody by these identities.
fn joiner(identities: impl IntoIterator<Item = Identity>) -> Joiner {
    Joiner {
        person: Person::new(identities),
        account: None,
    }
}

fn login(text: &str) -> Identity {
    Identity::Github(Login::parse(text).unwrap())
}

#[tokio::test]
async fn a_404_with_detail_is_an_outcome() {
    let (_bilanc, stage) = stage().await;
    let outcomes = stage.provider.onboard(&stage.joiners(&["ada", "bo"])).await;
    assert_eq!(names(&outcomes), ["not_found", "not_found"]);
    let leavers = stage.active(&["ada", "bo"]).await;
    for name in ["ada", "bo"] {
        stage.seed(name, State::Gone);
    }
    let outcomes = stage.provider.offboard(&leavers).await;
    assert_eq!(names(&outcomes), ["unchanged", "unchanged"]);
    assert!(stage.simulator.calls().iter().any(|call| call.status == 404));
}

/// Answers 404 to everything, like a host that is not Bilanc's.
struct Elsewhere(Value);

impl Site for Elsewhere {
    fn answer(&self, _: &Request) -> Answer {
        Ok(Reply::json(404, &self.0))
    }

    fn error_body(&self, _: u16) -> Value {
        self.0.clone()
    }
}

#[tokio::test]
async fn a_404_without_detail_is_misconfigured() {
    let (bilanc, stage) = stage().await;
    let leavers = stage.active(&["ada", "bo"]).await;
    // The last one is what FastAPI, on which Bilanc is built, says of a path it does not have.
    for body in [
        json!({ "message": "no" }),
        json!(null),
        json!([]),
        json!({ "detail": "Not Found" }),
    ] {
        let elsewhere = Server::start(Arc::new(Elsewhere(body.clone()))).await;
        let mut document = bilanc.document();
        document["base_url"] = json!(elsewhere.url());
        let lost = Stage::with_document(&bilanc, document);
        assert_eq!(kind(lost.provider.list().await), ErrorKind::Misconfigured, "{body}");
        let outcomes = lost.provider.onboard(&lost.joiners(&["ada", "bo"])).await;
        assert_eq!(failures(&outcomes), [Some(ErrorKind::Misconfigured); 2], "{body}");
        let outcomes = lost.provider.offboard(&leavers).await;
        assert_eq!(failures(&outcomes), [Some(ErrorKind::Misconfigured); 2], "{body}");
    }
}

#[tokio::test]
async fn the_key_goes_bare_or_as_bearer_and_never_the_other_way() {
    let bilanc = Arc::new(Bilanc::start().await);
    for scheme in [AuthScheme::Raw, AuthScheme::Bearer] {
        bilanc.auth_scheme(scheme);
        Stage::on(&bilanc).provider.list().await.unwrap();
        let wrong = match scheme {
            AuthScheme::Raw => "bearer",
            AuthScheme::Bearer => "raw",
        };
        let mut document = bilanc.document();
        document["auth_scheme"] = json!(wrong);
        bilanc.clear_calls();
        let stage = Stage::with_document(&bilanc, document);
        assert_eq!(kind(stage.provider.list().await), ErrorKind::Credentials);
        assert_eq!(stage.sent(), 1, "the other form is not tried silently");
    }
}

#[tokio::test]
async fn an_alias_matches_and_its_holder_is_known_by_login_afterwards() {
    let (bilanc, stage) = stage().await;
    stage.seed("ada", State::Gone);
    bilanc.alias("ada@example.test", "countess@example.test");
    let countess = joiner([address("countess@example.test"), login("ada")]);
    let joiners = [countess.clone(), stage.joiner("ghost")];
    assert_eq!(names(&stage.provider.onboard(&joiners).await), ["done", "not_found"]);
    let listed = stage.provider.list().await.unwrap();
    let shared = |account: &Account| {
        countess
            .person
            .identities()
            .iter()
            .any(|own| account.identities.contains(own))
    };
    assert!(
        shared(&listed[0]),
        "the list shows the primary address, so the login has to match"
    );
    assert_eq!(
        names(&stage.provider.onboard(&joiners).await),
        ["unchanged", "not_found"]
    );
}

#[tokio::test]
async fn an_answer_whose_counts_disagree_is_protocol() {
    let miscounted = json!({
        "message": "", "onboarded_count": 2, "onboarded_user_ids": ["one"], "total_users_found": 2, "warnings": [],
        "not_found": { "email_addresses": [], "github_usernames": [] },
    });
    struct Miscounting(Value);
    impl Site for Miscounting {
        fn answer(&self, _: &Request) -> Answer {
            Ok(Reply::json(200, &self.0))
        }

        fn error_body(&self, _: u16) -> Value {
            Value::Null
        }
    }
    let (bilanc, stage) = stage().await;
    let server = Server::start(Arc::new(Miscounting(miscounted))).await;
    let mut document = bilanc.document();
    document["base_url"] = json!(server.url());
    let miscounting = Stage::with_document(&bilanc, document);
    let outcomes = miscounting.provider.onboard(&stage.joiners(&["ada", "bo"])).await;
    assert_eq!(failures(&outcomes), [Some(ErrorKind::Protocol); 2]);
}

#[tokio::test]
async fn who_was_new_and_who_was_known_is_told_exactly() {
    let (_bilanc, stage) = stage().await;
    for (name, state) in [("new-1", State::Gone), ("old-1", State::Active), ("new-2", State::Gone)] {
        stage.seed(name, state);
    }
    stage.simulator.seed(
        &Seed {
            github: Some("login-only".to_owned()),
            ..Seed::default()
        },
        State::Gone,
    );
    let order = ["new-1", "ghost", "old-1", "new-2"];
    let mut joiners = stage.joiners(&order);
    joiners.push(joiner([login("Login-Only")]));
    // Half of what they are known by is not known to Bilanc: the other half is enough.
    joiners.push(joiner([address("other@example.test"), login("old-1")]));
    let outcomes = stage.provider.onboard(&joiners).await;
    let expected = ["done", "not_found", "unchanged", "done", "done", "unchanged"];
    assert_eq!(names(&outcomes), expected);
    let again = [
        "unchanged",
        "not_found",
        "unchanged",
        "unchanged",
        "unchanged",
        "unchanged",
    ];
    assert_eq!(names(&stage.provider.onboard(&joiners).await), again);
}

#[tokio::test]
async fn an_account_that_shows_no_identifier_is_a_step_for_a_person() {
    let (_bilanc, stage) = stage().await;
    stage.simulator.seed(&Seed::default(), State::Active);
    let mut leavers = stage.provider.list().await.unwrap();
    stage.simulator.clear_calls();
    let outcomes = stage.provider.offboard(&leavers).await;
    stage.said_and_sent_nothing(&outcomes, 1);

    // Beside somebody refused, too: halving a batch comes to an end.
    leavers.splice(0..0, stage.active(&["bad"]).await);
    stage.simulator.refuse("bad@example.test");
    assert_eq!(names(&stage.provider.offboard(&leavers).await), ["failed", "manual"]);
    assert!(stage.calls("POST", OFFBOARDED) <= 2);
}

#[tokio::test]
async fn somebody_removed_whom_nobody_named_is_said_loudly() {
    let (bilanc, stage) = stage().await;
    let leavers = stage.active(&["ada", "bo"]).await;
    bilanc.alias("bo@example.test", "ada@example.test");
    let outcomes = stage.provider.offboard(&leavers[..1]).await;
    assert_eq!(stage.state("bo"), Some(State::Gone));
    assert!(
        matches!(&outcomes[..], [Outcome::Failed(error)] if error.to_string().contains("nobody asked")),
        "{outcomes:?}"
    );
}

#[tokio::test]
async fn a_lost_list_of_who_was_new_fails_nobody() {
    let (_bilanc, stage) = stage().await;
    stage.seed("new", State::Gone);
    stage.seed("old", State::Active);
    stage.inject("GET", ONBOARDED, Fault::Status(403), When::Always);
    let outcomes = stage.provider.onboard(&stage.joiners(&["new", "old"])).await;
    assert_eq!(names(&outcomes), ["done", "done"]);
}
