//! The made-up company keeps its promises at every size.

use std::collections::BTreeSet;

use super::*;

#[test]
fn stays_within_the_guards_limits_at_every_size() {
    for size in (12..500).chain([1_000, 2_604, 5_000, 10_000]) {
        let company = Company::new(size);
        assert_eq!(company.people.len(), size);
        for provider in ["bilanc", "blackbird", "appxite", "powens"] {
            let present =
                |person: &&Person| matches!(person.accounts.get(provider), Some(State::Active | State::Invited));
            let managed = company.people.iter().filter(present).count();
            let removed = company
                .people
                .iter()
                .filter(present)
                .filter(|person| !person.access.contains(&provider))
                .count();
            let limit = (managed * 5 / 100).max(3).min(managed / 3).max(1);
            assert!(
                removed <= limit,
                "{provider} at {size}: {removed} of {managed} leave, the limit is {limit}"
            );
        }
    }
}

#[test]
fn is_the_same_every_time_and_names_nobody_twice() {
    let company = Company::new(5_000);
    assert_eq!(company.roster_csv(), Company::new(5_000).roster_csv());
    let addresses: BTreeSet<_> = company.people.iter().map(|person| &person.email).collect();
    assert_eq!(addresses.len(), 5_000);
    let logins = || {
        company
            .people
            .iter()
            .filter_map(|person| person.github.as_deref().map(str::to_lowercase))
    };
    assert_eq!(logins().collect::<BTreeSet<_>>().len(), logins().count());
}

#[test]
fn has_the_whole_cast_at_its_usual_size() {
    let people = Company::new(26).people;
    let at = |provider: &'static str, state: Option<State>| {
        let entitled = people.iter().filter(move |person| person.access.contains(&provider));
        entitled
            .filter(|person| person.accounts.get(provider) == state.as_ref())
            .count()
    };
    assert_eq!(at("bilanc", Some(State::Gone)), 2, "joiners that Bilanc knows");
    assert_eq!(at("bilanc", None), 1, "somebody Bilanc has never seen");
    assert_eq!(at("blackbird", Some(State::Dormant)), 1, "somebody who came back");
    assert_eq!(at("appxite", Some(State::Invited)), 1, "a pending invitation");
    let leavers = |provider| {
        people
            .iter()
            .filter(|person| person.left && person.accounts.contains_key(provider))
            .count()
    };
    assert_eq!(
        [
            leavers("bilanc"),
            leavers("blackbird"),
            leavers("appxite"),
            leavers("powens")
        ],
        [2, 1, 1, 1]
    );
}
