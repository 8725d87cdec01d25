//! Removals that are kept back: nobody goes, joiners come all the same, and the answer is loud.

use rehearsal::host::UrlAnswer;
use rehearsal::providers::{Seed, Simulator, State};
use serde_json::json;

use super::apply;
use crate::stage::{Stage, crowd, csv, digest, mail, told};

/// A CSV roster in which these people have left, after those who have not.
fn with_leavers(stay: &[String], left: &[String]) -> String {
    let mut text = csv(stay);
    for name in left {
        text += &format!("{},{name}-canary,{name},Canary,left,\n", mail(name));
    }
    text
}

#[tokio::test]
async fn a_held_plan_removes_nobody_and_still_serves_joiners() {
    let stage = Stage::with(&[("PROVIDERS", "blackbird")]).await;
    let people = crowd("p", 26);
    stage.seed_all("blackbird", &people);
    let joined = [&people[..22], &crowd("new", 2)].concat();
    stage.directory(&with_leavers(&joined, &people[22..]));
    let reconcile = stage.start("reconcile").await;
    let held = reconcile.order(&apply(&json!({}))).await;
    let expected = [
        "409 held apply",
        "blackbird held 26 too_many_removals 4/3 of 26",
        "  onboard new0 done",
        "  onboard new1 done",
    ];
    assert_eq!(told(&held), expected);
    assert_eq!(stage.present("blackbird"), 28);
    assert!(
        !stage.writes().iter().any(|call| call.contains(" PUT ")),
        "{:?}",
        stage.writes()
    );
}

#[tokio::test]
async fn one_provider_that_holds_is_207() {
    let stage = Stage::with(&[("PROVIDERS", "bilanc,blackbird")]).await;
    let people = crowd("p", 26);
    stage.seed_all("blackbird", &people);
    stage.seed_all("bilanc", &people[..23]);
    stage.directory(&with_leavers(&people[..22], &people[22..]));
    let reconcile = stage.start("reconcile").await;
    let lines = told(&reconcile.order(&apply(&json!({}))).await);
    let expected = [
        "207 partial apply",
        "bilanc applied 23",
        "  offboard p22 known_leaver done",
        "blackbird held 26 too_many_removals 4/3 of 26",
    ];
    assert_eq!(lines, expected);
    assert_eq!((stage.present("bilanc"), stage.present("blackbird")), (22, 26));
}

#[tokio::test]
async fn consent_by_the_digest_of_a_preview_lets_exactly_that_list_go() {
    let stage = Stage::with(&[("PROVIDERS", "blackbird")]).await;
    let people = crowd("p", 26);
    stage.seed_all("blackbird", &people);
    stage.directory(&with_leavers(&people[..20], &people[20..]));
    let reconcile = stage.start("reconcile").await;
    let preview = reconcile.order(&json!({})).await;
    let lines = told(&preview);
    assert_eq!(
        lines[..2],
        ["200 done preview", "blackbird previewed 26 too_many_removals 6/3 of 26"]
    );
    assert_eq!(lines.len(), 2 + 6, "the preview shows who would go: {lines:?}");
    let consent = digest(&preview, "blackbird");

    // One more has left since: what somebody looked at is not what would happen.
    stage.directory(&with_leavers(&people[..19], &people[19..]));
    let changed = reconcile.order(&apply(&json!({"consent": [consent]}))).await;
    assert_eq!(
        told(&changed),
        ["409 held apply", "blackbird held 26 too_many_removals 7/3 of 26"]
    );
    assert_ne!(digest(&changed, "blackbird"), consent);
    assert_eq!(stage.present("blackbird"), 26);

    stage.directory(&with_leavers(&people[..20], &people[20..]));
    let answer = reconcile.order(&apply(&json!({"consent": ["other", consent]}))).await;
    assert_eq!(told(&answer)[..2], ["200 done apply", "blackbird applied 26"]);
    assert_eq!(stage.present("blackbird"), 20);
    assert_eq!(
        told(&reconcile.order(&apply(&json!({"consent": [consent]}))).await),
        ["200 done apply", "blackbird applied 26"]
    );
}

#[tokio::test]
async fn consent_at_one_provider_is_none_at_another() {
    let stage = Stage::with(&[("PROVIDERS", "bilanc,blackbird")]).await;
    let people = crowd("p", 12);
    for provider in ["bilanc", "blackbird"] {
        for name in &people {
            // The very same ids at both.
            let seed = Seed {
                id: Some(format!("id-{name}")),
                ..Seed::with_email(&mail(name))
            };
            stage.simulator(provider).seed(&seed, State::Active);
        }
    }
    stage.directory(&with_leavers(&people[..8], &people[8..]));
    let reconcile = stage.start("reconcile").await;
    let preview = reconcile.order(&json!({})).await;
    let (bilanc, blackbird) = (digest(&preview, "bilanc"), digest(&preview, "blackbird"));
    assert_ne!(bilanc, blackbird);
    let answer = reconcile.order(&apply(&json!({"consent": [blackbird]}))).await;
    assert_eq!(answer.status, 207);
    assert_eq!((stage.present("bilanc"), stage.present("blackbird")), (12, 8));
}

