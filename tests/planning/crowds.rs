//! What is put into a crowd is what is read from it, to the letter.

use proptest::prelude::*;
use shared::planning::crowd::Crowd;
use shared::planning::identity::{Identity, Name, ProviderId};
use shared::planning::roster::{Access, Person, Standing};

use super::config;
use super::notation::{identity, person};

/// Everything a person is, as text.
fn spelled(person: &Person) -> String {
    let key = |identity: &Identity| match identity {
        Identity::Email(email) => format!("{} as {}", email.key(), email.written()),
        Identity::Github(login) => format!("github:{} as {}", login.key(), login.written()),
        Identity::Native(source, id) => format!("{source}:{id}"),
    };
    let keys: Vec<String> = person.identities().iter().map(key).collect();
    let primary = person.email().map(|email| email.written().to_owned());
    let Name { first, last } = person.name();
    let (standing, access) = (person.standing(), person.access());
    format!(
        "{keys:?} {primary:?} {first:?} {last:?} {standing:?} {access:?} {}",
        person.is_stated()
    )
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof!["[a-zA-Z0-9]{1,12}", "\\PC{1,40}", "[a-z]{250,260}"]
}

fn anybody() -> impl Strategy<Value = Person> {
    let key = prop_oneof![
        "[a-zA-Z]{1,6}@[aA]cme\\.test".prop_map(|text| identity(&text)),
        "github:[a-zA-Z]{1,6}".prop_map(|text| identity(&text)),
        ("[a-z]{1,8}", text()).prop_map(|(source, id)| Identity::native(&source, &id)),
    ];
    let standing = prop_oneof![
        Just(Standing::Active),
        Just(Standing::Suspended),
        Just(Standing::Left),
        Just(Standing::Disputed),
        Just(Standing::ChangedHands),
    ];
    let known = prop_oneof![Just(Access::Stated), Just(Access::Gathered)];
    let access = prop::collection::vec(prop_oneof![Just("bilanc"), Just("powens"), Just("appxite")], 0..4);
    let names = (prop::option::of(text()), prop::option::of(text()));
    (prop::collection::vec(key, 0..5), standing, known, access, names).prop_map(
        |(keys, standing, known, access, names)| {
            let name = Name {
                first: names.0.map(Into::into),
                last: names.1.map(Into::into),
            };
            Person::new(keys)
                .named(name)
                .with_access(access.into_iter().map(ProviderId::new))
                .with_access_known(known)
                .standing_as(standing)
        },
    )
}

proptest! {
    #![proptest_config(config(400))]

    #[test]
    fn everybody_is_read_as_they_were_put_in(people in prop::collection::vec(anybody(), 0..6)) {
        let crowd: Crowd = people.iter().cloned().collect();
        prop_assert_eq!(crowd.len(), people.len());
        for (place, person) in people.iter().enumerate() {
            let read = crowd.get(place).expect("somebody");
            prop_assert_eq!(spelled(&read), spelled(person));
        }
        prop_assert!(crowd.get(people.len()).is_none());
        prop_assert_eq!(crowd.iter().count(), people.len());
    }
}

#[test]
fn somebody_who_would_be_read_as_somebody_else_is_refused() {
    // A zero ends the system's name in a row.
    let torn = Person::new([Identity::native("h\0r", "1")]);
    let crowd = Crowd::from(vec![person(&["ada@acme.test"]), torn]);
    let refused = shared::planning::roster::Roster::new(crowd).expect_err("a roster that is refused");
    assert_eq!(refused.kind(), shared::error::ErrorKind::Protocol);
}
