//! Bilanc's batches: how large they are, and what becomes of people in one that is refused.

use std::sync::Arc;

use rehearsal::faults::{Fault, When};
use rehearsal::providers::{Bilanc, Seed, Simulator, State};
use serde_json::{Value, json};
use shared::error::ErrorKind;
use shared::planning::plan::Joiner;

use super::{OFFBOARDED, ONBOARDED, joiner, stage};
use crate::contract::stage::{Stage, address, failures, names};

/// This many people with an address each, known and not yet on.
fn crowd(stage: &Stage, size: usize) -> Vec<Joiner> {
    let everybody = (0..size).map(|i| format!("p{i}@example.test"));
    let joiners = everybody.map(|email| {
        stage.simulator.seed(&Seed::with_email(&email), State::Gone);
        joiner([address(&email)])
    });
    joiners.collect()
}

/// The number of identifiers in each call to this path, with its status.
fn batches(stage: &Stage, path: &str) -> Vec<(usize, u16)> {
    let calls = stage.simulator.calls();
    let calls = calls.iter().filter(|call| call.method == "POST" && call.path == path);
    let size = |body: &Value| {
        body.as_object()
            .unwrap()
            .values()
            .map(|list| list.as_array().unwrap().len())
            .sum()
    };
    calls
        .map(|call| (size(&serde_json::from_slice(&call.body).unwrap()), call.status))
        .collect()
}

fn sizes(stage: &Stage, path: &str) -> Vec<usize> {
    batches(stage, path).into_iter().map(|(size, _)| size).collect()
}

#[tokio::test]
async fn batches_grow_up_to_the_most() {
    let (bilanc, stage) = stage().await;
    let joiners = crowd(&stage, 1000);
    assert_eq!(names(&stage.provider.onboard(&joiners).await), ["done"; 1000]);
    assert_eq!(sizes(&stage, ONBOARDED), [50, 100, 200, 400, 250]);
    let leavers = stage.provider.list().await.unwrap();
    assert_eq!(leavers.len(), 1000);
    assert_eq!(names(&stage.provider.offboard(&leavers).await), ["done"; 1000]);
    assert_eq!(sizes(&stage, OFFBOARDED), [400, 400, 200], "as was learned before");
    drop(stage);

    let mut document = bilanc.document();
    document["max_batch"] = json!(80);
    bilanc.clear_calls();
    let stage = Stage::with_document(&bilanc, document);
    assert_eq!(names(&stage.provider.onboard(&joiners[..300]).await), ["done"; 300]);
    assert_eq!(sizes(&stage, ONBOARDED), [50, 80, 80, 80, 10]);
}

#[tokio::test]
async fn batches_grow_too_while_nobody_in_them_is_known() {
    let (_bilanc, stage) = stage().await;
    let strangers: Vec<Joiner> = (0..1000)
        .map(|i| joiner([address(&format!("s{i}@example.test"))]))
        .collect();
    assert_eq!(names(&stage.provider.onboard(&strangers).await), ["not_found"; 1000]);
    assert_eq!(
        batches(&stage, ONBOARDED),
        [(50, 404), (100, 404), (200, 404), (400, 404), (250, 404)]
    );
}

#[tokio::test]
async fn a_person_is_never_split_over_two_batches() {
    let bilanc = Arc::new(Bilanc::start().await);
    let mut document = bilanc.document();
    document["max_batch"] = json!(3);
    let stage = Stage::with_document(&bilanc, document);
    let people: Vec<String> = (0..5).map(|i| format!("p{i}")).collect();
    for name in &people {
        stage.seed(name, State::Gone);
    }
    let joiners: Vec<_> = people.iter().map(|name| stage.joiner(name)).collect();
    assert_eq!(names(&stage.provider.onboard(&joiners).await), ["done"; 5]);
    assert_eq!(sizes(&stage, ONBOARDED), [2; 5], "an address and a login each");
}

