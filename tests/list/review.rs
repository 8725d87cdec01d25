//! The access review: `view=people` as CSV says how each access came to be, and whose was taken away.

use rehearsal::faults::{Fault, When};
use rehearsal::providers::{Simulator, State};
use serde_json::json;

use super::rows;
use crate::stage::{LEDGER, Running, Stage, csv, mail};

const HEADER: &str = "name,emails,github_usernames,ids,entitled,accounts,since,by,evidence";

/// Address, entitled, actual and the three last cells of each row, times as `T`.
async fn review(list: &Running, filter: &str) -> Vec<String> {
    let answer = list.ask(&format!("/?view=people&format=csv{filter}")).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let rows = rows(&answer);
    assert_eq!(rows[0], HEADER);
    let line = |row: &String| {
        let cells: Vec<&str> = row.split(',').collect();
        let [_, emails, _, _, entitled, accounts, since, by, evidence] = cells[..] else {
            panic!("{row}");
        };
        let since: Vec<&str> = since.split(';').map(short).collect();
        let who = emails.trim_end_matches(".canary@example.com");
        format!("{who}|{entitled}|{accounts}|{}|{by}|{evidence}", since.join(";"))
    };
    rows[1..].iter().map(line).collect()
}

/// `bilanc:T` for a provider with a time.
fn short(part: &str) -> &str {
    match part.split_once(':') {
        Some((id, time)) if time.parse::<jiff::Timestamp>().is_ok() => match id {
            "bilanc" => "bilanc:T",
            _ => "blackbird:T",
        },
        _ => part,
    }
}

/// Ada was let in by an order and was at Bilanc before; Bob was ordered out of both; Cem could not be removed; Eve left in the
/// night and is in no roster any more.
async fn reviewed() -> (Stage, Running) {
    let stage = Stage::with(&[("PROVIDERS", "bilanc,blackbird"), LEDGER]).await;
    stage.seed_all("bilanc", ["ada", "bob", "eve", "p0", "p1", "p2"]);
    stage.seed_all("blackbird", ["bob", "cem"]);
    let onboard = stage.start("onboard").await;
    let order = |name: &str, provider: &str| json!({"email_addresses": [mail(name)], "providers": [provider]});
    assert_eq!(onboard.order(&order("ada", "blackbird")).await.status, 200);
    let offboard = stage.start("offboard").await;
    for provider in ["bilanc", "blackbird"] {
        assert_eq!(offboard.order(&order("bob", provider)).await.status, 200);
    }
    let faults = stage.blackbird.faults();
    faults.inject("PUT", "/", Fault::Status(500), When::Always);
    assert_eq!(offboard.order(&order("cem", "blackbird")).await.status, 207);
    faults.clear();
    stage.directory(&csv(["ada", "eve"]).replace(",eve,Canary,active,*", ",eve,Canary,left,"));
    let schedule = json!({"mode": "apply", "schedule": "nightly", "providers": ["bilanc"]});
    let _ = stage.start("reconcile").await.invoke(&schedule).await;
    assert_eq!(stage.state("bilanc", "eve"), Some(State::Gone));
    stage.directory(&csv(["ada"]));
    let list = stage.start("list").await;
    (stage, list)
}

