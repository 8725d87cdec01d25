//! Google Workspace: an assertion for a token, two lists in pages, and who else is in a group.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jiff::Timestamp;
use rehearsal::directories::google::{Entry, Revocation, Throttle};
use rehearsal::directories::{Directory, Google, Member, Standing};
use rehearsal::faults::{Fault, When};
use serde_json::{Value, json};

use crate::client::{Got, bearer, get, send};

const USERS: &str = "/admin/directory/v1/users?customer=my_customer";
const TEAM: &str = "/admin/directory/v1/groups/team/members";

async fn google() -> (Google, String) {
    let google = Google::start().await;
    for id in ["ada", "bo", "cy", "di", "eve"] {
        google.members().put(Member::new(id));
    }
    google.members().set_group("team", &["ada", "bo", "cy"]);
    let url = google.document()["base_url"].as_str().unwrap().to_owned();
    (google, url)
}

fn claims(document: &Value) -> Value {
    let now = Timestamp::now().as_second();
    let scope = "https://www.googleapis.com/auth/admin.directory.user.readonly \
                 https://www.googleapis.com/auth/admin.directory.group.member.readonly";
    json!({
        "iss": document["service_account"]["client_email"], "sub": document["subject"], "scope": scope,
        "aud": document["service_account"]["token_uri"], "iat": now, "exp": now + 3600,
    })
}

fn signed(document: &Value, header: &Value, claims: &Value) -> String {
    let pem = document["service_account"]["private_key"].as_str().unwrap();
    let text: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
    let key = RsaKeyPair::from_pkcs8(&STANDARD.decode(text).unwrap()).unwrap();
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let text = format!("{}.{}", part(header), part(claims));
    let mut signature = vec![0; key.public_modulus_len()];
    key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), text.as_bytes(), &mut signature)
        .unwrap();
    format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature))
}

async fn exchange(url: &str, assertion: &str) -> Got {
    let form = ["content-type: application/x-www-form-urlencoded".to_owned()];
    let body = format!("grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion={assertion}");
    send(url, "POST", "/token", &form, &body).await.unwrap()
}

async fn ask_token(url: &str, document: &Value) -> Got {
    let header = json!({ "alg": "RS256", "typ": "JWT", "kid": document["service_account"]["private_key_id"] });
    exchange(url, &signed(document, &header, &claims(document))).await
}

async fn admitted(google: &Google, url: &str) -> Vec<String> {
    let got = ask_token(url, &google.document()).await;
    assert_eq!((got.status, &got.json()["expires_in"]), (200, &json!(3599)));
    bearer(&got.json()["access_token"])
}

/// Every page's list, behind one another, and how many pages there were.
async fn all(url: &str, path: &str, key: &[String], list: &str) -> (Vec<Value>, usize) {
    let (mut found, mut mark, mut pages) = (Vec::new(), String::new(), 0);
    loop {
        let page = get(url, &format!("{path}{mark}"), key).await;
        assert_eq!(page.status, 200, "{}", page.json());
        let page = page.json();
        found.extend(page[list].as_array().cloned().unwrap_or_default());
        pages += 1;
        let Some(token) = page["nextPageToken"].as_str() else {
            return (found, pages);
        };
        mark = format!("&pageToken={}", encoded(token));
    }
}

fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

fn of<'a>(entries: &'a [Value], member: &str) -> Vec<&'a str> {
    entries
        .iter()
        .map(|entry| entry[member].as_str().unwrap_or("-"))
        .collect()
}

