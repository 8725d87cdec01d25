//! What is held, and the buttons under it: approve does exactly that, once, within a day; reject does nothing.

use rehearsal::providers::State;
use rehearsal::slack::ADMIN;
use serde_json::{Value, json};

use super::{acknowledged, admit, button, say, shown, stage};
use crate::stage::{Running, Stage, crowd, csv, mail};

/// Seven of twenty have left: four more than the limit.
pub(super) async fn held(stage: &Stage) -> (Running, Value) {
    let people = crowd("p", 20);
    stage.seed_all("bilanc", &people);
    stage.directory(&leaving(7));
    let reconcile = stage.start("reconcile").await;
    let message = say(stage, &reconcile, "/reconcile", "apply bilanc").await;
    assert!(
        shown(&message).contains("*Held at bilanc:* 7 removals – more than the limit of 3 for 20 accounts"),
        "{message}"
    );
    (reconcile, message)
}

/// The directory, in which the first so many of twenty have left.
fn leaving(count: usize) -> String {
    let mut csv = csv(crowd("p", 20));
    for n in 0..count {
        csv = csv.replace(&format!(",p{n},Canary,active"), &format!(",p{n},Canary,left"));
    }
    csv
}

fn last(stage: &Stage) -> Value {
    stage.slack.messages().pop().expect("a message")
}

#[tokio::test]
async fn approve_removes_exactly_what_was_held() {
    let stage = stage(&[]).await;
    let (reconcile, message) = held(&stage).await;
    assert_eq!(stage.present("bilanc"), 20);
    let approve = button(&message, "Approve");
    assert_eq!(
        (&approve["style"], approve["confirm"].is_object()),
        (&json!("danger"), true)
    );
    acknowledged(&reconcile.request(stage.slack.click(ADMIN, &approve)).await);
    assert_eq!(stage.present("bilanc"), 13);
    let told = last(&stage);
    assert_eq!(told["replace_original"], true);
    assert!(
        shown(&told).starts_with("reconcile: done\n*bilanc* – 7 offboard done"),
        "{told}"
    );
    let list = stage.start("list").await;
    let history = list.direct(&json!({"view": "history"})).await;
    assert_eq!(history["history"][0]["by"], "slack:U0ADMIN", "{history}");
    // A second click finds nothing to do.
    let writes = stage.writes();
    acknowledged(&reconcile.request(stage.slack.click(ADMIN, &approve)).await);
    assert_eq!(stage.writes(), writes);
    assert!(
        shown(&last(&stage)).starts_with("reconcile: done\n*bilanc* – nothing to do"),
        "{}",
        last(&stage)
    );
}

#[tokio::test]
async fn a_click_that_is_delivered_twice_is_worked_once() {
    let stage = stage(&[]).await;
    let (reconcile, message) = held(&stage).await;
    let payload = stage.slack.click_payload(ADMIN, &button(&message, "Approve"));
    acknowledged(&reconcile.request(stage.slack.interaction(&payload)).await);
    stage.clear_calls();
    acknowledged(&reconcile.request(stage.slack.interaction(&payload)).await);
    assert_eq!((stage.calls(), stage.slack.messages().len()), (vec![], 1));
}

#[tokio::test]
async fn a_preview_offers_the_same_buttons() {
    let stage = stage(&[]).await;
    let (reconcile, _) = held(&stage).await;
    let preview = say(&stage, &reconcile, "/reconcile", "bilanc").await;
    assert_eq!(stage.present("bilanc"), 20);
    acknowledged(
        &reconcile
            .request(stage.slack.click(ADMIN, &button(&preview, "Approve")))
            .await,
    );
    assert_eq!(stage.present("bilanc"), 13);
}

