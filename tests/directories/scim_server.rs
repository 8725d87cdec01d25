//! The SCIM source against somebody else's server, which `.ci/with_scim` starts and fills: 500 users, every seventh inactive, every
//! third with an alias before the primary address, and a group of the first 120.

use serde_json::{Value, json};
use shared::directories;
use shared::directory::Read;
use shared::error::{Error, ErrorKind};
use shared::planning::roster::Standing;

use super::face::{bilanc, client, connect_all, find, kind};
use crate::stage::{Stage, told};

fn variable(name: &str) -> String {
    #[expect(
        clippy::disallowed_methods,
        reason = "says which server the tests are for, and is no setting of a function"
    )]
    std::env::var(name).expect("a server to test with: see .ci/with_scim")
}

fn source(terms: &Value) -> Value {
    let mut source =
        json!({"kind": "scim", "base_url": variable("ROLLCALL_SCIM_URL"), "token": variable("ROLLCALL_SCIM_TOKEN")});
    for (name, value) in terms.as_object().unwrap() {
        source[name] = value.clone();
    }
    source
}

async fn read(terms: Value) -> Result<Read, Error> {
    let sources: Vec<directories::Source> = connect_all(&source(&terms), client()).unwrap();
    sources[0].directory.read().await
}

fn address(number: usize) -> String {
    format!("person-{number:03}.canary@example.com")
}

#[tokio::test]
#[ignore = "run by .ci/with_scim"]
async fn five_hundred_users_are_read_and_the_inactive_are_recognised() {
    let read = read(json!({"grants": {"*": ["bilanc"]}})).await.unwrap();
    assert_eq!(read.people.len(), 500);
    for number in 1..=500 {
        let person = find(&read, &address(number));
        let standing = match number % 7 {
            0 => Standing::Suspended,
            _ => Standing::Active,
        };
        assert_eq!(person.standing(), standing, "{number}");
        assert_eq!(
            person.email().unwrap().key(),
            address(number),
            "the primary one, wherever it stands"
        );
        let keys = if number % 3 == 0 { 3 } else { 2 };
        assert_eq!(person.identities().len(), keys, "{number}");
        assert_eq!(person.name().full().unwrap(), format!("Person {number} Canary"));
    }
    assert_eq!(read.remarks, [""; 0]);
    assert_eq!(read.proof, "every page was read, and the count agrees");
}

#[tokio::test]
#[ignore = "run by .ci/with_scim"]
async fn a_group_entitles_its_members() {
    let read = read(json!({"suspended": "left", "grants": {variable("ROLLCALL_SCIM_GROUP"): ["bilanc"]}}))
        .await
        .unwrap();
    assert_eq!(read.people.len(), 500);
    let entitled = read.people.iter().filter(|person| person.is_entitled_to(bilanc()));
    assert_eq!(entitled.count(), 120 - 120 / 7, "but those who left");
    assert_eq!(find(&read, &address(7)).standing(), Standing::Left);
    assert!(
        !find(&read, &address(121)).is_stated(),
        "nobody counts the members of a group"
    );
}

#[tokio::test]
#[ignore = "run by .ci/with_scim"]
async fn a_wrong_key_and_a_wrong_group_are_told_apart() {
    let group = json!({"grants": {"nobody-made-this": ["bilanc"]}});
    assert_eq!(kind(read(group).await), ErrorKind::Misconfigured);
    let key = json!({"token": "canary-wrong", "grants": {"*": ["bilanc"]}});
    assert_eq!(kind(read(key).await), ErrorKind::Credentials);
}

#[tokio::test]
#[ignore = "run by .ci/with_scim"]
async fn reconcile_finds_bilanc_as_it_should_be() {
    let stage = Stage::with(&[("PROVIDERS", "bilanc")]).await;
    for number in 1..=120 {
        stage.seed_all("bilanc", [format!("person-{number:03}")]);
    }
    stage.document(
        "directory",
        &source(&json!({"grants": {variable("ROLLCALL_SCIM_GROUP"): ["bilanc"]}})),
    );
    let reconcile = stage.start("reconcile").await;
    let lines = told(&reconcile.order(&json!({"mode": "apply"})).await);
    assert_eq!(lines[..2], ["200 done apply", "bilanc applied 120"]);
    let skips = lines[2..].iter().filter(|line| line.ends_with(" suspended"));
    assert_eq!((skips.count(), lines.len()), (120 / 7, 2 + 120 / 7));
}
