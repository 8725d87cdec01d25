//! What is made of what senders say: who left is offboarded, what changed is looked at, the rest is none of our business.

use rehearsal::faults::{Fault, When};
use rehearsal::host::{UrlAnswer, UrlRequest};
use rehearsal::providers::{Simulator, State};
use serde_json::{Value, json};

use super::{signed, stage};
use crate::stage::{LEDGER, Running, Stage, csv, mail, told};

async fn world(settings: &[(&str, &str)]) -> Stage {
    let stage = stage(settings).await;
    stage.seed_all("bilanc", ["lea", "max"]);
    stage.directory(&csv(["lea", "max"]));
    stage
}

async fn send(function: &Running, scheme: &str, event: &Value) -> UrlAnswer {
    function.request(signed(scheme, event.to_string().as_bytes())).await
}

fn okta(events: &[(&str, &str)]) -> UrlRequest {
    let event = |(kind, login): &(&str, &str)| {
        json!({"uuid": "u-1", "eventType": kind, "outcome": {"result": "SUCCESS"}, "target": [
            {"id": "g", "type": "UserGroup", "alternateId": "unknown"}, {"id": "00u1", "type": "User", "alternateId": login}]})
    };
    let events: Vec<Value> = events.iter().map(event).collect();
    UrlRequest::post("/okta", &json!({"data": {"events": events}})).header("authorization", "canary okta")
}

#[tokio::test]
async fn a_leaver_who_is_named_is_offboarded() {
    let bamboo = |status: &str| {
        json!({"employees": [{"id": "7", "action": "Updated", "changedFields": ["Status"],
            "fields": {"Status": {"value": status}, "Work Email": {"value": mail("lea")}}}]})
    };
    let events = [
        ("bamboohr", bamboo("Inactive")),
        (
            "merge",
            json!({"hook": {"event": "Employee.changed"}, "data": {"work_email": mail("lea"), "employment_status": "INACTIVE"}}),
        ),
        (
            "workos",
            json!({"event": "dsync.user.deleted", "data": {"email": mail("lea")}}),
        ),
        (
            "workos",
            json!({"event": "dsync.user.updated", "data": {"email": mail("lea"), "state": "inactive"}}),
        ),
    ];
    let gone = ["200 done apply", "bilanc applied 2", "  offboard lea named done"];
    for (sender, event) in events {
        let stage = world(&[]).await;
        let offboard = stage.start("offboard").await;
        assert_eq!(told(&send(&offboard, sender, &event).await), gone, "{sender}");
        assert_eq!(stage.state("bilanc", "max"), Some(State::Active));
    }
    for kind in ["user.lifecycle.deactivate", "user.lifecycle.delete.initiated"] {
        let stage = world(&[]).await;
        let offboard = stage.start("offboard").await;
        assert_eq!(
            told(&offboard.request(okta(&[(kind, &mail("lea"))])).await),
            gone,
            "{kind}"
        );
    }
}

#[tokio::test]
async fn what_says_that_something_changed_removes_nobody_by_itself() {
    let thin = [
        (
            "bamboohr",
            json!({"type": "employee.updated", "data": {"employeeId": "7", "changedFields": ["status"]}}),
        ),
        ("hibob", json!({"type": "employee.left", "data": {"employeeId": "7"}})),
        (
            "gusto",
            json!({"event_type": "employee.terminated", "entity_uuid": "u"}),
        ),
        (
            "finch",
            json!({"type": "employment.updated", "data": {"individual_id": "i"}}),
        ),
        (
            "deel",
            json!({"data": {"meta": {"event_type": "contract.terminated"}, "resource": []}}),
        ),
        (
            "merge",
            json!({"hook": {"event": "Employee.changed"}, "data": {"work_email": mail("lea"), "employment_status": "TERMINATED?"}}),
        ),
        (
            "workos",
            json!({"event": "dsync.user.updated", "data": {"email": mail("lea"), "state": "suspended"}}),
        ),
        (
            "github",
            json!({"action": "member_removed", "membership": {"user": {"login": "lea-canary"}}}),
        ),
    ];
    let stage = world(&[("RECONCILE_MODE", "apply")]).await;
    let before = stage.world();
    let (offboard, reconcile) = (stage.start("offboard").await, stage.start("reconcile").await);
    for (sender, event) in &thin {
        assert_eq!(
            send(&offboard, sender, event).await.status,
            501,
            "{sender}: reconcile's business"
        );
        assert_eq!(
            told(&send(&reconcile, sender, event).await),
            ["200 done apply", "bilanc applied 2"],
            "{sender}"
        );
    }
    assert_eq!(stage.world(), before);
    // The directory says that she left: now the same event takes effect.
    stage.directory(&csv(["lea", "max"]).replace(",lea,Canary,active", ",lea,Canary,left"));
    let left = ["200 done apply", "bilanc applied 2", "  offboard lea known_leaver done"];
    assert_eq!(told(&send(&reconcile, "hibob", &thin[1].1).await), left);
}

#[tokio::test]
async fn a_reconcile_that_an_event_starts_previews_unless_it_is_told_to_apply() {
    let stage = world(&[]).await;
    stage.directory(&csv(["lea", "max"]).replace(",lea,Canary,active", ",lea,Canary,left"));
    let reconcile = stage.start("reconcile").await;
    let answer = send(&reconcile, "hibob", &json!({"type": "employee.left"})).await;
    assert_eq!(
        told(&answer),
        [
            "200 done preview",
            "bilanc previewed 2",
            "  offboard lea known_leaver planned"
        ]
    );
}

