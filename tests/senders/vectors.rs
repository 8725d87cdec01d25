//! The vectors: published by vendors or made by their rules, each at the time it was signed.

use rehearsal::host::UrlRequest;
use serde_json::{Value, json};

use crate::stage::{DENIED, EVERYWHERE, Stage};

const VECTORS: &str = include_str!("../events/signature-vectors.json");

/// The scheme of a vector, by how its name begins.
fn scheme(name: &str) -> &str {
    match name {
        _ if name.starts_with("standard-webhooks") => "standard_webhooks",
        _ => name.split('-').next().unwrap(),
    }
}

/// When it was signed; a vector without a time is good at any.
fn second(vector: &Value) -> i64 {
    let header = |name: &str| {
        let headers = vector["headers"].as_object().unwrap().iter();
        let mut found = headers.filter(|(key, _)| key.eq_ignore_ascii_case(name));
        found.next().and_then(|(_, value)| value.as_str())
    };
    let stamps = [
        "x-slack-request-timestamp",
        "webhook-timestamp",
        "finch-timestamp",
        "x-bamboohr-timestamp",
    ];
    let stamp = stamps.iter().find_map(|name| header(name)?.parse().ok());
    let date = header("bi-signature-date").map(|date| date.parse::<jiff::Timestamp>().unwrap().as_second());
    let millis =
        header("workos-signature").and_then(|value| value.strip_prefix("t=")?.split(',').next()?.parse::<i64>().ok());
    stamp
        .or(date)
        .or(millis.map(|millis| millis / 1000))
        .unwrap_or(1_795_000_000)
}

fn request(vector: &Value, body: &str) -> UrlRequest {
    let path = vector["path"].as_str().unwrap_or("/hooks");
    let headers = vector["headers"].as_object().unwrap().iter();
    let request = UrlRequest::new("POST", path).body(body);
    headers.fold(request, |request, (name, value)| {
        request.header(name, value.as_str().unwrap())
    })
}

#[tokio::test]
async fn every_vector_is_admitted_at_its_time_and_not_with_a_byte_changed() {
    let vectors: Vec<Value> = serde_json::from_str(VECTORS).unwrap();
    assert!(vectors.len() >= 14);
    for vector in &vectors {
        let name = vector["name"].as_str().unwrap();
        let stage = Stage::with(&[("PROVIDERS", "bilanc")]).await;
        let caller = json!({"scheme": scheme(name), "secrets": ["not it", vector["secret"]], "may": EVERYWHERE});
        stage.document("callers", &json!({"hooks": caller}));
        let signed = second(vector);
        for (seconds, admitted) in [(0, true), (170, true), (-170, true)] {
            let at = (signed + seconds).to_string();
            let function = stage.start_example("at", &[("ROLLCALL_TEST_SECOND", &at)]).await;
            let body = vector["body"].as_str().unwrap();
            let answer = function.request(request(vector, body)).await;
            assert_eq!(
                answer.status != 401,
                admitted,
                "{name} {seconds} s later: {}",
                answer.text()
            );
            assert!(answer.status < 500 || answer.status == 501, "{name}: {}", answer.text());
            for changed in [
                format!("{body} "),
                format!("{body}\n"),
                body.replacen(char::is_alphabetic, "#", 1),
                body[1..].to_owned(),
            ] {
                let answer = function.request(request(vector, &changed)).await;
                assert_eq!((answer.status, &*answer.text()), (401, DENIED), "{name}");
            }
        }
        assert_eq!(stage.calls(), [""; 0], "{name}");
    }
}
