//! Who is let in: size, proof, permission and method, in that order, and nothing about why not.

use rehearsal::host::UrlRequest;
use serde_json::json;

use crate::stage::{BROWSER, DENIED, EVERYWHERE, OLD_TOKEN, PAYROLL_KEY, READER, Stage, TOKEN, mail, refusal};

/// The largest body that is taken.
const LARGEST: usize = 1_048_576;

fn post(path: &str) -> UrlRequest {
    UrlRequest::post(path, &json!({"email_addresses": [mail("ada")], "mode": "preview"}))
}

#[tokio::test]
async fn every_proof_that_is_good_is_admitted() {
    let stage = Stage::with(&[("PROVIDERS", "bilanc")]).await;
    let onboard = stage.start("onboard").await;
    let (user, password) = BROWSER;
    let good = [
        ("a bearer", post("/").bearer(TOKEN)),
        (
            "a bearer, in any case",
            post("/").header("Authorization", &format!("bEARER {TOKEN}")),
        ),
        ("the secret before a rotation", post("/").bearer(OLD_TOKEN)),
        ("a path of its own", post("/hr").bearer(TOKEN)),
        ("a path with an event", post("/hr/joiner").bearer(TOKEN)),
        ("a header", post("/payroll").header("x-payroll-key", PAYROLL_KEY)),
        (
            "a header with an event",
            post("/payroll/hired").header("X-PAYROLL-KEY", PAYROLL_KEY),
        ),
        ("basic, on its own path", post("/browser").basic(user, password)),
        (
            "an IAM principal",
            post("/").iam("arn:aws:iam::123456789012:user/operator"),
        ),
        (
            "an IAM principal, on any path",
            post("/x/y/z").iam("arn:aws:sts::123456789012:assumed-role/hr/job"),
        ),
    ];
    for (name, request) in good {
        let answer = onboard.request(request).await;
        assert_eq!(answer.status, 200, "{name}: {}", answer.text());
    }
}

#[tokio::test]
async fn no_or_wrong_proof_is_401_and_touches_no_provider() {
    let stage = Stage::new().await;
    let onboard = stage.start("onboard").await;
    let (user, password) = BROWSER;
    let bad = [
        ("nothing", post("/")),
        ("an empty header", post("/").header("authorization", "")),
        ("a scheme alone", post("/").header("authorization", "Bearer")),
        ("an empty bearer", post("/").bearer("")),
        ("a blank bearer", post("/").bearer("   ")),
        ("a wrong bearer", post("/").bearer("canary-guess")),
        ("a part of the secret", post("/").bearer(&TOKEN[..TOKEN.len() - 1])),
        ("more than the secret", post("/").bearer(&format!("{TOKEN}x"))),
        ("another case", post("/").bearer(&TOKEN.to_uppercase())),
        ("the secret without a scheme", post("/").header("authorization", TOKEN)),
        (
            "the secret under another scheme",
            post("/").header("authorization", &format!("Token {TOKEN}")),
        ),
        (
            "two proofs, one of them good",
            post("/").bearer("canary-guess").bearer(TOKEN),
        ),
        ("basic outside of list", post("/").basic(user, password)),
        ("basic with a bearer's secret", post("/").basic("hr", TOKEN)),
        (
            "a header caller's key at the root",
            post("/").header("x-payroll-key", PAYROLL_KEY),
        ),
        (
            "a header caller's key as a bearer",
            post("/payroll").bearer(PAYROLL_KEY),
        ),
        (
            "a wrong key in the right header",
            post("/payroll").header("x-payroll-key", "canary-guess"),
        ),
        (
            "an empty key in the right header",
            post("/payroll").header("x-payroll-key", ""),
        ),
        ("somebody else's path", post("/reader").bearer(TOKEN)),
        ("the path of a caller whose secret is empty", post("/hollow").bearer("")),
        (
            "a header caller without a header's name",
            post("/nameless").header("nameless", "canary-never-sent"),
        ),
        ("nobody's path", post("/nobody").bearer(TOKEN)),
        ("a path that is too deep", post("/hr/joiner/now").bearer(TOKEN)),
        ("a path in another case", post("/HR").bearer(TOKEN)),
        ("an encoded path", post("/%68r").bearer(TOKEN)),
        ("a signature scheme without a signature", post("/slack")),
        (
            "a signature scheme's secret as a bearer",
            post("/slack").bearer("canary-slack"),
        ),
    ];
    for (name, request) in bad {
        let answer = onboard.request(request).await;
        assert_eq!((answer.status, &*answer.text()), (401, DENIED), "{name}");
    }
    assert_eq!(stage.calls(), [""; 0]);
}

