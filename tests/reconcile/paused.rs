//! Pause: removals by `reconcile` stop, also of a run that is under way; joiners and explicit orders go on.

use rehearsal::gate::{Closes, Gate};
use rehearsal::providers::Simulator;
use serde_json::json;

use super::apply;
use crate::stage::{LEDGER, Stage, crowd, csv, digest, mail, told};

/// So many people at Bilanc, the last `leaving` of whom have left; a third of all may go.
async fn stage(count: usize, leaving: usize) -> (Stage, Vec<String>) {
    let stage = Stage::with(&[("PROVIDERS", "bilanc"), ("MAX_REMOVAL_PERCENT", "33"), LEDGER]).await;
    let people = crowd("p", count);
    stage.seed_all("bilanc", &people);
    let mut roster = csv(&people[..count - leaving]);
    for name in &people[count - leaving..] {
        roster += &format!("{},{name}-canary,{name},Canary,left,\n", mail(name));
    }
    stage.directory(&roster);
    (stage, people)
}

#[tokio::test]
async fn pause_stays_until_it_is_lifted_and_no_consent_lifts_it() {
    let (stage, _) = stage(20, 2).await;
    let reconcile = stage.start("reconcile").await;
    let pressed = reconcile.order(&json!({"pause": true})).await;
    assert_eq!(
        told(&pressed)[..2],
        ["200 done preview", "bilanc previewed 20 paused 2/0 of 20"]
    );
    let held = ["409 held apply", "bilanc held 20 paused 2/0 of 20"];
    assert_eq!(told(&reconcile.order(&apply(&json!({}))).await), held);
    let consent = digest(&pressed, "bilanc");
    let order = apply(&json!({"consent": [consent]}));
    assert_eq!(told(&reconcile.order(&order).await), held, "consent");
    // It is written down, so another process knows it too.
    let another = stage.start("reconcile").await;
    assert_eq!(told(&another.order(&apply(&json!({}))).await), held, "another process");
    let (kind, _) = another.failure(&apply(&json!({"schedule": "nightly"}))).await;
    assert_eq!(kind, "Held", "the alarm hears of it");
    assert_eq!(stage.present("bilanc"), 20);
    let lifted = told(&another.order(&apply(&json!({"pause": false}))).await);
    assert_eq!(lifted[..2], ["200 done apply", "bilanc applied 20"]);
    assert_eq!(stage.present("bilanc"), 18);
}

#[tokio::test]
async fn joiners_and_explicit_orders_go_on_while_it_is_pressed() {
    let (stage, people) = stage(20, 1).await;
    stage.seed("bilanc", "new", rehearsal::providers::State::Dormant);
    stage.directory(&csv(people[..19].iter().chain(&["new".to_owned()])));
    let reconcile = stage.start("reconcile").await;
    let order = apply(&json!({"pause": true}));
    let run = told(&reconcile.order(&order).await);
    assert_eq!(run[2..], ["  onboard new done", "  skip p19 awaiting_second_sighting"]);
    let offboard = stage.start("offboard").await;
    let order = json!({"email_addresses": [mail("p3")]});
    assert_eq!(
        told(&offboard.order(&order).await),
        ["200 done apply", "bilanc applied 21", "  offboard p3 named done"]
    );
}

#[tokio::test]
async fn a_run_under_way_sends_no_further_batch() {
    // 250 leavers are three batches; the first is held up until somebody has pressed.
    let (stage, _) = stage(1000, 250).await;
    let gate = Gate::new("POST", 1, Closes::AfterTheEffect);
    stage.bilanc.faults().set_gate(Some(gate.clone()));
    let (running, pressing) = (stage.start("reconcile").await, stage.start("reconcile").await);
    let order = apply(&json!({}));
    let press = async {
        gate.reached().await;
        assert_eq!(pressing.order(&json!({"pause": true})).await.status, 200);
        gate.open();
    };
    let (answer, ()) = tokio::join!(running.order(&order), press);
    let lines = told(&answer);
    assert_eq!(lines[0], "207 partial apply");
    let count = |end: &str| lines.iter().filter(|line| line.ends_with(end)).count();
    assert_eq!((count(" done"), count(" failed Held")), (100, 150));
    assert_eq!(stage.present("bilanc"), 900);
    // What was not sent is not held against the limit, and goes when pause is lifted.
    stage.bilanc.faults().set_gate(None);
    let lines = told(&running.order(&apply(&json!({"pause": false}))).await);
    assert_eq!(lines[..2], ["200 done apply", "bilanc applied 900"]);
    assert_eq!(stage.present("bilanc"), 750);
}
