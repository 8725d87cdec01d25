//! The guard bench once more, where everybody had been seen to be absent before: only the check of the read itself, or the
//! hold, stands between the accident and the people.

use rehearsal::faults::{Fault, When};
use rehearsal::providers::Simulator;
use serde_json::{Value, json};

use super::apply;
use crate::stage::{LEDGER, Running, Stage, crowd, csv, mail, refusal, told};

/// So many people at this provider, and a ledger in which each of them was absent once from a roster of as many others.
async fn stage(provider: &str, count: usize, settings: &[(&str, &str)]) -> (Stage, Vec<String>) {
    let usual = [
        ("PROVIDERS", provider),
        ("SIGHTING_GAP_MINUTES", "0"),
        ("CALL_TIMEOUT_MS", "2000"),
        LEDGER,
    ];
    let stage = Stage::with(&[&usual[..], settings].concat()).await;
    if provider == "appxite" {
        stage.appxite.allow_block(true);
        stage.appxite.max_page_size(4);
        stage.publish();
    }
    let people = crowd("p", count);
    stage.seed_all(provider, &people);
    // Others who may use nothing, so that nobody joins.
    let others = csv(crowd("other", count)).replace(",active,*", ",active,");
    stage.directory(&others);
    let reconcile = stage.start("reconcile").await;
    let lines = told(&reconcile.order(&apply(&json!({}))).await);
    let waiting = lines.iter().filter(|line| line.ends_with("awaiting_second_sighting"));
    assert_eq!(waiting.count(), count, "{}", lines[..2].join(" "));
    stage.clear_calls();
    (stage, people)
}

/// After the accident nobody was removed.
fn unharmed(stage: &Stage, provider: &str, count: usize, why: &str) {
    assert_eq!(stage.present(provider), count, "{why}");
}

/// The largest `Held` of the function's metric lines.
fn held_metric(reconcile: &Running) -> u64 {
    let output = reconcile.output();
    let lines = output
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let metrics = lines.filter(|line| line.get("_aws").is_some());
    metrics.filter_map(|line| line["Held"].as_u64()).max().unwrap_or(0)
}

#[tokio::test]
async fn without_an_accident_the_absent_would_go() {
    let (stage, people) = stage("blackbird", 20, &[]).await;
    stage.directory(&csv(people[..19].iter().chain(&["new".to_owned()])));
    let reconcile = stage.start("reconcile").await;
    let expected = [
        "200 done apply",
        "blackbird applied 20",
        "  offboard p19 absence done",
        "  onboard new done",
    ];
    assert_eq!(told(&reconcile.order(&apply(&json!({}))).await), expected);
}

#[tokio::test]
async fn rows_a_and_c_the_roster_comes_back_empty() {
    for count in [8, 150] {
        let (stage, _) = stage("blackbird", count, &[]).await;
        stage.directory("email,github_username,first_name,last_name,status,access\n");
        let reconcile = stage.start("reconcile").await;
        let answer = reconcile.order(&apply(&json!({}))).await;
        assert_eq!((answer.status, &*refusal(&answer).1), (409, "Held"));
        let nightly = apply(&json!({"schedule": "nightly"}));
        assert_eq!(reconcile.failure(&nightly).await.0, "Held");
        assert_eq!(held_metric(&reconcile), 1);
        assert_eq!(stage.writes(), [""; 0]);
        unharmed(&stage, "blackbird", count, "empty");
    }
}

#[tokio::test]
async fn row_b_the_roster_shows_one_of_26() {
    let (stage, people) = stage("blackbird", 26, &[]).await;
    stage.directory(&csv(&people[..1]));
    let reconcile = stage.start("reconcile").await;
    let expected = ["409 held apply", "blackbird held 26 roster_shrank 25/26 of 26"];
    assert_eq!(told(&reconcile.order(&apply(&json!({}))).await), expected);
    assert_eq!(held_metric(&reconcile), 25);
    unharmed(&stage, "blackbird", 26, "one");
}

#[tokio::test]
async fn row_d_the_csv_is_cut_at_82_percent() {
    let (stage, people) = stage("blackbird", 1000, &[]).await;
    let whole = csv(&people);
    let start = whole.len() * 82 / 100;
    let reconcile = stage.start("reconcile").await;
    // Over the length of a row, so that the cut falls into every column and between two rows.
    for cut in (start..start + 64).step_by(7) {
        stage.roster.set("/roster.csv", "text/csv", &whole.as_bytes()[..cut]);
        let answer = reconcile.order(&apply(&json!({}))).await;
        assert!([409, 502].contains(&answer.status), "{cut}: {}", answer.status);
    }
    assert_eq!(stage.writes(), [""; 0]);
    unharmed(&stage, "blackbird", 1000, "cut");
}

