//! One chain of runs: the company changes, time passes, somebody or the schedule asks, and much goes wrong; then it ends.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, AtomicUsize};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rehearsal::providers::IDS;
use shared::error::Result;
use shared::planning::plan::Change;
use shared::planning::report::Report;
use tokio::sync::Notify;
use tokio::time::{advance, sleep, timeout};

use super::acts::{Act, SETTINGS, invoke};
use super::call::{Call, Consent};
use super::changes::{found, happen};
use super::dice::Dice;
use super::faults::Weather;
use super::reckoning::converge;
use super::world::World;

/// Whether a chain is told while it is played.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Told {
    Aloud,
    Quietly,
}

/// What came of a chain.
pub(super) struct Played {
    pub(super) runs: usize,
    pub(super) removals: usize,
    pub(super) joins: usize,
    pub(super) trace: u64,
    pub(super) wrong: Vec<String>,
}

/// What a chain knows between its runs.
pub(super) struct Chain {
    pub(super) world: Arc<World>,
    pub(super) settings: usize,
    pub(super) runs: usize,
    /// `None` where pressing or lifting failed, or may have.
    paused: Option<bool>,
    /// What was held last, at each provider.
    pub(super) held: Vec<Consent>,
    /// What was held before: a second click, or a late one.
    older: Vec<Consent>,
}

/// Plays the chain of a seed.
pub(super) fn play(seed: u64, told: Told) -> Played {
    fastrand::seed(seed); // the jitter of the back-off
    runtime().block_on(async {
        let mut chain = Chain::new(seed, told);
        found(&chain.world);
        for _ in 0..chain.world.dice.number(6, 18) {
            chain.go_on().await;
        }
        converge(&mut chain).await;
        let oracle = chain.world.oracle.lock().unwrap();
        Played {
            runs: chain.runs,
            removals: oracle.removals.len(),
            joins: oracle.joins.len(),
            trace: chain.world.trace(),
            wrong: oracle.wrongs.clone(),
        }
    })
}

/// A runtime whose time passes as soon as everybody waits.
pub(super) fn runtime() -> tokio::runtime::Runtime {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    builder.enable_time().start_paused(true).build().unwrap()
}

/// How a run ended: with an answer, or not at all.
pub(super) type Ended = Option<Result<Option<Report>>>;

impl Chain {
    /// A chain over an empty world, on a runtime whose time is paused.
    pub(super) fn new(seed: u64, told: Told) -> Self {
        Self {
            world: World::new(Dice::new(seed), told == Told::Aloud),
            settings: 0,
            runs: 0,
            paused: Some(false),
            held: Vec::new(),
            older: Vec::new(),
        }
    }

    /// Something happens, time passes, and somebody asks, or two at once.
    async fn go_on(&mut self) {
        let world = Arc::clone(&self.world);
        let dice = &world.dice;
        happen(&world);
        let seconds = match dice.number(0, 9) {
            0 => dice.number(1, 5),
            1 | 2 => dice.number(60, 400),
            3..=6 => dice.number(660, 1_800),
            7 | 8 => dice.number(20_000, 80_000),
            _ => dice.number(80_000, 400_000),
        };
        advance(Duration::from_secs(seconds as u64)).await;
        if dice.percent(6) {
            self.settings = dice.number(0, SETTINGS - 1);
        }
        let weather = Weather::chosen(dice);
        let first = self.call(self.act(), weather);
        if dice.percent(18) {
            let second = self.call(self.act(), weather);
            let paused = first.paused && ![&first.act, &second.act].contains(&&Act::Lift);
            let second = Arc::new(Call {
                ledger_failed: Arc::clone(&first.ledger_failed),
                paused,
                ..Arc::into_inner(second).unwrap()
            });
            let first = Arc::new(Call {
                paused,
                ..Arc::into_inner(first).unwrap()
            });
            let apart = Duration::from_millis(dice.number(0, 4_000) as u64);
            let later = async {
                sleep(apart).await;
                self.run(&second).await
            };
            let (one, two) = tokio::join!(self.run(&first), later);
            let beside = [&first, &second].map(|call| call.run.clone());
            self.world.oracle.lock().unwrap().beside.extend(beside);
            self.ended(&first, &one, false);
            self.ended(&second, &two, false);
            return;
        }
        let calm = weather == Weather::default() && first.crash_at.is_none();
        let ended = self.run(&first).await;
        self.ended(&first, &ended, calm);
    }

