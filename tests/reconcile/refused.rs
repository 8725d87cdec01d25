//! Rosters that are refused: nothing is planned, nothing is written, and the answer says whose turn it is.

use rehearsal::faults::{Fault, When};
use serde_json::{Value, json};

use super::apply;
use crate::stage::{Running, Stage, csv, mail, refusal};

async fn stage() -> Stage {
    let stage = Stage::with(&[("PROVIDERS", "bilanc,blackbird"), ("CALL_TIMEOUT_MS", "500")]).await;
    for provider in ["bilanc", "blackbird"] {
        stage.seed_all(provider, ["ada", "bob", "cem"]);
    }
    stage.directory(&csv(["ada"]));
    stage
}

/// Applying is refused with this status and kind, and so is a preview; nothing is written.
async fn refused(stage: &Stage, reconcile: &Running, status: u16, kind: &str, why: &str) {
    let world = stage.world();
    for order in [apply(&json!({})), json!({})] {
        let answer = reconcile.order(&order).await;
        let (found, said, message) = refusal(&answer);
        assert_eq!((found, &*said), (status, kind), "{why}: {message}");
        assert!(!message.contains("canary"), "{why}: {message}");
    }
    assert_eq!(stage.writes(), [""; 0], "{why}");
    assert_eq!(stage.world(), world, "{why}");
}

#[tokio::test]
async fn an_empty_roster_is_held() {
    let stage = stage().await;
    let reconcile = stage.start("reconcile").await;
    for empty in ["email,status\n", "email\n\n\n", "github_username;status"] {
        stage.roster.set("/roster.csv", "text/csv", empty.as_bytes());
        refused(&stage, &reconcile, 409, "Held", empty).await;
    }
    stage.roster.set("/roster.json", "application/json", b"[]");
    let url = format!("{}/roster.json", stage.roster.url());
    stage.document(
        "directory",
        &json!({"kind": "roster_file", "url": url, "format": "json"}),
    );
    let reconcile = stage.start("reconcile").await;
    refused(&stage, &reconcile, 409, "Held", "[]").await;
}

#[tokio::test]
async fn a_roster_that_is_too_old_is_held() {
    let stage = stage().await;
    let url = format!("{}/roster.csv", stage.roster.url());
    stage.document(
        "directory",
        &json!({"kind": "roster_file", "url": url, "max_age_hours": 24, "grants": {"*": ["*"]}}),
    );
    let reconcile = stage.start("reconcile").await;
    stage.roster.age("/roster.csv", 25);
    refused(&stage, &reconcile, 409, "Held", "the export stopped yesterday").await;
    stage.roster.without_last_modified("/roster.csv");
    refused(&stage, &reconcile, 409, "Held", "nobody says how old it is").await;
    stage.roster.age("/roster.csv", 23);
    assert_eq!(reconcile.order(&json!({})).await.status, 200);
}

#[tokio::test]
async fn a_malformed_or_contradictory_roster_is_an_error() {
    let stage = stage().await;
    let reconcile = stage.start("reconcile").await;
    let (ada, bob) = (mail("ada"), mail("bob"));
    let row = |rest: &str| format!("email,github_username,status,access\n{ada},ada-canary,active,*\n{rest}\n");
    let wrong = [
        ("nothing at all", String::new()),
        ("no CSV", "<html><body>Sign in, canary</body></html>".to_owned()),
        ("no column that identifies", format!("name,status\n{ada},active\n")),
        ("a column twice", format!("email,Email\n{ada},{bob}\n")),
        ("a row that is too short", row(&bob)),
        (
            "a row that is too long",
            row(&format!("{bob},bob-canary,active,*,more")),
        ),
        (
            "a value that does not end",
            row(&format!("{bob},\"bob-canary,active,*")),
        ),
        ("an address that is none", row("bob.canary,bob-canary,active,*")),
        ("a login that is none", row(&format!("{bob},bob canary,active,*"))),
        ("nobody", row(",,active,*")),
        ("a status nobody knows", row(&format!("{bob},bob-canary,fired,*"))),
        (
            "a provider nobody knows",
            row(&format!("{bob},bob-canary,active,bilanc;oracle")),
        ),
        (
            "one person twice with two statuses",
            row(&format!("{ada},ada-canary,left,*")),
        ),
        (
            "one person twice with two accesses",
            row(&format!("{ada},ada-canary,active,bilanc")),
        ),
        (
            "one login of two people who differ",
            row(&format!("{bob},ada-canary,left,*")),
        ),
        ("another encoding", row("b\u{fc}b")),
    ];
    for (why, text) in wrong {
        // In Latin-1 the last one is no UTF-8.
        let bytes: Vec<u8> = match why {
            "another encoding" => text.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect(),
            _ => text.into_bytes(),
        };
        stage.roster.set("/roster.csv", "text/csv", &bytes);
        refused(&stage, &reconcile, 502, "Protocol", why).await;
    }
}

