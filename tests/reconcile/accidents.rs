//! The guard bench, row by row, as far as it can be told without a ledger: through the real binary, over real HTTP.

use std::fmt::Write as _;

use rehearsal::faults::{Fault, When};
use rehearsal::providers::Simulator;
use serde_json::json;

use super::apply;
use crate::stage::{Stage, crowd, csv, mail, refusal, told};

/// So many people at Blackbird, all of them in the roster.
async fn stage(count: usize, settings: &[(&str, &str)]) -> (Stage, Vec<String>) {
    let stage = Stage::with(&[&[("PROVIDERS", "blackbird")], settings].concat()).await;
    let people = crowd("p", count);
    stage.seed_all("blackbird", &people);
    stage.directory(&csv(&people));
    (stage, people)
}

/// After the accident nothing was removed.
fn unharmed(stage: &Stage, count: usize, why: &str) {
    assert_eq!(stage.present("blackbird"), count, "{why}");
    assert!(!stage.writes().iter().any(|call| call.contains(" PUT ")), "{why}");
}

#[tokio::test]
async fn rows_a_and_c_the_roster_comes_back_empty() {
    for count in [8, 150] {
        let (stage, _) = stage(count, &[]).await;
        stage.directory("email,github_username,first_name,last_name,status,access\n");
        let reconcile = stage.start("reconcile").await;
        let answer = reconcile.order(&apply(&json!({}))).await;
        assert_eq!((answer.status, &*refusal(&answer).1), (409, "Held"));
        unharmed(&stage, count, "empty");
    }
}

#[tokio::test]
async fn row_b_the_roster_shows_one_of_26() {
    let (stage, people) = stage(26, &[]).await;
    stage.directory(&csv(&people[..1]));
    let reconcile = stage.start("reconcile").await;
    let expected = ["409 held apply", "blackbird held 26 too_many_removals 25/3 of 26"];
    assert_eq!(told(&reconcile.order(&apply(&json!({}))).await), expected);
    unharmed(&stage, 26, "one");
}

/// Wherever the file is cut, and whether or not it has a trailer.
#[tokio::test]
async fn row_d_the_csv_is_cut_at_82_percent() {
    let (stage, people) = stage(1000, &[]).await;
    let whole = csv(&people);
    let start = whole.len() * 82 / 100;
    let url = format!("{}/roster.csv", stage.roster.url());
    for trailer in [false, true] {
        stage.document(
            "directory",
            &json!({"kind": "roster_file", "url": url, "trailer": trailer}),
        );
        let reconcile = stage.start("reconcile").await;
        // Over the length of a row, so that the cut falls into every column and between two rows.
        for cut in (start..start + 64).step_by(3) {
            stage.roster.set("/roster.csv", "text/csv", &whole.as_bytes()[..cut]);
            let answer = reconcile.order(&apply(&json!({}))).await;
            match trailer {
                true => assert_eq!((answer.status, &*refusal(&answer).1), (502, "Protocol"), "{cut}"),
                false => assert!([409, 502].contains(&answer.status), "{cut}: {}", answer.status),
            }
        }
    }
    unharmed(&stage, 1000, "cut");
}

#[tokio::test]
async fn row_h_300_of_1000_vanish_and_50_join() {
    let (stage, people) = stage(1000, &[]).await;
    stage.directory(&csv(people[..700].iter().chain(&crowd("new", 50))));
    let reconcile = stage.start("reconcile").await;
    let lines = told(&reconcile.order(&apply(&json!({}))).await);
    assert_eq!(
        lines[..2],
        ["409 held apply", "blackbird held 1000 too_many_removals 300/50 of 1000"]
    );
    assert_eq!(lines[2..].iter().filter(|line| line.ends_with(" done")).count(), 50);
    unharmed(&stage, 1050, "vanished");
}

/// The file has no pages; the connection is lost, or the server gives up, in the middle of the read.
#[tokio::test]
async fn row_l_the_directory_fails_half_way() {
    let (stage, _) = stage(20, &[("CALL_TIMEOUT_MS", "500")]).await;
    let reconcile = stage.start("reconcile").await;
    for fault in [Fault::Status(503), Fault::CutAfter, Fault::CutBefore, Fault::Hang] {
        stage.roster.faults().clear();
        stage.roster.faults().inject("GET", "/", fault.clone(), When::Always);
        let answer = reconcile.order(&apply(&json!({}))).await;
        assert_eq!((answer.status, &*refusal(&answer).1), (503, "Unavailable"), "{fault:?}");
        assert_eq!(stage.writes(), [""; 0], "{fault:?}");
    }
    unharmed(&stage, 20, "half way");
}

