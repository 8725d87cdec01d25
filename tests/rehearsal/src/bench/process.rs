//! What Linux knows of a process, and the bare parse.

use std::path::Path;
use std::time::Duration;

use rehearsal::usage;
use tokio::process::Command;

use super::{Bench, World, median};
use crate::story::Trouble;

/// What a process has used so far.
pub(super) fn processor_time(pid: u32) -> Result<Duration, Trouble> {
    usage::processor_time(pid).map_err(|error| Trouble::failure(format!("/proc tells nothing of {pid}: {error}")))
}

/// What a bare parse took.
pub(super) struct Parse {
    pub(super) wall: Duration,
    pub(super) cpu: Duration,
    pub(super) peak_kib: u64,
}

/// Has what the runs read parsed by a process of its own, so many times; the medians.
pub(super) async fn parse(bench: &Bench, world: &World, times: usize) -> Result<Parse, Trouble> {
    let folder = std::env::temp_dir().join(format!("rollcall-bench-{}", std::process::id()));
    let parsed = parse_in(&folder, bench, world, times).await;
    let _ = std::fs::remove_dir_all(&folder); // temporary, and gone with the machine
    let parsed = parsed?;
    Ok(Parse {
        wall: median(&parsed, |parse| parse.wall),
        cpu: median(&parsed, |parse| parse.cpu),
        peak_kib: median(&parsed, |parse| parse.peak_kib),
    })
}

async fn parse_in(folder: &Path, bench: &Bench, world: &World, times: usize) -> Result<Vec<Parse>, Trouble> {
    let cannot = |why: &dyn std::fmt::Display| Trouble::failure(format!("cannot parse what was read: {why}"));
    std::fs::create_dir_all(folder).map_err(|error| cannot(&error))?;
    let files = world.write_into(folder).map_err(|error| cannot(&error))?;
    let mut parsed = Vec::new();
    for _ in 0..times {
        // By a folder: a million people are more files than a command line has room for.
        let output = Command::new(&bench.parse).arg(folder).output().await;
        let output = output.map_err(|error| cannot(&error))?;
        let said = String::from_utf8_lossy(&output.stdout);
        let numbers: Vec<u64> = said.split_whitespace().filter_map(|text| text.parse().ok()).collect();
        let [wall, cpu, peak_kib, files_read] = numbers[..] else {
            return Err(cannot(&String::from_utf8_lossy(&output.stderr)));
        };
        if usize::try_from(files_read) != Ok(files) {
            return Err(cannot(&format!("{files_read} of {files} files")));
        }
        let [wall, cpu] = [wall, cpu].map(Duration::from_nanos);
        parsed.push(Parse { wall, cpu, peak_kib });
    }
    Ok(parsed)
}
