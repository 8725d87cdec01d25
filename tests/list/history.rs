//! The history: who was let in or removed where, when, on whose order and why, and what came of it.

use jiff::{SignedDuration, Timestamp};
use rehearsal::faults::{Fault, When};
use rehearsal::host::UrlRequest;
use rehearsal::providers::{Simulator, State};
use serde_json::{Value, json};

use super::rows;
use crate::stage::{LEDGER, Stage, csv, details, event, mail, refusal};

const OPERATOR: &str = "arn:aws:iam::123456789012:user/operator";

/// An order by a caller, a nightly run and an order by IAM, with every outcome that is told.
async fn eventful() -> Stage {
    let stage = Stage::with(&[("PROVIDERS", "bilanc,blackbird,appxite"), LEDGER]).await;
    stage.seed_all("blackbird", ["ada", "bob"]);
    stage.seed("bilanc", "eve", State::Gone);
    stage.bilanc.refuse(&mail("eve"));

    let offboard = stage.start("offboard").await;
    let order = json!({"email_addresses": [mail("ada")], "providers": ["blackbird"]});
    let preview = json!({"email_addresses": [mail("bob")], "mode": "preview"});
    assert_eq!(offboard.order(&preview).await.status, 200);
    assert_eq!(offboard.order(&order).await.status, 200);

    stage.directory(&csv(["bob"]).replace("active,*", "left,"));
    stage.start("reconcile").await.direct(&event("schedule")).await;

    let onboard = stage.start("onboard").await;
    let order = json!({"people": [{"email": mail("cem"), "first_name": "Cem", "last_name": "Canary"}], "providers": ["appxite"]});
    let answer = onboard.request(UrlRequest::post("/", &order).iam(OPERATOR)).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let order = json!({"email_addresses": [mail("eve")], "providers": ["bilanc"]});
    onboard.direct(&order).await;
    stage
}

/// Each change in a line, in the order of the alphabet: changes of one second have no other.
fn lines(answer: &Value) -> Vec<String> {
    let line = |entry: &Value| {
        let text = |name: &str| entry[name].as_str().unwrap_or("-");
        let who = entry["who"]["email"].as_str().unwrap_or("-");
        let who = who.trim_end_matches(".canary@example.com");
        let (provider, action, by) = (text("provider"), text("action"), text("by"));
        let settled = entry["settled"].as_bool().unwrap();
        format!(
            "{provider} {action} {who} {} {} {settled} by {by}",
            text("evidence"),
            text("outcome")
        )
    };
    let mut lines: Vec<String> = answer["history"].as_array().unwrap().iter().map(line).collect();
    lines.sort();
    lines
}

#[tokio::test]
async fn every_change_is_told_and_every_filter_narrows_it() {
    let stage = eventful().await;
    let list = stage.start("list").await;
    let pending = format!("appxite onboard cem - pending true by {OPERATOR}");
    let failed = "bilanc onboard eve - failed true by direct invocation";
    let named = "blackbird offboard ada named done true by hr";
    let nightly = "blackbird offboard bob known_leaver done true by schedule:nightly";
    let all = vec![&*pending, failed, named, nightly];
    let cases = [
        (String::new(), all.clone()),
        ("&provider=blackbird".to_owned(), vec![named, nightly]),
        ("&provider=bilanc,appxite".to_owned(), vec![&pending, failed]),
        (format!("&email={}", mail("ada").to_uppercase()), vec![named]),
        (format!("&email={}&provider=bilanc", mail("ada")), vec![]),
        (format!("&email={}", mail("nobody")), vec![]),
        ("&from=2001-01-01&to=2001-12-31".to_owned(), vec![]),
        ("&from=2001-01-01".to_owned(), all),
    ];
    stage.clear_calls();
    for (filter, expected) in cases {
        let answer = list.ask(&format!("/?view=history{filter}")).await;
        assert_eq!(
            (answer.status, lines(&answer.json())),
            (200, expected.into_iter().map(str::to_owned).collect()),
            "{filter}"
        );
    }
    assert_eq!(stage.calls(), [""; 0], "the ledger is enough");
}

