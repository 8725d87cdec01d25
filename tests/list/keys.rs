//! Secret documents: how often they are read, what happens when one is wrong, and keys that rotate.

use rehearsal::faults::{Fault, When};
use rehearsal::providers::{IDS, Simulator};
use serde_json::{Value, json};

use super::{accounts, company, endings};
use crate::stage::{Folder, Stage, refusal};

/// The names in each `BatchGetSecretValue` so far.
fn fetches(stage: &Stage) -> Vec<Value> {
    let ids = |body: &[u8]| serde_json::from_slice::<Value>(body).unwrap()["SecretIdList"].clone();
    stage.secrets.calls().iter().map(|call| ids(&call.body)).collect()
}

#[tokio::test]
async fn all_documents_come_in_one_call_and_stay() {
    let stage = company(&[]).await;
    let list = stage.start("list").await;
    assert_eq!(list.ask("/").await.status, 200);
    let names = ["bilanc", "blackbird", "appxite", "powens", "directory", "callers"];
    assert_eq!(fetches(&stage), [json!(names.map(|name| format!("rollcall/{name}")))]);
    for _ in 0..3 {
        assert_eq!(list.ask("/").await.status, 200);
        assert_eq!(list.ask("/?view=doctor").await.status, 200);
    }
    assert_eq!(fetches(&stage).len(), 1);
}

#[tokio::test]
async fn documents_are_read_again_when_they_are_too_old() {
    let stage = company(&[
        ("PROVIDERS", "bilanc"),
        ("SECRETS_TTL_SECONDS", "0"),
        ("SECRET_PREFIX", "acme/prod"),
        ONCE,
    ])
    .await;
    for name in ["bilanc", "callers"] {
        stage.secrets.put(
            &format!("acme/prod/{name}"),
            &match name {
                "bilanc" => stage.bilanc.document(),
                _ => json!({"hr": {"scheme": "bearer", "secrets": [crate::stage::TOKEN], "may": ["list"]}}),
            },
        );
    }
    let list = stage.start("list").await;
    assert_eq!(list.ask("/").await.status, 200);
    let before = fetches(&stage).len();
    assert_eq!(fetches(&stage)[0][0], "acme/prod/bilanc");
    assert_eq!(list.ask("/").await.status, 200);
    assert!(fetches(&stage).len() > before);
    // An outage does not stop a warm function.
    stage.secrets.faults().inject("*", "", Fault::Status(400), When::Always);
    assert_eq!(list.ask("/").await.status, 200);
}

#[tokio::test]
async fn a_rotated_key_is_fetched_once_and_the_process_goes_on() {
    for rotated in IDS {
        let stage = company(&[("PROVIDERS", "bilanc,blackbird,appxite,powens")]).await;
        let list = stage.start("list").await;
        let before = list.ask("/").await;
        assert_eq!((before.status, fetches(&stage).len()), (200, 1), "{rotated}");

        stage.simulator(rotated).rotate_key();
        stage.publish();
        let after = list.ask("/").await;
        assert_eq!((after.status, after.json()), (200, before.json()), "{rotated}");
        assert_eq!(fetches(&stage).len(), 2, "{rotated}");
        // From now on the new key is at hand.
        assert_eq!(list.ask("/").await.status, 200, "{rotated}");
        assert_eq!(fetches(&stage).len(), 2, "{rotated}");
    }
}

#[tokio::test]
async fn all_keys_rotated_at_once_are_one_fetch_too() {
    let stage = company(&[]).await;
    let list = stage.start("list").await;
    assert_eq!(list.ask("/").await.status, 200);
    for simulator in stage.simulators() {
        simulator.rotate_key();
    }
    stage.publish();
    assert_eq!(list.ask("/").await.status, 200);
    assert_eq!(fetches(&stage).len(), 2);
}

#[tokio::test]
async fn a_key_that_stays_wrong_turns_off_its_provider_only() {
    let stage = company(&[]).await;
    for (provider, kind) in IDS.into_iter().zip(["Credentials"; 4]) {
        stage.publish();
        let list = stage.start("list").await;
        stage.simulator(provider).rotate_key();
        let answer = list.ask("/").await;
        assert_eq!(answer.status, 207, "{provider}");
        for line in endings(&answer.json()) {
            let down = line.starts_with(provider);
            assert_eq!(line.contains("unreachable"), down, "{line}");
            assert!(!down || line.ends_with(kind), "{line}");
        }
        // One refresh a request, not one a call.
        assert_eq!(fetches(&stage).len(), 2, "{provider}");
        stage.clear_calls();
    }
}

