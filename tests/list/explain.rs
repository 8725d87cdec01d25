//! `view=explain`: one person, and why things are as they are.

use rehearsal::faults::{Fault, When};
use rehearsal::providers::{Simulator, State};
use serde_json::{Value, json};

use crate::stage::{LEDGER, Running, Stage, csv, mail};

/// Six people in the directory; who is where differs.
async fn stage(settings: &[(&str, &str)]) -> (Stage, Running) {
    let usual = [
        ("PROVIDERS", "bilanc,blackbird"),
        LEDGER,
        ("PROTECTED", "root@example.com"),
    ];
    let stage = Stage::with(&[&usual, settings].concat()).await;
    stage.seed_all("bilanc", ["ada", "bob", "cy", "eve", "stray"]);
    stage.seed_all("blackbird", ["ada", "bob", "eve"]);
    let directory = csv(["ada", "bob", "cy", "dan", "eve", "fay"])
        .replace(",bob,Canary,active", ",bob,Canary,left")
        .replace(",eve,Canary,active", ",eve,Canary,suspended");
    stage.directory(&directory);
    let list = stage.start("list").await;
    (stage, list)
}

async fn explain(list: &Running, name: &str) -> Value {
    let answer = list.ask(&format!("/?view=explain&email={}", mail(name))).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()
}

/// Provider, verdict and rule of each.
fn verdicts(answer: &Value) -> Vec<String> {
    let explained = answer["explain"].as_array().unwrap().iter();
    let line = |one: &Value| {
        assert!(one["why"].as_str().is_some_and(|why| why.len() > 20), "{one}");
        let word = |name: &str| one[name].as_str().unwrap().to_owned();
        format!("{} {} {}", word("provider"), word("verdict"), word("rule"))
    };
    explained.map(line).collect()
}

#[tokio::test]
async fn each_verdict_is_the_one_that_a_reconcile_comes_to() {
    let (stage, list) = stage(&[]).await;
    let expected = [
        ("ada", ["bilanc keep entitled", "blackbird keep entitled"]),
        ("bob", ["bilanc remove known_leaver", "blackbird remove known_leaver"]),
        ("cy", ["bilanc keep entitled", "blackbird add entitled"]),
        ("eve", ["bilanc skip suspended", "blackbird skip suspended"]),
        (
            "stray",
            ["bilanc skip awaiting_second_sighting", "blackbird nothing not_entitled"],
        ),
        (
            "nobody",
            ["bilanc nothing not_entitled", "blackbird nothing not_entitled"],
        ),
    ];
    for (name, verdict) in expected {
        assert_eq!(verdicts(&explain(&list, name).await), verdict, "{name}");
    }
    let writes = stage.writes();
    assert_eq!(writes, [""; 0], "explaining changes nothing");
    assert!(stage.ledger.items().is_empty());
}

#[tokio::test]
async fn the_person_the_sources_and_the_last_change_are_told() {
    let (stage, list) = stage(&[]).await;
    let reconcile = stage.start("reconcile").await;
    reconcile.order(&json!({"mode": "apply"})).await;
    let answer = explain(&list, "bob").await;
    assert_eq!(
        answer["sources"],
        json!([{"source": "roster_file", "names_them": true}])
    );
    assert_eq!(
        (&answer["person"]["standing"], &answer["person"]["entitled"]),
        (&json!("left"), &json!([]))
    );
    assert_eq!(
        verdicts(&answer),
        ["bilanc nothing not_entitled", "blackbird nothing not_entitled"]
    );
    let last = &answer["explain"][0]["last"];
    assert_eq!(
        (&last["action"], &last["evidence"]),
        (&json!("offboard"), &json!("known_leaver"))
    );
    // An absence says since when it is seen.
    let stray = explain(&list, "stray").await;
    assert_eq!(stray["person"], Value::Null);
    assert_eq!(stray["sources"][0]["names_them"], false);
    let since = stray["explain"][0]["since"].as_str().unwrap();
    assert!(since.parse::<jiff::Timestamp>().is_ok(), "{since}");
    // By login, too.
    let by_login = list.ask("/?view=explain&github_username=ada-canary").await.json();
    assert_eq!(verdicts(&by_login)[0], "bilanc keep entitled");
}

#[tokio::test]
async fn what_is_held_and_what_an_order_keeps_out_is_told() {
    let (stage, list) = stage(&[("MIN_PEOPLE", "50")]).await;
    assert_eq!(verdicts(&explain(&list, "bob").await)[0], "bilanc hold roster_small");
    let offboard = stage.start("offboard").await;
    offboard.order(&json!({"email_addresses": [mail("ada")]})).await;
    let answer = explain(&list, "ada").await;
    assert_eq!(verdicts(&answer), ["bilanc skip held", "blackbird skip held"]);
    assert_eq!(answer["explain"][1]["last"]["evidence"], "named");
}

#[tokio::test]
async fn what_cannot_be_read_is_said_and_not_guessed() {
    let (stage, list) = stage(&[]).await;
    stage.bilanc.faults().inject("*", "/", Fault::Status(503), When::Always);
    let answer = list.ask(&format!("/?view=explain&email={}", mail("cy"))).await;
    assert_eq!(answer.status, 207);
    assert_eq!(verdicts(&answer.json()), ["blackbird add entitled"]);
    assert_eq!(answer.json()["providers"][0]["error"]["kind"], "Unavailable");
    stage.bilanc.faults().clear();
    stage.roster.faults().inject("*", "/", Fault::Status(503), When::Always);
    let answer = list.ask(&format!("/?view=explain&email={}", mail("cy"))).await;
    assert_eq!(answer.status, 502);
    assert_eq!(answer.json()["sources"][0]["error"]["kind"], "Unavailable");
    assert_eq!(answer.json()["explain"], json!([]));
}

#[tokio::test]
async fn it_is_about_one_person_and_may_be_csv() {
    let (stage, list) = stage(&[]).await;
    let nobody = list.ask("/?view=explain").await;
    assert_eq!(nobody.status, 400);
    assert!(nobody.text().contains("give email or github_username"));
    let csv = list
        .ask(&format!("/?view=explain&format=csv&email={}", mail("cy")))
        .await
        .text();
    let lines: Vec<&str> = csv.lines().collect();
    assert_eq!(lines[0], "provider,verdict,rule,why,since,accounts,last");
    assert!(lines[2].starts_with("blackbird,add,entitled,"), "{csv}");
    stage.seed("bilanc", "zoe", State::Active);
}