#[tokio::test]
async fn a_json_roster_that_is_not_one_is_an_error() {
    let stage = stage().await;
    let url = format!("{}/roster.json", stage.roster.url());
    stage.document(
        "directory",
        &json!({"kind": "roster_file", "url": url, "format": "json", "rows_pointer": "/rows"}),
    );
    let reconcile = stage.start("reconcile").await;
    let ada = mail("ada");
    let wrong = [
        json!({"rows": [{"email": ada}]}).to_string()[..20].to_owned(),
        json!([{"email": ada}]).to_string(),
        json!({"rows": {"email": ada}}).to_string(),
        json!({"rows": null}).to_string(),
        json!({"rows": [ada]}).to_string(),
        json!({"rows": [{"email": {"work": ada}}]}).to_string(),
        json!({"rows": [{"email": ada, "status": true}]}).to_string(),
        json!({"rows": [{"name": ada}]}).to_string(),
        json!({"error": "canary", "rows": [{}]}).to_string(),
    ];
    for text in wrong {
        stage.roster.set("/roster.json", "application/json", text.as_bytes());
        refused(&stage, &reconcile, 502, "Protocol", &text).await;
    }
}

#[tokio::test]
async fn a_missing_or_wrong_trailer_is_an_error() {
    let stage = stage().await;
    let url = format!("{}/roster.csv", stage.roster.url());
    stage.document(
        "directory",
        &json!({"kind": "roster_file", "url": url, "trailer": true, "grants": {"*": ["*"]}}),
    );
    let reconcile = stage.start("reconcile").await;
    let rows = csv(["ada", "bob", "cem"]);
    for end in [
        "",
        "#end",
        "#end,",
        "#end,2\n",
        "#end,4\n",
        "#end,three\n",
        "#END,3\n#end",
        "#end,3\nafter\n",
    ] {
        stage
            .roster
            .set("/roster.csv", "text/csv", format!("{rows}{end}").as_bytes());
        refused(&stage, &reconcile, 502, "Protocol", end).await;
    }
    stage
        .roster
        .set("/roster.csv", "text/csv", format!("{rows}#end,3\r\n").as_bytes());
    assert_eq!(reconcile.order(&json!({})).await.status, 200);
}

