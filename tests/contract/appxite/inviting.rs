//! AppXite's invitations: what they say, and who is sent a mail.

use std::sync::Arc;

use rehearsal::faults::{Fault, When};
use rehearsal::providers::{Appxite, IdentityProvider, Role, State};
use serde_json::{Value, json};
use shared::error::ErrorKind;
use shared::planning::account::Status;
use shared::planning::plan::Joiner;
use shared::planning::report::Outcome;

use super::{INVITE, appxite, document};
use crate::contract::stage::{Stage, failures, names};

/// A stage on this AppXite, with these members in its document.
fn stage(appxite: &Arc<Appxite>, members: Value) -> Stage {
    Stage::with_document(appxite, document(appxite, members))
}

async fn invite(stage: &Stage, name: &str) -> Outcome {
    stage.provider.onboard(&[stage.joiner(name)]).await.remove(0)
}

/// The one invitation that was sent.
fn invitation(stage: &Stage) -> Value {
    let bodies = stage.bodies("POST", INVITE);
    assert_eq!(bodies.len(), 1);
    bodies[0].clone()
}

#[tokio::test]
async fn organisations_stand_where_the_operator_says() {
    for (level, members) in [
        ("payload", json!({ "organization_ids": ["org-0001", "org-0002"] })),
        (
            "user",
            json!({ "organization_ids": ["org-0001", "org-0002"], "organization_ids_level": "user" }),
        ),
    ] {
        let appxite = appxite().await;
        let stage = stage(&appxite, members);
        assert_eq!(invite(&stage, "ada").await.name(), "pending");
        let mut user = json!({ "Email": "ada@example.test", "FirstName": "ada", "LastName": "Example" });
        let ids = json!(["org-0001", "org-0002"]);
        let expected = match level {
            "payload" => json!({ "Users": [user], "OrganizationIds": ids }),
            _ => {
                user["OrganizationIds"] = ids;
                json!({ "Users": [user] })
            }
        };
        assert_eq!(invitation(&stage), expected);
    }
}

#[tokio::test]
async fn role_and_identity_provider_go_by_name() {
    let appxite = appxite().await;
    let stage = stage(
        &appxite,
        json!({ "role": "seller AGENT", "identity_provider": "example idp" }),
    );
    let outcomes = stage.provider.onboard(&stage.joiners(&["ada", "bo", "cy"])).await;
    assert_eq!(names(&outcomes), ["pending"; 3]);
    for body in stage.bodies("POST", INVITE) {
        let user = &body["Users"][0];
        assert_eq!(user["GroupIds"], json!(["role-0002"]));
        assert_eq!(user["IdentityProviderId"], "idp-0001");
    }
    assert_eq!(
        (stage.calls("GET", "/roles"), stage.calls("GET", "/identity-providers")),
        (1, 1)
    );
}

#[tokio::test]
async fn a_name_that_does_not_mean_exactly_one_usable_thing_invites_nobody() {
    let appxite = appxite().await;
    let role = |id: &str| Role {
        id: id.into(),
        name: "Twice".into(),
        weight: 1,
    };
    let way = |id: &str| IdentityProvider {
        id: id.into(),
        name: "Twice".into(),
        prefix: String::new(),
        enabled: true,
    };
    let retired = IdentityProvider {
        name: "Retired IdP".into(),
        enabled: false,
        ..way("idp-0002")
    };
    appxite.set_roles(&[role("role-1"), role("role-2")]);
    appxite.set_identity_providers(&[way("idp-1"), way("idp-3"), retired]);
    for (members, field, problem) in [
        (json!({ "role": "Seller Admin" }), "role", "no role"),
        (json!({ "role": "Twice" }), "role", "several"),
        (
            json!({ "identity_provider": "Example IdP" }),
            "identity_provider",
            "no identity provider",
        ),
        (json!({ "identity_provider": "Twice" }), "identity_provider", "several"),
        (
            json!({ "identity_provider": "retired idp" }),
            "identity_provider",
            "disabled",
        ),
    ] {
        let stage = stage(&appxite, members);
        let outcomes = stage.provider.onboard(&stage.joiners(&["ada", "bo"])).await;
        assert_eq!(failures(&outcomes), [Some(ErrorKind::Misconfigured); 2]);
        let Outcome::Failed(error) = &outcomes[0] else {
            unreachable!();
        };
        let fault = &error.faults()[0];
        assert!(fault.path == field && fault.problem.contains(problem), "{error}");
        assert_eq!(stage.calls("POST", INVITE), 0);
    }
}

#[tokio::test]
async fn every_kind_of_yes_is_an_invitation() {
    let appxite = appxite().await;
    for status in [200, 201, 202, 204] {
        appxite.invite_status(status);
        let stage = Stage::on(&appxite);
        assert_eq!(
            invite(&stage, &format!("ada-{status}")).await.name(),
            "pending",
            "{status}"
        );
    }
}

