//! The other views: people, roles, identity providers, doctor.

use rehearsal::faults::{Fault, When};
use rehearsal::providers::Simulator;
use serde_json::{Value, json};

use super::{company, endings, id_of};
use crate::stage::{LEDGER, Stage, mail, refusal};

/// The directory knows Ada and Dan by everything, and Zoe has no account anywhere.
fn directory(stage: &Stage) {
    let row = |name: &str, access: &str, powens: &str| {
        format!("{},{name}-canary,{name},of Canary,{access},{powens}\n", mail(name))
    };
    let header = "email,github_username,first_name,last_name,access,powens_id\n".to_owned();
    stage.directory(&(header + &row("ada", "bilanc;blackbird", "101") + &row("dan", "", "") + &row("zoe", "*", "")));
}

#[tokio::test]
async fn people_are_accounts_of_all_providers_merged_with_the_directory() {
    let stage = company(&[]).await;
    directory(&stage);
    let list = stage.start("list").await;
    let answer = list.ask(&format!("/?view=people&email={}", mail("ada"))).await;
    let (bilanc, blackbird) = (id_of(&stage, "bilanc", "ada"), id_of(&stage, "blackbird", "ada"));
    let expected = json!({
        "people": [{
            "name": "ada of Canary", "emails": [mail("ada")], "github_usernames": ["ada-canary"],
            "ids": {"bilanc": bilanc, "blackbird": blackbird, "powens": "101"},
            "entitled": ["bilanc", "blackbird"],
            "accounts": [
                {"provider": "bilanc", "id": bilanc, "status": "active", "roles": []},
                {"provider": "blackbird", "id": blackbird, "status": "active", "roles": ["leadAnalyst"]},
                {"provider": "powens", "id": "101", "status": "active", "roles": []},
            ],
        }],
        "providers": [
            {"provider": "bilanc", "ending": "listed", "count": 2},
            {"provider": "blackbird", "ending": "listed", "count": 3},
            {"provider": "appxite", "ending": "listed", "count": 2},
            {"provider": "powens", "ending": "listed", "count": 1},
        ],
    });
    assert_eq!((answer.status, answer.json()), (200, expected));

    let people = |answer: &Value| -> Vec<String> {
        let line = |person: &Value| {
            let accounts = person["accounts"].as_array().unwrap().len();
            let entitled = person["entitled"].as_array().unwrap().len();
            let name = person["emails"][0]
                .as_str()
                .unwrap_or("somebody")
                .trim_end_matches(".canary@example.com");
            format!("{name} may use {entitled} and has {accounts}")
        };
        let mut lines: Vec<String> = answer["people"].as_array().unwrap().iter().map(line).collect();
        lines.sort();
        lines
    };
    let expected = [
        "ada may use 2 and has 3",
        "bob may use 0 and has 1",
        "cem may use 0 and has 1",
        "dan may use 0 and has 2",
        "eve may use 0 and has 1",
        "zoe may use 4 and has 0",
    ];
    assert_eq!(people(&list.ask("/?view=people").await.json()), expected);
    let filtered = list.ask("/?view=people&status=dormant&provider=blackbird").await;
    assert_eq!(people(&filtered.json()), ["dan may use 0 and has 1"]);
}

#[tokio::test]
async fn without_a_directory_nobody_knows_who_is_entitled() {
    let stage = company(&[]).await;
    let list = stage.start("list").await;
    let answer = list.ask(&format!("/?view=people&email={}", mail("bob"))).await;
    let person = &answer.json()["people"][0];
    assert_eq!(
        (answer.status, &person["entitled"], &person["name"]),
        (200, &Value::Null, &json!("bob Canary"))
    );
}

#[tokio::test]
async fn people_are_listed_while_the_directory_is_down() {
    let stage = company(&[]).await;
    directory(&stage);
    stage
        .roster
        .faults()
        .inject("GET", "/", Fault::Status(503), When::Always);
    let list = stage.start("list").await;
    let answer = list.ask("/?view=people").await;
    assert_eq!(answer.status, 207);
    assert_eq!(endings(&answer.json())[4], "directory unreachable Unavailable");
    assert!(answer.json()["people"].as_array().unwrap().len() >= 5);
    assert_eq!(answer.json()["people"][0]["entitled"], Value::Null);
}

#[tokio::test]
async fn roles_come_from_whoever_has_them() {
    let stage = company(&[]).await;
    stage
        .blackbird
        .set_roles(&[("leadAnalyst", "Lead Analyst"), ("viewer", "Viewer")]);
    let list = stage.start("list").await;
    let answer = list.ask("/?view=roles").await;
    let expected = json!([
        {"provider": "blackbird", "name": "leadAnalyst", "display_name": "Lead Analyst", "id": null},
        {"provider": "blackbird", "name": "viewer", "display_name": "Viewer", "id": null},
        {"provider": "appxite", "name": "Seller Admin", "display_name": "Seller Admin", "id": "role-0001"},
        {"provider": "appxite", "name": "Seller Agent", "display_name": "Seller Agent", "id": "role-0002"},
    ]);
    assert_eq!((answer.status, &answer.json()["roles"]), (200, &expected));
    assert_eq!(
        endings(&answer.json()),
        [
            "bilanc listed 0",
            "blackbird listed 2",
            "appxite listed 2",
            "powens listed 0"
        ]
    );

    let answer = list.ask("/?view=roles&provider=bilanc").await;
    assert_eq!((answer.status, &*refusal(&answer).1), (501, "Unsupported"));
    stage
        .appxite
        .faults()
        .inject("*", "/roles", Fault::Status(403), When::Always);
    let answer = list.ask("/?view=roles").await;
    assert_eq!(
        (answer.status, &*endings(&answer.json())[2]),
        (207, "appxite unreachable Credentials")
    );
}

