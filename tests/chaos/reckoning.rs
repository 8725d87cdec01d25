//! Nothing goes wrong any more: within a few runs everybody is where they should be, and the ledger tells how.

use std::time::Duration;

use rehearsal::providers::IDS;
use serde_json::Value;
use shared::planning::account::Status;
use shared::planning::plan::{Change, Joiner};
use shared::planning::report::Report;
use tokio::time::advance;

use super::acts::Act;
use super::call::Call;
use super::chain::Chain;
use super::evidence::Place;
use super::faults::Weather;
use super::oracle::Effect;

/// Runs until all is well: three sightings, a hold, a consent to it, and one more of each.
const RUNS: usize = 8;

/// Runs before the last absence may be confirmed: nothing is to be seen of it until then.
const SIGHTINGS: usize = 3;

pub(super) async fn converge(chain: &mut Chain) {
    calm(chain, Act::Lift).await;
    let (mut call, mut preview) = calm(chain, Act::Preview).await;
    for n in 0..RUNS {
        calm(chain, Act::Reconcile).await;
        (call, preview) = calm(chain, Act::Preview).await;
        if is_empty(&preview) && chain.held.is_empty() && n >= SIGHTINGS {
            break;
        }
    }
    let world = &chain.world;
    let mut wrong = Vec::new();
    if !is_empty(&preview) {
        wrong.push("faults ended, and there is still something to do".to_owned());
    }
    let roster = world.people.lock().unwrap().clone();
    let named = world.oracle.lock().unwrap().named.clone();
    for provider in IDS {
        let place = Place::new(provider, &call, roster.clone(), world.accounts(provider));
        // An invitation may expire this very minute.
        let there = world.simulator(provider).people();
        let lost = Place::new(provider, &call, roster.clone(), there).lost_joiners(&named);
        let left = [place.known_leavers(), place.strays()].concat();
        if !lost.is_empty() || !left.is_empty() {
            wrong.push(format!(
                "faults ended; at {provider} {lost:?} are missing, and {left:?} are still there"
            ));
        }
        let violations = world.simulator(provider).violations();
        if let Some(violation) = violations.first() {
            wrong.push(format!("{provider} was asked what its contract forbids: {violation}"));
        }
    }
    wrong.extend(books(chain));
    let mut oracle = world.oracle.lock().unwrap();
    wrong.into_iter().for_each(|text| oracle.wrong(world, text));
}

pub(super) async fn calm(chain: &mut Chain, act: Act) -> (Call, Option<Report>) {
    advance(Duration::from_secs(700)).await;
    let call = chain.call(act.clone(), Weather::default());
    let call = std::sync::Arc::new(Call {
        crash_at: None,
        consent: match act {
            Act::Reconcile => chain.held.clone(),
            _ => Vec::new(),
        },
        ..std::sync::Arc::into_inner(call).unwrap()
    });
    let ended = chain.run(&call).await;
    chain.ended(&call, &ended, true);
    let report = ended.and_then(Result::ok).flatten();
    (std::sync::Arc::into_inner(call).unwrap(), report)
}

/// Whether nothing is left to do but what only a person can.
fn is_empty(report: &Option<Report>) -> bool {
    let by_hand = |provider: &str, change: &Change| match change {
        Change::Onboard(Joiner { account, .. }) => {
            let blocked = account
                .as_ref()
                .is_some_and(|account| account.status == Status::Dormant);
            provider == "powens" || provider == "appxite" && blocked
        }
        Change::Offboard(_) => false,
    };
    report.as_ref().is_some_and(|report| {
        let mut providers = report.providers.iter();
        providers.all(|one| {
            one.changes
                .iter()
                .all(|(change, _)| by_hand(one.provider.name(), change))
        })
    })
}

/// Every removal stands in the history, and none more often than it was made.
pub(super) fn books(chain: &Chain) -> Vec<String> {
    let world = &chain.world;
    let records = world.store.shelf("history", world.now());
    let entries: Vec<Value> = records
        .iter()
        .flat_map(|record| serde_json::from_str::<Vec<Value>>(&record.text).unwrap())
        .filter(|entry| entry["action"] == "offboard")
        .collect();
    let oracle = world.oracle.lock().unwrap();
    let mut wrong = Vec::new();
    for effect in &oracle.removals {
        let same = |entry: &&Value| entry["provider"] == effect.provider && entry["id"] == *effect.id;
        let told = entries
            .iter()
            .filter(same)
            .filter(|entry| entry["outcome"] == "done")
            .count();
        let made = oracle
            .removals
            .iter()
            .filter(|e| e.provider == effect.provider && e.id == effect.id);
        // A ledger slower than a lease lasts lets two runs send the same removal: each tells its own, the provider knows one.
        let at_once = made.clone().filter(|e| oracle.beside.contains(&e.run)).count();
        let made = made.count();
        // An invitation that ran out before anybody looked whether it was taken back is gone as well.
        let invited = |e: &&Effect| e.provider == "appxite" && e.provider == effect.provider && e.id == effect.id;
        let ran_out = oracle.joins.iter().filter(invited).count();
        // A removal that was undone before anybody could look is told as one that failed.
        let first = oracle
            .removals
            .iter()
            .find(|e| e.provider == effect.provider && e.id == effect.id);
        let first = first.map_or(effect.time, |first| first.time);
        let back = oracle
            .joins
            .iter()
            .any(|e| e.provider == effect.provider && e.id == effect.id && e.time >= first);
        if told > made + at_once + ran_out || told < made && !back {
            wrong.push(format!(
                "{} was removed from {} {made} times, lastly by {}, and the history tells {told}",
                effect.id, effect.provider, effect.run
            ));
        }
    }
    wrong.dedup();
    wrong
}
