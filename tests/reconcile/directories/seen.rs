//! What an operator sees of the sources: the doctor's view, and the errors of a document.

use rehearsal::directories::{Directory, Entra, Github, Okta};
use serde_json::json;

use super::{fill, publish, source, staff};
use crate::stage::{Stage, crowd};

#[tokio::test]
async fn the_doctor_shows_each_source() {
    let stage = Stage::with(&[("PROVIDERS", "bilanc")]).await;
    let (entra, github, okta) = (Entra::start().await, Github::start().await, Okta::start().await);
    for directory in [&entra as &dyn Directory, &github, &okta] {
        fill(directory, &crowd("p", 4));
    }
    let people = staff(&["bilanc"]);
    let identities = json!({"role": "identities"});
    publish(
        &stage,
        &[
            source(&entra, &people),
            source(&github, &identities),
            source(&github, &identities),
            source(&okta, &people),
        ],
    );
    let list = stage.start("list").await;
    let checks = async || {
        let answer = list.ask("/?view=doctor").await.json();
        let checks = answer["checks"].as_array().unwrap().clone();
        let of = checks
            .iter()
            .filter(|check| check["name"].as_str().unwrap().starts_with("directory"));
        let line = |check: &serde_json::Value| {
            format!(
                "{} {} {}",
                check["name"].as_str().unwrap(),
                check["ok"],
                check["detail"].as_str().unwrap()
            )
        };
        of.map(line).collect::<Vec<_>>()
    };
    let uncounted = "Okta counts nothing, so that to be missing from a group has to be seen twice";
    assert_eq!(
        checks().await,
        [
            "directory entra true names 4 people; every page was read, and the counts agree".to_owned(),
            "directory github true names 4 identities; every page was read, and the counts agree".to_owned(),
            "directory github 2 true names 4 identities; every page was read, and the counts agree".to_owned(),
            format!("directory okta true names 4 people; every page was read; {uncounted}"),
            "directory true names 4 people".to_owned(),
        ]
    );
    entra.revoke();
    let found = checks().await;
    assert!(found[0].starts_with("directory entra false"), "{}", found[0]);
    assert!(
        found[0].contains("GroupMember.Read.All"),
        "the permission is named: {}",
        found[0]
    );
    assert!(found[1].starts_with("directory github true"), "{}", found[1]);
    assert!(found[4].starts_with("directory false"), "{}", found[4]);
}

#[tokio::test]
async fn every_fault_of_every_source_is_named() {
    let stage = Stage::with(&[("PROVIDERS", "bilanc")]).await;
    publish(
        &stage,
        &[
            json!({"kind": "okta", "domain": "acme.okta.example", "token": "canary", "colour": "red"}),
            json!({"kind": "ldap"}),
            json!({"kind": "scim", "base_url": "http://scim.example", "token": "canary", "grants": {"staff": ["bilanc"]}}),
            json!({"kind": "github", "org": "acme", "token": "canary", "role": "identities", "grants": {"*": ["bilanc"]}}),
        ],
    );
    let reconcile = stage.start("reconcile").await;
    let answer = reconcile.order(&json!({"mode": "apply"})).await;
    assert_eq!(answer.status, 500, "{}", answer.text());
    for path in ["[0].colour", "[1].kind", "[2].base_url", "[3].grants"] {
        assert!(answer.text().contains(path), "{path} is not in {}", answer.text());
    }
    publish(
        &stage,
        &[json!({"kind": "github", "org": "acme", "token": "canary", "role": "identities"})],
    );
    let reconcile = stage.start("reconcile").await;
    let answer = reconcile.order(&json!({"mode": "apply"})).await;
    assert_eq!(answer.status, 500);
    assert!(answer.text().contains("names no source of people"), "{}", answer.text());
}