#[tokio::test]
async fn reject_does_nothing_and_says_who_it_was() {
    let stage = stage(&[]).await;
    let (reconcile, message) = held(&stage).await;
    stage.clear_calls();
    acknowledged(
        &reconcile
            .request(stage.slack.click(ADMIN, &button(&message, "Reject")))
            .await,
    );
    assert_eq!((stage.calls(), stage.present("bilanc")), (vec![], 20));
    let told = last(&stage);
    assert_eq!(
        shown(&told),
        "The removals at bilanc were rejected by <@U0ADMIN>. Nothing was removed."
    );
    assert_eq!(told["replace_original"], true);
}

#[tokio::test]
async fn another_list_by_now_is_held_again() {
    let stage = stage(&[]).await;
    let (reconcile, message) = held(&stage).await;
    let old = button(&message, "Approve");
    stage.directory(&leaving(8));
    acknowledged(&reconcile.request(stage.slack.click(ADMIN, &old)).await);
    assert_eq!(stage.present("bilanc"), 20);
    let told = last(&stage);
    assert!(shown(&told).contains("*Held at bilanc:* 8 removals"), "{told}");
    let new = button(&told, "Approve");
    assert_ne!(new["value"], old["value"]);
    acknowledged(&reconcile.request(stage.slack.click(ADMIN, &new)).await);
    assert_eq!(stage.present("bilanc"), 12);
}

/// The same button, made so many hours ago.
fn aged(button: &Value, hours: i64) -> Value {
    let mut value: Value = serde_json::from_str(button["value"].as_str().unwrap()).unwrap();
    value["t"] = (value["t"].as_i64().unwrap() - hours * 3600).into();
    let mut button = button.clone();
    button["value"] = value.to_string().into();
    button
}

#[tokio::test]
async fn a_button_is_good_for_a_day() {
    let stage = stage(&[]).await;
    let (reconcile, message) = held(&stage).await;
    let approve = button(&message, "Approve");
    stage.clear_calls();
    for old in [aged(&approve, 25), aged(&approve, -1)] {
        acknowledged(&reconcile.request(stage.slack.click(ADMIN, &old)).await);
        assert!(
            shown(&last(&stage)).starts_with("This has expired, and nothing was done."),
            "{}",
            last(&stage)
        );
        assert_eq!(last(&stage)["replace_original"], true);
    }
    assert_eq!((stage.calls(), stage.present("bilanc")), (vec![], 20));
    acknowledged(&reconcile.request(stage.slack.click(ADMIN, &aged(&approve, 23))).await);
    assert_eq!(stage.present("bilanc"), 13);
}

#[tokio::test]
async fn who_approves_and_who_asked_are_both_written_down() {
    let stage = stage(&[]).await;
    let mut caller = stage.slack.caller(&crate::stage::EVERYWHERE);
    caller["users"] = json!([ADMIN, "U0SECOND"]);
    stage.document("callers", &json!({ "slack": caller }));
    let (reconcile, message) = held(&stage).await;
    acknowledged(
        &reconcile
            .request(stage.slack.click("U0SECOND", &button(&message, "Approve")))
            .await,
    );
    let list = stage.start("list").await;
    let history = list.direct(&json!({"view": "history"})).await;
    assert_eq!(
        history["history"][0]["by"], "slack:U0SECOND, asked for by U0ADMIN",
        "{history}"
    );
}

#[tokio::test]
async fn a_held_offboard_is_given_again_with_the_people_it_names() {
    let stage = stage(&[("MAX_ORDERED_REMOVALS", "1")]).await;
    stage.seed_all("bilanc", ["lea", "max", "ned"]);
    let offboard = stage.start("offboard").await;
    let two = format!("{} github:max-canary bilanc", mail("lea"));
    let message = say(&stage, &offboard, "/offboard", &two).await;
    assert!(
        shown(&message).contains("*Held at bilanc:* 2 removals – more than the 1 that orders may remove in an hour"),
        "{message}"
    );
    assert_eq!(stage.present("bilanc"), 3);
    // The button comes to the app's one interactivity URL, which may be another function's: without a queue nothing is done.
    let reconcile = stage.start("reconcile").await;
    acknowledged(
        &reconcile
            .request(stage.slack.click(ADMIN, &button(&message, "Approve")))
            .await,
    );
    assert!(
        shown(&last(&stage)).starts_with("This belongs to `offboard`, and this is the URL of `reconcile`."),
        "{}",
        last(&stage)
    );
    assert_eq!(
        (stage.present("bilanc"), &last(&stage)["replace_original"]),
        (3, &json!(false))
    );
    acknowledged(
        &offboard
            .request(stage.slack.click(ADMIN, &button(&message, "Approve")))
            .await,
    );
    assert_eq!(stage.present("bilanc"), 1);
    assert_eq!(stage.state("bilanc", "ned"), Some(State::Active));
}

