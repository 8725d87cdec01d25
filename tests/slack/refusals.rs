//! Who is turned away: other users, other workspaces, callers without permission. They are told so, and nothing is done.

use rehearsal::slack::ADMIN;
use serde_json::{Value, json};

use super::{acknowledged, admit, button, message, say, shown, stage};
use crate::stage::{EVERYWHERE, Stage, mail};

const REFUSED: &str =
    "You may not use Rollcall here, and nothing was done. Who runs it can add your member ID to its list.";

fn list_of(stage: &Stage, change: impl FnOnce(&mut serde_json::Map<String, Value>)) {
    let mut caller = stage.slack.caller(&EVERYWHERE);
    change(caller.as_object_mut().unwrap());
    stage.document("callers", &json!({ "slack": caller }));
}

#[tokio::test]
async fn only_listed_users_of_the_workspace_may_ask() {
    let stage = stage(&[]).await;
    stage.seed_all("bilanc", ["lea"]);
    let before = stage.world();
    let functions = [
        ("/onboard", stage.start("onboard").await),
        ("/offboard", stage.start("offboard").await),
        ("/whohas", stage.start("list").await),
        ("/reconcile", stage.start("reconcile").await),
    ];
    let other: [&[(&str, &str)]; 5] = [
        &[("user_id", "U0OTHER")],
        &[("team_id", "T0OTHER")],
        &[("team_id", "")],
        &[("user_id", "")],
        // The name is whatever its bearer likes it to be.
        &[("user_id", "U0OTHER"), ("user_name", ADMIN)],
    ];
    for (command, function) in &functions {
        for changed in other {
            let answer = function
                .request(stage.slack.command(command, &mail("lea"), changed))
                .await;
            assert_eq!(shown(&message(&answer)), REFUSED, "{command} {changed:?}");
        }
        assert!(function.output().contains("a Slack user who is not listed was refused"));
    }
    assert_eq!((stage.calls(), stage.world()), (vec![], before));
    assert_eq!(stage.ledger.calls().len(), 0);
}

#[tokio::test]
async fn a_list_that_was_forgotten_lets_nobody_in() {
    for forgotten in ["users", "team_id"] {
        let stage = stage(&[]).await;
        list_of(&stage, |caller| drop(caller.remove(forgotten)));
        let offboard = stage.start("offboard").await;
        let answer = say(&stage, &offboard, "/offboard", &mail("lea")).await;
        assert_eq!(shown(&answer), REFUSED, "{forgotten}");
        assert_eq!(stage.calls(), [""; 0]);
    }
    let stage = stage(&[]).await;
    list_of(&stage, |caller| drop(caller.insert("users".to_owned(), json!([]))));
    let offboard = stage.start("offboard").await;
    assert_eq!(shown(&say(&stage, &offboard, "/offboard", &mail("lea")).await), REFUSED);
}

#[tokio::test]
async fn the_caller_needs_the_permission_for_what_is_asked() {
    let stage = stage(&[]).await;
    admit(&stage, &["list"]);
    let (offboard, list) = (stage.start("offboard").await, stage.start("list").await);
    let answer = say(&stage, &offboard, "/offboard", &mail("lea")).await;
    assert!(
        shown(&answer).contains("may not ask Rollcall for `offboard`"),
        "{answer}"
    );
    assert_eq!(stage.calls(), [""; 0]);
    let answer = say(&stage, &list, "/whohas", &mail("lea")).await;
    assert!(shown(&answer).starts_with("Nobody is known"), "{answer}");
    // A step goes by the same list.
    let step = stage.slack.step("offboard_user", &json!({"email": mail("lea")}));
    acknowledged(&offboard.request(stage.slack.event(&step)).await);
    let ended = stage.slack.steps()[0].ended.clone();
    assert!(
        format!("{ended:?}").contains("Badly(\"This workspace may not ask"),
        "{ended:?}"
    );
}

#[tokio::test]
async fn a_click_of_somebody_else_does_nothing_and_leaves_the_button() {
    let stage = stage(&[]).await;
    let (reconcile, message) = super::buttons::held(&stage).await;
    let approve = button(&message, "Approve");
    let before = stage.world();
    stage.clear_calls();
    let mut guest = stage.slack.click_payload(ADMIN, &approve);
    guest["user"]["team_id"] = "T0PARTNER".into();
    let mut elsewhere = stage.slack.click_payload(ADMIN, &approve);
    elsewhere["team"]["id"] = "T0OTHER".into();
    let clicks = [
        stage.slack.click("U0OTHER", &approve),
        stage.slack.click("U0OTHER", &button(&message, "Reject")),
        stage.slack.interaction(&guest),
        stage.slack.interaction(&elsewhere),
    ];
    for (n, click) in clicks.into_iter().enumerate() {
        acknowledged(&reconcile.request(click).await);
        let told = &stage.slack.messages()[n];
        assert_eq!(shown(told), REFUSED);
        assert_eq!(
            (&told["replace_original"], &told["response_type"]),
            (&json!(false), &json!("ephemeral"))
        );
    }
    assert_eq!((stage.calls(), stage.world()), (vec![], before));
}

#[tokio::test]
async fn a_step_of_another_workspace_is_ignored() {
    let stage = stage(&[]).await;
    let offboard = stage.start("offboard").await;
    let mut step = stage.slack.step("offboard_user", &json!({"email": mail("lea")}));
    step["team_id"] = "T0OTHER".into();
    let answer = offboard.request(stage.slack.event(&step)).await;
    assert_eq!(
        (answer.status, answer.json()),
        (200, json!({"ignored": "function_executed"}))
    );
    assert_eq!((stage.calls(), stage.slack.calls().len()), (vec![], 0));
}

#[tokio::test]
async fn a_command_at_another_functions_url_is_told_where_it_belongs() {
    let stage = stage(&[]).await;
    let onboard = stage.start("onboard").await;
    for (command, belongs) in [
        ("/offboard", "offboard"),
        ("/whohas", "list"),
        ("/reconcile", "reconcile"),
    ] {
        let shown = shown(&say(&stage, &onboard, command, &mail("lea")).await);
        assert!(shown.contains("This is the URL of `onboard`"), "{shown}");
        assert!(shown.contains(&format!("belongs to the URL of `{belongs}`")), "{shown}");
    }
    let shown = shown(&say(&stage, &onboard, "/fire", &mail("lea")).await);
    assert!(shown.starts_with("Rollcall has no such command. `/onboard "), "{shown}");
    assert_eq!(stage.calls(), [""; 0]);
}

#[tokio::test]
async fn the_proof_comes_first() {
    let stage = stage(&[]).await;
    let list = stage.start("list").await;
    let mut request = stage.slack.command("/whohas", &mail("lea"), &[]);
    request.body.push(b'1');
    assert_eq!(list.request(request).await.status, 401);
    let mut request = stage.slack.command("/whohas", &mail("lea"), &[]);
    request.method = "GET".to_owned();
    assert_eq!(list.request(request).await.status, 405, "Slack posts, to `list` too");
}

#[tokio::test]
async fn a_refusal_that_comes_late_is_read_all_the_same() {
    use jiff::{SignedDuration, Timestamp};
    let stage = stage(&[]).await;
    let offboard = stage.start("offboard").await;
    let command = stage
        .slack
        .command("/offboard", &mail("lea"), &[("user_id", "U0OTHER")]);
    let late = rehearsal::slack::signed_at(&command, Timestamp::now() - SignedDuration::from_secs(10));
    acknowledged(&offboard.request(late).await);
    assert_eq!(shown(&stage.slack.messages()[0]), REFUSED);
}
