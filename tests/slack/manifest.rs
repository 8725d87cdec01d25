//! The app manifest of the README says what the functions do.

use rehearsal::slack::ADMIN;
use serde_json::json;

use super::{acknowledged, say, shown, stage};

#[tokio::test]
async fn its_commands_and_steps_are_ours() {
    let readme = include_str!("../../README.md");
    let stage = stage(&[]).await;
    let urls = [
        ("/onboard", "Onboard"),
        ("/offboard", "Offboard"),
        ("/whohas", "List"),
        ("/reconcile", "Reconcile"),
    ];
    for (command, output) in urls {
        let manifest = format!("- command: {command}\n         url: <{output}Url>slack\n");
        assert!(readme.contains(&manifest), "{manifest}");
        let function = stage.start(&output.to_lowercase()).await;
        let answer = shown(&say(&stage, &function, command, "<@U0X>").await);
        assert!(
            !answer.contains("belongs to the URL") && !answer.contains("no such command"),
            "{command}: {answer}"
        );
    }
    assert_eq!(readme.matches("- command: /").count(), urls.len());
    for (step, name) in [("onboard_user", "onboard"), ("offboard_user", "offboard")] {
        assert!(readme.contains(&format!("\n     {step}:\n       title: ")), "{step}");
        let function = stage.start(name).await;
        let event = stage
            .slack
            .step(step, &json!({"email": "", "github_username": "", "providers": ""}));
        acknowledged(&function.request(stage.slack.event(&event)).await);
        let ended = format!("{:?}", stage.slack.steps().last().unwrap().ended);
        assert!(ended.contains("nobody is named"), "{step}: {ended}");
    }
    // The caller of the README is one who may ask.
    let start = readme.find("{\"slack\": {\"scheme\": \"slack\"").unwrap();
    let text = readme[start..].split("```").next().unwrap();
    let mut caller: serde_json::Value = serde_json::from_str(text).unwrap();
    assert_eq!(caller["slack"]["users"], json!([ADMIN]));
    caller["slack"]["secrets"] = json!([rehearsal::slack::SECRET]);
    stage.document("callers", &caller);
    let list = stage.start("list").await;
    let answer = say(&stage, &list, "/whohas", "nobody.canary@example.com").await;
    assert!(shown(&answer).starts_with("Nobody is known"), "{answer}");
}
