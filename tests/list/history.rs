//! The view `history`: who was changed where, by whom, on what evidence, and what came of it.

use rehearsal::host::UrlRequest;
use rehearsal::providers::Simulator;
use serde_json::{Value, json};

use crate::stage::{LEDGER, Running, Stage, TOKEN, csv, mail, refusal};

/// Ada was onboarded by an order, Bob offboarded by an operator, Cem found gone by the nightly run.
async fn past(stage: &Stage) {
    stage.appxite.allow_block(true);
    stage.publish();
    for provider in ["blackbird", "appxite"] {
        stage.seed_all(provider, ["bob", "cem", "dan"]);
    }
    let roster = csv(["ada", "bob", "cem", "dan"]).replace(",cem,Canary,active", ",cem,Canary,left");
    stage.directory(&roster);
    let onboard = stage.start("onboard").await;
    let preview = json!({"email_addresses": [mail("dan")], "mode": "preview"});
    assert_eq!(onboard.order(&preview).await.status, 200, "a preview is no history");
    let order = json!({"email_addresses": [mail("ada")]});
    assert_eq!(onboard.order(&order).await.status, 200);
    let offboard = stage.start("offboard").await;
    let order = UrlRequest::post(
        "/",
        &json!({"email_addresses": [mail("bob")], "providers": ["blackbird"]}),
    );
    let operator = order.iam("arn:aws:iam::123456789012:user/operator");
    assert_eq!(offboard.request(operator).await.status, 200);
    let reconcile = stage.start("reconcile").await;
    reconcile.direct(&json!({"mode": "apply", "schedule": "nightly"})).await;
}

/// The changes an answer tells, in a line each.
fn lines(answer: &Value) -> Vec<String> {
    let line = |change: &Value| {
        let text = |name: &str| change[name].as_str().unwrap_or("-").to_owned();
        let person = change["who"]["email"].as_str().unwrap_or_default();
        let person = person.split('.').next().unwrap_or_default().to_owned();
        let words = [
            text("provider"),
            text("action"),
            person,
            text("by"),
            text("evidence"),
            text("outcome"),
            change["settled"].to_string(),
        ];
        words.join(" ")
    };
    let mut lines: Vec<String> = answer["history"].as_array().unwrap().iter().map(line).collect();
    lines.sort();
    lines
}

async fn told(list: &Running, query: &str) -> Vec<String> {
    lines(&list.ask(&format!("/?view=history{query}")).await.json())
}

const OPERATOR: &str = "arn:aws:iam::123456789012:user/operator";

#[tokio::test]
async fn who_where_by_whom_on_what_evidence_and_what_came_of_it() {
    let stage = Stage::with(&[("PROVIDERS", "blackbird,appxite"), LEDGER]).await;
    past(&stage).await;
    let list = stage.start("list").await;
    let all = [
        "appxite offboard cem schedule:nightly known_leaver done true".to_owned(),
        "appxite onboard ada hr - pending true".to_owned(),
        format!("blackbird offboard bob {OPERATOR} named done true"),
        "blackbird offboard cem schedule:nightly known_leaver done true".to_owned(),
        "blackbird onboard ada hr - done true".to_owned(),
    ];
    assert_eq!(told(&list, "").await, all);
    for (query, expected) in [
        ("&provider=appxite", vec![0, 1]),
        ("&email=bob.canary%40example.com", vec![2]),
        ("&email=Cem.Canary%40Example.com", vec![0, 3]),
        ("&provider=blackbird&email=ada.canary%40example.com", vec![4]),
        ("&email=dan.canary%40example.com", vec![]),
        ("&from=2020-01-01", vec![0, 1, 2, 3, 4]),
        ("&from=2020-01-01T00:00:00Z&to=2020-12-31", vec![]),
        ("&to=2020-12-31", vec![]),
    ] {
        let expected: Vec<String> = expected.into_iter().map(|n: usize| all[n].clone()).collect();
        assert_eq!(told(&list, query).await, expected, "{query}");
    }
    // Directly, as JSON, in the order of time, every field there.
    let answer = list.direct(&json!({"view": "history"})).await;
    assert_eq!(lines(&answer), all);
    let times: Vec<&str> = answer["history"]
        .as_array()
        .unwrap()
        .iter()
        .map(|change| change["time"].as_str().unwrap())
        .collect();
    assert!(times.is_sorted() && times[0].ends_with('Z'), "{times:?}");
    for change in answer["history"].as_array().unwrap() {
        assert_eq!(change.as_object().unwrap().len(), 8, "{change}");
    }
}

#[tokio::test]
async fn a_spreadsheet_gets_the_same_rows() {
    let stage = Stage::with(&[("PROVIDERS", "blackbird,appxite"), LEDGER]).await;
    past(&stage).await;
    let list = stage.start("list").await;
    let request = UrlRequest::get("/?view=history&email=bob.canary%40example.com&format=csv");
    let answer = list.request(request.bearer(TOKEN)).await;
    assert_eq!(answer.status, 200);
    assert!(answer.header("content-type").unwrap().starts_with("text/csv"));
    let text = answer.text();
    let rows: Vec<&str> = text.lines().collect();
    assert_eq!(rows[0], "time,provider,action,who,by,evidence,outcome,settled");
    assert_eq!(rows.len(), 2, "{rows:?}");
    assert!(rows[1].contains(",blackbird,offboard,") && rows[1].contains("bob.canary@example.com"));
    assert!(
        rows[1].ends_with(&format!(",{OPERATOR},named,done,true")),
        "{}",
        rows[1]
    );
}

#[tokio::test]
async fn a_change_that_failed_is_told_as_such() {
    use rehearsal::faults::{Fault, When};
    let stage = Stage::with(&[("PROVIDERS", "blackbird"), LEDGER]).await;
    stage.seed_all("blackbird", ["bob"]);
    let faults = stage.blackbird.faults();
    faults.inject("PUT", "/", Fault::Status(500), When::Always);
    let offboard = stage.start("offboard").await;
    let order = json!({"email_addresses": [mail("bob")]});
    assert_eq!(offboard.order(&order).await.status, 207);
    let list = stage.start("list").await;
    assert_eq!(told(&list, "").await, ["blackbird offboard bob hr named failed true"]);
}

#[tokio::test]
async fn a_span_that_is_none_is_refused() {
    let stage = Stage::with(&[("PROVIDERS", "blackbird"), LEDGER]).await;
    let list = stage.start("list").await;
    for query in ["&from=yesterday", "&to=2026-13-01", "&from="] {
        let answer = list.ask(&format!("/?view=history{query}")).await;
        assert_eq!(answer.status, 400, "{query}");
    }
    assert_eq!(told(&list, "").await, [""; 0]);
}

#[tokio::test]
async fn without_a_ledger_there_is_none() {
    let stage = Stage::with(&[("PROVIDERS", "blackbird")]).await;
    let list = stage.start("list").await;
    let answer = list.ask("/?view=history").await;
    let (status, kind, message) = refusal(&answer);
    assert_eq!((status, &*kind), (500, "Misconfigured"));
    assert!(message.contains("LEDGER"), "{message}");
    stage.ledger.fail_after("Query", 0);
    let with = stage.start_with("list", &[LEDGER]).await;
    assert_eq!(with.ask("/?view=history").await.status, 503);
}
