//! How many bytes Lambda has to fetch before a start.

use std::path::Path;

use tokio::process::Command;

use super::Bench;
use super::figure::{Budget, Figure, Unit};
use crate::story::Trouble;

/// Each function's binary after `gzip -9`, beside that of the function that does nothing.
pub(super) async fn figures(bench: &Bench) -> Result<Vec<Figure>, Trouble> {
    let bare = compressed(&bench.hello).await?;
    let mut sizes = Vec::new();
    for binary in &bench.functions {
        let name = binary.file_name().unwrap_or_default().to_string_lossy();
        sizes.push((name, compressed(binary).await?));
    }
    let largest = sizes.iter().map(|(_, size)| *size).fold(0.0, f64::max);
    let figure = |(name, size): (_, f64)| Figure {
        name: format!("{name}: gzip -9"),
        measured: size,
        unit: Unit::Megabytes,
        beside: Some(("bare hello", bare)),
        budget: match name {
            _ if name == "list" => Budget::AtMost(3.0),
            _ if size >= largest => Budget::AtMost(4.5),
            _ => Budget::None,
        },
    };
    Ok(sizes.into_iter().map(figure).collect())
}

async fn compressed(binary: &Path) -> Result<f64, Trouble> {
    let cannot = |why: &dyn std::fmt::Display| Trouble::failure(format!("cannot compress {}: {why}", binary.display()));
    let gzip = Command::new("gzip").arg("-9c").arg(binary).output().await;
    let gzip = gzip.map_err(|error| cannot(&error))?;
    if !gzip.status.success() {
        return Err(cannot(&String::from_utf8_lossy(&gzip.stderr)));
    }
    #[expect(clippy::cast_precision_loss, reason = "for people to read")]
    Ok(gzip.stdout.len() as f64 / 1e6)
}
