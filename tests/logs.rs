//! Logs and metrics: what the real binaries write. That every line is flat JSON and names nobody is asked of every test, in
//! `stage/verdict.rs`.

use rehearsal::faults::{Fault, When};
use rehearsal::providers::Simulator;
use rehearsal::queues::VISIBILITY;
use serde_json::{Value, json};

use crate::stage::{LEDGER, QUEUES, Running, Stage, crowd, csv, mail};

/// The trace in the host's `lambda-runtime-trace-id`.
const TRACE: &str = "1-00000000-000000000000000000000000";

async fn stage(settings: &[(&str, &str)]) -> Stage {
    let usual = [("PROVIDERS", "bilanc,blackbird"), LEDGER];
    let stage = Stage::with(&[&usual[..], settings].concat()).await;
    for provider in ["bilanc", "blackbird"] {
        stage.seed_all(provider, crowd("p", 12));
    }
    stage.directory(&csv(crowd("p", 12).iter().chain(&["new".to_owned()])));
    stage
}

fn lines(function: &Running) -> Vec<Value> {
    let output = function.output();
    output.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// What was measured: the dimensions' values, the metric, its unit and value. What CloudWatch would not take fails here.
pub(crate) fn measured(function: &Running) -> Vec<(String, String, String, u64)> {
    let mut all = Vec::new();
    for line in lines(function) {
        let Some(told) = line.get("_aws") else { continue };
        assert!(told["Timestamp"].is_u64(), "{line}");
        for directive in told["CloudWatchMetrics"].as_array().unwrap() {
            assert_eq!(directive["Namespace"], "Rollcall");
            for dimensions in directive["Dimensions"].as_array().unwrap() {
                let names = dimensions.as_array().unwrap().iter();
                let values: Vec<&str> = names
                    .map(|name| line[name.as_str().unwrap()].as_str().unwrap())
                    .collect();
                for metric in directive["Metrics"].as_array().unwrap() {
                    let (name, unit) = (metric["Name"].as_str().unwrap(), metric["Unit"].as_str().unwrap());
                    let value = line[name].as_u64().unwrap();
                    all.push((values.join(" "), name.to_owned(), unit.to_owned(), value));
                }
            }
        }
    }
    all
}

/// The values of one metric, in the order in which they were written.
fn values(function: &Running, of: &str, metric: &str) -> Vec<u64> {
    let measured = measured(function).into_iter();
    let wanted = measured.filter(|(dimensions, name, ..)| dimensions == of && name == metric);
    wanted.map(|(.., value)| value).collect()
}

#[tokio::test]
async fn a_line_says_which_invocation_it_is_of() {
    let stage = stage(&[]).await;
    stage
        .blackbird
        .faults()
        .inject("*", "/", Fault::Status(503), When::Always);
    let reconcile = stage.start("reconcile").await;
    let mut seen = lines(&reconcile).len();
    for cold in [true, false, false] {
        let answer = reconcile.order(&json!({"mode": "apply"})).await.json();
        let of_this_one = lines(&reconcile).split_off(seen);
        assert!(of_this_one.len() > 3, "a run says several things");
        for line in &of_this_one {
            assert_eq!(line["requestId"], answer["request_id"], "{line}");
            assert_eq!(line["xrayTraceId"], TRACE, "{line}");
            assert_eq!(line["function"], "reconcile", "{line}");
            assert_eq!(line["coldStart"], cold, "{line}");
        }
        seen += of_this_one.len();
    }
}

#[tokio::test]
async fn a_run_is_measured_by_provider_and_as_a_whole() {
    let stage = stage(&[]).await;
    stage.seed("blackbird", "old", rehearsal::providers::State::Active);
    let reconcile = stage.start("reconcile").await;
    reconcile.order(&json!({"mode": "apply"})).await;
    for of in ["reconcile blackbird", "reconcile"] {
        let all = measured(&reconcile);
        let names = all.iter().filter(|(dimensions, ..)| dimensions == of);
        let names: Vec<&str> = names.map(|(_, name, ..)| name.as_str()).collect();
        for name in [
            "Joined",
            "Left",
            "Held",
            "Failed",
            "Unsettled",
            "NotFound",
            "Manual",
            "Drift",
            "RosterSize",
            "ProviderLatency",
        ] {
            assert!(names.contains(&name), "{of} has no {name}: {names:?}");
        }
    }
    assert_eq!(values(&reconcile, "reconcile blackbird", "Joined"), [1]);
    assert_eq!(values(&reconcile, "reconcile blackbird", "RosterSize"), [13]);
    for (_, name, unit, _) in measured(&reconcile) {
        let expected = if name == "ProviderLatency" {
            "Milliseconds"
        } else {
            "Count"
        };
        assert_eq!(unit, expected, "{name}");
    }
}

#[tokio::test]
async fn a_provider_that_hangs_is_slow_and_not_silent() {
    let stage = stage(&[("CALL_TIMEOUT_MS", "100")]).await;
    stage.blackbird.faults().inject("*", "/", Fault::Hang, When::Always);
    let list = stage.start("list").await;
    assert_eq!(list.ask("/").await.status, 207);
    let [slow] = values(&list, "list blackbird", "ProviderLatency")[..] else {
        panic!("not measured once: {:?}", measured(&list));
    };
    assert!((100..60_000).contains(&slow), "{slow} ms, and it hung for 100 at least");
    assert_eq!(values(&list, "list bilanc", "ProviderLatency").len(), 1);
}

#[tokio::test]
async fn the_queues_attempts_are_counted() {
    let stage = stage(&QUEUES).await;
    stage
        .blackbird
        .faults()
        .inject("*", "/", Fault::Status(503), When::Always);
    let offboard = stage.start("offboard").await;
    let order = json!({"email_addresses": [mail("p1")], "providers": ["blackbird"]});
    assert_eq!(offboard.order(&order).await.status, 202);
    for _ in 0..3 {
        stage.queues.deliver("offboard", &offboard).await;
        stage.queues.pass(VISIBILITY);
    }
    assert_eq!(values(&offboard, "offboard", "QueueAttempts"), [1, 2, 3]);
}

#[tokio::test]
async fn success_is_a_whole_reconcile_in_which_all_went_well() {
    let stage = stage(&[]).await;
    let reconcile = stage.start("reconcile").await;
    let successes = |reconcile: &Running| values(reconcile, "reconcile", "Succeeded").len();
    for (order, expected) in [
        (json!({"mode": "preview"}), 1),
        (json!({"mode": "apply"}), 2),
        (json!({"mode": "apply", "providers": ["bilanc"]}), 2),
    ] {
        assert_eq!(reconcile.order(&order).await.status, 200, "{order}");
        assert_eq!(successes(&reconcile), expected, "{order}");
    }
    // One provider is down, removals are held, the roster is refused: none of these is good.
    stage
        .blackbird
        .faults()
        .inject("*", "/", Fault::Status(503), When::Always);
    assert_eq!(reconcile.order(&json!({"mode": "apply"})).await.status, 207);
    stage.blackbird.faults().clear();
    let left = csv(crowd("p", 12)).replace(",active", ",left");
    stage.directory(&left);
    assert_eq!(reconcile.order(&json!({"mode": "apply"})).await.status, 409);
    stage.directory("email,status\n");
    assert_eq!(reconcile.order(&json!({"mode": "apply"})).await.status, 409);
    assert_eq!(successes(&reconcile), 2);
    assert!(values(&reconcile, "reconcile", "Held").iter().any(|held| *held > 1));
    // What other functions do well is not what the nightly run is for.
    let onboard = stage.start("onboard").await;
    let order = json!({"email_addresses": [mail("p1")]});
    assert_eq!(onboard.order(&order).await.status, 200);
    assert!(values(&onboard, "onboard", "Succeeded").is_empty());
}

#[tokio::test]
async fn a_panic_is_a_line_with_its_place_and_without_its_words() {
    let stage = stage(&[]).await;
    let panicking = stage.start_panicking().await;
    assert_ne!(panicking.ask("/").await.status, 200);
    let lines = lines(&panicking);
    let of_the_panic = lines.iter().find(|line| line["message"] == "the function panicked");
    let of_the_panic = of_the_panic.expect("it is told");
    assert!(
        of_the_panic["at"].as_str().unwrap().starts_with("tests/panics.rs:"),
        "{of_the_panic}"
    );
    assert_eq!(of_the_panic["xrayTraceId"], TRACE);
    assert!(
        !panicking.output().contains("the work panicked"),
        "{}",
        panicking.output()
    );
}
