//! Leavers of a later day: scheduled for each person and caller, replaced, taken back, and worked when their time has come.
//!
//! Their times are far ahead, so that no test is ever too late: the summer time of 2083 begins and ends on the days of 2027.

mod names;
mod times;
mod trouble;

use jiff::Timestamp;
use rehearsal::faults::{Fault, When};
use rehearsal::host::{UrlAnswer, UrlRequest};
use rehearsal::providers::State;
use rehearsal::scheduler::GROUP;
use serde_json::{Value, json};

use super::queue::{batch, kept};
use crate::stage::{LEDGER, PAYROLL_KEY, Running, Stage, mail};

const ROLE: &str = "arn:aws:iam::123456789012:role/rollcall-leavers";
const QUEUE: &str = "arn:aws:sqs:eu-west-1:123456789012:rollcall-offboard";

/// What a function needs to schedule.
const PLACE: [(&str, &str); 3] = [
    ("SCHEDULE_GROUP", GROUP),
    ("SCHEDULE_ROLE_ARN", ROLE),
    ("OFFBOARD_QUEUE_ARN", QUEUE),
];

const LATER: &str = "2083-12-31T18:00:00Z";

async fn world() -> Stage {
    let stage = Stage::with(&[&PLACE[..], &[("PROVIDERS", "bilanc,blackbird"), LEDGER]].concat()).await;
    for id in ["bilanc", "blackbird"] {
        stage.seed_all(id, ["ada", "bob", "cy"]);
    }
    stage
}

/// An order about the person of this name, with more fields.
fn order(name: &str, more: Value) -> Value {
    let mut order = json!({"email_addresses": [mail(name)]});
    order.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    order
}

fn later(name: &str, time: &str) -> Value {
    order(name, json!({"effective_at": time}))
}

/// Sends an order as another caller.
async fn by_payroll(offboard: &Running, order: &Value) -> UrlAnswer {
    let request = UrlRequest::post("/payroll", order).header("x-payroll-key", PAYROLL_KEY);
    offboard.request(request).await
}

/// When the schedules run, by what the scheduler was told.
fn expressions(stage: &Stage) -> Vec<String> {
    let schedules = stage.scheduler.schedules();
    let mut times: Vec<String> = schedules
        .iter()
        .map(|(_, body)| body["ScheduleExpression"].as_str().unwrap().to_owned())
        .collect();
    times.sort();
    times
}

fn names(stage: &Stage) -> Vec<String> {
    stage.scheduler.schedules().into_iter().map(|(name, _)| name).collect()
}

fn moment(text: &str) -> Timestamp {
    text.parse().unwrap()
}

#[tokio::test]
async fn somebody_who_leaves_later_is_scheduled_and_leaves_when_it_is_time() {
    let stage = world().await;
    let offboard = stage.start("offboard").await;
    let person =
        json!({"email": mail("ada"), "github_username": "ada-canary", "first_name": "Ada", "ids": {"powens": "101"}});
    let asked = json!({"people": [person], "providers": ["blackbird"], "reason": "HR-123", "consent": ["0a"], "effective_at": LATER});
    let answer = offboard.order(&asked).await;
    let names = names(&stage);
    let [name] = &names[..] else {
        panic!("not one schedule: {names:?}");
    };
    assert_eq!(answer.status, 202);
    let json = answer.json();
    assert!(json["request_id"].is_string());
    let who = json!({"email": mail("ada"), "github_username": "ada-canary"});
    for (field, value) in [
        ("function", json!("offboard")),
        ("mode", json!("apply")),
        ("status", json!("scheduled")),
        ("schedules", json!([{"name": name, "at": LATER, "who": who}])),
        ("cancelled", json!([])),
        ("failed", json!([])),
        ("providers", json!([])),
    ] {
        assert_eq!(json[field], value, "{field}");
    }
    assert!(
        name.starts_with("leaver-") && name.len() <= 64 && !name.contains("ada"),
        "{name}"
    );
    assert_eq!(stage.calls(), [""; 0], "nobody is asked before it is time");

    let (_, sent) = stage.scheduler.schedules().remove(0);
    for (field, value) in [
        ("ScheduleExpression", json!("at(2083-12-31T18:00:00)")),
        ("ScheduleExpressionTimezone", json!("UTC")),
        ("FlexibleTimeWindow", json!({"Mode": "OFF"})),
        ("ActionAfterCompletion", json!("DELETE")),
        ("State", json!("ENABLED")),
        ("GroupName", json!(GROUP)),
    ] {
        assert_eq!(sent[field], value, "{field}");
    }
    assert_eq!(
        (&sent["Target"]["Arn"], &sent["Target"]["RoleArn"]),
        (&json!(QUEUE), &json!(ROLE))
    );

    assert_eq!(stage.scheduler.due(moment("2083-12-31T17:59:59Z")), [""; 0]);
    let due = stage.scheduler.due(moment(LATER));
    let message: Value = serde_json::from_str(&due[0]).unwrap();
    let whole = json!({"providers": ["blackbird"], "reason": "HR-123", "consent": ["0a"], "people": [person], "_": {"by": "hr"}});
    assert_eq!(message, whole, "the order for that person, and no time");
    assert_eq!(kept(&offboard.direct(&batch(&due)).await), [""; 0]);
    assert_ne!(stage.state("blackbird", "ada"), Some(State::Active));
    assert_eq!(
        stage.state("bilanc", "ada"),
        Some(State::Active),
        "the order named one provider"
    );
    assert_eq!(stage.scheduler.schedules().len(), 0);
    let history = stage.start("list").await.ask("/?view=history").await.json();
    assert_eq!(
        history["history"][0]["by"], "hr",
        "on the order of whoever scheduled it"
    );
}

