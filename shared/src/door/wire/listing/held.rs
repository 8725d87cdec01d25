//! The view `held`: what a reconcile would change now, which removals would be held, and how they are released.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::Listing;
use super::explain::why;
use super::query::Filter;
use crate::bundle::What;
use crate::door::wire::reports::{held_json, who};
use crate::planning::guard::{Held, Rule};
use crate::planning::plan::Change;
use crate::planning::report::{Ending, ProviderReport, Report};

/// The name of its entries.
pub(super) const PLAN: &str = "plan";

impl Listing {
    /// The view `held`, of what was foreseen.
    pub fn held(foreseen: &Report, filter: &Filter) -> Self {
        let mut entries = Vec::new();
        let mut providers = Vec::new();
        for report in &foreseen.providers {
            let kept_back = kept_back(report.held.as_ref());
            let changes = report.changes.iter().map(|(change, _)| change);
            let wanted = |change: &&Change| filter.wants_change(change.identities(), change.who().id.as_deref());
            let before = entries.len();
            entries.extend(changes.filter(wanted).map(|change| planned(report, change, &kept_back)));
            let count = match &report.ending {
                Ending::Unreachable(error) => Err(error.clone()),
                Ending::Applied | Ending::Previewed | Ending::Held => Ok(entries.len() - before),
            };
            providers.push((report.provider.name(), count));
        }
        let held = foreseen.providers.iter().filter_map(|report| hold(report, foreseen));
        Self {
            name: PLAN,
            columns: &["provider", "verdict", "who", "evidence", "why"],
            entries,
            providers: Some(providers),
            besides: Map::from_iter([("held".to_owned(), held.collect())]),
            page: None,
        }
    }
}

/// The ids of the accounts whose removal is kept back.
fn kept_back(held: Option<&Held>) -> BTreeSet<&str> {
    let changes = held.iter().flat_map(|held| &held.changes);
    let ids = changes.filter_map(|change| match change {
        Change::Offboard(leaver) => Some(&*leaver.account.native_id),
        Change::Onboard(_) => None,
    });
    ids.collect()
}

fn planned(report: &ProviderReport, change: &Change, kept_back: &BTreeSet<&str>) -> Value {
    let (verdict, evidence, why) = match change {
        Change::Offboard(leaver) => {
            let verdict = match kept_back.contains(&*leaver.account.native_id) {
                true => "hold",
                false => "remove",
            };
            let evidence = leaver.evidence.name();
            (verdict, Some(evidence), why(What::Remove, evidence))
        }
        Change::Onboard(_) => ("add", None, why(What::Add, "entitled")),
    };
    json!({
        "provider": report.provider.name(),
        "verdict": verdict,
        "who": who(&change.who()),
        "evidence": evidence,
        "why": why,
    })
}

/// What is held at a provider: why, and what releases it.
fn hold(report: &ProviderReport, foreseen: &Report) -> Option<Value> {
    let held = report.held.as_ref()?;
    let provider = report.provider.name();
    let release = match held.rule {
        // What nobody can see nobody can consent to.
        Rule::ProtectedUnreadable => "mend PROTECTED; consent does not lift this".to_owned(),
        _ if foreseen.ledger.is_some() => {
            "mend the ledger, which cannot be read; consent does not lift this".to_owned()
        }
        Rule::Paused => "lift the pause, which consent does not: send reconcile {\"pause\": false}".to_owned(),
        _ => {
            let order = json!({"mode": "apply", "providers": [provider], "consent": [held.digest.to_string()]});
            format!(
                "if the directory is wrong, mend it; if exactly these removals are right (a list that has changed is held again), press Approve in Slack, or send reconcile {order}"
            )
        }
    };
    let mut json = Map::from_iter([("provider".to_owned(), provider.into())]);
    if let Value::Object(held) = held_json(held) {
        json.extend(held);
    }
    json.insert("why".to_owned(), why(What::Hold, held.rule.name()).into());
    json.insert("release".to_owned(), release.into());
    Some(json.into())
}
