//! What a native order leaves unfinished is finished from the queue, about no more than that.

use std::time::Duration;

use rehearsal::faults::{Fault, When};
use rehearsal::host::Invocation;
use rehearsal::providers::{Simulator, State};
use rehearsal::queues::VISIBILITY;
use serde_json::{Value, json};

use super::{inactive, queued, waiting, work_off, world};
use crate::stage::{Running, Stage, crowd, csv, digest, mail, told};

fn order(names: &[&str]) -> Value {
    let mails: Vec<String> = names.iter().map(|name| mail(name)).collect();
    json!({"email_addresses": mails, "reason": "HR-123"})
}

fn bilanc_is_down(stage: &Stage, call: &str) {
    stage
        .bilanc
        .faults()
        .inject(call, "/", Fault::Status(503), When::Always);
}

#[tokio::test]
async fn a_provider_that_is_down_is_finished_when_it_is_back_and_nobody_else_is_touched_again() {
    let stage = world().await;
    let offboard = stage.start("offboard").await;
    bilanc_is_down(&stage, "*");
    let lines = told(&offboard.order(&order(&["ada", "bob"])).await);
    assert_eq!(lines[0], "207 partial apply");
    assert_eq!(lines[1..3], ["bilanc unreachable Unavailable", "  queued ada bob"]);
    assert_eq!(
        waiting(&stage, "offboard"),
        [
            json!({"people": [{"email": mail("ada")}, {"email": mail("bob")}], "providers": ["bilanc"], "reason": "HR-123", "_": {"by": "hr"}})
        ]
    );
    stage.bilanc.faults().clear();
    stage.clear_calls();
    work_off(&stage, "offboard", &offboard, 1).await;
    assert!(
        stage.calls().iter().all(|call| call.starts_with("bilanc ")),
        "{:?}",
        stage.calls()
    );
    assert_eq!(stage.present("bilanc"), 1);
    assert_eq!(stage.queues.waiting("offboard"), [] as [Value; 0]);
}

#[tokio::test]
async fn with_bilanc_down_for_an_hour_a_leaver_is_finished_there_once() {
    let stage = world().await;
    let offboard = stage.start("offboard").await;
    bilanc_is_down(&stage, "*");
    assert_eq!(queued(&offboard.request(inactive("ada")).await), (202, json!("queued")));
    let mut minutes = 0;
    while minutes < 60 {
        stage.queues.deliver("offboard", &offboard).await;
        assert_ne!(stage.state("blackbird", "ada"), Some(State::Active), "served at once");
        assert_eq!(stage.state("bilanc", "ada"), Some(State::Active));
        stage.queues.pass(VISIBILITY);
        minutes += VISIBILITY.as_secs() / 60;
    }
    stage.bilanc.faults().clear();
    stage.clear_calls();
    work_off(&stage, "offboard", &offboard, 1).await;
    assert_ne!(stage.state("bilanc", "ada"), Some(State::Active));
    assert_eq!(stage.writes().len(), 1, "{:?}", stage.writes());
    assert_eq!(stage.queues.waiting("offboard"), [] as [Value; 0]);
}

#[tokio::test]
async fn one_whose_removal_failed_is_queued_alone() {
    let stage = world().await;
    let offboard = stage.start("offboard").await;
    let fault = Fault::Status(503);
    // Blackbird removes one after the other: the first works, the second does not.
    stage
        .blackbird
        .faults()
        .inject("DELETE", "/", fault.clone(), When::Always);
    stage
        .blackbird
        .faults()
        .inject("PATCH", "/", fault.clone(), When::Always);
    stage.blackbird.faults().inject("PUT", "/", fault, When::Always);
    let answer = offboard.order(&order(&["ada", "nobody"])).await;
    let lines = told(&answer);
    assert_eq!(lines[0], "207 partial apply", "{lines:?}");
    assert!(
        lines.contains(&"  offboard ada named queued Unavailable".to_owned())
            || lines.contains(&"  offboard ada named queued Uncertain".to_owned()),
        "{lines:?}"
    );
    let waiting = stage.queues.waiting("offboard");
    assert_eq!(waiting.len(), 1, "{waiting:?}");
    assert_eq!(waiting[0]["providers"], json!(["blackbird"]));
    assert_eq!(waiting[0]["people"], json!([{"email": mail("ada")}]));
    stage.blackbird.faults().clear();
    work_off(&stage, "offboard", &offboard, 1).await;
    assert_ne!(stage.state("blackbird", "ada"), Some(State::Active));
}

