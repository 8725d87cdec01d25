//! The plan: what has to change at one provider so that it agrees with what is desired.
//!
//! Invariant: each account appears at most once, and the same people and accounts in any order give the same plan.

use crate::planning::account::{Account, Capabilities, Observed, Offboarding, Status};
use crate::planning::guard::Policy;
use crate::planning::identity::{Identity, ProviderId, Who};
use crate::planning::matching::{Claim, Claimed, matching};
use crate::planning::memory::Memory;
use crate::planning::roster::{Person, Roster, Standing};

pub use crate::planning::change::{Aim, Change, Evidence, Joiner, Leaver};
pub use crate::planning::skip::{Skip, SkipReason};

/// Who should have access.
#[derive(Clone, Copy)]
pub enum Desired<'a> {
    /// Exactly the people of the roster that are entitled (`reconcile`).
    Exactly(&'a Roster),
    /// These people too (`onboard`); nobody is removed.
    Including(&'a [Person]),
    /// Not these people (`offboard`); nobody is added.
    Excluding(&'a [Person]),
}

/// What to change at one provider. Only the guard turns it into something that can be applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// Which provider.
    pub provider: ProviderId,
    /// What it can do.
    pub capabilities: Capabilities,
    /// How many accounts were seen.
    pub observed: usize,
    /// How many present accounts we manage: in the managed domains or known to the directory, not protected.
    pub managed: usize,
    /// How many people the roster names; `None` for an explicit order.
    pub people: Option<usize>,
    /// The changes, leavers first.
    pub changes: Vec<Change>,
    /// The accounts nobody in the directory claims and that would be removed for it, by id: what the ledger has to remember.
    pub absent: Vec<Box<str>>,
    /// Who is left alone.
    pub skips: Vec<Skip>,
}

/// Decides what has to change at the observed provider.
pub fn plan(observed: &Observed, desired: Desired<'_>, policy: &Policy, memory: &Memory) -> Plan {
    let rest;
    let (people, named) = match desired {
        Desired::Exactly(roster) => {
            rest = roster.without(&observed.settled);
            (rest.as_slice(), Some(roster.count()))
        }
        Desired::Including(people) | Desired::Excluding(people) => (people, None),
    };
    let matching = matching(observed, people);
    let mut planner = Planner {
        observed,
        desired,
        policy,
        memory,
        unlinkable: matching.without_account().any(|person| is_unlinkable(person, observed)),
        changes: Vec::new(),
        absent: Vec::new(),
        skips: Vec::new(),
        managed: observed.settled.count(),
    };
    for claimed in matching.accounts() {
        planner.account(&claimed);
    }
    for person in matching.without_account() {
        planner.without_account(person);
    }
    let Planner {
        mut changes,
        mut absent,
        mut skips,
        managed,
        ..
    } = planner;
    // Rule 8; an order that names a person twice asks for one change.
    changes.sort_by(|a, b| a.order().cmp(&b.order()));
    changes.dedup_by(|next, kept| next.aim() == kept.aim());
    absent.sort_unstable();
    skips.sort();
    skips.dedup();
    Plan {
        provider: observed.provider,
        capabilities: observed.capabilities,
        observed: observed.accounts.len().saturating_add(observed.settled.count()),
        managed,
        people: named,
        changes,
        absent,
        skips,
    }
}

/// Whether the person may hold an account here that nothing links to them: any account that nobody claims may be theirs.
fn is_unlinkable(person: &Person, observed: &Observed) -> bool {
    let stays = person.standing() == Standing::Suspended || person.is_entitled_to(observed.provider);
    stays && !person.is_identifiable_at(observed.provider, observed.capabilities.identified_by)
}

/// Why nobody can tell what belongs to these people.
fn doubt(people: &[&Person]) -> SkipReason {
    let changed_hands = |person: &&Person| person.standing() == Standing::ChangedHands;
    match people.iter().any(changed_hands) {
        true => SkipReason::ChangedHands,
        false => SkipReason::Ambiguous,
    }
}

/// What an account, and everybody who claims it, is known by.
fn all_of<'a>(claimed: &'a Claimed<'_>) -> impl Iterator<Item = &'a Identity> {
    let theirs = claimed.claimants.iter().flat_map(|person| person.identities());
    claimed.account.identities.iter().chain([&claimed.own]).chain(theirs)
}

struct Planner<'a> {
    observed: &'a Observed,
    desired: Desired<'a>,
    policy: &'a Policy,
    memory: &'a Memory,
    /// Whether somebody who should be here cannot be linked to an account, so that absence proves nothing.
    unlinkable: bool,
    changes: Vec<Change>,
    absent: Vec<Box<str>>,
    skips: Vec<Skip>,
    managed: usize,
}

