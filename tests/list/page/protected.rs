//! Whom nothing removes is marked, at every account that this covers.

use rehearsal::providers::{Seed, Simulator, State};

use super::browse;
use crate::stage::{Stage, csv, mail};

#[tokio::test]
async fn accounts_of_protected_people_are_marked() {
    let protected = format!("{}, powens:101, {}", mail("root"), mail("ada"));
    let stage = Stage::with(&[("PROVIDERS", "bilanc,blackbird,powens"), ("PROTECTED", &protected)]).await;
    stage.seed_all("bilanc", ["ada", "bob", "root"]);
    stage.seed_all("blackbird", ["ada", "bob"]);
    let user = Seed {
        id: Some("101".to_owned()),
        ..Seed::default()
    };
    stage.powens.seed(&user, State::Active);
    stage.directory(&csv(["ada", "bob"]));
    let list = stage.start("list").await;
    let (_, page) = browse(&list, "/").await;
    let cells = |name: &str| {
        let row = page.rows.iter().find(|row| row[0].contains(name));
        row.unwrap_or_else(|| panic!("{name}: {:?}", page.lines()))[2..].join(" | ")
    };
    assert_eq!(cells("ada"), "active, protected | active, protected | access missing");
    assert_eq!(cells("bob"), "active | active | access missing");
    assert_eq!(cells("root"), "active, orphan, protected | no account | no account");
    assert_eq!(cells("101"), "no account | no account | active, orphan, protected");
    assert!(page.text.contains("protected (nothing removes it): 3"), "{}", page.text);
    assert!(page.all("option", "value").contains(&"prot"));

    let (_, page) = browse(&list, &format!("/?email={}", mail("ada"))).await;
    assert!(page.text.contains("active, protected"), "{}", page.text);
}

#[tokio::test]
async fn a_list_of_the_protected_that_cannot_be_read_is_said() {
    let stage = Stage::with(&[("PROVIDERS", "bilanc"), ("PROTECTED", "nobody-at-all")]).await;
    let list = stage.start("list").await;
    let (_, page) = browse(&list, "/").await;
    assert!(page.text.contains("who is protected is unknown"), "{}", page.text);
    let readable = stage.start_with("list", &[("PROTECTED", "")]).await;
    let (_, page) = browse(&readable, "/").await;
    assert!(!page.text.contains("PROTECTED"), "{}", page.text);
}
