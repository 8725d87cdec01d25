//! Traps of Google Workspace.

use rehearsal::directories::google::{Entry, Revocation, Throttle};
use rehearsal::directories::{Directory, Google, Member};
use serde_json::json;
use shared::error::ErrorKind;

use super::{put, shown, staff_of, stage};
use crate::directories::face::{STAFF, everybody};

/// Without the address that Google gives everybody beside their own.
fn own(shown: Vec<String>) -> Vec<String> {
    let own = |line: String| {
        let words = line.split(' ').filter(|word| !word.ends_with(".test-google-a.com"));
        words.collect::<Vec<_>>().join(" ")
    };
    shown.into_iter().map(own).collect()
}

// Source: <https://developers.google.com/workspace/admin/directory/reference/rest/v1/users> (`archived` beside `suspended`)
#[tokio::test]
async fn an_archived_user_is_suspended_too() {
    let google = Google::start().await;
    google.archive("lea");
    let stage = stage(google);
    put(&stage, Member::new("lea"));
    assert_eq!(
        own(shown(&staff_of(&stage).await.unwrap())),
        ["lea@example.test suspended"]
    );
}

// Source: <https://developers.google.com/workspace/admin/directory/reference/rest/v1/members> (type CUSTOMER: everybody, without an address)
#[tokio::test]
async fn a_group_of_everybody_is_refused_by_name() {
    let google = Google::start().await;
    google.add_entry(STAFF, Entry::Customer);
    let stage = stage(google);
    put(&stage, Member::new("lea"));
    let error = staff_of(&stage).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Misconfigured);
    assert_eq!(error.faults()[0].path, "grants.staff");
}

// Source: <https://developers.google.com/workspace/admin/directory/reference/rest/v1/members/list> (includeDerivedMembership lists groups, too)
#[tokio::test]
async fn a_group_in_a_group_is_nobody() {
    let google = Google::start().await;
    google.add_entry(STAFF, Entry::Group("team@example.test".to_owned()));
    let stage = stage(google);
    put(&stage, Member::new("lea"));
    assert_eq!(
        own(shown(&staff_of(&stage).await.unwrap())),
        ["lea@example.test active"]
    );
}

// Source: <https://developers.google.com/workspace/admin/directory/reference/rest/v1/members> (members from outside have no status)
#[tokio::test]
async fn an_address_from_outside_is_kept_and_not_joined() {
    let google = Google::start().await;
    google.add_entry(STAFF, Entry::Outsider("lea@partner.example".to_owned()));
    let stage = stage(google);
    put(&stage, Member::new("bob"));
    let read = staff_of(&stage).await.unwrap();
    assert_eq!(
        own(shown(&read)),
        ["bob@example.test active", "lea@partner.example suspended"]
    );
    assert!(
        read.remarks[0].contains("1 addresses from outside"),
        "{:?}",
        read.remarks
    );
}

// Source: <https://developers.google.com/workspace/admin/directory/reference/rest/v1/members> against users.list: a page of users is missing
#[tokio::test]
async fn a_member_of_our_domain_who_is_no_user_means_that_users_are_missing() {
    let google = Google::start().await;
    google.add_entry(STAFF, Entry::Outsider("lea@example.test".to_owned()));
    let stage = stage(google);
    put(&stage, Member::new("bob"));
    assert_eq!(staff_of(&stage).await.unwrap_err().kind(), ErrorKind::Protocol);
    // Somebody of another domain of the same customer has a status.
    let google = Google::start().await;
    google.hide_from_users("max");
    let stage = super::stage(google);
    put(
        &stage,
        Member {
            email: Some("max@second.example".to_owned()),
            ..Member::new("max")
        },
    );
    put(&stage, Member::new("bob"));
    assert_eq!(staff_of(&stage).await.unwrap_err().kind(), ErrorKind::Protocol);
}

// Source: <https://developers.google.com/workspace/admin/directory/reference/rest/v1/users.aliases>
#[tokio::test]
async fn every_alias_is_a_key() {
    let stage = stage(Google::start().await);
    put(
        &stage,
        Member {
            aliases: vec!["L.Ver@example.test".to_owned()],
            ..Member::new("lea")
        },
    );
    assert_eq!(
        own(shown(&staff_of(&stage).await.unwrap())),
        ["l.ver@example.test lea@example.test active"]
    );
}

// Source: <https://developers.google.com/workspace/admin/directory/v1/limits> (a request too many is a 403 with a reason)
#[tokio::test]
async fn a_403_for_too_many_requests_is_no_missing_permission() {
    for throttle in [
        Throttle::RateLimitExceeded,
        Throttle::UserRateLimitExceeded,
        Throttle::QuotaExceeded,
        Throttle::TooManyRequests,
    ] {
        let google = Google::start().await;
        google.throttle_as(throttle);
        google.throttle_once();
        let stage = stage(google);
        put(&stage, Member::new("lea"));
        assert_eq!(staff_of(&stage).await.unwrap().people.len(), 1, "{throttle:?}");
    }
}

// Source: <https://developers.google.com/identity/protocols/oauth2/service-account> (the subject's own rights count)
#[tokio::test]
async fn a_subject_who_may_not_read_is_a_missing_permission() {
    let google = Google::start().await;
    google.revoke_as(Revocation::Lists);
    google.revoke();
    let stage = stage(google);
    put(&stage, Member::new("lea"));
    let error = staff_of(&stage).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Credentials);
    assert!(error.context("needs").is_some(), "{error}");
    // A key that is none is found before anything is called.
    let mut document = stage.document(&everybody());
    document["service_account"]["private_key"] =
        json!("-----BEGIN PRIVATE KEY-----\ncanary\n-----END PRIVATE KEY-----\n");
    let error = stage.connect(&document).err().unwrap();
    assert_eq!(error.faults()[0].path, "service_account.private_key");
}
