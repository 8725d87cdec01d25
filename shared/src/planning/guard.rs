//! The guard: the one choke point between a plan that removes people and the providers.
//!
//! Invariant: only [`approve`] makes an [`Approved`], and only an `Approved` can be applied. No trigger is exempt and there
//! is no `force`: consent names one exact list of removals by its digest. Joiners are never held.

use std::collections::BTreeSet;
use std::fmt;

use sha2::{Digest as _, Sha256};

use crate::planning::account::Offboarding;
use crate::planning::identity::{Identity, ProviderId};
use crate::planning::plan::{Change, Evidence, Plan};

/// The operator's limits; each is a setting of the same name.
#[derive(Clone, Debug)]
pub struct Policy {
    /// Domains in which absence from the directory may remove an account; matched exactly.
    pub managed_domains: BTreeSet<String>,
    /// Whom nothing removes; `None` when the list could not be read, and then nobody is removed at all.
    pub protected: Option<BTreeSet<Identity>>,
    /// A roster with fewer people removes nobody.
    pub min_people: usize,
    /// Removals always allowed in a window, up to a third of the accounts.
    pub max_removals: usize,
    /// Removals allowed in a window, as a percentage of the managed accounts.
    pub max_removal_percent: usize,
    /// Accounts that explicit orders may remove in an hour.
    pub max_ordered_removals: usize,
}

impl Policy {
    /// Whether nothing may remove whoever holds `identity`.
    pub fn protects(&self, identity: &Identity) -> bool {
        let listed = |protected: &BTreeSet<Identity>| protected.contains(identity);
        self.protected.as_ref().is_some_and(listed)
    }

    /// Whether `domain` is ours to manage.
    pub fn manages(&self, domain: &str) -> bool {
        self.managed_domains.contains(domain)
    }

    /// How many removals a provider with `managed` accounts may see in one window: integers, at every size.
    pub fn limit(&self, managed: usize) -> usize {
        let percent = managed.saturating_mul(self.max_removal_percent) / 100;
        self.max_removals.max(percent).min(managed / 3).max(1)
    }
}

/// What earlier runs left behind.
#[derive(Clone, Copy, Debug, Default)]
pub struct Memory {
    /// Whether there is a ledger; without one, absence is never seen twice.
    pub has_ledger: bool,
    /// Removals by `reconcile` at this provider within the window.
    pub removed: usize,
    /// Accounts removed by explicit orders within the hour, at every provider.
    pub ordered: usize,
}

/// The name of one exact list of removals: SHA-256 over the provider and the sorted account ids, its first 128 bits.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Digest(String);

impl Digest {
    fn new<'a>(provider: ProviderId, ids: impl IntoIterator<Item = &'a str>) -> Self {
        let ids: BTreeSet<&str> = ids.into_iter().collect();
        let mut hash = Sha256::new();
        for part in [provider.name()].into_iter().chain(ids) {
            hash.update((part.len() as u64).to_be_bytes()); // so that ["ab","c"] and ["a","bc"] differ
            hash.update(part);
        }
        let bytes = hash.finalize();
        Self(bytes.iter().take(16).map(|b| format!("{b:02x}")).collect())
    }

    /// Reads a digest that somebody gives back to consent; any other text matches no plan.
    pub fn parse(text: &str) -> Self {
        Self(text.trim().to_ascii_lowercase())
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The rule that keeps removals back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// More removals than the limit.
    TooManyRemovals,
    /// The roster names fewer people than `MIN_PEOPLE`.
    RosterSmall,
    /// What is removed here is gone for ever.
    Permanent,
    /// No ledger, so absence cannot be seen twice.
    NoMemory,
    /// More removals by explicit orders than `MAX_ORDERED_REMOVALS` in an hour.
    TooManyOrders,
    /// `PROTECTED` could not be read, so anybody may be on it; consent does not lift this.
    ProtectedUnreadable,
}

