//! Answers that are lost on the way back: the second look tells what happened, and nothing is done twice.

use rehearsal::faults::{Fault, When};
use rehearsal::providers::{Simulator, State};
use serde_json::json;

use crate::stage::{Stage, mail, told};

#[tokio::test]
async fn a_lost_answer_from_blackbird_is_settled_by_the_second_look() {
    let stage = Stage::with(&[("PROVIDERS", "blackbird")]).await;
    stage
        .blackbird
        .faults()
        .inject("POST", "/admin/admin/users", Fault::CutAfter, When::Once);
    let onboard = stage.start("onboard").await;
    let answer = onboard.order(&json!({"email_addresses": [mail("ada")]})).await;
    assert_eq!(
        told(&answer),
        ["200 done apply", "blackbird applied 0", "  onboard ada done"]
    );
    assert_eq!(stage.blackbird.people().len(), 1);
    assert_eq!(stage.blackbird.mails_sent(&mail("ada")), 1);
    assert_eq!(
        stage.writes(),
        ["blackbird POST /admin/admin/users"],
        "the create is not sent again"
    );
}

#[tokio::test]
async fn a_lost_answer_from_appxite_sends_one_mail() {
    let stage = Stage::with(&[("PROVIDERS", "appxite")]).await;
    stage
        .appxite
        .faults()
        .inject("POST", "/users/invite", Fault::CutAfter, When::Once);
    let onboard = stage.start("onboard").await;
    let order = json!({"email_addresses": [mail("ada")]});
    // Invited is all that was asked for, and still has to be accepted.
    assert_eq!(
        told(&onboard.order(&order).await),
        ["200 done apply", "appxite applied 0", "  onboard ada pending"]
    );
    assert_eq!(
        told(&onboard.order(&order).await),
        ["200 done apply", "appxite applied 1"]
    );
    assert_eq!(stage.appxite.mails_sent(&mail("ada")), 1);
    assert_eq!(stage.state("appxite", "ada"), Some(State::Invited));
}

/// The create went out, nothing came of it: the second look says so, and the next order tries again.
#[tokio::test]
async fn a_write_that_was_lost_on_the_way_there_is_uncertain_and_not_resent() {
    let stage = Stage::with(&[("PROVIDERS", "blackbird")]).await;
    stage
        .blackbird
        .faults()
        .inject("POST", "/admin/admin/users", Fault::CutBefore, When::Once);
    let onboard = stage.start("onboard").await;
    let order = json!({"email_addresses": [mail("ada")]});
    let expected = [
        "207 partial apply",
        "blackbird applied 0",
        "  onboard ada failed Uncertain",
    ];
    assert_eq!(told(&onboard.order(&order).await), expected);
    assert_eq!(stage.writes(), ["blackbird POST /admin/admin/users"]);
    assert_eq!(
        told(&onboard.order(&order).await),
        ["200 done apply", "blackbird applied 0", "  onboard ada done"]
    );
}

/// A 200 is not proof: where the second look fails, what was done is not called settled.
#[tokio::test]
async fn what_cannot_be_seen_afterwards_is_unsettled() {
    let stage = Stage::with(&[("PROVIDERS", "bilanc")]).await;
    stage.seed("bilanc", "ada", State::Gone);
    // The first look is well, every further one is not.
    stage
        .bilanc
        .faults()
        .inject("GET", "/users", Fault::ExtraField, When::Once);
    stage
        .bilanc
        .faults()
        .inject("GET", "/users", Fault::Status(503), When::Always);
    let onboard = stage.start("onboard").await;
    let answer = onboard.order(&json!({"email_addresses": [mail("ada")]})).await;
    let expected = [
        "207 partial apply",
        "bilanc applied 0",
        "  onboard ada done",
        "  unsettled onboard ada",
    ];
    assert_eq!(told(&answer), expected);
}
