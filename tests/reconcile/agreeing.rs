//! The main job: providers come to agree with the directory, and then there is nothing left to do.

use rehearsal::providers::{Seed, Simulator, State};
use serde_json::json;

use super::apply;
use crate::stage::{Stage, event, mail, told};

/// One person of every kind.
const ROSTER: &str = "\
email,github_username,first_name,last_name,status,access,powens_id,bamboohr_id
ada.canary@example.com,ada-canary,Ada,Canary,active,*,101,1
Bob.Canary@Example.com;bob.canary@example.org,bob-canary,Bob,Canary,active,bilanc;blackbird,,2
cem.canary@example.com,,Cem,Canary,left,*,102,3
dan.canary@example.com,,Dan,Canary,active,,,4
eve.canary@example.com,,Eve,Canary,suspended,*,,5
fay.canary@example.com,fay-canary,Fay,Canary,active,blackbird;appxite,,6
,gil-canary,Gil,Canary,active,bilanc;blackbird,,7
hal.canary@example.com,,Hal,Canary,active,bilanc;blackbird,,8
ida.canary@example.com,,Ida,Canary,active,bilanc;blackbird,,9
";

async fn stage() -> Stage {
    let stage = Stage::with(&[("PROTECTED", "root.canary@example.com")]).await;
    stage.powens.allow_delete(false);
    stage.publish();
    stage.directory(ROSTER);
    // Cem left, Dan is entitled to nothing, Eve is away, Root is protected, Lux is a contractor from elsewhere.
    for provider in ["bilanc", "blackbird"] {
        stage.seed_all(provider, ["ada", "cem", "dan", "eve", "hal", "ida", "root"]);
        let lux = Seed::with_email("lux.canary@elsewhere.example");
        stage.simulator(provider).seed(&lux, State::Active);
    }
    stage.seed("bilanc", "bob", State::Gone);
    stage.seed("blackbird", "bob", State::Dormant);
    stage.seed_all("appxite", ["ada", "cem"]);
    let with_id = |id: &str| Seed {
        id: Some(id.to_owned()),
        ..Seed::default()
    };
    for id in ["101", "102", "103"] {
        stage.powens.seed(&with_id(id), State::Active);
    }
    stage
}

#[tokio::test]
async fn a_preview_is_what_happens_unless_told_otherwise_and_writes_nothing() {
    let stage = stage().await;
    let reconcile = stage.start("reconcile").await;
    let world = stage.world();
    let expected = [
        "200 done preview",
        "bilanc previewed 8",
        "  offboard cem known_leaver planned",
        "  offboard dan known_leaver planned",
        "  onboard Bob planned",
        "  onboard @gil planned",
        "  skip eve suspended",
        "  skip lux unmanaged",
        "  skip root protected",
        "blackbird previewed 9",
        "  offboard cem known_leaver planned",
        "  offboard dan known_leaver planned",
        "  onboard fay planned",
        "  onboard Bob planned",
        "  skip eve suspended",
        "  skip lux unmanaged",
        "  skip root protected",
        "  skip @gil unidentifiable",
        "appxite previewed 2",
        "  offboard cem known_leaver planned",
        "  onboard fay planned",
        "  skip eve suspended",
        "powens previewed 3",
        "  offboard #102 known_leaver planned",
        "  skip #103 unmanaged",
        "  skip eve suspended",
    ];
    for order in [json!({}), event("reconcile"), json!({"mode": "preview", "consent": []})] {
        assert_eq!(
            sorted(&told(&reconcile.order(&order).await)),
            sorted(&expected),
            "{order}"
        );
    }
    assert_eq!(stage.world(), world);
    assert_eq!(stage.writes(), [""; 0]);
}

