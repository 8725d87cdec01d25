//! `Debug` of everything the planner knows prints no address, no login and no name: logs may hold it.

use shared::error::{Error, ErrorKind};
use shared::planning::account::Account;
use shared::planning::guard::approve;
use shared::planning::identity::{Email, Login, Name, Who};
use shared::planning::memory::Memory;
use shared::planning::people::merge;
use shared::planning::plan::{Desired, plan};
use shared::planning::report::{Ending, Mode, Outcome, ProviderReport, Report};
use shared::planning::roster::Roster;

use super::notation::{bilanc, identity, person, policy};

/// In every address, login and name below.
const CANARY: &str = "canary";

fn silent(printed: &str) {
    assert!(!printed.to_lowercase().contains(CANARY), "{printed}");
}

#[test]
fn keys_and_names() {
    let email = Email::parse("Canary.Bird@acme.test").unwrap();
    assert_eq!(format!("{email:?}"), "***@acme.test");
    assert_eq!(format!("{:?}", Login::parse("canary").unwrap()), "***");
    assert_eq!(format!("{:?}", identity("github:canary")), "github:***");
    assert_eq!(format!("{:?}", identity("powens:canary")), "powens:***");
    let name = Name {
        first: Some("Canary".into()),
        last: Some("Bird".into()),
    };
    assert_eq!(format!("{name:?}"), "***");
    silent(&format!(
        "{:?}",
        Who::new(&[identity("canary@acme.test"), identity("github:canary")], Some("1"))
    ));
}

#[test]
fn everything_that_holds_people_or_accounts() {
    let name = Name {
        first: Some("Canary".into()),
        last: Some("Canary".into()),
    };
    let key = |n: usize| format!("canary{n}@acme.test");
    let someone = |n: usize| {
        let identities = [identity(&key(n)), identity(&format!("github:canary{n}"))];
        shared::planning::roster::Person::new(identities).named(name.clone())
    };
    let mut observed = bilanc();
    for n in 0..4 {
        let mut account = Account::new(&n.to_string(), someone(n).identities().to_vec());
        account.name = Some("Canary".into());
        observed.accounts.push(account);
    }
    let roster = Roster::new(vec![
        someone(0),
        someone(1),
        someone(7).with_access([observed.provider]),
    ])
    .unwrap();
    let mut policy = policy();
    policy.protected = Some([identity(&key(3))].into());
    let memory = Memory {
        kept_out: someone(7).identities().iter().cloned().collect(),
        ..Memory::default()
    };
    silent(&format!("{observed:?} {roster:?} {policy:?} {memory:?}"));
    silent(&format!("{:?}", merge(std::slice::from_ref(&observed), Some(&roster))));

    let plan = plan(&observed, Desired::Exactly(&roster), &policy, &Memory::default());
    let printed = format!("{plan:?}");
    silent(&printed);
    for word in ["KnownLeaver", "Absence", "Onboard", "Protected"] {
        assert!(printed.contains(word), "the plan holds one of each: {printed}");
    }
    let outcomes = plan.changes.iter().map(|change| (change.clone(), Some(Outcome::Done)));
    let report = ProviderReport {
        changes: outcomes.collect(),
        unsettled: plan.changes.clone(),
        ..ProviderReport::of(&plan, Ending::Applied)
    };
    let (approved, held) = approve(plan, &policy, &Memory::default(), &[]);
    assert!(held.is_some());
    silent(&format!("{approved:?} {held:?}"));
    let report = Report {
        mode: Mode::Apply,
        providers: vec![ProviderReport { held, ..report }],
        ledger: None,
        unknown: Vec::new(),
    };
    silent(&format!("{report:?}"));
}

#[test]
fn the_errors_of_a_refused_roster() {
    let left = person(&["canary@acme.test"]).standing_as(shared::planning::roster::Standing::Left);
    let here = person(&["canary@acme.test", "github:canary"]).with_access([bilanc().provider]);
    let error = Roster::new(vec![left, here]).expect_err("a contradiction");
    assert_eq!(error.kind(), ErrorKind::Protocol);
    silent(&format!("{error} {error:?}"));
}

#[test]
fn a_failed_outcome_prints_the_error_and_nothing_of_the_person() {
    let failed = Outcome::Failed(Error::new(ErrorKind::Protocol, "no such field"));
    assert_eq!(format!("{failed:?}"), "Failed(Protocol: no such field)");
}
