//! The App: an assertion for a token of an hour, and what is no assertion.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jiff::Timestamp;
use rehearsal::directories::{Directory, Github, KeyForm};
use serde_json::{Value, json};

use super::{MEMBERS, github, headers, url};
use crate::client::{Got, get, post, send};

const TOKENS: &str = "/app/installations/77001/access_tokens";

/// Signs these claims with the document's key.
fn assertion(document: &Value, claims: &Value) -> Value {
    let pem = document["private_key"].as_str().unwrap();
    let lines = pem.lines().filter(|line| !line.starts_with('-'));
    let der = STANDARD.decode(lines.collect::<String>()).unwrap();
    let key = match pem.starts_with("-----BEGIN RSA PRIVATE KEY-----") {
        true => RsaKeyPair::from_der(&der).unwrap(),
        false => RsaKeyPair::from_pkcs8(&der).unwrap(),
    };
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let signed = format!("{}.{}", part(&json!({ "alg": "RS256", "typ": "JWT" })), part(claims));
    let mut signature = vec![0; key.public_modulus_len()];
    key.sign(
        &RSA_PKCS1_SHA256,
        &SystemRandom::new(),
        signed.as_bytes(),
        &mut signature,
    )
    .unwrap();
    json!(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature)))
}

/// The claims of the contract.
fn claims(document: &Value) -> Value {
    let now = Timestamp::now().as_second();
    json!({ "iat": now - 60, "exp": now + 540, "iss": document["app_id"] })
}

async fn exchange(github: &Github, assertion: &Value) -> Got {
    send(&url(github), "POST", TOKENS, &headers(assertion), "")
        .await
        .unwrap()
}

/// An installation token.
async fn token(github: &Github) -> Value {
    let document = github.document();
    let got = exchange(github, &assertion(&document, &claims(&document))).await;
    assert_eq!(got.status, 201);
    got.json()
}

async fn ask(github: &Github, token: &Value) -> Value {
    let body = json!({ "query": MEMBERS, "variables": { "org": "acme" } });
    post(&url(github), "POST", "/graphql", &headers(token), body)
        .await
        .json()
}

#[tokio::test]
async fn an_assertion_is_exchanged_for_a_token_of_an_hour() {
    let github = github(&["ada"]).await;
    github.use_app();
    let document = github.document();
    assert!(document.get("token").is_none() && document["installation_id"] == "77001");
    let issued = token(&github).await;
    assert!(issued["token"].as_str().unwrap().starts_with("ghs_canary"));
    assert_eq!(issued["permissions"], json!({ "members": "read", "metadata": "read" }));
    let end: Timestamp = issued["expires_at"].as_str().unwrap().parse().unwrap();
    let left = end.as_second() - Timestamp::now().as_second();
    assert!((3590..=3600).contains(&left));
    let page = ask(&github, &issued["token"]).await;
    assert_eq!(page["data"]["organization"]["membersWithRole"]["totalCount"], 1);
    let membership = "/user/memberships/orgs/acme";
    let own = get(&url(&github), membership, &headers(&issued["token"])).await;
    assert_eq!(own.json()["message"], "Resource not accessible by integration");
    // A stranger's view is for the personal token only.
    github.only_public_members();
    let list = get(&url(&github), "/orgs/acme/members", &headers(&issued["token"])).await;
    assert_eq!((own.status, list.status), (403, 200));

    github.use_app_with(KeyForm::Pkcs8);
    let again = token(&github).await;
    github.expire_tokens();
    let ended = get(&url(&github), "/orgs/acme/members", &headers(&again["token"])).await;
    assert_eq!(ended.status, 401);
    assert_eq!(github.violations(), [""; 0]);
}

#[tokio::test]
async fn an_assertion_with_wrong_claims_is_a_violation() {
    let github = github(&[]).await;
    github.use_app();
    let document = github.document();
    let now = Timestamp::now().as_second();
    for (name, value) in [
        ("iat", json!(now + 60)),
        ("iat", json!("now")),
        ("iat", json!(now - 120)),
        ("exp", json!(now - 1)),
        ("exp", json!(now + 541)),
        ("exp", Value::Null),
    ] {
        let mut wrong = claims(&document);
        wrong[name] = value;
        let before = github.violations().len();
        assert_eq!(
            exchange(&github, &assertion(&document, &wrong)).await.status,
            401,
            "{wrong}"
        );
        assert_eq!(github.violations().len(), before + 1, "{wrong}");
    }
}

#[tokio::test]
async fn a_wrong_credential_is_an_ordinary_no() {
    let github = github(&[]).await;
    assert_eq!(exchange(&github, &json!("a.b.c")).await.status, 401);
    github.use_app();
    let document = github.document();
    let mut other = claims(&document);
    other["iss"] = json!("1");
    assert_eq!(exchange(&github, &assertion(&document, &other)).await.status, 401);
    let number: u64 = document["app_id"].as_str().unwrap().parse().unwrap();
    other["iss"] = json!(number);
    let good = assertion(&document, &other);
    assert_eq!(exchange(&github, &good).await.status, 201);
    let nowhere = "/app/installations/1/access_tokens";
    let got = send(&url(&github), "POST", nowhere, &headers(&good), "").await.unwrap();
    assert_eq!(got.status, 404);
    github.rotate_key();
    assert_eq!(exchange(&github, &good).await.status, 401);
    token(&github).await;
    assert_eq!(github.violations(), [""; 0]);
}

#[tokio::test]
async fn an_app_that_lost_its_permission_still_has_tokens() {
    let github = github(&["ada"]).await;
    github.use_app();
    let before = token(&github).await;
    github.revoke();
    let issued = token(&github).await;
    assert_eq!(issued["permissions"], json!({ "metadata": "read" }));
    for token in [&before["token"], &issued["token"]] {
        let answer = ask(&github, token).await;
        assert_eq!(
            (&answer["errors"][0]["type"], &answer["data"]["organization"]),
            (&json!("FORBIDDEN"), &Value::Null)
        );
        let list = get(&url(&github), "/orgs/acme/members", &headers(token)).await;
        assert_eq!(list.status, 403);
    }
    let document = github.document();
    let signed = headers(&assertion(&document, &claims(&document)));
    let asked = async |permissions| {
        post(
            &url(&github),
            "POST",
            TOKENS,
            &signed,
            json!({ "permissions": permissions }),
        )
        .await
    };
    assert_eq!(asked(json!({ "members": "read" })).await.status, 422);
    assert_eq!(asked(json!({ "metadata": "read" })).await.status, 201);
    assert_eq!(github.violations(), [""; 0]);
    assert_eq!(asked(json!({ "members": "write" })).await.status, 501);
}
