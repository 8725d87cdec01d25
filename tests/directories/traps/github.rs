//! Traps of GitHub.

use rehearsal::directories::{Directory, Emails, Github, Member, NameIds, Throttle};
use serde_json::json;
use shared::error::ErrorKind;
use shared::planning::identity::Identity;

use super::{put, shown, staff_of, staff_with, stage};
use crate::directories::face::{everybody, kind};

fn lea() -> Member {
    Member {
        login: Some("LeaVer".to_owned()),
        ..Member::new("4242")
    }
}

// Source: <https://docs.github.com/en/rest/orgs/members#list-organization-members> (whoever is no member sees the public ones)
#[tokio::test]
async fn a_token_of_somebody_outside_sees_a_part_and_is_refused() {
    let github = Github::start().await;
    github.only_public_members();
    let stage = stage(github);
    put(&stage, lea());
    put(&stage, Member::new("12"));
    for terms in [everybody(), json!({"role": "identities"})] {
        let error = stage.read(&terms).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Credentials);
        assert!(error.to_string().contains("public members only"), "{error}");
    }
}

// Source: <https://spec.graphql.org/October2021/#sec-Errors> (`errors` beside `data`: a part of the answer)
#[tokio::test]
async fn errors_beside_the_data_are_a_failed_read() {
    let github = Github::start().await;
    github.partial_errors();
    let stage = stage(github);
    put(&stage, lea());
    assert_eq!(kind(staff_of(&stage).await), ErrorKind::Protocol);
}

// Source: <https://docs.github.com/en/graphql/reference/objects#organizationmemberedge> (`node` may be null)
#[tokio::test]
async fn a_member_who_may_not_be_seen_is_a_failed_read() {
    let github = Github::start().await;
    github.with_nulls(true);
    let stage = stage(github);
    put(&stage, lea());
    put(&stage, Member::new("12"));
    assert_eq!(kind(staff_of(&stage).await), ErrorKind::Protocol);
}

// Source: <https://docs.github.com/en/graphql/reference/objects#user> (`email` is what users write into their profile)
#[tokio::test]
async fn the_address_in_a_profile_is_no_key() {
    let github = Github::start().await;
    github.set_public_email("4242", "boss@example.test");
    let stage = stage(github);
    put(&stage, lea());
    assert_eq!(
        shown(&staff_of(&stage).await.unwrap()),
        ["4242@example.test github:leaver active"]
    );
    let read = stage.read(&staff_with("emails", "none")).await.unwrap();
    assert_eq!(shown(&read), ["github:leaver active"]);
}

// Source: <https://docs.github.com/en/graphql/reference/objects#user> (organizationVerifiedDomainEmails: several, or none)
#[tokio::test]
async fn several_verified_addresses_are_one_person() {
    let stage = stage(Github::start().await);
    put(
        &stage,
        Member {
            aliases: vec!["lea@example.org".to_owned()],
            ..lea()
        },
    );
    put(
        &stage,
        Member {
            email: None,
            ..Member::new("12")
        },
    );
    assert_eq!(
        shown(&staff_of(&stage).await.unwrap()),
        [
            "4242@example.test lea@example.org github:leaver active",
            "github:12 active"
        ]
    );
}

// Source: <https://docs.github.com/en/account-and-profile/reference/email-addresses-reference> (noreply: a number and a login)
#[tokio::test]
async fn a_noreply_address_is_no_address() {
    let stage = stage(Github::start().await);
    let aliases = vec![
        "4242+LeaVer@users.noreply.github.com".to_owned(),
        "LeaVer@users.noreply.github.com".to_owned(),
    ];
    put(
        &stage,
        Member {
            email: None,
            aliases,
            ..lea()
        },
    );
    let read = staff_of(&stage).await.unwrap();
    assert_eq!(shown(&read), ["github:leaver active"]);
    assert!(
        read.people
            .get(0)
            .unwrap()
            .identities()
            .contains(&Identity::native("github", "4242"))
    );
}

// Source: <https://docs.github.com/en/graphql/reference/objects#externalidentity> (`user` is null while nobody has linked it)
#[tokio::test]
async fn a_saml_identity_without_a_user_is_counted_and_left_out() {
    let github = Github::start().await;
    github.emails(Some(Emails::Saml));
    github.set_saml(Some(NameIds::Addresses));
    github.add_unlinked_identity("canary-1");
    github.add_unlinked_identity("canary-2");
    let stage = stage(github);
    put(&stage, lea());
    put(
        &stage,
        Member {
            email: None,
            ..Member::new("12")
        },
    ); // whose name id is no address
    let read = staff_of(&stage).await.unwrap();
    assert_eq!(
        shown(&read),
        ["4242@example.test github:leaver active", "github:12 active"]
    );
    assert!(read.remarks[0].starts_with("2 SAML identities"), "{:?}", read.remarks);
}

// Source: <https://docs.github.com/en/enterprise-cloud@latest/admin/managing-iam/using-saml-for-enterprise-iam> (set for the enterprise, it is null here)
#[tokio::test]
async fn saml_that_is_not_the_organisations_is_misconfigured() {
    let github = Github::start().await;
    github.emails(Some(Emails::Saml));
    let stage = stage(github);
    put(&stage, lea());
    let error = staff_of(&stage).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Misconfigured);
    assert!(error.to_string().contains("verified_domains"), "{error}");
}

// Source: <https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api> (403 or 429, with a time or without)
#[tokio::test]
async fn a_403_for_too_many_requests_is_no_missing_permission() {
    for throttle in [
        Throttle::PrimaryLimit,
        Throttle::SecondaryLimit,
        Throttle::TooManyRequests,
    ] {
        let github = Github::start().await;
        github.throttle_once_with(throttle);
        let stage = stage(github);
        put(&stage, lea());
        assert_eq!(staff_of(&stage).await.unwrap().people.len(), 1, "{throttle:?}");
    }
    let github = Github::start().await;
    github.throttle_once_with(Throttle::InTheErrors);
    let stage = stage(github);
    put(&stage, lea());
    assert_eq!(kind(staff_of(&stage).await), ErrorKind::Unavailable);
}

// Source: <https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app> (ids as numbers or text, one way to prove oneself)
#[tokio::test]
async fn a_token_or_an_app_and_not_half_of_both() {
    let github = Github::start().await;
    github.use_app();
    let stage = stage(github);
    put(&stage, lea());
    let mut document = stage.document(&everybody());
    document["app_id"] = json!(424_242);
    document["installation_id"] = json!("77001");
    assert_eq!(stage.read(&document).await.unwrap().people.len(), 1);
    for (field, value) in [
        ("token", json!("ghp_canary")),
        ("app_id", json!(["424242"])),
        ("private_key", json!("no PEM")),
    ] {
        let mut document = document.clone();
        document[field] = value;
        assert_eq!(kind(stage.connect(&document)), ErrorKind::Misconfigured, "{field}");
    }
}

// Source: <https://docs.github.com/en/rest/apps/apps#create-an-installation-access-token-for-an-app> (`permissions` of the token)
#[tokio::test]
async fn an_app_without_the_permission_is_told_so_before_anybody_is_asked_for() {
    let github = Github::start().await;
    github.use_app();
    github.revoke();
    let stage = stage(github);
    put(&stage, lea());
    let error = staff_of(&stage).await.unwrap_err();
    assert_eq!((error.kind(), stage.sent()), (ErrorKind::Credentials, 1), "{error}");
}
