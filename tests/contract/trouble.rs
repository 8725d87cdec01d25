//! Clauses about everything between a client and its provider, shown at the list.

use std::time::Duration;

use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimePrinter;
use rehearsal::faults::{Fault, When};
use rehearsal::providers::State;
use shared::error::ErrorKind;
use shared::planning::account::{Offboarding, Onboarding};

use super::face::Face;
use super::stage::{failures, kind};

/// What the HTTP tool tries at most.
const ATTEMPTS: usize = 4;

fn http_date(after: Duration) -> String {
    DateTimePrinter::new()
        .timestamp_to_rfc9110_string(&(Timestamp::now() + after))
        .unwrap()
}

pub(super) async fn a_throttled_read_succeeds_when_asked_again(face: &Face) {
    let stage = face.stage().await;
    stage.seed("ada", State::Active);
    let past = "Sun, 06 Nov 1994 08:49:37 GMT".to_owned(); // RFC 9110's own example
    for throttled in [
        Fault::StatusWithRetryAfter(429, "0".to_owned()),
        Fault::StatusWithRetryAfter(429, past),
        Fault::StatusWithRetryAfter(503, http_date(Duration::ZERO)),
        Fault::StatusWithRetryAfter(429, "soon".to_owned()),
        Fault::Status(429),
    ] {
        stage.simulator.clear_calls();
        stage.inject("GET", face.list, throttled.clone(), When::Once);
        assert_eq!(stage.provider.list().await.unwrap().len(), 1, "{throttled:?}");
        assert_eq!(stage.calls("GET", face.list), 2, "{throttled:?}");
    }
}

/// A wait that would outlast the invocation ends the call at once: it is neither slept through nor ignored.
pub(super) async fn a_long_wait_is_not_cut_short(face: &Face) {
    let stage = face.stage().await;
    for wait in [
        "3600".to_owned(),
        http_date(Duration::from_secs(3600)),
        u64::MAX.to_string(),
    ] {
        stage.simulator.clear_calls();
        let throttled = Fault::StatusWithRetryAfter(429, wait.clone());
        stage.inject("GET", face.list, throttled, When::Once);
        assert_eq!(kind(stage.provider.list().await), ErrorKind::Unavailable, "{wait}");
        assert_eq!(stage.calls("GET", face.list), 1, "{wait}");
    }
}

pub(super) async fn a_5xx_on_a_read_is_retried(face: &Face) {
    let stage = face.stage().await;
    stage.seed("ada", State::Active);
    for passing in [
        Fault::Status(500),
        Fault::Status(502),
        Fault::Status(503),
        Fault::Status(504),
        Fault::CutBefore,
        Fault::CutAfter,
    ] {
        stage.simulator.clear_calls();
        stage.inject("GET", face.list, passing.clone(), When::Once);
        assert_eq!(stage.provider.list().await.unwrap().len(), 1, "{passing:?}");
        assert_eq!(stage.calls("GET", face.list), 2, "{passing:?}");
    }
    for lasting in [Fault::Status(500), Fault::Status(429), Fault::CutBefore] {
        stage.simulator.clear_calls();
        stage.simulator.faults().clear();
        stage.inject("GET", face.list, lasting.clone(), When::Always);
        assert_eq!(kind(stage.provider.list().await), ErrorKind::Unavailable, "{lasting:?}");
        assert_eq!(stage.calls("GET", face.list), ATTEMPTS, "{lasting:?}");
    }
    if let Some(tokens) = face.tokens {
        stage.simulator.faults().clear();
        stage.simulator.expire_tokens();
        stage.inject("POST", tokens, Fault::Status(500), When::Once);
        stage.inject("POST", tokens, Fault::CutAfter, When::Once);
        assert_eq!(stage.provider.list().await.unwrap().len(), 1);
    }
}

pub(super) async fn a_garbage_body_is_protocol(face: &Face) {
    let stage = face.stage().await;
    stage.seed("ada", State::Active);
    for path in [face.tokens, Some(face.list)].into_iter().flatten() {
        stage.simulator.clear_calls();
        stage.inject("*", path, Fault::Garbage, When::Once);
        let error = stage.provider.list().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Protocol);
        assert!(!error.to_string().contains("works"), "{error} shows the body");
        assert!(stage.sent() <= 2, "garbage is not asked for again");
    }
    stage.inject("GET", face.list, Fault::HugeBody, When::Once);
    assert_eq!(kind(stage.provider.list().await), ErrorKind::Protocol);
}

pub(super) async fn redirects_are_not_followed(face: &Face) {
    let elsewhere = face.stage().await;
    let stage = face.stage().await;
    stage.seed("ada", State::Active);
    let elsewhere = &elsewhere.simulator;
    for path in [face.tokens, Some(face.list)].into_iter().flatten() {
        let redirect = Fault::Redirect(format!("{}{path}", elsewhere.url()));
        stage.inject("*", path, redirect, When::Once);
        assert_eq!(kind(stage.provider.list().await), ErrorKind::Protocol);
    }
    // Nor to another place of the same host: nothing is said about it.
    let redirect = Fault::Redirect("/elsewhere".to_owned());
    stage.inject("GET", face.list, redirect, When::Once);
    assert_eq!(kind(stage.provider.list().await), ErrorKind::Protocol);

    for write in face.onboarding.iter().chain(face.offboarding) {
        let redirect = Fault::Redirect(format!("{}{}", elsewhere.url(), write.target));
        stage.inject(write.method, write.target, redirect, When::Always);
    }
    stage.seed("bo", State::Gone);
    let leavers = stage.accounts(&["ada"]).await;
    let joiners = stage.joiners(&["bo"]);
    for (writes, outcomes) in [
        (face.onboarding, stage.provider.onboard(&joiners).await),
        (face.offboarding, stage.provider.offboard(&leavers).await),
    ] {
        if !writes.is_empty() {
            assert_eq!(failures(&outcomes), [Some(ErrorKind::Protocol)]);
        }
    }
    assert_eq!(elsewhere.calls().len(), 0, "a redirect was followed with credentials");
}

pub(super) async fn a_hanging_provider_ends_in_unavailable_in_bounded_calls(face: &Face) {
    let stage = face.stage().await;
    stage.seed("ada", State::Active);
    stage.provider.list().await.unwrap();
    stage.simulator.clear_calls();
    stage.inject("*", "", Fault::Hang, When::Always);
    assert_eq!(kind(stage.impatient().list().await), ErrorKind::Unavailable);
    assert_eq!(stage.sent(), ATTEMPTS);
}

pub(super) async fn nothing_is_sent_after_the_deadline(face: &Face) {
    let stage = face.stage().await;
    let leavers = stage.active(&["ada", "bo"]).await;
    stage.simulator.clear_calls();
    let late = stage.out_of_time();
    assert_eq!(kind(late.list().await), ErrorKind::OutOfTime);
    let out_of_time = [Some(ErrorKind::OutOfTime); 2];
    if face.can.onboarding != Onboarding::Unsupported {
        let outcomes = late.onboard(&stage.joiners(&["cy", "di"])).await;
        assert_eq!(failures(&outcomes), out_of_time);
    }
    if face.can.offboarding != Offboarding::Unsupported {
        assert_eq!(failures(&late.offboard(&leavers).await), out_of_time);
    }
    assert_eq!(stage.sent(), 0);
}
