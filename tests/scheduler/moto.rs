//! Moto's scheduler understands what ours asks of one: a schedule is made, replaced and removed.
//!
//! So that our client and our simulator cannot agree with each other's mistakes.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};
use shared::tools::aws::{Aws, Endpoint};
use shared::tools::clock::Clock;
use shared::tools::http::{Api, Auth, Http, Limits};
use shared::tools::scheduler::{Place, Removed, Schedule, Scheduler};

const NAME: &str = "leaver-0123456789abcdef0123456789abcdef";

/// AWS, as the environment of the tests says.
#[expect(
    clippy::disallowed_methods,
    reason = "says where moto or the simulator is, and is no setting of a function"
)]
pub(crate) fn aws() -> Aws {
    Aws::read(|name| std::env::var(name).ok())
}

/// What calls moto.
pub(crate) fn tools() -> (Aws, Http) {
    let limits = Limits {
        call_timeout: Duration::from_secs(10),
        retry_base: Duration::from_millis(1),
    };
    (aws(), Http::new(limits, Clock::System, None).unwrap())
}

fn place() -> Place {
    #[expect(
        clippy::disallowed_methods,
        reason = "says which group the tests are for, and is no setting of a function"
    )]
    let group = std::env::var("ROLLCALL_MOTO_GROUP").expect("a group to test with: see .ci/with_moto");
    Place {
        group,
        role: "arn:aws:iam::123456789012:role/rollcall-leavers".to_owned(),
        queue: "arn:aws:sqs:eu-west-1:123456789012:rollcall-offboard".to_owned(),
    }
}

fn leaving<'a>(time: &str, input: &str) -> Schedule<'a> {
    Schedule {
        name: NAME.to_owned(),
        at: time.parse::<Timestamp>().unwrap(),
        input: input.to_owned(),
        run: "a run",
    }
}

/// What is kept under the name; `None` where nothing is.
async fn kept(aws: &Aws, http: &Http, group: &str) -> Option<Value> {
    let base = aws.base(Endpoint::Scheduler).unwrap();
    let path = format!("/schedules/{NAME}?groupName={group}");
    let headers = aws.authorise(Endpoint::Scheduler, "GET", &base.join(&path), &[]);
    let api = Api::new(http, "moto", base, Auth::None);
    let reply = api.get(&path).headers(headers.unwrap()).send().await.unwrap();
    (reply.status() != 404).then(|| reply.ok().unwrap().json().unwrap())
}

#[tokio::test]
#[ignore = "run by .ci/with_moto"]
async fn a_schedule_is_made_replaced_and_removed() {
    let ((aws, http), place) = (tools(), place());
    let scheduler = Scheduler::new(&aws, &http, &place).unwrap();
    assert_eq!(scheduler.remove(NAME).await.unwrap(), Removed::Nothing);
    let said = r#"{"people":[{"email":"ada@example.com"}],"_":{"by":"hr"}}"#;
    for (time, expression) in [
        ("2083-12-31T18:00:00Z", "at(2083-12-31T18:00:00)"),
        ("2083-06-30T12:00:00Z", "at(2083-06-30T12:00:00)"),
    ] {
        scheduler.put(&leaving(time, said)).await.unwrap();
        let schedule = kept(&aws, &http, &place.group).await.expect("a schedule");
        for (pointer, value) in [
            ("/GroupName", json!(place.group)),
            ("/ScheduleExpression", json!(expression)),
            ("/ScheduleExpressionTimezone", json!("UTC")),
            ("/FlexibleTimeWindow", json!({"Mode": "OFF"})),
            ("/ActionAfterCompletion", json!("DELETE")),
            ("/State", json!("ENABLED")),
            ("/Target/Arn", json!(place.queue)),
            ("/Target/RoleArn", json!(place.role)),
            ("/Target/Input", json!(said)),
        ] {
            assert_eq!(schedule.pointer(pointer), Some(&value), "{pointer}");
        }
    }
    assert_eq!(scheduler.remove(NAME).await.unwrap(), Removed::Schedule);
    assert_eq!(kept(&aws, &http, &place.group).await, None);
    assert_eq!(scheduler.remove(NAME).await.unwrap(), Removed::Nothing);
}

#[tokio::test]
#[ignore = "run by .ci/with_moto"]
async fn a_group_that_is_not_there_has_nothing_to_remove() {
    let (aws, http) = tools();
    let nowhere = Place {
        group: "nobodys".to_owned(),
        ..place()
    };
    let scheduler = Scheduler::new(&aws, &http, &nowhere).unwrap();
    assert_eq!(scheduler.remove(NAME).await.unwrap(), Removed::Nothing);
}
