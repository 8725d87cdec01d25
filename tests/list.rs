//! `list`: the real binary, black box. How a process starts, keeps its secrets and survives is shown here for all four.

mod accounts;
mod explain;
mod forms;
mod held;
mod history;
mod keys;
mod limits;
mod opening;
mod page;
mod process;
mod review;
mod views;

use rehearsal::host::UrlAnswer;
use rehearsal::providers::{Seed, Simulator, State};
use serde_json::Value;

use crate::stage::{Stage, mail, person};

/// Somebody of every kind: present, dormant, invited, in an unknown state, known by a number only.
async fn company(settings: &[(&str, &str)]) -> Stage {
    let stage = Stage::with(settings).await;
    stage.seed_all("bilanc", ["ada", "bob"]);
    stage.seed_all("blackbird", ["ada"]);
    stage.seed("blackbird", "dan", State::Dormant);
    stage.seed_all("blackbird", ["eve"]);
    stage.blackbird.set_status_word(&mail("eve"), "paused");
    stage.seed("appxite", "cem", State::Invited);
    stage.seed("appxite", "dan", State::Dormant);
    let user = Seed {
        id: Some("101".to_owned()),
        ..Seed::default()
    };
    stage.powens.seed(&user, State::Active);
    stage
}

/// The accounts of an answer: `blackbird ada active`.
fn accounts(answer: &Value) -> Vec<String> {
    let Some(accounts) = answer["accounts"].as_array() else {
        panic!("no accounts: {answer}");
    };
    let line = |account: &Value| {
        let text = |name: &str| account[name].as_str().unwrap_or_default();
        let email = text("email").trim_end_matches(".canary@example.com");
        let who = if email.is_empty() { text("id") } else { email };
        format!("{} {who} {}", text("provider"), text("status"))
    };
    accounts.iter().map(line).collect()
}

/// How the providers came out: `bilanc listed 2`, `powens unreachable Unavailable`.
fn endings(answer: &Value) -> Vec<String> {
    let line = |one: &Value| {
        let (provider, ending) = (one["provider"].as_str().unwrap(), one["ending"].as_str().unwrap());
        let said = one["error"]["kind"]
            .as_str()
            .map_or_else(|| one["count"].to_string(), str::to_owned);
        format!("{provider} {ending} {said}")
    };
    answer["providers"].as_array().unwrap().iter().map(line).collect()
}

/// The rows of an answer in CSV, the header first.
fn rows(answer: &UrlAnswer) -> Vec<String> {
    assert_eq!(
        answer.header("content-type"),
        Some("text/csv; charset=utf-8"),
        "{}",
        answer.text()
    );
    answer.text().lines().map(str::to_owned).collect()
}

/// The id of somebody at a platform.
fn id_of(stage: &Stage, provider: &str, name: &str) -> String {
    let people = stage.simulator(provider).people();
    let found = people.into_iter().find(|(_, seed, _)| seed.email == person(name).email);
    found.unwrap().0
}
