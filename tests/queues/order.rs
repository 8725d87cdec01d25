//! Orders that overtake each other: the one that was given last counts, in whatever order they are worked.

use rehearsal::faults::{Fault, When};
use rehearsal::providers::{Simulator, State};
use serde_json::{Value, json};

use super::{work_off, world};
use crate::stage::{Running, Stage, mail, told};

fn ada() -> Value {
    json!({"email_addresses": [mail("ada")], "providers": ["blackbird"]})
}

fn is_down(stage: &Stage) {
    stage
        .blackbird
        .faults()
        .inject("*", "/", Fault::Status(503), When::Always);
}

async fn functions(stage: &Stage) -> (Running, Running) {
    (stage.start("offboard").await, stage.start("onboard").await)
}

#[tokio::test]
async fn a_leaver_who_came_back_meanwhile_is_not_sent_away() {
    let stage = world().await;
    let (offboard, onboard) = functions(&stage).await;
    is_down(&stage);
    assert_eq!(told(&offboard.order(&ada()).await)[0], "202 queued apply");
    stage.blackbird.faults().clear();
    assert_eq!(onboard.order(&ada()).await.status, 200);
    work_off(&stage, "offboard", &offboard, 1).await;
    assert_eq!(
        stage.queues.waiting("offboard"),
        [] as [Value; 0],
        "there is nothing left to do"
    );
    assert_eq!(stage.state("blackbird", "ada"), Some(State::Active));
    // She is not kept out either, and an order of now sends her away.
    let reconcile = stage.start("reconcile").await;
    let lines = told(
        &reconcile
            .order(&json!({"mode": "apply", "providers": ["blackbird"]}))
            .await,
    );
    assert_eq!(lines, ["200 done apply", "blackbird applied 3"]);
    assert_eq!(offboard.order(&ada()).await.status, 200);
    assert_eq!(stage.state("blackbird", "ada"), Some(State::Dormant));
}

#[tokio::test]
async fn a_joiner_who_left_meanwhile_is_not_let_in() {
    let stage = world().await;
    stage.seed("blackbird", "ada", State::Dormant);
    let (offboard, onboard) = functions(&stage).await;
    is_down(&stage);
    assert_eq!(told(&onboard.order(&ada()).await)[0], "202 queued apply");
    stage.blackbird.faults().clear();
    assert_eq!(offboard.order(&ada()).await.status, 200);
    work_off(&stage, "onboard", &onboard, 1).await;
    assert_eq!(stage.queues.waiting("onboard"), [] as [Value; 0]);
    assert_eq!(stage.state("blackbird", "ada"), Some(State::Dormant));
    // The hold is still there.
    let reconcile = stage.start("reconcile").await;
    let lines = told(
        &reconcile
            .order(&json!({"mode": "apply", "providers": ["blackbird"]}))
            .await,
    );
    assert_eq!(lines[2], "  skip ada held");
}

#[tokio::test]
async fn both_from_the_queue_in_either_order_end_in_what_was_asked_for_last() {
    for (last, expected) in [("onboard", State::Active), ("offboard", State::Dormant)] {
        for first_worked in ["onboard", "offboard"] {
            let stage = world().await;
            let (offboard, onboard) = functions(&stage).await;
            let of = |name: &str| if name == "onboard" { &onboard } else { &offboard };
            let other = |name: &str| if name == "onboard" { "offboard" } else { "onboard" };
            is_down(&stage);
            for name in [other(last), last] {
                assert_eq!(told(&of(name).order(&ada()).await)[0], "202 queued apply");
            }
            stage.blackbird.faults().clear();
            for name in [first_worked, other(first_worked)] {
                work_off(&stage, name, of(name), 1).await;
                assert_eq!(stage.queues.waiting(name), [] as [Value; 0]);
            }
            let state = stage.state("blackbird", "ada");
            assert_eq!(
                state,
                Some(expected),
                "{last} came last, {first_worked} was worked first"
            );
        }
    }
}

#[tokio::test]
async fn whom_it_passes_over_stands_in_the_answer() {
    let stage = world().await;
    let (offboard, onboard) = functions(&stage).await;
    assert_eq!(onboard.order(&ada()).await.status, 200);
    // As it stood on a queue since before.
    let mut order = ada();
    order["_"] = json!({"by": "hr", "at": "2026-01-01T00:00:00Z"});
    stage.queues.put("offboard", &order.to_string());
    work_off(&stage, "offboard", &offboard, 1).await;
    assert_eq!(stage.state("blackbird", "ada"), Some(State::Active));
    let mut undated = ada();
    undated["_"] = json!({"by": "hr"});
    stage.queues.put("offboard", &undated.to_string());
    work_off(&stage, "offboard", &offboard, 1).await;
    assert_eq!(
        stage.state("blackbird", "ada"),
        Some(State::Dormant),
        "of no time means now"
    );
}
