//! Which reads of the directory are accepted, and how an order is completed by it.

use shared::error::{Error, ErrorKind};
use shared::planning::identity::{Email, Identity, Name, ProviderId};
use shared::planning::roster::{Person, Roster, Standing, merged};

use super::notation::{ELSEWHERE, person};

const HERE: ProviderId = ProviderId::new("bilanc");

fn entitled(identities: &[&str]) -> Person {
    person(identities).with_access([HERE])
}

fn left(identities: &[&str]) -> Person {
    person(identities).standing_as(Standing::Left)
}

fn named(person: Person, first: &str) -> Person {
    person.named(Name {
        first: Some(first.into()),
        last: None,
    })
}

fn refused(read: Vec<Person>) -> Error {
    Roster::new(read).expect_err("a roster that is refused")
}

fn standings(read: Vec<Person>) -> Vec<Standing> {
    let roster = Roster::new(read).expect("a roster that is accepted");
    roster.people().iter().map(Person::standing).collect()
}

#[test]
fn an_empty_read_is_held() {
    assert_eq!(refused(Vec::new()).kind(), ErrorKind::Held);
}

#[test]
fn an_entry_without_a_key_is_malformed() {
    assert_eq!(
        refused(vec![person(&["ada@acme.test"]), person(&[])]).kind(),
        ErrorKind::Protocol
    );
}

#[test]
fn equal_entries_are_one_person() {
    let roster = Roster::new(vec![
        entitled(&["ada@acme.test", "github:ada"]),
        entitled(&["bob@acme.test"]),
        entitled(&["github:ADA", "Ada@Acme.test"]),
    ]);
    let roster = roster.expect("accepted");
    assert_eq!(roster.people().len(), 2);
    assert!(
        roster
            .people()
            .iter()
            .all(|person| person.standing() == Standing::Active)
    );
    // Two who left, whatever they were entitled to before.
    assert_eq!(
        standings(vec![
            left(&["ada@acme.test"]),
            left(&["ada@acme.test"]).with_access([HERE])
        ]),
        [Standing::Left]
    );
}

#[test]
fn equal_entries_with_other_names_are_one_person_with_the_fuller_name() {
    let nameless = entitled(&["ada@acme.test"]);
    let ada = named(nameless.clone(), "Ada");
    for read in [vec![nameless.clone(), ada.clone()], vec![ada, nameless]] {
        let roster = Roster::new(read).expect("accepted");
        let names: Vec<Option<String>> = roster.people().iter().map(|person| person.name().full()).collect();
        assert_eq!(names, [Some("Ada".to_owned())]);
    }
}

#[test]
fn entries_that_share_a_key_and_differ_contradict_each_other() {
    let here = || entitled(&["ada@acme.test", "github:ada"]);
    for other in [
        left(&["ada@acme.test", "github:ada"]),
        left(&["ada@acme.test"]),
        entitled(&["github:ada"]).standing_as(Standing::Suspended),
        person(&["github:ada"]),
        person(&["github:ada"]).with_access([ELSEWHERE]),
        entitled(&["github:ada", "bob@acme.test"]).with_access([HERE, ELSEWHERE]),
    ] {
        assert_eq!(refused(vec![here(), other.clone()]).kind(), ErrorKind::Protocol);
        assert_eq!(refused(vec![other, here()]).kind(), ErrorKind::Protocol);
    }
}

#[test]
fn a_contradiction_is_found_behind_a_dispute_in_any_order() {
    // The first two share an address and agree; the third shares the login of the second and does not.
    let read = [
        entitled(&["ada@acme.test", "bob@acme.test"]),
        entitled(&["bob@acme.test", "github:bob"]),
        entitled(&["github:bob"]).standing_as(Standing::Suspended),
    ];
    for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
        let read = order.map(|i: usize| read[i].clone());
        assert_eq!(refused(read.into()).kind(), ErrorKind::Protocol, "{order:?}");
    }
}

#[test]
fn entries_that_share_a_key_and_agree_are_disputed() {
    let shared = |one: &str| entitled(&[one, "github:dev"]);
    let read = vec![
        shared("ada@acme.test"),
        shared("bob@acme.test"),
        entitled(&["eve@acme.test"]),
    ];
    assert_eq!(
        standings(read),
        [Standing::Disputed, Standing::Disputed, Standing::Active]
    );
    let three = vec![shared("a@acme.test"), shared("b@acme.test"), shared("c@acme.test")];
    assert_eq!(standings(three), [Standing::Disputed; 3]);
}

#[test]
fn a_repeated_entry_counts_once_also_in_a_dispute() {
    let ada = || entitled(&["ada@acme.test", "github:dev"]);
    let bob = || entitled(&["bob@acme.test", "github:dev"]);
    for read in [
        vec![ada(), ada(), bob()],
        vec![ada(), bob(), ada()],
        vec![bob(), ada(), ada()],
    ] {
        assert_eq!(standings(read), [Standing::Disputed; 2]);
    }
}

