//! Blackbird: one person per call behind a token.

use rehearsal::providers::{Blackbird, DuplicateCreate, Seed, Simulator, State};
use serde_json::json;

use crate::client::{bearer, get, person, post, token};

const USERS: &str = "/admin/admin/users";

#[tokio::test]
async fn blackbird_creates_revives_and_deactivates() {
    let blackbird = Blackbird::start().await;
    let ada = blackbird.seed(&person("ada+x@example.test", "ada"), State::Dormant);
    let url = blackbird.url();
    let issued = token(&url, "/auth/oauth2/token", &blackbird.document()).await.json();
    let key = bearer(&issued["access_token"]);
    assert_eq!(issued["access_token"].as_str().unwrap().split('.').count(), 3);

    let found = get(&url, &format!("{USERS}?email=ADA%2Bx@example.test"), &key)
        .await
        .json();
    assert_eq!(found["body"][0]["status"], "deactivated");
    assert_eq!(
        get(&url, &format!("{USERS}?email=ada+x@example.test"), &key)
            .await
            .status,
        501
    );

    let body = json!({ "id": ada, "status": "active" });
    let revived = post(&url, "PUT", &format!("{USERS}/{ada}"), &key, body).await.json();
    assert_eq!(
        (&revived["status"], &revived["firstName"]),
        (&json!("active"), &json!("Ada"))
    );
    let made = post(&url, "POST", USERS, &key, json!({ "email": "bo@example.test" })).await;
    assert_eq!((made.status, blackbird.mails_sent("bo@example.test")), (200, 1));
    for (duplicate, status) in [
        (DuplicateCreate::Conflict409, 409),
        (DuplicateCreate::Bad400, 400),
        (DuplicateCreate::ReturnsExisting, 200),
    ] {
        blackbird.duplicate_create(duplicate);
        let again = post(&url, "POST", USERS, &key, json!({ "email": "BO@example.test" })).await;
        assert_eq!(again.status, status);
    }
    blackbird.set_status_word("bo@example.test", "frozen");
    assert_eq!(get(&url, USERS, &key).await.json()["body"][1]["status"], "frozen");
    assert_eq!(
        get(&url, "/admin/admin/roles", &key).await.json()["body"][0]["roleName"],
        "leadAnalyst"
    );
    assert_eq!(blackbird.violations().len(), 1);
}

#[tokio::test]
async fn blackbird_refuses_what_its_contract_forbids() {
    let blackbird = Blackbird::start().await;
    let ada = blackbird.seed(&Seed::with_email("ada@example.test"), State::Active);
    let url = blackbird.url();
    let old = blackbird.document();
    let key = bearer(&token(&url, "/auth/oauth2/token", &old).await.json()["access_token"]);
    let path = format!("{USERS}/{ada}");
    for body in [
        json!({ "id": "usr-9", "status": "active" }),
        json!({ "id": ada, "status": "gone" }),
        json!({ "id": ada, "status": "active", "firstName": null }),
        json!({ "status": "active" }),
        json!({ "id": ada, "status": "active", "email": "x@example.test" }),
    ] {
        assert_eq!(post(&url, "PUT", &path, &key, body).await.status, 501);
    }
    let nobody = json!({ "id": "usr-9", "status": "active" });
    assert_eq!(
        post(&url, "PUT", &format!("{USERS}/usr-9"), &key, nobody).await.status,
        404
    );
    blackbird.expire_tokens();
    assert_eq!(get(&url, USERS, &key).await.status, 401);
    blackbird.rotate_key();
    assert_eq!(token(&url, "/auth/oauth2/token", &old).await.status, 400);
    assert_eq!(
        token(&url, "/auth/oauth2/token", &blackbird.document()).await.status,
        200
    );
    assert_eq!(blackbird.violations().len(), 5);
}
