//! Clauses about what a document says of a source: its role, its groups, and who counts as gone.

use rehearsal::directories::{Member, Standing as State};
use serde_json::{Value, json};
use shared::error::ErrorKind;
use shared::planning::merging::Role;
use shared::planning::roster::{Person, Standing};

use super::face::{Face, NAMES, STAFF, Suspends, bilanc, everybody, find, kind};

pub(super) async fn a_group_that_is_not_there_is_misconfigured(face: &Face) {
    let stage = face.stage().await;
    let terms = json!({"grants": {STAFF: ["bilanc"], "nobody-made-this": ["blackbird"]}});
    assert_eq!(kind(stage.read(&terms).await), ErrorKind::Misconfigured);
}

pub(super) async fn a_group_without_members_is_held(face: &Face) {
    let stage = face.stage().await;
    stage.simulator.members().set_group("empty", &[]);
    let terms = json!({"grants": {STAFF: ["bilanc"], "empty": ["blackbird"]}});
    let error = stage.read(&terms).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Held);
    assert_eq!(error.context("group"), Some("empty"));
}

pub(super) async fn a_source_of_people_has_to_grant_something(face: &Face) {
    let stage = face.stage().await;
    let refused = |terms: Value, field: &str| {
        let error = stage
            .connect(&terms)
            .err()
            .unwrap_or_else(|| panic!("accepted: {terms}"));
        assert_eq!(error.kind(), ErrorKind::Misconfigured, "{terms}");
        assert!(
            error.faults().iter().any(|fault| fault.path.starts_with(field)),
            "{terms}: {error}"
        );
    };
    refused(json!({}), "grants");
    refused(json!({"grants": {}}), "grants");
    refused(json!({"grants": {STAFF: ["bilanz"]}}), "grants.staff");
    refused(json!({"role": "identities", "grants": {"*": ["bilanc"]}}), "grants");
    refused(json!({"role": "managers", "grants": {"*": ["bilanc"]}}), "role");
    refused(json!({"grants": {"*": ["bilanc"]}, "suspended": "maybe"}), "suspended");
    refused(
        json!({"grants": {"*": ["bilanc"]}, "base_url": "http://acme.example"}),
        "base_url",
    );
    refused(
        json!({"grants": {"*": ["bilanc"]}, "base_url": "ftp://127.0.0.1"}),
        "base_url",
    );
    // Two groups, and everybody: what they grant adds up, and every name of a provider is fine, on or off.
    stage.simulator.members().set_group("few", &["11"]);
    let terms = json!({"grants": {STAFF: ["bilanc"], "few": ["blackbird", "bilanc"], "*": ["powens"]}});
    let read = stage.read(&terms).await.unwrap();
    let names = |address: &str| {
        find(&read, address)
            .access()
            .iter()
            .map(|id| id.name())
            .collect::<Vec<_>>()
    };
    assert_eq!(names("11@example.test"), ["bilanc", "blackbird", "powens"]);
    assert_eq!(names("12@example.test"), ["bilanc", "powens"]);
}

pub(super) async fn a_source_of_identities_names_everybody_and_entitles_nobody(face: &Face) {
    let stage = face.stage().await;
    let source = stage.connect(&json!({"role": "identities"})).unwrap();
    assert_eq!(source.role, Role::Identities);
    let read = source.directory.read().await.unwrap();
    assert_eq!(read.people.len(), NAMES.len());
    assert!(read.people.iter().all(|person| person.access().is_empty()));
}

pub(super) async fn who_may_not_sign_in_is_named_and_kept_unless_the_document_says_otherwise(face: &Face) {
    let stage = face.stage().await;
    stage.put(Member {
        standing: State::Suspended,
        ..Member::new("13")
    });
    let read = stage.staff().await.unwrap();
    assert_eq!(read.people.len(), NAMES.len());
    let standing = |person: &Person| (person.standing(), person.is_entitled_to(bilanc()));
    let mut terms = everybody();
    terms["suspended"] = json!("left");
    if face.suspends == Suspends::No {
        assert_eq!(standing(&find(&read, "13@example.test")), (Standing::Active, true));
        return assert_eq!(kind(stage.connect(&terms)), ErrorKind::Misconfigured);
    }
    assert_eq!(standing(&find(&read, "13@example.test")), (Standing::Suspended, true));
    assert_eq!(standing(&find(&read, "14@example.test")), (Standing::Active, true));
    for (word, then) in [("left", Standing::Left), ("kept", Standing::Suspended)] {
        terms["suspended"] = json!(word);
        let read = stage.read(&terms).await.unwrap();
        assert_eq!(find(&read, "13@example.test").standing(), then);
        assert_eq!(find(&read, "14@example.test").standing(), Standing::Active);
    }
    // Who was deleted is not named, or is named as gone.
    stage.put(Member {
        standing: State::Gone,
        ..Member::new("15")
    });
    let read = stage.staff().await.unwrap();
    let gone = read
        .people
        .iter()
        .find(|person| person.email().is_some_and(|email| email.key() == "15@example.test"));
    let kept = [Standing::Left, Standing::Suspended]; // SCIM has two states: who is inactive may be either
    assert!(gone.is_none_or(|person| kept.contains(&person.standing())));
}
