//! The plan: what has to change at one provider so that it agrees with what is desired.
//!
//! Invariant: each account appears at most once, and the same people and accounts in any order give the same plan.

use std::collections::{BTreeSet, HashMap};

use crate::planning::account::{Account, Capabilities, Observed, Offboarding, Status};
use crate::planning::guard::Policy;
use crate::planning::identity::{Identity, ProviderId, Who};
use crate::planning::roster::{Person, Roster, Standing};

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

/// Why an account is to be removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Evidence {
    /// An explicit order names the person.
    Named,
    /// The directory names the person and says: gone, or entitled to nothing here.
    KnownLeaver,
    /// The directory, read completely, does not name the person.
    Absence,
}

/// Somebody to give access to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Joiner {
    /// Who.
    pub person: Person,
    /// The dormant account to revive, where there is one.
    pub account: Option<Account>,
}

/// An account to take access from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leaver {
    /// Which account.
    pub account: Account,
    /// Why.
    pub evidence: Evidence,
}

/// One change, declared in the order of applying: first close, then open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Take access away.
    Offboard(Leaver),
    /// Give access.
    Onboard(Joiner),
}

impl Change {
    /// Whom it concerns.
    pub fn who(&self) -> Who {
        match self {
            Self::Offboard(leaver) => leaver.account.who(),
            Self::Onboard(joiner) => {
                let id = joiner.account.as_ref().map(|account| &*account.native_id);
                Who::new(joiner.person.identities(), id)
            }
        }
    }

    /// Whether `other` asks for the same, at whatever state of the account.
    pub fn is_same_as(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Offboard(a), Self::Offboard(b)) => a.account.native_id == b.account.native_id,
            (Self::Onboard(a), Self::Onboard(b)) => a.person.identities() == b.person.identities(),
            _ => false,
        }
    }

    /// Closing sorts before opening; within each, by account and person.
    fn order(&self) -> (bool, Option<&str>, &[Identity]) {
        match self {
            Self::Offboard(leaver) => (false, Some(&leaver.account.native_id), &[]),
            Self::Onboard(Joiner { person, account }) => {
                let id = account.as_ref().map(|account| &*account.native_id);
                (true, id, person.identities())
            }
        }
    }
}

/// Why somebody is left alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SkipReason {
    /// On the protected list: nothing removes them.
    Protected,
    /// Outside the managed domains and unknown to the directory.
    Unmanaged,
    /// Removal here is permanent, and nobody in the directory claims the account.
    Unlinked,
    /// One account fits two people, or one person two accounts.
    Ambiguous,
    /// The person has no identity of a kind the provider knows.
    Unidentifiable,
    /// The account is in a state we have no word for.
    UnknownStatus,
    /// The person is away: kept, not joined.
    Suspended,
}

impl SkipReason {
    /// The word in answers.
    pub fn name(self) -> &'static str {
        match self {
            Self::Protected => "protected",
            Self::Unmanaged => "unmanaged",
            Self::Unlinked => "unlinked",
            Self::Ambiguous => "ambiguous",
            Self::Unidentifiable => "unidentifiable",
            Self::UnknownStatus => "unknown_status",
            Self::Suspended => "suspended",
        }
    }
}

/// Somebody we leave alone, and why.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Skip {
    /// Whom.
    pub who: Who,
    /// Why.
    pub why: SkipReason,
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
    /// Who is left alone.
    pub skips: Vec<Skip>,
}

/// Decides what has to change at the observed provider.
pub fn plan(observed: &Observed, desired: Desired<'_>, policy: &Policy) -> Plan {
    let people = match desired {
        Desired::Exactly(roster) => roster.people(),
        Desired::Including(people) | Desired::Excluding(people) => people,
    };
    let matches = Matches::new(observed, people);
    let mut planner = Planner {
        observed,
        policy,
        changes: Vec::new(),
        skips: Vec::new(),
        managed: 0,
    };
    for (account, claims) in observed.accounts.iter().zip(&matches.claims) {
        planner.account(account, matches.claim(claims, desired), desired);
    }
    for (person, held) in people.iter().zip(&matches.held) {
        if *held == 0 {
            planner.without_account(person, desired);
        }
    }
    let Planner {
        mut changes,
        mut skips,
        managed,
        ..
    } = planner;
    changes.sort_by(|a, b| a.order().cmp(&b.order()));
    skips.sort();
    skips.dedup();
    Plan {
        provider: observed.provider,
        capabilities: observed.capabilities,
        observed: observed.accounts.len(),
        managed,
        people: matches!(desired, Desired::Exactly(_)).then_some(people.len()),
        changes,
        skips,
    }
}

/// Which people claim which accounts: a hash join on identities.
struct Matches<'a> {
    people: &'a [Person],
    /// Per account, the people who share an identity with it.
    claims: Vec<Vec<usize>>,
    /// Per person, how many accounts they claim.
    held: Vec<usize>,
}

/// Who claims one account.
enum Claim<'a> {
    Nobody,
    One(&'a Person),
    /// Rule 1: nobody can tell whose it is.
    Doubtful,
}

