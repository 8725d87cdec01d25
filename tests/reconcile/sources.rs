//! Where the roster comes from: a file by hand, HTTP, S3.

use rehearsal::host::UrlRequest;
use rehearsal::providers::{Simulator, State};
use serde_json::{Value, json};

use super::apply;
use crate::stage::{Folder, Stage, TOKEN, csv, mail, told};

/// Bilanc knows Ada and Bob; the roster says that Bob left and Ada joined.
async fn stage(settings: &[(&str, &str)]) -> Stage {
    let stage = Stage::with(&[&[("PROVIDERS", "bilanc")], settings].concat()).await;
    stage.seed("bilanc", "ada", State::Gone);
    stage.seed_all("bilanc", ["bob"]);
    stage
}

const EXPECTED: [&str; 4] = [
    "200 done apply",
    "bilanc applied 1",
    "  offboard bob known_leaver done",
    "  onboard ada done",
];

fn rows() -> String {
    format!(
        "email,status,access\n{},active,bilanc\n{},left,\n",
        mail("ada"),
        mail("bob")
    )
}

#[tokio::test]
async fn a_file_written_by_hand_and_documents_in_a_folder() {
    let folder = Folder::new();
    let stage = stage(&[("AWS_ENDPOINT_URL_SECRETS_MANAGER", "http://127.0.0.1:9")]).await;
    // As somebody types it: blanks, capitals, Windows line ends, a blank line, a byte order mark.
    let rows = "\u{feff}Email , Status, ACCESS,Note\r\n ada.Canary@Example.com ,Active,bilanc,\"hi, there\"\r\n\r\nbob.canary@example.com,LEFT,,\r\n";
    let roster = folder.write("people.csv", rows);
    let url = format!("file:{}", roster.display());
    folder.write(
        "directory.json",
        &json!([{"kind": "roster_file", "role": "people", "url": url}]).to_string(),
    );
    folder.write("bilanc.json", &stage.bilanc.document().to_string());
    let callers = json!({"hr": {"scheme": "bearer", "secrets": [TOKEN], "may": ["reconcile"]}});
    folder.write("callers.json", &callers.to_string());
    let secrets = format!("file:{}", folder.path().display());
    let reconcile = stage.start_with("reconcile", &[("SECRETS", &secrets)]).await;
    assert_eq!(told(&reconcile.order(&apply(&json!({}))).await), EXPECTED);
    assert_eq!(
        (stage.state("bilanc", "ada"), stage.state("bilanc", "bob")),
        (Some(State::Active), Some(State::Gone))
    );
    assert_eq!(stage.secrets.calls().len(), 0);

    // The file is read anew by every run.
    std::fs::write(&roster, csv(["ada", "bob"])).unwrap();
    let answer = reconcile
        .request(UrlRequest::post("/hr/evening", &apply(&json!({}))).bearer(TOKEN))
        .await;
    assert_eq!(
        told(&answer),
        ["200 done apply", "bilanc applied 1", "  onboard bob done"]
    );
}

async fn applied(document: Value, put: impl Fn(&Stage)) -> Vec<String> {
    let stage = stage(&[]).await;
    put(&stage);
    let text = document.to_string().replace("{roster}", &stage.roster.url());
    stage.secrets.put_text("rollcall/directory", &text);
    let reconcile = stage.start("reconcile").await;
    told(&reconcile.order(&apply(&json!({}))).await)
}

#[tokio::test]
async fn csv_over_http_with_a_token_and_a_trailer() {
    let document = json!({"kind": "roster_file", "url": "{roster}/roster.csv", "token": "canary-roster", "trailer": true,
                          "format": "csv", "max_age_hours": 24});
    let lines = applied(document, |stage| {
        stage.roster.require_token(Some("canary-roster"));
        stage
            .roster
            .set("/roster.csv", "text/csv", format!("{}#end,2\n", rows()).as_bytes());
    });
    assert_eq!(lines.await, EXPECTED);
}

