//! Blackbird's tokens: asked for when needed, kept while good, shared by everybody's calls.

use rehearsal::faults::{Fault, When};
use rehearsal::providers::Simulator;
use shared::error::ErrorKind;
use shared::planning::account::Status;

use super::{TOKEN, USERS, stage};
use crate::contract::stage::{Stage, kind, names};

#[tokio::test]
async fn wrong_credentials_are_credentials_whichever_status_says_so() {
    let (blackbird, stage) = stage().await;
    blackbird.rotate_key();
    for status in [400, 401] {
        blackbird.rejects_credentials_with(status);
        blackbird.clear_calls();
        assert_eq!(kind(stage.provider.list().await), ErrorKind::Credentials, "{status}");
        assert_eq!(stage.sent(), 1);
    }
}

#[tokio::test]
async fn a_token_in_its_last_minute_is_not_used_again() {
    let (blackbird, stage) = stage().await;
    blackbird.token_type("bearer");
    for (seconds, tokens) in [(30, 3), (59, 3), (3600, 1)] {
        blackbird.expire_tokens();
        blackbird.expires_in(seconds);
        let client = Stage::on(&blackbird);
        blackbird.clear_calls();
        for _ in 0..3 {
            client.provider.list().await.unwrap();
        }
        assert_eq!(client.calls("POST", TOKEN), tokens, "{seconds}");
    }
    drop(stage);
}

#[tokio::test]
async fn many_people_are_served_by_one_token_also_when_throttled() {
    let (_blackbird, stage) = stage().await;
    let people: Vec<String> = (0..60).map(|i| format!("p{i}")).collect();
    let joiners: Vec<_> = people.iter().map(|name| stage.joiner(name)).collect();
    for _ in 0..3 {
        stage.inject(
            "POST",
            USERS,
            Fault::StatusWithRetryAfter(429, "0".to_owned()),
            When::Once,
        );
    }
    assert_eq!(names(&stage.provider.onboard(&joiners).await), ["done"; 60]);
    assert_eq!(stage.calls("POST", TOKEN), 1);
    assert_eq!(stage.calls("POST", USERS), 63);
    let listed = stage.provider.list().await.unwrap();
    assert!(listed.len() == 60 && listed.iter().all(|account| account.status == Status::Active));
    assert_eq!(names(&stage.provider.offboard(&listed).await), ["done"; 60]);
}
