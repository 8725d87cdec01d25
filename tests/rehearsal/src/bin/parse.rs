//! Parses a folder's files by `serde_json` and `csv` and says what that took: what `cargo run --release -- bench` measures runs by.

use std::error::Error;
use std::io::Write as _;
use std::path::PathBuf;
use std::time::Instant;

use csv::StringRecord;
use rehearsal::usage;
use serde_json::Value;

fn main() -> Result<(), Box<dyn Error>> {
    let this = std::process::id();
    let folder = std::env::args().nth(1).ok_or("which folder?")?;
    let files: Vec<PathBuf> = std::fs::read_dir(folder)?
        .map(|entry| Ok(entry?.path()))
        .collect::<Result<_, std::io::Error>>()?;
    let bytes: Vec<Vec<u8>> = files.iter().map(std::fs::read).collect::<Result<_, _>>()?;
    parse(&files, &bytes)?; // the run that is measured has memory from the one before it, too
    let (begun, used) = (Instant::now(), usage::processor_time(this)?);
    let read = parse(&files, &bytes)?;
    let (wall, used) = (
        begun.elapsed().as_nanos(),
        usage::processor_time(this)?.saturating_sub(used),
    );
    writeln!(
        std::io::stdout(),
        "{wall} {} {} {read}",
        used.as_nanos(),
        usage::peak_memory_kib(this)
    )?;
    Ok(())
}

/// How many files were parsed. All of them are held together, as a run holds them.
fn parse(files: &[PathBuf], bytes: &[Vec<u8>]) -> Result<usize, Box<dyn Error>> {
    let (mut rosters, mut documents) = (Vec::new(), Vec::new());
    for (file, bytes) in files.iter().zip(bytes) {
        if file.extension().is_some_and(|extension| extension == "csv") {
            let records = csv::Reader::from_reader(bytes.as_slice()).into_records();
            rosters.push(records.collect::<Result<Vec<StringRecord>, _>>()?);
        } else {
            documents.push(serde_json::from_slice::<Value>(bytes)?);
        }
    }
    Ok(rosters.len() + documents.len())
}
