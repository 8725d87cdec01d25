//! What is not built yet is refused as a whole: acting at once on an order for later would remove somebody who works here.

use serde_json::{Value, json};

use crate::stage::{Stage, mail, refusal};

#[tokio::test]
async fn an_order_for_later_is_501_and_nothing_is_done() {
    let stage = Stage::new().await;
    stage.seed_all("blackbird", ["ada"]);
    let offboard = stage.start("offboard").await;
    let ada = |more: Value| {
        let mut order = json!({"email_addresses": [mail("ada")]});
        order.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        order
    };
    let orders = [
        ada(json!({"effective_at": "2031-12-31T18:00:00Z"})),
        ada(json!({"effective_at": "2031-12-31T18:00:00", "time_zone": "Europe/London"})),
        ada(json!({"effective_at": "2001-01-01T00:00:00Z"})),
        ada(json!({"cancel": true})),
        ada(json!({"effective_at": "2031-12-31T18:00:00Z", "mode": "preview"})),
    ];
    for order in orders {
        let answer = offboard.order(&order).await;
        let (status, kind, message) = refusal(&answer);
        assert_eq!((status, &*kind), (501, "Unsupported"), "{order}");
        assert!(message.contains("nothing was done"), "{message}");
        assert_eq!(offboard.direct(&order).await, answer.json(), "{order}");
    }
    assert_eq!(stage.calls(), [""; 0]);
    assert_eq!(offboard.order(&ada(json!({"cancel": false}))).await.status, 200);
}

#[tokio::test]
async fn faults_are_named_before_anything_is_called_unsupported() {
    let stage = Stage::new().await;
    let offboard = stage.start("offboard").await;
    let answer = offboard
        .order(&json!({"email_addresses": ["canary"], "effective_at": "2031-12-31T18:00:00Z"}))
        .await;
    assert_eq!(answer.status, 400);
    let answer = offboard
        .order(&json!({"email_addresses": [mail("ada")], "effective_at": null, "cancel": "yes"}))
        .await;
    assert_eq!(answer.status, 400);
    assert_eq!(stage.calls(), [""; 0]);
}
