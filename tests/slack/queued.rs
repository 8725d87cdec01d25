//! With queues: Slack is answered at once, and hears what came of it when it was worked.

use rehearsal::faults::{Fault, When};
use rehearsal::providers::{Simulator, State};
use rehearsal::queues::VISIBILITY;
use rehearsal::slack::{ADMIN, Ended};
use serde_json::{Value, json};

use super::{acknowledged, admit, button, message, say, shown, stage};
use crate::stage::{QUEUES, Running, Stage, mail};

/// Two people at two providers, and a function that has queues.
async fn world(function: &str) -> (Stage, Running) {
    let stage = stage(&QUEUES).await;
    for id in ["bilanc", "blackbird"] {
        stage.seed_all(id, ["lea", "max"]);
    }
    let running = stage.start(function).await;
    (stage, running)
}

/// Works what is on the queue of this function.
async fn deliver(stage: &Stage, name: &str, function: &Running) {
    stage.queues.deliver(name, function).await;
    stage.queues.pass(VISIBILITY);
}

fn last(stage: &Stage) -> Value {
    stage.slack.messages().pop().expect("a message")
}

#[tokio::test]
async fn a_command_is_acknowledged_and_its_end_is_told() {
    let (stage, offboard) = world("offboard").await;
    let answer = say(&stage, &offboard, "/offboard", &mail("lea")).await;
    assert_eq!(answer["text"], "Working on it…");
    assert_eq!((stage.calls(), stage.slack.messages()), (Vec::new(), Vec::new()));
    deliver(&stage, "offboard", &offboard).await;
    assert_eq!(
        last(&stage)["text"],
        "offboard: done. bilanc: 1 offboard done; blackbird: 1 offboard done"
    );
    assert_eq!(stage.state("bilanc", "lea"), Some(State::Gone));
    assert_eq!(stage.queues.waiting("offboard"), [] as [Value; 0]);
    let list = stage.start("list").await;
    let history = list.direct(&json!({"view": "history"})).await;
    assert_eq!(history["history"][0]["by"], "slack:U0ADMIN");
}

#[tokio::test]
async fn what_is_misread_is_said_at_once() {
    let (stage, offboard) = world("offboard").await;
    let answer = say(&stage, &offboard, "/offboard", "nobody").await;
    assert!(answer["text"].as_str().unwrap().starts_with("This was not understood"));
    assert_eq!(stage.queues.calls().len(), 0);
    let stranger = stage
        .slack
        .command("/offboard", &mail("lea"), &[("user_id", "U0OTHER")]);
    message(&offboard.request(stranger).await);
    assert_eq!(stage.queues.calls().len(), 0);
}

#[tokio::test]
async fn a_provider_that_is_down_is_told_and_finished_later() {
    let (stage, offboard) = world("offboard").await;
    stage.bilanc.faults().inject("*", "/", Fault::Status(503), When::Always);
    say(&stage, &offboard, "/offboard", &mail("lea")).await;
    deliver(&stage, "offboard", &offboard).await;
    let told = last(&stage);
    assert!(shown(&told).contains("to be finished later"), "{told}");
    let waiting = stage.queues.waiting("offboard");
    assert_eq!(waiting.len(), 1, "{waiting:?}");
    assert_eq!(waiting[0]["providers"], json!(["bilanc"]));
    assert_eq!(waiting[0]["_"]["by"], "slack:U0ADMIN");
    assert_eq!(waiting[0]["_"].get("reply"), None, "nobody waits for this one");
    stage.bilanc.faults().clear();
    deliver(&stage, "offboard", &offboard).await;
    assert_eq!(stage.state("bilanc", "lea"), Some(State::Gone));
    assert_eq!(
        (stage.queues.waiting("offboard").len(), stage.slack.messages().len()),
        (0, 1)
    );
}

#[tokio::test]
async fn a_directory_that_is_down_is_told_once_and_the_end_too() {
    let (stage, _) = world("offboard").await;
    stage.directory(&crate::stage::csv(["lea", "max"]));
    let reconcile = stage.start("reconcile").await;
    stage.roster.faults().inject("*", "/", Fault::Status(503), When::Always);
    say(&stage, &reconcile, "/reconcile", "apply").await;
    for _ in 0..3 {
        deliver(&stage, "reconcile", &reconcile).await;
    }
    assert_eq!(stage.slack.messages().len(), 1);
    assert!(shown(&last(&stage)).contains("tried again"), "{}", last(&stage));
    stage.roster.faults().clear();
    deliver(&stage, "reconcile", &reconcile).await;
    assert!(shown(&last(&stage)).starts_with("reconcile: done"), "{}", last(&stage));
    assert_eq!(stage.queues.waiting("reconcile"), [] as [Value; 0]);
}

