//! Traps of SCIM servers, tidy and sloppy.

use rehearsal::directories::scim::Sloppy;
use rehearsal::directories::{Member, Scim, Standing};
use serde_json::json;
use shared::error::ErrorKind;

use super::{put, shown, staff_of, staff_with, stage};
use crate::directories::face::{STAFF, kind};

// Source: RFC 7643 §4.1.1 (`active` may be absent, which is not true)
#[tokio::test]
async fn a_user_who_does_not_say_active_is_kept_and_not_joined() {
    let scim = Scim::start().await;
    scim.without_active("lea");
    let stage = stage(scim);
    put(&stage, Member::new("lea"));
    for terms in [staff_with("suspended", "kept"), staff_with("suspended", "left")] {
        let read = stage.read(&terms).await.unwrap();
        assert_eq!(shown(&read), ["lea@example.test suspended"]);
        assert!(read.remarks[0].contains("1 users"), "{:?}", read.remarks);
    }
}

// Source: <https://learn.microsoft.com/entra/identity/app-provisioning/application-provisioning-config-problem-scim-compatibility> ("False" as text)
#[tokio::test]
async fn active_may_be_text() {
    let scim = Scim::start().await;
    scim.be_sloppy(Sloppy::ActiveAsText);
    let stage = stage(scim);
    put(&stage, Member::new("lea"));
    put(
        &stage,
        Member {
            standing: Standing::Suspended,
            ..Member::new("max")
        },
    );
    assert_eq!(
        shown(&staff_of(&stage).await.unwrap()),
        ["lea@example.test active", "max@example.test suspended"]
    );
}

// Source: RFC 7643 §2.1 (names of attributes are compared without regard to case)
#[tokio::test]
async fn names_of_attributes_may_be_in_other_case() {
    let scim = Scim::start().await;
    scim.be_sloppy(Sloppy::OtherCase);
    let stage = stage(scim);
    for id in ["a", "b", "c", "d"] {
        put(&stage, Member::new(id));
    }
    assert_eq!(staff_of(&stage).await.unwrap().people.len(), 4);
}

// Source: RFC 7644 §3.4.2 wants a number; servers in the wild send text, and null for what is not there
#[tokio::test]
async fn a_total_as_text_and_nulls_are_understood() {
    let scim = Scim::start().await;
    scim.be_sloppy(Sloppy::TotalAsText);
    scim.be_sloppy(Sloppy::NullEmails);
    let stage = stage(scim);
    put(
        &stage,
        Member {
            email: None,
            name: None,
            login: Some("lea@corp.example".to_owned()),
            ..Member::new("lea")
        },
    );
    for id in ["a", "b", "c", "d"] {
        put(&stage, Member::new(id));
    }
    let read = staff_of(&stage).await.unwrap();
    assert_eq!(read.people.len(), 5);
    assert!(shown(&read).contains(&"lea@corp.example active".to_owned()));
}

// Source: RFC 7644 §3.4.2 (`totalResults` is required: without it nobody can tell whether the list is whole)
#[tokio::test]
async fn a_list_without_a_total_is_refused() {
    let scim = Scim::start().await;
    scim.be_sloppy(Sloppy::NoTotal);
    let stage = stage(scim);
    put(&stage, Member::new("lea"));
    assert_eq!(kind(staff_of(&stage).await), ErrorKind::Protocol);
}

// Source: RFC 9865 §2 (cursors; a server may have nothing else)
#[tokio::test]
async fn a_server_with_cursors_only_is_read_to_the_end() {
    let scim = Scim::start().await;
    scim.cursors_only();
    let stage = stage(scim);
    for id in ["a", "b", "c", "d", "e", "f", "g"] {
        put(&stage, Member::new(id));
    }
    assert_eq!(staff_of(&stage).await.unwrap().people.len(), 7);
}

// Source: RFC 7643 §4.1.2 (the primary address may be any in the list)
#[tokio::test]
async fn the_primary_address_is_the_one_to_write_to() {
    let stage = stage(Scim::start().await);
    put(
        &stage,
        Member {
            aliases: vec!["a.alias@example.test".to_owned()],
            ..Member::new("lea")
        },
    );
    let read = staff_of(&stage).await.unwrap();
    assert_eq!(shown(&read), ["a.alias@example.test lea@example.test active"]);
    assert_eq!(read.people.get(0).unwrap().email().unwrap().key(), "lea@example.test");
}

// Source: RFC 7643 §4.2 (a member may be a group, and its `type` may be missing)
#[tokio::test]
async fn groups_in_groups_are_opened_once() {
    for sloppy in [None, Some(Sloppy::MembersByValue)] {
        let scim = Scim::start().await;
        scim.nest(STAFF, "inner");
        scim.nest("inner", STAFF); // a ring
        if let Some(sloppy) = sloppy {
            scim.be_sloppy(sloppy);
        }
        let stage = stage(scim);
        put(&stage, Member::new("lea"));
        stage.put(Member::new("max"));
        stage.put(Member::new("eve"));
        stage.simulator.members().set_group("inner", &["max"]);
        let read = staff_of(&stage).await.unwrap();
        assert_eq!(read.people.len(), 3);
        assert_eq!(
            read.people.iter().filter(|person| !person.access().is_empty()).count(),
            2
        );
    }
}

// Source: RFC 7644 §3.4.2.2 (`filter=active eq true` drops whoever does not say it, so the list is not filtered)
#[tokio::test]
async fn the_inactive_are_read_too() {
    let stage = stage(Scim::start().await);
    put(
        &stage,
        Member {
            standing: Standing::Suspended,
            ..Member::new("lea")
        },
    );
    put(&stage, Member::new("max"));
    let read = stage.read(&json!({"role": "identities"})).await.unwrap();
    assert_eq!(shown(&read), ["lea@example.test suspended", "max@example.test active"]);
}

// Source: RFC 7644 §3.4.1 (a resource is answered with its own id; a proxy or a cache may answer with another)
#[tokio::test]
async fn another_group_than_the_one_asked_for_is_refused() {
    let scim = Scim::start().await;
    scim.be_sloppy(Sloppy::OtherGroup);
    let stage = stage(scim);
    put(&stage, Member::new("lea"));
    assert_eq!(kind(staff_of(&stage).await), ErrorKind::Protocol);
}
