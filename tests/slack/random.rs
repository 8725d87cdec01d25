//! Signed requests with anything in them: each is answered, none is a 5xx, and of a user who is not listed none does anything.

use jiff::Timestamp;
use rehearsal::slack::{TEAM, form};
use serde_json::{Value, json};

use super::stage;

/// Replaces one value somewhere in a JSON value by something else.
fn bend(value: &mut Value, dice: &mut fastrand::Rng) {
    let others = [
        json!(null),
        json!(7),
        json!(""),
        json!([]),
        json!({}),
        json!("<!channel>"),
        json!(["x"]),
        json!({"id": TEAM}),
    ];
    let deeper = dice.u8(..4) > 0;
    match value {
        Value::Object(object) if deeper && !object.is_empty() => {
            let place = dice.usize(..object.len());
            if let Some((_, inside)) = object.iter_mut().nth(place) {
                bend(inside, dice);
            }
        }
        Value::Array(list) if deeper && !list.is_empty() => {
            let place = dice.usize(..list.len());
            bend(&mut list[place], dice);
        }
        _ => *value = others[dice.usize(..others.len())].clone(),
    }
}

#[tokio::test]
async fn whatever_is_signed_is_answered_and_does_nothing_for_strangers() {
    let stage = stage(&[]).await;
    let reconcile = stage.start("reconcile").await;
    let mut dice = fastrand::Rng::with_seed(20_261_127);
    let button = json!({"action_id": "rollcall_approve", "text": {"type": "plain_text", "text": "Approve"},
                        "value": r#"{"f":"reconcile","p":"bilanc","d":"86e28ac88ce44fe37044609778e8017e","t":1795000000}"#});
    for n in 0..400 {
        let request = match n % 4 {
            0 => {
                let mut payload = stage.slack.click_payload("U0OTHER", &button);
                (0..dice.u8(1..4)).for_each(|_| bend(&mut payload, &mut dice));
                stage.slack.interaction(&payload)
            }
            1 => {
                let mut event = stage
                    .slack
                    .step("offboard_user", &json!({"email": "lea.canary@example.com"}));
                event["team_id"] = "T0OTHER".into();
                (0..dice.u8(1..4)).for_each(|_| bend(&mut event, &mut dice));
                stage.slack.event(&event)
            }
            2 => {
                let length = dice.usize(..300);
                let bytes: Vec<u8> = std::iter::repeat_with(|| dice.u8(..)).take(length).collect();
                form(
                    &[("payload", &String::from_utf8_lossy(&bytes)), ("command", "/reconcile")],
                    Timestamp::now(),
                )
            }
            _ => {
                let text: String = std::iter::repeat_with(|| dice.char(..)).take(80).collect();
                stage.slack.command("/reconcile", &text, &[("user_id", "U0OTHER")])
            }
        };
        let answer = reconcile.request(request.clone()).await;
        assert!(
            matches!(answer.status, 200 | 400),
            "{n}: {} {}",
            answer.status,
            String::from_utf8_lossy(&request.body)
        );
    }
    assert_eq!((stage.calls(), stage.ledger.calls().len()), (vec![], 0));
}