/// Seven days and a moment are too many; what cannot be read is never too old, or somebody would get a mail each run.
#[tokio::test]
async fn an_expired_invitation_is_sent_anew_and_no_other() {
    let appxite = appxite().await;
    let stage = Stage::on(&appxite);
    for (days, date, expired) in [
        (0, None, false),
        (6, None, false),
        (8, None, true),
        (8, Some("2020-01-02T03:04:05Z"), true),
        (8, Some("2020-01-02T03:04:05.678+02:00"), true),
        (8, Some("2020-01-02 03:04:05"), true),
        (8, Some("02/01/2020"), false),
        (8, Some("a while ago"), false),
        (8, Some(""), false),
    ] {
        let what = format!("{days} days, {date:?}");
        stage.seed("ada", State::Invited);
        appxite.age_invitation("ada@example.test", days);
        appxite.set_created_date("ada@example.test", date);
        let mails = appxite.mails_sent("ada@example.test");
        let account = stage.accounts(&["ada"]).await.remove(0);
        let status = if expired { Status::Dormant } else { Status::Invited };
        assert_eq!(account.status, status, "{what}");
        let planned = Joiner {
            account: Some(account),
            ..stage.joiner("ada")
        };
        for joiner in [planned, stage.joiner("ada")] {
            let expected = if expired { "pending" } else { "unchanged" };
            stage.seed("ada", State::Invited);
            appxite.age_invitation("ada@example.test", days);
            appxite.set_created_date("ada@example.test", date);
            assert_eq!(names(&stage.provider.onboard(&[joiner]).await), [expected], "{what}");
        }
        let sent = appxite.mails_sent("ada@example.test") - mails;
        assert_eq!(sent, if expired { 2 } else { 0 }, "{what}");
    }
}

#[tokio::test]
async fn somebody_blocked_is_a_step_for_a_person_and_gets_no_mail() {
    let appxite = appxite().await;
    let stage = Stage::on(&appxite);
    stage.seed("ada", State::Dormant);
    let seen = stage.accounts(&["ada"]).await.remove(0);
    let planned = Joiner {
        account: Some(seen),
        ..stage.joiner("ada")
    };
    let outcomes = stage.provider.onboard(&[planned, stage.joiner("ada")]).await;
    for outcome in &outcomes {
        assert!(
            matches!(outcome, Outcome::Manual(step) if step.contains("nblock")),
            "{outcome:?}"
        );
    }
    assert_eq!(
        (appxite.mails_sent("ada@example.test"), stage.calls("POST", INVITE)),
        (0, 0)
    );
}

#[tokio::test]
async fn a_conflict_is_settled_by_another_look() {
    for (state, expected) in [
        (State::Active, "unchanged"),
        (State::Invited, "unchanged"),
        (State::Dormant, "manual"),
        (State::Gone, "failed"),
    ] {
        let appxite = appxite().await;
        appxite.bare_arrays(true); // so that a list without her does not miscount
        let stage = Stage::on(&appxite);
        stage.seed("ada", state);
        stage.inject("GET", "/users?", Fault::ShortPage, When::Once);
        stage.inject("POST", INVITE, Fault::Status(409), When::Once);
        assert_eq!(invite(&stage, "ada").await.name(), expected, "{state:?}");
        assert_eq!(stage.calls("POST", INVITE), 1);
    }
}

#[tokio::test]
async fn nobody_is_invited_when_the_list_cannot_be_read() {
    let appxite = appxite().await;
    let stage = Stage::on(&appxite);
    stage.inject("GET", "/users?", Fault::Status(503), When::Always);
    let outcomes = stage.provider.onboard(&stage.joiners(&["ada", "bo"])).await;
    assert_eq!(failures(&outcomes), [Some(ErrorKind::Unavailable); 2]);
    assert_eq!(stage.calls("POST", INVITE), 0);
}

#[tokio::test]
async fn everybody_gets_one_mail() {
    let appxite = appxite().await;
    let stage = Stage::on(&appxite);
    let people: Vec<String> = (0..25).map(|i| format!("p{i}")).collect();
    let joiners: Vec<_> = people.iter().map(|name| stage.joiner(name)).collect();
    for _ in 0..3 {
        stage.inject(
            "POST",
            INVITE,
            Fault::StatusWithRetryAfter(429, "0".to_owned()),
            When::Once,
        );
    }
    assert_eq!(names(&stage.provider.onboard(&joiners).await), ["pending"; 25]);
    for name in &people {
        assert_eq!(appxite.mails_sent(&format!("{name}@example.test")), 1);
    }
    for body in stage.bodies("POST", INVITE) {
        assert_eq!(body["Users"].as_array().unwrap().len(), 1, "one person per invitation");
    }
}
