//! Powens' list: how it is cut into pages is not documented, so every way has to end in all of it or an error.

use std::sync::Arc;

use rehearsal::faults::{Fault, When};
use rehearsal::providers::{Powens, Seed, Simulator, State};
use shared::error::ErrorKind;

use super::{USERS, stage};
use crate::contract::stage::{Stage, kind};

/// A Powens with this many users.
async fn crowded(users: usize) -> (Arc<Powens>, Stage) {
    let (powens, stage) = stage().await;
    for _ in 0..users {
        powens.seed(&Seed::default(), State::Active);
    }
    (powens, stage)
}

#[tokio::test]
async fn a_page_shorter_than_asked_for_is_no_end() {
    for without_total in [false, true] {
        for with_links in [false, true] {
            for (users, cap) in [(0, 2), (1, 2), (2, 2), (5, 2), (7, 1000), (1000, 1000), (1001, 1000)] {
                let (powens, stage) = crowded(users).await;
                powens.without_total(without_total);
                powens.with_links(with_links);
                powens.max_page_size(cap);
                let what = format!("{users} by {cap}, no total: {without_total}, links: {with_links}");
                assert_eq!(stage.provider.list().await.unwrap().len(), users, "{what}");
                let pages = users / usize::try_from(cap).unwrap();
                assert!(stage.sent() <= pages + 2, "{what}: {} calls", stage.sent());
                let asked = stage.calls("GET", "limit=1000");
                assert!(asked == stage.sent() || with_links, "{what}");
            }
        }
    }
}

#[tokio::test]
async fn a_server_that_ignores_the_offset_is_noticed() {
    for without_total in [false, true] {
        for users in [0, 5, 1000, 1200] {
            let (powens, stage) = crowded(users).await;
            powens.ignore_paging(true);
            powens.without_total(without_total);
            let listed = stage.provider.list().await;
            match (without_total, users) {
                // The very page that was asked for, again and again: it may have been cut there.
                (true, 1000) => assert_eq!(kind(listed), ErrorKind::Protocol),
                _ => assert_eq!(listed.unwrap().len(), users, "no total: {without_total}"),
            }
            assert!(stage.sent() <= 2);
        }
    }
}

#[tokio::test]
async fn links_are_followed_on_the_same_host_only() {
    let (powens, stage) = crowded(5).await;
    powens.max_page_size(2);
    powens.with_links(true);
    assert_eq!(stage.provider.list().await.unwrap().len(), 5);
    assert_eq!(
        stage.calls("GET", "limit=2&offset=4"),
        1,
        "as the link says, not as it was asked first"
    );

    let elsewhere = Powens::start().await;
    let port = stage.simulator.url().rsplit_once(':').unwrap().1.to_owned();
    for base in [
        format!("{}/2.0", elsewhere.url()),
        format!("http://localhost:{port}/2.0"),
        format!("https://127.0.0.1:{port}/2.0"),
        format!(
            "http://127.0.0.1:{port}@{}/2.0",
            elsewhere.url().trim_start_matches("http://")
        ),
        format!("http://127.0.0.1:{port}/2.0evil"),
        format!("http://127.0.0.1:{port}/other"),
        format!("//{}/2.0", elsewhere.url().trim_start_matches("http://")),
    ] {
        powens.links_to(&base);
        stage.simulator.clear_calls();
        assert_eq!(kind(stage.provider.list().await), ErrorKind::Protocol, "{base}");
        assert_eq!(stage.sent(), 1, "{base}");
    }
    assert_eq!(elsewhere.calls().len(), 0);

    let own = format!("{}/2.0", stage.simulator.url());
    for base in [own.as_str(), "/2.0"] {
        powens.links_to(base);
        assert_eq!(stage.provider.list().await.unwrap().len(), 5, "{base}");
    }
}

#[tokio::test]
async fn links_in_a_circle_are_an_error() {
    for without_total in [false, true] {
        let (powens, stage) = crowded(5).await;
        powens.max_page_size(2);
        powens.with_links(true);
        powens.without_total(without_total);
        stage.inject("GET", "offset=4", Fault::LoopedCursor, When::Always);
        assert_eq!(kind(stage.provider.list().await), ErrorKind::Protocol);
        assert_eq!(stage.sent(), 3);
    }
}

#[tokio::test]
async fn null_is_nobody_only_where_the_total_says_so_too() {
    let (powens, stage) = crowded(0).await;
    powens.empty_as_null(true);
    assert_eq!(stage.provider.list().await.unwrap(), []);
    powens.without_total(true);
    assert_eq!(kind(stage.provider.list().await), ErrorKind::Protocol);
    powens.without_total(false);
    stage.inject("GET", USERS, Fault::WrongTotal, When::Once);
    assert_eq!(kind(stage.provider.list().await), ErrorKind::Protocol);
}

#[tokio::test]
async fn a_list_that_is_missing_is_not_an_empty_one() {
    let (_powens, stage) = crowded(0).await;
    stage.inject("GET", USERS, Fault::MissingField, When::Once);
    assert_eq!(kind(stage.provider.list().await), ErrorKind::Protocol);
}

#[tokio::test]
async fn nobody_is_deleted_where_the_list_is_not_complete() {
    let (powens, stage) = crowded(5).await;
    powens.max_page_size(2);
    let leavers = stage.provider.list().await.unwrap();
    stage.inject("GET", "/2.0/users?", Fault::WrongTotal, When::Always);
    let outcomes = stage.provider.offboard(&leavers).await;
    assert!(
        outcomes.iter().all(|outcome| outcome.name() == "failed"),
        "{outcomes:?}"
    );
    assert_eq!((stage.calls("POST", ""), stage.calls("DELETE", "")), (0, 0));
}
