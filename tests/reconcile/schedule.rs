//! A scheduled run has no reader: it ends in a report when all is well, and in an error that an alarm sees when not.

use rehearsal::faults::{Fault, When};
use rehearsal::providers::{Simulator, State};
use serde_json::{Value, json};

use crate::stage::{ANSWERED, Stage, crowd, csv, event, mail, report, told};

async fn stage() -> Stage {
    let stage = Stage::with(&[("PROVIDERS", "bilanc,blackbird")]).await;
    for provider in ["bilanc", "blackbird"] {
        stage.seed_all(provider, crowd("p", 12));
    }
    stage.directory(&csv(crowd("p", 12).iter().chain(&["new".to_owned()])));
    stage
}

#[tokio::test]
async fn a_run_that_goes_well_is_a_report() {
    let stage = stage().await;
    let reconcile = stage.start("reconcile").await;
    let expected = [
        "done apply",
        "bilanc applied 12",
        "  onboard new not_found",
        "blackbird applied 12",
        "  onboard new done",
    ];
    assert_eq!(report(ANSWERED, &reconcile.direct(&event("schedule")).await), expected);
    let preview = json!({"mode": "preview", "schedule": "nightly"});
    assert_eq!(reconcile.direct(&preview).await["status"], "done");
}

#[tokio::test]
async fn a_run_that_is_held_fails_as_held() {
    let stage = stage().await;
    stage.directory(&csv(crowd("p", 6)));
    let reconcile = stage.start("reconcile").await;
    let (error_type, message) = reconcile.failure(&event("schedule")).await;
    assert_eq!(error_type, "Held");
    for word in ["6 removals", "too_many_removals", "bilanc", "blackbird"] {
        assert!(message.contains(word), "{message}");
    }
    // Whoever previews looks at what would be held, and that is all well.
    let preview = json!({"mode": "preview", "schedule": "nightly"});
    assert_eq!(reconcile.direct(&preview).await["status"], "done");
    // The same order from somebody who reads the answer is answered.
    assert_eq!(reconcile.order(&event("schedule")).await.status, 409);
    assert_eq!(reconcile.direct(&json!({"mode": "apply"})).await["status"], "held");
}

#[tokio::test]
async fn a_run_that_finds_nobody_fails_as_what_is_wrong() {
    let stage = stage().await;
    for (fault, kind) in [
        (Fault::Status(503), "Unavailable"),
        (Fault::Status(401), "Credentials"),
        (Fault::Garbage, "Protocol"),
    ] {
        for simulator in stage.simulators() {
            simulator.faults().clear();
            simulator.faults().inject("GET", "/users", fault.clone(), When::Always);
        }
        let reconcile = stage.start("reconcile").await;
        assert_eq!(reconcile.failure(&event("schedule")).await.0, kind, "{fault:?}");
    }
}

#[tokio::test]
async fn a_run_that_is_done_in_part_fails_as_what_is_missing() {
    let stage = stage().await;
    let reconcile = stage.start("reconcile").await;
    // One provider is down.
    stage.bilanc.faults().inject("*", "/", Fault::Status(503), When::Always);
    let (error_type, message) = reconcile.failure(&event("schedule")).await;
    assert_eq!(error_type, "Unavailable");
    assert!(
        message.contains("bilanc") && !message.contains("blackbird"),
        "{message}"
    );
    assert_eq!(
        stage.state("blackbird", "new"),
        Some(State::Active),
        "the other was served"
    );

    // One change fails.
    stage.bilanc.faults().clear();
    stage.bilanc.refuse(&mail("new"));
    assert_eq!(reconcile.failure(&event("schedule")).await.0, "Protocol");
}

#[tokio::test]
async fn a_run_whose_effect_is_not_seen_fails_as_uncertain() {
    let stage = stage().await;
    stage.seed("bilanc", "new", State::Gone);
    stage
        .bilanc
        .faults()
        .inject("GET", "/users", Fault::ExtraField, When::Once);
    stage
        .bilanc
        .faults()
        .inject("GET", "/users", Fault::Status(503), When::Always);
    let reconcile = stage.start("reconcile").await;
    assert_eq!(reconcile.failure(&event("schedule")).await.0, "Uncertain");
}

#[tokio::test]
async fn a_run_without_a_roster_fails_as_what_is_wrong_with_it() {
    let stage = stage().await;
    let reconcile = stage.start("reconcile").await;
    let fails = async |kind: &str| assert_eq!(reconcile.failure(&event("schedule")).await.0, kind);
    stage.directory("email\n");
    fails("Held").await;
    stage.directory("email,status\nada.canary,active\n");
    fails("Protocol").await;
    stage.roster.faults().inject("*", "/", Fault::Status(503), When::Always);
    fails("Unavailable").await;
    stage.without_document("directory");
    let reconcile = stage.start("reconcile").await;
    assert_eq!(reconcile.failure(&event("schedule")).await.0, "Misconfigured");
    assert_eq!(stage.writes(), [""; 0]);
}

#[tokio::test]
async fn a_schedule_that_is_set_up_wrongly_fails_as_such() {
    let stage = stage().await;
    let reconcile = stage.start("reconcile").await;
    let wrong: [(Value, &str); 3] = [
        (json!({"mode": "destroy", "schedule": "nightly"}), "BadRequest"),
        (json!({"schedule": ""}), "BadRequest"),
        (json!({"schedule": "nightly", "pause": true}), "Misconfigured"),
    ];
    for (order, kind) in wrong {
        assert_eq!(reconcile.failure(&order).await.0, kind, "{order}");
    }
    let broken = stage.start_with("reconcile", &[("MAX_REMOVALS", "many")]).await;
    assert_eq!(broken.failure(&event("schedule")).await.0, "Misconfigured");
    assert!(broken.is_alive() && reconcile.is_alive());
    assert_eq!(told(&reconcile.order(&json!({})).await)[0], "200 done preview");
    assert_eq!(stage.writes(), [""; 0]);
}
