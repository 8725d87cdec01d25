//! Traps of Okta.

use rehearsal::directories::{LinkForm, Member, NextLink, Okta, Standing};
use shared::error::ErrorKind;

use super::{put, shown, staff_of, staff_with, stage};
use crate::directories::face::kind;

// Source: <https://developer.okta.com/docs/reference/api/users/#user-status> (LOCKED_OUT and PASSWORD_EXPIRED pass)
#[tokio::test]
async fn whoever_is_locked_out_works_here() {
    for word in [
        "STAGED",
        "PROVISIONED",
        "ACTIVE",
        "RECOVERY",
        "PASSWORD_EXPIRED",
        "LOCKED_OUT",
    ] {
        let okta = Okta::start().await;
        okta.set_status("lea", word);
        let stage = stage(okta);
        put(&stage, Member::new("lea"));
        assert_eq!(
            shown(&staff_of(&stage).await.unwrap()),
            ["lea@example.test active"],
            "{word}"
        );
    }
}

// Source: <https://developer.okta.com/docs/reference/api/users/#user-status> (SUSPENDED comes back, DEPROVISIONED does not)
#[tokio::test]
async fn suspended_is_kept_and_deprovisioned_is_gone() {
    let stage = stage(Okta::start().await);
    put(
        &stage,
        Member {
            standing: Standing::Suspended,
            ..Member::new("lea")
        },
    );
    put(
        &stage,
        Member {
            standing: Standing::Gone,
            ..Member::new("max")
        },
    );
    assert_eq!(
        shown(&staff_of(&stage).await.unwrap()),
        ["lea@example.test suspended", "max@example.test left"]
    );
    let read = stage.read(&staff_with("suspended", "left")).await.unwrap();
    assert_eq!(shown(&read), ["lea@example.test left", "max@example.test left"]);
}

// Source: <https://developer.okta.com/docs/reference/api/users/#user-status> (a word that is added later means nothing yet)
#[tokio::test]
async fn a_status_that_nobody_knows_is_no_leaver() {
    let okta = Okta::start().await;
    okta.set_status("lea", "HIBERNATED");
    let stage = stage(okta);
    put(&stage, Member::new("lea"));
    assert_eq!(kind(staff_of(&stage).await), ErrorKind::Protocol);
}

// Source: <https://developer.okta.com/docs/reference/api/users/#default-profile-properties> (`login` need not be an address)
#[tokio::test]
async fn a_login_that_is_no_address_is_no_key() {
    let stage = stage(Okta::start().await);
    put(
        &stage,
        Member {
            login: Some("lver".to_owned()),
            ..Member::new("lea")
        },
    );
    put(
        &stage,
        Member {
            login: Some("max@corp.example".to_owned()),
            ..Member::new("max")
        },
    );
    assert_eq!(
        shown(&staff_of(&stage).await.unwrap()),
        ["lea@example.test active", "max@corp.example max@example.test active"]
    );
}

// Source: <https://developer.okta.com/docs/reference/api/users/#default-profile-properties> (`secondEmail` is the user's own)
#[tokio::test]
async fn a_second_address_that_users_write_down_themselves_is_no_key() {
    let okta = Okta::start().await;
    okta.set_second_email("lea", "boss@example.test");
    let stage = stage(okta);
    put(&stage, Member::new("lea"));
    assert_eq!(shown(&staff_of(&stage).await.unwrap()), ["lea@example.test active"]);
}

// Source: RFC 8288 §3 (several links may share a line), <https://developer.okta.com/docs/api/#link-header> (and may not)
#[tokio::test]
async fn the_next_page_is_found_in_one_line_or_in_several() {
    for one_line in [false, true] {
        let okta = Okta::start().await;
        if one_line {
            okta.set_link_form(LinkForm::OneLine);
        }
        let stage = stage(okta);
        for id in ["a", "b", "c", "d", "e", "f", "g"] {
            put(&stage, Member::new(id));
        }
        assert_eq!(staff_of(&stage).await.unwrap().people.len(), 7);
        assert_eq!(stage.sent(), 3);
    }
}

// Source: <https://developer.okta.com/docs/api/#link-header> (the link is a URL, and the token goes with the request)
#[tokio::test]
async fn a_next_link_to_another_host_is_not_followed() {
    let okta = Okta::start().await;
    okta.set_next_link(NextLink::Elsewhere("http://127.0.0.1:9".to_owned()));
    let stage = stage(okta);
    for id in ["a", "b", "c", "d"] {
        put(&stage, Member::new(id));
    }
    assert_eq!(kind(staff_of(&stage).await), ErrorKind::Protocol);
}
