//! How a process starts, and that nothing ends it: wrong settings, garbage, a panic.

use rehearsal::host::{Invocation, UrlRequest};
use serde_json::json;

use super::{accounts, company};
use crate::stage::{EVERYWHERE, Stage, TOKEN, details, refusal};

#[tokio::test]
async fn wrong_settings_are_all_named_to_every_request() {
    let stage = Stage::new().await;
    let wrong = [
        ("PROVIDERS", "bilanc,oracle"),
        ("SECRETS", "vault"),
        ("SECRETS_TTL_SECONDS", "-1"),
        ("CALL_TIMEOUT_MS", "0"),
        ("RETRY_BASE_MS", "1.5"),
        ("MIN_PEOPLE", "many"),
        ("MAX_REMOVALS", "1e3"),
        ("MAX_REMOVAL_PERCENT", "101"),
        ("MAX_ORDERED_REMOVALS", " x "),
        ("MANAGED_DOMAINS", "example.com,@example.org"),
        ("EXTRA_CA_FILE", "/nowhere/at/all.pem"),
    ];
    let mut names: Vec<String> = wrong.iter().map(|(name, _)| (*name).to_owned()).collect();
    names.sort();
    for name in EVERYWHERE {
        let function = stage.start_with(name, &wrong).await;
        for request in [
            UrlRequest::get("/").bearer(TOKEN),
            UrlRequest::post("/hr", &json!({})),
            UrlRequest::get("/nobody"),
        ] {
            let answer = function.request(request).await;
            let (status, kind, message) = refusal(&answer);
            assert_eq!((status, &*kind), (500, "Misconfigured"), "{name}");
            let mut found = details(&answer.json());
            found.sort();
            assert_eq!(found, names, "{name}");
            assert!(names.iter().all(|name| message.contains(name)), "{message}");
        }
        assert_eq!(
            function.direct(&json!({"email_addresses": ["x"]})).await["error"]["kind"],
            "Misconfigured"
        );
        assert!(function.is_alive(), "{name}");
    }
    assert_eq!((stage.calls().len(), stage.secrets.calls().len()), (0, 0));
}

#[tokio::test]
async fn no_provider_is_no_setting() {
    for missing in ["", " ", ",", " , "] {
        let stage = Stage::with(&[("PROVIDERS", "")]).await;
        let list = stage.start_with("list", &[("PROVIDERS", missing)]).await;
        let answer = list.ask("/").await;
        assert_eq!(
            (answer.status, details(&answer.json())),
            (500, vec!["PROVIDERS".to_owned()]),
            "{missing:?}"
        );
    }
}

/// An empty value is what a template gives for a parameter that was left out.
#[tokio::test]
async fn empty_settings_are_defaults() {
    let stage = company(&[("PROVIDERS", " blackbird , bilanc ,blackbird")]).await;
    let empty = [
        "SECRETS",
        "SECRET_PREFIX",
        "SECRETS_TTL_SECONDS",
        "MANAGED_DOMAINS",
        "PROTECTED",
        "MIN_PEOPLE",
        "MAX_REMOVALS",
        "MAX_REMOVAL_PERCENT",
        "MAX_ORDERED_REMOVALS",
        "EXTRA_CA_FILE",
        "CALL_TIMEOUT_MS",
        "RETRY_BASE_MS",
        "LEDGER",
        "ONBOARD_QUEUE_URL",
        "SCHEDULE_GROUP",
    ];
    let list = stage.start_with("list", &empty.map(|name| (name, ""))).await;
    let answer = list.ask("/").await;
    assert_eq!(
        (answer.status, accounts(&answer.json()).len()),
        (200, 5),
        "each provider once, in the registry's order"
    );
    assert_eq!(answer.json()["providers"][0]["provider"], "bilanc");
}

#[tokio::test]
async fn garbage_ends_no_process() {
    let stage = company(&[("PROVIDERS", "bilanc")]).await;
    for name in EVERYWHERE {
        let function = stage.start(name).await;
        let process = function.pid();
        for garbage in [&b"{"[..], b"canary", b"", b"\xff\xff", b"[1, 2", &[b'['; 4096]] {
            assert!(
                matches!(function.invoke_raw(garbage).await, Invocation::Failed { .. }),
                "{name}"
            );
        }
        let get = json!({"http": {"method": "GET"}});
        for unreadable in [
            json!({"requestContext": {"http": {"method": 7}}}),
            json!({"requestContext": {"http": {}}}),
            json!({"requestContext": {"http": {"method": "G T"}}}),
            json!({"requestContext": get, "body": {}}),
            json!({"requestContext": get, "body": "%", "isBase64Encoded": true}),
            json!({"requestContext": get, "isBase64Encoded": "true"}),
            json!({"requestContext": get, "rawPath": ["/"]}),
            json!({"requestContext": get, "headers": [["host", "a"]]}),
            json!({"requestContext": get, "headers": {"a b": "c"}}),
            json!({"requestContext": get, "headers": {"host": "a\nb"}}),
            json!({"requestContext": {"http": get["http"], "authorizer": {"iam": {"userArn": 1}}}}),
        ] {
            let answer = function.direct(&unreadable).await;
            assert_eq!(
                answer["statusCode"], 400,
                "{name}: what came by the URL is answered there: {unreadable}"
            );
            assert!(
                answer["body"].as_str().is_some_and(|body| body.contains("BadRequest")),
                "{name}: {unreadable}"
            );
        }
        let answer = function.direct(&json!({"Records": "none"})).await;
        assert_eq!(answer["error"]["kind"], "BadRequest", "{name}");
        assert_eq!((function.is_alive(), function.pid()), (true, process), "{name}");
    }
    let list = stage.start("list").await;
    assert!(matches!(list.invoke_raw(b"{").await, Invocation::Failed { .. }));
    assert_eq!(list.ask("/").await.status, 200);
}

#[tokio::test]
async fn a_panic_ends_one_invocation_only() {
    let stage = company(&[("PROVIDERS", "bilanc")]).await;
    let panics = stage.start_panicking().await;
    let process = panics.pid();
    for _ in 0..3 {
        let (error_type, message) = panics.failure(&json!({})).await;
        assert!(
            error_type.contains("anic") || message.contains("panicked"),
            "{error_type}: {message}"
        );
        let answer = panics.request(UrlRequest::get("/").bearer(TOKEN)).await;
        assert_eq!(answer.status, 502);
        let answer = panics.ask("/?view=doctor").await;
        assert_eq!((answer.status, answer.json()), (200, json!({"checks": []})));
    }
    assert_eq!((panics.is_alive(), panics.pid()), (true, process));
}
