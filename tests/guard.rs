//! The guard: its bench at the numbers given there, its arithmetic, its rules, consent, and properties at every size.

mod bench;
mod consent;
mod doubts;
mod limit;
mod loud;
mod properties;
mod random;
mod remembered;
mod rules;
mod runs;
mod shrinking;
mod sightings;
mod stops;

use shared::error::ErrorKind;
use shared::planning::account::{Account, Observed, Offboarding};
use shared::planning::guard::{Approved, Digest, Held, Policy, Rule, approve};
use shared::planning::identity::{Email, Identity};
use shared::planning::memory::{Memory, Sighting};
use shared::planning::plan::{Change, Desired, Evidence, Joiner, Leaver, Plan, SkipReason, plan};
use shared::planning::roster::{Person, Roster, Standing};

use crate::planning::notation::{self, ago, ledger};

/// Without a ledger.
fn no_ledger() -> Memory {
    Memory::default()
}

/// A ledger in which each account was seen to be absent once, ten minutes ago.
fn sighted(seen: &Observed) -> Memory {
    let once = Sighting {
        times: 1,
        last: ago(10),
    };
    let ids = seen.accounts.iter().map(|account| account.native_id.clone());
    Memory {
        sightings: ids.map(|id| (id, once)).collect(),
        ..ledger()
    }
}

fn address(n: usize) -> Identity {
    Identity::Email(Email::parse(&format!("p{n}@acme.test")).expect("an address"))
}

/// Person number `n`, entitled at `observed`.
fn member(observed: &Observed, n: usize) -> Person {
    Person::new([address(n)]).with_access([observed.provider])
}

fn members(observed: &Observed, numbers: impl IntoIterator<Item = usize>) -> Vec<Person> {
    numbers.into_iter().map(|n| member(observed, n)).collect()
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
    /// Accounts whose absence has to be seen once more.
    awaiting: usize,
    held: Option<(Rule, usize)>,
}

/// The run that did so, nothing being held.
fn free(removed: usize, joined: usize) -> Result<Run, ErrorKind> {
    Ok(Run {
        removed,
        joined,
        awaiting: 0,
        held: None,
    })
}

/// The run that saw so many absences, not often enough yet, and removed nobody.
fn waiting(awaiting: usize, joined: usize) -> Result<Run, ErrorKind> {
    Ok(Run {
        removed: 0,
        joined,
        awaiting,
        held: None,
    })
}

/// The run in which this rule held so many removals and no other was made.
fn held(rule: Rule, removals: usize, joined: usize) -> Result<Run, ErrorKind> {
    Ok(Run {
        removed: 0,
        joined,
        awaiting: 0,
        held: Some((rule, removals)),
    })
}

/// Reconciles, as far as the guard lets it.
fn reconcile(seen: &Observed, people: Vec<Person>, policy: &Policy, memory: &Memory) -> Result<Run, ErrorKind> {
    let roster = Roster::new(people).map_err(|error| error.kind())?;
    let plan = plan(seen, Desired::Exactly(&roster), policy, memory);
    let (approved, held) = approve(plan, policy, memory, &[]);
    Ok(run(&approved, held.as_ref()))
}

/// What comes of a plan that was judged.
fn run(approved: &Approved, held: Option<&Held>) -> Run {
    let plan = approved.plan();
    Run {
        removed: removals(plan).len(),
        joined: joiners(plan),
        awaiting: skipped(plan, SkipReason::AwaitingSecondSighting),
        held: held.map(|held| (held.rule, held.changes.len())),
    }
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

fn skipped(plan: &Plan, why: SkipReason) -> usize {
    plan.skips.iter().filter(|skip| skip.why == why).count()
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
        absent: Vec::new(),
        skips: Vec::new(),
    }
}

/// `count` removals on one kind of evidence, of 1,000 accounts.
fn removing(count: usize, evidence: Evidence) -> Plan {
    let ids: Vec<String> = (0..count).map(|n| format!("id{n}")).collect();
    planned(ids.iter().map(|id| (id.as_str(), evidence)), 2, 1_000)
}

/// An explicit order: no roster, so nobody is counted.
fn ordered(count: usize) -> Plan {
    Plan {
        people: None,
        ..removing(count, Evidence::Named)
    }
}

/// The plan at a provider that takes access away in this way.
fn at(plan: Plan, offboarding: Offboarding) -> Plan {
    let mut plan = plan;
    plan.capabilities.offboarding = offboarding;
    plan
}

/// Judges under the default policy.
fn judge(plan: Plan, memory: &Memory, consent: &[Digest]) -> (Approved, Option<Held>) {
    approve(plan, &notation::policy(), memory, consent)
}

/// The rule that holds a plan under the default policy.
fn rule(plan: Plan, memory: &Memory) -> Option<Rule> {
    judge(plan, memory, &[]).1.map(|held| held.rule)
}
