//! What keyboards, mail programs and people with bad intentions put into a command.

use rehearsal::providers::State;

use super::{say, shown, stage};
use crate::stage::{Running, Stage, mail};

async fn world(stage: &Stage) -> Running {
    stage.seed_all("bilanc", ["lea", "max"]);
    stage.start("offboard").await
}

#[tokio::test]
async fn an_address_is_known_in_every_coat() {
    let coats = [
        "MAIL",
        "<mailto:MAIL|MAIL>",
        "<mailto:MAIL>",
        "<mailto:MAIL?subject=Hello%20there|MAIL>",
        "<mailto:MAIL|Lea Canary>",
        "“MAIL”",
        "'MAIL',",
        "(MAIL).",
        "`MAIL`",
        "*MAIL*",
        "\u{a0}MAIL\u{202f}bilanc\u{3000}",
        "MAIL;bilanc",
        "MA\u{200b}IL",
        "\u{202a}MAIL\u{202c}",
        "&lt;MAIL&gt;",
    ];
    for coat in coats {
        let stage = stage(&[("PROVIDERS", "bilanc")]).await;
        let offboard = world(&stage).await;
        // One letter apart, so that a character without width can stand within.
        let text = coat
            .replace("MA\u{200b}IL", &mail("lea").replacen('e', "\u{200b}e", 1))
            .replace("MAIL", &mail("lea"));
        let answer = say(&stage, &offboard, "/offboard", &text).await;
        assert_eq!(answer["text"], "offboard: done. bilanc: 1 offboard done", "{coat}");
        assert_eq!(stage.state("bilanc", "lea"), Some(State::Gone), "{coat}");
        assert_eq!(stage.state("bilanc", "max"), Some(State::Active), "{coat}");
    }
}

#[tokio::test]
async fn what_is_not_understood_is_named_and_nothing_is_done() {
    let stage = stage(&[("PROVIDERS", "bilanc")]).await;
    let offboard = world(&stage).await;
    stage.clear_calls();
    let lea = mail("lea");
    let wrong = [
        (String::new(), "nobody is named"),
        (
            "help".to_owned(),
            "“help” is no e-mail address, no github:login and no provider",
        ),
        (
            "<@U0LEA|lea>".to_owned(),
            "“@U0LEA” is somebody in Slack, whom no provider knows: write the e-mail address",
        ),
        (format!("{lea} <@U0MAX>"), "“@U0MAX” is somebody in Slack"),
        (format!("{lea} <#C0X|general>"), "“#C0X” is somebody in Slack"),
        (format!("{lea} <!channel>"), "“!channel” is somebody in Slack"),
        (
            format!("<mailto:{}|{lea}>", mail("max")),
            "is a link that leads to another address",
        ),
        (format!("{lea} blackbird"), "“blackbird” is a provider that is off"),
        (format!("{lea} bilank"), "“bilank” is no e-mail address"),
        (format!("{lea} github:-"), ""),
        (format!("{lea} github:a/b"), "“github:a/b” is not a GitHub login"),
        (format!("{lea} a@b"), "“a@b” is not an e-mail address"),
        (format!("{lea} apply preview"), "“preview” contradicts another word"),
        (format!("{lea} *bold"), "“*bold” is no e-mail address"),
        (format!("{lea} &lt;!here&gt;"), "“!here” is no e-mail address"),
        (format!("{lea} <unfinished"), "“unfinished” is no e-mail address"),
        (format!("_{lea} nobody"), "“nobody” is no"),
    ];
    for (text, problem) in wrong.iter().filter(|(_, problem)| !problem.is_empty()) {
        let shown = shown(&say(&stage, &offboard, "/offboard", text).await);
        assert!(
            shown.starts_with("This was not understood, and nothing was done:"),
            "{text}: {shown}"
        );
        assert!(shown.contains(problem), "{text}: {shown}");
        assert!(shown.contains("Usage: `/offboard jane@example.com"), "{text}: {shown}");
    }
    // Every fault is named, not only the first.
    let shown = shown(&say(&stage, &offboard, "/offboard", "one a@b <@U0X>").await);
    assert_eq!(shown.matches('•').count(), 3, "{shown}");
    assert_eq!((stage.calls(), stage.ledger.calls().len()), (vec![], 0));
}

#[tokio::test]
async fn an_underscore_makes_another_person() {
    let stage = stage(&[("PROVIDERS", "bilanc")]).await;
    let offboard = world(&stage).await;
    say(&stage, &offboard, "/offboard", &format!("_{}", mail("lea"))).await;
    assert_eq!(stage.state("bilanc", "lea"), Some(State::Active));
}

#[tokio::test]
async fn each_command_takes_what_it_can_use() {
    let stage = stage(&[("PROVIDERS", "bilanc")]).await;
    let (list, reconcile) = (stage.start("list").await, stage.start("reconcile").await);
    let two = format!("{} {}", mail("lea"), mail("max"));
    let wrong = [
        (&list, "/whohas", two.as_str(), "one person at a time"),
        (&list, "/whohas", "bilanc", "nobody is named"),
        (&list, "/whohas", "lea.canary@example.com apply", "have no place here"),
        (&reconcile, "/reconcile", two.as_str(), "reconcile is about everybody"),
        (
            &reconcile,
            "/reconcile",
            "everything",
            "“everything” is no e-mail address",
        ),
    ];
    for (function, command, text, problem) in wrong {
        let shown = shown(&say(&stage, function, command, text).await);
        assert!(shown.contains(problem), "{command} {text}: {shown}");
    }
    assert_eq!(stage.calls(), [""; 0]);
}

#[tokio::test]
async fn a_thousand_words_are_answered_within_the_limits() {
    let stage = stage(&[("PROVIDERS", "bilanc")]).await;
    let offboard = world(&stage).await;
    for text in [
        "<>&\"' ".repeat(3000),
        "é".repeat(5000),
        "<@U0X> ".repeat(2000),
        "\u{0}\u{7}\n\r\t".repeat(500),
        "<".repeat(4000),
    ] {
        let answer = say(&stage, &offboard, "/offboard", &text).await; // which Slack takes
        assert!(answer.to_string().len() < 20_000);
    }
    assert_eq!(stage.writes(), [""; 0]);
}
