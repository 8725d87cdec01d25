//! Whoever is down: what can be ended is ended, and what cannot is said.

use rehearsal::faults::{Fault, When};
use rehearsal::providers::{Simulator, State};
use serde_json::json;

use crate::stage::{Stage, csv, mail, person, told};

#[tokio::test]
async fn a_directory_that_is_down_or_wrong_stops_nothing() {
    let stage = Stage::with(&[("PROVIDERS", "blackbird"), ("CALL_TIMEOUT_MS", "500")]).await;
    let names = ["ada", "bob", "cem", "dan", "eve", "fay"];
    stage.seed_all("blackbird", names);
    stage.directory(&csv(names));
    let offboard = stage.start("offboard").await;
    let faults = [
        Fault::Status(503),
        Fault::Hang,
        Fault::CutBefore,
        Fault::Garbage,
        Fault::Status(404),
        Fault::Redirect("http://127.0.0.1:9/".to_owned()),
    ];
    for (name, fault) in names.into_iter().zip(faults) {
        stage.roster.faults().clear();
        stage
            .roster
            .faults()
            .inject("GET", "/roster.csv", fault.clone(), When::Always);
        let answer = offboard.order(&json!({"email_addresses": [mail(name)]})).await;
        let done = format!("  offboard {name} named done");
        assert_eq!(
            told(&answer),
            ["200 done apply", "blackbird applied 6", &done],
            "{fault:?}"
        );
    }
    assert_eq!(stage.present("blackbird"), 0);
}

#[tokio::test]
async fn a_directory_document_that_is_missing_or_wrong_stops_nothing() {
    let stage = Stage::with(&[("PROVIDERS", "blackbird")]).await;
    stage.seed_all("blackbird", ["ada", "bob", "cem"]);
    let documents = [
        None,
        Some(json!({"kind": "oracle"})),
        Some(json!({"kind": "roster_file", "url": "gopher://x"})),
    ];
    for (name, document) in ["ada", "bob", "cem"].into_iter().zip(documents) {
        if let Some(document) = &document {
            stage.document("directory", document);
        }
        let offboard = stage.start("offboard").await;
        let answer = offboard.order(&json!({"email_addresses": [mail(name)]})).await;
        assert_eq!(
            (answer.status, stage.state("blackbird", name)),
            (200, Some(State::Dormant)),
            "{document:?}"
        );
    }
}

#[tokio::test]
async fn one_provider_that_is_down_leaves_the_others_done() {
    let stage = Stage::with(&[("PROVIDERS", "bilanc,blackbird")]).await;
    for provider in ["bilanc", "blackbird"] {
        stage.seed_all(provider, ["ada", "bob"]);
    }
    stage.bilanc.faults().inject("*", "/", Fault::Status(503), When::Always);
    let offboard = stage.start("offboard").await;
    let order = json!({"email_addresses": [mail("ada")]});
    let expected = [
        "207 partial apply",
        "bilanc unreachable Unavailable",
        "blackbird applied 2",
        "  offboard ada named done",
    ];
    assert_eq!(told(&offboard.order(&order).await), expected);

    // The write fails where the read did not.
    stage.bilanc.faults().clear();
    stage
        .bilanc
        .faults()
        .inject("POST", "/", Fault::Status(503), When::Always);
    let expected = [
        "207 partial apply",
        "bilanc applied 2",
        "  offboard ada named failed Unavailable",
        "blackbird applied 2",
    ];
    assert_eq!(told(&offboard.order(&order).await), expected);
    stage.bilanc.faults().clear();
    assert_eq!(told(&offboard.order(&order).await)[0], "200 done apply");
    assert_eq!(stage.state("bilanc", "ada"), Some(State::Gone));
}

/// A leaver whose removal took effect although the answer was lost is not called a failure.
#[tokio::test]
async fn a_lost_answer_is_settled() {
    let stage = Stage::with(&[("PROVIDERS", "bilanc,blackbird")]).await;
    for provider in ["bilanc", "blackbird"] {
        stage.simulator(provider).seed(&person("ada"), State::Active);
        stage
            .simulator(provider)
            .faults()
            .inject("POST", "/users", Fault::CutAfter, When::Once);
        stage
            .simulator(provider)
            .faults()
            .inject("PUT", "/users", Fault::CutAfter, When::Once);
    }
    let offboard = stage.start("offboard").await;
    let answer = told(&offboard.order(&json!({"email_addresses": [mail("ada")]})).await);
    assert_eq!(answer[0], "200 done apply", "{answer:?}");
    assert_eq!((stage.present("bilanc"), stage.present("blackbird")), (0, 0));
}
