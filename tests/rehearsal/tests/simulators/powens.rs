//! Powens: a token for the list, another for each user, and its traps.

use rehearsal::providers::{Powens, Seed, Simulator, State};
use serde_json::{Value, json};

use crate::client::{bearer, get, post, send};

fn renewal(document: &Value, id: Value) -> Value {
    json!({ "grant_type": "client_credentials", "client_id": document["client_id"],
            "client_secret": document["client_secret"], "id_user": id })
}

#[tokio::test]
async fn powens_deletes_with_the_users_own_token_only() {
    let powens = Powens::start().await;
    let first: u64 = powens.seed(&Seed::default(), State::Active).parse().unwrap();
    let second = powens.seed(&Seed::default(), State::Active);
    let (url, document) = (powens.url(), powens.document());
    let users = bearer(&document["users_token"]);
    powens.max_page_size(1);
    powens.with_links(true);
    let page = get(&url, "/2.0/users?limit=1000&offset=0", &users).await.json();
    assert_eq!(
        (page["users"].as_array().unwrap().len(), &page["total"]),
        (1, &json!(2))
    );
    let next = page["_links"]["next"]["href"].as_str().unwrap();
    assert_eq!(next, format!("{url}/2.0/users?limit=1&offset=1"));

    let renewed = post(&url, "POST", "/2.0/auth/renew", &[], renewal(&document, json!(first)))
        .await
        .json();
    let own = bearer(&renewed["access_token"]);
    let path = format!("/2.0/users/{first}");
    assert_eq!(get(&url, &path, &own).await.json()["id"], first);
    assert_eq!(get(&url, &path, &users).await.status, 403);
    assert_eq!(get(&url, "/2.0/users", &own).await.status, 403);
    let other = format!("/2.0/users/{second}");
    assert_eq!(post(&url, "DELETE", &other, &own, json!({})).await.status, 501);
    assert_eq!(send(&url, "DELETE", &other, &own, "").await.unwrap().status, 403);
    assert_eq!(send(&url, "DELETE", &path, &own, "").await.unwrap().status, 204);
    assert_eq!(get(&url, &path, &own).await.status, 401);
    assert_eq!(powens.state_of(&first.to_string()), Some(State::Gone));
    assert_eq!(powens.state_of(&second), Some(State::Active));
    let gone = post(&url, "POST", "/2.0/auth/renew", &[], renewal(&document, json!(first))).await;
    assert_eq!(gone.status, 404);
}

#[tokio::test]
async fn powens_has_its_traps() {
    let powens = Powens::start().await;
    let id: u64 = powens.seed(&Seed::default(), State::Active).parse().unwrap();
    let (url, document) = (powens.url(), powens.document());
    powens.renew_gives_stray_user(true);
    let renewed = post(&url, "POST", "/2.0/auth/renew", &[], renewal(&document, json!(id)))
        .await
        .json();
    let own = bearer(&renewed["access_token"]);
    assert_eq!(get(&url, &format!("/2.0/users/{id}"), &own).await.status, 403);
    assert_eq!((powens.people().len(), powens.violations().len()), (2, 0));

    let mut nobody = renewal(&document, json!(id));
    nobody.as_object_mut().unwrap().remove("id_user");
    assert_eq!(post(&url, "POST", "/2.0/auth/renew", &[], nobody).await.status, 200);
    assert_eq!((powens.people().len(), powens.violations().len()), (3, 1));
    for path in ["/2.0/users/me", "/2.0/users/all", "/2.0/users/0", "/2.0/users/+1"] {
        assert_eq!(get(&url, path, &own).await.status, 501);
    }
    assert_eq!(
        get(&url, "/2.0/users?limit=1001", &bearer(&document["users_token"]))
            .await
            .status,
        501
    );
    powens.rotate_key();
    assert_eq!(
        get(&url, "/2.0/users", &bearer(&document["users_token"])).await.status,
        401
    );
    assert_eq!(
        post(&url, "POST", "/2.0/auth/renew", &[], renewal(&document, json!(id)))
            .await
            .status,
        401
    );
}
