//! Entra says who works here, GitHub adds their logins, and Bilanc knows some by the one and some by the other.

use rehearsal::directories::{Directory, Entra, Github, Standing};
use rehearsal::providers::{Seed, Simulator, State};
use serde_json::json;

use super::{fill, lawful, publish, run, source, staff, user};
use crate::stage::{LEDGER, Stage, crowd, mail, told};

/// An account that Bilanc knows by its login only.
fn by_login(name: &str) -> Seed {
    Seed {
        github: Some(format!("{name}-canary")),
        ..Seed::default()
    }
}

async fn world() -> (Stage, Entra, Github) {
    let stage = Stage::with(&[("PROVIDERS", "bilanc"), ("SIGHTING_GAP_MINUTES", "0"), LEDGER]).await;
    let (entra, github) = (Entra::start().await, Github::start().await);
    for directory in [&entra as &dyn Directory, &github] {
        directory.members().set_page_size(3);
        fill(directory, &crowd("p", 12));
    }
    for number in 0..5 {
        stage
            .bilanc
            .seed(&Seed::with_email(&mail(&format!("p{number}"))), State::Active);
    }
    for number in 5..10 {
        stage.bilanc.seed(&by_login(&format!("p{number}")), State::Active);
    }
    stage.bilanc.seed(&Seed::with_email(&mail("p10")), State::Gone);
    stage.bilanc.seed(&by_login("p11"), State::Gone);
    let mut people = staff(&["bilanc"]);
    people["suspended"] = json!("left");
    publish(
        &stage,
        &[source(&entra, &people), source(&github, &json!({"role": "identities"}))],
    );
    (stage, entra, github)
}

#[tokio::test]
async fn bilanc_is_reconciled_by_address_and_by_login_and_then_nothing_is_left() {
    let (stage, entra, github) = world().await;
    let reconcile = stage.start("reconcile").await;
    let joined = run(&reconcile).await;
    assert_eq!(joined[0], "200 done apply");
    let mut changes: Vec<&String> = joined.iter().filter(|line| line.contains("onboard")).collect();
    changes.sort();
    assert_eq!(changes, ["  onboard p10 done", "  onboard p11 done"], "{joined:?}");
    assert_eq!(stage.present("bilanc"), 12);
    let nothing = ["200 done apply", "bilanc applied 12"];
    assert_eq!(run(&reconcile).await, nothing, "no flap");

    // Two leave: one whom Bilanc knows by the address, one by the login.
    for (id, name) in [("1001", "p1"), ("1006", "p6")] {
        entra.members().put(rehearsal::directories::Member {
            standing: Standing::Suspended,
            ..user(id, name)
        });
    }
    let left = run(&reconcile).await;
    let mut changes: Vec<&String> = left.iter().filter(|line| line.contains("offboard")).collect();
    changes.sort();
    assert_eq!(
        changes,
        ["  offboard @p6 known_leaver done", "  offboard p1 known_leaver done"],
        "{left:?}"
    );
    assert_eq!(
        run(&reconcile).await,
        ["200 done apply", "bilanc applied 10"],
        "no flap"
    );
    lawful(&entra);
    lawful(&github);
}

#[tokio::test]
async fn the_order_of_the_sources_decides_nothing() {
    let (stage, entra, github) = world().await;
    let reconcile = stage.start("reconcile").await;
    let preview = json!({"mode": "preview"});
    let one = told(&reconcile.order(&preview).await);
    let mut people = staff(&["bilanc"]);
    people["suspended"] = json!("left");
    publish(
        &stage,
        &[source(&github, &json!({"role": "identities"})), source(&entra, &people)],
    );
    let other = stage.start("reconcile").await;
    assert_eq!(told(&other.order(&preview).await), one);
}

#[tokio::test]
async fn one_source_that_is_down_ends_the_run_and_stops_no_order() {
    let (stage, _entra, github) = world().await;
    github.revoke();
    let before = stage.world();
    let reconcile = stage.start("reconcile").await;
    let answer = reconcile.order(&json!({"mode": "apply"})).await;
    assert_eq!(
        (answer.status, &answer.json()["error"]["kind"]),
        (502, &json!("Credentials"))
    );
    assert_eq!(stage.world(), before);
    // An order goes on with what it says.
    let offboard = stage.start("offboard").await;
    let order = json!({"email_addresses": [mail("p1")]});
    assert_eq!(
        told(&offboard.order(&order).await),
        ["200 done apply", "bilanc applied 10", "  offboard p1 named done"]
    );
}

#[tokio::test]
async fn an_order_by_address_finds_the_account_by_login() {
    let (stage, _entra, _github) = world().await;
    let offboard = stage.start("offboard").await;
    let order = json!({"email_addresses": [mail("p7")]});
    assert_eq!(
        told(&offboard.order(&order).await),
        ["200 done apply", "bilanc applied 10", "  offboard @p7 named done"]
    );
}