#[tokio::test]
async fn a_powens_event_is_about_powens_alone() {
    let stage = world(&[("PROVIDERS", "bilanc,powens")]).await;
    let reconcile = stage.start("reconcile").await;
    let answer = send(&reconcile, "powens", &json!({"id": 42})).await;
    assert_eq!(told(&answer)[..2], ["200 done preview", "powens previewed 0"]);
    let offboard = stage.start("offboard").await;
    assert_eq!(
        send(&offboard, "powens", &json!({"id": 42})).await.json(),
        json!({"ignored": "powens"})
    );
}

#[tokio::test]
async fn what_is_authentic_and_uninteresting_is_ignored() {
    let stage = world(&[]).await;
    let offboard = stage.start("offboard").await;
    for (sender, event, kind) in [
        (
            "bamboohr",
            json!({"type": "employee.deleted", "data": {"employeeId": "7"}}),
            "employee.deleted",
        ),
        (
            "bamboohr",
            json!({"type": "employee.updated", "data": {"changedFields": ["nickname"]}}),
            "employee.updated",
        ),
        ("hibob", json!({"type": "employee.updated"}), "employee.updated"),
        ("gusto", json!({"event_type": "company.updated"}), "company.updated"),
        (
            "deel",
            json!({"data": {"meta": {"event_type": "contract.terminated", "is_simulation": true}}}),
            "contract.terminated",
        ),
        (
            "merge",
            json!({"hook": {"event": "TimeOff.changed"}, "data": {}}),
            "TimeOff.changed",
        ),
        (
            "workos",
            json!({"event": "connection.activated", "data": {}}),
            "connection.activated",
        ),
        (
            "github",
            json!({"action": "member_invited"}),
            "organization member_invited",
        ),
    ] {
        let answer = send(&offboard, sender, &event).await;
        assert_eq!(
            (answer.status, answer.json()),
            (200, json!({"ignored": kind})),
            "{sender}"
        );
    }
    let failed = json!({"data": {"events": [{"eventType": "user.lifecycle.deactivate", "outcome": {"result": "FAILURE"},
                        "target": [{"type": "User", "alternateId": mail("lea")}]}]}});
    let request = UrlRequest::post("/okta", &failed).header("authorization", "canary okta");
    assert_eq!(
        offboard.request(request).await.json(),
        json!({"ignored": "user.lifecycle.deactivate"})
    );
    assert_eq!(stage.calls(), [""; 0]);
}

#[tokio::test]
async fn okta_asks_once_and_hears_its_challenge() {
    let stage = world(&[]).await;
    let offboard = stage.start("offboard").await;
    let ask = || UrlRequest::get("/okta").header("x-okta-verification-challenge", "abc\"<");
    let answer = offboard.request(ask().header("authorization", "canary okta")).await;
    assert_eq!((answer.status, answer.json()), (200, json!({"verification": "abc\"<"})));
    assert_eq!(offboard.request(ask()).await.status, 401, "the secret comes first");
    let long = UrlRequest::get("/okta").header("x-okta-verification-challenge", &"a".repeat(300));
    assert_eq!(
        offboard
            .request(long.header("authorization", "canary okta"))
            .await
            .status,
        400
    );
    assert_eq!(offboard.request(UrlRequest::get("/hibob")).await.status, 401);
}

#[tokio::test]
async fn the_same_event_twice_has_one_effect() {
    let stage = world(&[LEDGER]).await;
    let offboard = stage.start("offboard").await;
    let event = [("user.lifecycle.deactivate", mail("lea"))];
    let event = event.each_ref().map(|(kind, login)| (*kind, login.as_str()));
    assert_eq!(offboard.request(okta(&event)).await.status, 200);
    stage.seed("bilanc", "lea", State::Active); // she is back, by hand
    let again = offboard.request(okta(&event)).await;
    assert_eq!(
        (again.status, again.json()),
        (200, json!({"ignored": "delivered before"}))
    );
    assert_eq!(stage.state("bilanc", "lea"), Some(State::Active));
    // One that failed is worked when it is sent again.
    let stage = world(&[LEDGER]).await;
    let offboard = stage.start("offboard").await;
    stage.bilanc.faults().inject("*", "/", Fault::Status(503), When::Always);
    assert_eq!(offboard.request(okta(&event)).await.status, 503, "send it again");
    stage.bilanc.faults().clear();
    assert_eq!(offboard.request(okta(&event)).await.status, 200);
    assert_eq!(stage.state("bilanc", "lea"), Some(State::Gone));
}

#[tokio::test]
async fn our_own_orders_may_come_in_an_envelope() {
    let stage = world(&[]).await;
    let offboard = stage.start("offboard").await;
    let order = json!({"email_addresses": [mail("lea")], "mode": "preview"});
    let shown = ["200 done preview", "bilanc previewed 2", "  offboard lea named planned"];
    for body in [
        order.clone(),
        json!({"type": "user.offboarded", "timestamp": "2026-11-20T09:00:00Z", "data": order}),
        json!({"specversion": "1.0", "id": "e-1", "source": "/hr", "type": "com.example.leaver", "data": order}),
    ] {
        assert_eq!(
            told(&send(&offboard, "standard_webhooks", &body).await),
            shown,
            "{body}"
        );
    }
    // Or in the headers of a CloudEvent, in binary mode.
    let binary = signed("standard_webhooks", order.to_string().as_bytes());
    let binary = binary
        .header("ce-specversion", "1.0")
        .header("ce-type", "com.example.leaver")
        .header("ce-id", "e-1");
    assert_eq!(told(&offboard.request(binary).await), shown);
    assert_eq!(
        send(&offboard, "standard_webhooks", &json!({"type": "x", "data": []}))
            .await
            .status,
        400
    );
}
