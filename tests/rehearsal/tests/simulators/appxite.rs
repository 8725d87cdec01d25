//! AppXite: pages, invitations, two credentials.

use rehearsal::providers::{Appxite, Seed, Simulator, State};
use serde_json::{Value, json};

use crate::client::{bearer, get, post, token};

fn appxite_headers(document: &Value) -> Vec<String> {
    let mut headers = bearer(&document["token"]);
    headers.push(format!(
        "Ocp-Apim-Subscription-Key: {}",
        document["subscription_key"].as_str().unwrap()
    ));
    headers
}

#[tokio::test]
async fn appxite_pages_and_invites() {
    let appxite = Appxite::start().await;
    for number in 0..3 {
        appxite.seed(&Seed::with_email(&format!("p{number}@example.test")), State::Active);
    }
    appxite.max_page_size(2);
    let (url, document) = (appxite.url(), appxite.document());
    let key = appxite_headers(&document);
    let second = get(&url, "/users?page=2&pageSize=100", &key).await.json();
    assert_eq!(
        (second["Items"].as_array().unwrap().len(), &second["TotalCount"]),
        (1, &json!(3))
    );
    appxite.bare_arrays(true);
    assert_eq!(get(&url, "/users", &key).await.json().as_array().unwrap().len(), 2);
    assert_eq!(get(&url, "/roles", &key).await.json()[0]["Name"], "Seller Admin");

    let invite = |email: &str, idp: &str| {
        json!({ "Users": [{ "Email": email, "GroupIds": ["role-0001"], "IdentityProviderId": idp }],
                "OrganizationIds": document["organization_ids"] })
    };
    for _ in 0..2 {
        let body = invite("new@example.test", "idp-0001");
        assert_eq!(post(&url, "POST", "/users/invite", &key, body).await.status, 200);
    }
    assert_eq!(appxite.state_of("new@example.test"), Some(State::Invited));
    assert_eq!(appxite.mails_sent("NEW@example.test"), 2);
    let today = get(&url, "/users?page=2", &key).await.json()[1]["CreatedDate"].clone();
    appxite.age_invitation("new@example.test", 8);
    assert!(get(&url, "/users?page=2", &key).await.json()[1]["CreatedDate"].as_str() < today.as_str());
    let mut body = invite("new@example.test", "idp-0001");
    body["Users"][0]["OrganizationIds"] = json!(["org-0002"]);
    assert_eq!(
        post(&url, "POST", "/users/invite", &key, body.clone()).await.status,
        501
    );
    body.as_object_mut().unwrap().remove("OrganizationIds");
    assert_eq!(post(&url, "POST", "/users/invite", &key, body).await.status, 200);
    assert!(get(&url, "/users?page=2", &key).await.json()[1]["CreatedDate"].as_str() >= today.as_str());
    let body = invite("other@example.test", "idp-0002");
    assert_eq!(post(&url, "POST", "/users/invite", &key, body).await.status, 400);
    appxite.seed(&Seed::with_email("blocked@example.test"), State::Dormant);
    let body = invite("blocked@example.test", "idp-0001");
    assert_eq!(post(&url, "POST", "/users/invite", &key, body).await.status, 409);
    assert_eq!(appxite.violations().len(), 1);
    let nowhere = json!({ "Users": [{ "Email": "a@example.test" }] });
    assert_eq!(post(&url, "POST", "/users/invite", &key, nowhere).await.status, 501);
}

#[tokio::test]
async fn appxite_names_the_credential_and_blocks_where_allowed() {
    let appxite = Appxite::start().await;
    let id = appxite.seed(&Seed::with_email("ada@example.test"), State::Invited);
    appxite.age_invitation("ada@example.test", 8);
    let (url, old) = (appxite.url(), appxite_headers(&appxite.document()));
    let path = format!("/users/{id}/block");
    assert_eq!(post(&url, "POST", &path, &old, json!({})).await.status, 501);
    appxite.allow_block(true);
    assert_eq!(appxite.document()["paths"]["block"], "/users/{id}/block");
    assert_eq!(post(&url, "POST", &path, &old, json!({})).await.status, 200);
    assert_eq!(appxite.state_of("ada@example.test"), Some(State::Dormant));

    appxite.rotate_token();
    let refused = get(&url, "/users", &old).await.json();
    assert!(refused["message"].as_str().unwrap().contains("token"));
    appxite.rotate_subscription_key();
    let refused = get(&url, "/users", &old).await.json();
    assert!(refused["message"].as_str().unwrap().contains("subscription key"));
    assert_eq!(refused["statusCode"], 401);

    let mut document = appxite.document_with_oauth();
    document["token"] = token(&url, "/oauth/token", &document).await.json()["access_token"].clone();
    assert_eq!(get(&url, "/users", &appxite_headers(&document)).await.status, 200);
    appxite.expire_tokens();
    assert_eq!(get(&url, "/users", &appxite_headers(&document)).await.status, 401);
}
