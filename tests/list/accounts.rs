//! The view of accounts and its filters.

use rehearsal::faults::{Fault, When};
use rehearsal::providers::Simulator;
use serde_json::json;

use super::{accounts, company, endings, id_of};
use crate::stage::{details, event, mail, refusal};

#[tokio::test]
async fn every_account_is_listed_as_documented() {
    let stage = company(&[]).await;
    let list = stage.start("list").await;
    let answer = list.ask("/").await;
    let account = |provider: &str, name: &str, login: bool, full: bool, status: &str, roles: &[&str]| {
        json!({
            "provider": provider, "id": id_of(&stage, provider, name), "email": mail(name),
            "github_username": login.then(|| format!("{name}-canary")), "name": full.then(|| format!("{name} Canary")),
            "status": status, "roles": roles,
        })
    };
    let expected = json!({
        "accounts": [
            account("bilanc", "ada", true, true, "active", &[]),
            account("bilanc", "bob", true, true, "active", &[]),
            account("blackbird", "ada", false, true, "active", &["leadAnalyst"]),
            account("blackbird", "dan", false, true, "dormant", &["leadAnalyst"]),
            account("blackbird", "eve", false, true, "unknown", &["leadAnalyst"]),
            account("appxite", "cem", false, false, "invited", &[]),
            account("appxite", "dan", false, false, "dormant", &[]),
            {"provider": "powens", "id": "101", "email": null, "github_username": null, "name": null, "status": "active", "roles": []},
        ],
        "providers": [
            {"provider": "bilanc", "ending": "listed", "count": 2},
            {"provider": "blackbird", "ending": "listed", "count": 3},
            {"provider": "appxite", "ending": "listed", "count": 2},
            {"provider": "powens", "ending": "listed", "count": 1},
        ],
    });
    assert_eq!((answer.status, answer.text()), (200, expected.to_string()));
    assert_eq!(stage.writes(), [""; 0]);
}

#[tokio::test]
async fn every_filter_narrows_the_list() {
    let stage = company(&[]).await;
    let list = stage.start("list").await;
    let cases = [
        (
            "provider=bilanc".to_owned(),
            vec!["bilanc ada active", "bilanc bob active"],
        ),
        (
            "provider=powens,appxite".to_owned(),
            vec!["appxite cem invited", "appxite dan dormant", "powens 101 active"],
        ),
        (
            format!("email={}", mail("ada")),
            vec!["bilanc ada active", "blackbird ada active"],
        ),
        (
            "email=%20ADA.Canary%40EXAMPLE.com".to_owned(),
            vec!["bilanc ada active", "blackbird ada active"],
        ),
        ("github_username=ADA-canary".to_owned(), vec!["bilanc ada active"]),
        (
            "status=active&provider=blackbird".to_owned(),
            vec!["blackbird ada active"],
        ),
        (
            "status=dormant".to_owned(),
            vec!["blackbird dan dormant", "appxite dan dormant"],
        ),
        ("status=invited".to_owned(), vec!["appxite cem invited"]),
        ("status=unknown".to_owned(), vec!["blackbird eve unknown"]),
        (
            format!("email={}&status=dormant&provider=appxite", mail("dan")),
            vec!["appxite dan dormant"],
        ),
        (
            format!("id={}", id_of(&stage, "bilanc", "bob")),
            vec!["bilanc bob active"],
        ),
        (
            format!("id={}", id_of(&stage, "blackbird", "dan")),
            vec!["blackbird dan dormant"],
        ),
        (
            format!("id={}", id_of(&stage, "appxite", "cem")),
            vec!["appxite cem invited"],
        ),
        ("id=101".to_owned(), vec!["powens 101 active"]),
        (format!("id=101&email={}", mail("ada")), vec![]),
        (format!("email={}", mail("nobody")), vec![]),
        ("id=..%2F..%2Fadmin%3Fx&provider=blackbird,bilanc".to_owned(), vec![]),
    ];
    for (query, expected) in cases {
        let answer = list.ask(&format!("/?{query}")).await;
        assert_eq!(answer.status, 200, "{query}: {}", answer.text());
        assert_eq!(accounts(&answer.json()), expected, "{query}");
    }
}

