//! Runs of `reconcile` in companies of many people: what they take beside a bare parse of the same bytes, or beside one call.

use std::time::{Duration, Instant};

use rehearsal::host::{Function, Invocation};
use serde_json::{Value, json};

use super::company::{Company, PACE, World};
use super::figure::{Budget, Figure, Unit};
use super::process::{Parse, parse, processor_time};
use super::{Bench, median, megabytes, milliseconds};
use crate::story::Trouble;

const ALL: &[&str] = &["bilanc", "blackbird", "appxite", "powens"];

/// Runs of an unchanged company that are measured; one before them opens connections and has the lists rendered.
const RUNS: usize = 5;
/// The same of a million people, and of calls that are slow, which take longer.
const LONG_RUNS: usize = 3;

const SOME: usize = 10_000;
const MANY: usize = 1_000_000;

/// One run.
struct Run {
    wall: Duration,
    cpu: Duration,
    calls: usize,
}

/// Runs in which nobody joins or leaves; the medians.
struct Unchanged {
    run: Run,
    peak_kib: u64,
    parse: Parse,
}

impl Unchanged {
    async fn of(bench: &Bench, people: usize, times: usize) -> Result<Self, Trouble> {
        let world = World::of(staying(ALL, people, Duration::ZERO)).await;
        let function = bench.start("reconcile", &world).await?;
        run(&function, &world, "apply").await?;
        let mut runs = Vec::new();
        for _ in 0..times {
            runs.push(run(&function, &world, "apply").await?);
        }
        Ok(Self {
            run: Run {
                wall: median(&runs, |run| run.wall),
                cpu: median(&runs, |run| run.cpu),
                calls: median(&runs, |run| run.calls),
            },
            peak_kib: function.peak_memory_kib(),
            parse: parse(bench, &world, times).await?,
        })
    }

    /// Microseconds of processor time.
    #[expect(clippy::cast_precision_loss, reason = "for people to read")]
    fn cpu_per_person(&self, people: usize) -> f64 {
        self.run.cpu.as_secs_f64() * 1e6 / people as f64
    }

    fn peak(&self, name: &str, budget: f64) -> Figure {
        Figure {
            name: format!("{name}: peak memory"),
            measured: megabytes(self.peak_kib),
            unit: Unit::Megabytes,
            beside: Some(("bare parse", megabytes(self.parse.peak_kib))),
            budget: Budget::AtMost(budget),
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "for people to read")]
    fn calls(&self, name: &str) -> Figure {
        Figure {
            name: format!("{name}: calls"),
            measured: self.run.calls as f64,
            unit: Unit::Calls,
            beside: None,
            budget: Budget::None,
        }
    }
}

fn beside_parse(name: String, ours: Duration, bare: Duration, budget: Budget) -> Figure {
    Figure {
        name,
        measured: milliseconds(ours),
        unit: Unit::Milliseconds,
        beside: Some(("bare parse", milliseconds(bare))),
        budget,
    }
}

/// Ten thousand people at all four providers.
pub(super) async fn unchanged(bench: &Bench) -> Result<Vec<Figure>, Trouble> {
    let some = Unchanged::of(bench, SOME, RUNS).await?;
    let name = "10,000 unchanged";
    let (run, parse) = (&some.run, &some.parse);
    Ok(vec![
        beside_parse(format!("{name}: CPU"), run.cpu, parse.cpu, Budget::Times(6.0)),
        beside_parse(format!("{name}: wall"), run.wall, parse.wall, Budget::None),
        some.peak(name, 20.0),
        some.calls(name),
    ])
}

/// A million people at all four providers, and ten thousand to compare.
pub(super) async fn million(bench: &Bench) -> Result<Vec<Figure>, Trouble> {
    let some = Unchanged::of(bench, SOME, RUNS).await?;
    let many = Unchanged::of(bench, MANY, LONG_RUNS).await?;
    let name = "1,000,000 unchanged";
    let (run, parse) = (&many.run, &many.parse);
    Ok(vec![
        beside_parse(format!("{name}: wall"), run.wall, parse.wall, Budget::Times(6.0)),
        beside_parse(format!("{name}: CPU"), run.cpu, parse.cpu, Budget::None),
        many.peak(name, 256.0),
        Figure {
            name: format!("{name}: CPU per person"),
            measured: many.cpu_per_person(MANY),
            unit: Unit::Microseconds,
            beside: Some(("of 10,000", some.cpu_per_person(SOME))),
            budget: Budget::Times(3.0),
        },
        many.calls(name),
    ])
}