#[tokio::test]
async fn csv_of_another_country_uses_semicolons() {
    let text = format!(
        "email;status;access\n{};active;bilanc\n{};left;\n",
        mail("ada"),
        mail("bob")
    );
    let document = json!({"kind": "roster_file", "url": "{roster}/roster.csv"});
    let lines = applied(document, |stage| {
        stage.roster.set("/roster.csv", "text/csv", text.as_bytes())
    });
    assert_eq!(lines.await, EXPECTED);
}

#[tokio::test]
async fn json_over_http_at_a_pointer() {
    let rows = json!({"data": {"people": [
        {"email": mail("ada"), "status": "active", "access": ["bilanc"], "manager": {"name": "canary"}, "github_username": null},
        {"email": [mail("bob"), "bob.canary@example.org"], "status": "left", "bamboohr_id": 7},
    ]}});
    let document = json!({"kind": "roster_file", "url": "{roster}/roster.json?v=2&who=canary", "rows_pointer": "/data/people", "format": "json"});
    let lines = applied(document, |stage| {
        stage
            .roster
            .set("/roster.json", "application/json", rows.to_string().as_bytes())
    });
    assert_eq!(lines.await, EXPECTED);
}

#[tokio::test]
async fn an_object_in_s3() {
    let document = json!({"kind": "roster_file", "url": "s3://company-hr/exports/people of today+1.csv"});
    let lines = applied(document, |stage| {
        stage.roster.set(
            "/company-hr/exports/people of today+1.csv",
            "text/csv",
            rows().as_bytes(),
        );
    });
    assert_eq!(lines.await, EXPECTED);
}

#[tokio::test]
async fn grants_say_what_a_row_without_access_may_use() {
    let everybody = csv(["ada"]).replace(",access", "").replace(",*", "");
    for (grants, onboarded) in [
        (json!({"*": ["bilanc"]}), 1),
        (json!({"*": ["*"]}), 1),
        (json!({"*": []}), 0),
        (json!({"*": ["powens"]}), 0),
    ] {
        let document = json!({"kind": "roster_file", "url": "{roster}/roster.csv", "grants": grants});
        let lines = applied(document, |stage| {
            stage.roster.set("/roster.csv", "text/csv", everybody.as_bytes())
        })
        .await;
        let found = lines.iter().filter(|line| line.contains("onboard ada done")).count();
        assert_eq!(found, onboarded, "{grants} {lines:?}");
    }
}

/// The hash of the rows, as `sha256sum` writes it.
fn sidecar() -> String {
    use sha2::Digest;
    let hash = sha2::Sha256::digest(rows());
    let hash: String = hash.iter().map(|byte| format!("{byte:02X}")).collect();
    format!("{hash}  roster.csv\n")
}

#[tokio::test]
async fn a_sidecar_speaks_of_the_file_wherever_it_is() {
    let http = json!({"kind": "roster_file", "url": "{roster}/roster.csv?signature=canary%2B1", "sidecar": true});
    let lines = applied(http, |stage| {
        stage.roster.set("/roster.csv", "text/csv", rows().as_bytes());
        stage
            .roster
            .set("/roster.csv.sha256", "text/plain", sidecar().as_bytes());
    });
    assert_eq!(lines.await, EXPECTED);
    let s3 = json!({"kind": "roster_file", "url": "s3://company-hr/people.csv", "sidecar": true});
    let lines = applied(s3, |stage| {
        stage
            .roster
            .set("/company-hr/people.csv", "text/csv", rows().as_bytes());
        stage
            .roster
            .set("/company-hr/people.csv.sha256", "text/plain", sidecar().as_bytes());
    });
    assert_eq!(lines.await, EXPECTED);
    let folder = Folder::new();
    let path = folder.write("people.csv", &rows());
    folder.write("people.csv.sha256", &sidecar());
    let file = json!({"kind": "roster_file", "url": format!("file:{}", path.display()), "sidecar": true});
    assert_eq!(applied(file, |_| {}).await, EXPECTED);
}