#[tokio::test]
async fn an_order_that_names_no_provider_means_those_that_are_on_when_it_is_time() {
    let stage = world().await;
    let offboard = stage.start("offboard").await;
    assert_eq!(offboard.order(&later("ada", LATER)).await.status, 202);
    let due = stage.scheduler.due(moment(LATER));
    let message: Value = serde_json::from_str(&due[0]).unwrap();
    assert_eq!(message, json!({"people": [{"email": mail("ada")}], "_": {"by": "hr"}}));
    assert_eq!(kept(&offboard.direct(&batch(&due)).await), [""; 0]);
    for id in ["bilanc", "blackbird"] {
        assert_ne!(stage.state(id, "ada"), Some(State::Active), "{id}");
        assert_eq!(stage.state(id, "bob"), Some(State::Active), "{id}");
    }
}

#[tokio::test]
async fn the_same_caller_replaces_a_schedule_and_another_caller_does_not() {
    let stage = world().await;
    let offboard = stage.start("offboard").await;
    let first = offboard.order(&later("ada", LATER)).await.json();
    let second = offboard.order(&later("ada", "2083-06-30T12:00:00Z")).await;
    assert_eq!(second.status, 202);
    assert_eq!(second.json()["schedules"][0]["name"], first["schedules"][0]["name"]);
    assert_eq!(expressions(&stage), ["at(2083-06-30T12:00:00)"]);
    // Its own order again, at the old time: no memory of what was asked before stands in the way.
    assert_eq!(offboard.order(&later("ada", LATER)).await.status, 202);
    assert_eq!(expressions(&stage), ["at(2083-12-31T18:00:00)"]);

    assert_eq!(
        by_payroll(&offboard, &later("ada", "2083-01-01T00:00:00Z"))
            .await
            .status,
        202
    );
    assert_eq!(
        expressions(&stage),
        ["at(2083-01-01T00:00:00)", "at(2083-12-31T18:00:00)"]
    );
    assert_eq!(offboard.order(&later("bob", LATER)).await.status, 202);
    assert_eq!(names(&stage).len(), 3);
    let taken_back = offboard.order(&order("ada", json!({"cancel": true}))).await.json();
    assert_eq!(taken_back["cancelled"], json!([first["schedules"][0]["name"]]));
    assert_eq!(
        expressions(&stage),
        ["at(2083-01-01T00:00:00)", "at(2083-12-31T18:00:00)"]
    );
}

#[tokio::test]
async fn a_schedule_is_taken_back_and_there_may_be_none() {
    let stage = world().await;
    let offboard = stage.start("offboard").await;
    let cancel = order("ada", json!({"cancel": true}));
    for scheduled in [false, true, false] {
        let mut cancelled = json!([]);
        if scheduled {
            let answer = offboard.order(&later("ada", LATER)).await.json();
            cancelled = json!([answer["schedules"][0]["name"]]);
        }
        let answer = offboard.order(&cancel).await;
        let json = answer.json();
        assert_eq!((answer.status, &json["status"]), (200, &json!("done")));
        assert_eq!((&json["schedules"], &json["cancelled"]), (&json!([]), &cancelled));
        assert_eq!(stage.scheduler.schedules().len(), 0);
    }
    // And again what was taken back.
    assert_eq!(offboard.order(&later("ada", LATER)).await.status, 202);
    assert_eq!(stage.scheduler.schedules().len(), 1);
    assert_eq!(stage.calls(), [""; 0]);
}

#[tokio::test]
async fn an_order_that_is_not_cancelled_or_is_past_is_worked_now() {
    let stage = world().await;
    let offboard = stage.start("offboard").await;
    let now = [
        order("ada", json!({"cancel": false})),
        later("bob", "2001-01-01T00:00:00Z"),
        order(
            "cy",
            json!({"effective_at": "2001-01-01T00:00:00", "time_zone": "Asia/Tokyo"}),
        ),
    ];
    for (order, name) in now.iter().zip(["ada", "bob", "cy"]) {
        let answer = offboard.order(order).await;
        assert_eq!((answer.status, &answer.json()["status"]), (200, &json!("done")));
        assert_ne!(stage.state("blackbird", name), Some(State::Active));
    }
    assert_eq!(stage.scheduler.calls().len(), 0);
}

#[tokio::test]
async fn a_preview_shows_what_would_be_done_now_and_schedules_nothing() {
    let stage = world().await;
    let offboard = stage.start("offboard").await;
    let answer = offboard
        .order(&order("ada", json!({"effective_at": LATER, "mode": "preview"})))
        .await;
    let json = answer.json();
    assert_eq!((answer.status, &json["mode"]), (200, &json!("preview")));
    assert_eq!(json["providers"][0]["changes"][0]["outcome"], "planned");
    assert_eq!((stage.scheduler.calls().len(), stage.writes().len()), (0, 0));
}

#[tokio::test]
async fn a_schedule_that_runs_while_it_is_replaced_is_made_anew() {
    let stage = world().await;
    let offboard = stage.start("offboard").await;
    offboard.order(&later("ada", LATER)).await;
    stage
        .scheduler
        .faults()
        .inject("PUT", "/schedules/", Fault::Status(404), When::Once);
    stage
        .scheduler
        .faults()
        .inject("POST", "/schedules/", Fault::Status(409), When::Once);
    stage.scheduler.due(moment(LATER));
    assert_eq!(offboard.order(&later("ada", LATER)).await.status, 202);
    assert_eq!(names(&stage).len(), 1);
}
