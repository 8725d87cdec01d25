//! Clauses about everything between us and a directory: keys, permissions, limits, hangs, garbage, and what may be told of it.

use rehearsal::faults::{Fault, When};
use shared::error::ErrorKind;

use super::face::{Face, NAMES, kind, staff};

pub(super) async fn a_redirect_is_not_followed(face: &Face) {
    let stage = face.stage().await;
    let calls = stage.calls_of_a_read().await;
    for n in 0..calls {
        stage.inject_after(n, Fault::Redirect("http://127.0.0.1:9/elsewhere".to_owned()));
        assert_eq!(kind(stage.staff().await), ErrorKind::Protocol, "call {n}");
    }
}

pub(super) async fn a_missing_permission_is_named(face: &Face) {
    let stage = face.stage().await;
    stage.simulator.revoke();
    let error = stage.staff().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Credentials, "{error}");
    assert!(error.context("needs").is_some_and(|needs| needs.len() > 10), "{error}");
}

pub(super) async fn a_rejected_key_is_credentials(face: &Face) {
    let stage = face.stage().await;
    let source = stage.connect(&staff()).unwrap();
    stage.simulator.rotate_key();
    stage.simulator.expire_tokens();
    assert_eq!(kind(source.directory.read().await), ErrorKind::Credentials);
    assert!(stage.sent() < 4, "{} calls", stage.sent());
    assert_eq!(
        stage.staff().await.unwrap().people.len(),
        NAMES.len(),
        "with the new key"
    );
}

pub(super) async fn an_expired_token_is_renewed(face: &Face) {
    let stage = face.stage().await;
    let source = stage.connect(&staff()).unwrap();
    let first = source.directory.read().await.unwrap();
    stage.simulator.expire_tokens();
    assert_eq!(source.directory.read().await.unwrap().people, first.people);
}

pub(super) async fn being_throttled_is_waited_for(face: &Face) {
    let stage = face.stage().await;
    let calls = stage.calls_of_a_read().await;
    stage.simulator.clear_calls();
    stage.simulator.throttle_once();
    assert_eq!(stage.staff().await.unwrap().people.len(), NAMES.len());
    assert_eq!(stage.sent(), calls + 1, "one call more, and every page once");
    for n in 0..calls {
        stage.inject_after(n, Fault::StatusWithRetryAfter(429, "0".to_owned()));
        assert_eq!(stage.staff().await.unwrap().people.len(), NAMES.len(), "call {n}");
    }
}

pub(super) async fn a_long_wait_is_not_slept_through(face: &Face) {
    let stage = face.stage().await;
    let calls = stage.calls_of_a_read().await;
    for n in 0..calls {
        stage.inject_after(n, Fault::StatusWithRetryAfter(429, "3600".to_owned()));
        assert_eq!(kind(stage.staff().await), ErrorKind::Unavailable, "call {n}");
    }
}

pub(super) async fn a_hanging_directory_is_unavailable(face: &Face) {
    let stage = face.stage().await.impatient();
    stage.inject(Fault::Hang, When::Always);
    assert_eq!(kind(stage.staff().await), ErrorKind::Unavailable);
    assert!(stage.sent() <= 4, "{} calls", stage.sent());
}

pub(super) async fn garbage_and_a_missing_field_are_protocol_and_extra_fields_are_ignored(face: &Face) {
    let stage = face.stage().await;
    let plain = stage.staff().await.unwrap();
    let calls = stage.calls_of_a_read().await;
    for n in 0..calls {
        for fault in [Fault::Garbage, Fault::MissingField] {
            stage.inject_after(n, fault.clone());
            let error = stage.staff().await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Protocol, "{fault:?} at call {n}: {error}");
            assert!(error.context("at").is_some(), "{error}");
        }
    }
    stage.simulator.faults().clear();
    stage.inject(Fault::ExtraField, When::Always);
    assert_eq!(stage.staff().await.unwrap().people, plain.people);
}

pub(super) async fn no_secret_and_no_address_in_debug_or_errors(face: &Face) {
    let stage = face.stage().await;
    let silent = |text: String| {
        for word in ["canary", "@example.test", "11@", "BEGIN", "eyJ"] {
            let shown = text.to_lowercase().contains(&word.to_lowercase());
            assert!(
                !shown || word == "@example.test" && text.contains("***@example.test"),
                "{word}: {text}"
            );
        }
    };
    silent(format!("{:?}", stage.staff().await.unwrap()));
    let calls = stage.calls_of_a_read().await;
    for fault in [
        Fault::Status(418),
        Fault::Status(401),
        Fault::Status(403),
        Fault::Status(404),
        Fault::Garbage,
        Fault::MissingField,
    ] {
        for n in 0..calls {
            stage.inject_after(n, fault.clone());
            if let Err(error) = stage.staff().await {
                silent(format!("{error} {error:?}"));
            }
        }
    }
    stage.simulator.faults().clear();
    let mut wrong = stage.document(&staff());
    wrong["colour"] = "canary".into();
    let unknown = stage.connect(&wrong).err().unwrap();
    assert_eq!(unknown.kind(), ErrorKind::Misconfigured);
    assert!(unknown.to_string().contains("colour"), "{unknown}");
    silent(unknown.to_string());
}
