//! Every command: what is typed is done, and the answer says so.

use rehearsal::providers::State;
use serde_json::json;

use super::{message, say, shown, stage};
use crate::stage::{csv, mail, person};

#[tokio::test]
async fn onboard_gives_access() {
    let stage = stage(&[]).await;
    let onboard = stage.start("onboard").await;
    let answer = say(&stage, &onboard, "/onboard", &mail("jan")).await;
    assert_eq!(stage.state("blackbird", "jan"), Some(State::Active));
    let shown = shown(&answer);
    assert!(
        shown.starts_with("onboard: done\n*bilanc* – 1 onboard not known there yet"),
        "{shown}"
    );
    assert!(
        shown.contains(&format!(
            "*blackbird* – 1 onboard done\n• onboard {} – done",
            mail("jan")
        )),
        "{shown}"
    );
}

#[tokio::test]
async fn offboard_takes_it_where_it_is_told_to() {
    let stage = stage(&[]).await;
    stage.seed_all("bilanc", ["lea", "max"]);
    stage.seed_all("blackbird", ["lea", "max"]);
    let offboard = stage.start("offboard").await;
    let answer = say(&stage, &offboard, "/offboard", &format!("{} blackbird", mail("lea"))).await;
    assert_eq!(answer["text"], "offboard: done. blackbird: 1 offboard done");
    assert_eq!(stage.state("blackbird", "lea"), Some(State::Dormant));
    assert_eq!(stage.state("bilanc", "lea"), Some(State::Active), "not named");
    let answer = say(&stage, &offboard, "/offboard", &format!("preview {}", mail("lea"))).await;
    assert!(
        shown(&answer).starts_with("offboard, a preview: nothing was changed"),
        "{answer}"
    );
    assert_eq!(stage.state("bilanc", "lea"), Some(State::Active), "a preview");
    // By login, under the name the workspace chose, in any case.
    say(&stage, &offboard, "/Rollcall-OffBoard", "github:Lea-Canary BILANC").await;
    assert_eq!(stage.state("bilanc", "lea"), Some(State::Gone));
    assert_eq!(stage.state("bilanc", "max"), Some(State::Active));
}

#[tokio::test]
async fn whohas_shows_everything_of_one_person() {
    let stage = stage(&[]).await;
    stage.seed_all("bilanc", ["lea", "max"]);
    stage.seed_all("blackbird", ["lea", "max"]);
    stage.directory(&csv(["lea", "max"]));
    let list = stage.start("list").await;
    for text in [mail("lea"), "github:lea-canary".to_owned()] {
        let answer = say(&stage, &list, "/whohas", &text).await;
        let shown = shown(&answer);
        assert!(
            shown.contains(&mail("lea")) && shown.contains("github:lea-canary"),
            "{shown}"
        );
        assert!(
            shown.contains("• bilanc: active") && shown.contains("• blackbird: active"),
            "{shown}"
        );
        assert!(
            shown.contains("The directory entitles them to bilanc, blackbird."),
            "{shown}"
        );
        assert!(!shown.contains("max"), "{shown}");
    }
    let answer = say(&stage, &list, "/whohas", &format!("{} bilanc", mail("lea"))).await;
    assert!(!shown(&answer).contains("• blackbird"), "{answer}");
    let answer = say(&stage, &list, "/whohas", &mail("nobody")).await;
    assert_eq!(shown(&answer), format!("Nobody is known as {}.", mail("nobody")));
    assert_eq!(stage.writes(), [""; 0]);
}

#[tokio::test]
async fn whohas_says_who_could_not_be_asked() {
    use rehearsal::faults::{Fault, When};
    use rehearsal::providers::Simulator as _;
    let stage = stage(&[]).await;
    stage.seed_all("blackbird", ["lea"]);
    stage.bilanc.faults().inject("*", "/", Fault::Status(503), When::Always);
    let list = stage.start("list").await;
    let shown = shown(&say(&stage, &list, "/whohas", &mail("lea")).await);
    assert!(
        shown.contains("• blackbird: active") && shown.contains("*Could not be asked:*\n• bilanc: "),
        "{shown}"
    );
}