#[tokio::test]
async fn row_f_400_known_leavers_of_10000_go_in_one_run() {
    let stage = Stage::with(&[("PROVIDERS", "bilanc"), LEDGER]).await;
    let people = crowd("p", 10_000);
    stage.seed_all("bilanc", &people);
    let mut roster = csv(&people[..9_600]);
    roster += &csv(&people[9_600..]).replace(",active,", ",left,")[roster.find('\n').unwrap() + 1..];
    stage.directory(&roster);
    let reconcile = stage.start("reconcile").await;
    let lines = told(&reconcile.order(&apply(&json!({}))).await);
    assert_eq!(lines[..2], ["200 done apply", "bilanc applied 10000"]);
    let gone = lines.iter().filter(|line| line.ends_with("known_leaver done"));
    assert_eq!((gone.count(), stage.present("bilanc")), (400, 9_600));
    assert_eq!(
        told(&reconcile.order(&apply(&json!({}))).await).len(),
        2,
        "and then none"
    );
}

#[tokio::test]
async fn row_h_300_of_1000_vanish_and_50_join() {
    let (stage, people) = stage("blackbird", 1000, &[]).await;
    stage.directory(&csv(people[..700].iter().chain(&crowd("new", 50))));
    let reconcile = stage.start("reconcile").await;
    let lines = told(&reconcile.order(&apply(&json!({}))).await);
    let expected = ["409 held apply", "blackbird held 1000 roster_shrank 300/1000 of 1000"];
    assert_eq!(lines[..2], expected);
    assert_eq!(lines[2..].iter().filter(|line| line.ends_with(" done")).count(), 50);
    assert_eq!(held_metric(&reconcile), 300);
    unharmed(&stage, "blackbird", 1050, "vanished");
}

#[tokio::test]
async fn row_l_the_directory_fails_half_way() {
    let (stage, _) = stage("blackbird", 20, &[("CALL_TIMEOUT_MS", "500")]).await;
    let reconcile = stage.start("reconcile").await;
    for fault in [Fault::Status(503), Fault::CutAfter, Fault::CutBefore, Fault::Hang] {
        stage.roster.faults().clear();
        stage.roster.faults().inject("GET", "/", fault.clone(), When::Always);
        let answer = reconcile.order(&apply(&json!({}))).await;
        assert_eq!((answer.status, &*refusal(&answer).1), (503, "Unavailable"), "{fault:?}");
    }
    assert_eq!(stage.writes(), [""; 0]);
    unharmed(&stage, "blackbird", 20, "half way");
}

#[tokio::test]
async fn row_m_a_page_is_dropped_or_looped() {
    let (stage, people) = stage("appxite", 10, &[]).await;
    stage.directory(&csv(&people[..9]));
    let reconcile = stage.start("reconcile").await;
    for fault in [Fault::LoopedCursor, Fault::ShortPage, Fault::WrongTotal] {
        let faults = stage.appxite.faults();
        faults.inject("GET", "/users", fault.clone(), When::Always);
        let expected = ["502 failed apply", "appxite unreachable Protocol"];
        assert_eq!(told(&reconcile.order(&apply(&json!({}))).await), expected, "{fault:?}");
        faults.clear();
    }
    assert_eq!(stage.writes(), [""; 0]);
    unharmed(&stage, "appxite", 10, "pages");
}

#[tokio::test]
async fn row_n_the_document_names_the_file_of_a_wrong_group() {
    let (stage, people) = stage("blackbird", 100, &[]).await;
    let wrong = csv(&people[..96]);
    stage.roster.set("/wrong.csv", "text/csv", wrong.as_bytes());
    let url = format!("{}/wrong.csv", stage.roster.url());
    stage.document("directory", &json!({"kind": "roster_file", "url": url}));
    let reconcile = stage.start("reconcile").await;
    let lines = told(&reconcile.order(&apply(&json!({}))).await);
    assert_eq!(lines[..2], ["200 done apply", "blackbird applied 100"]);
    assert_eq!(lines.len(), 2 + 4, "{lines:?}");
    assert!(lines[2..].iter().all(|line| line.ends_with("awaiting_second_sighting")));
    unharmed(&stage, "blackbird", 100, "another group");
}

#[tokio::test]
async fn row_p_the_protected_list_cannot_be_read() {
    let broken = [("PROTECTED", "p1.canary@example.com;p2.canary@example.com")];
    let (stage, people) = stage("blackbird", 30, &broken).await;
    stage.directory(&csv(people[..29].iter().chain(&["new".to_owned()])));
    let reconcile = stage.start("reconcile").await;
    let held = told(&reconcile.order(&apply(&json!({}))).await);
    let expected = [
        "409 held apply",
        "blackbird held 30 protected_unreadable 1/0 of 30",
        "  onboard new done",
    ];
    assert_eq!(held, expected);
    unharmed(&stage, "blackbird", 31, "unreadable");
    assert_eq!(
        stage.state("blackbird", "p29"),
        Some(rehearsal::providers::State::Active),
        "{}",
        mail("p29")
    );
}