#[tokio::test]
async fn all_of_it_queued_is_202_and_a_preview_queues_nothing() {
    let stage = world().await;
    let offboard = stage.start_with("offboard", &[("PROVIDERS", "bilanc")]).await;
    bilanc_is_down(&stage, "*");
    let mut preview = order(&["ada"]);
    preview["mode"] = json!("preview");
    assert_eq!(told(&offboard.order(&preview).await)[0], "502 failed preview");
    assert_eq!(stage.queues.calls().len(), 0);
    let lines = told(&offboard.order(&order(&["ada"])).await);
    assert_eq!(
        lines,
        ["202 queued apply", "bilanc unreachable Unavailable", "  queued ada"]
    );
}

#[tokio::test]
async fn joiners_are_finished_with_their_names() {
    let stage = world().await;
    let onboard = stage.start("onboard").await;
    stage
        .blackbird
        .faults()
        .inject("*", "/", Fault::Status(503), When::Always);
    let dan = json!({"email": mail("dan"), "first_name": "Dan", "last_name": "Canary", "ids": {"hibob": "74"}});
    let answer = onboard
        .order(&json!({"people": [dan], "providers": ["blackbird"]}))
        .await;
    assert_eq!(told(&answer)[0], "202 queued apply");
    assert_eq!(stage.queues.waiting("onboard")[0]["people"], json!([dan]));
    stage.blackbird.faults().clear();
    work_off(&stage, "onboard", &onboard, 1).await;
    assert_eq!(stage.state("blackbird", "dan"), Some(State::Active));
}

#[tokio::test]
async fn a_reconcile_is_finished_where_it_could_not_look() {
    let stage = world().await;
    let reconcile = stage.start("reconcile").await;
    stage.directory(&super::directory("ada"));
    bilanc_is_down(&stage, "*");
    let lines = told(&reconcile.order(&json!({"mode": "apply"})).await);
    assert_eq!(lines[..2], ["207 partial apply", "bilanc unreachable Unavailable"]);
    assert_eq!(
        waiting(&stage, "reconcile"),
        [json!({"mode": "apply", "providers": ["bilanc"], "_": {"by": "hr"}})]
    );
    stage.bilanc.faults().clear();
    work_off(&stage, "reconcile", &reconcile, 1).await;
    assert_ne!(stage.state("bilanc", "ada"), Some(State::Active));
    // A schedule's run is loud instead: the next night is the retry.
    bilanc_is_down(&stage, "*");
    let (kind, _) = reconcile
        .failure(&json!({"mode": "apply", "schedule": "nightly"}))
        .await;
    assert_eq!(kind, "Unavailable");
    assert_eq!(stage.queues.waiting("reconcile"), [] as [Value; 0]);
}

#[tokio::test]
async fn what_needs_somebodys_doing_is_not_queued() {
    let stage = world().await;
    let offboard = stage.start_with("offboard", &[("PROVIDERS", "bilanc")]).await;
    stage.bilanc.faults().inject("*", "/", Fault::Status(401), When::Always);
    assert_eq!(told(&offboard.order(&order(&["ada"])).await)[0], "502 failed apply");
    assert_eq!(stage.queues.calls().len(), 0);
}

#[tokio::test]
async fn with_the_queue_down_too_the_caller_is_told_that_it_is_not_done() {
    let stage = world().await;
    let offboard = stage.start("offboard").await;
    bilanc_is_down(&stage, "*");
    stage.queues.faults().inject("*", "/", Fault::Status(500), When::Always);
    let lines = told(&offboard.order(&order(&["ada"])).await);
    assert_eq!(lines[..2], ["207 partial apply", "bilanc unreachable Unavailable"]);
    assert!(!lines.iter().any(|line| line.contains("queued")), "{lines:?}");
}

/// A run that has done a part when its time is over: one joiner is in, the next hangs, and the others were not begun.
async fn out_of_time(stage: &Stage, reconcile: &Running, order: Value) -> Invocation {
    stage
        .blackbird
        .faults()
        .inject("GET", "eve.canary", Fault::Hang, When::Always);
    let ended = reconcile.invoke_within(&order, Duration::from_secs(4)).await;
    stage.blackbird.faults().clear();
    ended
}

