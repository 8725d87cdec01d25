//! Addresses and logins that change hands: who has one now is not who the account was made for.

use shared::planning::owners::{Owners, Systems};
use shared::planning::roster::{Person, Roster, Standing};

use super::notation::{check, person, scene};

fn systems() -> Systems {
    Systems {
        passing: vec!["powens"],
        ..Systems::default()
    }
}

/// How everybody stands in a second read, after a first one was remembered.
fn then(first: &[&[&str]], second: &[&[&str]]) -> Vec<Standing> {
    let read =
        |people: &[&[&str]]| Roster::new(people.iter().map(|keys| person(keys)).collect::<Vec<_>>()).expect("accepted");
    let mut owners = Owners::default();
    for (key, ids) in owners.news(read(first).people(), &systems()) {
        owners.learn(key, ids);
    }
    let roster = read(second).recognised_by(&owners, &systems());
    roster.people().iter().map(Person::standing).collect()
}

#[test]
fn a_login_that_somebody_else_took_is_left_alone() {
    let changed = [Standing::ChangedHands];
    assert_eq!(
        then(
            &[&["github:ada", "github_number:1"]],
            &[&["github:ada", "github_number:2"]]
        ),
        [Standing::Active]
    );
    // The number is the native id of the system `github`, which the notation cannot write.
    let number = |login: &str, number: &str| {
        use shared::planning::identity::{Identity, Login};
        let login = Login::parse(login).map(Identity::Github);
        Person::new(login.into_iter().chain([Identity::native("github", number)]))
    };
    let mut owners = Owners::default();
    for (key, ids) in owners.news([number("LeaVer", "4242")], &systems()) {
        owners.learn(key, ids);
    }
    let standing = |person: Person| {
        let roster = Roster::new(vec![person])
            .expect("accepted")
            .recognised_by(&owners, &systems());
        roster.people().iter().map(Person::standing).collect::<Vec<_>>()
    };
    assert_eq!(standing(number("leaver", "999")), changed);
    assert_eq!(standing(number("leaver", "4242")), [Standing::Active]);
    assert_eq!(
        standing(number("renamed", "4242")),
        [Standing::Active],
        "a rename is the same person"
    );
}

#[test]
fn an_address_that_was_a_leavers() {
    let changed = [Standing::ChangedHands];
    assert_eq!(
        then(&[&["ada@acme.test", "entra:1"]], &[&["ada@acme.test", "entra:2"]]),
        changed
    );
    assert_eq!(
        then(&[&["ada@acme.test", "bamboohr:7"]], &[&["ada@acme.test", "bamboohr:8"]]),
        changed
    );
    // One system knows them again: the same person, whatever another calls them now.
    let (before, after) = (
        &["ada@acme.test", "entra:1", "okta:1"],
        &["ada@acme.test", "entra:1", "okta:2"],
    );
    assert_eq!(then(&[before], &[after]), [Standing::Active]);
    // Another system altogether says nothing.
    assert_eq!(
        then(&[&["ada@acme.test", "entra:1"]], &[&["ada@acme.test", "okta:9"]]),
        [Standing::Active]
    );
    // An account that was made anew, with a new id at the provider, is no other person.
    assert_eq!(
        then(&[&["ada@acme.test", "powens:1"]], &[&["ada@acme.test", "powens:2"]]),
        [Standing::Active]
    );
    // Known by an address only: there is nothing to compare.
    assert_eq!(
        then(&[&["ada@acme.test"]], &[&["ada@acme.test", "entra:2"]]),
        [Standing::Active]
    );
}

#[test]
fn what_is_known_is_told_once_and_what_is_new_is_added() {
    let mut owners = Owners::default();
    let first = person(&["ada@acme.test", "entra:1"]);
    let news = owners.news([first.clone()], &systems());
    assert_eq!(news.len(), 1);
    assert!(!news[0].0.contains("ada"), "a digest, not an address");
    for (key, ids) in news {
        owners.learn(key, ids);
    }
    assert_eq!(owners.news([first.clone()], &systems()), []);
    let both = person(&["ada@acme.test", "entra:1", "okta:5"]);
    let news = owners.news([both.clone()], &systems());
    assert_eq!(news.len(), 1);
    assert_eq!(news[0].1.len(), 2);
    let doubtful = person(&["bob@acme.test", "entra:2"]).standing_as(Standing::Disputed);
    assert_eq!(owners.news([doubtful.clone()], &systems()), []);
}

#[test]
fn nothing_happens_to_whoever_took_over_an_address() {
    // The account is the leaver's: the new hire with the address neither gets it back nor loses it.
    let scene = scene("person ada@acme.test entra:2 \n account 1 ada@acme.test dormant");
    let mut owners = Owners::default();
    for (key, ids) in owners.news([person(&["ada@acme.test", "entra:1"])], &systems()) {
        owners.learn(key, ids);
    }
    let roster = scene.roster().recognised_by(&owners, &systems());
    let memory = super::notation::ledger();
    let desired = shared::planning::plan::Desired::Exactly(&roster);
    let plan = shared::planning::plan::plan(&scene.observed, desired, &scene.policy, &memory);
    assert_eq!(super::notation::shown(&plan), ["skip 1: changed_hands"]);
    check(
        "person ada@acme.test entra:2 \n account 1 ada@acme.test dormant",
        "revive 1 for ada@acme.test entra:2",
    );
}

#[test]
fn another_tenant_gives_other_ids_to_the_same_people() {
    let at = |place: &str| Systems {
        places: [("entra".to_owned(), place.to_owned())].into(),
        ..systems()
    };
    let mut owners = Owners::default();
    for (key, ids) in owners.news([person(&["ada@acme.test", "entra:1"])], &at("one")) {
        owners.learn(key, ids);
    }
    for (place, standing) in [("one", Standing::ChangedHands), ("two", Standing::Active)] {
        let roster = Roster::new(vec![person(&["ada@acme.test", "entra:2"])]).expect("accepted");
        assert_eq!(
            roster.recognised_by(&owners, &at(place)).people()[0].standing(),
            standing,
            "{place}"
        );
    }
}
