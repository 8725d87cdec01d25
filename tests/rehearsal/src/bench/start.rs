//! What `list` takes to start, with its secrets fetched and one provider asked, beside a function that does nothing.

use std::path::Path;
use std::time::{Duration, Instant};

use rehearsal::company::Company;
use rehearsal::host::{Function, Invocation};
use rehearsal::providers::{Bilanc, Simulator};
use rehearsal::secrets::SecretsManager;
use serde_json::{Value, json};

use super::{Bench, median, processor_time};
use crate::story::Trouble;

/// Starts of each; an odd number has a median.
pub(super) const STARTS: usize = 21;

/// What one start took.
struct Start {
    /// From the start of the process to its first answer.
    cold: Duration,
    /// The first invocation alone.
    first: Duration,
    /// The second.
    warm: Duration,
    /// Processor time up to the first answer.
    cpu: Duration,
    peak_kib: u64,
}

/// Starts both in turn.
pub(super) async fn rows(bench: &Bench) -> Result<Vec<Vec<String>>, Trouble> {
    let (secrets, bilanc) = (SecretsManager::start().await, Bilanc::start().await);
    Company::new(26).settle_into([&bilanc as &dyn Simulator]);
    secrets.put("rollcall/bilanc", &bilanc.document());
    let secrets_url = secrets.url();
    let env = [
        ("PROVIDERS", "bilanc"),
        ("AWS_ENDPOINT_URL_SECRETS_MANAGER", secrets_url.as_str()),
        ("EXTRA_CA_FILE", &bench.certificate),
    ];
    let (list, hello) = (bench.binary("list")?, bench.beside("hello"));
    let (mut ours, mut bare) = (Vec::new(), Vec::new());
    for _ in 0..STARTS {
        bare.push(start(&hello, &[], &json!({})).await?);
        ours.push(start(list, &env, &json!({"view": "accounts"})).await?);
    }
    Ok(vec![
        row("list: spawn to first answer", &ours, &bare, |start| start.cold, "4 x"),
        row("list: processor time of that", &ours, &bare, |start| start.cpu, "4 x"),
        row(
            "list: first invocation after INIT",
            &ours,
            &bare,
            |start| start.first,
            "2.5 ms or 10 x",
        ),
        row("list: second invocation", &ours, &bare, |start| start.warm, ""),
        memory(&ours, &bare),
    ])
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

fn row(
    name: &str,
    ours: &[Start],
    bare: &[Start],
    figure: impl Fn(&Start) -> Duration + Copy,
    budget: &str,
) -> Vec<String> {
    let [ours, bare] = [ours, bare].map(|starts| median(starts, figure).unwrap_or_default().as_secs_f64() * 1e3);
    vec![
        name.to_owned(),
        format!("{ours:.2} ms"),
        format!("bare hello: {bare:.2} ms"),
        format!("{:.1} x", ours / bare),
        budget.to_owned(),
    ]
}

fn memory(ours: &[Start], bare: &[Start]) -> Vec<String> {
    let [ours, bare] = [ours, bare].map(|starts| median(starts, |start| start.peak_kib).unwrap_or_default());
    #[expect(clippy::cast_precision_loss, reason = "for people to read")]
    let [ours, bare] = [ours, bare].map(|kib| kib as f64 * 1024.0 / 1e6);
    vec![
        "list: peak memory".to_owned(),
        format!("{ours:.1} MB"),
        format!("bare hello: {bare:.1} MB"),
        format!("{:.1} x", ours / bare),
        "9 MB".to_owned(),
    ]
}