/// Twelve people, six of whom have left; the consent to that, which a run begins to use before its time is over.
async fn consented() -> (Stage, Running) {
    let stage = world().await;
    stage.seed_all("blackbird", crowd("p", 9));
    let left = crowd("p", 6)
        .into_iter()
        .fold(csv(["ada", "bob", "cy"]), |directory, name| {
            directory + &csv([name]).lines().last().unwrap().replace("active,*", "left,") + "\n"
        });
    stage.directory(&(left + csv(["p6", "p7", "p8"]).split_once('\n').unwrap().1));
    let mut blackbird = stage.blackbird.document();
    blackbird["max_in_flight"] = json!(1);
    stage.document("blackbird", &blackbird);
    let reconcile = stage.start("reconcile").await;
    let order = json!({"mode": "apply", "providers": ["blackbird"]});
    let held = reconcile.order(&order).await;
    let order = json!({"mode": "apply", "providers": ["blackbird"], "consent": [digest(&held, "blackbird")]});
    let people = stage.blackbird.people();
    let (id, ..) = people
        .iter()
        .find(|(_, seed, _)| seed.email == Some(mail("p3")))
        .unwrap();
    let faults = stage.blackbird.faults();
    faults.inject("PUT", &format!("/{id}"), Fault::Hang, When::Always);
    let ended = reconcile.invoke_within(&order, Duration::from_secs(4)).await;
    faults.clear();
    let gone = |name: &&String| stage.state("blackbird", name) != Some(State::Active);
    let count = crowd("p", 6).iter().filter(gone).count();
    assert!((1..6).contains(&count), "{count}: {ended:?}");
    stage.queues.pass(VISIBILITY);
    (stage, reconcile)
}

#[tokio::test]
async fn a_consent_goes_on_with_the_removals_that_it_named() {
    let (stage, reconcile) = consented().await;
    work_off(&stage, "reconcile", &reconcile, 1).await;
    assert_eq!(stage.present("blackbird"), 6);
    assert_eq!(stage.queues.waiting("reconcile"), [] as [Value; 0]);
    let consents = stage.ledger.items();
    let consents = consents
        .iter()
        .filter(|item| item["key"].as_str().unwrap().starts_with("consent/"));
    assert_eq!(consents.count(), 2, "both are used up");
}

#[tokio::test]
async fn a_consent_goes_on_with_nobody_it_did_not_name() {
    let (stage, reconcile) = consented().await;
    let before = stage.present("blackbird");
    stage.directory(&csv(["ada", "bob", "cy"]).replace(",cy,Canary,active,*", ",cy,Canary,left,"));
    stage.queues.deliver("reconcile", &reconcile).await;
    assert_eq!(stage.present("blackbird"), before, "another list is held");
}

/// A day after the order its consent is over, also for what is left.
#[tokio::test]
async fn a_consent_goes_on_for_a_day() {
    let (stage, reconcile) = consented().await;
    let mut message = stage.queues.waiting("reconcile").remove(0);
    assert!(message["consent"][0].is_string(), "{message}");
    let at: jiff::Timestamp = message["_"]["at"].as_str().unwrap().parse().unwrap();
    message["_"]["at"] = json!((at - jiff::SignedDuration::from_hours(25)).to_string());
    let before = stage.present("blackbird");
    let event = json!({"Records": [{"messageId": "old", "eventSource": "aws:sqs", "body": message.to_string()}]});
    let _ = reconcile.invoke(&event).await;
    assert_eq!(stage.present("blackbird"), before);
}

#[tokio::test]
async fn a_run_that_has_no_time_left_goes_on_by_itself_whoever_started_it() {
    for order in [
        json!({"mode": "apply", "providers": ["blackbird"]}),
        json!({"mode": "apply", "providers": ["blackbird"], "schedule": "nightly"}),
    ] {
        let stage = world().await;
        stage.directory(&csv(["ada", "bob", "cy", "dan", "eve", "fay", "gus"]));
        let mut blackbird = stage.blackbird.document();
        blackbird["max_in_flight"] = json!(1);
        stage.document("blackbird", &blackbird);
        let reconcile = stage.start("reconcile").await;
        let ended = out_of_time(&stage, &reconcile, order.clone()).await;
        assert_eq!(
            stage.state("blackbird", "dan"),
            Some(State::Active),
            "{order}: {ended:?}"
        );
        assert_eq!(stage.state("blackbird", "gus"), None, "{order}");
        assert_eq!(
            waiting(&stage, "reconcile")[0]["providers"],
            json!(["blackbird"]),
            "{order}: {ended:?}"
        );
        stage.queues.pass(VISIBILITY);
        work_off(&stage, "reconcile", &reconcile, 1).await;
        assert_eq!(stage.present("blackbird"), 7, "{order}");
        assert_eq!(stage.queues.waiting("reconcile"), [] as [Value; 0], "{order}");
    }
}
