//! The guard: its bench as tables at the numbers given there, its arithmetic, its rules, consent, and properties.
//!
//! What the ledger decides (sightings, shrinking, pause) is not here.

mod bench;
mod consent;
mod limit;
mod properties;
mod rules;

use shared::error::ErrorKind;
use shared::planning::account::{Account, Observed};
use shared::planning::guard::{Approved, Digest, Held, Memory, Policy, Rule, approve};
use shared::planning::identity::{Email, Identity};
use shared::planning::plan::{Change, Desired, Evidence, Joiner, Leaver, Plan, plan};
use shared::planning::roster::{Person, Roster, Standing};

use crate::planning::notation;

/// A ledger that remembers nothing yet.
const LEDGER: Memory = Memory {
    has_ledger: true,
    removed: 0,
    ordered: 0,
};

/// Without one.
const NO_LEDGER: Memory = Memory {
    has_ledger: false,
    removed: 0,
    ordered: 0,
};

fn address(n: usize) -> Identity {
    Identity::Email(Email::parse(&format!("p{n}@acme.test")).expect("an address"))
}

/// Person number `n`, entitled at `observed`.
fn member(observed: &Observed, n: usize) -> Person {
    Person::new([address(n)]).with_access([observed.provider])
}

fn left(observed: &Observed, n: usize) -> Person {
    member(observed, n).standing_as(Standing::Left)
}

/// Bilanc, with the accounts of people 0 to `count`.
fn bilanc(count: usize) -> Observed {
    let mut observed = notation::bilanc();
    observed.accounts = (0..count)
        .map(|n| Account::new(&format!("id{n}"), [address(n)]))
        .collect();
    observed
}

/// What a run may do at one provider.
#[derive(Debug, PartialEq, Eq)]
struct Run {
    removed: usize,
    joined: usize,
    held: Option<(Rule, usize)>,
}

/// The run that did so, nothing being held.
fn free(removed: usize, joined: usize) -> Result<Run, ErrorKind> {
    Ok(Run {
        removed,
        joined,
        held: None,
    })
}

/// The run in which this rule held so many removals and no other was made.
fn held(rule: Rule, removals: usize, joined: usize) -> Result<Run, ErrorKind> {
    Ok(Run {
        removed: 0,
        joined,
        held: Some((rule, removals)),
    })
}

/// Reconciles, as far as the guard lets it.
fn reconcile(seen: &Observed, people: Vec<Person>, policy: &Policy, memory: &Memory) -> Result<Run, ErrorKind> {
    let roster = Roster::new(people).map_err(|error| error.kind())?;
    let plan = plan(seen, Desired::Exactly(&roster), policy);
    let (approved, held) = approve(plan, policy, memory, &[]);
    Ok(Run {
        removed: removals(approved.plan()).len(),
        joined: joiners(approved.plan()),
        held: held.map(|held| (held.rule, held.changes.len())),
    })
}

/// The ids of the accounts a plan removes.
fn removals(plan: &Plan) -> Vec<&str> {
    let ids = plan.changes.iter().filter_map(|change| match change {
        Change::Offboard(leaver) => Some(&*leaver.account.native_id),
        Change::Onboard(_) => None,
    });
    ids.collect()
}

fn joiners(plan: &Plan) -> usize {
    plan.changes.len() - removals(plan).len()
}

/// A plan that removes the accounts `ids` on this evidence and lets `joining` people in.
fn planned<'a>(ids: impl IntoIterator<Item = (&'a str, Evidence)>, joining: usize, managed: usize) -> Plan {
    let seen = notation::bilanc();
    let leave = |(id, evidence)| {
        Change::Offboard(Leaver {
            account: Account::new(id, []),
            evidence,
        })
    };
    let join = |n| {
        Change::Onboard(Joiner {
            person: member(&seen, n),
            account: None,
        })
    };
    Plan {
        provider: seen.provider,
        capabilities: seen.capabilities,
        observed: managed,
        managed,
        people: Some(managed),
        changes: ids.into_iter().map(leave).chain((0..joining).map(join)).collect(),
        skips: Vec::new(),
    }
}

/// `count` removals on one kind of evidence, of 1,000 accounts.
fn removing(count: usize, evidence: Evidence) -> Plan {
    let ids: Vec<String> = (0..count).map(|n| format!("id{n}")).collect();
    planned(ids.iter().map(|id| (id.as_str(), evidence)), 2, 1_000)
}

/// Judges under the default policy.
fn judge(plan: Plan, memory: &Memory, consent: &[Digest]) -> (Approved, Option<Held>) {
    approve(plan, &notation::policy(), memory, consent)
}

/// The rule that holds a plan under the default policy.
fn rule(plan: Plan, memory: &Memory) -> Option<Rule> {
    judge(plan, memory, &[]).1.map(|held| held.rule)
}
