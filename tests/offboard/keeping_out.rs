//! The hold on a leaver: `reconcile` does not bring back whom an order sent away while the directory still lists them.

use rehearsal::providers::State;
use serde_json::{Value, json};

use crate::stage::{Folder, LEDGER, Running, Stage, csv, mail, told};

/// Ada and Bob have access, and the directory says that both should.
async fn stage(provider: &str, settings: &[(&str, &str)]) -> Stage {
    let stage = Stage::with(&[&[("PROVIDERS", provider), LEDGER], settings].concat()).await;
    stage.seed_all(provider, ["ada", "bob"]);
    stage.directory(&csv(["ada", "bob"]));
    stage
}

fn ada() -> Value {
    json!({"email_addresses": [mail("ada")]})
}

async fn reconciled(reconcile: &Running) -> Vec<String> {
    told(&reconcile.order(&json!({"mode": "apply"})).await)
}

/// Sends Ada away, shows that she stays away, and brings her back.
async fn kept_out_until_brought_back(stage: &Stage) {
    assert_eq!(stage.start("offboard").await.order(&ada()).await.status, 200);
    let reconcile = stage.start("reconcile").await;
    for _ in 0..2 {
        let report = reconciled(&reconcile).await;
        assert_eq!(
            (&*report[0], report.last().unwrap().as_str()),
            ("200 done apply", "  skip ada held")
        );
        assert_ne!(stage.state("blackbird", "ada"), Some(State::Active));
    }
    let expected = ["200 done apply", "blackbird applied 2", "  onboard ada done"];
    assert_eq!(told(&stage.start("onboard").await.order(&ada()).await), expected);
    assert_eq!(reconciled(&reconcile).await, ["200 done apply", "blackbird applied 2"]);

    // Nothing is left of the hold: should she lose access otherwise, she gets it back.
    stage.seed("blackbird", "ada", State::Dormant);
    assert_eq!(reconciled(&reconcile).await, expected);
}

#[tokio::test]
async fn whom_an_order_sent_away_stays_away_until_an_order_brings_them_back() {
    kept_out_until_brought_back(&stage("blackbird", &[]).await).await;
}

#[tokio::test]
async fn a_ledger_in_a_file_keeps_them_out_as_well() {
    let folder = Folder::new();
    let file = format!("file:{}", folder.path().join("ledger.json").display());
    let stage = stage("blackbird", &[("LEDGER", &file)]).await;
    kept_out_until_brought_back(&stage).await;
    let list = stage.start("list").await;
    let history = list.ask("/?view=history").await.json();
    let actions: Vec<&str> = history["history"]
        .as_array()
        .unwrap()
        .iter()
        .map(|e| e["action"].as_str().unwrap())
        .collect();
    assert_eq!(
        actions.iter().filter(|action| **action == "offboard").count(),
        1,
        "{history}"
    );
    assert_eq!(actions.len(), 3, "{history}");
    assert_eq!(stage.ledger.calls().len(), 0);
}

/// Ordered by address; afterwards the directory has only the login, which nothing but the account bore.
#[tokio::test]
async fn another_identity_is_no_way_back() {
    let stage = stage("bilanc", &[]).await;
    stage.directory(&format!("email\n{}\n{}\n", mail("ada"), mail("bob")));
    assert_eq!(stage.start("offboard").await.order(&ada()).await.status, 200);
    stage.directory(&format!(
        "email,github_username\n{},bob-canary\n,ada-canary\n",
        mail("bob")
    ));
    let reconcile = stage.start("reconcile").await;
    let report = reconciled(&reconcile).await;
    assert_eq!(report, ["200 done apply", "bilanc applied 1", "  skip @ada held"]);
    // By the login she is let in again.
    let order = json!({"github_usernames": ["ada-canary"]});
    let _ = stage.start("onboard").await.order(&order).await;
    let report = reconciled(&reconcile).await;
    assert!(!report.iter().any(|line| line.contains("held")), "{report:?}");
}

#[tokio::test]
async fn a_hold_of_no_days_is_none() {
    let stage = stage("blackbird", &[("LEAVER_HOLD_DAYS", "0")]).await;
    assert_eq!(stage.start("offboard").await.order(&ada()).await.status, 200);
    let reconcile = stage.start("reconcile").await;
    let expected = ["200 done apply", "blackbird applied 2", "  onboard ada done"];
    assert_eq!(reconciled(&reconcile).await, expected);
}

/// An order that removed nobody, because the guard held it or it was a preview, keeps nobody out.
#[tokio::test]
async fn who_was_not_sent_away_is_not_kept_out() {
    let stage = stage("blackbird", &[("MAX_ORDERED_REMOVALS", "1")]).await;
    let offboard = stage.start("offboard").await;
    let both = json!({"email_addresses": [mail("ada"), mail("bob")]});
    assert_eq!(offboard.order(&both).await.status, 409);
    let preview = json!({"email_addresses": [mail("ada")], "mode": "preview"});
    assert_eq!(offboard.order(&preview).await.status, 200);
    stage.seed("blackbird", "ada", State::Dormant);
    let reconcile = stage.start("reconcile").await;
    let expected = ["200 done apply", "blackbird applied 2", "  onboard ada done"];
    assert_eq!(reconciled(&reconcile).await, expected);
}
