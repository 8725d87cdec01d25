//! What others send is put on a queue, answered at once, and worked from there.

use rehearsal::faults::{Fault, When};
use rehearsal::host::UrlRequest;
use rehearsal::providers::{Simulator, State};
use rehearsal::queues::MOST_RECEIVES;
use serde_json::{Value, json};

use super::{event, inactive, is_gone, queued, work_off, world};
use crate::stage::{mail, report, told};

#[tokio::test]
async fn an_event_is_answered_before_anything_is_done_about_it() {
    let stage = world().await;
    let offboard = stage.start("offboard").await;
    let answer = offboard.request(inactive("ada")).await;
    assert_eq!(queued(&answer), (202, json!("queued")));
    assert_eq!(stage.calls(), [""; 0]);
    let waiting = stage.queues.waiting("offboard");
    assert_eq!(waiting.len(), 1);
    assert_eq!(waiting[0]["people"], json!([{"email": mail("ada")}]));
    assert_eq!(waiting[0]["_"]["by"], "merge");
    work_off(&stage, "offboard", &offboard, 1).await;
    assert!(is_gone(&stage, "ada") && stage.queues.waiting("offboard").is_empty());
    let list = stage.start("list").await;
    assert_eq!(
        list.ask("/?view=history").await.json()["history"][0]["by"],
        "merge",
        "on whose order"
    );
}

#[tokio::test]
async fn the_same_event_twice_has_one_effect() {
    let stage = world().await;
    let offboard = stage.start("offboard").await;
    offboard.request(inactive("ada")).await;
    work_off(&stage, "offboard", &offboard, 1).await;
    // She comes back, and an old event is sent once more.
    stage.seed("bilanc", "ada", State::Active);
    offboard.request(inactive("ada")).await;
    work_off(&stage, "offboard", &offboard, 1).await;
    assert_eq!(stage.queues.waiting("offboard"), [] as [Value; 0]);
    assert_eq!(stage.state("bilanc", "ada"), Some(State::Active));
}

#[tokio::test]
async fn what_github_sends_twice_with_other_ids_are_two_events() {
    let stage = world().await;
    let reconcile = stage.start("reconcile").await;
    let removed = |delivery: &str| {
        let body = json!({"action": "member_removed", "membership": {"user": {"login": "ada-canary"}}});
        event("github", &body).header("x-github-delivery", delivery)
    };
    let mut reads = Vec::new();
    for delivery in ["d-1", "d-1", "d-2"] {
        stage.clear_calls();
        assert_eq!(
            queued(&reconcile.request(removed(delivery)).await),
            (202, json!("queued"))
        );
        work_off(&stage, "reconcile", &reconcile, 1).await;
        reads.push(stage.calls().is_empty());
    }
    assert_eq!(reads, [false, true, false]);
}

#[tokio::test]
async fn one_of_our_own_orders_that_is_delivered_twice_is_worked_once() {
    let stage = world().await;
    let offboard = stage.start("offboard").await;
    let order = json!({"email_addresses": [mail("ada")]});
    let first = offboard.request(event("standard_webhooks", &order)).await;
    assert_eq!(told(&first)[0], "200 done apply", "worked in the request");
    let again = offboard.request(event("standard_webhooks", &order)).await;
    assert_eq!(again.json(), json!({"ignored": "delivered before"}));
}

#[tokio::test]
async fn a_malformed_event_and_an_uninteresting_one_are_not_put_on_the_queue() {
    let stage = world().await;
    let offboard = stage.start("offboard").await;
    let wrong = json!({"hook": {"event": "Employee.changed"}, "data": {"work_email": "nobody", "employment_status": "INACTIVE"}});
    assert_eq!(offboard.request(event("merge", &wrong)).await.status, 400);
    let other = json!({"hook": {"event": "Company.changed"}, "data": {}});
    assert_eq!(
        offboard.request(event("merge", &other)).await.json(),
        json!({"ignored": "Company.changed"})
    );
    assert_eq!(stage.queues.calls().len(), 0);
}

