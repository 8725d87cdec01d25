//! People who change: their names, their records, their accounts; and who comes after them.

use shared::planning::identity::{Identity, Login};
use shared::planning::owners::{Owners, Systems};
use shared::planning::plan::{Desired, plan};
use shared::planning::roster::{Person, Roster};

use crate::planning::notation::{check, ledger, person, scene, shown};

/// The plan for `then`, after `before` was remembered.
fn remembering(before: &Person, then: &str) -> Vec<String> {
    let mut owners = Owners::default();
    for (key, ids) in owners.news([before.clone()], &Systems::default()) {
        owners.learn(key, ids);
    }
    let scene = scene(then);
    let roster = scene.roster().recognised_by(&owners, &Systems::default());
    shown(&plan(
        &scene.observed,
        Desired::Exactly(&roster),
        &scene.policy,
        &ledger(),
    ))
}

// Source: <https://learn.microsoft.com/exchange/recipients-in-exchange-online/manage-user-mailboxes/add-or-remove-email-addresses> (the old address becomes an alias)
#[test]
fn a_new_name_keeps_the_old_address_as_an_alias() {
    check(
        "person ada.king@acme.test ada.byron@acme.test \n account 1 ada.byron@acme.test",
        "",
    );
}

// Source: integrations of HR systems: an address is given to the next hire of that name (BambooHR and Entra both allow it)
#[test]
fn a_recycled_address_does_not_bring_the_leavers_account_back() {
    let leaver = person(&["ada@acme.test", "entra:1"]);
    assert_eq!(
        remembering(
            &leaver,
            "person ada@acme.test entra:2 \n account 1 ada@acme.test dormant"
        ),
        ["skip 1: changed_hands"]
    );
    assert_eq!(
        remembering(
            &leaver,
            "person ada@acme.test entra:1 \n account 1 ada@acme.test dormant"
        ),
        ["revive 1 for ada@acme.test entra:1"]
    );
}

// Source: <https://docs.github.com/en/account-and-profile/concepts/username-changes> (the old login is free for anyone)
#[test]
fn a_login_that_somebody_else_took_is_reported() {
    let number = |login: &str, number: &str| {
        let login = Login::parse(login).map(Identity::Github);
        Person::new(login.into_iter().chain([Identity::native("github", number)]))
    };
    let mut owners = Owners::default();
    for (key, ids) in owners.news([number("leaver", "4242")], &Systems::default()) {
        owners.learn(key, ids);
    }
    let scene = scene("person nobody@acme.test \n account 1 github:leaver");
    let here = scene.observed.provider;
    let planned = |person: Person| {
        let roster = Roster::new(vec![person.with_access([here])])
            .unwrap()
            .recognised_by(&owners, &Systems::default());
        shown(&plan(
            &scene.observed,
            Desired::Exactly(&roster),
            &scene.policy,
            &ledger(),
        ))
    };
    assert_eq!(planned(number("leaver", "999")), ["skip 1: changed_hands"]);
    assert_eq!(planned(number("leaver", "4242")), [""; 0]);
}

// Source: HR systems make a new record for whoever comes back (BambooHR: rehire; the old one stays, inactive)
#[test]
fn two_records_of_one_address_are_left_alone() {
    check(
        "person ada@acme.test bamboohr:7 left \n person ada@acme.test bamboohr:9 \n account 1 ada@acme.test",
        "skip 1: ambiguous",
    );
}

// Source: <https://docs.github.com/en/account-and-profile/concepts/account-management> (one person may have two accounts)
#[test]
fn a_person_with_two_logins_has_two_accounts_and_nobody_chooses() {
    check(
        "person ada@acme.test \n source identities \n person ada@acme.test github:ada github:ada-bot
         account 1 github:ada \n account 2 github:ada-bot",
        "skip 1: ambiguous \n skip 2: ambiguous",
    );
}

// Source: <https://docs.github.com/en/organizations/managing-saml-single-sign-on-for-your-organization> (a link may be to the wrong identity)
#[test]
fn a_login_linked_to_two_people_is_nobodys() {
    check(
        "person ada@acme.test left \n person bob@acme.test
         source identities \n person ada@acme.test github:dev \n person bob@acme.test github:dev
         account 1 github:dev",
        "skip 1: ambiguous",
    );
}

// Source: the roster file's own column `powens_id`: an id given to two people
#[test]
fn two_people_with_the_same_native_id_are_left_alone() {
    check(
        "at powens \n person ada@acme.test powens:101 left \n person bob@acme.test powens:102
         source people \n person bob@acme.test powens:101
         account 101 \n account 102",
        "skip 101: ambiguous \n skip 102: ambiguous",
    );
}

// Source: RFC 7643 §4.1 and its kin: sources disagree while one of them is behind
#[test]
fn gone_in_one_source_and_working_in_another_is_left_alone() {
    check(
        "person ada@acme.test left \n source people \n person ada@acme.test \n account 1 ada@acme.test",
        "skip 1: ambiguous",
    );
}
