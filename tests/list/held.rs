//! `view=held`: what a reconcile would change now, what of it is held, and what releases it.

use rehearsal::faults::{Fault, When};
use rehearsal::host::UrlRequest;
use rehearsal::providers::{Simulator, State};
use serde_json::{Value, json};

use super::page::{CHROME, Page};
use crate::stage::{BROWSER, LEDGER, Running, Stage, csv, mail};

/// Ten people at Bilanc, of whom the directory says that five left, and that a sixth joins; one of five leaves Blackbird.
async fn stage(settings: &[(&str, &str)]) -> (Stage, Running) {
    let usual = [("PROVIDERS", "bilanc,blackbird"), LEDGER];
    let stage = Stage::with(&[&usual, settings].concat()).await;
    let names = ["ada", "bob", "cy", "dan", "eve", "fay", "gus", "hal", "ivy", "joe"];
    stage.seed_all("bilanc", names);
    stage.seed_all("blackbird", names.into_iter().skip(4));
    stage.seed("bilanc", "zoe", State::Dormant);
    let mut directory = csv(names.into_iter().chain(["zoe"]));
    for name in ["ada", "bob", "cy", "dan", "eve"] {
        directory = directory.replace(&format!(",{name},Canary,active"), &format!(",{name},Canary,left"));
    }
    stage.directory(&directory);
    let list = stage.start("list").await;
    (stage, list)
}

async fn held(list: &Running) -> Value {
    let answer = list.ask("/?view=held").await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()
}

/// Provider, verdict and who of each.
fn plan(answer: &Value) -> Vec<String> {
    let line = |one: &Value| {
        assert!(one["why"].as_str().is_some_and(|why| why.len() > 20), "{one}");
        let email = one["who"]["email"].as_str().unwrap().split('.').next().unwrap();
        let word = |name: &str| one[name].as_str().unwrap_or("-");
        format!("{} {} {email} {}", word("provider"), word("verdict"), word("evidence"))
    };
    answer["plan"].as_array().unwrap().iter().map(line).collect()
}

const FORESEEN: [&str; 8] = [
    "bilanc hold ada known_leaver",
    "bilanc hold bob known_leaver",
    "bilanc hold cy known_leaver",
    "bilanc hold dan known_leaver",
    "bilanc hold eve known_leaver",
    "bilanc add zoe -",
    "blackbird remove eve known_leaver",
    "blackbird add zoe -",
];

#[tokio::test]
async fn its_digest_is_what_reconcile_takes_as_consent() {
    let (stage, list) = stage(&[]).await;
    let answer = held(&list).await;
    let mut lines = plan(&answer);
    lines.sort_by_key(|line| (line.contains("blackbird"), line.contains("add"), line.clone()));
    assert_eq!(lines, FORESEEN);
    let hold = &answer["held"][0];
    assert_eq!(answer["held"].as_array().unwrap().len(), 1);
    assert_eq!(
        (&hold["provider"], &hold["rule"], &hold["removals"], &hold["limit"]),
        (&json!("bilanc"), &json!("too_many_removals"), &json!(5), &json!(3))
    );
    assert_eq!(stage.writes(), [""; 0], "looking changes nothing");
    assert!(stage.ledger.items().is_empty());

    // What the release says is an order, and does exactly what was shown.
    let release = hold["release"].as_str().unwrap();
    let order: Value = serde_json::from_str(&release[release.find('{').unwrap()..]).unwrap();
    assert_eq!(order["consent"], json!([hold["digest"]]));
    let reconcile = stage.start("reconcile").await;
    let report = reconcile.order(&order).await;
    assert_eq!(report.status, 200, "{}", report.text());
    assert_eq!(stage.bilanc.state_of(&mail("ada")), Some(State::Gone));
    assert_eq!(held(&list).await["held"], json!([]));
}