#[tokio::test]
async fn a_batch_that_is_too_large_shrinks_until_it_fits() {
    let (bilanc, stage) = stage().await;
    bilanc.max_identifiers(20);
    let joiners = crowd(&stage, 450);
    assert_eq!(names(&stage.provider.onboard(&joiners).await), ["done"; 450]);
    let batches = batches(&stage, ONBOARDED);
    assert!(
        batches.iter().all(|(size, status)| (*size <= 20) == (*status == 200)),
        "{batches:?}"
    );
    assert!(batches.len() < 100, "{} calls for 450 people", batches.len());

    bilanc.max_identifiers(0);
    let outcomes = stage.provider.onboard(&joiners[..3]).await;
    assert_eq!(
        failures(&outcomes),
        [Some(ErrorKind::Protocol); 3],
        "not even one person fits"
    );
}

#[tokio::test]
async fn one_refused_person_is_found_by_halving() {
    let (_bilanc, stage) = stage().await;
    let joiners = crowd(&stage, 450);
    for bad in ["p0@example.test", "p333@example.test", "p449@example.test"] {
        stage.simulator.refuse(bad);
    }
    let outcomes = stage.provider.onboard(&joiners).await;
    for (i, outcome) in outcomes.iter().enumerate() {
        let expected = if [0, 333, 449].contains(&i) { "failed" } else { "done" };
        assert_eq!(outcome.name(), expected, "{i}");
    }
    let calls = stage.calls("POST", ONBOARDED);
    assert!(calls < 60, "{calls} calls");
}

#[tokio::test]
async fn throttling_halves() {
    let (_bilanc, stage) = stage().await;
    let joiners = crowd(&stage, 200);
    stage.inject(
        "POST",
        ONBOARDED,
        Fault::StatusWithRetryAfter(429, "0".to_owned()),
        When::Once,
    );
    assert_eq!(names(&stage.provider.onboard(&joiners).await), ["done"; 200]);
    assert_eq!(sizes(&stage, ONBOARDED), [50, 50, 25, 50, 75]);
}

#[tokio::test]
async fn a_batch_without_an_answer_is_tried_smaller_once() {
    let (_bilanc, stage) = stage().await;
    let joiners = crowd(&stage, 60);
    let impatient = stage.impatient();
    for _ in 0..4 {
        stage.inject("POST", ONBOARDED, Fault::Hang, When::Once);
    }
    assert_eq!(names(&impatient.onboard(&joiners).await), ["done"; 60]);
    assert_eq!(sizes(&stage, ONBOARDED), [50, 50, 50, 50, 25, 35]);

    stage.simulator.clear_calls();
    stage.inject("POST", ONBOARDED, Fault::CutBefore, When::Always);
    let outcomes = stage.provider.onboard(&joiners).await;
    assert_eq!(failures(&outcomes), [Some(ErrorKind::Unavailable); 60]);
    assert_eq!(sizes(&stage, ONBOARDED), [50, 50, 50, 50, 25, 25, 25, 25]);
}

#[tokio::test]
async fn a_long_wait_is_not_answered_by_a_smaller_batch() {
    let (_bilanc, stage) = stage().await;
    let joiners = crowd(&stage, 60);
    stage.inject(
        "POST",
        ONBOARDED,
        Fault::StatusWithRetryAfter(429, "3600".to_owned()),
        When::Always,
    );
    let outcomes = stage.provider.onboard(&joiners).await;
    assert_eq!(failures(&outcomes), [Some(ErrorKind::Unavailable); 60]);
    assert_eq!(sizes(&stage, ONBOARDED), [50]);
}

#[tokio::test]
async fn what_was_done_before_a_failure_stays_done() {
    let (_bilanc, stage) = stage().await;
    let joiners = crowd(&stage, 300);
    let fails = |status| stage.inject("POST", ONBOARDED, status, When::Once);
    fails(Fault::ExtraField); // the first batch is answered, the second forbidden
    fails(Fault::Status(403));
    let outcomes = stage.provider.onboard(&joiners).await;
    assert_eq!(names(&outcomes[..50]), ["done"; 50]);
    assert_eq!(failures(&outcomes[50..]), [Some(ErrorKind::Credentials); 250]);
    assert_eq!(stage.calls("POST", ONBOARDED), 2);
}
