//! Secrets Manager and the roster server.

use rehearsal::roster::RosterServer;
use rehearsal::secrets::SecretsManager;
use serde_json::{Value, json};

use crate::client::{Got, bearer, get, send};

pub(crate) fn signature(service: &str) -> Vec<String> {
    let scope = format!("AKIDEXAMPLE/20260101/eu-west-1/{service}/aws4_request");
    let names = "host;x-amz-content-sha256;x-amz-date";
    let hex = "0".repeat(64);
    vec![
        format!("authorization: AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders={names}, Signature={hex}"),
        "x-amz-date: 20260101T000000Z".to_owned(),
        format!("x-amz-content-sha256: {hex}"),
    ]
}

async fn ask(secrets: &SecretsManager, target: &str, body: Value) -> Got {
    let mut headers = signature("secretsmanager");
    headers.push("content-type: application/x-amz-json-1.1".to_owned());
    headers.push(format!("x-amz-target: secretsmanager.{target}"));
    send(&secrets.url(), "POST", "/", &headers, &body.to_string())
        .await
        .unwrap()
}

#[tokio::test]
async fn secrets_come_in_a_batch_with_errors_beside_them() {
    let secrets = SecretsManager::start().await;
    secrets.put("rollcall/bilanc", &json!({ "api_key": "k" }));
    let ids = json!({ "SecretIdList": ["rollcall/bilanc", "rollcall/none"] });
    let got = ask(&secrets, "BatchGetSecretValue", ids).await.json();
    assert_eq!(got["SecretValues"][0]["SecretString"], "{\"api_key\":\"k\"}");
    assert_eq!(got["Errors"][0]["ErrorCode"], "ResourceNotFoundException");
    assert_eq!(got["Errors"][0]["SecretId"], "rollcall/none");
    let many: Vec<_> = (0..21).map(|number| number.to_string()).collect();
    assert_eq!(
        ask(&secrets, "BatchGetSecretValue", json!({ "SecretIdList": many }))
            .await
            .status,
        400
    );

    let one = ask(&secrets, "GetSecretValue", json!({ "SecretId": "rollcall/bilanc" }))
        .await
        .json();
    assert_eq!(one["Name"], "rollcall/bilanc");
    secrets.remove("rollcall/bilanc");
    assert_eq!(
        ask(&secrets, "GetSecretValue", json!({ "SecretId": "rollcall/bilanc" }))
            .await
            .status,
        400
    );
    assert_eq!(secrets.calls().len(), 4);
    assert_eq!(send(&secrets.url(), "POST", "/", &[], "{}").await.unwrap().status, 400);
    assert!(secrets.violations().is_empty());
}

#[tokio::test]
async fn a_roster_is_served_plainly_with_a_token_and_from_a_bucket() {
    let roster = RosterServer::start().await;
    roster.set("/roster.csv", "text/csv", b"email\na@example.test\n");
    roster.set("/bucket/people/roster.json", "application/json", b"[]");
    let got = get(&roster.url(), "/roster.csv", &[]).await;
    assert_eq!(got.bytes, b"email\na@example.test\n");
    assert!(got.head.contains("content-type: text/csv") && got.head.contains("last-modified: "));
    roster.without_last_modified("/roster.csv");
    roster.require_token(Some("t"));
    assert_eq!(get(&roster.url(), "/roster.csv", &[]).await.status, 401);
    let got = get(&roster.url(), "/roster.csv", &bearer(&json!("t"))).await;
    assert!(got.status == 200 && !got.head.contains("last-modified: "));

    let key = "/bucket/people/roster.json";
    assert_eq!(get(&roster.url(), key, &[]).await.status, 403);
    assert_eq!(get(&roster.url(), key, &signature("secretsmanager")).await.status, 403);
    assert_eq!(get(&roster.url(), key, &signature("s3")).await.bytes, b"[]");
    assert_eq!(get(&roster.url(), "/bucket/none", &signature("s3")).await.status, 404);
}