#[tokio::test]
async fn google_issues_a_token_for_a_right_assertion_only() {
    let (google, url) = google().await;
    let document = google.document();
    assert_eq!(document["kind"], google.kind());
    let header = json!({ "alg": "RS256" });
    let now = Timestamp::now().as_second();
    let wrong = [
        ("iss", json!("somebody@canary.example")),
        ("sub", json!("ada@example.test")),
        ("aud", json!("https://oauth2.googleapis.com/token")),
        (
            "scope",
            json!("https://www.googleapis.com/auth/admin.directory.user.readonly"),
        ),
        ("iat", json!(now + 100)),
        ("exp", json!(now - 1)),
        ("exp", json!(now + 3700)),
        ("exp", json!("soon")),
        ("email", json!("admin@example.test")),
    ];
    for (claim, value) in &wrong {
        let mut claims = claims(&document);
        claims[*claim] = value.clone();
        let got = exchange(&url, &signed(&document, &header, &claims)).await;
        assert_eq!(got.status, 501, "{claim}");
    }
    let claims = claims(&document);
    for header in [json!({ "alg": "none" }), json!({ "alg": "RS256", "typ": "JOSE" })] {
        assert_eq!(exchange(&url, &signed(&document, &header, &claims)).await.status, 501);
    }
    assert_eq!(exchange(&url, "a.b").await.status, 501);
    assert_eq!(google.violations().len(), wrong.len() + 3);

    let key = admitted(&google, &url).await;
    assert_eq!(get(&url, USERS, &key).await.status, 200);
    google.expire_tokens();
    let got = get(&url, USERS, &key).await;
    assert_eq!((got.status, &got.json()["error"]["code"]), (401, &json!(401)));
    let key = admitted(&google, &url).await;
    google.rotate_key();
    assert_eq!(get(&url, USERS, &key).await.status, 401);
    let old = ask_token(&url, &document).await;
    let body = json!({ "error": "invalid_grant", "error_description": "Invalid JWT Signature." });
    assert_eq!((old.status, old.json()), (400, body));
    admitted(&google, &url).await;
    assert_eq!(google.violations().len(), wrong.len() + 3);
}

#[tokio::test]
async fn google_lists_users_in_pages() {
    let (google, url) = google().await;
    let key = admitted(&google, &url).await;
    let with_standing = |id: &str, standing: Standing| Member {
        standing,
        ..Member::new(id)
    };
    google.members().put(with_standing("bo", Standing::Suspended));
    google.members().put(with_standing("cy", Standing::Gone));
    google.archive("di");
    google.members().put(Member {
        aliases: vec!["e@example.test".into(), "eve@example.test.test-google-a.com".into()],
        ..Member::new("eve")
    });
    google.members().put(Member {
        guest: true,
        ..Member::new("guest")
    });
    let path = format!("{USERS}&maxResults=2&projection=basic");
    let (users, pages) = all(&url, &path, &key, "users").await;
    assert_eq!((of(&users, "id"), pages), (vec!["ada", "bo", "di", "eve"], 2));
    assert_eq!(users[0]["primaryEmail"], "ada@example.test");
    assert_eq!(users[0]["name"]["fullName"], "ada Canary");
    assert!(users[0].get("aliases").is_none());
    assert!(users[1]["suspended"] == true && users[1]["archived"] == false);
    assert!(users[2]["suspended"] == false && users[2]["archived"] == true);
    assert_eq!(users[3]["aliases"], json!(["e@example.test"]));
    assert_eq!(
        users[3]["nonEditableAliases"],
        json!(["eve@example.test.test-google-a.com"])
    );
    let active = format!("{USERS}&query=isSuspended%3Dfalse&orderBy=email");
    let (active, _) = all(&url, &active, &key, "users").await;
    assert_eq!(of(&active, "id"), ["ada", "di", "eve"]);
    let domain = "/admin/directory/v1/users?domain=example.test";
    assert_eq!(all(&url, domain, &key, "users").await.0.len(), 4);

    google.members().set_page_size(1);
    google.members().drop_page(Some(1));
    let (users, pages) = all(&url, &path, &key, "users").await;
    assert_eq!((of(&users, "id"), pages), (vec!["ada", "di", "eve"], 3));
    let token = get(&url, &path, &key).await.json()["nextPageToken"].clone();
    let token = encoded(token.as_str().unwrap());
    for unknown in ["x".to_owned(), format!("{token}&orderBy=email")] {
        let got = get(&url, &format!("{path}&pageToken={unknown}"), &key).await;
        assert_eq!(got.status, 400, "a mark of another list");
    }
    google
        .faults()
        .inject("GET", "pageToken", Fault::LoopedCursor, When::Once);
    let looped = get(&url, &format!("{path}&pageToken={token}"), &key).await.json();
    assert_eq!(looped, get(&url, &path, &key).await.json());
    google.faults().inject("GET", "users", Fault::MissingField, When::Once);
    assert!(get(&url, USERS, &key).await.json()["users"][0].get("id").is_none());
    assert_eq!(
        get(&url, "/admin/directory/v1/users?domain=other.test", &key)
            .await
            .status,
        404
    );
    assert_eq!(google.violations(), Vec::<String>::new());
    for forbidden in [
        "/admin/directory/v1/users".to_owned(),
        format!("{USERS}&domain=example.test"),
        format!("{USERS}&maxResults=501"),
        format!("{USERS}&projection=custom"),
        format!("{USERS}&query=orgName%3Dx"),
        format!("{USERS}&showDeleted=true"),
        "/admin/directory/v1/users/ada".to_owned(),
    ] {
        assert_eq!(get(&url, &forbidden, &key).await.status, 501, "{forbidden}");
    }
}

