//! Several sources, one roster: who is merged, who cannot be told apart, and that the order decides nothing.

use proptest::prelude::*;
use shared::error::ErrorKind;
use shared::planning::identity::ProviderId;
use shared::planning::merging::{Role, merge};
use shared::planning::roster::{Access, Person, Roster, Standing};

use super::config;
use super::notation::{check, identity, person, scene, written};

const HERE: ProviderId = ProviderId::new("bilanc");

/// The people of a scene: what they are known by, how they stand, and whether they are entitled here.
fn people(input: &str) -> Vec<String> {
    let shown = |person: &Person| {
        let identities: Vec<String> = person.identities().iter().map(written).collect();
        let entitled = if person.is_entitled_to(HERE) { "here" } else { "nowhere" };
        format!("{} {:?} {entitled}", identities.join(" "), person.standing())
    };
    scene(input).roster().people().iter().map(shown).collect()
}

#[test]
fn entries_that_share_an_identity_are_one_person() {
    assert_eq!(
        people(
            "person ada@acme.test entra:1
             source identities
             person ADA@acme.test github:Ada
             source people
             person github:ada powens:101 elsewhere"
        ),
        ["ada@acme.test github:ada entra:1 powens:101 Active here"]
    );
}

#[test]
fn a_source_of_identities_adds_nobody_and_entitles_nobody() {
    assert_eq!(
        people(
            "person ada@acme.test nowhere
             source identities
             person ada@acme.test github:ada
             person stranger@acme.test github:stranger"
        ),
        ["ada@acme.test github:ada Active nowhere"]
    );
}

#[test]
fn identities_are_found_through_each_other() {
    assert_eq!(
        people(
            "person ada@acme.test
             source identities
             person github:ada powens:101
             source identities
             person ada@acme.test github:ada"
        ),
        ["ada@acme.test github:ada powens:101 Active here"]
    );
}

#[test]
fn entitlements_add_up_and_the_weaker_standing_counts() {
    for (one, other, together) in [
        ("elsewhere", "", "Active here"),
        ("nowhere", "nowhere", "Active nowhere"),
        ("suspended", "", "Suspended here"),
        ("left", "left", "Left nowhere"),
        // Works here by one source and has left by the other: nobody decides that by a guess.
        ("left", "", "Disputed here"),
        ("left", "suspended", "Disputed here"),
    ] {
        for (one, other) in [(one, other), (other, one)] {
            let input = format!("person ada@acme.test {one}\n source people\n person ada@acme.test {other}");
            assert_eq!(people(&input), [format!("ada@acme.test {together}")], "{input}");
        }
    }
}

#[test]
fn one_login_claimed_by_two_people_is_reported_with_both() {
    let input = "
        person ada@acme.test
        person bob@acme.test
        source identities
        person ada@acme.test bob@acme.test github:dev
        account 1 github:dev
        account 2 ada@acme.test
        account 3 eve@acme.test
        ledger
        seen 3 1 10";
    check(input, "offboard 3: absence \n skip 1: ambiguous \n skip 2: ambiguous");
    let plan = scene(input).plan();
    let login = plan
        .skips
        .iter()
        .find(|skip| skip.who.id.as_deref() == Some("1"))
        .expect("a skip");
    let sides: Vec<&str> = login
        .between
        .iter()
        .filter_map(|who| Some(who.email.as_ref()?.key()))
        .collect();
    assert_eq!(sides, ["ada@acme.test", "bob@acme.test"]);
}

#[test]
fn two_people_of_one_source_tied_by_another_stay_two() {
    // A reused address: HR has two people, the other source says that both are one.
    assert_eq!(
        people(
            "person ada@acme.test entra:1
             person ada2@acme.test entra:2
             source people
             person ada@acme.test ada2@acme.test elsewhere"
        ),
        [
            "ada2@acme.test ada@acme.test Disputed nowhere",
            "ada2@acme.test entra:2 Disputed here",
            "ada@acme.test entra:1 Disputed here",
        ]
    );
}

#[test]
fn an_account_that_only_a_disputed_link_knows_is_seen_as_claimed() {
    // The link fits nobody by itself: it hangs on another link that fits two people, and comes before it.
    check(
        "person ada@acme.test
         person bob@acme.test
         source identities
         person ada@acme.test bob@acme.test github:dev
         source identities
         person github:dev aaa@acme.test
         account 1 aaa@acme.test
         ledger
         seen 1 5 100",
        "skip 1: ambiguous \n skip bob@acme.test: ambiguous",
    );
}

#[test]
fn two_people_whom_a_system_tells_apart_are_disputed_and_others_contradict() {
    let two = |a: &[&str], b: &[&str]| Roster::new(vec![person(a).with_access([HERE]), person(b)]);
    let roster = two(&["x@acme.test", "entra:1"], &["x@acme.test", "entra:2"]).expect("two people");
    assert!(
        roster
            .people()
            .iter()
            .all(|person| person.standing() == Standing::Disputed)
    );
    for (a, b) in [
        (["x@acme.test", "entra:1"], ["x@acme.test", "entra:1"]),
        (["x@acme.test", "entra:1"], ["x@acme.test", "okta:1"]),
    ] {
        assert_eq!(two(&a, &b).expect_err("a contradiction").kind(), ErrorKind::Protocol);
    }
}

