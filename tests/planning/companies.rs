//! Random small companies, in which keys overlap as they do at their worst.

use proptest::prelude::*;
use proptest::sample::subsequence;
use shared::planning::account::{Account, Observed, Status};
use shared::planning::guard::Policy;
use shared::planning::identity::{Identity, ProviderId};
use shared::planning::memory::{Memory, Remembering, Sighting};
use shared::planning::plan::{Change, Desired, Plan, plan};
use shared::planning::roster::{Person, Roster, Standing, merged};

use super::notation::{ELSEWHERE, ago, bilanc, blackbird, hand, identity, ledger, policy, powens};

/// The provider's id here, whatever it can do.
pub(super) const AT: ProviderId = ProviderId::new("at");

/// Which of the three desires a plan serves.
#[derive(Clone, Copy, Debug)]
pub(super) enum Trigger {
    Reconcile,
    Onboard,
    Offboard,
}

/// A company: what is seen, whom the directory or the order names, the rules, and what is remembered.
#[derive(Clone, Debug)]
pub(super) struct Company {
    pub(super) trigger: Trigger,
    pub(super) observed: Observed,
    pub(super) people: Vec<Person>,
    pub(super) policy: Policy,
    pub(super) memory: Memory,
}

impl Company {
    /// The plan; `None` where the roster is refused.
    pub(super) fn plan(&self) -> Option<Plan> {
        let roster = || Roster::new(self.people.clone()).ok();
        // An order names people by their keys only.
        let named = self
            .people
            .iter()
            .map(|person| Person::new(person.identities().to_vec()));
        let order = || merged(&named.clone().collect::<Vec<_>>());
        let of = |desired: Desired<'_>| plan(&self.observed, desired, &self.policy, &self.memory);
        match self.trigger {
            Trigger::Reconcile => roster().map(|roster| of(Desired::Exactly(&roster))),
            Trigger::Onboard => Some(of(Desired::Including(&order()))),
            Trigger::Offboard => Some(of(Desired::Excluding(&order()))),
        }
    }

    /// The provider after everything in `plan` took effect; it keeps who left as dormant, or forgets them.
    pub(super) fn after(&self, plan: &Plan, keeps: bool) -> Self {
        let mut after = self.clone();
        let accounts = &mut after.observed.accounts;
        for (n, change) in plan.changes.iter().enumerate() {
            match change {
                Change::Offboard(leaver) if keeps => set(accounts, &leaver.account, Status::Dormant),
                Change::Offboard(leaver) => accounts.retain(|a| a.native_id != leaver.account.native_id),
                Change::Onboard(joiner) => match &joiner.account {
                    Some(account) => set(accounts, account, Status::Active),
                    None => {
                        let usable = |key: &&Identity| is_usable(key, &self.observed);
                        let keys = joiner.person.identities().iter().filter(usable).cloned();
                        let native = joiner
                            .person
                            .identities()
                            .iter()
                            .find_map(|key| native_id(key, &self.observed));
                        let id = native.unwrap_or_else(|| format!("new{n}"));
                        accounts.push(Account::new(&id, keys));
                    }
                },
            }
        }
        after
    }
}

fn set(accounts: &mut [Account], of: &Account, status: Status) {
    for account in accounts.iter_mut().filter(|a| a.native_id == of.native_id) {
        account.status = status;
    }
}

fn is_usable(key: &Identity, observed: &Observed) -> bool {
    let kinds = observed.capabilities.identified_by;
    !matches!(key, Identity::Native(..)) && kinds.iter().any(|kind| key.is_of(*kind, observed.provider))
}

fn native_id(key: &Identity, observed: &Observed) -> Option<String> {
    match key {
        Identity::Native(source, id) if **source == *observed.provider.name() => Some(id.to_string()),
        _ => None,
    }
}

/// Keys of person number `n`; now and then one of somebody else is among them.
fn some_keys(n: usize) -> impl Strategy<Value = Vec<Identity>> {
    let own = [
        format!("p{n}@acme.test"),
        format!("p{n}@home.test"),
        format!("github:p{n}"),
        format!("at:{n}"),
    ];
    let other = prop_oneof![
        6 => Just(None),
        1 => (0..8_usize).prop_map(|n| Some(format!("p{n}@acme.test"))),
        1 => (0..8_usize).prop_map(|n| Some(format!("github:p{n}"))),
    ];
    (subsequence(own.to_vec(), 0..=3), other).prop_map(|(own, other)| {
        let keys = own.iter().chain(&other);
        keys.map(|text| identity(text)).collect()
    })
}

