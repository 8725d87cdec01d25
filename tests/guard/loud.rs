//! The guard bench, row K: whatever holds is an error state, and the report says which rule and whom.

use shared::planning::account::Offboarding;
use shared::planning::guard::{Policy, Rule};
use shared::planning::memory::{Memory, Remembering};
use shared::planning::plan::Evidence;
use shared::planning::report::{Ending, Mode, Outcome, ProviderReport, Report, RunStatus};

use super::random::Case;
use super::{at, joiners, no_ledger, ordered, removals, removing};
use crate::planning::notation::{bilanc, ledger, policy};

const RULES: [Rule; 8] = [
    Rule::TooManyRemovals,
    Rule::RosterSmall,
    Rule::RosterShrank,
    Rule::Permanent,
    Rule::NoMemory,
    Rule::Paused,
    Rule::TooManyOrders,
    Rule::ProtectedUnreadable,
];

/// Plans that break this rule and no other.
fn broken(rule: Rule) -> Vec<Case> {
    let leaver = || Case {
        plan: removing(1, Evidence::KnownLeaver),
        policy: policy(),
        memory: ledger(),
    };
    let planned = |plan| Case { plan, ..leaver() };
    let remembered = |memory| Case { memory, ..leaver() };
    let under = |policy| Case { policy, ..leaver() };
    match rule {
        Rule::TooManyRemovals => vec![
            planned(removing(51, Evidence::KnownLeaver)),
            planned(removing(51, Evidence::Absence)),
            remembered(Memory {
                removed: 60,
                ..ledger()
            }),
        ],
        Rule::RosterSmall => vec![under(Policy {
            min_people: 1_001,
            ..policy()
        })],
        Rule::RosterShrank => vec![remembered(Memory {
            last_roster: Some(1_112),
            ..ledger()
        })],
        Rule::Permanent => [Evidence::Named, Evidence::KnownLeaver]
            .map(|evidence| planned(at(removing(1, evidence), Offboarding::Permanent)))
            .into(),
        Rule::NoMemory => vec![
            Case {
                plan: removing(1, Evidence::Absence),
                ..remembered(no_ledger())
            },
            remembered(Memory {
                remembering: Remembering::Unreadable,
                ..ledger()
            }),
        ],
        Rule::Paused => vec![remembered(Memory {
            paused: true,
            ..ledger()
        })],
        Rule::TooManyOrders => vec![planned(ordered(26))],
        Rule::ProtectedUnreadable => vec![under(Policy {
            protected: None,
            ..policy()
        })],
    }
}

/// The report of a provider whose plan was judged, everything that may be done being done.
fn report(case: &Case, mode: Mode) -> ProviderReport {
    let (approved, held) = case.judge(&[]);
    let ending = match (mode, &held) {
        (Mode::Preview, _) => Ending::Previewed,
        (Mode::Apply, Some(_)) => Ending::Held,
        (Mode::Apply, None) => Ending::Applied,
    };
    let changes = approved.plan().changes.iter().cloned();
    ProviderReport {
        changes: changes.map(|change| (change, Some(Outcome::Done))).collect(),
        held,
        ..ProviderReport::of(approved.plan(), ending)
    }
}

fn status(providers: Vec<ProviderReport>) -> RunStatus {
    let report = Report {
        mode: Mode::Apply,
        providers,
        ledger: None,
        unknown: Vec::new(),
    };
    report.status()
}

#[test]
fn k_every_rule_holds_aloud_and_serves_the_joiners() {
    for rule in RULES {
        for case in broken(rule) {
            let removing = removals(&case.plan).len();
            let report = report(&case, Mode::Apply);
            let held = report.held.as_ref().expect("held");
            assert_eq!((held.rule, held.changes.len()), (rule, removing));
            assert_eq!(held.managed, 1_000);
            assert_eq!(
                report.changes.len(),
                joiners(&case.plan),
                "{}: all join, nobody leaves",
                rule.name()
            );
            assert_eq!(status(vec![report]), RunStatus::Held, "{}", rule.name());
        }
    }
}

#[test]
fn k_one_held_provider_among_others_is_an_error_state_too() {
    let good = || ProviderReport {
        held: None,
        ending: Ending::Applied,
        ..report(&broken(Rule::Paused)[0], Mode::Apply)
    };
    assert_eq!(status(vec![good(), good()]), RunStatus::Done);
    for rule in RULES {
        for case in broken(rule) {
            let held = || report(&case, Mode::Apply);
            assert_eq!(status(vec![held(), good()]), RunStatus::Partial, "{}", rule.name());
            assert_eq!(status(vec![good(), held()]), RunStatus::Partial, "{}", rule.name());
            assert_eq!(status(vec![held(), held()]), RunStatus::Held, "{}", rule.name());
        }
    }
}

#[test]
fn k_a_preview_shows_what_would_be_held_and_by_which_rule() {
    for rule in RULES {
        for case in broken(rule) {
            let report = report(&case, Mode::Preview);
            assert_eq!(report.held.map(|held| held.rule), Some(rule));
        }
    }
}

#[test]
fn k_what_breaks_no_rule_is_not_held() {
    // Each case above is one step from this one.
    let case = Case {
        plan: removing(50, Evidence::KnownLeaver),
        policy: Policy {
            min_people: 1_000,
            ..policy()
        },
        memory: Memory {
            last_roster: Some(1_111),
            ordered: 25,
            ..ledger()
        },
    };
    let report = report(&case, Mode::Apply);
    assert_eq!((report.provider, &report.held), (bilanc().provider, &None));
    assert_eq!(status(vec![report]), RunStatus::Done);
}