#[tokio::test]
async fn every_access_says_since_when_by_whose_order_and_on_what_evidence_and_former_people_are_there() {
    let (stage, list) = reviewed().await;
    let others = ["p0", "p1", "p2"].map(|name| format!("{name}||bilanc:active|bilanc:|bilanc:|bilanc:not by Rollcall"));
    let mut expected = vec![
        "ada|bilanc;blackbird|bilanc:active;blackbird:active|bilanc:;blackbird:T|bilanc:;blackbird:hr|\
         bilanc:not by Rollcall;blackbird:onboard done read back"
            .to_owned(),
        "bob||blackbird:dormant|bilanc:T;blackbird:T|bilanc:hr;blackbird:hr|\
         bilanc:offboard named done read back;blackbird:offboard named done read back"
            .to_owned(),
        "cem||blackbird:active|blackbird:|blackbird:|blackbird:not by Rollcall".to_owned(),
    ];
    expected.extend(others);
    let eve = "eve|||bilanc:T|bilanc:schedule:nightly|bilanc:offboard known_leaver done read back".to_owned();
    expected.push(eve.clone());
    assert_eq!(review(&list, "").await, expected);

    // The time is the history's, by which the entry is found.
    let history = list.ask(&format!("/?view=history&email={}", mail("eve"))).await.json();
    let time = history["history"][0]["time"].as_str().unwrap();
    let whole = list.ask("/?view=people&format=csv").await.text();
    assert!(whole.contains(&format!("bilanc:{time}")), "{whole}");

    let email = format!("&email={}", mail("eve"));
    for (filter, expected) in [
        (email.clone(), vec![eve.clone()]),
        (format!("{email}&from={time}&to={time}"), vec![eve]),
        (format!("{email}&to=2001-01-01"), vec![]),
        (format!("{email}&provider=blackbird"), vec![]),
        (format!("{email}&status=active"), vec![]),
    ] {
        assert_eq!(review(&list, &filter).await, expected, "{filter}");
    }
    // JSON is as it was, and takes no times.
    let json = list.ask("/?view=people").await.json();
    assert_eq!(json["people"].as_array().unwrap().len(), 6);
    assert_eq!(json["people"][0].get("since"), None);
    assert_eq!(list.ask("/?view=people&from=2026-01-01").await.status, 400);
    drop(stage);
}

/// Who comes back has the access of their return, and a removal nobody saw says so.
#[tokio::test]
async fn the_last_change_counts_and_one_that_was_not_seen_says_so() {
    let (stage, list) = reviewed().await;
    let order = json!({"email_addresses": [mail("bob")], "providers": ["blackbird"]});
    assert_eq!(stage.start("onboard").await.order(&order).await.status, 200);
    let filter = format!("&email={}", mail("bob"));
    let back = "bob||blackbird:active|bilanc:T;blackbird:T|bilanc:hr;blackbird:hr|\
                bilanc:offboard named done read back;blackbird:onboard done read back";
    assert_eq!(review(&list, &filter).await, [back]);

    // The list that would show it is out of reach after the removal.
    let cut = Fault::CutBefore;
    stage.seed_all("bilanc", ["zoe"]);
    let faults = stage.bilanc.faults();
    let offboard = stage.start("offboard").await;
    let gate = json!({"email_addresses": [mail("zoe")], "providers": ["bilanc"]});
    faults.inject("GET", "/", Fault::ExtraField, When::Once);
    faults.inject("GET", "/", cut, When::Always);
    assert_eq!(offboard.order(&gate).await.status, 207);
    faults.clear();
    let zoe = review(&list, &format!("&email={}", mail("zoe"))).await;
    assert_eq!(
        zoe,
        ["zoe|||bilanc:T|bilanc:hr|bilanc:offboard named done not read back"]
    );
}

#[tokio::test]
async fn without_a_ledger_the_columns_are_empty_and_one_that_is_down_is_said() {
    let stage = Stage::with(&[("PROVIDERS", "bilanc")]).await;
    stage.seed_all("bilanc", ["ada"]);
    let list = stage.start("list").await;
    let unreadable = stage.start_with("list", &[LEDGER]).await;
    stage.ledger.fail_after("Query", 0);
    for (list, status) in [(list, 200), (unreadable, 207)] {
        let answer = list.ask("/?view=people&format=csv").await;
        assert_eq!(answer.status, status);
        let rows = rows(&answer);
        assert_eq!((rows.len(), &*rows[0]), (2, HEADER));
        assert!(rows[1].ends_with(",,bilanc:active,,,"), "{rows:?}");
    }
    stage.ledger.recover();
}
