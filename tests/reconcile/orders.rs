//! Orders of `reconcile` that are not valid, or that its settings do not allow.

use serde_json::json;

use crate::stage::{Stage, csv, details, mail, refusal};

#[tokio::test]
async fn every_fault_of_an_order_is_named_and_nothing_is_done() {
    let stage = Stage::with(&[("PROVIDERS", "bilanc,blackbird")]).await;
    stage.directory(&csv(["ada"]));
    let reconcile = stage.start("reconcile").await;
    let cases = [
        (json!({"mode": "force"}), vec!["mode"]),
        (json!({"mode": null}), vec!["mode"]),
        (json!({"mode": "apply", "force": true}), vec!["force"]),
        (json!({"providers": []}), vec!["providers"]),
        (
            json!({"providers": ["bilanc", "powens", "oracle", 1]}),
            vec!["providers[3]", "providers[1]", "providers[2]"],
        ),
        (
            json!({"providers": null, "consent": null, "pause": null}),
            vec!["providers", "consent", "pause"],
        ),
        (json!({"consent": "abc"}), vec!["consent"]),
        (json!({"pause": "yes"}), vec!["pause"]),
        (
            json!({"email_addresses": [mail("ada")], "people": []}),
            vec!["email_addresses", "people"],
        ),
        (json!({"effective_at": "2031-01-01T00:00:00Z"}), vec!["effective_at"]),
        (json!({"reason": "because"}), vec!["reason"]),
    ];
    for (order, faults) in cases {
        let answer = reconcile.order(&order).await;
        assert_eq!(
            (answer.status, details(&answer.json())),
            (400, faults.iter().map(ToString::to_string).collect()),
            "{order}"
        );
        assert_eq!(reconcile.direct(&order).await, answer.json(), "{order}");
    }
    assert_eq!(stage.calls(), [""; 0]);
    assert_eq!(stage.roster.calls().len(), 0);
}

#[tokio::test]
async fn a_pause_that_nothing_could_remember_is_500_and_nothing_is_done() {
    let stage = Stage::new().await;
    stage.directory(&csv(["ada"]));
    let reconcile = stage.start("reconcile").await;
    for order in [json!({"pause": true}), json!({"pause": false, "mode": "apply"})] {
        let answer = reconcile.order(&order).await;
        assert_eq!((answer.status, &*refusal(&answer).1), (500, "Misconfigured"), "{order}");
        assert!(answer.text().contains("LEDGER"), "{}", answer.text());
    }
    assert_eq!(stage.calls(), [""; 0]);
    assert_eq!(stage.roster.calls().len(), 0);
}
