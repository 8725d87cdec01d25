//! Explicit orders: whom they concern, and that nobody else is touched.

use super::notation::{bilanc, check, person, policy, scene, shown};
use shared::planning::account::{Account, Status};
use shared::planning::memory::Memory;
use shared::planning::plan::{Desired, plan};

#[test]
fn onboard_adds_and_never_removes() {
    check("onboard ada@acme.test", "onboard ada@acme.test");
    check("onboard ada@acme.test \n account 1 ada@acme.test", "");
    check(
        "onboard ada@acme.test \n account 1 eve@acme.test \n account 2",
        "onboard ada@acme.test",
    );
    check(
        "person eve@acme.test left \n onboard ada@acme.test \n account 1 eve@acme.test",
        "onboard ada@acme.test",
    );
}

#[test]
fn onboard_takes_the_order_for_granted_whatever_the_directory_says() {
    check(
        "person ada@acme.test left \n onboard ada@acme.test",
        "onboard ada@acme.test",
    );
    check(
        "person ada@acme.test elsewhere \n onboard ada@acme.test",
        "onboard ada@acme.test",
    );
}

#[test]
fn offboard_removes_and_never_adds() {
    check(
        "offboard ada@acme.test \n account 1 ada@acme.test \n account 2 bob@acme.test",
        "offboard 1: named",
    );
    check("offboard ada@acme.test", "");
    check(
        "offboard ada@acme.test \n account 1 ada@acme.test invited",
        "offboard 1: named",
    );
    check(
        "person ada@acme.test \n person new@acme.test \n offboard ada@acme.test \n account 1 ada@acme.test",
        "offboard 1: named",
    );
    // Named is evidence enough outside the managed domains.
    check(
        "managed \n offboard ada@home.test \n account 1 ada@home.test",
        "offboard 1: named",
    );
}

#[test]
fn the_directory_completes_the_keys() {
    let people = "person ada@acme.test github:ada powens:101";
    check(
        &format!("{people} \n offboard ada@acme.test \n account 1 github:ada"),
        "offboard 1: named",
    );
    check(
        &format!("{people} \n onboard github:ada"),
        "onboard ada@acme.test github:ada powens:101",
    );
    check(
        &format!("at powens \n {people} \n offboard github:ada \n account 101"),
        "offboard 101: named",
    );
    // Without one, the order stands as it is.
    check("offboard ada@acme.test \n account 1 github:ada", "");
}

#[test]
fn an_order_that_names_a_person_twice_asks_for_one_change() {
    let people = "person ada@acme.test github:ada";
    let twice = "onboard ada@acme.test \n onboard github:ada";
    check(&format!("{people} \n {twice}"), "onboard ada@acme.test github:ada");
    check(&format!("{twice} \n account 1 ada@acme.test github:ada"), "");
    check(
        "onboard ada@acme.test \n onboard Ada@acme.test",
        "onboard ada@acme.test",
    );
    let twice = "offboard ada@acme.test \n offboard github:ada";
    check(
        &format!("{people} \n {twice} \n account 1 ada@acme.test"),
        "offboard 1: named",
    );
    check(
        &format!("{twice} \n account 1 ada@acme.test github:ada"),
        "offboard 1: named",
    );
}

#[test]
fn an_order_for_one_person_by_two_keys_revives_alike_in_any_order() {
    let account = "account 1 ada@acme.test github:ada dormant";
    let one = format!("onboard ada@acme.test \n onboard github:ada \n {account}");
    let other = format!("onboard github:ada \n onboard ada@acme.test \n {account}");
    check(&one, "revive 1 for ada@acme.test");
    assert_eq!(scene(&one).plan(), scene(&other).plan());
}

#[test]
fn a_repeated_person_is_planned_once_even_if_nobody_merged_them() {
    let twice = [person(&["ada@acme.test"]), person(&["ada@acme.test"])];
    let plan = plan(&bilanc(), Desired::Including(&twice), &policy(), &Memory::default());
    assert_eq!(shown(&plan), ["onboard ada@acme.test"]);
}

#[test]
fn an_order_says_nothing_about_how_many_people_there_are() {
    assert_eq!(scene("onboard ada@acme.test").plan().people, None);
    assert_eq!(
        scene("person ada@acme.test \n offboard ada@acme.test").plan().people,
        None
    );
}

#[test]
fn changes_are_the_same_by_account_or_by_person() {
    let changes = |text: &str| scene(text).plan().changes;
    let left = changes("person ada@acme.test left \n account 1 ada@acme.test");
    let named = changes("offboard ada@acme.test \n account 1 ada@acme.test invited");
    let other = changes("offboard ada@acme.test \n account 2 ada@acme.test");
    assert!(left[0].aim() == named[0].aim(), "whatever the evidence and the state");
    assert!(left[0].aim() != other[0].aim());
    let new = changes("onboard ada@acme.test");
    let revived = changes("onboard ada@acme.test \n account 1 ada@acme.test dormant");
    assert!(new[0].aim() == revived[0].aim());
    assert!(new[0].aim() != left[0].aim());
    assert!(new[0].aim() != changes("onboard bob@acme.test")[0].aim());
}

#[test]
fn a_change_names_whom_it_concerns() {
    let scene = scene("person ada@acme.test github:ada left \n account 1 ada@acme.test");
    let who = scene.plan().changes[0].who();
    assert_eq!(who.id.as_deref(), Some("1"));
    assert_eq!(who.email.as_ref().map(|email| email.written()), Some("ada@acme.test"));
    let revived = Account {
        status: Status::Dormant,
        ..Account::new("7", [])
    };
    let mut observed = bilanc();
    observed.accounts.push(revived);
    let order = [person(&["bilanc:7", "github:Ada"])];
    let who = plan(&observed, Desired::Including(&order), &policy(), &Memory::default()).changes[0].who();
    assert_eq!(who.id.as_deref(), Some("7"));
    assert_eq!(who.github_username.as_ref().map(|login| login.written()), Some("Ada"));
}