/// A cut in the last value of the last row, where it would turn Bob into a leaver of one provider or both.
#[tokio::test]
async fn a_cut_through_access_is_an_error() {
    let stage = stage().await;
    let (ada, bob) = (mail("ada"), mail("bob"));
    let reconcile = stage.start("reconcile").await;
    let rows = |last: &str| format!("email,status,access\n{ada},active,*\n{bob},active,{last}");
    for last in [
        "",
        " ",
        "\t",
        "bilanc",
        "bilanc;",
        "bilanc; ",
        "bilanc;black",
        "bilanc;blackbird",
        "\"bilanc",
        "\"\"",
        "*",
    ] {
        stage.roster.set("/roster.csv", "text/csv", rows(last).as_bytes());
        refused(&stage, &reconcile, 502, "Protocol", last).await;
    }
    let semicolons = rows("").replace(',', ";");
    // Another column at the end: what may be missing of it is open all the same.
    let comma = format!("email,github_username\n{ada},\n{bob},");
    let second_address = format!("github_username,email\nada-canary,{ada};");
    for text in [semicolons, comma, second_address] {
        stage.roster.set("/roster.csv", "text/csv", text.as_bytes());
        refused(&stage, &reconcile, 502, "Protocol", &text).await;
    }
    // Whole: a line break, or another column, follows.
    let before = format!("email,access,status\n{ada},*,active\n{bob},*,active");
    for text in [
        rows("*\n"),
        rows("*\r\n"),
        rows("*\r"),
        before,
        format!("email\n{ada}\n{bob}"),
    ] {
        stage.roster.set("/roster.csv", "text/csv", text.as_bytes());
        assert_eq!(reconcile.order(&json!({})).await.status, 200, "{text}");
    }
}

#[tokio::test]
async fn a_roster_that_cannot_be_had_is_an_outage() {
    let stage = stage().await;
    let reconcile = stage.start("reconcile").await;
    for (fault, status, kind) in [
        (Fault::Status(503), 503, "Unavailable"),
        (Fault::Status(429), 503, "Unavailable"),
        (Fault::CutBefore, 503, "Unavailable"),
        (Fault::Hang, 503, "Unavailable"),
        (Fault::Status(401), 502, "Credentials"),
        (Fault::Status(403), 502, "Credentials"),
        (Fault::Status(404), 500, "Misconfigured"),
        (Fault::Status(204), 502, "Protocol"),
        (
            Fault::Redirect("https://login.example.com/canary".to_owned()),
            502,
            "Protocol",
        ),
        (Fault::Garbage, 502, "Protocol"),
    ] {
        stage.roster.faults().clear();
        stage
            .roster
            .faults()
            .inject("GET", "/roster.csv", fault.clone(), When::Always);
        refused(&stage, &reconcile, status, kind, &format!("{fault:?}")).await;
    }
    // Once is nothing: reads are repeated.
    stage.roster.faults().clear();
    stage
        .roster
        .faults()
        .inject("GET", "/roster.csv", Fault::Status(503), When::Once);
    assert_eq!(reconcile.order(&json!({})).await.status, 200);
}

#[tokio::test]
async fn without_a_usable_directory_document_reconcile_is_misconfigured() {
    let stage = stage().await;
    let csv = format!("{}/roster.csv", stage.roster.url());
    let file = |more: Value| {
        let mut source = json!({"kind": "roster_file", "url": csv});
        source
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        source.to_string()
    };
    let wrong = [
        None,
        Some("not JSON, canary".to_owned()),
        Some("[]".to_owned()),
        Some(json!({"kind": "abacus", "url": csv}).to_string()),
        Some(json!({"url": csv}).to_string()),
        Some(json!({"kind": "roster_file"}).to_string()),
        Some(file(json!({"colour": "red"}))),
        Some(file(json!({"format": "xlsx"}))),
        Some(file(json!({"role": "canary"}))),
        Some(file(json!({"grants": {"*": ["oracle"]}}))),
        Some(file(json!({"grants": {"engineering": ["bilanc"]}}))),
        Some(file(json!({"url": "http://example.com/roster.csv"}))),
        Some(file(json!({"url": "ftp://127.0.0.1/roster.csv"}))),
        Some(file(json!({"url": "https://ada:canary@127.0.0.1/roster.csv"}))),
        Some(file(json!({"url": "s3://bucket"}))),
        Some(file(json!({"url": "file:/nowhere/at/all.csv"}))),
    ];
    for document in wrong {
        match &document {
            Some(text) => stage.secrets.put_text("rollcall/directory", text),
            None => stage.without_document("directory"),
        }
        let reconcile = stage.start("reconcile").await;
        refused(&stage, &reconcile, 500, "Misconfigured", &format!("{document:?}")).await;
    }
}
