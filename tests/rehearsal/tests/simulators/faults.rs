//! Every fault, against a platform that shows it.

use std::time::Duration;

use rehearsal::faults::{Fault, When};
use rehearsal::providers::{Bilanc, Powens, Seed, Simulator, State};
use serde_json::json;
use tokio::time::timeout;

use crate::client::{Got, bearer, get, send};

const LIST: &str = "/users/onboarded-users-by-attributes";
const OFF: &str = "/users/offboarded-users-by-attributes";

async fn bilanc() -> (Bilanc, Vec<String>) {
    let bilanc = Bilanc::start().await;
    for email in ["ada@example.test", "bo@example.test"] {
        bilanc.seed(&Seed::with_email(email), State::Active);
    }
    let key = vec![
        format!("authorization: {}", bilanc.document()["api_key"].as_str().unwrap()),
        "content-type: application/json".to_owned(),
    ];
    (bilanc, key)
}

async fn offboard(bilanc: &Bilanc, key: &[String], email: &str) -> Option<Got> {
    send(
        &bilanc.url(),
        "POST",
        OFF,
        key,
        &json!({ "email_addresses": [email] }).to_string(),
    )
    .await
}

#[tokio::test]
async fn faults_strike_once_in_order_and_are_written_down() {
    let (bilanc, key) = bilanc().await;
    let wait = || Fault::StatusWithRetryAfter(429, "7".to_owned());
    bilanc.faults().inject("GET", "onboarded", wait(), When::Once);
    bilanc.faults().inject("*", "", Fault::Status(503), When::Once);
    let first = get(&bilanc.url(), LIST, &key).await;
    assert!(first.status == 429 && first.head.contains("retry-after: 7"));
    assert_eq!(get(&bilanc.url(), LIST, &key).await.status, 503);
    assert_eq!(get(&bilanc.url(), LIST, &key).await.status, 200);
    let statuses: Vec<_> = bilanc.calls().iter().map(|call| call.status).collect();
    assert_eq!(statuses, [429, 503, 200]);
    bilanc.clear_calls();
    assert!(bilanc.calls().is_empty());
}

#[tokio::test]
async fn a_cut_comes_before_or_after_the_effect() {
    let (bilanc, key) = bilanc().await;
    bilanc.faults().inject("POST", OFF, Fault::CutBefore, When::Once);
    bilanc.faults().inject("POST", OFF, Fault::CutAfter, When::Once);
    assert!(offboard(&bilanc, &key, "ada@example.test").await.is_none());
    assert_eq!(bilanc.state_of("ada@example.test"), Some(State::Active));
    assert!(offboard(&bilanc, &key, "ada@example.test").await.is_none());
    assert_eq!(bilanc.state_of("ada@example.test"), Some(State::Gone));
    assert!(bilanc.calls().iter().all(|call| call.status == 0));
}

#[tokio::test]
async fn answers_are_bent() {
    let (bilanc, key) = bilanc().await;
    let bent = async |fault: Fault| {
        bilanc.faults().inject("GET", LIST, fault, When::Once);
        get(&bilanc.url(), LIST, &key).await
    };
    let missing = bent(Fault::MissingField).await.json();
    assert!(missing["users"][0].get("merged_user_id").is_none() && missing["users"][1].get("merged_user_id").is_some());
    let extra = bent(Fault::ExtraField).await.json();
    assert!(extra["added_later"] == 7 && extra["users"][1]["added_later"] == 7);
    let short = bent(Fault::ShortPage).await.json();
    assert!(short["users"].as_array().unwrap().len() == 1 && short["total_users_found"] == 2);
    assert_eq!(bent(Fault::WrongTotal).await.json()["total_users_found"], 3);
    assert_eq!(bent(Fault::Garbage).await.json(), json!(null));
    assert_eq!(bent(Fault::HugeBody).await.bytes.len(), 33 * 1024 * 1024);
    let moved = bent(Fault::Redirect("http://127.0.0.1:9/".to_owned())).await;
    assert!(moved.status == 302 && moved.head.contains("location: http://127.0.0.1:9/"));
}

#[tokio::test]
async fn a_looped_cursor_repeats_and_a_hang_never_answers() {
    let powens = Powens::start().await;
    for _ in 0..3 {
        powens.seed(&Seed::default(), State::Active);
    }
    let key = bearer(&powens.document()["users_token"]);
    powens
        .faults()
        .inject("GET", "offset=2", Fault::LoopedCursor, When::Always);
    let pages = ["/2.0/users?limit=2&offset=0", "/2.0/users?limit=2&offset=2"];
    let first = get(&powens.url(), pages[0], &key).await.json();
    assert_eq!(get(&powens.url(), pages[1], &key).await.json(), first);
    powens.faults().clear();
    powens.faults().inject("*", "", Fault::Hang, When::Always);
    assert!(
        timeout(Duration::from_millis(100), get(&powens.url(), pages[0], &key))
            .await
            .is_err()
    );
}

#[tokio::test]
async fn a_dropped_simulator_stops() {
    let (bilanc, _) = bilanc().await;
    let address = bilanc.url().replace("http://", "");
    drop(bilanc);
    tokio::task::yield_now().await;
    assert!(tokio::net::TcpStream::connect(address).await.is_err());
}