#[tokio::test]
async fn an_offboard_of_more_than_a_button_holds_explains_what_to_do() {
    let stage = stage(&[("MAX_ORDERED_REMOVALS", "1")]).await;
    let many = crowd("somebody-with-a-long-name", 60);
    stage.seed_all("bilanc", &many);
    let offboard = stage.start("offboard").await;
    let text: Vec<String> = many.iter().map(|name| mail(name)).collect();
    let message = say(&stage, &offboard, "/offboard", &format!("{} bilanc", text.join(" "))).await;
    let shown = shown(&message);
    assert!(
        shown.contains("names more people than a button holds") && !shown.contains("Approve\n"),
        "{shown}"
    );
}

#[tokio::test]
async fn where_no_consent_helps_there_is_no_button() {
    let stage = stage(&[]).await;
    let (reconcile, message) = held(&stage).await;
    reconcile.direct(&json!({"pause": true})).await;
    let paused = say(&stage, &reconcile, "/reconcile", "apply bilanc").await;
    assert!(shown(&paused).contains("somebody pressed pause"), "{paused}");
    assert!(!paused.to_string().contains("rollcall_approve"), "{paused}");
    acknowledged(
        &reconcile
            .request(stage.slack.click(ADMIN, &button(&message, "Approve")))
            .await,
    );
    assert_eq!(stage.present("bilanc"), 20, "an old button does not lift it either");
}

#[tokio::test]
async fn the_permission_is_that_of_the_function_that_would_do_it() {
    let stage = stage(&[]).await;
    let (reconcile, message) = held(&stage).await;
    admit(&stage, &["list", "offboard"]);
    let reconcile_again = stage.start("reconcile").await;
    drop(reconcile);
    for label in ["Approve", "Reject"] {
        acknowledged(
            &reconcile_again
                .request(stage.slack.click(ADMIN, &button(&message, label)))
                .await,
        );
        assert!(
            shown(&last(&stage)).contains("may not ask Rollcall for `reconcile`"),
            "{}",
            last(&stage)
        );
    }
    assert_eq!(stage.present("bilanc"), 20);
}

#[tokio::test]
async fn what_is_no_button_of_ours_is_acknowledged() {
    let stage = stage(&[]).await;
    let (reconcile, message) = held(&stage).await;
    stage.clear_calls();
    let approve = button(&message, "Approve");
    let mut foreign = approve.clone();
    foreign["action_id"] = "somebody_elses".into();
    acknowledged(&reconcile.request(stage.slack.click(ADMIN, &foreign)).await);
    for kind in ["view_submission", "shortcut", "message_action", "view_closed"] {
        let mut payload = stage.slack.click_payload(ADMIN, &approve);
        payload["type"] = kind.into();
        acknowledged(&reconcile.request(stage.slack.interaction(&payload)).await);
    }
    assert_eq!((stage.calls(), stage.slack.calls().len()), (vec![], 0));
    // One of ours that cannot be read does nothing either.
    for value in ["", "{}", "null", r#"{"f":"onboard","p":"bilanc","d":"x","t":1}"#] {
        let mut broken = approve.clone();
        broken["value"] = value.into();
        acknowledged(&reconcile.request(stage.slack.click(ADMIN, &broken)).await);
        assert_eq!(
            shown(&last(&stage)),
            "This button cannot be read. Ask again.",
            "{value}"
        );
    }
    assert_eq!(stage.calls(), [""; 0]);
}