#[tokio::test]
async fn one_account_is_read_alone_where_the_provider_can() {
    let stage = company(&[("PROVIDERS", "blackbird")]).await;
    let id = id_of(&stage, "blackbird", "dan");
    let list = stage.start("list").await;
    assert_eq!(
        accounts(&list.ask(&format!("/?id={id}")).await.json()),
        ["blackbird dan dormant"]
    );
    let reads: Vec<_> = stage
        .calls()
        .into_iter()
        .filter(|call| call.contains(" GET "))
        .collect();
    assert_eq!(reads, [format!("blackbird GET /admin/admin/users/{id}")]);
}

#[tokio::test]
async fn one_provider_that_is_down_leaves_the_others_listed() {
    let stage = company(&[]).await;
    stage
        .blackbird
        .faults()
        .inject("*", "/", Fault::Status(503), When::Always);
    let list = stage.start("list").await;
    let answer = list.ask("/").await;
    let expected = [
        "bilanc listed 2",
        "blackbird unreachable Unavailable",
        "appxite listed 2",
        "powens listed 1",
    ];
    assert_eq!(
        (answer.status, endings(&answer.json())),
        (207, expected.map(str::to_owned).into())
    );
    assert_eq!(accounts(&answer.json()).len(), 5);

    for simulator in stage.simulators() {
        simulator.faults().inject("*", "/", Fault::Status(503), When::Always);
    }
    let answer = list.ask("/").await;
    assert_eq!((answer.status, accounts(&answer.json()).len()), (502, 0));
}

#[tokio::test]
async fn a_direct_invocation_takes_the_same_as_json() {
    let stage = company(&[]).await;
    let list = stage.start("list").await;
    assert_eq!(list.direct(&json!({})).await, list.ask("/").await.json());
    let answer = list
        .direct(&json!({"view": "accounts", "provider": "blackbird", "status": "active", "format": "csv"}))
        .await;
    assert_eq!(
        answer,
        list.ask("/?provider=blackbird&status=active").await.json(),
        "a caller in code wants JSON"
    );
    assert_eq!(accounts(&answer), ["blackbird ada active"]);

    let page = list.direct(&json!({"view": "accounts", "format": "html"})).await;
    assert_eq!(accounts(&page).len(), 8, "nor a page");

    assert_eq!(accounts(&list.direct(&event("list")).await), [""; 0]);
    stage.bilanc.seed(
        &rehearsal::providers::Seed::with_email("jane@example.com"),
        rehearsal::providers::State::Active,
    );
    assert_eq!(
        accounts(&list.direct(&event("list")).await),
        ["bilanc jane@example.com active"]
    );
}

#[tokio::test]
async fn every_fault_of_a_query_is_named_and_nothing_is_read() {
    let stage = company(&[("PROVIDERS", "bilanc,blackbird")]).await;
    let list = stage.start("list").await;
    let cases = [
        ("who=canary", vec!["who"]),
        ("view=users", vec!["view"]),
        ("view=", vec!["view"]),
        ("View=accounts", vec!["View"]),
        ("format=xml", vec!["format"]),
        ("provider=canary", vec!["provider"]),
        ("provider=powens", vec!["provider"]),
        ("provider=bilanc,", vec!["provider"]),
        ("providers=bilanc", vec!["providers"]),
        ("email=canary", vec!["email"]),
        ("github_username=a%20b", vec!["github_username"]),
        ("status=gone", vec!["status"]),
        ("id=", vec!["id"]),
        (
            "email=canary&status=gone&who=x&view=y",
            vec!["view", "email", "status", "who"],
        ),
        ("status=active&status=dormant", vec!["status"]),
    ];
    for (query, faults) in cases {
        let answer = list.ask(&format!("/?{query}")).await;
        assert_eq!((answer.status, &*refusal(&answer).1), (400, "BadRequest"), "{query}");
        let mut found = details(&answer.json());
        found.sort_by_key(|path| faults.iter().position(|fault| fault == path));
        assert_eq!(found, faults, "{query}");
    }
    for order in [
        json!({"view": null}),
        json!({"status": 7}),
        json!({"email": ["x"]}),
        json!({"people": []}),
    ] {
        assert_eq!(list.direct(&order).await["error"]["kind"], "BadRequest", "{order}");
    }
    assert_eq!(stage.calls(), [""; 0]);
}
