//! A large company in which nothing changed: only reads, in little memory.

use std::fmt::Write as _;

use rehearsal::providers::{IDS, Seed, Simulator, State};
use serde_json::json;

use super::apply;
use crate::stage::{Stage, mail, told};

/// At each of the four providers, and in the roster.
const PEOPLE: usize = 10_000;
/// Half of the least memory that Lambda gives a function.
const BUDGET_KIB: u64 = 64 * 1024;

#[tokio::test]
async fn ten_thousand_unchanged_accounts_fit_into_64_mib() {
    let stage = Stage::new().await;
    // The simulator makes all of its list for every page; a hundred pages of it would be slow.
    let mut document = stage.appxite.document();
    document["page_size"] = json!(1000);
    stage.document("appxite", &document);
    let mut roster = String::from("email,github_username,first_name,last_name,status,access,powens_id\n");
    for number in 0..PEOPLE {
        let name = format!("p{number}");
        let (email, id) = (mail(&name), 101 + number);
        writeln!(roster, "{email},{name}-canary,{name},Canary,active,*,{id}").unwrap();
        for simulator in stage.simulators() {
            let seed = Seed {
                name: Some(format!("{name} Canary")),
                id: (simulator.id() == "powens").then(|| id.to_string()),
                ..Seed::with_email(&email)
            };
            simulator.seed(&seed, State::Active);
        }
    }
    stage.directory(&roster);
    let reconcile = stage.start("reconcile").await;
    let mut expected = vec!["200 done apply".to_owned()];
    expected.extend(IDS.map(|id| format!("{id} applied {PEOPLE}")));
    assert_eq!(told(&reconcile.order(&apply(&json!({}))).await), expected);
    assert_eq!(stage.writes(), [""; 0]);
    let peak = reconcile.peak_memory_kib();
    assert!((1..BUDGET_KIB).contains(&peak), "{peak} KiB");
}
