//! Two runs at once: one of them changes a provider, and the other says that it did not.

use rehearsal::gate::{Closes, Gate};
use rehearsal::providers::{Simulator, State};
use serde_json::json;

use super::apply;
use crate::stage::{LEDGER, Stage, crowd, csv, mail, told};

/// Nine people at AppXite, one of whom has left, and one who is to be invited.
async fn stage() -> Stage {
    let stage = Stage::with(&[("PROVIDERS", "appxite"), LEDGER]).await;
    stage.appxite.allow_block(true);
    stage.publish();
    let people = crowd("p", 9);
    stage.seed_all("appxite", &people);
    let roster = csv(people.iter().chain(&["new".to_owned()]));
    stage.directory(&roster.replace(",p8,Canary,active", ",p8,Canary,left"));
    stage
}

/// Both changes were made, once.
fn changed_once(stage: &Stage) {
    assert_eq!(stage.writes().len(), 2, "{:?}", stage.writes());
    assert_eq!(stage.state("appxite", "new"), Some(State::Invited));
    assert_eq!(stage.present("appxite"), 9);
}

#[tokio::test]
async fn a_second_run_leaves_the_provider_to_the_first_and_says_so() {
    let stage = stage().await;
    let gate = Gate::new("POST", 1, Closes::BeforeTheEffect);
    stage.appxite.faults().set_gate(Some(gate.clone()));
    let (first, click, schedule) = (
        stage.start("reconcile").await,
        stage.start("reconcile").await,
        stage.start("reconcile").await,
    );
    let order = apply(&json!({}));
    let others = async {
        gate.reached().await;
        let nightly = apply(&json!({"schedule": "nightly"}));
        let (clicked, scheduled) = tokio::join!(click.order(&order), schedule.failure(&nightly));
        assert_eq!(
            told(&clicked),
            ["502 failed apply", "appxite unreachable Unavailable"],
            "a click"
        );
        assert!(clicked.text().contains("another run"), "{}", clicked.text());
        assert_eq!(scheduled.0, "Unavailable", "{}", scheduled.1);
        // Looking is not changing.
        let preview = told(&click.order(&json!({})).await);
        assert_eq!(preview[..2], ["200 done preview", "appxite previewed 9"]);
        gate.open();
    };
    let (answer, ()) = tokio::join!(first.order(&order), others);
    assert_eq!(told(&answer)[0], "200 done apply");
    changed_once(&stage);
    let after = told(&click.order(&order).await);
    assert_eq!(after, ["200 done apply", "appxite applied 10"]);
    changed_once(&stage);
}

#[tokio::test]
async fn two_that_start_together_do_the_work_once() {
    for _ in 0..3 {
        let stage = stage().await;
        let (one, other) = (stage.start("reconcile").await, stage.start("reconcile").await);
        let order = apply(&json!({}));
        let (one, other) = tokio::join!(one.order(&order), other.order(&order));
        let statuses = [one.status, other.status];
        assert!(statuses.contains(&200), "{statuses:?}");
        changed_once(&stage);
    }
}

#[tokio::test]
async fn an_order_waits_for_the_run_before_it_and_is_then_worked() {
    let stage = stage().await;
    let gate = Gate::new("POST", 1, Closes::BeforeTheEffect);
    stage.appxite.faults().set_gate(Some(gate.clone()));
    let (reconcile, offboard) = (stage.start("reconcile").await, stage.start("offboard").await);
    let leaver = json!({"email_addresses": [mail("p3")]});
    let order = apply(&json!({}));
    let asking = async {
        gate.reached().await;
        let asked = stage.ledger.calls().len();
        let order = offboard.order(&leaver);
        let release = async {
            // The order has found the lease taken, and looks at it again and again.
            while stage.ledger.calls().len() < asked + 6 {
                tokio::task::yield_now().await;
            }
            gate.open();
        };
        tokio::join!(order, release).0
    };
    let (run, ordered) = tokio::join!(reconcile.order(&order), asking);
    assert_eq!(told(&run)[0], "200 done apply");
    let expected = ["200 done apply", "appxite applied 10", "  offboard p3 named done"];
    assert_eq!(told(&ordered), expected);
    assert_eq!(stage.writes().len(), 3);
}

#[tokio::test]
async fn an_onboard_order_waits_for_the_run_before_it_too() {
    let stage = stage().await;
    let gate = Gate::new("POST", 1, Closes::BeforeTheEffect);
    stage.appxite.faults().set_gate(Some(gate.clone()));
    let (reconcile, onboard) = (stage.start("reconcile").await, stage.start("onboard").await);
    // One whom the run invites as well, and one only the order names.
    let joiners = json!({"email_addresses": [mail("new"), mail("other")]});
    let order = apply(&json!({}));
    let asking = async {
        gate.reached().await;
        let asked = stage.ledger.calls().len();
        let order = onboard.order(&joiners);
        let release = async {
            // The order has found the lease taken, and looks at it again and again.
            while stage.ledger.calls().len() < asked + 6 {
                tokio::task::yield_now().await;
            }
            gate.open();
        };
        tokio::join!(order, release).0
    };
    let (run, ordered) = tokio::join!(reconcile.order(&order), asking);
    assert_eq!(told(&run)[0], "200 done apply");
    let lines = told(&ordered);
    assert_eq!(ordered.status, 200, "{lines:?}");
    assert!(
        !lines
            .iter()
            .any(|line| line.contains("onboard new pending") || line.contains("onboard new done")),
        "{lines:?}"
    );
    assert_eq!(stage.writes().len(), 3, "{lines:?} {:?}", stage.writes());
    assert_eq!(stage.present("appxite"), 10);
}
