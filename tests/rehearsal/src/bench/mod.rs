//! `cargo run --release -- bench`: what the functions take, each figure beside something simpler of the same run.
//!
//! Everything is on this machine and over TLS. Needs Linux, whose `/proc` knows a process's time and memory.

mod company;
mod runs;
mod start;

use std::path::{Path, PathBuf};
use std::time::Duration;

use rehearsal::host::Function;
use rehearsal::tls;
use tokio::process::Command;

use crate::story::{Trouble, build, say, table};

use company::{Company, PACE, World};

const HEADINGS: [&str; 5] = ["figure", "measured", "beside", "ratio", "at most"];

/// What is measured, and the certificate it trusts.
struct Bench {
    binaries: Vec<PathBuf>,
    /// Where our own programs are.
    folder: PathBuf,
    certificate: String,
}

pub(crate) async fn run() -> Result<(), Trouble> {
    let this = std::env::current_exe().ok();
    let folder = this.as_deref().and_then(Path::parent).map(Path::to_owned);
    let certificate = std::env::temp_dir().join(format!("rollcall-bench-{}.pem", std::process::id()));
    let cannot = |error| Trouble::failure(format!("cannot write {}: {error}", certificate.display()));
    std::fs::write(&certificate, tls::speak()).map_err(cannot)?;
    let bench = Bench {
        binaries: binaries().await?,
        folder: folder.ok_or_else(|| Trouble::failure("this program does not know where it is"))?,
        certificate: certificate.display().to_string(),
    };
    let told = tell(&bench).await;
    let _ = std::fs::remove_file(&certificate);
    told
}

async fn tell(bench: &Bench) -> Result<(), Trouble> {
    say!("Starts, the medians of {}:", start::STARTS);
    table::print(&HEADINGS, &start::rows(bench).await?);
    say!("\nRuns of reconcile:");
    let mut rows = runs::unchanged(bench, 10_000).await?;
    let unchanged = |platforms| runs::staying(platforms, 10_000, PACE);
    let both = |platforms| Company {
        joining: 100,
        leaving: 100,
        ..unchanged(platforms)
    };
    let joining = |platforms| Company {
        staying: 10,
        joining: 1000,
        ..unchanged(platforms)
    };
    for (name, company, budget) in [
        ("10000 unchanged, Bilanc", unchanged(&["bilanc"]), "1.5 x"),
        ("100 joiners, 100 leavers of 10000, Bilanc", both(&["bilanc"]), "7 x"),
        ("the same at Blackbird", both(&["blackbird"]), "7 x"),
        ("1000 joiners, Bilanc", joining(&["bilanc"]), "9 x"),
        ("1000 joiners, Blackbird", joining(&["blackbird"]), "50 x"),
    ] {
        rows.push(runs::at_a_distance(bench, name, &company, budget).await?);
    }
    table::print(&HEADINGS, &rows);
    say!("");
    let mut sizes = Vec::new();
    for binary in bench.binaries.iter().chain([&bench.beside("hello")]) {
        sizes.push(size(binary).await?);
    }
    table::print(&["binary", "bytes", "after gzip -9"], &sizes);
    Ok(())
}

impl Bench {
    fn binary(&self, name: &str) -> Result<&PathBuf, Trouble> {
        let found = self.binaries.iter().find(|binary| binary.ends_with(name));
        found.ok_or_else(|| Trouble::failure(format!("there is no {name}")))
    }

    /// One of our own programs.
    fn beside(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// Starts a function that works in this world.
    async fn start(&self, name: &str, world: &World) -> Result<Function, Trouble> {
        let own = world.env();
        let mut env: Vec<(&str, &str)> = own.iter().map(|(name, value)| (*name, value.as_str())).collect();
        env.push(("EXTRA_CA_FILE", &self.certificate));
        Ok(Function::start(self.binary(name)?, &env).await)
    }
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

fn median<R, T: Ord + Copy>(runs: &[R], figure: impl Fn(&R) -> T) -> Option<T> {
    let mut figures: Vec<T> = runs.iter().map(figure).collect();
    figures.sort_unstable();
    figures.get(figures.len() / 2).copied()
}

/// A binary as it is deployed, and as Lambda keeps it.
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
