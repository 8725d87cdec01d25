//! AppXite's lists: how they are cut into pages is not published, so every way has to end in all of it or an error.

use std::sync::Arc;

use rehearsal::faults::{Fault, When};
use rehearsal::providers::{Appxite, Seed, Simulator, State};
use serde_json::json;
use shared::error::ErrorKind;
use shared::planning::account::Status;

use super::{appxite, document};
use crate::contract::stage::{Stage, kind};

/// An AppXite with this many people.
async fn crowded(people: usize) -> (Arc<Appxite>, Stage) {
    let appxite = appxite().await;
    for i in 0..people {
        appxite.seed(&Seed::with_email(&format!("p{i}@example.test")), State::Active);
    }
    let stage = Stage::on(&appxite);
    (appxite, stage)
}

#[tokio::test]
async fn pages_end_where_the_total_says() {
    for (people, calls) in [(0, 1), (1, 1), (99, 1), (100, 1), (101, 2), (250, 3)] {
        let (_appxite, stage) = crowded(people).await;
        assert_eq!(stage.provider.list().await.unwrap().len(), people);
        assert_eq!(stage.sent(), calls, "{people} people");
    }
}

#[tokio::test]
async fn a_capped_page_size_is_no_end() {
    for bare in [false, true] {
        let (appxite, stage) = crowded(57).await;
        appxite.max_page_size(10);
        appxite.bare_arrays(bare);
        assert_eq!(stage.provider.list().await.unwrap().len(), 57, "bare: {bare}");
        assert!(stage.sent() <= 7);
    }
}

#[tokio::test]
async fn the_page_size_is_the_operators() {
    let (appxite, stage) = crowded(57).await;
    drop(stage);
    let stage = Stage::with_document(&appxite, document(&appxite, json!({ "page_size": 20 })));
    assert_eq!(stage.provider.list().await.unwrap().len(), 57);
    assert_eq!((stage.calls("GET", "pageSize=20"), stage.sent()), (3, 3));
}

#[tokio::test]
async fn a_server_that_does_not_page_is_noticed() {
    for people in [0, 7, 10, 100, 250] {
        let (appxite, stage) = crowded(people).await;
        appxite.ignore_paging(true);
        assert_eq!(stage.provider.list().await.unwrap().len(), people, "the total tells");

        // A bare array tells nothing: everybody twice is taken, unless it may have been cut at a round number.
        appxite.bare_arrays(true);
        let listed = stage.provider.list().await;
        match people {
            10 | 100 => assert_eq!(kind(listed), ErrorKind::Protocol, "{people}"),
            _ => assert_eq!(listed.unwrap().len(), people),
        }
    }
}

#[tokio::test]
async fn bare_arrays_of_a_round_size_are_complete_when_the_next_page_is_empty() {
    for people in [10, 20, 25, 50, 100, 200] {
        let (appxite, stage) = crowded(people).await;
        appxite.bare_arrays(true);
        assert_eq!(stage.provider.list().await.unwrap().len(), people);
    }
}

#[tokio::test]
async fn a_bare_array_that_goes_in_a_circle_is_an_error() {
    let (appxite, stage) = crowded(57).await;
    appxite.bare_arrays(true);
    appxite.max_page_size(20);
    stage.inject("GET", "/users?", Fault::LoopedCursor, When::Always);
    assert_eq!(kind(stage.provider.list().await), ErrorKind::Protocol);
    assert_eq!(stage.sent(), 2);
}

#[tokio::test]
async fn states_are_read_in_any_case_and_an_unknown_one_is_unknown() {
    let (appxite, stage) = crowded(1).await;
    for (word, status) in [
        ("ACTIVE", Status::Active),
        ("new", Status::Invited),
        ("bLOCKED", Status::Dormant),
        ("Suspended", Status::Unknown),
        ("", Status::Unknown),
    ] {
        appxite.set_state_word("p0@example.test", word);
        assert_eq!(stage.provider.list().await.unwrap()[0].status, status, "{word}");
    }
}

#[tokio::test]
async fn roles_and_identity_providers_are_lists_in_either_shape() {
    let (appxite, stage) = crowded(0).await;
    for bare in [false, true] {
        appxite.bare_arrays(bare);
        let roles = stage.provider.roles().await.unwrap();
        let ids: Vec<_> = roles.iter().map(|role| role.id.as_deref().unwrap()).collect();
        assert_eq!(ids, ["role-0001", "role-0002"]);
        let ways = stage.provider.identity_providers().await.unwrap();
        assert_eq!(ways[0].prefix.as_deref(), Some("ex"));
        assert_eq!([ways[0].enabled, ways[1].enabled], [Some(true), Some(false)]);
    }
    for path in ["/roles", "/identity-providers"] {
        for fault in [Fault::MissingField, Fault::Garbage] {
            stage.inject("GET", path, fault.clone(), When::Once);
        }
    }
    for _ in 0..2 {
        assert_eq!(kind(stage.provider.roles().await), ErrorKind::Protocol);
        assert_eq!(kind(stage.provider.identity_providers().await), ErrorKind::Protocol);
    }
}
