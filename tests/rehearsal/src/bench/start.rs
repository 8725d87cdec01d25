//! What `list` takes to start, with its secrets fetched and one provider asked, beside a function that does nothing.

use std::path::Path;
use std::time::{Duration, Instant};

use rehearsal::company::Company;
use rehearsal::host::{Function, Invocation};
use rehearsal::providers::{Bilanc, Simulator};
use rehearsal::secrets::SecretsManager;
use serde_json::{Value, json};

use super::figure::{Budget, Figure, Unit};
use super::process::processor_time;
use super::{Bench, median, megabytes, milliseconds};
use crate::story::Trouble;

/// Starts of each: on a busy machine the median of fewer moves by half.
const STARTS: usize = 101;

/// What one start took.
struct Start {
    /// From the start of the process to its first answer.
    cold: Duration,
    /// The first invocation, after INIT.
    first: Duration,
    /// The second.
    warm: Duration,
    /// Processor time of all threads until the first answer.
    cpu: Duration,
    peak_kib: u64,
}

/// Starts both in turn.
pub(super) async fn figures(bench: &Bench) -> Result<Vec<Figure>, Trouble> {
    let (secrets, bilanc) = (SecretsManager::start().await, Bilanc::start().await);
    Company::new(26).settle_into([&bilanc as &dyn Simulator]);
    secrets.put("rollcall/bilanc", &bilanc.document());
    let secrets_url = secrets.url();
    let env = [
        ("PROVIDERS", "bilanc"),
        ("AWS_ENDPOINT_URL_SECRETS_MANAGER", secrets_url.as_str()),
        ("EXTRA_CA_FILE", &bench.certificate),
    ];
    let (list, hello) = (bench.binary("list")?, &bench.hello);
    let (mut ours, mut bare) = (Vec::new(), Vec::new());
    for _ in 0..STARTS {
        bare.push(start(hello, &[], &json!({})).await?);
        ours.push(start(list, &env, &json!({"view": "accounts"})).await?);
    }
    let time = |name: &str, figure: fn(&Start) -> Duration, budget| {
        let [ours, bare] = [&ours, &bare].map(|starts| milliseconds(median(starts, figure)));
        beside_hello(name, Unit::Milliseconds, [ours, bare], budget)
    };
    let [held, bare_held] = [&ours, &bare].map(|starts| megabytes(median(starts, |start| start.peak_kib)));
    let either = Budget::Either {
        at_most: 2.5,
        times: 10.0,
    };
    Ok(vec![
        time("cold: spawn to first answer", |start| start.cold, Budget::Times(4.0)),
        time("cold: CPU of that", |start| start.cpu, Budget::Times(4.0)),
        time("first invocation after INIT", |start| start.first, either),
        time("second invocation", |start| start.warm, Budget::None),
        beside_hello(
            "cold: peak memory",
            Unit::Megabytes,
            [held, bare_held],
            Budget::AtMost(9.0),
        ),
    ])
}

fn beside_hello(name: &str, unit: Unit, [ours, bare]: [f64; 2], budget: Budget) -> Figure {
    Figure {
        name: format!("list: {name}"),
        measured: ours,
        unit,
        beside: Some(("bare hello", bare)),
        budget,
    }
}

async fn start(binary: &Path, env: &[(&str, &str)], event: &Value) -> Result<Start, Trouble> {
    let function = Function::start(binary, env).await;
    let mut took = [Duration::ZERO; 2];
    let mut cpu = Duration::ZERO;
    for (n, took) in took.iter_mut().enumerate() {
        let asked = Instant::now();
        let answer = function.invoke(event).await;
        *took = asked.elapsed();
        let refused = |answer: &Value| answer.pointer("/providers/0/error").is_some() || answer.get("error").is_some();
        match answer {
            Invocation::Answered(answer) if !refused(&answer) => {}
            _ => {
                let said = function.output();
                return Err(Trouble::failure(format!("{} did not answer: {said}", binary.display())));
            }
        }
        if n == 0 {
            cpu = processor_time(function.pid())?;
        }
    }
    let [first, warm] = took;
    Ok(Start {
        cold: function.init_time() + first,
        first,
        warm,
        cpu,
        peak_kib: function.peak_memory_kib(),
    })
}
