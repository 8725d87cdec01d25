//! What holds for every plan, of random small companies.

use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use shared::planning::account::Account;
use shared::planning::guard::approve;
use shared::planning::identity::{Identity, ProviderId};
use shared::planning::plan::{Change, Plan};
use shared::planning::roster::{Person, Roster, Standing};

use super::companies::{AT, Company, Trigger, companies, someone};
use super::config;
use super::notation::identity;

/// Everything an account is known by.
fn keys(account: &Account, provider: ProviderId) -> BTreeSet<Identity> {
    let native = Identity::native(provider.name(), &account.native_id);
    account.identities.iter().cloned().chain([native]).collect()
}

fn claimants<'a>(account: &Account, company: &'a Company) -> impl Iterator<Item = &'a Person> {
    let keys = keys(account, company.observed.provider);
    company
        .people
        .iter()
        .filter(move |person| person.identities().iter().any(|key| keys.contains(key)))
}

fn removed(plan: &Plan) -> BTreeSet<String> {
    let removals = plan.changes.iter().filter_map(|change| match change {
        Change::Offboard(leaver) => Some(leaver.account.native_id.to_string()),
        Change::Onboard(_) => None,
    });
    removals.collect()
}

/// A company with its people and accounts in some other order.
fn shuffled() -> impl Strategy<Value = (Company, Company)> {
    companies().prop_flat_map(|company| {
        let people = Just(company.people.clone()).prop_shuffle();
        let accounts = Just(company.observed.accounts.clone()).prop_shuffle();
        let sightings: Vec<_> = company.memory.sightings.clone().into_iter().collect();
        let kept_out: Vec<_> = company.memory.kept_out.iter().cloned().collect();
        let remembered = (Just(sightings).prop_shuffle(), Just(kept_out).prop_shuffle());
        (Just(company), people, accounts, remembered).prop_map(|(company, people, accounts, remembered)| {
            let mut other = company.clone();
            other.people = people;
            other.observed.accounts = accounts;
            other.memory.sightings = remembered.0.into_iter().collect();
            other.memory.kept_out = remembered.1.into_iter().collect();
            (company, other)
        })
    })
}

proptest! {
    #![proptest_config(config(400))]

    #[test]
    fn once_applied_nothing_is_left_to_change(company in companies(), keeps: bool) {
        let Some(plan) = company.plan() else { return Ok(()) };
        let left = company.after(&plan, keeps).plan().expect("the roster is the same");
        prop_assert_eq!(left.changes, []);
    }

    #[test]
    fn order_decides_nothing((company, other) in shuffled()) {
        let plans = (company.plan(), other.plan());
        prop_assert_eq!(format!("{:?}", plans.0), format!("{:?}", plans.1));
        prop_assert_eq!(&plans.0, &plans.1);
        let (Some(one), Some(other_plan)) = plans else { return Ok(()) };
        let (one, held) = approve(one, &company.policy, &company.memory, &[]);
        let (other, also_held) = approve(other_plan, &other.policy, &other.memory, &[]);
        prop_assert_eq!(one.plan(), other.plan());
        prop_assert_eq!(held, also_held, "and the same digest");
    }

    #[test]
    fn no_account_is_changed_twice(company in companies()) {
        let Some(plan) = company.plan() else { return Ok(()) };
        let ids = plan.changes.iter().filter_map(|change| change.who().id);
        let mut seen = BTreeSet::new();
        for id in ids {
            prop_assert!(seen.insert(id.clone()), "account {} is changed twice", id);
        }
    }

    #[test]
    fn removals_spare_everybody_they_have_to_spare(company in companies()) {
        let Some(plan) = company.plan() else { return Ok(()) };
        let reconciles = matches!(company.trigger, Trigger::Reconcile);
        for change in &plan.changes {
            let Change::Offboard(leaver) = change else { continue };
            let account = &leaver.account;
            prop_assert!(account.status.is_present());
            let listed = company.observed.accounts.iter().filter(|a| a.native_id == account.native_id);
            prop_assert_eq!(listed.count(), 1);
            let theirs = claimants(account, &company).flat_map(|person| person.identities().iter().cloned());
            for key in keys(account, AT).into_iter().chain(theirs) {
                prop_assert!(!company.policy.protects(&key), "protected");
            }
            for person in claimants(account, &company).filter(|_| reconciles) {
                prop_assert!(!person.is_entitled_to(AT), "entitled");
                prop_assert!(person.standing() != Standing::Suspended, "suspended");
            }
        }
    }

    #[test]
    fn a_trigger_does_what_it_is_for_and_nothing_else(company in companies()) {
        let Some(plan) = company.plan() else { return Ok(()) };
        let removals = removed(&plan).len();
        match company.trigger {
            Trigger::Reconcile => {}
            Trigger::Onboard => prop_assert_eq!(removals, 0),
            Trigger::Offboard => prop_assert_eq!(removals, plan.changes.len()),
        }
        prop_assert!(plan.changes.is_sorted_by_key(|change| matches!(change, Change::Onboard(_))), "closing first");
        prop_assert!(plan.managed <= plan.observed);
    }

    #[test]
    fn somebody_more_in_the_roster_removes_nobody_more(company in companies(), joiner in someone(9), n in 0..8_usize) {
        let mut fuller = company.clone();
        // Somebody who belongs here, by their own keys or by those of somebody who is there already.
        let key = identity(&format!("p{n}@acme.test"));
        let keys = joiner.identities().iter().cloned().chain([key]);
        fuller.people.push(Person::new(keys).with_access([AT]));
        fuller.trigger = Trigger::Reconcile;
        let company = Company { trigger: Trigger::Reconcile, ..company };
        let (Some(before), Some(after)) = (company.plan(), fuller.plan()) else { return Ok(()) };
        prop_assert!(removed(&after).is_subset(&removed(&before)));
    }

    #[test]
    fn a_roster_is_accepted_or_refused_alike_in_any_order((company, other) in shuffled()) {
        let read = |company: &Company| Roster::new(company.people.clone()).map_err(|error| error.kind());
        match (read(&company), read(&other)) {
            (Ok(one), Ok(other)) => prop_assert_eq!(one.people(), other.people()),
            (Err(one), Err(other)) => prop_assert_eq!(one, other),
            _ => prop_assert!(false, "accepted in one order only"),
        }
    }
}

#[test]
fn the_random_companies_are_worth_planning() {
    let mut runner = TestRunner::new(config(1));
    let mut seen: BTreeSet<String> = BTreeSet::new();
    let (mut planned, all) = (0, 400);
    for _ in 0..all {
        let company = companies().new_tree(&mut runner).expect("a company").current();
        let Some(plan) = company.plan() else { continue };
        planned += 1;
        for change in &plan.changes {
            seen.insert(match change {
                Change::Offboard(leaver) => format!("{:?}", leaver.evidence),
                Change::Onboard(joiner) if joiner.account.is_some() => "Revive".to_owned(),
                Change::Onboard(_) => "Onboard".to_owned(),
            });
        }
        seen.extend(plan.skips.iter().map(|skip| skip.why.name().to_owned()));
    }
    assert!(planned > all / 2, "most rosters are accepted: {planned} of {all}");
    assert_eq!(
        seen.into_iter().collect::<Vec<_>>(),
        [
            "Absence",
            "KnownLeaver",
            "Named",
            "Onboard",
            "Revive",
            "ambiguous",
            "awaiting_second_sighting",
            "held",
            "protected",
            "suspended",
            "unidentifiable",
            "unknown_status",
            "unlinked",
            "unmanaged",
        ]
    );
}