#[tokio::test]
async fn identity_providers_come_from_whoever_has_them() {
    let stage = company(&[]).await;
    let list = stage.start("list").await;
    let answer = list.ask("/?view=identity_providers").await;
    let expected = json!([
        {"provider": "appxite", "id": "idp-0001", "name": "Example IdP", "prefix": "ex", "enabled": true},
        {"provider": "appxite", "id": "idp-0002", "name": "Retired IdP", "prefix": "old", "enabled": false},
    ]);
    assert_eq!((answer.status, &answer.json()["identity_providers"]), (200, &expected));
    let answer = list.ask("/?view=identity_providers&provider=powens,bilanc").await;
    assert_eq!((answer.status, &*refusal(&answer).1), (501, "Unsupported"));
}

fn checks(answer: &Value) -> Vec<String> {
    let line = |check: &Value| {
        assert!(
            check["detail"].as_str().is_some_and(|detail| !detail.is_empty()),
            "{check}"
        );
        format!("{} {}", check["name"].as_str().unwrap(), check["ok"])
    };
    answer["checks"].as_array().unwrap().iter().map(line).collect()
}

#[tokio::test]
async fn the_doctor_looks_at_everything() {
    let stage = company(&[("PROVIDERS", "bilanc,blackbird")]).await;
    directory(&stage);
    let list = stage.start("list").await;
    let answer = list.ask("/?view=doctor").await;
    let names = [
        "secret bilanc",
        "secret blackbird",
        "secret directory",
        "secret callers",
        "provider bilanc",
        "provider blackbird",
        "directory roster_file",
        "directory",
        "protected",
        "ledger",
    ];
    assert_eq!(
        (answer.status, checks(&answer.json())),
        (200, names.map(|name| format!("{name} true")).into())
    );
    assert_eq!(answer.json().as_object().unwrap().len(), 1);
}

#[tokio::test]
async fn the_doctor_finds_what_is_wrong() {
    let stage = company(&[("PROTECTED", "not an identity")]).await;
    stage.without_document("bilanc");
    stage.document(
        "blackbird",
        &json!({"client_id": "x", "client_secret": "canary", "colour": "red"}),
    );
    stage
        .appxite
        .faults()
        .inject("*", "/", Fault::Status(503), When::Always);
    let list = stage.start("list").await;
    let answer = list.ask("/?view=doctor").await;
    let expected = [
        "secret bilanc false",
        "secret blackbird true",
        "secret appxite true",
        "secret powens true",
        "secret directory false",
        "secret callers true",
        "provider bilanc false",
        "provider blackbird false",
        "provider appxite false",
        "provider powens true",
        "directory false",
        "protected false",
        "ledger true",
    ];
    assert_eq!(
        (answer.status, checks(&answer.json())),
        (200, expected.map(str::to_owned).into())
    );
    assert!(
        answer.text().contains("colour"),
        "the field is named: {}",
        answer.text()
    );
    assert!(
        !answer.text().contains("canary"),
        "no secret is shown: {}",
        answer.text()
    );
}

/// What the doctor says about the ledger.
async fn ledger_of(stage: &Stage) -> String {
    let answer = stage.start("list").await.ask("/?view=doctor").await;
    let json = answer.json();
    let check = json["checks"].as_array().unwrap().last().unwrap();
    assert_eq!(check["name"], "ledger");
    format!("{} {}", check["ok"], check["detail"].as_str().unwrap())
}

#[tokio::test]
async fn the_doctor_says_what_the_ledger_is_good_for() {
    let stage = Stage::with(&[("PROVIDERS", "bilanc")]).await;
    assert!(ledger_of(&stage).await.starts_with("true none"));

    let stage = Stage::with(&[("PROVIDERS", "bilanc"), LEDGER]).await;
    assert_eq!(ledger_of(&stage).await, "true is readable");
    directory(&stage);
    let reconcile = stage.start("reconcile").await;
    assert_eq!(reconcile.order(&json!({"pause": true})).await.status, 200);
    let said = ledger_of(&stage).await;
    assert!(said.starts_with("true is readable; paused"), "{said}");
    assert_eq!(reconcile.order(&json!({"pause": false})).await.status, 200);
    assert_eq!(ledger_of(&stage).await, "true is readable");
    stage.ledger.fail_after("Query", 0);
    let said = ledger_of(&stage).await;
    assert!(said.starts_with("false "), "{said}");
    stage.ledger.recover();
}
