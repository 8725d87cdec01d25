//! The chaos test: chains of runs over a company that changes, in a world where everything goes wrong, from one seed each.
//!
//! The stations and the four providers' clients are the real ones, and so are the simulators. Sockets and real time are
//! left out: a request is carried to its simulator by a call, and the runtime's time passes as soon as everybody waits.
//! What must never happen is told by the [`oracle`], which knows `guard.md` and not the planner.
//!
//! `ROLLCALL_CHAOS_RUNS` sets the number of runs, `ROLLCALL_CHAOS_SEED` plays one chain again and tells it.

mod acts;
mod call;
mod chain;
mod changes;
mod company;
mod crashes;
mod dice;
mod evidence;
mod faults;
mod mails;
mod memory;
mod oracle;
mod orders;
mod reckoning;
mod world;

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::thread;

use chain::{Told, play};

/// Runs, where the environment does not say.
const RUNS: usize = 1_500;

/// Where the chains' seeds begin.
const FIRST: u64 = 1;

#[expect(
    clippy::disallowed_methods,
    reason = "a test's own variables, which no function reads"
)]
fn variable(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{name} is no number")))
}

#[expect(clippy::print_stderr, reason = "the seed has to be seen where a test fails")]
fn say(text: &str) {
    eprintln!("{text}");
}

#[test]
fn nothing_that_goes_wrong_removes_the_wrong_person_or_loses_a_joiner() {
    if let Some(seed) = variable("ROLLCALL_CHAOS_SEED") {
        let told = play(seed, Told::Aloud);
        say(&format!("chain {seed}: {} runs, trace {:016x}", told.runs, told.trace));
        assert!(told.wrong.is_empty(), "chain {seed}: {:#?}", told.wrong);
        return;
    }
    let wanted = variable("ROLLCALL_CHAOS_RUNS").map_or(RUNS, |runs| usize::try_from(runs).unwrap());
    say(&format!("chaos: {wanted} runs from seed {FIRST} on"));
    let next = AtomicU64::new(FIRST);
    let (runs, removals, joins) = (AtomicUsize::new(0), AtomicUsize::new(0), AtomicUsize::new(0));
    let wrong: Mutex<Vec<(u64, Vec<String>)>> = Mutex::default();
    let work = || {
        while runs.load(Ordering::Relaxed) < wanted {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            let told = play(seed, Told::Quietly);
            runs.fetch_add(told.runs, Ordering::Relaxed);
            removals.fetch_add(told.removals, Ordering::Relaxed);
            joins.fetch_add(told.joins, Ordering::Relaxed);
            if !told.wrong.is_empty() {
                wrong.lock().unwrap().push((seed, told.wrong));
            }
        }
    };
    let threads = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(work);
        }
    });
    let mut wrong = wrong.into_inner().unwrap();
    wrong.sort();
    let (removals, joins) = (removals.into_inner(), joins.into_inner());
    let (runs, chains) = (runs.into_inner(), next.into_inner() - FIRST);
    say(&format!(
        "chaos: {runs} runs in {chains} chains made {removals} removals and let {joins} people in; {} chains went wrong",
        wrong.len()
    ));
    wrong.truncate(10);
    assert!(wrong.is_empty(), "play one again with ROLLCALL_CHAOS_SEED: {wrong:#?}");
    assert!(
        removals > runs / 20 && joins > runs / 20,
        "the chains did too little to prove anything"
    );
}

#[test]
fn a_seed_plays_the_same_runs_again() {
    for seed in FIRST..FIRST + 8 {
        let (first, second) = (play(seed, Told::Quietly), play(seed, Told::Quietly));
        assert_eq!(first.trace, second.trace, "chain {seed}");
        assert_eq!(first.wrong, second.wrong, "chain {seed}");
    }
    assert_ne!(play(FIRST, Told::Quietly).trace, play(FIRST + 1, Told::Quietly).trace);
}
