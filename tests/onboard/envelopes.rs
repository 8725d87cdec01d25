//! How an order arrives: over the function URL, or directly. What is neither harms nobody.

use rehearsal::host::{Invocation, UrlRequest};
use rehearsal::providers::{Seed, Simulator, State};
use serde_json::{Value, json};

use crate::stage::{ANSWERED, Stage, TOKEN, event, mail, report, told};

#[tokio::test]
async fn the_example_order_works_over_the_function_url() {
    let stage = Stage::with(&[("PROVIDERS", "bilanc,blackbird")]).await;
    let john = Seed {
        github: Some("johndoe".to_owned()),
        ..Seed::default()
    };
    stage.bilanc.seed(&john, State::Gone);
    let onboard = stage.start("onboard").await;
    let expected = [
        "200 done apply",
        "bilanc applied 0",
        "  onboard ada not_found",
        "  onboard jane not_found",
        "  onboard @johndoe done",
        "blackbird applied 0",
        "  onboard ada done",
        "  onboard jane done",
        "  skip @johndoe unidentifiable",
    ];
    assert_eq!(told(&onboard.order(&event("onboard")).await), expected);
}

#[tokio::test]
async fn the_example_function_url_event_is_answered() {
    let stage = Stage::with(&[("PROVIDERS", "blackbird")]).await;
    let caller = json!({"scheme": "bearer", "secrets": ["example-token"], "may": ["onboard"]});
    stage.document("callers", &json!({"example": caller}));
    let onboard = stage.start("onboard").await;
    let answer = onboard.direct(&event("url")).await;
    assert_eq!(
        (&answer["statusCode"], &answer["isBase64Encoded"]),
        (&json!(200), &json!(false))
    );
    let body: Value = serde_json::from_str(answer["body"].as_str().unwrap()).unwrap();
    assert_eq!(
        report(200, &body),
        ["200 done preview", "blackbird previewed 0", "  onboard jane planned"]
    );
}

#[tokio::test]
async fn a_plain_and_a_base64_body_are_one() {
    let stage = Stage::with(&[("PROVIDERS", "blackbird")]).await;
    let onboard = stage.start("onboard").await;
    let order = json!({"email_addresses": [mail("ada")], "mode": "preview"});
    for request in [UrlRequest::post("/", &order), UrlRequest::post("/", &order).base64()] {
        let answer = onboard.request(request.bearer(TOKEN)).await;
        assert_eq!(
            told(&answer),
            ["200 done preview", "blackbird previewed 0", "  onboard ada planned"]
        );
    }
    // Base64 that is none is a request that nobody can read.
    let mut broken = UrlRequest::post("/", &order).bearer(TOKEN).base64().event("broken");
    broken["body"] = json!("%%%");
    let answer = onboard.direct(&broken).await;
    assert_eq!(answer["statusCode"], 400);
    assert!(answer["body"].as_str().unwrap().contains("BadRequest"), "{answer}");
}

#[tokio::test]
async fn a_direct_invocation_returns_the_bare_report() {
    let stage = Stage::with(&[("PROVIDERS", "bilanc,blackbird")]).await;
    stage.bilanc.seed(&crate::stage::person("ada"), State::Gone);
    let onboard = stage.start("onboard").await;
    let answer = onboard.direct(&json!({"email_addresses": [mail("ada")]})).await;
    let id = stage.bilanc.people()[0].0.clone();
    assert!(answer["request_id"].as_str().unwrap().len() == 36, "{answer}");
    let expected = json!({
        "request_id": answer["request_id"], "function": "onboard", "mode": "apply", "status": "done",
        "providers": [
            {"provider": "bilanc", "ending": "applied", "observed": 0, "changes": [
                {"action": "onboard", "who": {"email": mail("ada")}, "outcome": "done"}
            ], "skips": [], "unsettled": [], "queued": []},
            {"provider": "blackbird", "ending": "applied", "observed": 0, "changes": [
                {"action": "onboard", "who": {"email": mail("ada")}, "outcome": "done"}
            ], "skips": [], "unsettled": [], "queued": []},
        ],
    });
    assert_eq!(
        answer.to_string(),
        expected.to_string(),
        "members in the documented order; the id was {id}"
    );

    let refused = onboard.direct(&json!({"email_addresses": []})).await;
    assert_eq!(refused["error"]["kind"], "BadRequest");
    assert!(refused.get("status").is_none());
}

#[tokio::test]
async fn what_is_no_event_harms_nobody() {
    let stage = Stage::with(&[("PROVIDERS", "blackbird")]).await;
    let onboard = stage.start("onboard").await;
    let process = onboard.pid();
    for event in [
        json!([]),
        json!("text"),
        json!(7),
        json!(null),
        json!([{"email_addresses": [mail("ada")]}]),
    ] {
        assert_eq!(onboard.direct(&event).await["error"]["kind"], "BadRequest", "{event}");
    }
    for garbage in [
        &b"{\"email_addresses\": [\"ada.canary@"[..],
        b"",
        b"\xff\xfe\x00",
        b"canary",
    ] {
        let ended = onboard.invoke_raw(garbage).await;
        assert!(matches!(ended, Invocation::Failed { .. }), "{ended:?}");
    }
    assert_eq!(stage.calls(), [""; 0]);

    let answer = onboard.direct(&json!({"email_addresses": [mail("ada")]})).await;
    assert_eq!(
        report(ANSWERED, &answer),
        ["done apply", "blackbird applied 0", "  onboard ada done"]
    );
    assert_eq!((onboard.pid(), onboard.is_alive()), (process, true));
}
