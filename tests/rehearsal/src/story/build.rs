//! Builds what is to run with the cargo that runs us, so that `cargo run` needs nothing else.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use serde_json::Value;
use tokio::process::Command;

use super::Trouble;

/// The functions, in the order they are shown.
pub(crate) const FUNCTIONS: [&str; 4] = ["list", "onboard", "offboard", "reconcile"];

/// The path of each of these binaries. Cargo's own progress goes to the terminal.
#[expect(
    clippy::disallowed_methods,
    reason = "CARGO is cargo's word for itself, no setting of ours"
)]
pub(crate) async fn programs<const N: usize>(
    names: [&'static str; N],
) -> Result<[(&'static str, PathBuf); N], Trouble> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(&cargo);
    // The same selection of packages as `cargo run`: with `--package rollcall` cargo would resolve other features of tokio
    // and compile everything above it a second time.
    command.args(["build", "--message-format", "json-render-diagnostics"]);
    command.args(names.iter().flat_map(|name| ["--bin", name]));
    if !cfg!(debug_assertions) {
        command.arg("--release");
    }
    let started = command
        .current_dir(&root)
        .stdout(Stdio::piped())
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .spawn();
    let cannot = |error| Trouble::failure(format!("cannot run {} in {}: {error}", cargo.display(), root.display()));
    let built = started.map_err(cannot)?.wait_with_output().await.map_err(cannot)?;
    if !built.status.success() {
        return Err(Trouble::failure("what is to run does not build; cargo says why above"));
    }
    let messages = String::from_utf8_lossy(&built.stdout);
    let found = |name| binary(&messages, name).map(|path| (name, path));
    let found: Vec<_> = names.into_iter().filter_map(found).collect();
    let silent = |_| Trouble::failure("cargo built what is to run and did not say where it is");
    found.try_into().map_err(silent)
}

/// Cargo's messages are one JSON object per line.
fn binary(messages: &str, name: &str) -> Option<PathBuf> {
    let messages = messages
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let mut ours = messages.filter(|message| {
        let at = |pointer| message.pointer(pointer).and_then(Value::as_str);
        at("/reason") == Some("compiler-artifact") && at("/target/name") == Some(name)
    });
    ours.find_map(|message| message.get("executable")?.as_str().map(PathBuf::from))
}