#[tokio::test]
async fn google_lists_a_group_with_all_that_is_in_it() {
    let (google, url) = google().await;
    let key = admitted(&google, &url).await;
    google.members().set_group("empty", &[]);
    google.members().set_group("inner", &["cy", "di"]);
    google.members().put(Member {
        standing: Standing::Suspended,
        ..Member::new("bo")
    });
    google.add_entry("team", Entry::Group("inner".into()));
    google.add_entry("inner", Entry::Group("team".into()));
    google.add_entry("team", Entry::Customer);
    google.add_entry("team", Entry::Outsider("canary@partner.example".into()));

    let (own, _) = all(&url, &format!("{TEAM}?maxResults=200"), &key, "members").await;
    assert_eq!(of(&own, "type"), ["USER", "USER", "USER", "GROUP", "CUSTOMER", "USER"]);
    assert_eq!(
        of(&own, "status"),
        ["ACTIVE", "SUSPENDED", "ACTIVE", "ACTIVE", "-", "-"]
    );
    assert!(own[4].get("email").is_none() && own[5]["email"] == "canary@partner.example");
    let derived = format!("{TEAM}?includeDerivedMembership=true&maxResults=2");
    let (derived, pages) = all(&url, &derived, &key, "members").await;
    let ids = of(&derived, "id");
    assert_eq!((ids.len(), pages), (8, 4));
    assert_eq!(ids[6..], ["di", "group-team"]);

    let path = TEAM.replace("team", "empty");
    let empty = get(&url, &path, &key).await.json();
    assert!(empty["kind"] == "admin#directory#members" && empty.get("members").is_none());
    assert_eq!(get(&url, &TEAM.replace("team", "nobody"), &key).await.status, 404);
    assert_eq!(google.violations(), Vec::<String>::new());
    for forbidden in ["?maxResults=201", "?includeDerivedMembership=yes", "?roles=MEMBER"] {
        assert_eq!(get(&url, &format!("{TEAM}{forbidden}"), &key).await.status, 501);
    }
}

#[tokio::test]
async fn google_says_no_in_several_ways() {
    let (google, url) = google().await;
    let key = admitted(&google, &url).await;
    let reason = |got: &Got| got.json()["error"]["errors"][0]["reason"].as_str().map(str::to_owned);
    for (throttle, status, wanted) in [
        (Throttle::RateLimitExceeded, 403, "rateLimitExceeded"),
        (Throttle::UserRateLimitExceeded, 403, "userRateLimitExceeded"),
        (Throttle::QuotaExceeded, 403, "quotaExceeded"),
        (Throttle::TooManyRequests, 429, "rateLimitExceeded"),
    ] {
        google.throttle_as(throttle);
        google.throttle_once();
        let got = get(&url, TEAM, &key).await;
        assert_eq!((got.status, reason(&got).as_deref()), (status, Some(wanted)));
        assert_eq!(get(&url, TEAM, &key).await.status, 200);
    }
    google.revoke_as(Revocation::Lists);
    google.revoke();
    let got = get(&url, USERS, &key).await;
    assert_eq!((got.status, reason(&got).as_deref()), (403, Some("forbidden")));
    admitted(&google, &url).await;

    google.revoke_as(Revocation::Delegation);
    google.revoke();
    assert_eq!(get(&url, USERS, &key).await.status, 401);
    let got = ask_token(&url, &google.document()).await;
    assert_eq!((got.status, &got.json()["error"]), (401, &json!("unauthorized_client")));
    assert_eq!(google.violations(), Vec::<String>::new());
}
