//! The clause that all others are for: what was decided is done, and then nothing is left to decide.

use std::collections::BTreeSet;
use std::time::Duration;

use rehearsal::providers::State;
use shared::planning::account::{Account, Observed, Offboarding};
use shared::planning::guard::{Approved, Policy, approve};
use shared::planning::identity::Identity;
use shared::planning::memory::{Memory, Remembering};
use shared::planning::plan::{Change, Desired, Joiner, Plan, plan};
use shared::planning::report::Outcome;
use shared::planning::roster::{Person, Roster, Standing};

use super::face::Face;
use super::stage::{Stage, address};

fn policy(protected: &[Identity]) -> Policy {
    Policy {
        managed_domains: BTreeSet::from(["example.test".to_owned()]),
        protected: Some(protected.iter().cloned().collect()),
        min_people: 1,
        max_removals: 3,
        max_removal_percent: 5,
        max_shrink_percent: 10,
        confirm_absences: 1,
        sighting_gap: Duration::ZERO,
        max_ordered_removals: 25,
        leaver_hold: Duration::ZERO,
    }
}

fn memory() -> Memory {
    Memory {
        remembering: Remembering::Yes,
        ..Memory::default()
    }
}

async fn look(stage: &Stage, desired: Desired<'_>, policy: &Policy) -> Plan {
    let observed = Observed {
        provider: stage.id(),
        capabilities: stage.provider.capabilities(),
        accounts: stage.provider.list().await.unwrap(),
        settled: Default::default(),
    };
    plan(&observed, desired, policy, &memory())
}

/// Everything in the plan, with the operator's consent where it takes one.
fn approved(plan: Plan, policy: &Policy) -> Approved {
    let permanent = plan.capabilities.offboarding == Offboarding::Permanent;
    let (approved, held) = approve(plan.clone(), policy, &memory(), &[]);
    assert_eq!(
        held.is_some(),
        permanent,
        "only what is gone for ever takes consent here"
    );
    match held {
        None => approved,
        Some(held) => {
            let (approved, held) = approve(plan, policy, &memory(), &[held.digest]);
            assert_eq!(held, None);
            approved
        }
    }
}

/// Sends an approved plan as the bundle does: first close, then open.
async fn apply(stage: &Stage, approved: &Approved) -> Vec<(Change, Outcome)> {
    let changes = &approved.plan().changes;
    let leaver = |change: &Change| match change {
        Change::Offboard(leaver) => Some(leaver.account.clone()),
        Change::Onboard(_) => None,
    };
    let joiner = |change: &Change| match change {
        Change::Onboard(joiner) => Some(joiner.clone()),
        Change::Offboard(_) => None,
    };
    let leavers: Vec<Account> = changes.iter().filter_map(leaver).collect();
    let joiners: Vec<Joiner> = changes.iter().filter_map(joiner).collect();
    let mut outcomes = stage.provider.offboard(&leavers).await;
    outcomes.extend(stage.provider.onboard(&joiners).await);
    assert_eq!(outcomes.len(), changes.len());
    changes.iter().cloned().zip(outcomes).collect()
}

/// That only what a person has to do by hand is still to be done.
fn only_manual_steps_are_left(applied: &[(Change, Outcome)], left: &Plan) {
    for (change, outcome) in applied {
        let is_left = left.changes.iter().any(|other| other.aim() == change.aim());
        let by_hand = matches!(outcome, Outcome::Manual(_));
        assert!(
            matches!(outcome, Outcome::Done | Outcome::Pending) || by_hand,
            "{change:?}: {outcome:?}"
        );
        assert_eq!(is_left, by_hand, "{change:?}: {outcome:?}");
    }
    for change in &left.changes {
        assert!(
            applied.iter().any(|(other, _)| other.aim() == change.aim()),
            "{change:?} is new"
        );
    }
}

pub(super) async fn apply_then_plan_again_nothing_left(face: &Face) {
    let stage = face.stage().await;
    let keepers: Vec<String> = (0..7).map(|i| format!("keeper-{i}")).collect();
    let mut people = Vec::new();
    for name in &keepers {
        stage.seed(name, State::Active);
        people.push(stage.person(name).with_access([stage.id()]));
    }
    stage.seed("newcomer", State::Gone);
    people.push(stage.person("newcomer").with_access([stage.id()]));
    if face.states.contains(&State::Dormant) {
        stage.seed("returner", State::Dormant);
        people.push(stage.person("returner").with_access([stage.id()]));
    }
    stage.seed("leaver", State::Active);
    people.push(stage.person("leaver").standing_as(Standing::Left));
    for name in ["absent", "boss", "partner@other.test"] {
        stage.seed(name, State::Active);
    }
    let roster = Roster::new(people).unwrap();
    let boss = [
        address("boss@example.test"),
        Identity::native(face.id, &stage.native_id("boss")),
    ];
    let policy = policy(&boss);

    let first = look(&stage, Desired::Exactly(&roster), &policy).await;
    let permanent = face.can.offboarding == Offboarding::Permanent;
    let expected = 3 + usize::from(face.states.contains(&State::Dormant)) - usize::from(permanent);
    assert_eq!(first.changes.len(), expected, "{:?}", first.changes);
    let applied = apply(&stage, &approved(first, &policy)).await;
    let left = look(&stage, Desired::Exactly(&roster), &policy).await;
    only_manual_steps_are_left(&applied, &left);

    let still_there = keepers.iter().map(String::as_str).chain(["boss", "partner@other.test"]);
    for name in still_there {
        assert_eq!(stage.state(name), Some(State::Active), "{name}");
    }
    if permanent {
        assert_eq!(
            stage.state("absent"),
            Some(State::Active),
            "absence deletes nobody for ever"
        );
    }
}

pub(super) async fn an_order_applied_leaves_nothing_of_it(face: &Face) {
    let stage = face.stage().await;
    for name in ["ada", "bo", "cy"] {
        stage.seed(name, State::Active);
    }
    stage.seed("newcomer", State::Gone);
    let policy = policy(&[]);
    let named = |names: &[&str]| names.iter().map(|name| stage.person(name)).collect::<Vec<Person>>();
    let (joiners, leavers) = (named(&["newcomer", "ada"]), named(&["ada", "newcomer"]));
    for desired in [
        Desired::Including(&joiners),
        Desired::Excluding(&leavers),
        Desired::Including(&leavers),
    ] {
        let before = look(&stage, desired, &policy).await;
        let applied = match before.changes.is_empty() {
            true => Vec::new(),
            false => {
                let leaving = before
                    .changes
                    .iter()
                    .any(|change| matches!(change, Change::Offboard(_)));
                let approved = match leaving {
                    true => approved(before, &policy),
                    false => approve(before, &policy, &memory(), &[]).0,
                };
                apply(&stage, &approved).await
            }
        };
        let left = look(&stage, desired, &policy).await;
        only_manual_steps_are_left(&applied, &left);
        for name in ["bo", "cy"] {
            assert_eq!(stage.state(name), Some(State::Active));
        }
    }
}