#[tokio::test]
async fn a_wrong_document_turns_off_its_provider_only() {
    let stage = company(&[]).await;
    let wrong = [
        ("missing", None),
        ("not JSON", Some("canary".to_owned())),
        (
            "an unknown field",
            Some(json!({"api_key": "canary", "colour": "red"}).to_string()),
        ),
        (
            "a missing field",
            Some(json!({"base_url": stage.bilanc.url()}).to_string()),
        ),
        (
            "a wrong type",
            Some(json!({"api_key": "canary", "max_batch": "many"}).to_string()),
        ),
        (
            "another machine without TLS",
            Some(json!({"api_key": "canary", "base_url": "http://192.0.2.1"}).to_string()),
        ),
        (
            "a URL with a password",
            Some(json!({"api_key": "canary", "base_url": "https://user:canary@example.org"}).to_string()),
        ),
        (
            "a key that no header can hold",
            Some(json!({"api_key": "canary\n", "base_url": stage.bilanc.url()}).to_string()),
        ),
    ];
    for (name, document) in wrong {
        match &document {
            Some(text) => stage.secrets.put_text("rollcall/bilanc", text),
            None => stage.without_document("bilanc"),
        }
        let list = stage.start("list").await;
        let answer = list.ask("/").await;
        let expected = [
            "bilanc unreachable Misconfigured",
            "blackbird listed 3",
            "appxite listed 2",
            "powens listed 1",
        ];
        assert_eq!(
            (answer.status, endings(&answer.json())),
            (207, expected.map(str::to_owned).into()),
            "{name}"
        );
        assert!(
            !answer.json()["providers"].to_string().contains("canary"),
            "{name}: {}",
            answer.text()
        );
    }
    assert!(
        stage.calls().iter().all(|call| !call.starts_with("bilanc")),
        "{:?}",
        stage.calls()
    );
}

/// The SDK would try for seconds; once is enough here.
const ONCE: (&str, &str) = ("AWS_MAX_ATTEMPTS", "1");

#[tokio::test]
async fn secrets_manager_that_is_down_at_first_is_asked_again() {
    let stage = company(&[("PROVIDERS", "bilanc"), ONCE]).await;
    for (fault, status, kind) in [
        (Fault::Status(500), 503, "Unavailable"),
        (Fault::Status(400), 503, "Unavailable"), // throttled
        (Fault::CutBefore, 503, "Unavailable"),
        (Fault::Status(403), 500, "Misconfigured"),
    ] {
        stage.secrets.faults().inject("*", "", fault.clone(), When::Always);
        let list = stage.start("list").await;
        for _ in 0..2 {
            let answer = list.ask("/").await;
            assert_eq!((answer.status, &*refusal(&answer).1), (status, kind), "{fault:?}");
        }
        stage.secrets.faults().clear();
        let answer = list.ask("/").await;
        assert_eq!((answer.status, accounts(&answer.json()).len()), (200, 2), "{fault:?}");
    }
}

#[tokio::test]
async fn documents_of_a_folder_need_no_secrets_manager() {
    let folder = Folder::new();
    let stage = company(&[("PROVIDERS", "bilanc,blackbird")]).await;
    folder.write("bilanc.json", &stage.bilanc.document().to_string());
    let callers = json!({"hr": {"scheme": "bearer", "secrets": [crate::stage::TOKEN], "may": ["list"]}});
    folder.write("callers.json", &callers.to_string());
    let secrets = format!("file:{}", folder.path().display());
    let list = stage
        .start_with(
            "list",
            &[
                ("SECRETS", &secrets),
                ("AWS_ENDPOINT_URL_SECRETS_MANAGER", "http://127.0.0.1:9"),
            ],
        )
        .await;
    let answer = list.ask("/").await;
    assert_eq!(
        (answer.status, endings(&answer.json())),
        (
            207,
            vec![
                "bilanc listed 2".to_owned(),
                "blackbird unreachable Misconfigured".to_owned()
            ]
        )
    );
    assert_eq!(fetches(&stage).len(), 0);
}