#[test]
fn who_left_is_entitled_to_nothing() {
    let person = entitled(&["ada@acme.test"]).standing_as(Standing::Left);
    assert!(person.access().is_empty());
    assert!(!person.is_entitled_to(HERE));
    assert!(entitled(&["ada@acme.test"]).is_entitled_to(HERE));
    assert!(!entitled(&["ada@acme.test"]).is_entitled_to(ELSEWHERE));
}

#[test]
fn who_left_stays_entitled_to_nothing_in_a_dispute() {
    let left = |one: &str| entitled(&[one, "github:dev"]).standing_as(Standing::Left);
    let roster = Roster::new(vec![left("ada@acme.test"), left("bob@acme.test")]).expect("accepted");
    assert!(
        roster
            .people()
            .iter()
            .all(|person| person.standing() == Standing::Disputed)
    );
    assert!(roster.people().iter().all(|person| person.access().is_empty()));
}

#[test]
fn completing_adds_the_keys_and_the_name_and_nothing_else() {
    let known = named(left(&["ada@acme.test", "github:ada", "powens:101"]), "Ada");
    let roster = Roster::new(vec![known, entitled(&["bob@acme.test"])]).expect("accepted");
    let complete = |named: Person| roster.complete(&[named]).remove(0);
    let completed = complete(person(&["github:ADA"]));
    assert_eq!(
        completed.identities(),
        person(&["ada@acme.test", "github:ada", "powens:101"]).identities()
    );
    assert_eq!(completed.name().full().as_deref(), Some("Ada"));
    assert_eq!(
        completed.standing(),
        Standing::Active,
        "the order decides, not the directory"
    );
    // The order's own name and further keys stay.
    let completed = complete(named(person(&["ada@acme.test", "hibob:7"]), "Adeline"));
    assert_eq!(completed.identities().len(), 4);
    assert_eq!(completed.name().full().as_deref(), Some("Adeline"));
    assert_eq!(complete(person(&["new@acme.test"])), person(&["new@acme.test"]));
}

#[test]
fn who_fits_two_people_is_disputed() {
    let roster = vec![entitled(&["ada@acme.test"]), entitled(&["bob@acme.test"])];
    let roster = Roster::new(roster).expect("accepted");
    let completed = roster.complete(&[person(&["ada@acme.test", "bob@acme.test"])]);
    assert_eq!(completed.len(), 1);
    assert_eq!(completed[0].standing(), Standing::Disputed);
    assert_eq!(completed[0].identities().len(), 2);
}

#[test]
fn who_fits_a_disputed_person_is_disputed() {
    let roster = vec![
        entitled(&["ada@acme.test", "github:dev"]),
        entitled(&["bob@acme.test", "github:dev"]),
    ];
    let roster = Roster::new(roster).expect("accepted");
    for key in ["ada@acme.test", "github:dev"] {
        assert_eq!(roster.complete(&[person(&[key])])[0].standing(), Standing::Disputed);
    }
}

#[test]
fn two_entries_of_an_order_for_one_person_become_one() {
    let roster = Roster::new(vec![entitled(&["ada@acme.test", "github:ada"])]).expect("accepted");
    let order = [
        person(&["ada@acme.test"]),
        person(&["bob@acme.test"]),
        person(&["github:ada"]),
    ];
    assert_eq!(roster.complete(&order).len(), 2);
    // Without the directory nobody knows that they are one.
    assert_eq!(merged(&order).len(), 3);
}

#[test]
fn merging_follows_chains_and_keeps_doubt() {
    let chain = [
        person(&["a@acme.test"]),
        person(&["b@acme.test"]),
        person(&["c@acme.test"]),
        person(&["a@acme.test", "b@acme.test"]),
        person(&["b@acme.test", "c@acme.test"]),
    ];
    let people = merged(&chain);
    assert_eq!(people.len(), 1);
    assert_eq!(people[0].identities().len(), 3);
    let doubtful = person(&["a@acme.test"]).standing_as(Standing::Disputed);
    for pair in [[doubtful.clone(), chain[0].clone()], [chain[0].clone(), doubtful]] {
        assert_eq!(merged(&pair)[0].standing(), Standing::Disputed);
    }
    assert!(merged(&[]).is_empty());
}

#[test]
fn the_address_named_first_is_the_one_to_write_to() {
    let email = |text: &str| Identity::Email(Email::parse(text).unwrap());
    let person = Person::new([email("zoe@example.com"), email("alias@example.com")]);
    assert_eq!(person.email().unwrap().key(), "zoe@example.com");
    assert_eq!(person.who().email.unwrap().key(), "zoe@example.com");

    let roster = Roster::new(vec![person]).unwrap();
    let [completed] = roster
        .complete(&[Person::new([email("alias@example.com")])])
        .try_into()
        .unwrap();
    assert_eq!(
        completed.email().unwrap().key(),
        "alias@example.com",
        "the order's own address"
    );
}