#[tokio::test]
async fn a_click_and_a_step_reach_the_function_they_are_for() {
    let stage = stage(&QUEUES).await;
    let people = crate::stage::crowd("p", 20);
    stage.seed_all("bilanc", &people);
    let offboard = stage.start_with("offboard", &[("MAX_ORDERED_REMOVALS", "1")]).await;
    let both = format!("{} {} bilanc", mail("p1"), mail("p2"));
    say(&stage, &offboard, "/offboard", &both).await;
    deliver(&stage, "offboard", &offboard).await;
    let held = last(&stage);
    assert!(shown(&held).contains("Held at bilanc"), "{held}");
    assert_eq!(
        stage.queues.waiting("offboard"),
        [] as [Value; 0],
        "a person decides, and not a retry"
    );
    // The app's one URL for buttons is reconcile's.
    let reconcile = stage.start("reconcile").await;
    acknowledged(
        &reconcile
            .request(stage.slack.click(ADMIN, &button(&held, "Approve")))
            .await,
    );
    deliver(&stage, "offboard", &offboard).await;
    assert_eq!(stage.present("bilanc"), 18, "{}", last(&stage));
    assert_eq!(last(&stage)["replace_original"], true);
    // And its one URL for steps.
    let step = stage
        .slack
        .step("offboard_user", &json!({"email": mail("p3"), "providers": "bilanc"}));
    let offboard = stage.start("offboard").await;
    acknowledged(&reconcile.request(stage.slack.event(&step)).await);
    assert_eq!(stage.slack.steps()[0].ended, None);
    deliver(&stage, "offboard", &offboard).await;
    assert!(matches!(stage.slack.steps()[0].ended, Some(Ended::Well(_))));
    assert_eq!(stage.present("bilanc"), 17);
}

#[tokio::test]
async fn who_may_not_ask_for_a_function_reaches_its_queue_from_no_other() {
    let stage = stage(&QUEUES).await;
    admit(&stage, &["reconcile"]);
    let reconcile = stage.start("reconcile").await;
    let step = stage.slack.step("offboard_user", &json!({"email": mail("lea")}));
    acknowledged(&reconcile.request(stage.slack.event(&step)).await);
    assert!(matches!(stage.slack.steps()[0].ended, Some(Ended::Badly(_))));
    assert_eq!(stage.queues.calls().len(), 0);
}

#[tokio::test]
async fn with_the_queue_down_a_command_is_worked_at_once() {
    let (stage, offboard) = world("offboard").await;
    stage.queues.faults().inject("*", "/", Fault::Status(500), When::Always);
    let answer = say(&stage, &offboard, "/offboard", &mail("lea")).await;
    assert_eq!(
        answer["text"],
        "offboard: done. bilanc: 1 offboard done; blackbird: 1 offboard done"
    );
    let step = stage.slack.step("onboard_user", &json!({"email": mail("jan")}));
    acknowledged(&offboard.request(stage.slack.event(&step)).await);
    assert!(matches!(&stage.slack.steps()[0].ended, Some(Ended::Badly(error)) if error.contains("out of reach")));
}

#[tokio::test]
async fn a_message_does_not_say_which_host_hears_how_a_step_ended() {
    let stage = stage(&QUEUES).await;
    stage.seed_all("bilanc", ["lea"]);
    let offboard = stage.start("offboard").await;
    let step = stage
        .slack
        .step("offboard_user", &json!({"email": mail("lea"), "providers": "bilanc"}));
    acknowledged(&offboard.request(stage.slack.event(&step)).await);
    let mut message = stage.queues.waiting("offboard").remove(0);
    let to = &mut message["_"]["reply"]["slack"]["to"]["step"];
    assert_eq!(to["caller"], "slack", "{to}");
    to["base_url"] = json!(stage.roster.url());
    let deliver = async |message: &Value| {
        let record = json!({"messageId": "forged", "eventSource": "aws:sqs", "body": message.to_string()});
        let _ = offboard.invoke(&json!({"Records": [record]})).await;
    };
    deliver(&message).await;
    assert_eq!(stage.roster.calls().len(), 0, "another host was told");
    assert!(matches!(stage.slack.steps()[0].ended, Some(Ended::Well(_))));
    // A caller that is none has no place either.
    let ended = stage.slack.calls().len();
    message["_"]["reply"]["slack"]["to"]["step"]["caller"] = json!("hr");
    deliver(&message).await;
    assert_eq!((stage.slack.calls().len(), stage.roster.calls().len()), (ended, 0));
}
