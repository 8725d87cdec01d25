//! EventBridge Scheduler: what it keeps, what is due, and what it does not take.

use jiff::Timestamp;
use rehearsal::scheduler::{GROUP, Scheduler};
use serde_json::{Value, json};

use crate::client::{Got, send};
use crate::services::signature;

fn schedule(time: &str) -> Value {
    json!({
        "GroupName": GROUP, "ScheduleExpression": format!("at({time})"), "FlexibleTimeWindow": {"Mode": "OFF"},
        "Target": {"Arn": "arn:aws:sqs:eu-west-1:123456789012:q", "RoleArn": "arn:aws:iam::123456789012:role/r", "Input": time},
    })
}

async fn ask(scheduler: &Scheduler, method: &str, target: &str, body: &Value) -> Got {
    let mut headers = signature("scheduler");
    headers.push("content-type: application/json".to_owned());
    let body = if body.is_null() {
        String::new()
    } else {
        body.to_string()
    };
    send(&scheduler.url(), method, target, &headers, &body).await.unwrap()
}

#[tokio::test]
async fn schedules_are_made_replaced_deleted_and_due() {
    let scheduler = Scheduler::start().await;
    let (early, late) = (schedule("2083-01-01T00:00:00"), schedule("2083-06-01T00:00:00"));
    let of_a = format!("/schedules/a?groupName={GROUP}");
    for (method, target, body, status) in [
        ("PUT", "/schedules/a", &late, 404),
        ("POST", "/schedules/a", &late, 200),
        ("POST", "/schedules/a", &early, 409),
        ("PUT", "/schedules/a", &early, 200),
        ("POST", "/schedules/b", &late, 200),
        ("DELETE", &*of_a, &Value::Null, 200),
        ("DELETE", &*of_a, &Value::Null, 404),
        ("DELETE", "/schedules/b", &Value::Null, 404),
        ("POST", "/schedules/a", &early, 200),
        ("POST", "/schedules/c", &schedule("2001-01-01T00:00:00"), 400),
    ] {
        assert_eq!(
            ask(&scheduler, method, target, body).await.status,
            status,
            "{method} {target}"
        );
    }
    let at = |time: &str| time.parse::<Timestamp>().unwrap();
    assert_eq!(scheduler.due(at("2082-12-31T23:59:59Z")), [""; 0]);
    assert_eq!(scheduler.due(at("2083-01-01T00:00:00Z")), ["2083-01-01T00:00:00"]);
    assert_eq!(scheduler.due(at("2084-01-01T00:00:00Z")), ["2083-06-01T00:00:00"]);
    assert_eq!(scheduler.schedules(), []);
    assert_eq!(scheduler.violations(), [""; 0]);
}

#[tokio::test]
async fn a_client_token_stands_for_one_request_for_ever() {
    let scheduler = Scheduler::start().await;
    let mut asked = schedule("2083-01-01T00:00:00");
    asked["ClientToken"] = json!("t");
    assert_eq!(ask(&scheduler, "POST", "/schedules/a", &asked).await.status, 200);
    assert_eq!(ask(&scheduler, "POST", "/schedules/a", &asked).await.status, 200);
    scheduler.due("2084-01-01T00:00:00Z".parse().unwrap());
    assert_eq!(ask(&scheduler, "POST", "/schedules/a", &asked).await.status, 200);
    assert_eq!(scheduler.schedules(), [], "it was answered, and not made");
    assert_eq!(scheduler.violations(), [""; 0]);
    assert_eq!(ask(&scheduler, "POST", "/schedules/b", &asked).await.status, 501);
    assert_eq!(scheduler.violations().len(), 1);
}

#[tokio::test]
async fn what_the_documents_forbid_is_a_violation() {
    let scheduler = Scheduler::start().await;
    let good = schedule("2083-01-01T00:00:00");
    let wrong: [(&str, Value); 17] = [
        ("/FlexibleTimeWindow", Value::Null),
        (
            "/FlexibleTimeWindow",
            json!({"Mode": "OFF", "MaximumWindowInMinutes": 5}),
        ),
        ("/FlexibleTimeWindow", json!({"Mode": "SOMETIMES"})),
        ("/ScheduleExpression", json!("at(2083-01-01T00:00:00Z)")),
        ("/ScheduleExpression", json!("at(2083-01-01 00:00:00)")),
        ("/ScheduleExpression", json!("at(2083-01-01T00:00)")),
        ("/ScheduleExpression", json!("at(2083-02-30T00:00:00)")),
        ("/ScheduleExpression", json!("2083-01-01T00:00:00")),
        ("/ScheduleExpressionTimezone", json!("Europe/London")),
        ("/ClientToken", json!("a.b")),
        ("/State", json!("enabled")),
        ("/ActionAfterCompletion", json!("REMOVE")),
        ("/Colour", json!("red")),
        ("/Target/Arn", json!("arn:aws:lambda:eu-west-1:123456789012:function:f")),
        ("/Target/RoleArn", json!("r")),
        ("/Target/Input", json!("")),
        ("/Target/RetryPolicy", json!({"MaximumRetryAttempts": 186})),
    ];
    for (n, (pointer, value)) in wrong.into_iter().enumerate() {
        let mut asked = good.clone();
        let (parent, member) = pointer.rsplit_once('/').unwrap();
        asked.pointer_mut(parent).unwrap()[member] = value;
        assert_eq!(
            ask(&scheduler, "POST", "/schedules/a", &asked).await.status,
            501,
            "{pointer}"
        );
        assert_eq!(scheduler.violations().len(), n + 1, "{pointer}");
    }
    let long = format!("/schedules/{}", "a".repeat(65));
    for target in [
        "/schedules/a%20b",
        &*long,
        "/schedules",
        "/schedule-groups/a",
        "/schedules/a?x=1",
    ] {
        assert_eq!(ask(&scheduler, "POST", target, &good).await.status, 501, "{target}");
    }
    let unsigned = ["content-type: application/json".to_owned()];
    let got = send(&scheduler.url(), "POST", "/schedules/a", &unsigned, &good.to_string()).await;
    assert_eq!(got.unwrap().status, 501);
    let mut elsewhere = good;
    elsewhere["GroupName"] = json!("others");
    assert_eq!(ask(&scheduler, "POST", "/schedules/a", &elsewhere).await.status, 404);
    assert_eq!(scheduler.schedules(), []);
}
