//! The doctor: is each secret there and valid, is each provider reachable, and what can it do?

use super::roster::{SourceRead, merged_roster};
use super::{Bundle, CALLERS};
use crate::directories;
use crate::planning::account::{Capabilities, Offboarding, Onboarding};
use crate::planning::identity::ProviderId;

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// What: `secret bilanc`, `provider bilanc`, `directory`.
    pub name: String,
    /// Whether it is well.
    pub ok: bool,
    /// What was found.
    pub detail: String,
}

impl Check {
    fn new(name: String, found: Result<String, impl std::fmt::Display>) -> Self {
        let ok = found.is_ok();
        let detail = found.unwrap_or_else(|error| error.to_string());
        Self { name, ok, detail }
    }
}

impl Bundle {
    /// Looks at every secret, every chosen provider, every source of the directory and the ledger.
    pub async fn doctor(&self, chosen: &[ProviderId]) -> Vec<Check> {
        let mut checks = Vec::new();
        let names = chosen.iter().map(|id| id.name());
        for name in names.chain([directories::DOCUMENT, CALLERS]) {
            let found = self.documents.text(name).map(|_| "is there".to_owned());
            checks.push(Check::new(format!("secret {name}"), found));
        }
        for (id, seen) in self.observe(chosen).await {
            let found = seen.map(|observed| {
                let count = observed.accounts.len();
                format!("{count} accounts; {}", abilities(observed.capabilities))
            });
            checks.push(Check::new(format!("provider {id}"), found));
        }
        checks.extend(self.look_at_directory().await);
        let found = match &self.process.settings().policy.protected {
            Some(protected) => Ok(format!("{} identities", protected.len())),
            None => Err("PROTECTED holds an entry that is no identity: nobody is removed until it is mended"),
        };
        checks.push(Check::new("protected".to_owned(), found));
        checks.push(Check::new("ledger".to_owned(), self.look_at_ledger().await));
        for (whose, token) in self.introductions().await.unwrap_or_default() {
            let found = format!(
                "the verification token {token} was posted; anybody could have: let Gusto verify it, and put it into the caller's secrets"
            );
            checks.push(Check::new(format!("introduction {whose}"), Err::<String, _>(found)));
        }
        checks
    }

    /// Each source by itself, then what they make together.
    async fn look_at_directory(&self) -> Vec<Check> {
        let reads = match self.read_sources().await {
            Ok(reads) => reads,
            Err(error) => return vec![Check::new("directory".to_owned(), Err(error))],
        };
        let mut kinds: Vec<&str> = Vec::new();
        let mut check = |source: &SourceRead| {
            let found = source.read.as_ref().map(|read| {
                let (role, count) = (source.role.name(), read.people.len());
                let mut detail = format!("names {count} {role}; {}", read.proof);
                for remark in &read.remarks {
                    detail.push_str("; ");
                    detail.push_str(remark);
                }
                detail
            });
            kinds.push(source.kind);
            let name = match kinds.iter().filter(|kind| **kind == source.kind).count() {
                1 => format!("directory {}", source.kind),
                times => format!("directory {} {times}", source.kind),
            };
            Check::new(name, found)
        };
        let mut checks: Vec<Check> = reads.iter().map(&mut check).collect();
        let found = merged_roster(reads).map(|roster| {
            let disputed = roster.each().filter(|person| person.standing().is_doubtful());
            match disputed.count() {
                0 => format!("names {} people", roster.count()),
                disputed => format!(
                    "names {} people; {disputed} of them cannot be told apart, and are left alone",
                    roster.count()
                ),
            }
        });
        checks.push(Check::new("directory".to_owned(), found));
        checks
    }

    async fn look_at_ledger(&self) -> crate::error::Result<String> {
        Ok(match (&self.process.ledger, self.is_paused().await?) {
            (None, _) => "none: removals by absence always need consent, and nothing is remembered".to_owned(),
            (Some(_), true) => "is readable; paused: reconcile removes nobody".to_owned(),
            (Some(_), false) => "is readable".to_owned(),
        })
    }
}

fn abilities(capabilities: Capabilities) -> String {
    let onboarding = match capabilities.onboarding {
        Onboarding::Unsupported => "onboarding is done by hand",
        Onboarding::Immediate => "onboards at once",
        Onboarding::ByInvitation => "onboards by invitation",
    };
    let offboarding = match capabilities.offboarding {
        Offboarding::Unsupported => "offboarding is done by hand",
        Offboarding::Reversible => "offboards reversibly",
        Offboarding::Permanent => "offboards for ever, with consent",
    };
    format!("{onboarding}, {offboarding}")
}
