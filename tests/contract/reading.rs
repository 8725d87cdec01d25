//! Clauses about the list: all of it or an error, never a part.

use rehearsal::faults::{Fault, When};
use rehearsal::providers::State;
use shared::error::ErrorKind;
use shared::planning::account::Status;

use super::face::Face;
use super::stage::kind;

const NAMES: [&str; 8] = ["ada", "bo", "cy", "di", "ed", "flo", "gus", "hal"];

pub(super) async fn it_says_what_it_can_do(face: &Face) {
    let stage = face.stage().await;
    assert_eq!(stage.provider.id().name(), face.id);
    assert_eq!(stage.provider.capabilities(), face.can);
    assert_eq!(stage.sent(), 0, "connecting makes no call");
}

pub(super) async fn lists_every_account_across_pages(face: &Face) {
    let stage = face.stage().await;
    assert_eq!(stage.provider.list().await.unwrap(), [], "nobody is there yet");
    for (i, name) in NAMES.iter().enumerate() {
        stage.seed(name, face.states[i % face.states.len()]);
    }
    stage.seed("long-gone", State::Gone);
    stage.simulator.clear_calls();
    let listed = stage.provider.list().await.unwrap();
    assert_eq!(listed.len(), NAMES.len());
    for (i, name) in NAMES.iter().enumerate() {
        let id = stage.native_id(name);
        let account = listed.iter().find(|account| *account.native_id == *id).unwrap();
        let status = match face.states[i % face.states.len()] {
            State::Active => Status::Active,
            State::Invited => Status::Invited,
            State::Dormant => Status::Dormant,
            State::Gone => unreachable!("nobody gone is listed"),
        };
        assert_eq!(account.status, status, "{name}");
        let person = stage.person(name);
        let own = person
            .identities()
            .iter()
            .filter(|own| account.identities.contains(own));
        assert_eq!(own.count(), account.identities.len(), "{name}");
    }
    assert_eq!(stage.calls("GET", face.list) > 1, face.pages);
}

pub(super) async fn a_short_list_is_an_error(face: &Face) {
    let stage = face.stage().await;
    stage.active(&NAMES).await;
    stage.simulator.clear_calls();
    stage.inject("GET", face.list, Fault::ShortPage, When::Always);
    let listed = stage.provider.list().await;
    if face.counts {
        assert_eq!(kind(listed), ErrorKind::Protocol);
    } else {
        // Nothing in the answer tells; should the provider ever count, this is where it shows.
        assert_eq!(listed.unwrap().len(), NAMES.len() - 1);
    }
    assert!(stage.sent() < 8, "{} calls", stage.sent());
}

pub(super) async fn a_wrong_total_is_an_error(face: &Face) {
    let stage = face.stage().await;
    stage.active(&NAMES).await;
    stage.simulator.clear_calls();
    stage.inject("GET", face.list, Fault::WrongTotal, When::Always);
    let listed = stage.provider.list().await;
    match face.counts {
        true => assert_eq!(kind(listed), ErrorKind::Protocol),
        false => assert_eq!(listed.unwrap().len(), NAMES.len()),
    }
    assert!(stage.sent() < 8, "{} calls", stage.sent());
}

pub(super) async fn a_looped_cursor_is_an_error(face: &Face) {
    let stage = face.stage().await;
    stage.active(&NAMES).await;
    stage.simulator.clear_calls();
    stage.inject("GET", face.list, Fault::LoopedCursor, When::Always);
    let listed = stage.provider.list().await;
    match face.pages {
        true => assert_eq!(kind(listed), ErrorKind::Protocol),
        false => assert_eq!(listed.unwrap().len(), NAMES.len(), "one page is the whole list"),
    }
    assert!(stage.sent() < 4, "{} calls", stage.sent());
}

pub(super) async fn a_list_that_is_not_found_is_an_error(face: &Face) {
    let stage = face.stage().await;
    stage.active(&NAMES).await;
    for status in [404, 410, 418] {
        stage.inject("GET", face.list, Fault::Status(status), When::Once);
        let wrong = kind(stage.provider.list().await);
        let right = match status {
            404 => ErrorKind::Misconfigured,
            _ => ErrorKind::Protocol,
        };
        assert_eq!(wrong, right, "{status}");
    }
}

pub(super) async fn extra_fields_are_ignored_a_missing_one_is_protocol(face: &Face) {
    let stage = face.stage().await;
    stage.active(&NAMES).await;
    let before = stage.provider.list().await.unwrap();
    stage.inject("*", "", Fault::ExtraField, When::Always);
    assert_eq!(stage.reconnected().list().await.unwrap(), before);
    stage.simulator.faults().clear();

    stage.simulator.expire_tokens(); // so that there is an answer to ask a token for
    for path in [face.tokens, Some(face.list)].into_iter().flatten() {
        stage.inject("*", path, Fault::MissingField, When::Once);
        let error = stage.reconnected().list().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Protocol, "{error}");
        assert!(error.context("at").is_some(), "{error}");
        assert!(error.to_string().contains('`'), "{error} does not name the member");
    }
}

pub(super) async fn one_account_by_its_id_none_when_there_is_none(face: &Face) {
    let stage = face.stage().await;
    for account in stage.active(&NAMES).await {
        assert_eq!(stage.provider.get(&account.native_id).await.unwrap(), Some(account));
    }
    for id in ["999999", "nobody/../../users", "a b+c?d#e"] {
        assert_eq!(stage.provider.get(id).await.unwrap(), None, "{id}");
    }
}
