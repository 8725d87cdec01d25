//! Whom an event names, by an address or by an id that only the directory knows.

use rehearsal::faults::{Fault, When};
use rehearsal::host::UrlRequest;
use rehearsal::providers::State;
use serde_json::{Value, json};

use super::{directory, event, event_of, is_gone, queued, work_off, world};
use crate::stage::{TOKEN, mail};

fn left(id: &str) -> Value {
    json!({"companyId": 4242, "type": "employee.left", "triggeredAt": "2026-11-20T00:00:00.000001", "data": {"employeeId": id}})
}

fn lifecycle(subject: &Value) -> UrlRequest {
    let body = json!({"data": {"subject": subject, "task": {"displayName": "Offboard SaaS"}, "workflow": {"displayName": "Leavers"}},
                      "source": "sample", "type": "lifecycleEvent"});
    UrlRequest::post("/hr", &body).bearer(TOKEN)
}

#[tokio::test]
async fn an_id_is_resolved_through_the_directory() {
    let stage = world().await;
    let offboard = stage.start("offboard").await;
    assert_eq!(
        queued(&offboard.request(event("hibob", &left("72"))).await),
        (202, json!("queued"))
    );
    work_off(&stage, "offboard", &offboard, 1).await;
    assert!(is_gone(&stage, "bob"));
    assert_eq!(stage.present("bilanc"), 2, "and nobody else");
    assert_eq!(stage.queues.waiting("reconcile"), [] as [Value; 0]);
}

#[tokio::test]
async fn an_id_that_nobody_knows_becomes_a_look_at_the_directory() {
    let stage = world().await;
    let (offboard, before) = (stage.start("offboard").await, stage.world());
    for (caller, id) in [("hibob", "99"), ("appxite", "71")] {
        // The second calls itself like a provider: its ids are not taken for that provider's.
        let answer = offboard.request(event_of(caller, "hibob", &left(id))).await;
        assert_eq!(queued(&answer), (202, json!("queued")));
        work_off(&stage, "offboard", &offboard, 1).await;
        assert_eq!(stage.queues.waiting("offboard"), [] as [Value; 0]);
        let look = stage.queues.waiting("reconcile").pop().unwrap();
        assert_eq!((&look["mode"], &look["_"]["by"]), (&json!("preview"), &json!(caller)));
        assert_eq!(look.get("people"), None);
    }
    assert_eq!(stage.world(), before);
    let reconcile = stage.start_with("reconcile", &[("RECONCILE_MODE", "apply")]).await;
    stage.directory(&directory("cy"));
    work_off(&stage, "reconcile", &reconcile, 1).await;
    assert_eq!(stage.world(), before, "it was asked to preview");
    reconcile.request(event("hibob", &left("99"))).await;
    work_off(&stage, "reconcile", &reconcile, 1).await;
    assert!(is_gone(&stage, "cy"), "the directory says so");
}

#[tokio::test]
async fn while_the_directory_is_down_an_id_waits() {
    let stage = world().await;
    let offboard = stage.start("offboard").await;
    stage.roster.faults().inject("*", "/", Fault::Status(503), When::Always);
    offboard.request(event("hibob", &left("73"))).await;
    work_off(&stage, "offboard", &offboard, 3).await;
    assert_eq!(stage.queues.waiting("offboard").len(), 1);
    assert_eq!(stage.queues.waiting("reconcile"), [] as [Value; 0]);
    stage.roster.faults().clear();
    work_off(&stage, "offboard", &offboard, 1).await;
    assert!(is_gone(&stage, "cy"));
}

#[tokio::test]
async fn a_caller_of_our_own_is_told_whom_nobody_knows() {
    let stage = world().await;
    let offboard = stage.start("offboard").await;
    let order = json!({"people": [{"ids": {"hibob": "99"}}], "email_addresses": [mail("ada")]});
    let answer = offboard.order(&order).await;
    assert_eq!((answer.status, &answer.json()["status"]), (207, &json!("partial")));
    assert_eq!(
        answer.json()["unknown"],
        json!([{"who": {"id": "99"}, "error": {"kind": "BadRequest", "message": "the directory knows nobody by this id"}}])
    );
    assert!(is_gone(&stage, "ada"));
    assert_eq!(stage.queues.waiting("reconcile"), [] as [Value; 0]);
}

#[tokio::test]
async fn a_lifecycle_workflow_of_entra_names_one_person_and_the_url_says_what_to_do() {
    let stage = world().await;
    let (offboard, onboard) = (stage.start("offboard").await, stage.start("onboard").await);
    stage.seed("blackbird", "dan", State::Dormant);
    let ada = json!({"id": "7f0c", "email": mail("ada"), "userPrincipalName": "ada@corp.example"});
    let bob = json!({"id": "7f0d", "userPrincipalName": mail("bob")});
    for subject in [&ada, &bob] {
        assert_eq!(
            queued(&offboard.request(lifecycle(subject)).await),
            (202, json!("queued"))
        );
    }
    let dan = json!({"id": "7f0e", "email": mail("dan")});
    assert_eq!(queued(&onboard.request(lifecycle(&dan)).await), (202, json!("queued")));
    work_off(&stage, "offboard", &offboard, 1).await;
    work_off(&stage, "onboard", &onboard, 1).await;
    assert!(is_gone(&stage, "ada") && is_gone(&stage, "bob") && !is_gone(&stage, "cy"));
    assert_eq!(stage.state("blackbird", "dan"), Some(State::Active));
    assert_eq!(offboard.request(lifecycle(&json!({"email": null}))).await.status, 400);
}

#[tokio::test]
async fn an_employment_that_ended_at_personio_is_resolved_or_looked_at() {
    let stage = world().await;
    let offboard = stage.start("offboard").await;
    let ended = |event: &str, id: &str| {
        let body = json!({"company_id": "42", "event_name": event, "occurred_at": "2026-11-20T00:00:00Z",
                          "payload": {"id": "e-1", "person": {"id": id}}, "meta": {}});
        UrlRequest::post("/hr", &body).bearer(TOKEN)
    };
    stage.directory(&directory("").replace("hibob_id", "hr_id"));
    for request in [ended("employment.terminated", "71"), ended("person.updated", "72")] {
        assert_eq!(queued(&offboard.request(request).await), (202, json!("queued")));
    }
    work_off(&stage, "offboard", &offboard, 1).await;
    assert!(is_gone(&stage, "ada") && !is_gone(&stage, "bob"));
    assert_eq!(
        stage.queues.waiting("reconcile").len(),
        1,
        "of the other it says only that something changed"
    );
}
