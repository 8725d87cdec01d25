//! Providers in trouble: one stops none of the others, and nothing is decided about one that was not read.

use rehearsal::faults::{Fault, When};
use rehearsal::providers::{IDS, Seed, Simulator, State};
use serde_json::json;

use super::apply;
use crate::stage::{Stage, mail, told};

/// Each provider has Ada and Bob; Bob has left, and Cem is to join.
async fn stage(settings: &[(&str, &str)]) -> Stage {
    let stage = Stage::with(settings).await;
    stage.powens.allow_delete(false);
    stage.publish();
    for provider in ["bilanc", "blackbird", "appxite"] {
        stage.seed_all(provider, ["ada", "bob"]);
    }
    stage.seed("bilanc", "cem", State::Gone);
    for id in ["101", "102"] {
        stage.powens.seed(
            &Seed {
                id: Some(id.to_owned()),
                ..Seed::default()
            },
            State::Active,
        );
    }
    let row = |name: &str, status: &str, id: &str| format!("{},{status},{id}\n", mail(name));
    let rows = row("ada", "active", "101") + &row("bob", "left", "102") + &row("cem", "active", "");
    stage.directory(&format!("email,status,powens_id\n{rows}"));
    stage
}

/// What a provider comes to when nothing is wrong.
fn served(provider: &str) -> Vec<&'static str> {
    match provider {
        "bilanc" => vec![
            "bilanc applied 2",
            "  offboard bob known_leaver done",
            "  onboard cem done",
        ],
        "blackbird" => vec![
            "blackbird applied 2",
            "  offboard bob known_leaver done",
            "  onboard cem done",
        ],
        "appxite" => vec![
            "appxite applied 2",
            "  offboard bob known_leaver manual",
            "  onboard cem pending",
        ],
        _ => vec![
            "powens applied 2",
            "  offboard #102 known_leaver manual",
            "  skip cem unidentifiable",
        ],
    }
}

/// A run in which one provider is unreachable for this reason, and the others are served.
fn all_but(down: &str, kind: &str) -> Vec<String> {
    let mut lines = vec!["207 partial apply".to_owned()];
    for provider in IDS {
        match provider == down {
            true => lines.push(format!("{provider} unreachable {kind}")),
            false => lines.extend(served(provider).into_iter().map(str::to_owned)),
        }
    }
    lines
}

#[tokio::test]
async fn one_provider_in_any_trouble_leaves_the_others_served() {
    let troubles = [
        (Fault::Status(503), "Unavailable"),
        (Fault::Status(429), "Unavailable"),
        (Fault::CutBefore, "Unavailable"),
        (Fault::Hang, "Unavailable"),
        (Fault::Garbage, "Protocol"),
        (Fault::MissingField, "Protocol"),
        (Fault::Status(418), "Protocol"),
        (Fault::Status(401), "Credentials"),
        (Fault::Status(403), "Credentials"),
    ];
    for (number, (fault, kind)) in troubles.into_iter().enumerate() {
        let down = IDS[number % IDS.len()];
        let stage = stage(&[("CALL_TIMEOUT_MS", "1000")]).await;
        stage
            .simulator(down)
            .faults()
            .inject("GET", "/users", fault.clone(), When::Always);
        let reconcile = stage.start("reconcile").await;
        assert_eq!(
            told(&reconcile.order(&apply(&json!({}))).await),
            all_but(down, kind),
            "{down} {fault:?}"
        );
        assert!(
            stage.writes().iter().all(|call| !call.starts_with(down)),
            "{down} {fault:?}"
        );
    }
}

#[tokio::test]
async fn one_provider_without_a_usable_document_leaves_the_others_served() {
    for (number, document) in [None, Some(json!({"colour": "red"})), Some(json!([]))]
        .into_iter()
        .enumerate()
    {
        let down = IDS[number];
        let stage = stage(&[]).await;
        match &document {
            Some(document) => stage.document(down, document),
            None => stage.without_document(down),
        }
        let reconcile = stage.start("reconcile").await;
        assert_eq!(
            told(&reconcile.order(&apply(&json!({}))).await),
            all_but(down, "Misconfigured"),
            "{document:?}"
        );
        assert!(stage.calls().iter().all(|call| !call.starts_with(down)), "{document:?}");
    }
}

#[tokio::test]
async fn one_provider_with_a_dead_key_leaves_the_others_served() {
    for down in IDS {
        let stage = stage(&[]).await;
        stage.simulator(down).rotate_key();
        let reconcile = stage.start("reconcile").await;
        assert_eq!(
            told(&reconcile.order(&apply(&json!({}))).await),
            all_but(down, "Credentials"),
            "{down}"
        );
    }
}

#[tokio::test]
async fn a_key_that_rotates_between_two_runs_is_picked_up() {
    let stage = stage(&[]).await;
    let reconcile = stage.start("reconcile").await;
    assert_eq!(reconcile.order(&json!({})).await.status, 200);
    for simulator in stage.simulators() {
        simulator.rotate_key();
    }
    stage.publish();
    let mut expected = vec!["200 done apply"];
    expected.extend(IDS.into_iter().flat_map(served));
    assert_eq!(told(&reconcile.order(&apply(&json!({}))).await), expected);
    assert_eq!(stage.secrets.calls().len(), 2);
}

#[tokio::test]
async fn all_providers_down_is_502() {
    let stage = stage(&[]).await;
    for simulator in stage.simulators() {
        simulator.faults().inject("*", "/", Fault::Status(503), When::Always);
    }
    let reconcile = stage.start("reconcile").await;
    let mut expected = vec!["502 failed apply".to_owned()];
    expected.extend(IDS.map(|id| format!("{id} unreachable Unavailable")));
    assert_eq!(told(&reconcile.order(&apply(&json!({}))).await), expected);
    assert_eq!(reconcile.order(&json!({})).await.status, 502, "a preview as well");
}

#[tokio::test]
async fn trouble_that_passes_is_no_trouble() {
    let stage = stage(&[]).await;
    for simulator in stage.simulators() {
        simulator
            .faults()
            .inject("GET", "/users", Fault::Status(503), When::Once);
        simulator.faults().inject("GET", "/users", Fault::CutAfter, When::Once);
        simulator.faults().inject(
            "GET",
            "/users",
            Fault::StatusWithRetryAfter(429, "0".to_owned()),
            When::Once,
        );
    }
    stage.blackbird.expire_tokens();
    let reconcile = stage.start("reconcile").await;
    assert_eq!(told(&reconcile.order(&apply(&json!({}))).await)[0], "200 done apply");
}