impl Rule {
    /// The word in answers.
    pub fn name(self) -> &'static str {
        match self {
            Self::TooManyRemovals => "too_many_removals",
            Self::RosterSmall => "roster_small",
            Self::Permanent => "permanent",
            Self::NoMemory => "no_memory",
            Self::TooManyOrders => "too_many_orders",
            Self::ProtectedUnreadable => "protected_unreadable",
        }
    }
}

/// Removals that were kept back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// Which rule.
    pub rule: Rule,
    /// The removals that are kept back.
    pub changes: Vec<Change>,
    /// The number they were measured against.
    pub limit: usize,
    /// Accounts we manage at this provider.
    pub managed: usize,
    /// What to give back to consent to exactly these removals.
    pub digest: Digest,
}

/// A plan that was judged. Nothing else can be applied.
#[derive(Clone, Debug)]
pub struct Approved(Plan);

impl Approved {
    /// What may be done.
    pub fn plan(&self) -> &Plan {
        &self.0
    }
}

/// Judges a plan: what it may do, and the removals that are kept back.
///
/// `consent` holds the digests somebody approved; one that names the very removals a rule keeps back lifts that rule.
pub fn approve(plan: Plan, policy: &Policy, memory: &Memory, consent: &[Digest]) -> (Approved, Option<Held>) {
    let Some((rule, limit, applies)) = judge(&plan, policy, memory) else {
        return (Approved(plan), None);
    };
    let kept_back = |change: &Change| matches!(change, Change::Offboard(l) if applies(l.evidence));
    let ids = plan.changes.iter().filter_map(|change| match change {
        Change::Offboard(leaver) if applies(leaver.evidence) => Some(&*leaver.account.native_id),
        _ => None,
    });
    let digest = Digest::new(plan.provider, ids);
    if rule != Rule::ProtectedUnreadable && consent.contains(&digest) {
        return (Approved(plan), None);
    }
    let mut allowed = plan;
    let (kept_back, changes) = allowed.changes.into_iter().partition(kept_back);
    allowed.changes = changes;
    let held = Held {
        rule,
        changes: kept_back,
        limit,
        managed: allowed.managed,
        digest,
    };
    (Approved(allowed), Some(held))
}

/// Which removals a rule concerns.
type Concerns = fn(Evidence) -> bool;

/// The first rule a plan breaks, the number it is measured against, and the removals it keeps back.
fn judge(plan: &Plan, policy: &Policy, memory: &Memory) -> Option<(Rule, usize, Concerns)> {
    let removals = |of: Concerns| {
        let leavers = plan.changes.iter();
        leavers
            .filter(|change| matches!(change, Change::Offboard(l) if of(l.evidence)))
            .count()
    };
    let all: Concerns = |_| true;
    let named: Concerns = |evidence| evidence == Evidence::Named;
    let reconciled: Concerns = |evidence| evidence != Evidence::Named;
    let absent: Concerns = |evidence| evidence == Evidence::Absence;
    let limit = policy.limit(plan.managed + memory.removed);
    let few = |people: usize| people < policy.min_people;
    if removals(all) == 0 {
        None
    } else if policy.protected.is_none() {
        Some((Rule::ProtectedUnreadable, 0, all))
    } else if plan.people.is_some_and(few) {
        Some((Rule::RosterSmall, policy.min_people, all))
    } else if plan.capabilities.offboarding == Offboarding::Unsupported {
        // Nobody is removed: each is a step for a person, who looks, and stays in the plan until it is taken.
        None
    } else if removals(named) > 0 && memory.ordered + removals(named) > policy.max_ordered_removals {
        Some((Rule::TooManyOrders, policy.max_ordered_removals, all))
    } else if removals(reconciled) > 0 && memory.removed + removals(reconciled) > limit {
        Some((Rule::TooManyRemovals, limit, all))
    } else if plan.capabilities.offboarding == Offboarding::Permanent {
        Some((Rule::Permanent, 0, all))
    } else if !memory.has_ledger && removals(absent) > 0 {
        Some((Rule::NoMemory, 0, absent))
    } else {
        None
    }
}