    fn act(&self) -> Act {
        let dice = &self.world.dice;
        let addresses = || {
            let people = self.world.people.lock().unwrap();
            let count = dice.number(1, 3);
            (0..count)
                .filter_map(|_| dice.one(&people).map(|person| person.email.clone()))
                .collect()
        };
        match dice.number(0, 99) {
            0..=66 => Act::Reconcile,
            67..=72 => Act::Preview,
            73..=82 => Act::Offboard(addresses()),
            83..=90 => Act::Onboard(addresses()),
            91..=94 => Act::Pause,
            _ => Act::Lift,
        }
    }

    pub(super) fn call(&mut self, act: Act, weather: Weather) -> Arc<Call> {
        let dice = &self.world.dice;
        self.runs += 1;
        let consent = match act {
            Act::Reconcile | Act::Offboard(_) if dice.percent(35) => self.held.clone(),
            Act::Reconcile | Act::Offboard(_) if dice.percent(15) => self.older.clone(),
            _ => Vec::new(),
        };
        Arc::new(Call {
            run: format!("run-{:04}", self.runs),
            act,
            weather,
            consent,
            settings: self.settings,
            paused: self.paused == Some(true),
            begun: self.world.now(),
            crash_at: dice.percent(25).then(|| dice.number(0, 70)),
            steps: AtomicUsize::new(0),
            crashed: Notify::new(),
            ledger_failed: Arc::new(AtomicBool::new(false)),
            roster: Mutex::default(),
            listed: Mutex::default(),
        })
    }

    /// One run, until it answers, dies or has no more time.
    pub(super) async fn run(&self, call: &Arc<Call>) -> Ended {
        let world = &self.world;
        world.note(&format!(
            "{}: {:?} under {:?}, settings {}",
            call.run, call.act, call.weather, call.settings
        ));
        world.oracle.lock().unwrap().begins(call);
        let ticks = async {
            loop {
                sleep(Duration::from_secs(1)).await;
                world.now();
            }
        };
        tokio::select! {
            biased;
            () = call.crashed.notified() => None,
            () = ticks => None,
            answer = timeout(Duration::from_secs(61), invoke(world, call)) => answer.ok(),
        }
    }

    pub(super) fn ended(&mut self, call: &Call, ended: &Ended, calm: bool) {
        let world = &self.world;
        match ended {
            None => world.note(&format!("{} did not end", call.run)),
            Some(Err(error)) => world.note(&format!("{}: {error}", call.run)),
            Some(Ok(None)) => {}
            Some(Ok(Some(report))) => {
                world.note(&told(call, report));
                world.oracle.lock().unwrap().reports(world, call, report, calm);
                let held = report.providers.iter().filter_map(consent).collect();
                self.older.extend(std::mem::replace(&mut self.held, held));
            }
        }
        let acted = matches!(ended, Some(Ok(_)));
        match call.act {
            Act::Pause => self.paused = acted.then_some(true),
            Act::Lift => self.paused = acted.then_some(false),
            _ => {}
        }
        world.oracle.lock().unwrap().ends(world, call);
    }
}

fn told(call: &Call, report: &Report) -> String {
    let of = |one: &shared::planning::report::ProviderReport| {
        let outcomes = one
            .changes
            .iter()
            .map(|(_, outcome)| outcome.as_ref().map_or("-", |outcome| outcome.name()));
        let held = one.held.as_ref().map(|held| (held.rule.name(), held.changes.len()));
        let ending = format!("{:?}", one.ending);
        let ending: String = ending.chars().take(60).collect();
        format!(
            "\n          {} {ending} {:?} {held:?}",
            one.provider,
            outcomes.collect::<Vec<_>>()
        )
    };
    let all: String = report.providers.iter().map(of).collect();
    format!("{}: {:?} {:?}{all}", call.run, report.status(), report.ledger.is_some())
}

/// The digest of what was held, as somebody would give it back.
fn consent(report: &shared::planning::report::ProviderReport) -> Option<Consent> {
    let held = report.held.as_ref()?;
    let ids: BTreeSet<String> = held
        .changes
        .iter()
        .filter_map(|change| match change {
            Change::Offboard(leaver) => Some(leaver.account.native_id.to_string()),
            Change::Onboard(_) => None,
        })
        .collect();
    Some(Consent {
        digest: held.digest.to_string(),
        provider: IDS.into_iter().find(|id| *id == report.provider.name())?,
        ids,
    })
}
