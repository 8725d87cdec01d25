//! Bilanc: people matched by address or login, moved on and off a list.

use rehearsal::providers::{AuthScheme, Bilanc, Simulator, State};
use serde_json::json;

use crate::client::{bearer, get, person, post};

const LIST: &str = "/users/onboarded-users-by-attributes";
const OFF: &str = "/users/offboarded-users-by-attributes";

fn raw(simulator: &dyn Simulator) -> Vec<String> {
    vec![format!(
        "authorization: {}",
        simulator.document()["api_key"].as_str().unwrap()
    )]
}

#[tokio::test]
async fn bilanc_moves_people_on_and_off() {
    let bilanc = Bilanc::start().await;
    bilanc.seed(&person("ada@example.test", "ada"), State::Active);
    let bo = bilanc.seed(&person("bo+x@example.test", "bo"), State::Gone);
    bilanc.alias("bo+x@example.test", "bo@alias.test");
    let (url, key) = (bilanc.url(), raw(&bilanc));
    let listed = get(&url, LIST, &key).await.json();
    assert_eq!(listed["total_users_found"], 1);
    assert_eq!(listed["users"][0]["github_username"], "ada");

    let ids = json!({ "email_addresses": ["BO@alias.test", "ghost@example.test"], "github_usernames": ["ADA", "Bo"] });
    let done = post(&url, "POST", LIST, &key, ids).await.json();
    assert_eq!(
        (&done["onboarded_count"], &done["total_users_found"]),
        (&json!(1), &json!(2))
    );
    assert_eq!(done["onboarded_user_ids"], json!([bo]));
    assert_eq!(
        done["not_found"],
        json!({ "email_addresses": ["ghost@example.test"], "github_usernames": [] })
    );

    let who = json!({ "email_addresses": ["ada@example.test"] });
    assert_eq!(
        post(&url, "POST", OFF, &key, who.clone()).await.json()["offboarded_count"],
        1
    );
    let again = post(&url, "POST", OFF, &key, who).await;
    assert_eq!(again.status, 404);
    assert!(again.json()["detail"].as_str().unwrap().contains("ada@example.test"));
    assert_eq!(bilanc.state_of("ada"), Some(State::Gone));
    assert_eq!(bilanc.violations(), Vec::<String>::new());
}

#[tokio::test]
async fn bilanc_refuses_what_its_contract_forbids() {
    let bilanc = Bilanc::start().await;
    bilanc.seed(&person("ada@example.test", "ada"), State::Gone);
    bilanc.seed(&person("bad@example.test", "bad"), State::Gone);
    bilanc.refuse("bad@example.test");
    let (url, key) = (bilanc.url(), raw(&bilanc));
    for (body, status) in [
        (json!({}), 400),
        (json!({ "email_addresses": [] }), 501),
        (json!({ "email_addresses": ["a@b.test"], "extra": 1 }), 501),
        (json!({ "email_addresses": "a@b.test" }), 422),
        (json!({ "email_addresses": ["not an address"] }), 422),
    ] {
        assert_eq!(post(&url, "POST", LIST, &key, body).await.status, status);
    }
    assert_eq!(bilanc.violations().len(), 5);
    let bad = json!({ "email_addresses": ["ada@example.test", "bad@example.test"] });
    let answer = post(&url, "POST", LIST, &key, bad.clone()).await;
    assert_eq!((answer.status, &answer.json()["detail"][0]["loc"][2]), (422, &json!(1)));
    bilanc.max_identifiers(1);
    assert_eq!(post(&url, "POST", LIST, &key, bad).await.status, 413);

    bilanc.rotate_key();
    assert_eq!(get(&url, LIST, &key).await.status, 401);
    bilanc.auth_scheme(AuthScheme::Bearer);
    assert_eq!(get(&url, LIST, &raw(&bilanc)).await.status, 401);
    assert_eq!(
        get(&url, LIST, &bearer(&bilanc.document()["api_key"])).await.status,
        200
    );
    assert_eq!(bilanc.violations().len(), 5);
    assert_eq!(get(&url, LIST, &[]).await.status, 501);
}