#[tokio::test]
async fn a_file_that_its_sidecar_does_not_speak_of_is_refused() {
    let stage = stage(&[]).await;
    let before = stage.world();
    let url = format!("{}/roster.csv", stage.roster.url());
    stage.document(
        "directory",
        &json!({"kind": "roster_file", "url": url, "sidecar": true}),
    );
    let reconcile = stage.start("reconcile").await;
    let refused = async |status: u16, kind: &str| {
        let answer = reconcile.order(&apply(&json!({}))).await;
        assert_eq!((answer.status, &answer.json()["error"]["kind"]), (status, &json!(kind)));
        assert_eq!(stage.world(), before);
    };
    // Cut between two rows, which nothing in the file shows.
    let cut = rows()
        .lines()
        .take(2)
        .map(|line| format!("{line}\n"))
        .collect::<String>();
    stage.roster.set("/roster.csv", "text/csv", cut.as_bytes());
    refused(500, "Misconfigured").await; // no sidecar yet
    for text in [sidecar(), String::new(), "canary".to_owned()] {
        stage.roster.set("/roster.csv.sha256", "text/plain", text.as_bytes());
        refused(502, "Protocol").await;
    }
    stage.roster.set("/roster.csv", "text/csv", rows().as_bytes());
    stage
        .roster
        .set("/roster.csv.sha256", "text/plain", sidecar().as_bytes());
    assert_eq!(told(&reconcile.order(&apply(&json!({}))).await), EXPECTED);
}

#[tokio::test]
async fn other_encodings_than_utf_8_are_refused_by_name() {
    let stage = stage(&[]).await;
    let before = stage.world();
    let url = format!("{}/roster.csv", stage.roster.url());
    stage.document("directory", &json!({"kind": "roster_file", "url": url}));
    let reconcile = stage.start("reconcile").await;
    let utf16 = |little: bool| {
        let order = |unit: u16| if little { unit.to_le_bytes() } else { unit.to_be_bytes() };
        let units = std::iter::once(0xFEFF).chain(rows().encode_utf16().collect::<Vec<_>>());
        units.flat_map(order).collect::<Vec<u8>>()
    };
    let mut windows = rows().into_bytes();
    windows.extend_from_slice(b"\xFCller@example.com,active,bilanc\n"); // Windows-1252's ü
    for (bytes, name) in [
        (utf16(true), "UTF-16"),
        (utf16(false), "UTF-16"),
        (windows, "Windows-1252"),
    ] {
        stage.roster.set("/roster.csv", "text/csv", &bytes);
        let answer = reconcile.order(&apply(&json!({}))).await;
        assert_eq!(answer.status, 502, "{name}");
        assert!(answer.text().contains(name), "{name} is not named: {}", answer.text());
        assert_eq!(stage.world(), before);
    }
}

#[tokio::test]
async fn an_address_that_github_made_up_identifies_nobody_by_itself() {
    let stage = stage(&[]).await;
    let rows = "email,access\nada@users.noreply.github.com,bilanc\n";
    stage.directory(rows);
    let reconcile = stage.start("reconcile").await;
    let answer = reconcile.order(&apply(&json!({}))).await;
    assert_eq!(answer.status, 502, "{}", answer.text());
    assert!(answer.text().contains("identifies nobody"), "{}", answer.text());
    // With the number in it, it says which GitHub account it is.
    stage.directory("email,github_username,access\n42+ada@users.noreply.github.com,ada-canary,bilanc\n");
    let lines = told(&reconcile.order(&apply(&json!({}))).await);
    assert!(
        lines.contains(&"  onboard ada done".to_owned()) || lines.contains(&"  onboard @ada done".to_owned()),
        "{lines:?}"
    );
}
