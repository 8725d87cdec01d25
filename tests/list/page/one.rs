//! The page of one person, and the other views as tables.

use rehearsal::faults::{Fault, When};
use rehearsal::providers::Simulator;
use serde_json::json;

use super::browse;
use crate::list::{company, id_of};
use crate::stage::{LEDGER, Stage, csv, mail};

#[tokio::test]
async fn one_person_is_shown_with_every_account_and_every_change() {
    let stage = company(&[("PROVIDERS", "bilanc,blackbird,appxite"), LEDGER]).await;
    stage.directory(&csv(["ada", "bob"]).replace("active,*", "active,bilanc;blackbird"));
    let onboard = stage.start("onboard").await;
    let order = json!({"email_addresses": [mail("bob")], "providers": ["blackbird"]});
    assert_eq!(onboard.order(&order).await.status, 200);
    let offboard = stage.start("offboard").await;
    let order = json!({"email_addresses": [mail("ada")], "providers": ["bilanc"]});
    assert_eq!(offboard.order(&order).await.status, 200);

    let list = stage.start("list").await;
    let target = format!("/?view=people&email={}&format=html", mail("ada"));
    let (status, page) = browse(&list, &target).await;
    assert_eq!(status, 200);
    let lines = page.lines();
    assert_eq!(lines[0], "bilanc | access missing |  |  | ");
    let id = id_of(&stage, "blackbird", "ada");
    assert!(
        lines[1].starts_with(&format!("blackbird | active | {id} | leadAnalyst")),
        "{lines:?}"
    );
    assert_eq!(lines[2], "appxite | no account |  |  | ");
    assert!(
        lines[3].ends_with(" | bilanc | offboard | done | yes | hr | named"),
        "{lines:?}"
    );
    assert_eq!(lines.len(), 4, "nobody else's change: {lines:?}");
    for said in [
        "ada Canary",
        "Entitled to: bilanc, blackbird",
        &mail("ada"),
        "GitHub: ada-canary",
    ] {
        assert!(page.text.contains(said), "{said}: {}", page.text);
    }

    // By login and by id it is the same person.
    for target in ["/?github_username=ada-canary".to_owned(), format!("/?id={id}")] {
        let (_, page) = browse(&list, &target).await;
        assert_eq!(page.lines(), lines, "{target}");
    }
}

/// Whoever is gone from everywhere is still in the history.
#[tokio::test]
async fn somebody_whom_nobody_knows_any_more_has_a_history() {
    let stage = Stage::with(&[("PROVIDERS", "bilanc"), LEDGER]).await;
    stage.seed_all("bilanc", ["ada"]);
    let order = json!({"email_addresses": [mail("ada")]});
    assert_eq!(stage.start("offboard").await.order(&order).await.status, 200);
    let list = stage.start("list").await;
    let (_, page) = browse(&list, &format!("/?email={}", mail("ada"))).await;
    assert!(page.text.contains("knows somebody by this"), "{}", page.text);
    assert_eq!(page.rows.len(), 1, "{:?}", page.lines());
    let (_, page) = browse(&list, &format!("/?email={}", mail("nobody"))).await;
    assert!(page.text.contains("No change of theirs is known."), "{}", page.text);

    stage.ledger.fail_after("Query", 0);
    let (status, page) = browse(&list, &format!("/?email={}", mail("ada"))).await;
    assert_eq!(status, 200);
    assert!(page.text.contains("Unknown: "), "{}", page.text);
    stage.ledger.recover();
}

#[tokio::test]
async fn a_provider_that_is_down_is_unknown_for_one_person_too() {
    let stage = company(&[("PROVIDERS", "bilanc,blackbird")]).await;
    stage
        .blackbird
        .faults()
        .inject("*", "/", Fault::Status(503), When::Always);
    let list = stage.start("list").await;
    let (status, page) = browse(&list, &format!("/?email={}", mail("ada"))).await;
    assert_eq!(status, 207);
    assert_eq!(page.lines()[1], "blackbird | unknown |  |  | ");
    assert!(page.text.contains("Entitled to: unknown"), "{}", page.text);
}

#[tokio::test]
async fn every_view_is_a_table() {
    let stage = company(&[LEDGER]).await;
    stage.directory(&csv(["ada"]));
    let order = json!({"email_addresses": [mail("bob")], "providers": ["bilanc"]});
    assert_eq!(stage.start("offboard").await.order(&order).await.status, 200);
    let list = stage.start("list").await;
    for (view, rows) in [
        ("accounts", 7),
        ("roles", 1),
        ("identity_providers", 2),
        ("history", 1),
        ("doctor", 14),
    ] {
        let (status, page) = browse(&list, &format!("/?view={view}&format=html")).await;
        assert_eq!(status, 200, "{view}");
        assert!(page.rows.len() >= rows, "{view}: {:?}", page.lines());
        let csv = format!("?view={view}&format=csv");
        assert!(page.all("a", "href").contains(&&*csv), "{view}");
        assert_eq!(page.all("a", "aria-current"), ["page"], "{view}");
    }
    let (_, page) = browse(&list, "/?view=doctor&format=html").await;
    assert!(
        page.lines().contains(&"secret bilanc | yes | is there".to_owned()),
        "{:?}",
        page.lines()
    );
    stage.bilanc.faults().inject("*", "/", Fault::Status(503), When::Always);
    let (status, page) = browse(&list, "/?view=accounts&format=html").await;
    assert_eq!(status, 207);
    assert!(page.text.contains("bilanc could not be read"), "{}", page.text);
}
