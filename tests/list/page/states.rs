//! What the page says of everybody: states, orphans, what is missing, and what nobody knows.

use jiff::Timestamp;
use rehearsal::faults::{Fault, When};
use rehearsal::providers::{Simulator, State};
use serde_json::json;

use super::browse;
use crate::list::company;
use crate::stage::{LEDGER, Stage, mail};

/// Ada may use two providers and has them; Dan may use none, Zoe all; Sue is away, Lea has left.
fn directory(stage: &Stage) {
    let row = |name: &str, standing: &str, access: &str| {
        format!("{},{name}-canary,{name},of Canary,{standing},{access}\n", mail(name))
    };
    let rows = [
        row("ada", "active", "bilanc;blackbird"),
        row("dan", "active", ""),
        row("zoe", "active", "*"),
        row("sue", "suspended", "*"),
        row("lea", "left", "*"),
    ];
    stage.directory(&format!(
        "email,github_username,first_name,last_name,status,access\n{}",
        rows.concat()
    ));
}

#[tokio::test]
async fn everybody_is_shown_at_every_provider_in_words() {
    let stage = company(&[]).await;
    directory(&stage);
    stage.seed_all("bilanc", ["lea", "sue"]);
    stage.seed("appxite", "zoe", State::Dormant);
    let list = stage.start("list").await;
    let (status, page) = browse(&list, "/").await;
    assert_eq!(status, 200);
    let known = |name: &str| format!("{}, {name}-canary", mail(name));
    // Columns: person, directory, bilanc, blackbird, appxite, powens.
    let expected = [
        format!(
            "bob Canary{} | not listed | active, orphan | no account | no account | no account",
            known("bob")
        ),
        format!(
            "{} | not listed | no account | no account | invited, pending, orphan | no account",
            mail("cem")
        ),
        format!(
            "eve Canary{} | not listed | no account | status unknown, orphan | no account | no account",
            mail("eve")
        ),
        format!(
            "lea of Canary{} | left | active, not entitled | no account | no account | no account",
            known("lea")
        ),
        "powens 101 | not listed | no account | no account | no account | active, orphan".to_owned(),
        format!(
            "zoe of Canary{} | listed | access missing | access missing | dormant, access missing | access missing",
            known("zoe")
        ),
        format!(
            "ada of Canary{} | listed | active | active | no account | no account",
            known("ada")
        ),
        format!(
            "dan of Canary{} | listed | no account | dormant | dormant | no account",
            known("dan")
        ),
        format!(
            "sue of Canary{} | suspended | active | no account | no account | no account",
            known("sue")
        ),
    ];
    assert_eq!(page.lines(), expected);
    for said in [
        "people: 9",
        "orphan (account without a person): 4",
        "access missing (entitled, no account): 1",
        "not entitled: 1",
        "invited, pending: 1",
        "accounts at bilanc: 4",
        "9 of 9 people",
    ] {
        assert!(page.text.contains(said), "{said}: {}", page.text);
    }
    assert!(!page.text.contains("Not everything could be read") && !page.text.contains("There is no directory"));
    assert!(page.all("a", "href").contains(&"?view=people&format=csv"));
    assert_eq!(stage.writes(), [""; 0]);
}

#[tokio::test]
async fn a_provider_that_is_down_is_unknown_and_never_no_account() {
    let stage = company(&[("PROVIDERS", "bilanc,blackbird")]).await;
    directory(&stage);
    stage
        .blackbird
        .faults()
        .inject("*", "/", Fault::Status(503), When::Always);
    let list = stage.start("list").await;
    let (status, page) = browse(&list, "/").await;
    assert_eq!(status, 207);
    assert_eq!(page.rows.len(), 6);
    for row in &page.rows {
        assert_eq!(row[3], "unknown", "{row:?}");
    }
    for said in [
        "Not everything could be read",
        "blackbird could not be read",
        "blackbird (unknown)",
        "accounts at blackbird: unknown",
    ] {
        assert!(page.text.contains(said), "{said}: {}", page.text);
    }

    stage.bilanc.faults().inject("*", "/", Fault::Status(503), When::Always);
    let (status, page) = browse(&list, "/").await;
    assert_eq!(status, 502);
    assert!(page.text.contains("bilanc could not be read"), "{}", page.text);
    assert!(
        page.rows.iter().all(|row| row[2..] == ["unknown", "unknown"]),
        "{:?}",
        page.rows
    );
}

