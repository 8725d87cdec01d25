//! What one run leaves behind for the next: sightings, the size of the roster, the window, consents that were used.

use rehearsal::faults::{Fault, When};
use rehearsal::providers::State;
use serde_json::json;

use super::apply;
use crate::stage::{Folder, LEDGER, Running, Stage, crowd, csv, digest, told};

/// So many people at Blackbird, all of them in the roster, and a ledger.
async fn stage(count: usize, settings: &[(&str, &str)]) -> (Stage, Vec<String>) {
    let usual = [("PROVIDERS", "blackbird"), ("SIGHTING_GAP_MINUTES", "0"), LEDGER];
    let stage = Stage::with(&[&usual[..], settings].concat()).await;
    let people = crowd("p", count);
    stage.seed_all("blackbird", &people);
    stage.directory(&csv(&people));
    (stage, people)
}

async fn run(reconcile: &Running) -> Vec<String> {
    told(&reconcile.order(&apply(&json!({}))).await)
}

/// A roster in which these have left.
fn without(people: &[String], left: &[&str]) -> String {
    let mut text = csv(people);
    for name in left {
        text = text.replace(&format!(",{name},Canary,active"), &format!(",{name},Canary,left"));
    }
    text
}

#[tokio::test]
async fn an_absence_counts_at_the_second_complete_read() {
    let (stage, people) = stage(20, &[]).await;
    let reconcile = stage.start("reconcile").await;
    stage.directory(&csv(&people[..19]));
    let waiting = [
        "200 done apply",
        "blackbird applied 20",
        "  skip p19 awaiting_second_sighting",
    ];
    assert_eq!(run(&reconcile).await, waiting);
    // A preview is a look and leaves nothing behind, and a read that broke off saw nobody's absence.
    let before = stage.ledger.items();
    reconcile.order(&json!({})).await;
    stage.roster.faults().inject("GET", "/", Fault::Status(404), When::Once);
    assert_eq!(reconcile.order(&apply(&json!({}))).await.status, 500);
    let shelf = |items: &[serde_json::Value]| {
        let mut all = items.to_vec();
        all.retain(|item| item["key"] != "lease");
        all
    };
    assert_eq!(shelf(&stage.ledger.items()), shelf(&before));
    assert_eq!(stage.present("blackbird"), 20);
    let gone = ["200 done apply", "blackbird applied 20", "  offboard p19 absence done"];
    assert_eq!(run(&reconcile).await, gone);
    assert_eq!(run(&reconcile).await, ["200 done apply", "blackbird applied 20"]);
}

#[tokio::test]
async fn two_reads_in_a_moment_are_one_sighting() {
    let (stage, people) = stage(20, &[("SIGHTING_GAP_MINUTES", "10")]).await;
    let reconcile = stage.start("reconcile").await;
    stage.directory(&csv(&people[..19]));
    for _ in 0..3 {
        assert_eq!(run(&reconcile).await[2..], ["  skip p19 awaiting_second_sighting"]);
    }
    assert_eq!(stage.present("blackbird"), 20);
}

#[tokio::test]
async fn who_comes_back_is_seen_anew() {
    let (stage, people) = stage(20, &[]).await;
    let reconcile = stage.start("reconcile").await;
    for _ in 0..2 {
        stage.directory(&csv(&people[..19]));
        assert_eq!(run(&reconcile).await[2..], ["  skip p19 awaiting_second_sighting"]);
        stage.directory(&csv(&people));
        assert_eq!(run(&reconcile).await, ["200 done apply", "blackbird applied 20"]);
    }
    assert_eq!(stage.present("blackbird"), 20);
}

/// Bench row N: an edit of the directory starts afresh, a rotated key does not.
#[tokio::test]
async fn an_edit_of_the_settings_starts_the_sightings_afresh_and_a_rotated_token_does_not() {
    let (stage, people) = stage(100, &[]).await;
    stage.directory(&csv(&people[..96]));
    let reconcile = stage.start("reconcile").await;
    let awaiting = |lines: &[String]| {
        let waiting = lines.iter().filter(|line| line.ends_with("awaiting_second_sighting"));
        waiting.count()
    };
    assert_eq!(awaiting(&run(&reconcile).await), 4);
    // The same people are missing under another document: they are seen for the first time again.
    let url = format!("{}/roster.csv", stage.roster.url());
    let source = |token: &str| json!({"kind": "roster_file", "url": url, "token": token, "max_age_hours": 24, "grants": {"*": ["*"]}});
    stage.document("directory", &source("canary-one"));
    let edited = stage.start("reconcile").await;
    assert_eq!(awaiting(&run(&edited).await), 4, "the first run after an edit");
    assert_eq!(stage.present("blackbird"), 100);
    stage.document("directory", &source("canary-two"));
    let rotated = stage.start("reconcile").await;
    let lines = run(&rotated).await;
    assert_eq!(lines[..2], ["200 done apply", "blackbird applied 100"], "{lines:?}");
    assert_eq!((awaiting(&lines), stage.present("blackbird")), (0, 96));
}

#[tokio::test]
async fn another_limit_is_an_edit_too() {
    let (stage, people) = stage(20, &[]).await;
    stage.directory(&csv(&people[..19]));
    let reconcile = stage.start("reconcile").await;
    assert_eq!(run(&reconcile).await.len(), 3);
    let looser = stage.start_with("reconcile", &[("MAX_REMOVALS", "6")]).await;
    assert_eq!(run(&looser).await[2..], ["  skip p19 awaiting_second_sighting"]);
}