/// Without a ledger absence cannot be seen twice, so it always needs consent; known leavers go at once.
#[tokio::test]
async fn absence_needs_consent_where_nothing_is_remembered() {
    let stage = Stage::with(&[("PROVIDERS", "blackbird")]).await;
    let people = crowd("p", 9);
    stage.seed_all("blackbird", &people);
    stage.seed_all("blackbird", ["lost"]);
    stage.directory(&with_leavers(&people[..8], &people[8..]));
    let reconcile = stage.start("reconcile").await;
    let held = reconcile.order(&apply(&json!({}))).await;
    let expected = [
        "409 held apply",
        "blackbird held 10 no_memory 1/0 of 10",
        "  offboard p8 known_leaver done",
    ];
    assert_eq!(told(&held), expected);
    assert_eq!(stage.state("blackbird", "lost"), Some(State::Active));
    let answer = reconcile
        .order(&apply(&json!({"consent": [digest(&held, "blackbird")]})))
        .await;
    assert_eq!(
        told(&answer),
        ["200 done apply", "blackbird applied 10", "  offboard lost absence done"]
    );
}

#[tokio::test]
async fn a_small_roster_removes_nobody_and_serves_joiners() {
    let stage = Stage::with(&[("PROVIDERS", "blackbird"), ("MIN_PEOPLE", "10")]).await;
    let people = crowd("p", 8);
    stage.seed_all("blackbird", &people);
    let joined = [&people[..7], &["new".to_owned()]].concat();
    stage.directory(&with_leavers(&joined, &people[7..]));
    let reconcile = stage.start("reconcile").await;
    let held: UrlAnswer = reconcile.order(&apply(&json!({}))).await;
    assert_eq!(
        told(&held),
        [
            "409 held apply",
            "blackbird held 8 roster_small 1/10 of 8",
            "  onboard new done"
        ]
    );
    assert_eq!(
        (stage.state("blackbird", "p7"), stage.state("blackbird", "new")),
        (Some(State::Active), Some(State::Active))
    );
}

#[tokio::test]
async fn what_is_gone_for_ever_always_needs_consent() {
    let stage = Stage::with(&[("PROVIDERS", "powens")]).await;
    for id in ["101", "102", "103"] {
        stage.powens.seed(
            &Seed {
                id: Some(id.to_owned()),
                ..Seed::default()
            },
            State::Active,
        );
    }
    stage.directory(&format!(
        "email,status,powens_id\n{},active,101\n{},left,102\n",
        mail("ada"),
        mail("bob")
    ));
    let reconcile = stage.start("reconcile").await;
    let held = reconcile.order(&apply(&json!({}))).await;
    // Nobody claims 103: absence is never enough here, with or without consent.
    assert_eq!(
        told(&held),
        [
            "409 held apply",
            "powens held 3 permanent 1/0 of 2",
            "  skip #103 unlinked"
        ]
    );
    assert_eq!(stage.writes(), [""; 0]);
    let answer = reconcile
        .order(&apply(&json!({"consent": [digest(&held, "powens")]})))
        .await;
    let expected = [
        "200 done apply",
        "powens applied 3",
        "  offboard #102 known_leaver done",
        "  skip #103 unlinked",
    ];
    assert_eq!(told(&answer), expected);
    assert_eq!(
        (stage.powens.state_of("101"), stage.powens.state_of("103")),
        (Some(State::Active), Some(State::Active))
    );
}

/// Somebody who should be here cannot be linked to an account, so an account that nobody claims may be theirs.
#[tokio::test]
async fn an_account_that_may_be_somebodys_is_left_alone() {
    let stage = Stage::with(&[("PROVIDERS", "blackbird")]).await;
    stage.seed_all("blackbird", ["ada", "lost"]);
    let text = format!(
        "email,github_username,access\n{},,*\n,gil-canary,blackbird\n",
        mail("ada")
    );
    stage.directory(&text);
    let reconcile = stage.start("reconcile").await;
    let expected = [
        "200 done apply",
        "blackbird applied 2",
        "  skip @gil unidentifiable",
        "  skip lost unlinked",
    ];
    assert_eq!(told(&reconcile.order(&apply(&json!({}))).await), expected);
}
