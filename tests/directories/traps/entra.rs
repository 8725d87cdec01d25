//! Traps of Microsoft Entra ID.

use rehearsal::directories::{Directory, Entra, Member, NextLink, Revocation, Standing};
use serde_json::json;
use shared::error::ErrorKind;

use super::{put, shown, staff_of, staff_with, stage};
use crate::directories::face::{everybody, kind};

async fn entra() -> (Entra, Member) {
    (Entra::start().await, Member::new("lea"))
}

// Source: <https://learn.microsoft.com/entra/identity/hybrid/connect/plan-connect-userprincipalname> (it need not be the address)
#[tokio::test]
async fn the_principal_name_is_a_key_beside_the_mail() {
    let (entra, lea) = entra().await;
    let stage = stage(entra);
    let login = Some("lver@corp.example".to_owned());
    put(
        &stage,
        Member {
            login,
            email: Some("Lea.Ver@Example.test".to_owned()),
            ..lea
        },
    );
    let read = staff_of(&stage).await.unwrap();
    assert_eq!(shown(&read), ["lea.ver@example.test lver@corp.example active"]);
    assert_eq!(
        read.people.get(0).unwrap().email().unwrap().written(),
        "Lea.Ver@Example.test",
        "the one to write to"
    );
}

// Source: <https://learn.microsoft.com/entra/external-id/user-properties> (a guest's principal name is made up)
#[tokio::test]
async fn a_guest_is_known_by_mail_and_never_by_the_name_with_ext() {
    let (entra, lea) = entra().await;
    let stage = stage(entra);
    put(
        &stage,
        Member {
            guest: true,
            email: Some("lea@partner.example".to_owned()),
            ..lea
        },
    );
    let read = staff_of(&stage).await.unwrap();
    // Kept where they have an account, and given nothing new.
    assert_eq!(shown(&read), ["lea@partner.example suspended"]);
    assert!(read.remarks[0].contains("1 guests"), "{:?}", read.remarks);
}

// Source: <https://learn.microsoft.com/graph/api/resources/user> (`mail` of a guest may be null)
#[tokio::test]
async fn a_guest_without_an_address_is_left_out_and_counted() {
    let (entra, lea) = entra().await;
    let stage = stage(entra);
    put(&stage, Member::new("bob"));
    put(
        &stage,
        Member {
            guest: true,
            email: None,
            ..lea
        },
    );
    let read = staff_of(&stage).await.unwrap();
    assert_eq!(shown(&read), ["bob@example.test active"]);
    assert!(
        read.remarks[0].contains("1 guests without an address"),
        "{:?}",
        read.remarks
    );
}

// Source: <https://learn.microsoft.com/entra/external-id/user-properties> (`userType` says the relation, not where somebody is from)
#[tokio::test]
async fn an_outsider_who_is_a_member_is_a_member() {
    let (entra, lea) = entra().await;
    let stage = stage(entra);
    put(
        &stage,
        Member {
            email: Some("lea@partner.example".to_owned()),
            ..lea
        },
    );
    assert_eq!(shown(&staff_of(&stage).await.unwrap()), ["lea@partner.example active"]);
}

// Source: <https://learn.microsoft.com/graph/api/resources/user> (`otherMails` may be written by the user)
#[tokio::test]
async fn an_address_that_users_write_down_themselves_is_no_key() {
    let (entra, lea) = entra().await;
    entra.set_other_mails("lea", &["boss@example.test"]);
    let stage = stage(entra);
    put(&stage, lea);
    assert_eq!(shown(&staff_of(&stage).await.unwrap()), ["lea@example.test active"]);
}

// Source: <https://learn.microsoft.com/graph/api/resources/user> (`proxyAddresses` holds x500: and sip: too)
#[tokio::test]
async fn only_smtp_proxies_are_addresses() {
    let (entra, lea) = entra().await;
    let stage = stage(entra);
    put(
        &stage,
        Member {
            aliases: vec!["L.Ver@example.test".to_owned()],
            ..lea
        },
    );
    assert_eq!(
        shown(&staff_of(&stage).await.unwrap()),
        ["l.ver@example.test lea@example.test active"]
    );
}

// Source: <https://learn.microsoft.com/graph/api/resources/user> (an unlicensed user has no `mail`)
#[tokio::test]
async fn a_user_without_mail_is_known_by_the_principal_name() {
    let (entra, lea) = entra().await;
    let stage = stage(entra);
    put(&stage, Member { email: None, ..lea });
    assert_eq!(
        shown(&staff_of(&stage).await.unwrap()),
        ["lea@acme.onmicrosoft.com active"]
    );
}

// Source: <https://learn.microsoft.com/graph/api/resources/user> (`accountEnabled`; a disabled user stays in every group)
#[tokio::test]
async fn a_disabled_user_is_suspended_and_gone_only_if_the_document_says_so() {
    let (entra, lea) = entra().await;
    let stage = stage(entra);
    put(
        &stage,
        Member {
            standing: Standing::Suspended,
            ..lea
        },
    );
    assert_eq!(shown(&staff_of(&stage).await.unwrap()), ["lea@example.test suspended"]);
    assert_eq!(
        shown(&stage.read(&staff_with("suspended", "left")).await.unwrap()),
        ["lea@example.test left"]
    );
}

// Source: <https://learn.microsoft.com/graph/api/group-list-transitivemembers> (limited information for what an app may not read)
#[tokio::test]
async fn members_with_an_id_only_are_a_missing_permission() {
    let (entra, lea) = entra().await;
    entra.set_revocation(Revocation::Silent);
    entra.revoke();
    let stage = stage(entra);
    put(&stage, lea);
    let error = staff_of(&stage).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Credentials);
    assert!(error.context("needs").unwrap().contains("User.Read.All"), "{error}");
}

// Source: <https://learn.microsoft.com/graph/paging> (a page may be empty and not the last)
#[tokio::test]
async fn an_empty_page_is_not_the_end() {
    let entra = Entra::start().await;
    entra.set_empty_page(Some(1));
    let stage = stage(entra);
    for id in ["a", "b", "c", "d"] {
        put(&stage, Member::new(id));
    }
    assert_eq!(staff_of(&stage).await.unwrap().people.len(), 4);
}

// Source: <https://learn.microsoft.com/graph/paging> (an empty page may lead on, and one that leads to itself never ends)
#[tokio::test]
async fn a_page_that_leads_to_itself_is_left() {
    let entra = Entra::start().await;
    entra.set_next_link(NextLink::SameForever);
    let stage = stage(entra);
    for id in ["a", "b", "c", "d"] {
        put(&stage, Member::new(id));
    }
    assert_eq!(kind(staff_of(&stage).await), ErrorKind::Protocol);
    assert!(stage.sent() < 6, "{} calls", stage.sent());
}

// Source: <https://learn.microsoft.com/graph/paging> (the next link is a URL, and whoever can write one could take the token)
#[tokio::test]
async fn a_next_link_to_another_host_is_not_followed() {
    let entra = Entra::start().await;
    entra.set_next_link(NextLink::Elsewhere("http://127.0.0.1:9".to_owned()));
    let stage = stage(entra);
    for id in ["a", "b", "c", "d"] {
        put(&stage, Member::new(id));
    }
    assert_eq!(kind(staff_of(&stage).await), ErrorKind::Protocol);
    assert_eq!(kind(stage.read(&everybody()).await), ErrorKind::Protocol);
    assert_eq!(
        kind(stage.connect(&json!({"grants": {"*": ["bilanc"]}, "login_url": "http://login.example"}))),
        ErrorKind::Misconfigured
    );
}
