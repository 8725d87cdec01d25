//! `cargo run --release -- bench`: what `list` takes to start, each figure beside that of a function that does nothing.
//!
//! Both are started in turn on this machine. `list` fetches its secrets and asks one provider, all over TLS. Needs Linux, whose
//! `/proc` knows a process's time and memory.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rehearsal::company::Company;
use rehearsal::host::{Function, Invocation};
use rehearsal::providers::{Bilanc, Simulator};
use rehearsal::secrets::SecretsManager;
use rehearsal::tls;
use serde_json::{Value, json};
use tokio::process::Command;

use crate::story::{Trouble, build, say, table};

/// Starts of each; an odd number has a median.
const STARTS: usize = 21;

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

pub(crate) async fn run() -> Result<(), Trouble> {
    let binaries = binaries().await?;
    let find = |name: &str| binaries.iter().find(|binary| binary.ends_with(name));
    let list = find("list").ok_or_else(|| Trouble::failure("there is no list"))?;
    let hello = this_folder()?.join("hello");
    let certificate = std::env::temp_dir().join(format!("rollcall-bench-{}.pem", std::process::id()));
    let cannot = |error| Trouble::failure(format!("cannot write {}: {error}", certificate.display()));
    std::fs::write(&certificate, tls::speak()).map_err(cannot)?;
    let (secrets, bilanc) = (SecretsManager::start().await, Bilanc::start().await);
    Company::new(26).settle_into([&bilanc as &dyn Simulator]);
    secrets.put("rollcall/bilanc", &bilanc.document());
    let (certificate_path, secrets_url) = (certificate.display().to_string(), secrets.url());
    let env = [
        ("PROVIDERS", "bilanc"),
        ("AWS_ENDPOINT_URL_SECRETS_MANAGER", secrets_url.as_str()),
        ("EXTRA_CA_FILE", &certificate_path),
    ];
    let (mut ours, mut bare) = (Vec::new(), Vec::new());
    for _ in 0..STARTS {
        bare.push(start(&hello, &[], &json!({})).await?);
        ours.push(start(list, &env, &json!({"view": "accounts"})).await?);
    }
    let _ = std::fs::remove_file(&certificate);
    say!("list, started {STARTS} times over TLS, with its secrets fetched and one provider asked; medians\n");
    table::print(
        &["figure", "list", "bare hello", "ratio", "at most"],
        &[
            row("spawn to first answer", &ours, &bare, |start| start.cold, "4 x"),
            row("processor time of that", &ours, &bare, |start| start.cpu, "4 x"),
            row(
                "first invocation after INIT",
                &ours,
                &bare,
                |start| start.first,
                "2.5 ms or 10 x",
            ),
            row("second invocation", &ours, &bare, |start| start.warm, "-"),
            memory(&ours, &bare),
        ],
    );
    say!("");
    let mut sizes = Vec::new();
    for binary in binaries.iter().chain([&hello]) {
        sizes.push(size(binary).await?);
    }
    table::print(&["binary", "bytes", "after gzip -9"], &sizes);
    Ok(())
}

/// The release binaries: those that ROLLCALL_BINARIES names, or our own.
#[expect(
    clippy::disallowed_methods,
    reason = "says which binaries are measured, and is no setting of a function"
)]
async fn binaries() -> Result<Vec<PathBuf>, Trouble> {
    match std::env::var_os("ROLLCALL_BINARIES") {
        Some(folder) => Ok(build::FUNCTIONS.map(|name| Path::new(&folder).join(name)).into()),
        None => Ok(build::functions().await?.into_iter().map(|(_, path)| path).collect()),
    }
}

fn this_folder() -> Result<PathBuf, Trouble> {
    let this = std::env::current_exe().ok();
    let folder = this.as_deref().and_then(Path::parent).map(Path::to_owned);
    folder.ok_or_else(|| Trouble::failure("this program does not know where it is"))
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

/// What all threads of a process have used, by `/proc/<pid>/task/<thread>/schedstat`, which counts nanoseconds.
fn processor_time(pid: u32) -> Result<Duration, Trouble> {
    let cannot = |error| Trouble::failure(format!("/proc tells nothing of {pid}: {error}"));
    let mut nanoseconds = 0;
    for thread in std::fs::read_dir(format!("/proc/{pid}/task")).map_err(cannot)? {
        let file = thread.map_err(cannot)?.path().join("schedstat");
        let read = std::fs::read_to_string(file).unwrap_or_default(); // a thread that ended meanwhile
        nanoseconds += read.split(' ').next().and_then(|text| text.parse().ok()).unwrap_or(0);
    }
    Ok(Duration::from_nanos(nanoseconds))
}

fn median<T: Ord + Copy>(starts: &[Start], figure: impl Fn(&Start) -> T) -> Option<T> {
    let mut figures: Vec<T> = starts.iter().map(figure).collect();
    figures.sort_unstable();
    figures.get(figures.len() / 2).copied()
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
        format!("{bare:.2} ms"),
        format!("{:.1} x", ours / bare),
        budget.to_owned(),
    ]
}

fn memory(ours: &[Start], bare: &[Start]) -> Vec<String> {
    let [ours, bare] = [ours, bare].map(|starts| median(starts, |start| start.peak_kib).unwrap_or_default());
    #[expect(clippy::cast_precision_loss, reason = "for people to read")]
    let [ours, bare] = [ours, bare].map(|kib| kib as f64 * 1024.0 / 1e6);
    vec![
        "peak memory".to_owned(),
        format!("{ours:.1} MB"),
        format!("{bare:.1} MB"),
        format!("{:.1} x", ours / bare),
        "9 MB".to_owned(),
    ]
}

async fn size(binary: &Path) -> Result<Vec<String>, Trouble> {
    let cannot = |error| Trouble::failure(format!("cannot compress {}: {error}", binary.display()));
    let compressed = Command::new("gzip")
        .arg("-9c")
        .arg(binary)
        .output()
        .await
        .map_err(cannot)?;
    let bytes = std::fs::metadata(binary).map_err(cannot)?.len();
    let name = binary.file_name().unwrap_or_default().to_string_lossy().into_owned();
    Ok(vec![name, bytes.to_string(), compressed.stdout.len().to_string()])
}
