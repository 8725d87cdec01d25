//! When scheduling goes wrong: nothing is done before its time instead, and half of an order says which half.

use rehearsal::faults::{Fault, When};
use rehearsal::providers::State;
use serde_json::{Value, json};

use super::{LATER, PLACE, later, names, order, world};
use crate::offboard::queue::{batch, kept};
use crate::stage::{Stage, details, mail, refusal};

#[tokio::test]
async fn without_settings_an_order_for_later_is_refused_and_nothing_is_done() {
    let stage = Stage::with(&[("PROVIDERS", "blackbird")]).await;
    stage.seed_all("blackbird", ["ada"]);
    let offboard = stage.start("offboard").await;
    for asked in [later("ada", LATER), order("ada", json!({"cancel": true}))] {
        let (status, kind, message) = refusal(&offboard.order(&asked).await);
        assert_eq!((status, &*kind), (500, "Misconfigured"));
        for (name, _) in PLACE {
            assert!(message.contains(name), "{message}");
        }
    }
    assert_eq!(stage.state("blackbird", "ada"), Some(State::Active));
    assert_eq!((stage.calls().len(), stage.scheduler.calls().len()), (0, 0));
    let half = stage.start_with("offboard", &PLACE[..2]).await;
    let answer = half.order(&order("ada", json!({}))).await;
    assert_eq!(
        (answer.status, details(&answer.json())),
        (500, vec!["OFFBOARD_QUEUE_ARN".to_owned()])
    );
}

#[tokio::test]
async fn a_scheduler_that_does_not_schedule_is_an_error_and_nobody_leaves_early() {
    let stage = world().await;
    let offboard = stage.start("offboard").await;
    for (fault, kind) in [
        (Fault::Status(503), "Unavailable"),
        (Fault::Status(429), "Unavailable"),
        (Fault::CutBefore, "Unavailable"),
        (Fault::Status(409), "Unavailable"),
        (Fault::Status(400), "Misconfigured"),
        (Fault::Status(402), "Misconfigured"),
        (Fault::Status(403), "Misconfigured"),
        (Fault::Status(404), "Misconfigured"),
        (Fault::Status(418), "Protocol"),
    ] {
        stage
            .scheduler
            .faults()
            .inject("*", "/schedules/", fault.clone(), When::Always);
        let (status, said, message) = refusal(&offboard.order(&later("ada", LATER)).await);
        assert_eq!((&*said, status == 200), (kind, false), "{fault:?}: {message}");
        let cancelled = offboard.order(&order("ada", json!({"cancel": true}))).await;
        if fault == Fault::Status(404) {
            assert_eq!(cancelled.status, 200, "there is nothing to take back");
        } else {
            assert_eq!(refusal(&cancelled).1, kind, "{fault:?}");
        }
        stage.scheduler.faults().clear();
    }
    assert_eq!((names(&stage), stage.calls()), (Vec::new(), Vec::new()));
}

#[tokio::test]
async fn an_answer_that_is_lost_or_late_leaves_one_schedule() {
    let stage = world().await;
    let offboard = stage.start("offboard").await;
    for fault in [Fault::CutAfter, Fault::Status(500)] {
        stage
            .scheduler
            .faults()
            .inject("POST", "/schedules/", fault.clone(), When::Once);
        assert_eq!(offboard.order(&later("ada", LATER)).await.status, 202, "{fault:?}");
        assert_eq!(names(&stage).len(), 1);
        stage
            .scheduler
            .faults()
            .inject("DELETE", "/schedules/", fault, When::Once);
        assert_eq!(offboard.order(&order("ada", json!({"cancel": true}))).await.status, 200);
        assert_eq!(names(&stage).len(), 0);
    }
}

/// Orders and sends it again: half of it is made, the other half refused once.
#[tokio::test]
async fn half_an_order_says_which_half_and_may_be_sent_again() {
    let stage = world().await;
    let offboard = stage.start("offboard").await;
    let alone = offboard.order(&later("bob", LATER)).await.json();
    let of_bob = alone["schedules"][0]["name"].as_str().unwrap();
    offboard.order(&order("bob", json!({"cancel": true}))).await;
    let asked = json!({"email_addresses": [mail("ada"), mail("bob"), mail("cy")], "effective_at": LATER});
    stage
        .scheduler
        .faults()
        .inject("POST", of_bob, Fault::Status(503), When::Always);
    let half = offboard.order(&asked).await;
    let json = half.json();
    assert_eq!((half.status, &json["status"]), (207, &json!("partial")));
    let scheduled: Vec<&Value> = json["schedules"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| &one["who"]["email"])
        .collect();
    assert_eq!(scheduled, [&json!(mail("ada")), &json!(mail("cy"))]);
    assert_eq!(json["failed"][0]["who"]["email"], mail("bob"));
    assert_eq!(json["failed"][0]["error"]["kind"], "Unavailable");
    assert_eq!(names(&stage).len(), 2);
    // An order for later may come from the queue too; what is not finished stays there.
    let mut message = asked.clone();
    message["_"] = json!({"by": "hr"});
    assert_eq!(kept(&offboard.direct(&batch(&[message.to_string()])).await), ["m0"]);
    stage.scheduler.faults().clear();
    let whole = offboard.order(&asked).await;
    assert_eq!((whole.status, whole.json()["failed"].clone()), (202, json!([])));
    assert_eq!(names(&stage).len(), 3);
    assert_eq!(kept(&offboard.direct(&batch(&[message.to_string()])).await), [""; 0]);
    assert_eq!(names(&stage).len(), 3);
    assert_eq!(stage.calls(), [""; 0]);
}

#[tokio::test]
async fn an_order_that_no_schedule_can_hold_is_the_callers() {
    let stage = world().await;
    let offboard = stage.start("offboard").await;
    let reason = "x".repeat(300_000);
    let answer = offboard
        .order(&order("ada", json!({"effective_at": LATER, "reason": reason})))
        .await;
    assert_eq!(refusal(&answer).1, "BadRequest");
    assert_eq!(stage.scheduler.calls().len(), 0);
}