#[tokio::test]
async fn without_a_directory_nobody_knows_who_is_entitled() {
    let stage = company(&[("PROVIDERS", "bilanc,blackbird")]).await;
    let list = stage.start("list").await;
    let (status, page) = browse(&list, "/").await;
    assert_eq!(status, 200);
    assert!(page.text.contains("There is no directory"), "{}", page.text);
    let bob = format!(
        "bob Canary{}, bob-canary | unknown | active, entitled unknown | no account",
        mail("bob")
    );
    assert!(page.lines().contains(&bob), "{:?}", page.lines());
    for (class, said) in [("orph", "orphan"), ("miss", "missing")] {
        assert!(!page.all("td", "class").iter().any(|classes| classes.contains(class)));
        assert!(!page.lines().iter().any(|line| line.contains(said)), "{said}");
    }

    // One that is down is another thing, and is said so.
    directory(&stage);
    stage.roster.faults().inject("*", "/", Fault::Status(503), When::Always);
    let list = stage.start("list").await; // the first one's documents are still good
    let (status, page) = browse(&list, "/").await;
    assert_eq!(status, 207);
    assert!(page.text.contains("directory could not be read"), "{}", page.text);
    assert!(!page.text.contains("There is no directory"));
    assert!(page.lines().contains(&bob), "{:?}", page.lines());
}

#[tokio::test]
async fn the_page_says_when_it_was_made_and_what_was_changed_last() {
    let stage = Stage::with(&[("PROVIDERS", "bilanc"), LEDGER]).await;
    stage.seed_all("bilanc", ["ada"]);
    let before = Timestamp::now().as_second();
    let list = stage.start("list").await;
    let (_, page) = browse(&list, "/").await;
    assert!(
        page.text.contains("Last change known: none, the history is empty."),
        "{}",
        page.text
    );
    let made: Timestamp = page.all("time", "datetime")[0].parse().unwrap();
    assert!(
        (before..=Timestamp::now().as_second()).contains(&made.as_second()),
        "{made}"
    );

    let order = json!({"email_addresses": [mail("ada")]});
    assert_eq!(stage.start("offboard").await.order(&order).await.status, 200);
    let (_, page) = browse(&list, "/").await;
    let changed: Timestamp = page.all("time", "datetime")[1].parse().unwrap();
    assert!(
        (before..=Timestamp::now().as_second()).contains(&changed.as_second()),
        "{changed}"
    );
    let said = format!("Last change known: {changed}, offboard at bilanc, done.");
    assert!(page.text.contains(&said), "{}", page.text);

    // A ledger that is down costs nobody the page.
    stage.ledger.fail_after("Query", 0);
    let (status, page) = browse(&list, "/").await;
    assert_eq!(status, 200);
    assert!(page.text.contains("Last change known: unknown: "), "{}", page.text);
    stage.ledger.recover();
    let without = stage.start_with("list", &[("LEDGER", "")]).await;
    let (_, page) = browse(&without, "/").await;
    assert!(page.text.contains("set LEDGER"), "{}", page.text);
}

#[tokio::test]
async fn the_filters_narrow_the_page_and_its_csv() {
    let stage = company(&[]).await;
    directory(&stage);
    let list = stage.start("list").await;
    let (_, page) = browse(&list, "/?status=invited").await;
    assert_eq!(page.rows.len(), 1, "{:?}", page.rows);
    assert!(
        page.all("a", "href")
            .contains(&"?view=people&format=csv&status=invited")
    );
    let (_, page) = browse(&list, "/?provider=bilanc,powens").await;
    assert!(page.rows.iter().all(|row| row.len() == 4), "{:?}", page.rows);
    assert!(
        page.all("a", "href")
            .contains(&"?view=people&format=csv&provider=bilanc%2Cpowens")
    );
    for link in [
        "?view=people&format=html&provider=powens",
        "?view=people&format=html&status=dormant",
    ] {
        assert!(page.all("a", "href").contains(&link), "{link}");
    }
    // Every link of the page leads to an answer.
    for link in page.all("a", "href").into_iter().filter(|link| link.starts_with('?')) {
        let status = list.ask(&format!("/{link}")).await.status;
        let needs_ledger = link.contains("history");
        assert_eq!(status, if needs_ledger { 500 } else { 200 }, "{link}");
    }
}
