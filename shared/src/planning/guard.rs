//! The guard: the one choke point between a plan that removes people and the providers.
//!
//! Invariant: only [`approve`] makes an [`Approved`], and only an `Approved` can be applied. No trigger is exempt and there
//! is no `force`: consent names one exact list of removals by its digest. Joiners are never held.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::planning::account::Offboarding;
use crate::planning::identity::Identity;
use crate::planning::memory::{Memory, Remembering};
use crate::planning::plan::{Change, Evidence, Plan};

pub use crate::planning::digest::Digest;

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
    /// A roster that names so many percent fewer people than the last good one removes nobody.
    pub max_shrink_percent: usize,
    /// In how many complete reads an account must be absent from the directory before it is removed for that.
    pub confirm_absences: usize,
    /// How far apart two such reads must be.
    pub sighting_gap: Duration,
    /// Accounts that explicit orders may remove in an hour.
    pub max_ordered_removals: usize,
    /// How long `reconcile` does not bring back whom an order took access from.
    pub leaver_hold: Duration,
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

/// The rule that keeps removals back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// More removals than the limit.
    TooManyRemovals,
    /// The roster names fewer people than `MIN_PEOPLE`.
    RosterSmall,
    /// The roster names `MAX_SHRINK_PERCENT` fewer people than the last one of a run that was not held.
    RosterShrank,
    /// What is removed here is gone for ever.
    Permanent,
    /// No ledger, so absence cannot be seen twice; or one that cannot be read, and consent does not lift that.
    NoMemory,
    /// Somebody pressed pause; consent does not lift this.
    Paused,
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
            Self::RosterShrank => "roster_shrank",
            Self::Permanent => "permanent",
            Self::NoMemory => "no_memory",
            Self::Paused => "paused",
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
pub struct Approved {
    plan: Plan,
    consent: Option<Consent>,
}

/// What lifted a hold.
#[derive(Clone, Debug)]
struct Consent {
    digest: Digest,
    /// Which removals of the plan it names.
    concerns: fn(Evidence) -> bool,
}

impl Approved {
    /// What may be done.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// The consent that lifted a hold, where one did: it is used up by applying.
    pub fn consent(&self) -> Option<&Digest> {
        self.consent.as_ref().map(|consent| &consent.digest)
    }

    /// The name of the removals among `left`, changes of this plan, that were consented to; `None` where there are none.
    pub fn consent_to_rest<'a>(&self, left: impl Iterator<Item = &'a Change>, memory: &Memory) -> Option<Digest> {
        let Consent { digest, concerns } = self.consent.as_ref()?;
        let ids: Vec<&str> = left.filter_map(|change| removal(change, *concerns)).collect();
        let used = memory.used.iter().chain([digest]).cloned().collect();
        (!ids.is_empty()).then(|| Digest::new(self.plan.provider, ids, &used))
    }

    /// The same plan judged once more without anybody's consent.
    #[must_use]
    pub fn without_consent(self, policy: &Policy, memory: &Memory) -> (Self, Option<Held>) {
        approve(self.plan, policy, memory, &[])
    }
}

/// Judges a plan: what it may do, and the removals that are kept back.
///
/// `consent` holds the digests somebody approved; one that names the very removals a rule keeps back lifts that rule.
pub fn approve(plan: Plan, policy: &Policy, memory: &Memory, consent: &[Digest]) -> (Approved, Option<Held>) {
    let Some(Verdict { rule, limit, concerns }) = judge(&plan, policy, memory) else {
        return (Approved { plan, consent: None }, None);
    };
    let kept_back = |change: &Change| removal(change, concerns).is_some();
    let ids = plan.changes.iter().filter_map(|change| removal(change, concerns));
    let digest = Digest::new(plan.provider, ids, &memory.used);
    if yields_to_consent(rule, &plan, memory) && consent.contains(&digest) {
        let consent = Some(Consent { digest, concerns });
        return (Approved { plan, consent }, None);
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
    let approved = Approved {
        plan: allowed,
        consent: None,
    };
    (approved, Some(held))
}

/// The account that a change removes on evidence that is of concern.
fn removal(change: &Change, concerns: fn(Evidence) -> bool) -> Option<&str> {
    match change {
        Change::Offboard(leaver) if concerns(leaver.evidence) => Some(&leaver.account.native_id),
        _ => None,
    }
}

/// Nobody can consent to what nobody can see: who is protected, what was removed, whether a consent was used before. And
/// pause stays pressed, whichever rule held first.
fn yields_to_consent(rule: Rule, plan: &Plan, memory: &Memory) -> bool {
    let paused = memory.paused && count(plan, reconciled) > 0;
    rule != Rule::ProtectedUnreadable && memory.remembering != Remembering::Unreadable && !paused
}

fn all(_: Evidence) -> bool {
    true
}

fn named(evidence: Evidence) -> bool {
    evidence == Evidence::Named
}

fn reconciled(evidence: Evidence) -> bool {
    evidence != Evidence::Named
}

fn absent(evidence: Evidence) -> bool {
    evidence == Evidence::Absence
}

/// The removals of a plan on such evidence.
fn count(plan: &Plan, on: fn(Evidence) -> bool) -> usize {
    let leavers = plan.changes.iter();
    let concerned = leavers.filter(|change| matches!(change, Change::Offboard(l) if on(l.evidence)));
    concerned.count()
}

/// The rule a plan breaks.
struct Verdict {
    rule: Rule,
    /// The number it is measured against.
    limit: usize,
    /// Which removals it keeps back.
    concerns: fn(Evidence) -> bool,
}

/// The first rule a plan breaks.
fn judge(plan: &Plan, policy: &Policy, memory: &Memory) -> Option<Verdict> {
    let count = |on| count(plan, on);
    let verdict = |rule, limit, concerns| Some(Verdict { rule, limit, concerns });

    let limit = policy.limit(plan.managed.saturating_add(memory.removed));
    let few = |people: usize| people < policy.min_people;
    let shrunk = |people: usize| memory.has_shrunk_to(people, policy);
    if count(all) == 0 {
        None
    } else if policy.protected.is_none() {
        verdict(Rule::ProtectedUnreadable, 0, all)
    } else if plan.people.is_some_and(few) {
        verdict(Rule::RosterSmall, policy.min_people, all)
    } else if plan.people.is_some_and(shrunk) {
        verdict(Rule::RosterShrank, memory.last_roster.unwrap_or_default(), all)
    } else if plan.capabilities.offboarding == Offboarding::Unsupported {
        // Nobody is removed: each is a step for a person, who looks, and stays in the plan until it is taken.
        None
    } else if memory.remembering == Remembering::Unreadable {
        verdict(Rule::NoMemory, 0, all)
    } else if memory.paused && count(reconciled) > 0 {
        verdict(Rule::Paused, 0, all)
    } else if count(named) > 0 && memory.ordered.saturating_add(count(named)) > policy.max_ordered_removals {
        verdict(Rule::TooManyOrders, policy.max_ordered_removals, all)
    } else if count(reconciled) > 0 && memory.removed.saturating_add(count(reconciled)) > limit {
        verdict(Rule::TooManyRemovals, limit, all)
    } else if plan.capabilities.offboarding == Offboarding::Permanent {
        verdict(Rule::Permanent, 0, all)
    } else if memory.remembering == Remembering::Never && count(absent) > 0 {
        verdict(Rule::NoMemory, 0, absent)
    } else {
        None
    }
}
