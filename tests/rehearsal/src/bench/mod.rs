//! `cargo run --release -- bench`: what the functions take, each figure beside something simpler of the same run.
//!
//! Everything is on this machine and over TLS. Needs Linux, whose `/proc` knows a process's time and memory.

mod company;
mod figure;
mod process;
mod runs;
mod size;
mod start;

use std::path::{Path, PathBuf};
use std::time::Duration;

use rehearsal::host::Function;
use rehearsal::tls;
use serde_json::{Value, json};

use crate::story::{Trouble, build, complain, say, table};

use company::World;
use figure::Figure;

/// What can be asked for.
const ROWS: [&str; 7] = ["cold", "size", "unchanged", "distance", "changes", "joiners", "million"];

const HEADINGS: [&str; 6] = ["figure", "measured", "beside", "ratio", "at most", ""];

/// What is measured and by what, and the certificate that all of them trust.
struct Bench {
    functions: Vec<PathBuf>,
    /// The function that does nothing.
    hello: PathBuf,
    /// The bare parse.
    parse: PathBuf,
    certificate: String,
}

/// The wishes.
#[derive(Debug, PartialEq, Eq)]
struct Wishes {
    rows: Vec<&'static str>,
    /// How it is told.
    form: Form,
    /// What follows from a figure over its budget.
    over: Over,
}

#[derive(Debug, PartialEq, Eq)]
enum Form {
    Table,
    Json,
}

#[derive(Debug, PartialEq, Eq)]
enum Over {
    IsTold,
    Fails,
}

fn wishes(arguments: &[String]) -> Result<Wishes, String> {
    let (mut rows, mut form, mut over) = (Vec::new(), Form::Table, Over::IsTold);
    for argument in arguments {
        match (argument.as_str(), ROWS.iter().find(|row| *row == argument)) {
            ("--json", _) => form = Form::Json,
            ("--check", _) => over = Over::Fails,
            (_, Some(row)) => rows.push(*row),
            _ => {
                let known = ROWS.join(", ");
                return Err(format!("bench does not know {argument}; its rows are {known}"));
            }
        }
    }
    if rows.is_empty() {
        rows.extend(ROWS);
    }
    Ok(Wishes { rows, form, over })
}

pub(crate) async fn run(arguments: &[String]) -> Result<(), Trouble> {
    let wishes = wishes(arguments).map_err(Trouble::usage)?;
    let certificate = std::env::temp_dir().join(format!("rollcall-bench-{}.pem", std::process::id()));
    let [(_, hello), (_, parse)] = build::programs(["hello", "parse"]).await?;
    let bench = Bench {
        functions: functions().await?,
        hello,
        parse,
        certificate: certificate.display().to_string(),
    };
    let cannot = |error| Trouble::failure(format!("cannot write {}: {error}", bench.certificate));
    std::fs::write(&certificate, tls::speak()).map_err(cannot)?;
    let mut measured = Vec::new();
    for row in &wishes.rows {
        complain!("measuring {row}");
        measured.push((*row, bench.measure(row).await));
    }
    let _ = std::fs::remove_file(&certificate);
    tell(&measured, &wishes.form);
    let over = |figures: &Vec<Figure>| figures.iter().any(|figure| figure.is_within() == Some(false));
    let fails = measured.iter().any(|(_, figures)| figures.as_ref().map_or(true, over));
    match wishes.over {
        Over::Fails if fails => Err(Trouble::failure(
            "a figure is over its budget, or could not be measured",
        )),
        _ => Ok(()),
    }
}

fn tell(measured: &[(&str, Result<Vec<Figure>, Trouble>)], form: &Form) {
    let figures = || {
        measured
            .iter()
            .filter_map(|(_, figures)| figures.as_ref().ok())
            .flatten()
    };
    let failed = measured
        .iter()
        .filter_map(|(row, figures)| Some((row, figures.as_ref().err()?)));
    match form {
        Form::Table => {
            // In parts, since a table is cut where it gets long.
            let cells: Vec<Vec<String>> = figures().map(Figure::cells).collect();
            cells.chunks(15).for_each(|part| table::print(&HEADINGS, part));
            failed.for_each(|(row, trouble)| say!("{row} could not be measured: {}", trouble.message));
        }
        Form::Json => {
            let failed: Vec<Value> = failed
                .map(|(row, trouble)| json!({"row": row, "trouble": trouble.message}))
                .collect();
            let figures: Vec<Value> = figures().map(Figure::json).collect();
            say!("{}", json!({"figures": figures, "not_measured": failed}));
        }
    }
}

impl Bench {
    async fn measure(&self, row: &str) -> Result<Vec<Figure>, Trouble> {
        match row {
            "cold" => start::figures(self).await,
            "size" => size::figures(self).await,
            "unchanged" => runs::unchanged(self).await,
            "distance" => runs::distance(self).await,
            "changes" => runs::changes(self).await,
            "joiners" => runs::joiners(self).await,
            _ => runs::million(self).await,
        }
    }

    fn binary(&self, name: &str) -> Result<&PathBuf, Trouble> {
        let found = self.functions.iter().find(|binary| binary.ends_with(name));
        found.ok_or_else(|| Trouble::failure(format!("there is no {name}")))
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
async fn functions() -> Result<Vec<PathBuf>, Trouble> {
    match std::env::var_os("ROLLCALL_BINARIES") {
        Some(folder) => Ok(build::FUNCTIONS.map(|name| Path::new(&folder).join(name)).into()),
        None => Ok(build::programs(build::FUNCTIONS).await?.map(|(_, path)| path).into()),
    }
}

fn median<R, T: Ord + Copy + Default>(runs: &[R], figure: impl Fn(&R) -> T) -> T {
    let mut figures: Vec<T> = runs.iter().map(figure).collect();
    figures.sort_unstable();
    figures.get(figures.len() / 2).copied().unwrap_or_default()
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

#[expect(clippy::cast_precision_loss, reason = "for people to read")]
fn megabytes(kib: u64) -> f64 {
    kib as f64 * 1024.0 / 1e6
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_rows_and_flags() {
        let read = |line: &str| wishes(&line.split_whitespace().map(str::to_owned).collect::<Vec<_>>());
        let (form, over) = (Form::Table, Over::IsTold);
        assert_eq!(
            read(""),
            Ok(Wishes {
                rows: ROWS.to_vec(),
                form,
                over
            })
        );
        let (rows, form, over) = (vec!["size", "cold"], Form::Json, Over::Fails);
        assert_eq!(read("size --check cold --json"), Ok(Wishes { rows, form, over }));
        assert!(read("sise").is_err());
    }
}