#[tokio::test]
async fn what_consent_does_not_lift_says_what_does() {
    let (stage, list) = stage(&[]).await;
    let reconcile = stage.start("reconcile").await;
    assert_eq!(reconcile.order(&json!({"pause": true})).await.status, 200);
    let answer = held(&list).await;
    for hold in answer["held"].as_array().unwrap() {
        assert_eq!(hold["rule"], "paused");
        let release = hold["release"].as_str().unwrap();
        assert!(
            release.contains("{\"pause\": false}") && !release.contains("Approve"),
            "{release}"
        );
    }
    stage.ledger.fail_after("Query", 0);
    let answer = held(&list).await;
    let release = answer["held"][1]["release"].as_str().unwrap();
    assert!(release.starts_with("mend the ledger"), "{release}");
    stage.ledger.recover();
    let list = stage.start_with("list", &[("PROTECTED", "nobody-at-all")]).await;
    let answer = held(&list).await;
    let release = answer["held"][0]["release"].as_str().unwrap();
    assert!(release.starts_with("mend PROTECTED"), "{release}");
}

#[tokio::test]
async fn it_may_be_csv_and_about_one_person() {
    let (_stage, list) = stage(&[]).await;
    let csv = list.ask("/?view=held&format=csv&provider=bilanc").await.text();
    let lines: Vec<&str> = csv.lines().collect();
    assert_eq!(lines[0], "provider,verdict,who,evidence,why");
    assert_eq!(lines.len(), 7, "{csv}");
    let one = list.ask(&format!("/?view=held&email={}", mail("eve"))).await.json();
    assert_eq!(
        plan(&one),
        ["bilanc hold eve known_leaver", "blackbird remove eve known_leaver"]
    );
    assert_eq!(one["held"][0]["removals"], 5, "the hold is about all of them");
}

#[tokio::test]
async fn what_cannot_be_read_is_unknown_and_not_nothing() {
    let (stage, list) = stage(&[]).await;
    stage.bilanc.faults().inject("*", "/", Fault::Status(503), When::Always);
    let answer = list.ask("/?view=held").await;
    assert_eq!(answer.status, 207);
    assert_eq!(answer.json()["providers"][0]["error"]["kind"], "Unavailable");
    assert_eq!(answer.json()["held"], json!([]));
    stage.bilanc.faults().clear();
    stage.directory(&csv([""; 0]));
    let list = stage.start("list").await;
    let answer = list.ask("/?view=held").await;
    assert_eq!(answer.status, 502);
    assert_eq!(
        answer.json()["providers"][0]["error"]["kind"],
        "Held",
        "{}",
        answer.text()
    );
}

#[tokio::test]
async fn a_browser_sees_a_diff_and_what_releases_it() {
    let (stage, list) = stage(&[]).await;
    let (user, password) = BROWSER;
    let browse = async || {
        let request = UrlRequest::get("/?view=held").basic(user, password);
        Page::of(&list.request(request.header("Accept", CHROME)).await)
    };
    let page = browse().await;
    let digest = held(&list).await["held"][0]["digest"].as_str().unwrap().to_owned();
    let left = "the directory knows them, and says that they left or may not use this";
    let line = format!("{} | remove, held | {left}", mail("ada"));
    assert!(page.lines().contains(&line), "{:?}", page.lines());
    assert!(page.lines().contains(&format!("{} | remove | {left}", mail("eve"))));
    assert!(
        page.lines()
            .iter()
            .any(|line| line.starts_with(&format!("{} | add | ", mail("zoe"))))
    );
    assert_eq!(page.rows.len(), FORESEEN.len());
    for said in [
        "Held, removals: 5; they would go, but with too many others at once",
        "too_many_removals",
        &*format!("\"consent\":[\"{digest}\"]"),
        "press Approve in Slack",
    ] {
        assert!(page.text.contains(said), "{said}: {}", page.text);
    }
    stage.bilanc.faults().inject("*", "/", Fault::Status(503), When::Always);
    let page = browse().await;
    assert!(page.text.contains("bilanc could not be read"), "{}", page.text);
    assert_eq!(page.rows.len(), 2);
}