impl Planner<'_> {
    /// Rules 1 to 6 for one account.
    fn account(&mut self, claimed: &Claimed<'_>) {
        let account = claimed.account;
        let protected = self.protects(claimed);
        let claimants = &claimed.claimants;
        let managed = !claimants.is_empty() || self.is_in_managed_domain(account);
        if account.status.is_present() && managed && !protected {
            self.managed += 1;
        }
        let exactly = matches!(self.desired, Desired::Exactly(_));
        let person = match claimed.claim {
            _ if claimants.is_empty() && !exactly => return,
            Claim::Doubtful => return self.doubt(claimed),
            Claim::Several if exactly => return self.doubt(claimed),
            // Two entries of one order may name the same person by different keys: both ask for the same.
            Claim::Nobody | Claim::One | Claim::Several => claimants.first().copied(),
        };
        if account.status == Status::Unknown {
            return self.skip(account.who(), SkipReason::UnknownStatus);
        }
        let evidence = match (self.desired, person) {
            (Desired::Including(_), Some(person)) => return self.revive(account, person),
            (Desired::Excluding(_), _) => Evidence::Named,
            (_, None) => Evidence::Absence,
            (_, Some(person)) if person.standing() == Standing::Suspended => {
                return self.skip(account.who(), SkipReason::Suspended);
            }
            (_, Some(person)) if person.is_entitled_to(self.observed.provider) => {
                return self.revive(account, person);
            }
            (_, Some(person)) if person.is_stated() => Evidence::KnownLeaver,
            // Missing from a list that nobody counted.
            (_, Some(_)) => Evidence::Absence,
        };
        if !account.status.is_present() {
            return;
        }
        let permanent = self.observed.capabilities.offboarding == Offboarding::Permanent;
        let why = match evidence {
            _ if protected => SkipReason::Protected,
            Evidence::Named if self.is_back(claimed) => SkipReason::Overtaken,
            Evidence::Absence if permanent => SkipReason::Unlinked,
            Evidence::Absence if !managed => SkipReason::Unmanaged,
            Evidence::Absence if self.unlinkable => SkipReason::Unlinked,
            Evidence::Absence => return self.absent(account),
            Evidence::Named | Evidence::KnownLeaver => return self.offboard(account, evidence),
        };
        self.skip(account.who(), why);
    }

    /// An account that nobody claims goes once that was seen often enough.
    fn absent(&mut self, account: &Account) {
        self.absent.push(account.native_id.clone());
        match self.memory.confirms(&account.native_id, self.policy) {
            true => self.offboard(account, Evidence::Absence),
            false => self.skip(account.who(), SkipReason::AwaitingSecondSighting),
        }
    }

    fn offboard(&mut self, account: &Account, evidence: Evidence) {
        let account = account.clone();
        self.changes.push(Change::Offboard(Leaver { account, evidence }));
    }

    /// Why a person is left out whom an order sent away: from `reconcile`, until an order to onboard lifts that; from an order to
    /// onboard, if it was given before.
    fn stays_out(&self, person: &Person) -> Option<SkipReason> {
        match self.desired {
            Desired::Exactly(_) => self.memory.keeps_out(person).then_some(SkipReason::Held),
            Desired::Including(_) => person
                .is_among(&self.memory.gone_since)
                .then_some(SkipReason::Overtaken),
            Desired::Excluding(_) => None,
        }
    }

    /// Whether an order brought somebody back, to whom the account may belong, after this one was given.
    fn is_back(&self, claimed: &Claimed<'_>) -> bool {
        all_of(claimed).any(|identity| self.memory.back_since.contains(identity))
    }

    /// A person who should be here and has a dormant account gets it back; a present one is as desired.
    fn revive(&mut self, account: &Account, person: &Person) {
        if account.status != Status::Dormant {
            return;
        }
        if let Some(why) = self.stays_out(person) {
            return self.skip(person.who(), why);
        }
        self.changes.push(Change::Onboard(Joiner {
            person: person.clone(),
            account: Some(account.clone()),
        }));
    }

    /// A person who claims no account: a joiner, if they should be here and can be named to the provider.
    fn without_account(&mut self, person: &Person) {
        let provider = self.observed.provider;
        let kinds = self.observed.capabilities.identified_by;
        let identifiable = person.is_identifiable_at(provider, kinds);
        let concerned = match self.desired {
            Desired::Exactly(_) => person.is_entitled_to(provider),
            Desired::Including(_) | Desired::Excluding(_) => true,
        };
        if !concerned {
            return;
        }
        match person.standing() {
            standing if standing.is_doubtful() => self.skip(person.who(), doubt(&[person])),
            // A leaver without an account is gone already; one who cannot be named here may not be.
            _ if matches!(self.desired, Desired::Excluding(_)) && identifiable => {}
            Standing::Suspended => self.skip(person.who(), SkipReason::Suspended),
            // Rule 3: a skip, never a reason to remove.
            _ if !identifiable => self.skip(person.who(), SkipReason::Unidentifiable),
            _ => match self.stays_out(person) {
                Some(why) => self.skip(person.who(), why),
                None => self.changes.push(Change::Onboard(Joiner {
                    person: person.clone(),
                    account: None,
                })),
            },
        }
    }

    /// Nobody can tell whose account it is: it is reported with everybody who claims it.
    fn doubt(&mut self, claimed: &Claimed<'_>) {
        self.skips.push(Skip {
            who: claimed.account.who(),
            why: doubt(&claimed.claimants),
            between: claimed.claimants.iter().map(|person| person.who()).collect(),
        });
    }

    fn skip(&mut self, who: Who, why: SkipReason) {
        self.skips.push(Skip::new(who, why));
    }

    /// Rule 6, by any identity of the account or of those who claim it.
    fn protects(&self, claimed: &Claimed<'_>) -> bool {
        all_of(claimed).any(|identity| self.policy.protects(identity))
    }

    /// Rule 4.
    fn is_in_managed_domain(&self, account: &Account) -> bool {
        account.identities.iter().any(|identity| match identity {
            Identity::Email(email) => self.policy.manages(email.domain()),
            _ => false,
        })
    }
}
