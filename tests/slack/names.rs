//! How people are shown: masked unless the operator says otherwise, never so that Slack takes a name for a command, and never
//! more than a message holds.

use rehearsal::providers::{Seed, Simulator, State};
use serde_json::json;

use super::{say, shown, stage};
use crate::stage::{Running, Stage, crowd, csv, mail};

async fn leavers(stage: &Stage, names: &[&str]) -> Running {
    stage.seed_all("bilanc", crowd("p", 60));
    stage.seed_all("bilanc", names);
    let mut csv = csv(crowd("p", 60)
        .into_iter()
        .chain(names.iter().map(|name| (*name).to_owned())));
    for name in names {
        csv = csv.replace(&format!(",{name},Canary,active"), &format!(",{name},Canary,left"));
    }
    stage.directory(&csv);
    stage.start("reconcile").await
}

#[tokio::test]
async fn people_are_masked_unless_the_operator_says_otherwise() {
    let masked = "• offboard l***@example.com – planned";
    let documents = [
        (None, masked),
        (Some("{}"), masked),
        (
            Some(r#"{"mask_names": true, "slack_webhook_url": "https://hooks.slack.com/services/T/B/canary"}"#),
            masked,
        ),
        (
            Some(r#"{"mask_names": false}"#),
            "• offboard lea.canary@example.com – planned",
        ),
        // What cannot be read may say anything.
        (Some(r#"{"mask_names": false, "mask_nmaes": true}"#), masked),
        (Some(r#"{"mask_names": "no"}"#), masked),
        (Some("canary"), masked),
    ];
    for (document, line) in documents {
        let stage = stage(&[("PROVIDERS", "bilanc")]).await;
        if let Some(text) = document {
            stage.secrets.put_text("rollcall/notify", text);
        }
        let reconcile = leavers(&stage, &["lea"]).await;
        let shown = shown(&say(&stage, &reconcile, "/reconcile", "").await);
        assert!(shown.contains(line), "{document:?}: {shown}");
        let complained = reconcile.output().contains("names are masked");
        assert_eq!(
            complained,
            document.is_some_and(|text| text.contains("nmaes") || text.contains("\"no\"") || text == "canary")
        );
    }
}

#[tokio::test]
async fn who_is_typed_is_shown_as_typed() {
    let stage = stage(&[("PROVIDERS", "bilanc")]).await;
    stage.seed_all("bilanc", ["lea", "max"]);
    let offboard = stage.start("offboard").await;
    let text = format!("preview {} github:max-canary", mail("lea"));
    let shown = shown(&say(&stage, &offboard, "/offboard", &text).await);
    assert!(shown.contains(&mail("lea")), "{shown}");
    // Of somebody who was named by login the address is another thing, which the account showed.
    assert!(!shown.contains(&mail("max")), "{shown}");
}

#[tokio::test]
async fn a_name_is_text_and_no_command() {
    let stage = stage(&[("PROVIDERS", "bilanc")]).await;
    let name = "<!channel> *<https://evil.example|Ada> & \u{202e}\nheld: no\u{7}";
    let seed = Seed {
        email: Some(mail("lea")),
        github: None,
        name: Some(name.to_owned()),
        id: None,
    };
    stage.bilanc.seed(&seed, State::Active);
    let list = stage.start("list").await;
    let answer = say(&stage, &list, "/whohas", &mail("lea")).await;
    let shown = shown(&answer);
    assert!(
        shown.contains("&lt;!channel&gt; *&lt;https://evil.example|Ada&gt; &amp; "),
        "{shown}"
    );
    assert!(!shown.contains("<!") && !shown.contains("\nheld"), "{shown}");
    assert!(!answer.to_string().contains(r#""verbatim":false"#), "{answer}");
}

#[tokio::test]
async fn a_report_of_four_hundred_changes_fits_into_one_message() {
    let stage = stage(&[("PROVIDERS", "bilanc,blackbird,appxite,powens")]).await;
    let joiners = crowd("somebody-of-quite-a-name", 100);
    stage.directory(&csv(&joiners));
    stage.document("notify", &json!({"mask_names": false}));
    let reconcile = stage.start("reconcile").await;
    let answer = say(&stage, &reconcile, "/reconcile", "").await; // which Slack takes
    let shown = shown(&answer);
    assert!(shown.contains("*blackbird* – 100 onboard planned"), "{shown}");
    assert!(shown.matches("…and ").count() >= 2, "{shown}");
    let told: usize = shown.matches("• onboard").count();
    let more = |line: &str| line.strip_prefix("…and ")?.strip_suffix(" more")?.parse::<usize>().ok();
    let left: usize = shown.lines().filter_map(more).sum();
    let lines = shown.matches("• left alone").count();
    let counts = shown
        .lines()
        .filter(|line| line.starts_with('*'))
        .flat_map(|line| line.split([' ', ',']))
        .filter_map(|word| word.parse::<usize>().ok());
    assert_eq!(told + lines + left, counts.sum::<usize>(), "{shown}");
}

#[tokio::test]
async fn only_who_masks_names_asks_whether_to() {
    let stage = stage(&[]).await;
    for (name, asks) in [
        ("list", false),
        ("onboard", true),
        ("offboard", true),
        ("reconcile", true),
    ] {
        stage.secrets.clear_calls();
        stage.start(name).await.ask("/").await;
        let asked = stage.secrets.calls();
        let asked = asked
            .iter()
            .any(|call| String::from_utf8_lossy(&call.body).contains("rollcall/notify"));
        assert_eq!(asked, asks, "{name}: the role of `list` may not read that document");
    }
}