/// Person number `n`, however they stand.
pub(super) fn someone(n: usize) -> impl Strategy<Value = Person> {
    let standing = prop_oneof![6 => Just(Standing::Active), 1 => Just(Standing::Suspended), 2 => Just(Standing::Left)];
    let access = prop_oneof![4 => Just(true), 1 => Just(false)];
    (some_keys(n), standing, access).prop_map(move |(mut keys, standing, here)| {
        if keys.is_empty() {
            keys.push(identity(&format!("hr:{n}")));
        }
        let access = if here { AT } else { ELSEWHERE };
        Person::new(keys).with_access([access]).standing_as(standing)
    })
}

fn an_account(n: usize) -> impl Strategy<Value = Account> {
    let status = prop_oneof![
        6 => Just(Status::Active),
        1 => Just(Status::Invited),
        2 => Just(Status::Dormant),
        1 => Just(Status::Unknown),
    ];
    (some_keys(n), status, 0..12_usize).prop_map(move |(keys, status, twice)| {
        let keys = keys.into_iter().filter(|key| !matches!(key, Identity::Native(..)));
        // One in twelve has the id of the account after it.
        let id = if twice == 0 { n + 1 } else { n };
        Account {
            status,
            ..Account::new(&id.to_string(), keys)
        }
    })
}

/// What earlier runs may have left behind: half of it is about accounts and people of the company.
fn memories() -> impl Strategy<Value = Memory> {
    let remembering = prop_oneof![
        4 => Just(Remembering::Yes),
        2 => Just(Remembering::Never),
        1 => Just(Remembering::Unreadable),
    ];
    let id = (0..16_usize).prop_map(|id| id.to_string().into());
    let sighting = (0..3_usize, -5..30_i64).prop_map(|(times, minutes)| Sighting {
        times,
        last: ago(minutes),
    });
    let sightings = prop::collection::hash_map(id, sighting, 0..8);
    let kept_out = prop::collection::vec((0..16_usize).prop_flat_map(some_keys), 0..=2);
    let numbers = (
        0..4_usize,
        0..4_usize,
        prop::option::of(0..12_usize),
        prop::bool::weighted(0.2),
    );
    (remembering, sightings, kept_out, numbers).prop_map(|(remembering, sightings, kept_out, numbers)| {
        let (removed, ordered, last_roster, paused) = numbers;
        Memory {
            remembering,
            sightings,
            removed,
            ordered,
            last_roster,
            kept_out: kept_out.into_iter().flatten().collect(),
            paused,
            ..ledger()
        }
    })
}

/// Companies of at most eight people and eight accounts, of every kind of provider and for every trigger.
pub(super) fn companies() -> impl Strategy<Value = Company> {
    let trigger = prop_oneof![
        3 => Just(Trigger::Reconcile),
        1 => Just(Trigger::Onboard),
        1 => Just(Trigger::Offboard),
    ];
    let provider = prop_oneof![Just(bilanc()), Just(blackbird()), Just(powens()), Just(hand())];
    let people = (0..8_usize).map(someone).collect::<Vec<_>>();
    let people = people.prop_flat_map(|people| subsequence(people, 1..=8));
    let accounts = (0..8_usize).map(an_account).collect::<Vec<_>>();
    let accounts = accounts.prop_flat_map(|accounts| subsequence(accounts, 0..=8));
    let protected = prop::collection::vec(some_keys(3), 0..=1);
    let all = (trigger, provider, people, accounts, protected, memories());
    all.prop_map(|(trigger, provider, people, accounts, protected, memory)| {
        let observed = Observed {
            provider: AT,
            accounts,
            settled: Default::default(),
            ..provider
        };
        let policy = Policy {
            protected: Some(protected.into_iter().flatten().collect()),
            ..policy()
        };
        Company {
            trigger,
            observed,
            people,
            policy,
            memory,
        }
    })
}
