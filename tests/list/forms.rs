//! The form of an answer: JSON, CSV or a page, as the query or `Accept` says.

use rehearsal::faults::{Fault, When};
use rehearsal::host::UrlRequest;
use rehearsal::providers::{Seed, Simulator, State};

use super::page::{CHROME, FIREFOX};
use super::{accounts, company, id_of, rows};
use crate::stage::{BROWSER, Stage, TOKEN, mail, refusal};

#[tokio::test]
async fn accounts_are_a_table_of_the_same_names() {
    let stage = company(&[]).await;
    let list = stage.start("list").await;
    let answer = list
        .ask("/?format=csv&provider=bilanc,blackbird,powens&status=active")
        .await;
    let row = |provider: &str, login: &str, roles: &str| {
        format!(
            "{provider},{},{},{login},ada Canary,active,{roles}",
            id_of(&stage, provider, "ada"),
            mail("ada")
        )
    };
    let bob = format!(
        "bilanc,{},{},bob-canary,bob Canary,active,",
        id_of(&stage, "bilanc", "bob"),
        mail("bob")
    );
    let expected = [
        "provider,id,email,github_username,name,status,roles".to_owned(),
        row("bilanc", "ada-canary", ""),
        bob,
        row("blackbird", "", "leadAnalyst"),
        "powens,101,,,,active,".to_owned(),
    ];
    assert_eq!((answer.status, rows(&answer)), (200, expected.to_vec()));
}

#[tokio::test]
async fn every_view_has_a_table() {
    let stage = company(&[]).await;
    stage.directory(&format!(
        "email,github_username,first_name\n{0};a.canary@example.org,ada-canary,ada\n",
        mail("ada")
    ));
    let list = stage.start("list").await;
    let headers = [
        (
            "people",
            "name,emails,github_usernames,ids,entitled,accounts,since,by,evidence",
        ),
        ("roles", "provider,name,display_name,id"),
        ("identity_providers", "provider,id,name,prefix,enabled"),
        ("doctor", "name,ok,detail"),
    ];
    for (view, header) in headers {
        let rows = rows(&list.ask(&format!("/?view={view}&format=csv")).await);
        assert_eq!(rows[0], header, "{view}");
        assert!(rows.len() > 1, "{view}");
    }
    let people = list
        .ask(&format!("/?view=people&format=csv&email={}", mail("ada")))
        .await;
    let ada = rows(&people).remove(1);
    // Lists are joined, each account as provider and status.
    assert!(ada.contains(&format!("a.canary@example.org;{}", mail("ada"))), "{ada}");
    assert!(ada.contains("bilanc:active;blackbird:active"), "{ada}");
}

#[tokio::test]
async fn the_query_says_which_form_and_else_the_accept_header() {
    let stage = company(&[("PROVIDERS", "bilanc")]).await;
    let list = stage.start("list").await;
    let cases = [
        ("/", None, "application/json"),
        ("/", Some("*/*"), "application/json"),
        ("/", Some("application/json"), "application/json"),
        ("/", Some("text/csv"), "text/csv; charset=utf-8"),
        (
            "/",
            Some("application/json;q=0.5, text/csv; charset=utf-8"),
            "text/csv; charset=utf-8",
        ),
        ("/", Some("text/csv;q=0, application/json;q=0.1"), "application/json"),
        ("/", Some("application/json, text/csv, text/html"), "application/json"),
        ("/", Some("text/csv, text/html;q=0.9"), "text/csv; charset=utf-8"),
        (
            "/",
            Some("text/plain, TEXT/HTML; charset=utf-8; q=0.1"),
            "text/html; charset=utf-8",
        ),
        ("/", Some("text/html;q=0, */*"), "application/json"),
        ("/", Some("text/html;q=x"), "application/json"),
        ("/", Some("text/htmlx"), "application/json"),
        ("/", Some(CHROME), "text/html; charset=utf-8"),
        ("/", Some(FIREFOX), "text/html; charset=utf-8"),
        ("/?format=html", None, "text/html; charset=utf-8"),
        ("/?format=html", Some("application/json"), "text/html; charset=utf-8"),
        ("/?format=csv", Some(CHROME), "text/csv; charset=utf-8"),
        ("/?format=json", Some(CHROME), "application/json"),
        ("/?format=json", Some("text/csv"), "application/json"),
        ("/?format=csv", Some("application/json"), "text/csv; charset=utf-8"),
    ];
    for (target, accept, expected) in cases {
        let mut request = UrlRequest::get(target).bearer(TOKEN);
        if let Some(accept) = accept {
            request = request.header("Accept", accept);
        }
        let answer = list.request(request).await;
        assert_eq!(
            (answer.status, answer.header("content-type")),
            (200, Some(expected)),
            "{target} {accept:?}"
        );
    }
    // An error is JSON, whatever was wanted.
    let answer = list.ask("/?format=csv&who=x").await;
    assert_eq!(
        (answer.status, answer.header("content-type")),
        (400, Some("application/json"))
    );
}