#[tokio::test]
async fn applied_the_providers_are_as_the_roster_says_and_a_second_run_changes_nothing() {
    let stage = stage().await;
    let reconcile = stage.start("reconcile").await;
    let expected = [
        "200 done apply",
        "bilanc applied 8",
        "  offboard cem known_leaver done",
        "  offboard dan known_leaver done",
        "  onboard Bob done",
        "  onboard @gil not_found",
        "  skip eve suspended",
        "  skip lux unmanaged",
        "  skip root protected",
        "blackbird applied 9",
        "  offboard cem known_leaver done",
        "  offboard dan known_leaver done",
        "  onboard fay done",
        "  onboard Bob done",
        "  skip eve suspended",
        "  skip lux unmanaged",
        "  skip root protected",
        "  skip @gil unidentifiable",
        "appxite applied 2",
        "  offboard cem known_leaver manual",
        "  onboard fay pending",
        "  skip eve suspended",
        "powens applied 3",
        "  offboard #102 known_leaver manual",
        "  skip #103 unmanaged",
        "  skip eve suspended",
    ];
    assert_eq!(
        sorted(&told(&reconcile.order(&apply(&json!({}))).await)),
        sorted(&expected)
    );
    for (provider, present, gone) in [
        ("bilanc", &["ada", "bob", "eve", "root"][..], &["cem", "dan"][..]),
        ("blackbird", &["ada", "bob", "eve", "fay", "root"], &["cem", "dan"]),
        ("appxite", &["ada", "cem", "fay"], &[]),
    ] {
        for name in present {
            let state = stage.state(provider, name);
            assert!(
                matches!(state, Some(State::Active | State::Invited)),
                "{provider} {name} {state:?}"
            );
        }
        for name in gone {
            let state = stage.state(provider, name);
            assert!(
                matches!(state, Some(State::Dormant | State::Gone)),
                "{provider} {name} {state:?}"
            );
        }
    }
    assert_eq!(
        stage.blackbird.state_of("lux.canary@elsewhere.example"),
        Some(State::Active)
    );
    assert_eq!(stage.present("powens"), 3);

    let world = stage.world();
    stage.clear_calls();
    let again = told(&reconcile.order(&apply(&json!({}))).await);
    let changes: Vec<_> = again.iter().filter(|line| line.contains("board ")).collect();
    // What is left is for people, and for Bilanc to see Gil.
    let left = [
        "  onboard @gil not_found",
        "  offboard cem known_leaver manual",
        "  offboard #102 known_leaver manual",
    ];
    assert_eq!(
        (&*again[0], changes),
        ("200 done apply", left.map(str::to_owned).iter().collect())
    );
    assert_eq!(stage.world(), world);
    assert_eq!(stage.writes(), ["bilanc POST /users/onboarded-users-by-attributes"]);
}

#[tokio::test]
async fn only_the_named_providers_are_reconciled() {
    let stage = stage().await;
    let reconcile = stage.start("reconcile").await;
    let answer = reconcile
        .order(&apply(&json!({"providers": ["appxite", "powens"]})))
        .await;
    let lines = told(&answer);
    assert!(
        !lines
            .iter()
            .any(|line| line.starts_with("bilanc") || line.starts_with("blackbird")),
        "{lines:?}"
    );
    assert!(
        stage
            .calls()
            .iter()
            .all(|call| !call.starts_with("bilanc") && !call.starts_with("blackbird"))
    );
    assert_eq!(stage.state("blackbird", "cem"), Some(State::Active));
}

/// First close, then open: whoever leaves frees a seat for whoever joins.
#[tokio::test]
async fn leavers_go_before_joiners_come() {
    let stage = stage().await;
    let reconcile = stage.start("reconcile").await;
    assert_eq!(
        reconcile
            .order(&apply(&json!({"providers": ["bilanc", "blackbird"]})))
            .await
            .status,
        200
    );
    let writes = stage.writes();
    let place = |what: &str| writes.iter().position(|call| call.contains(what)).unwrap();
    assert!(
        place("POST /users/offboarded") < place("POST /users/onboarded"),
        "{writes:?}"
    );
    assert!(
        place("blackbird PUT") < place("blackbird POST /admin/admin/users"),
        "{writes:?}"
    );
}

/// Everybody is read and judged before anybody is changed, at every provider.
#[tokio::test]
async fn one_run_is_logged_without_naming_anybody() {
    let stage = stage().await;
    stage.blackbird.refuse(&mail("fay"));
    let reconcile = stage.start("reconcile").await;
    assert_eq!(reconcile.order(&apply(&json!({}))).await.status, 207);
    let output = reconcile.output();
    assert!(
        output.contains("a change failed") && output.contains("Protocol"),
        "a failure is logged: {output}"
    );
    assert!(!output.contains("@example"), "an address is in the log: {output}");
    let mut words = output.split(|c: char| !c.is_alphanumeric()); // "ada" may stand in the id of a request
    let name = words.find(|word| ["ada", "gil", "fay"].contains(&&*word.to_lowercase()));
    assert_eq!(name, None, "in the log: {output}");
}

fn sorted<T: AsRef<str>>(lines: &[T]) -> Vec<String> {
    // Lines stay with their provider; within it their order is the planner's business.
    let mut provider = 0;
    let mut keyed: Vec<(usize, String)> = Vec::new();
    for line in lines {
        provider += usize::from(!line.as_ref().starts_with(' '));
        keyed.push((provider, line.as_ref().to_owned()));
    }
    keyed.sort();
    keyed.into_iter().map(|(_, line)| line).collect()
}
