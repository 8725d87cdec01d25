//! Runs of `reconcile` in companies of many people: what they take beside a bare parse of the same bytes, or beside one call.

use std::path::Path;
use std::time::{Duration, Instant};

use rehearsal::host::{Function, Invocation};
use serde_json::json;
use tokio::process::Command;

use super::company::{Company, PACE, World};
use super::{Bench, median, processor_time};
use crate::story::Trouble;

const ALL: &[&str] = &["bilanc", "blackbird", "appxite", "powens"];

/// Runs of an unchanged company that are measured; the one before them opens connections and has the lists written.
const RUNS: usize = 5;

/// One run.
struct Run {
    wall: Duration,
    cpu: Duration,
    calls: usize,
}

/// Nobody joins or leaves: processor time and memory.
pub(super) async fn unchanged(bench: &Bench, people: usize) -> Result<Vec<Vec<String>>, Trouble> {
    let world = World::of(&staying(ALL, people, Duration::ZERO)).await;
    let function = bench.start("reconcile", &world).await?;
    let mut runs = Vec::new();
    run(&function, &world).await?;
    for _ in 0..RUNS {
        runs.push(run(&function, &world).await?);
    }
    let cpu = median(&runs, |run| run.cpu).unwrap_or_default();
    let bare = parse(bench, &world).await?;
    let ratio = cpu.as_secs_f64() / bare.as_secs_f64();
    let calls = median(&runs, |run| run.calls).unwrap_or_default();
    let peak = function.peak_memory_kib() * 1024 / 1_000_000;
    let name = |what: &str| format!("{people} unchanged, everywhere: {what}");
    Ok(vec![
        vec![
            name("processor time"),
            format!("{:.0} ms", cpu.as_secs_f64() * 1e3),
            format!("a bare parse: {:.0} ms", bare.as_secs_f64() * 1e3),
            format!("{ratio:.1} x"),
            "6 x".to_owned(),
        ],
        vec![
            name("peak memory"),
            format!("{peak} MB"),
            String::new(),
            String::new(),
            "20 MB".to_owned(),
        ],
        vec![
            name("calls"),
            calls.to_string(),
            String::new(),
            String::new(),
            String::new(),
        ],
    ])
}

/// One run where each call takes as long as on a far network.
pub(super) async fn at_a_distance(
    bench: &Bench,
    name: &str,
    company: &Company,
    budget: &str,
) -> Result<Vec<String>, Trouble> {
    let world = World::of(company).await;
    let function = bench.start("reconcile", &world).await?;
    let run = run(&function, &world).await?;
    Ok(vec![
        name.to_owned(),
        format!("{:.0} ms, {} calls", run.wall.as_secs_f64() * 1e3, run.calls),
        format!("one call: {} ms", PACE.as_millis()),
        format!("{:.1} x", run.wall.as_secs_f64() / PACE.as_secs_f64()),
        budget.to_owned(),
    ])
}

/// A company in which nothing happens.
pub(super) fn staying(platforms: &'static [&'static str], people: usize, pace: Duration) -> Company {
    Company {
        platforms,
        staying: people,
        joining: 0,
        leaving: 0,
        pace,
    }
}

async fn run(function: &Function, world: &World) -> Result<Run, Trouble> {
    world.clear_calls();
    let before = processor_time(function.pid())?;
    let begun = Instant::now();
    let answer = function
        .invoke_within(&json!({"mode": "apply"}), Duration::from_secs(900))
        .await;
    let wall = begun.elapsed();
    match answer {
        Invocation::Answered(answer) if answer.get("status").is_some_and(|status| status == "done") => Ok(Run {
            wall,
            cpu: processor_time(function.pid())?.saturating_sub(before),
            calls: world.calls(),
        }),
        Invocation::Answered(answer) => {
            let mut said = answer.to_string();
            said.truncate(600);
            Err(Trouble::failure(format!("reconcile did not end well: {said}")))
        }
        _ => Err(Trouble::failure(format!(
            "reconcile did not answer: {}",
            function.output()
        ))),
    }
}

/// The processor time of a bare parse of what the runs read.
async fn parse(bench: &Bench, world: &World) -> Result<Duration, Trouble> {
    let cannot = |what: &dyn std::fmt::Display| Trouble::failure(format!("cannot parse what was read: {what}"));
    let folder = std::env::temp_dir().join(format!("rollcall-bench-{}", std::process::id()));
    std::fs::create_dir_all(&folder).map_err(|error| cannot(&error))?;
    let files = world.write_into(&folder).map_err(|error| cannot(&error))?;
    let mut times = Vec::new();
    for _ in 0..RUNS {
        let parsed = Command::new(bench.beside("parse")).args(&files).output().await;
        let parsed = parsed.map_err(|error| cannot(&error))?;
        let said = String::from_utf8_lossy(&parsed.stdout);
        let nanoseconds = said.split(' ').nth(1).and_then(|text| text.parse().ok());
        times.push(Duration::from_nanos(nanoseconds.ok_or_else(|| cannot(&said))?));
    }
    remove(&folder);
    Ok(median(&times, |time| *time).unwrap_or_default())
}

fn remove(folder: &Path) {
    let _ = std::fs::remove_dir_all(folder); // temporary, and gone with the machine
}
