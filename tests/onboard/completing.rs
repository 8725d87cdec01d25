//! What the directory adds to an order: the other keys of whoever it names.

use rehearsal::faults::{Fault, When};
use rehearsal::providers::{Seed, Simulator, State};
use serde_json::json;

use crate::stage::{Stage, csv, mail, told};

/// The directory knows Ada by address, login and Powens id; the order by one of them.
#[tokio::test]
async fn a_person_is_completed_by_the_directory() {
    let directory = format!("email,github_username,powens_id\n{},ada-canary,101\n", mail("ada"));
    let orders = [
        json!({"email_addresses": [mail("ada")]}),
        json!({"github_usernames": ["ADA-canary"]}),
        json!({"people": [{"ids": {"powens": "101"}}]}),
        json!({"people": [{"ids": {"powens": 101}}]}),
    ];
    for order in orders {
        let stage = Stage::with(&[("PROVIDERS", "bilanc,blackbird,powens")]).await;
        stage.directory(&directory);
        // Bilanc has seen her as a login only, Powens as a number, Blackbird wants an address.
        let login = Seed {
            github: Some("ada-canary".to_owned()),
            ..Seed::default()
        };
        stage.bilanc.seed(&login, State::Gone);
        let user = Seed {
            id: Some("101".to_owned()),
            ..Seed::default()
        };
        stage.powens.seed(&user, State::Active);
        let onboard = stage.start("onboard").await;
        let expected = [
            "200 done apply",
            "bilanc applied 0",
            "  onboard ada done",
            "blackbird applied 0",
            "  onboard ada done",
            "powens applied 1",
        ];
        assert_eq!(told(&onboard.order(&order).await), expected, "{order}");
        assert_eq!(stage.bilanc.state_of("ada-canary"), Some(State::Active));
        assert_eq!(stage.state("blackbird", "ada"), Some(State::Active));
    }
}

/// The directory knows two addresses of hers, and writes the one she uses first.
#[tokio::test]
async fn the_first_address_is_the_one_to_write_to() {
    let stage = Stage::with(&[("PROVIDERS", "blackbird,appxite")]).await;
    let addresses = format!("{};{};{}", mail("zoe"), mail("ada"), mail("mia"));
    stage.directory(&format!("email,github_username\n{addresses},zoe-canary\n"));
    let onboard = stage.start("onboard").await;
    let answer = onboard.order(&json!({"github_usernames": ["zoe-canary"]})).await;
    assert_eq!(answer.status, 200);
    for provider in ["blackbird", "appxite"] {
        let people = stage.simulator(provider).people().into_iter();
        let addresses: Vec<_> = people.filter_map(|(_, seed, _)| seed.email).collect();
        assert_eq!(addresses, [mail("zoe")], "{provider}");
    }
}

/// The directory has two entries that an order could mean: nobody is touched.
#[tokio::test]
async fn a_person_who_may_be_two_is_left_alone() {
    let stage = Stage::with(&[("PROVIDERS", "blackbird")]).await;
    stage.directory(&csv(["ada", "bob"]));
    let onboard = stage.start("onboard").await;
    let order = json!({"people": [{"email": mail("ada"), "github_username": "bob-canary"}]});
    assert_eq!(
        told(&onboard.order(&order).await),
        ["200 done apply", "blackbird applied 0", "  skip ada ambiguous"]
    );
    assert_eq!(stage.writes(), [""; 0]);
}

#[tokio::test]
async fn a_directory_that_is_down_or_wrong_stops_nobody() {
    let stage = Stage::with(&[("PROVIDERS", "blackbird"), ("CALL_TIMEOUT_MS", "500")]).await;
    stage.directory(&csv(["ada"]));
    let onboard = stage.start("onboard").await;
    let faults = [
        Fault::Status(503),
        Fault::Hang,
        Fault::CutBefore,
        Fault::Garbage,
        Fault::Status(401),
    ];
    for (name, fault) in ["ada", "bob", "cem", "dan", "eve"].into_iter().zip(faults) {
        stage.roster.faults().clear();
        stage
            .roster
            .faults()
            .inject("GET", "/roster.csv", fault.clone(), When::Always);
        let answer = onboard.order(&json!({"email_addresses": [mail(name)]})).await;
        assert_eq!(told(&answer)[0], "200 done apply", "{fault:?}");
        assert_eq!(stage.state("blackbird", name), Some(State::Active), "{fault:?}");
    }
    assert_eq!(stage.blackbird.people().len(), 5);
}
