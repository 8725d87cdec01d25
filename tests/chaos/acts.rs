//! What may be asked of Rollcall, worked by the real stations in the order in which `functions/` calls them.

use std::sync::Arc;
use std::time::Duration;

use secrecy::SecretString;
use serde_json::json;
use shared::bundle::{Bundle, Origin, Patience, Pause, Process};
use shared::error::Result;
use shared::planning::guard::Digest;
use shared::planning::identity::{Email, Identity};
use shared::planning::plan::Desired;
use shared::planning::report::{Mode, Report};
use shared::planning::roster::Person;
use shared::settings::Settings;
use shared::tools::clock::Deadline;
use shared::tools::http::Http;
use shared::tools::secrets::Documents;

use super::call::Call;
use super::company::DOMAIN;
use super::memory::Memory;
use super::world::{ROSTER, Wire, World};

/// What is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Act {
    Reconcile,
    Preview,
    /// Give these addresses access.
    Onboard(Vec<String>),
    /// Take it away.
    Offboard(Vec<String>),
    Pause,
    Lift,
}

/// An invocation's time.
const TIME: Duration = Duration::from_secs(60);

/// The settings a chain goes back and forth between.
pub(super) const SETTINGS: usize = 3;

/// Explicit orders may remove so many in an hour.
pub(super) const ORDERED: usize = 4;

/// The protected address.
pub(super) const PROTECTED: &str = "owner@example.com";

pub(super) fn settings(which: usize) -> Settings {
    let read = |name: &str| {
        let text = match name {
            "PROVIDERS" => "bilanc,blackbird,appxite,powens",
            "SECRETS" => "file:/nonexistent",
            "MANAGED_DOMAINS" if which == 1 => "example.com,second.example",
            "MANAGED_DOMAINS" => DOMAIN,
            "PROTECTED" => PROTECTED,
            "CONFIRM_ABSENCES" if which == 2 => "3",
            "MAX_ORDERED_REMOVALS" => "4",
            _ => return None,
        };
        Some(text.to_owned())
    };
    Settings::read(read).unwrap()
}

fn documents(world: &World) -> Documents {
    let directory = json!({"kind": "roster_file", "url": format!("{ROSTER}/roster.csv"), "trailer": true});
    let platforms = world
        .simulators
        .iter()
        .map(|simulator| (simulator.id(), simulator.document()));
    let all = platforms.chain([("directory", directory)]);
    Documents::new(all.map(|(name, document)| (name, SecretString::from(document.to_string()))))
}

fn people(addresses: &[String]) -> Vec<Person> {
    let person = |address: &String| Person::new([Identity::Email(Email::parse(address).unwrap())]);
    addresses.iter().map(person).collect()
}

/// One invocation of a fresh process; `None` where it was only told to pause.
pub(super) async fn invoke(world: &Arc<World>, call: &Arc<Call>) -> Result<Option<Report>> {
    let wire = Wire {
        world: Arc::clone(world),
        call: Arc::clone(call),
    };
    let memory = Memory {
        world: Arc::clone(world),
        call: Arc::clone(call),
    };
    let settings = settings(call.settings);
    let http = Http::over(Arc::new(wire), settings.limits, world.clock());
    let process = Arc::new(Process::over(http, settings).with_ledger(Arc::new(memory)));
    let origin = Origin {
        by: format!("{:?}", call.act)
            .chars()
            .take_while(char::is_ascii_alphabetic)
            .collect(),
        run: call.run.clone(),
        at: None,
    };
    let bundle = Bundle::open(&process, documents(world), Deadline::after(TIME), origin);
    let answer = work(&bundle, &process, call).await;
    bundle.close().await;
    answer
}

async fn work(bundle: &Bundle, process: &Process, call: &Call) -> Result<Option<Report>> {
    let on = &process.settings().providers;
    let consent: Vec<Digest> = call
        .consent
        .iter()
        .map(|consent| Digest::parse(&consent.digest))
        .collect();
    Ok(Some(match &call.act {
        Act::Reconcile | Act::Preview => {
            let mode = match call.act {
                Act::Preview => Mode::Preview,
                _ => Mode::Apply,
            };
            let (roster, found) = bundle.compare(on, mode).await;
            let roster = roster?;
            let desired = Desired::Exactly(&roster);
            let decided = bundle.decide(found, desired, &consent);
            match mode {
                Mode::Preview => bundle.preview(decided),
                Mode::Apply => bundle.apply(decided, desired).await,
            }
        }
        Act::Onboard(addresses) | Act::Offboard(addresses) => {
            let found = bundle.observe_and_recall(on, Mode::Apply, Patience::Wait);
            let named = people(addresses);
            let (people, found) = tokio::join!(bundle.complete(&named), found);
            if let Act::Onboard(_) = call.act {
                bundle.accept_owners(&people, Mode::Apply);
            }
            let desired = match call.act {
                Act::Onboard(_) => Desired::Including(&people),
                _ => Desired::Excluding(&people),
            };
            let decided = bundle.decide(found, desired, &consent);
            bundle.apply(decided, desired).await
        }
        Act::Pause | Act::Lift => {
            let pause = match call.act {
                Act::Pause => Pause::Press,
                _ => Pause::Lift,
            };
            bundle.pause(pause).await?;
            return Ok(None);
        }
    }))
}
