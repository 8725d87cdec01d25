//! A plan from what a sieve leaves is the plan from everything; where it could not be, the sieve says so.

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use shared::planning::account::{Account, Observed, Status};
use shared::planning::guard::Policy;
use shared::planning::plan::{Desired, Plan, plan};
use shared::planning::roster::{Person, Roster};
use shared::planning::sieve::{Accounts, Sieve, Sifted};

use super::companies::{AT, Company, companies};
use super::config;
use super::notation::{bilanc, identity, person, policy};

fn sifted(observed: &Observed, roster: &Roster, policy: &Policy) -> Accounts {
    let mut sifted = Sifted::through(Some(Sieve {
        roster,
        policy,
        provider: observed.provider,
        identified_by: observed.capabilities.identified_by,
    }));
    observed
        .accounts
        .iter()
        .cloned()
        .for_each(|account| sifted.take(account));
    sifted.end()
}

/// How many were let go, and the plans from everything and from what was left: none where the sieve says that it is torn.
fn both(company: &Company) -> Option<(usize, Option<(Plan, Plan)>)> {
    let roster = Roster::new(company.people.clone()).ok()?;
    let left = sifted(&company.observed, &roster, &company.policy);
    let of = |observed: &Observed| plan(observed, Desired::Exactly(&roster), &company.policy, &company.memory);
    let part = Observed {
        accounts: left.accounts,
        settled: left.settled.clone(),
        ..company.observed.clone()
    };
    let plans = (!left.torn).then(|| (of(&company.observed), of(&part)));
    Some((left.settled.count(), plans))
}

proptest! {
    #![proptest_config(config(2000))]

    #[test]
    fn a_plan_from_what_is_left_is_the_plan_from_everything(company in companies()) {
        if let Some((_, Some((all, part)))) = both(&company) {
            prop_assert_eq!(all, part);
        }
    }
}

#[test]
fn the_random_companies_are_worth_sifting() {
    let mut runner = TestRunner::new(config(1));
    let (mut let_go, mut torn, mut whole) = (0, 0, 0);
    for _ in 0..1000 {
        let company = companies().new_tree(&mut runner).expect("a company").current();
        match both(&company) {
            Some((_, None)) => torn += 1,
            Some((0, _)) => whole += 1,
            Some((_, Some(_))) => let_go += 1,
            None => {}
        }
    }
    assert!(let_go > 100 && whole > 100 && torn > 5, "{let_go}, {whole}, {torn}");
}

fn account(id: &str, keys: &[&str]) -> Account {
    Account::new(id, keys.iter().map(|key| identity(key)))
}

/// Which of these accounts of one roster are kept, and whether the reading is torn.
fn kept(people: &[Person], accounts: &[Account], policy: &Policy) -> (Vec<String>, usize, bool) {
    let people: Vec<Person> = people.iter().map(|person| person.clone().with_access([AT])).collect();
    let roster = Roster::new(people).expect("accepted");
    let observed = Observed {
        provider: AT,
        accounts: accounts.to_vec(),
        ..bilanc()
    };
    let left = sifted(&observed, &roster, policy);
    let ids = left.accounts.iter().map(|account| account.native_id.to_string());
    (ids.collect(), left.settled.count(), left.torn)
}

#[test]
fn what_is_as_desired_is_let_go_and_nothing_else() {
    let ada = person(&["ada@acme.test", "github:ada"]);
    let whole = account("1", &["ada@acme.test", "github:ada"]);
    let people = std::slice::from_ref(&ada);
    assert_eq!(
        kept(people, std::slice::from_ref(&whole), &policy()),
        (vec![], 1, false)
    );
    // She may hold another one, by the login.
    let half = account("1", &["ada@acme.test"]);
    assert_eq!(kept(people, &[half], &policy()), (vec!["1".to_owned()], 0, false));
    // A stranger, and those whom nobody touches.
    let stranger = account("2", &["eve@acme.test"]);
    assert_eq!(
        kept(people, &[whole.clone(), stranger], &policy()),
        (vec!["2".to_owned()], 1, false)
    );
    for status in [Status::Dormant, Status::Unknown] {
        let odd = Account {
            status,
            ..whole.clone()
        };
        assert_eq!(kept(people, &[odd], &policy()), (vec!["1".to_owned()], 0, false));
    }
    let protected = Policy {
        protected: Some([identity("github:ada")].into()),
        ..policy()
    };
    assert_eq!(kept(people, &[whole], &protected), (vec!["1".to_owned()], 0, false));
}

#[test]
fn a_second_account_of_somebody_tears_the_reading_whichever_comes_first() {
    let ada = person(&["ada@acme.test"]);
    let people = [ada, person(&["bob@acme.test"])];
    let (one, two) = (account("1", &["ada@acme.test"]), account("2", &["ada@acme.test"]));
    let hers_and_his = account("3", &["ada@acme.test", "bob@acme.test"]);
    for pair in [[&one, &two], [&one, &one], [&one, &hers_and_his]] {
        let accounts = pair.map(Clone::clone);
        assert!(kept(&people, &accounts, &policy()).2, "{accounts:?}");
    }
    // Kept from the first, both are there.
    assert_eq!(
        kept(&people, &[hers_and_his, one], &policy()),
        (vec!["3".to_owned(), "1".to_owned()], 0, false)
    );
}