#[tokio::test]
async fn what_earlier_runs_removed_counts_against_the_limit() {
    let (stage, people) = stage(60, &[]).await;
    let reconcile = stage.start("reconcile").await;
    stage.directory(&without(&people, &["p0", "p1"]));
    assert_eq!(run(&reconcile).await[0], "200 done apply");
    // Two of three are used up; another process knows it.
    stage.directory(&without(&people, &["p0", "p1", "p2", "p3"]));
    let another = stage.start("reconcile").await;
    let held = ["409 held apply", "blackbird held 60 too_many_removals 2/3 of 58"];
    assert_eq!(run(&another).await, held);
    stage.directory(&without(&people, &["p0", "p1", "p2"]));
    let third = stage.start("reconcile").await;
    assert_eq!(
        run(&third).await,
        [
            "200 done apply",
            "blackbird applied 60",
            "  offboard p2 known_leaver done"
        ]
    );
}

#[tokio::test]
async fn a_roster_that_shrank_is_measured_by_the_last_good_one_of_the_provider() {
    let stage = Stage::with(&[("PROVIDERS", "bilanc,blackbird"), ("SIGHTING_GAP_MINUTES", "0"), LEDGER]).await;
    let people = crowd("p", 60);
    stage.seed_all("blackbird", &people);
    stage.seed_all("bilanc", &people[..40]);
    stage.directory(&csv(&people));
    let reconcile = stage.start("reconcile").await;
    reconcile.order(&apply(&json!({}))).await;
    // Seven of sixty vanish; two of them have an account at Blackbird only, and the other five as well.
    stage.directory(&csv(&people[..53]));
    let first = run(&reconcile).await;
    assert!(first.contains(&"blackbird applied 60".to_owned()), "{first:?}");
    for _ in 0..3 {
        let lines = run(&reconcile).await;
        let held = lines.iter().find(|line| line.starts_with("blackbird"));
        assert_eq!(held.unwrap(), "blackbird held 60 roster_shrank 7/60 of 60");
    }
    assert_eq!(stage.present("blackbird"), 60);
    // Consent makes the smaller roster the measure.
    let consent = digest(&reconcile.order(&json!({})).await, "blackbird");
    let order = apply(&json!({"consent": [consent], "providers": ["blackbird"]}));
    assert_eq!(
        told(&reconcile.order(&order).await)[..2],
        ["200 done apply", "blackbird applied 60"]
    );
    stage.directory(&csv(&people[..52]));
    let lines = run(&reconcile).await;
    assert!(lines.contains(&"blackbird applied 60".to_owned()), "{lines:?}");
}

#[tokio::test]
async fn a_consent_is_used_once() {
    let (stage, people) = stage(12, &[]).await;
    let left: Vec<&str> = people[6..].iter().map(String::as_str).collect();
    stage.directory(&without(&people, &left));
    let reconcile = stage.start("reconcile").await;
    let first = digest(&reconcile.order(&json!({})).await, "blackbird");
    let order = apply(&json!({"consent": [first]}));
    assert_eq!(told(&reconcile.order(&order).await)[0], "200 done apply");
    assert_eq!(stage.present("blackbird"), 6);
    // A second click finds nothing to do.
    assert_eq!(
        told(&reconcile.order(&order).await),
        ["200 done apply", "blackbird applied 12"]
    );
    // The six are back, and the digest that was good once is not good any more.
    for name in &left {
        stage.seed("blackbird", name, State::Active);
    }
    let again = reconcile.order(&order).await;
    assert_eq!(told(&again)[0], "409 held apply");
    assert_ne!(digest(&again, "blackbird"), first);
    assert_eq!(stage.present("blackbird"), 12);
    // Who gave it is kept.
    let used = stage.ledger.items().into_iter();
    let used: Vec<_> = used.filter(|item| item["key"] == format!("consent/{first}")).collect();
    assert!(
        used.len() == 1 && used[0]["text"].as_str().unwrap().contains("\"hr\""),
        "{used:?}"
    );
}

#[tokio::test]
async fn of_two_runs_with_one_consent_one_uses_it() {
    let (stage, people) = stage(12, &[]).await;
    let left: Vec<&str> = people[6..].iter().map(String::as_str).collect();
    stage.directory(&without(&people, &left));
    let (one, other) = (stage.start("reconcile").await, stage.start("reconcile").await);
    let consent = digest(&one.order(&json!({})).await, "blackbird");
    stage.clear_calls();
    let order = apply(&json!({"consent": [consent]}));
    let (one, other) = tokio::join!(one.order(&order), other.order(&order));
    assert!(
        [one.status, other.status].contains(&200),
        "{} {}",
        one.status,
        other.status
    );
    assert_eq!(stage.writes().len(), 6, "{:?}", stage.writes());
}

#[tokio::test]
async fn a_ledger_in_a_file_remembers_as_well() {
    let folder = Folder::new();
    let place = format!("file:{}", folder.path().join("ledger.json").display());
    let (stage, people) = stage(20, &[("LEDGER", &place)]).await;
    stage.directory(&csv(&people[..19]));
    let first = stage.start("reconcile").await;
    assert_eq!(run(&first).await[2..], ["  skip p19 awaiting_second_sighting"]);
    let second = stage.start("reconcile").await;
    assert_eq!(run(&second).await[2..], ["  offboard p19 absence done"]);
    assert_eq!(stage.ledger.calls().len(), 0, "nobody asked DynamoDB");
}
