//! A page is lost on the way: whichever it is, in whichever source, nothing changes anywhere.

use rehearsal::directories::{Directory, Entra, Github};
use rehearsal::providers::State;
use serde_json::json;

use super::{all, fill, lawful, publish, run, source, staff};
use crate::stage::{LEDGER, Stage, crowd};

const PEOPLE: usize = 11;

/// Four pages of three at most.
const PAGES: usize = 4;

/// Everybody is everywhere, as every directory says.
async fn world() -> Stage {
    let on = ("PROVIDERS", "bilanc,blackbird,appxite");
    let stage = Stage::with(&[
        on,
        LEDGER,
        ("MAX_REMOVALS", "100"),
        ("MAX_REMOVAL_PERCENT", "100"),
        ("MAX_SHRINK_PERCENT", "100"),
    ])
    .await;
    for id in ["bilanc", "blackbird", "appxite"] {
        stage.seed_all(id, crowd("p", PEOPLE));
        stage.seed(id, "stranger", State::Active);
    }
    stage
}

#[tokio::test]
async fn of_one_source_alone() {
    for directory in all().await {
        let stage = world().await;
        directory.members().set_page_size(3);
        fill(&*directory, &crowd("p", PEOPLE));
        // In another order, so that whoever a lost page takes from one group is still named by the other.
        let (few, more) = (
            ["1004", "1003", "1002", "1001", "1000"],
            ["bilanc", "blackbird", "appxite"],
        );
        directory.members().set_group("few", &few);
        let grants = json!({"grants": {"staff": more, "few": ["powens"]}});
        publish(&stage, &[source(&*directory, &grants)]);
        let before = stage.world();
        let reconcile = stage.start("reconcile").await;
        for page in 0..PAGES {
            directory.members().drop_page(Some(page));
            let answer = reconcile.order(&json!({"mode": "apply"})).await;
            assert!(
                [200, 502].contains(&answer.status),
                "{} page {page}: {}",
                directory.kind(),
                answer.text()
            );
            assert_eq!(stage.world(), before, "{} page {page}", directory.kind());
            assert_eq!(stage.writes(), [""; 0], "{} page {page}", directory.kind());
        }
        directory.members().drop_page(None);
        assert_eq!(run(&reconcile).await[0], "200 done apply", "{}", directory.kind());
        assert_eq!(stage.world(), before);
        lawful(&*directory);
    }
}

#[tokio::test]
async fn of_either_of_two_that_are_merged() {
    let stage = world().await;
    let (entra, github) = (Entra::start().await, Github::start().await);
    for directory in [&entra as &dyn Directory, &github] {
        directory.members().set_page_size(3);
        fill(directory, &crowd("p", PEOPLE));
    }
    let people = staff(&["bilanc", "blackbird", "appxite"]);
    publish(
        &stage,
        &[source(&entra, &people), source(&github, &json!({"role": "identities"}))],
    );
    let before = stage.world();
    let reconcile = stage.start("reconcile").await;
    for directory in [&entra as &dyn Directory, &github] {
        for page in 0..PAGES {
            directory.members().drop_page(Some(page));
            let answer = reconcile.order(&json!({"mode": "apply"})).await;
            assert_eq!(
                (answer.status, &answer.json()["error"]["kind"]),
                (502, &json!("Protocol")),
                "{} page {page}",
                directory.kind()
            );
            assert_eq!(stage.world(), before, "{} page {page}", directory.kind());
            directory.members().drop_page(None);
        }
        lawful(directory);
    }
    assert_eq!(run(&reconcile).await[0], "200 done apply");
    assert_eq!(stage.world(), before);
}

#[tokio::test]
async fn twice_of_a_source_that_counts_nothing_is_an_absence_that_the_guard_judges() {
    use rehearsal::directories::Okta;
    let stage = Stage::with(&[("PROVIDERS", "bilanc"), LEDGER, ("SIGHTING_GAP_MINUTES", "0")]).await;
    stage.seed_all("bilanc", crowd("p", PEOPLE));
    let okta = Okta::start().await;
    okta.members().set_page_size(3);
    fill(&okta, &crowd("p", PEOPLE));
    publish(&stage, &[source(&okta, &staff(&["bilanc"]))]);
    let reconcile = stage.start("reconcile").await;
    assert_eq!(run(&reconcile).await, ["200 done apply", "bilanc applied 11"]);
    okta.members().drop_page(Some(1));
    // Three of eleven at once are more than a tenth: the roster shrank, whatever was seen before.
    for _ in 0..3 {
        run(&reconcile).await;
        assert_eq!(stage.present("bilanc"), PEOPLE);
    }
}