/// A name that a spreadsheet would run is text.
#[tokio::test]
async fn a_cell_is_never_a_formula() {
    let stage = Stage::with(&[("PROVIDERS", "bilanc")]).await;
    let names = [
        "=HYPERLINK(\"http://x\")",
        "+1",
        "-1",
        "@SUM(A1)",
        "Plain, \"quoted\"",
        "a=b",
    ];
    for (number, name) in names.into_iter().enumerate() {
        let seed = Seed {
            name: Some(name.to_owned()),
            id: Some(format!("id{number}")),
            ..Seed::with_email(&mail(&format!("p{number}")))
        };
        stage.bilanc.seed(&seed, State::Active);
    }
    stage.bilanc.seed(
        &Seed {
            id: Some("-7".to_owned()),
            ..Seed::with_email("+canary@example.com")
        },
        State::Active,
    );
    let list = stage.start("list").await;
    let rows = rows(&list.ask("/?format=csv").await);
    let name_of = |row: &String| {
        row.splitn(5, ',')
            .nth(4)
            .unwrap()
            .trim_end_matches(",active,")
            .to_owned()
    };
    let found: Vec<String> = rows[1..=6].iter().map(name_of).collect();
    let expected = [
        "\"'=HYPERLINK(\"\"http://x\"\")\"",
        "'+1",
        "'-1",
        "'@SUM(A1)",
        "\"Plain, \"\"quoted\"\"\"",
        "a=b",
    ];
    assert_eq!(found, expected);
    assert_eq!(rows[7], "bilanc,'-7,'+canary@example.com,,,active,");
    // JSON shows what is there.
    assert_eq!(list.ask("/").await.json()["accounts"][0]["name"], names[0]);
}

#[tokio::test]
async fn a_table_with_a_provider_missing_is_207() {
    let stage = company(&[("PROVIDERS", "bilanc,blackbird")]).await;
    stage.bilanc.faults().inject("*", "/", Fault::Status(503), When::Always);
    let list = stage.start("list").await;
    let answer = list.ask("/?format=csv").await;
    assert_eq!((answer.status, rows(&answer).len()), (207, 4));
}

#[tokio::test]
async fn a_browser_gets_in_with_a_password() {
    let stage = company(&[("PROVIDERS", "bilanc")]).await;
    let list = stage.start("list").await;
    let (user, password) = BROWSER;
    for target in ["/", "/browser"] {
        let answer = list.request(UrlRequest::get(target).basic(user, password)).await;
        assert_eq!((answer.status, accounts(&answer.json()).len()), (200, 2), "{target}");
    }
    stage.clear_calls();
    for (user, password) in [
        (user, "canary"),
        ("", password),
        ("admin:canary", "password "),
        ("", ""),
        ("Admin", password),
    ] {
        let answer = list.request(UrlRequest::get("/").basic(user, password)).await;
        assert_eq!(
            (answer.status, &*refusal(&answer).1),
            (401, "Denied"),
            "{user}:{password}"
        );
        // Without this, a browser asks nobody for a password.
        assert!(answer.header("www-authenticate").unwrap().contains("Basic realm="));
    }
    let broken = UrlRequest::get("/").header("authorization", "Basic %%%");
    assert_eq!(list.request(broken).await.status, 401);
    assert_eq!(stage.calls(), [""; 0]);
}