/// Ten thousand people where each call takes as long as on a far network.
pub(super) async fn distance(bench: &Bench) -> Result<Vec<Figure>, Trouble> {
    let mut figures = Vec::new();
    for (name, platforms) in [("Bilanc", &["bilanc"] as &[_]), ("four", ALL)] {
        let company = staying(platforms, SOME, PACE);
        let name = format!("10,000 unchanged, distant {name}");
        figures.extend(at_a_distance(bench, &name, company, 1.5).await?);
    }
    Ok(figures)
}

/// Some come and some go.
pub(super) async fn changes(bench: &Bench) -> Result<Vec<Figure>, Trouble> {
    let mut figures = Vec::new();
    for (name, platforms) in [("Bilanc", &["bilanc"] as &[_]), ("Blackbird", &["blackbird"])] {
        let company = Company {
            joining: 100,
            leaving: 100,
            ..staying(platforms, SOME, PACE)
        };
        let name = format!("100 in and out, distant {name}");
        figures.extend(at_a_distance(bench, &name, company, 7.0).await?);
    }
    Ok(figures)
}

/// Many come.
pub(super) async fn joiners(bench: &Bench) -> Result<Vec<Figure>, Trouble> {
    let mut figures = Vec::new();
    for (name, platforms, budget) in [
        ("Bilanc", &["bilanc"] as &[_], 9.0),
        ("Blackbird", &["blackbird"], 50.0),
    ] {
        let company = Company {
            joining: 1000,
            ..staying(platforms, 10, PACE)
        };
        figures.extend(at_a_distance(bench, &format!("1,000 joiners, distant {name}"), company, budget).await?);
    }
    Ok(figures)
}

/// A run beside one call, each in a company of its own. A preview before it fetches tokens, opens connections and has the lists
/// rendered.
#[expect(clippy::cast_precision_loss, reason = "for people to read")]
async fn at_a_distance(bench: &Bench, name: &str, company: Company, budget: f64) -> Result<[Figure; 2], Trouble> {
    let mut runs = Vec::new();
    for _ in 0..LONG_RUNS {
        let world = World::of(company).await;
        let function = bench.start("reconcile", &world).await?;
        run(&function, &world, "preview").await?;
        runs.push(run(&function, &world, "apply").await?);
    }
    let figure = |name: String, measured, unit, beside, budget| Figure {
        name,
        measured,
        unit,
        beside,
        budget,
    };
    let wall = milliseconds(median(&runs, |run| run.wall));
    let calls = median(&runs, |run| run.calls) as f64;
    let beside = Some(("one call", milliseconds(company.pace)));
    Ok([
        figure(name.to_owned(), wall, Unit::Milliseconds, beside, Budget::Times(budget)),
        figure(format!("{name}: calls"), calls, Unit::Calls, None, Budget::None),
    ])
}

/// A company in which nothing happens.
fn staying(platforms: &'static [&'static str], people: usize, pace: Duration) -> Company {
    Company {
        platforms,
        staying: people,
        joining: 0,
        leaving: 0,
        pace,
    }
}

async fn run(function: &Function, world: &World, mode: &str) -> Result<Run, Trouble> {
    world.clear_calls();
    let before = processor_time(function.pid())?;
    let begun = Instant::now();
    let event = json!({"mode": mode});
    let answer = function.invoke_within(&event, Duration::from_secs(900)).await;
    let wall = begun.elapsed();
    let Invocation::Answered(answer) = answer else {
        return Err(Trouble::failure(format!(
            "reconcile did not answer: {}",
            function.output()
        )));
    };
    let providers = answer
        .get("providers")
        .and_then(Value::as_array)
        .map_or(&[][..], Vec::as_slice);
    let changes = providers
        .iter()
        .filter_map(|provider| provider.get("changes")?.as_array().map(Vec::len));
    let observed = providers
        .iter()
        .filter_map(|provider| provider.get("observed")?.as_u64());
    let (changes, observed) = (changes.sum::<usize>(), observed.sum::<u64>());
    // Fast because it did something else would be no figure.
    let is_due = (changes, usize::try_from(observed)) == (world.changes(), Ok(world.accounts()));
    if answer.get("status").is_none_or(|status| status != "done") || !is_due {
        let said: String = answer.to_string().chars().take(600).collect();
        return Err(Trouble::failure(format!(
            "reconcile saw {observed} accounts of {} and made {changes} changes of {}: {said}",
            world.accounts(),
            world.changes()
        )));
    }
    Ok(Run {
        wall,
        cpu: processor_time(function.pid())?.saturating_sub(before),
        calls: world.calls(),
    })
}