impl<'a> Matches<'a> {
    fn new(observed: &Observed, people: &'a [Person]) -> Self {
        let mut by_identity: HashMap<&Identity, Vec<usize>> = HashMap::new();
        for (i, person) in people.iter().enumerate() {
            for identity in person.identities() {
                by_identity.entry(identity).or_default().push(i);
            }
        }
        let mut held = vec![0; people.len()];
        let claims = observed.accounts.iter().map(|account| {
            let native = Identity::native(observed.provider.name(), &account.native_id);
            let own = account.identities.iter().chain([&native]);
            let claims: BTreeSet<usize> = own
                .filter_map(|identity| by_identity.get(identity))
                .flatten()
                .copied()
                .collect();
            for i in &claims {
                if let Some(held) = held.get_mut(*i) {
                    *held += 1;
                }
            }
            claims.into_iter().collect()
        });
        let claims = claims.collect();
        Self { people, claims, held }
    }

    fn claim(&self, claims: &[usize], desired: Desired<'_>) -> Claim<'a> {
        let doubtful = |i: &usize| {
            let disputed = |person: &Person| person.standing() == Standing::Disputed;
            self.held.get(*i).is_some_and(|held| *held > 1) || self.people.get(*i).is_some_and(disputed)
        };
        match claims {
            [] => Claim::Nobody,
            claims if claims.iter().any(doubtful) => Claim::Doubtful,
            // Two entries of one order may name the same person by different keys: both ask for the same.
            [_, _, ..] if matches!(desired, Desired::Exactly(_)) => Claim::Doubtful,
            [first, ..] => self.people.get(*first).map_or(Claim::Nobody, Claim::One),
        }
    }
}

struct Planner<'a> {
    observed: &'a Observed,
    policy: &'a Policy,
    changes: Vec<Change>,
    skips: Vec<Skip>,
    managed: usize,
}

impl Planner<'_> {
    /// Rules 1 to 6 for one account.
    fn account(&mut self, account: &Account, claim: Claim<'_>, desired: Desired<'_>) {
        let protected = self.protects(account, &claim);
        let managed = !matches!(claim, Claim::Nobody) || self.is_in_managed_domain(account);
        if account.status.is_present() && managed && !protected {
            self.managed += 1;
        }
        let person = match claim {
            Claim::Doubtful => return self.skip(account.who(), SkipReason::Ambiguous),
            Claim::Nobody if !matches!(desired, Desired::Exactly(_)) => return,
            Claim::Nobody => None,
            Claim::One(person) => Some(person),
        };
        if account.status == Status::Unknown {
            return self.skip(account.who(), SkipReason::UnknownStatus);
        }
        let evidence = match (desired, person) {
            (Desired::Including(_), Some(person)) => return self.revive(account, person),
            (Desired::Excluding(_), _) => Evidence::Named,
            (_, None) => Evidence::Absence,
            (_, Some(person)) if person.standing() == Standing::Suspended => {
                return self.skip(account.who(), SkipReason::Suspended);
            }
            (_, Some(person)) if person.is_entitled_to(self.observed.provider) => {
                return self.revive(account, person);
            }
            (_, Some(_)) => Evidence::KnownLeaver,
        };
        if !account.status.is_present() {
            return;
        }
        let permanent = self.observed.capabilities.offboarding == Offboarding::Permanent;
        if protected {
            self.skip(account.who(), SkipReason::Protected);
        } else if evidence == Evidence::Absence && permanent {
            self.skip(account.who(), SkipReason::Unlinked);
        } else if evidence == Evidence::Absence && !managed {
            self.skip(account.who(), SkipReason::Unmanaged);
        } else {
            let account = account.clone();
            self.changes.push(Change::Offboard(Leaver { account, evidence }));
        }
    }

    /// A person who should be here and has a dormant account gets it back; a present one is as desired.
    fn revive(&mut self, account: &Account, person: &Person) {
        if account.status == Status::Dormant {
            self.changes.push(Change::Onboard(Joiner {
                person: person.clone(),
                account: Some(account.clone()),
            }));
        }
    }

    /// A person who claims no account: a joiner, if they should be here and can be named to the provider.
    fn without_account(&mut self, person: &Person, desired: Desired<'_>) {
        let provider = self.observed.provider;
        let kinds = self.observed.capabilities.identified_by;
        let identifiable = person.is_identifiable_at(provider, kinds);
        let concerned = match desired {
            Desired::Exactly(_) => person.is_entitled_to(provider),
            Desired::Including(_) | Desired::Excluding(_) => true,
        };
        if !concerned {
            return;
        }
        match person.standing() {
            Standing::Disputed => self.skip(person.who(), SkipReason::Ambiguous),
            // A leaver without an account is gone already; one who cannot be named here may not be.
            _ if matches!(desired, Desired::Excluding(_)) && identifiable => {}
            Standing::Suspended => self.skip(person.who(), SkipReason::Suspended),
            // Rule 3: a skip, never a reason to remove.
            _ if !identifiable => self.skip(person.who(), SkipReason::Unidentifiable),
            _ => self.changes.push(Change::Onboard(Joiner {
                person: person.clone(),
                account: None,
            })),
        }
    }

    fn skip(&mut self, who: Who, why: SkipReason) {
        self.skips.push(Skip { who, why });
    }

    /// Rule 6, by any identity of the account or of the person who claims it.
    fn protects(&self, account: &Account, claim: &Claim<'_>) -> bool {
        let native = Identity::native(self.observed.provider.name(), &account.native_id);
        let theirs: &[Identity] = match claim {
            Claim::One(person) => person.identities(),
            _ => &[],
        };
        let mut all = account.identities.iter().chain([&native]).chain(theirs);
        all.any(|identity| self.policy.protects(identity))
    }

    /// Rule 4.
    fn is_in_managed_domain(&self, account: &Account) -> bool {
        account.identities.iter().any(|identity| match identity {
            Identity::Email(email) => self.policy.manages(email.domain()),
            _ => false,
        })
    }
}