#[tokio::test]
async fn reconcile_shows_and_applies_only_when_it_is_told_to() {
    let stage = stage(&[("RECONCILE_MODE", "apply")]).await;
    stage.seed_all("bilanc", ["lea", "max"]);
    stage.seed_all("blackbird", ["lea", "max"]);
    stage.directory(&csv(["lea", "max"]).replace(",lea,Canary,active", ",lea,Canary,left"));
    let reconcile = stage.start("reconcile").await;
    let before = stage.world();
    for text in ["", "preview", "bilanc"] {
        let answer = say(&stage, &reconcile, "/reconcile", text).await;
        assert!(
            shown(&answer).starts_with("reconcile, a preview: nothing was changed"),
            "{text}: {answer}"
        );
        assert_eq!(
            shown(&answer).contains("blackbird"),
            text != "bilanc",
            "{text}: {answer}"
        );
    }
    assert_eq!(stage.world(), before, "RECONCILE_MODE is not for people");
    let answer = say(&stage, &reconcile, "/reconcile", "apply bilanc").await;
    assert!(
        shown(&answer).contains("1 offboard done\n• offboard l***@example.com – done, has left by the directory"),
        "{answer}"
    );
    assert_eq!(stage.state("bilanc", "lea"), Some(State::Gone));
    assert_eq!(stage.state("blackbird", "lea"), Some(State::Active));
}

#[tokio::test]
async fn what_is_done_is_done_on_the_word_of_who_typed_it() {
    let stage = stage(&[]).await;
    stage.seed("bilanc", "lea", State::Active);
    let (offboard, list) = (stage.start("offboard").await, stage.start("list").await);
    say(&stage, &offboard, "/offboard", &mail("lea")).await;
    let history = list.direct(&json!({"view": "history"})).await;
    assert_eq!(history["history"][0]["by"], "slack:U0ADMIN", "{history}");
}

#[tokio::test]
async fn an_answer_that_comes_too_late_for_the_request_goes_to_its_response_url() {
    use jiff::{SignedDuration, Timestamp};
    use rehearsal::slack::signed_at;
    let stage = stage(&[]).await;
    stage.seed("bilanc", "lea", State::Active);
    let offboard = stage.start("offboard").await;
    // Signed ten seconds ago: a cold start, a slow provider. Slack has shown "timed out" by now.
    let command = stage.slack.command("/offboard", &mail("lea"), &[]);
    let late = signed_at(&command, Timestamp::now() - SignedDuration::from_secs(10));
    super::acknowledged(&offboard.request(late).await);
    assert_eq!(stage.state("bilanc", "lea"), Some(State::Gone));
    let told = stage.slack.messages();
    assert_eq!(told.len(), 1);
    assert!(shown(&told[0]).starts_with("offboard: done"), "{told:?}");
    assert_eq!(told[0]["response_type"], "ephemeral");
    // In time it is the answer of the request, and nothing else is sent.
    message(
        &offboard
            .request(stage.slack.command("/offboard", &mail("lea"), &[]))
            .await,
    );
    assert_eq!(stage.slack.messages().len(), 1);
}

#[tokio::test]
async fn an_outage_is_told_in_words() {
    use rehearsal::faults::{Fault, When};
    use rehearsal::providers::Simulator as _;
    let stage = stage(&[]).await;
    stage.simulator("bilanc").seed(&person("lea"), State::Active);
    stage.bilanc.faults().inject("*", "/", Fault::Status(503), When::Always);
    let (offboard, reconcile) = (stage.start("offboard").await, stage.start("reconcile").await);
    let answer = say(&stage, &offboard, "/offboard", &format!("{} bilanc", mail("lea"))).await;
    assert!(
        shown(&answer).starts_with("offboard: failed\n*bilanc* – the provider is down"),
        "{answer}"
    );
    // Without a directory there is nothing to reconcile with.
    let answer = say(&stage, &reconcile, "/reconcile", "").await;
    assert!(shown(&answer).starts_with("Rollcall could not do this: "), "{answer}");
}