#[tokio::test]
async fn proved_but_not_permitted_is_403() {
    let stage = Stage::new().await;
    for function in ["onboard", "offboard", "reconcile"] {
        let function = stage.start(function).await;
        let answer = function.request(post("/").bearer(READER)).await;
        assert_eq!((answer.status, &*answer.text()), (403, DENIED));
        // Permission comes before the method: who may not do this learns nothing about it.
        let answer = function
            .request(UrlRequest::new("PATCH", "/reader").bearer(READER))
            .await;
        assert_eq!(answer.status, 403);
    }
    assert_eq!(stage.calls(), [""; 0]);
}

#[tokio::test]
async fn a_wrong_method_is_405_with_the_right_one() {
    let stage = Stage::new().await;
    for (name, allowed) in EVERYWHERE.into_iter().zip(["GET", "POST", "POST", "POST"]) {
        let function = stage.start(name).await;
        for method in ["GET", "POST", "PUT", "DELETE", "HEAD"]
            .into_iter()
            .filter(|method| *method != allowed)
        {
            let answer = function.request(UrlRequest::new(method, "/").bearer(TOKEN)).await;
            assert_eq!(
                (answer.status, answer.header("allow")),
                (405, Some(allowed)),
                "{name} {method}"
            );
            // Proof comes first.
            let answer = function.request(UrlRequest::new(method, "/")).await;
            assert_eq!((answer.status, answer.header("allow")), (401, None), "{name} {method}");
        }
    }
    assert_eq!(stage.calls(), [""; 0]);
}

#[tokio::test]
async fn a_body_that_is_too_large_is_413_before_anything_else() {
    let stage = Stage::new().await;
    let onboard = stage.start("onboard").await;
    let sized = |size: usize| UrlRequest::new("POST", "/").body(vec![b' '; size]);
    for (request, status) in [
        (sized(LARGEST + 1), 413),
        (sized(LARGEST + 1).bearer(TOKEN), 413),
        (sized(LARGEST + 1).bearer(TOKEN).base64(), 413),
        // One byte less is read, and is no JSON.
        (sized(LARGEST), 401),
        (sized(LARGEST).bearer(TOKEN), 400),
        (sized(LARGEST).bearer(TOKEN).base64(), 400),
    ] {
        let answer = onboard.request(request).await;
        assert_eq!(answer.status, status, "{}", answer.text());
    }
    assert_eq!(stage.calls(), [""; 0]);
}

#[tokio::test]
async fn without_usable_callers_nobody_is_admitted_and_the_rest_works() {
    let stage = Stage::with(&[("PROVIDERS", "bilanc")]).await;
    let broken = [
        None,
        Some("not JSON".to_owned()),
        Some("{}".to_owned()),
        Some(json!({"hr": {"scheme": "bearer", "secrets": [TOKEN], "may": ["onboard"], "color": "red"}}).to_string()),
        Some(json!({"hr": {"scheme": "handshake", "secrets": [TOKEN], "may": ["onboard"]}}).to_string()),
    ];
    for document in broken {
        match &document {
            Some(text) => stage.secrets.put_text("rollcall/callers", text),
            None => stage.without_document("callers"),
        }
        let onboard = stage.start("onboard").await;
        let answer = onboard.request(post("/").bearer(TOKEN)).await;
        assert_eq!((answer.status, &*answer.text()), (401, DENIED), "{document:?}");
        assert_eq!(stage.calls(), [""; 0], "{document:?}");

        let answer = onboard
            .request(post("/").iam("arn:aws:iam::123456789012:user/operator"))
            .await;
        assert_eq!(answer.status, 200, "{document:?}");
        let order = json!({"email_addresses": [mail("ada")], "mode": "preview"});
        assert_eq!(onboard.direct(&order).await["status"], "done", "{document:?}");
        stage.clear_calls();
    }
}

#[tokio::test]
async fn an_answer_is_never_kept_by_a_cache() {
    let stage = Stage::with(&[("PROVIDERS", "bilanc")]).await;
    let onboard = stage.start("onboard").await;
    for request in [post("/").bearer(TOKEN), post("/")] {
        let answer = onboard.request(request).await;
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        assert_eq!(answer.header("content-type"), Some("application/json"));
    }
    let answer = onboard.order(&json!({})).await;
    assert_eq!(refusal(&answer).1, "BadRequest");
    assert_eq!(answer.header("cache-control"), Some("no-store"));
}