#[tokio::test]
async fn a_change_has_the_documented_fields_in_json_and_in_csv() {
    let stage = Stage::with(&[("PROVIDERS", "bilanc"), LEDGER]).await;
    stage.seed_all("bilanc", ["ada"]);
    let list = stage.start("list").await;
    assert_eq!(list.ask("/?view=history").await.json(), json!({"history": []}));

    let id = super::id_of(&stage, "bilanc", "ada");
    let before = Timestamp::now().as_second();
    let order = json!({"email_addresses": [mail("ada")]});
    assert_eq!(stage.start("offboard").await.order(&order).await.status, 200);
    let answer = list.ask("/?view=history&github_username=ADA-canary").await.json();
    let time: Timestamp = answer["history"][0]["time"].as_str().unwrap().parse().unwrap();
    assert!(
        (before..=Timestamp::now().as_second()).contains(&time.as_second()),
        "{time}"
    );
    let who = json!({"email": mail("ada"), "github_username": "ada-canary", "id": id});
    let expected = json!({"history": [{
        "time": time.to_string(), "provider": "bilanc", "action": "offboard", "who": who, "by": "hr",
        "evidence": "named", "outcome": "done", "settled": true,
    }]});
    assert_eq!(answer, expected);
    assert_eq!(list.direct(&json!({"view": "history"})).await, expected);

    let rows = rows(&list.ask("/?view=history&format=csv").await);
    assert_eq!(rows[0], "time,provider,action,who,by,evidence,outcome,settled");
    assert_eq!(rows.len(), 2);
    assert!(rows[1].starts_with(&format!("{time},bilanc,offboard,")), "{rows:?}");
    assert!(
        rows[1].contains(&mail("ada")) && rows[1].ends_with(",hr,named,done,true"),
        "{rows:?}"
    );

    // Both ends are included.
    let second = SignedDuration::from_secs(1);
    let day = time.strftime("%F").to_string();
    let cases = [
        (format!("from={time}"), 1),
        (format!("to={time}"), 1),
        (format!("from={day}&to={day}"), 1),
        (format!("from={}", time + second), 0),
        (format!("to={}", time - second), 0),
    ];
    for (span, count) in cases {
        let answer = list.ask(&format!("/?view=history&{span}")).await.json();
        assert_eq!(answer["history"].as_array().unwrap().len(), count, "{span}");
    }
}

#[tokio::test]
async fn a_history_that_cannot_be_told_says_why() {
    let stage = Stage::with(&[("PROVIDERS", "bilanc")]).await;
    let list = stage.start("list").await;
    let (status, kind, message) = refusal(&list.ask("/?view=history").await);
    assert_eq!((status, &*kind), (500, "Misconfigured"));
    assert!(message.contains("LEDGER"), "{message}");
    stage.ledger.fail_after("Query", 0);
    let unreadable = stage.start_with("list", &[LEDGER]).await;
    let (status, kind, _) = refusal(&unreadable.ask("/?view=history").await);
    assert_eq!((status, &*kind), (503, "Unavailable"));

    let answer = list.ask("/?view=history&from=yesterday&to=2026-13-01").await;
    assert_eq!(
        (answer.status, details(&answer.json())),
        (400, vec!["from".to_owned(), "to".to_owned()])
    );
    let answer = list.ask("/?view=accounts&from=2026-01-01").await;
    assert_eq!((answer.status, details(&answer.json())), (400, vec!["from".to_owned()]));
}

#[tokio::test]
async fn a_removal_that_failed_is_told_as_such() {
    let stage = Stage::with(&[("PROVIDERS", "blackbird"), LEDGER]).await;
    stage.seed_all("blackbird", ["bob"]);
    let faults = stage.blackbird.faults();
    faults.inject("PUT", "/", Fault::Status(500), When::Always);
    let offboard = stage.start("offboard").await;
    let order = json!({"email_addresses": [mail("bob")]});
    assert_eq!(offboard.order(&order).await.status, 207);
    let list = stage.start("list").await;
    let told = list.ask("/?view=history").await.json();
    let told = &told["history"][0];
    assert_eq!(
        (&told["action"], &told["outcome"]),
        (&json!("offboard"), &json!("failed"))
    );
}