#[tokio::test]
async fn a_powens_event_is_worked_for_powens_alone() {
    let stage = world().await;
    let reconcile = stage.start_with("reconcile", &[("PROVIDERS", "bilanc,powens")]).await;
    let request = event("powens", &json!({"id_user": 7}));
    assert_eq!(queued(&reconcile.request(request).await), (202, json!("queued")));
    assert_eq!(stage.queues.waiting("reconcile")[0]["providers"], json!(["powens"]));
}

#[tokio::test]
async fn with_the_queue_down_the_event_is_worked_at_once() {
    let stage = world().await;
    let offboard = stage.start("offboard").await;
    for fault in [Fault::Status(503), Fault::Status(403)] {
        stage.queues.faults().clear();
        stage.queues.faults().inject("*", "/", fault, When::Always);
        let name = if stage.state("bilanc", "ada") == Some(State::Active) {
            "ada"
        } else {
            "bob"
        };
        let answer = offboard.request(inactive(name)).await;
        assert_eq!(told(&answer)[0], "200 done apply");
        assert!(is_gone(&stage, name));
    }
    // What cannot be finished then is sent again by the sender, who does so after a 5xx only.
    stage.bilanc.faults().inject("*", "/", Fault::Status(503), When::Always);
    let answer = offboard.request(inactive("cy")).await;
    assert_eq!(
        (answer.status, answer.json()["status"].clone()),
        (503, json!("partial"))
    );
}

#[tokio::test]
async fn without_the_other_functions_queue_the_sender_is_told_where_to_send_it() {
    let stage = world().await;
    let offboard = stage.start_with("offboard", &[("RECONCILE_QUEUE_URL", "")]).await;
    let changed = json!({"type": "employee.joined", "data": {"employeeId": "71"}});
    let answer = offboard.request(event("hibob", &changed)).await;
    assert_eq!(answer.status, 501);
    assert!(answer.text().contains("the URL of reconcile"), "{}", answer.text());
}

#[tokio::test]
async fn what_can_never_be_worked_ends_among_the_dead_letters_and_its_neighbours_do_not() {
    let stage = world().await;
    let offboard = stage.start("offboard").await;
    stage.queues.put("offboard", "not JSON");
    stage.queues.put(
        "offboard",
        &json!({"email_addresses": [mail("ada")], "_": 7}).to_string(),
    );
    offboard.request(inactive("bob")).await;
    work_off(&stage, "offboard", &offboard, MOST_RECEIVES).await;
    assert!(is_gone(&stage, "bob") && !is_gone(&stage, "ada"));
    assert_eq!(stage.queues.dead("offboard"), [""; 0]);
    work_off(&stage, "offboard", &offboard, 1).await;
    assert_eq!(stage.queues.dead("offboard").len(), 2);
}

#[tokio::test]
async fn events_out_of_order_end_in_the_right_state() {
    let stage = world().await;
    let (offboard, onboard) = (stage.start("offboard").await, stage.start("onboard").await);
    // The leaver's event waits while she is brought back: what came last counts, and she may be let go again.
    offboard.request(inactive("ada")).await;
    work_off(&stage, "offboard", &offboard, 1).await;
    let back = onboard.order(&json!({"email_addresses": [mail("ada")]})).await;
    assert_eq!(back.status, 200, "{}", back.text());
    assert_eq!(stage.state("blackbird", "ada"), Some(State::Active));
    offboard.request(inactive("ada")).await;
    work_off(&stage, "offboard", &offboard, 1).await;
    assert_eq!(
        stage.state("blackbird", "ada"),
        Some(State::Active),
        "the old event, delivered once more"
    );
}

#[tokio::test]
async fn a_batch_is_reported_in_full_and_a_request_needs_no_queue() {
    let stage = world().await;
    let offboard = stage.start_with("offboard", &[("OFFBOARD_QUEUE_URL", "")]).await;
    let answer = offboard.request(inactive("ada")).await;
    let lines = report(answer.status, &answer.json());
    assert_eq!(lines[0], "200 done apply");
    assert_eq!(stage.queues.calls().len(), 0);
    let nobody = offboard.request(UrlRequest::post("/merge", &json!({}))).await;
    assert_eq!(nobody.status, 401);
}
