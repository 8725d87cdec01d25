//! Requests that senders' own libraries signed a moment ago: `.ci/with_senders` writes them down.

use rehearsal::host::UrlRequest;
use serde_json::{Map, Value, json};

use crate::stage::{DENIED, EVERYWHERE, Stage};

#[tokio::test]
#[ignore = "run by .ci/with_senders"]
async fn signed_by_the_senders_own_libraries() {
    #[expect(
        clippy::disallowed_methods,
        reason = "says where the requests are, and is no setting of a function"
    )]
    let path = std::env::var("ROLLCALL_SIGNED").expect("requests to test with: see .ci/with_senders");
    let signed: Vec<Value> = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let caller = |one: &Value| json!({"scheme": one["scheme"], "secrets": [one["secret"]], "may": EVERYWHERE});
    let callers: Map<String, Value> = signed
        .iter()
        .map(|one| (one["scheme"].as_str().unwrap().to_owned(), caller(one)))
        .collect();
    assert_eq!((signed.len(), callers.len()), (5, 5));
    let stage = Stage::with(&[("PROVIDERS", "bilanc")]).await;
    stage.document("callers", &callers.into());
    let offboard = stage.start("offboard").await;
    for one in &signed {
        let library = &one["library"];
        let path = format!("/{}", one["scheme"].as_str().unwrap());
        let send = async |body: &str| {
            let headers = one["headers"].as_object().unwrap().iter();
            let request = UrlRequest::new("POST", &path).body(body);
            let request = headers.fold(request, |request, (name, value)| {
                request.header(name, value.as_str().unwrap())
            });
            offboard.request(request).await
        };
        let body = one["body"].as_str().unwrap();
        let answer = send(body).await;
        // Slack's is admitted, and answered in words: the caller lists no user who may ask.
        assert_eq!(answer.status, 200, "{library}: {}", answer.text());
        let changed = send(&format!("{body} ")).await;
        assert_eq!((changed.status, &*changed.text()), (401, DENIED), "{library}");
    }
}