#[test]
fn missing_from_a_list_that_nobody_counted_is_a_gap() {
    let input = |how: &str, seen: &str| {
        format!(
            "person ada@acme.test {how}\n person bob@acme.test\n account 1 ada@acme.test\n account 2 bob@acme.test\n ledger\n {seen}"
        )
    };
    check(&input("elsewhere", ""), "offboard 1: known leaver");
    check(&input("elsewhere gathered", ""), "skip 1: awaiting_second_sighting");
    check(&input("elsewhere gathered", "seen 1 1 10"), "offboard 1: absence");
    check(&input("left gathered", ""), "offboard 1: known leaver");
    // One source that does not count is enough.
    let both = "source people\n person ada@acme.test nowhere gathered";
    check(&input("elsewhere", both), "skip 1: awaiting_second_sighting");
}

#[test]
fn somebody_has_to_say_who_there_is() {
    let roster = Roster::new(vec![person(&["ada@acme.test"])]).expect("accepted");
    let refused = merge(vec![(Role::Identities, roster)]).expect_err("no source of people");
    assert_eq!(refused.kind(), ErrorKind::Misconfigured);
}

/// A few sources over few identities, so that everything is shared with something.
fn sources() -> impl Strategy<Value = Vec<(Role, Vec<Person>)>> {
    let keys = [
        "a@acme.test",
        "b@acme.test",
        "c@acme.test",
        "github:a",
        "github:b",
        "entra:1",
        "entra:2",
    ];
    let person = (
        prop::sample::subsequence(keys.to_vec(), 1..=3),
        0..4_u8,
        any::<bool>(),
        any::<bool>(),
    );
    let person = person.prop_map(|(keys, standing, entitled, gathered)| {
        let standing = [Standing::Active, Standing::Active, Standing::Suspended, Standing::Left][usize::from(standing)];
        let known = if gathered { Access::Gathered } else { Access::Stated };
        let person = Person::new(keys.into_iter().map(identity)).standing_as(standing);
        person.with_access(entitled.then_some(HERE)).with_access_known(known)
    });
    let source = (any::<bool>(), prop::collection::vec(person, 1..5));
    let source = source.prop_map(|(people, read)| (if people { Role::People } else { Role::Identities }, read));
    prop::collection::vec(source, 1..5)
}

/// What the sources make together; a read that is refused is none.
fn together(sources: &[(Role, Vec<Person>)]) -> Option<Vec<Person>> {
    let rosters = sources
        .iter()
        .map(|(role, read)| Some((*role, Roster::new(read.clone()).ok()?)));
    let roster = merge(rosters.collect::<Option<_>>()?).ok()?;
    Some(roster.people().to_vec())
}

proptest! {
    #![proptest_config(config(400))]

    #[test]
    fn the_order_of_sources_and_entries_decides_nothing(
        (sources, shuffled) in sources().prop_flat_map(|sources| {
            let entries: Vec<_> = sources.iter().map(|(role, read)| (Just(*role), Just(read.clone()).prop_shuffle())).collect();
            (Just(sources), entries.prop_flat_map(|entries| Just(entries).prop_shuffle()))
        })
    ) {
        prop_assert_eq!(together(&sources), together(&shuffled));
    }

    #[test]
    fn nobody_is_lost_made_up_or_merged_by_a_guess(sources in sources()) {
        let Some(merged) = together(&sources) else { return Ok(()) };
        let named = |role: Role| sources.iter().filter(move |(one, _)| *one == role).flat_map(|(_, read)| read);
        // Every identity of a person is still somebody's, and everybody is somebody a source of people names.
        for identity in named(Role::People).flat_map(Person::identities) {
            prop_assert!(merged.iter().any(|person| person.identities().contains(identity)));
        }
        for person in &merged {
            prop_assert!(named(Role::People).any(|one| one.identities().iter().all(|key| person.identities().contains(key))));
        }
        for (i, one) in merged.iter().enumerate() {
            for other in &merged[i + 1..] {
                let share = one.identities().iter().any(|key| other.identities().contains(key));
                // Who shares anything with somebody else is left alone, whatever it is.
                prop_assert!(!share || (one.standing().is_doubtful() && other.standing().is_doubtful()));
            }
        }
        // Nobody is entitled to more than what somebody said of them.
        for person in merged.iter().filter(|person| person.is_entitled_to(HERE)) {
            let says = |one: &&Person| one.is_entitled_to(HERE) && one.identities().iter().any(|key| person.identities().contains(key));
            prop_assert!(named(Role::People).any(|one| says(&one)));
        }
    }
}