/// A page that was dropped, counted wrongly or looped: the provider's list is no list, and nobody there is changed.
#[tokio::test]
async fn row_m_a_page_is_dropped_or_looped() {
    let stage = Stage::with(&[("PROVIDERS", "bilanc,appxite,powens")]).await;
    stage.appxite.allow_block(true);
    stage.appxite.max_page_size(4);
    stage.powens.max_page_size(4);
    stage.publish();
    let people = crowd("p", 10);
    let mut roster = String::from("email,powens_id,status\n");
    for (number, name) in people.iter().enumerate() {
        stage.seed_all("bilanc", [name]);
        stage.seed_all("appxite", [name]);
        let user = rehearsal::providers::Seed {
            id: Some((number + 101).to_string()),
            ..Default::default()
        };
        stage.powens.seed(&user, rehearsal::providers::State::Active);
        let status = if number == 9 { "left" } else { "active" };
        writeln!(roster, "{},{},{status}", mail(name), number + 101).unwrap();
    }
    stage.directory(&roster);
    let world = stage.world();
    let reconcile = stage.start("reconcile").await;
    let faults = [
        ("bilanc", Fault::ShortPage),
        ("bilanc", Fault::WrongTotal),
        ("appxite", Fault::LoopedCursor),
        ("appxite", Fault::ShortPage),
        ("appxite", Fault::WrongTotal),
        ("powens", Fault::LoopedCursor),
        ("powens", Fault::WrongTotal),
        ("powens", Fault::ShortPage),
    ];
    for (provider, fault) in faults {
        stage
            .simulator(provider)
            .faults()
            .inject("GET", "/users", fault.clone(), When::Always);
        let answer = reconcile.order(&apply(&json!({"providers": [provider]}))).await;
        let expected = [
            "502 failed apply".to_owned(),
            format!("{provider} unreachable Protocol"),
        ];
        assert_eq!(told(&answer), expected, "{fault:?}");
        stage.simulator(provider).faults().clear();
    }
    assert_eq!(stage.writes(), [""; 0]);
    assert_eq!(stage.world(), world);
}

/// Somebody edits the directory's document to a file of another group, in which 4 % are missing.
#[tokio::test]
async fn row_n_settings_are_edited_to_a_wrong_group() {
    let (stage, people) = stage(100, &[]).await;
    let reconcile = stage.start("reconcile").await;
    assert_eq!(
        told(&reconcile.order(&apply(&json!({}))).await),
        ["200 done apply", "blackbird applied 100"]
    );
    stage.directory(&csv(&people[..96]));
    let reconcile = stage.start("reconcile").await;
    for _ in 0..2 {
        let expected = ["409 held apply", "blackbird held 100 no_memory 4/0 of 100"];
        assert_eq!(told(&reconcile.order(&apply(&json!({}))).await), expected);
    }
    unharmed(&stage, 100, "edited");
}

#[tokio::test]
async fn row_o_leavers_only() {
    let (stage, people) = stage(30, &[]).await;
    stage.directory(&csv(&people).replace(",p29,Canary,active", ",p29,Canary,left"));
    let reconcile = stage.start("reconcile").await;
    let expected = [
        "200 done apply",
        "blackbird applied 30",
        "  offboard p29 known_leaver done",
    ];
    assert_eq!(told(&reconcile.order(&apply(&json!({}))).await), expected);
}

#[tokio::test]
async fn row_p_the_protected_list_cannot_be_read() {
    let (stage, people) = stage(30, &[("PROTECTED", "p1.canary@example.com;p2.canary@example.com")]).await;
    let roster = csv(people.iter().chain(&crowd("new", 2))).replace(",p29,Canary,active", ",p29,Canary,left");
    stage.directory(&roster);
    let reconcile = stage.start("reconcile").await;
    let held = reconcile.order(&apply(&json!({}))).await;
    let expected = [
        "409 held apply",
        "blackbird held 30 protected_unreadable 1/0 of 30",
        "  onboard new0 done",
        "  onboard new1 done",
    ];
    assert_eq!(told(&held), expected);
    // Consent does not lift it: nobody could see who should have been on the list.
    let consent = crate::stage::digest(&held, "blackbird");
    assert_eq!(
        reconcile.order(&apply(&json!({"consent": [consent]}))).await.status,
        409
    );
    unharmed(&stage, 32, "unreadable");
}
